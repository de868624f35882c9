//! Mapping files: the built-in ones are sound, and what is wrong in one is told with its place.

use import::{BUILTIN, ImportError, Profile};

#[test]
fn every_builtin_profile_is_sound() {
    for (name, _) in BUILTIN {
        let profile = Profile::builtin(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(&profile.name, name);
    }
}

fn faults(text: &str) -> Vec<(Option<usize>, String)> {
    match Profile::parse(text, "test.toml") {
        Err(ImportError::Mapping { faults, .. }) => faults.into_iter().map(|fault| (fault.line, fault.message)).collect(),
        other => panic!("expected a broken mapping, got {other:?}"),
    }
}

#[track_caller]
fn check(text: &str, line: usize, says: &str) {
    let faults = faults(text);
    assert!(
        faults.iter().any(|(at, message)| *at == Some(line) && message.contains(says)),
        "expected `{says}` at line {line}, got {faults:#?}"
    );
}

const FILE: &str = "name = \"t\"\n[organisation]\nname = \"T\"\ncurrency = \"USD\"\ntime_zone = \"UTC\"\n[file.a]\npath = \"a.csv\"\n";

fn with(rest: &str) -> String {
    format!("{FILE}{rest}")
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    check("name = \"t\"\n[file.a]\npath = \"a.csv\"\nseperator = \";\"\n", 4, "unknown field `seperator`");
    check(
        &with("[[record]]\nentity = \"region\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = { colum = \"n\" }\n"),
        13,
        "unknown field `colum`",
    );
}

#[test]
fn text_that_is_not_toml_is_told_with_its_line() {
    check("name = \"t\"\n[file.a\n", 2, "");
}

#[test]
fn an_unknown_entity_is_told_with_near_names() {
    check(&with("[[record]]\nentity = \"custmer\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\n"), 9, "did you mean `customer`");
}

#[test]
fn an_unknown_column_is_told_with_near_names() {
    let text =
        with("[[record]]\nentity = \"customer\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = \"n\"\nindustri = \"i\"\n");
    check(&text, 14, "customer has no column `industri`; did you mean `industry`");
}

#[test]
fn a_missing_required_column_is_named() {
    check(&with("[[record]]\nentity = \"ticket\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\n"), 8, "also needs `created_at`");
    check(&with("[[record]]\nentity = \"region\"\nfrom = \"a\"\n[record.set]\nname = \"k\"\n"), 8, "also needs `external_key`");
}

#[test]
fn an_unknown_file_map_or_lookup_is_named() {
    check(
        &with("[[record]]\nentity = \"region\"\nfrom = \"b\"\n[record.set]\nexternal_key = \"k\"\nname = \"n\"\n"),
        10,
        "there is no [file.b]",
    );
    let region =
        |name: &str| with(&format!("[[record]]\nentity = \"region\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = {name}\n"));
    check(&region("{ column = \"n\", map = \"m\" }"), 13, "there is no [map.m]");
    check(&region("{ column = \"n\", lookup = { file = \"x\", by = \"y\", take = \"z\" } }"), 13, "there is no [file.x]");
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    let region =
        |name: &str| with(&format!("[[record]]\nentity = \"region\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = {name}\n"));
    check(&region("{ column = \"n\", constant = \"x\" }"), 13, "exactly one of");
    check(&region("{ default = \"n\" }"), 13, "exactly one of");
    check(&region("{ column = \"n\", unmapped = \"keep\" }"), 13, "`unmapped` belongs to a `map`");
    check(&region("{ column = \"n\", date = \"%Y\" }"), 13, "`date` and `time_zone` are for");
    check(&region("{ column = \"n\", create = true }"), 13, "`create` is for columns that refer");
    check(&region("{ formula = \"a +\" }"), 13, "the formula is broken");
    check(&region("{ template = \"{a\" }"), 13, "without its pair");
    check(&region("{ column = \"n\", unmapped = \"drop\" }"), 13, "unknown variant `drop`");
    check(&region("{ constant = 1.5 }"), 13, "as a text, in quotes");
}

#[test]
fn words_a_column_does_not_have_are_refused_before_any_file_is_read() {
    let channel = |kind: &str| {
        with(&format!("[[record]]\nentity = \"channel\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = \"n\"\nkind = {kind}\n"))
    };
    check(&channel("{ constant = \"TELEX\" }"), 14, "`TELEX` is none of");
    check(&channel("{ column = \"c\", map = { p = \"FON\" } }"), 14, "`FON` is none of");
}

#[test]
fn zones_encodings_and_settings_are_checked() {
    check(
        "name = \"t\"\n[organisation]\nname = \"T\"\ncurrency = \"usd\"\ntime_zone = \"Europe/Berlyn\"\n",
        2,
        "did you mean `Europe/Berlin`",
    );
    check("name = \"t\"\n[file.a]\npath = \"a.csv\"\nencoding = \"utf-9\"\n", 2, "no encoding is called `utf-9`");
    check("name = \"t\"\n[file.a]\npath = \"../a.csv\"\n", 2, "should lie in the folder");
    check("name = \"t\"\n[file.a]\npath = \"a.csv\"\ndate = \"%&\"\n", 2, "is not a date format");
}

#[test]
fn the_name_of_a_zone_is_not_passed_over() {
    check("name = \"t\"\n[file.a]\npath = \"a.csv\"\ndate = \"%Y-%m-%d %H:%M %Z\"\n", 2, "which says no offset");
}

#[test]
fn only_an_instant_moves_by_hours() {
    let campaign = |day: &str| {
        with(&format!(
            "[[record]]\nentity = \"campaign\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = \"n\"\nstarts_on = {day}\n"
        ))
    };
    check(&campaign("{ column = \"d\", plus_hours = 2 }"), 14, "only to columns that hold an instant");
}

#[test]
fn a_reference_to_what_is_loaded_later_is_refused() {
    let text = with(
        "[[record]]\nentity = \"customer\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"k\"\nname = \"n\"\nregion = \"r\"\n\
         [[record]]\nentity = \"region\"\nfrom = \"a\"\n[record.set]\nexternal_key = \"r\"\nname = \"r\"\n",
    );
    check(&text, 8, "customer.region refers to region, which is loaded further down");
}

#[test]
fn a_profile_that_does_not_exist_names_those_that_do() {
    let error = Profile::builtin("maven").unwrap_err().to_string();
    assert!(error.contains("maven-crm") && error.contains("northwind"), "{error}");
}
