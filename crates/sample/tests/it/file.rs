use import::{OnError, Options, Profile};
use sample::{Company, Scale, Summary, file, fill};
use std::collections::HashMap;
use std::fs;
use testbed::on_both;

fn small() -> Scale {
    "0.001".parse().unwrap()
}

#[test]
fn every_entity_has_a_file_with_all_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::generate(&small(), 3);
    let written = file::write(&company, folder.path(), |_, _| {}).unwrap();
    let mut rows: HashMap<&str, usize> = HashMap::new();
    company.batches().for_each(|batch| *rows.entry(batch.entity.name).or_default() += batch.rows.len());
    assert_eq!(written, rows.values().sum::<usize>() as u64);
    for (entity, made) in rows {
        let path = folder.path().join(entity).with_extension("csv");
        let read = csv::Reader::from_path(&path).unwrap().into_records().map(Result::unwrap).count();
        assert_eq!(read, made, "{entity}");
    }
}

#[test]
fn the_mapping_is_one() {
    let folder = tempfile::tempdir().unwrap();
    file::write(&Company::generate(&small(), 3), folder.path(), |_, _| {}).unwrap();
    let path = folder.path().join("counterpoise-sample.toml");
    let profile = Profile::parse(&fs::read_to_string(&path).unwrap(), "counterpoise-sample.toml").unwrap();
    assert_eq!(profile.name, file::PROFILE);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let error = file::write(&Company::generate(&small(), 3), "/nowhere/at/all".as_ref(), |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

on_both! {
    async fn files_that_are_imported_are_the_company_that_is_generated(database: Database) {
        let folder = tempfile::tempdir().unwrap();
        let scale = Scale { order_lines: true, stage_history: true, ..small() };
        let written = file::write(&Company::generate(&scale, 3), folder.path(), |_, _| {}).unwrap();
        let profile = Profile::open(folder.path().join("counterpoise-sample.toml").to_str().unwrap()).unwrap();
        let options = Options { on_error: OnError::Stop, batch_rows: 10_000, progress: &mut |_| {} };
        let imported = import::run(database.store(), &profile, folder.path(), options).await.unwrap();
        assert_eq!(imported.entities.iter().map(|entity| entity.inserted).sum::<u64>(), written);
        let filled = fill(database.store(), &scale, 3, |_, _| {}).await.unwrap();
        assert_eq!(filled, Summary { unchanged: written, ..Summary::default() });
    }
}
