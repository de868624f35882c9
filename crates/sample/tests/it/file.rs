use sample::{Company, Scale, file};
use std::collections::HashMap;
use std::fs;

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
    let profile = import::Profile::parse(&fs::read_to_string(&path).unwrap(), "counterpoise-sample.toml").unwrap();
    assert_eq!(profile.name, file::PROFILE);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let error = file::write(&Company::generate(&small(), 3), "/nowhere/at/all".as_ref(), |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}
