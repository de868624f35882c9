//! What led to a quarantine is run again apart from everything, with the version that failed or with a better one.

use std::fs;
use std::path::PathBuf;

use registry::{Options, ReplayError, Replayed, replay};

use crate::build::{Folder, program};
use crate::live::{Live, PANICS_ON_13, version};

fn options(folder: &Folder) -> Options {
    Options { program: Some(program()), ..Options::new(folder.packs(), folder.store()) }
}

/// A pack that failed in this process until it was quarantined, and what was kept of it.
fn quarantined(first: &str) -> (Live, PathBuf) {
    let folder = Folder::new();
    crate::live::lay(&version("test", "1.0.0", first), &folder.packs().join("test.so"));
    let live = Live::start(folder);
    for _ in 0..3 {
        live.ask(13).expect_err("it fails");
    }
    let mut bundles = fs::read_dir(live.folder.store().join("private/bundles")).expect("a folder");
    let bundle = bundles.next().expect("one bundle").expect("an entry").path();
    (live, bundle)
}

#[test]
fn a_fault_happens_again_with_the_version_that_failed_and_not_with_one_that_is_mended() {
    let (live, bundle) = quarantined(PANICS_ON_13);
    let options = options(&live.folder);
    match replay(&options, &bundle, None) {
        Ok(Replayed::Again(fault)) => assert_eq!(fault.code, "E_PANIC"),
        other => panic!("{other:?}"),
    }
    let mended = live.file("mended");
    crate::live::lay(&version("test", "1.0.1", ""), &mended);
    assert_eq!(replay(&options, &bundle, Some(&mended)).expect("it is run"), Replayed::Gone { rows: 1 });
}

#[test]
fn what_breaks_memory_ends_the_process_that_it_is_run_in() {
    let (live, bundle) = quarantined("if (((const cp_d128 *)in->data)[0].lo == 13) out[n + 3].lo = 1;");
    match replay(&options(&live.folder), &bundle, None) {
        Ok(Replayed::Otherwise(fault)) => assert_eq!(fault.code, "F_CHILD_DIED"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_run_again_is_said() {
    let (live, bundle) = quarantined(PANICS_ON_13);
    let options = options(&live.folder);
    let other = live.file("other");
    let mut manifest = crate::sample::manifest("test");
    manifest["metrics"][0]["key"] = "other".into();
    let source =
        crate::sample::Source { manifest: crate::sample::manifest_macro(&manifest.to_string()), ..crate::sample::Source::sound("test") };
    crate::live::lay(&crate::live::compiled(source), &other);
    assert!(matches!(replay(&options, &bundle, Some(&other)), Err(ReplayError::OtherMetric { .. })));
    assert!(matches!(replay(&options, &other, None), Err(ReplayError::Bundle { .. })));
    assert!(matches!(replay(&Options { program: None, ..options }, &bundle, None), Err(ReplayError::NoProgram)));
    let elsewhere = Folder::new();
    assert!(matches!(replay(&self::options(&elsewhere), &bundle, None), Err(ReplayError::NoCopy { .. })));
}
