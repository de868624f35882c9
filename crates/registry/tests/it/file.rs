//! Pack files that take more than a line of C to go wrong: forged with tools, signed, built to abort, unreadable, or gone meanwhile.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use metric_abi::{Call, ENTRY, ErrorText, Pack, Ptr, status};
use registry::{Options, Refusal, Registry, Trust};

use crate::build::{Folder, rust_packs};
use crate::sample::Source;

fn tool(program: &str, arguments: &[&str], file: &Path) {
    let run = Command::new(program).args(arguments).arg(file).output();
    let run = run.unwrap_or_else(|error| panic!("this test needs `{program}` (Debian: binutils): {error}"));
    assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
}

/// What a folder with one sound pack, changed like this, is refused for. It uses a function of the C library, as most do.
fn refused(change: impl FnOnce(&Path)) -> Vec<Refusal> {
    let folder = Folder::new();
    let file = folder.packs().join("pack.so");
    let sound = Source::doing("test", "if (n == 0) abort();");
    Source { body: format!("#include <stdlib.h>\n{}", sound.body), ..sound }.compile(&file, &[]);
    change(&file);
    folder.open().1
}

fn codes(refusals: &[Refusal]) -> Vec<&str> {
    refusals.iter().map(|refusal| refusal.code).collect()
}

#[test]
pub fn a_library_with_two_manifests_or_for_a_newer_system_is_refused() {
    assert_eq!(codes(&refused(|file| tool("objcopy", &["--rename-section", ".comment=.cp_manifest"], file))), ["E_NO_MANIFEST"]);
    if cfg!(target_env = "gnu") {
        let newer = refused(|file| {
            let bytes = fs::read(file).expect("it was compiled");
            let at = bytes.windows(8).position(|window| window == b"GLIBC_2.").expect("it needs a version of glibc");
            fs::write(file, [&bytes[..at], b"GLIBC_9.", &bytes[at + 8..]].concat()).expect("written");
        });
        assert_eq!(codes(&newer), ["E_ELF_GLIBC"]);
        assert!(newer[0].to_string().contains("glibc 9."), "{}", newer[0]);
    }
}

#[test]
pub fn a_stripped_pack_loads() {
    assert_eq!(refused(|file| tool("strip", &["--strip-all"], file)), []);
}

#[test]
pub fn a_rust_pack_built_to_abort_is_refused() {
    let target = tempfile::tempdir().expect("a folder");
    let build = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet", "--config", "profile.dev.panic=\"abort\"", "--target-dir"])
        .arg(target.path())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/examples/rust"))
        .output()
        .expect("cargo runs, since it ran this test");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let folder = Folder::with(&[target.path().join("debug/libacme_visits.so")]);
    assert_eq!(codes(&folder.open().1), ["E_PANIC_ABORT"]);
    assert_eq!(codes(&folder.open_apart().1), ["E_PANIC_ABORT"]);
}

/// The host never asks for one, so this calls the pack as a host with a fault would.
#[test]
#[allow(unsafe_code)]
pub fn a_metric_that_a_pack_does_not_have_is_unsupported() {
    let [file] = &rust_packs(&["-p", "pack-sdk", "--example", "settable"])[..] else { panic!("one library") };
    let (call, mut error) = unknown_metric();
    // SAFETY: the pack is our own; the call is whole, and of a metric that it does not have it reads no column.
    let answered = unsafe {
        let library = std::mem::ManuallyDrop::new(libloading::Library::new(file).expect("it loads"));
        let pack = library.get::<*const Pack>(ENTRY).expect("it exports the entry").as_ref().expect("it is not null");
        let evaluate = std::mem::transmute::<*const std::ffi::c_void, metric_abi::Evaluate>(pack.evaluate);
        evaluate(&call, &mut error)
    };
    assert_eq!(answered, status::E_UNSUPPORTED);
    assert_eq!(status::NAMES[status::E_UNSUPPORTED as usize - 1], "E_UNSUPPORTED");
}

fn unknown_metric() -> (Call, ErrorText) {
    let call = Call {
        struct_size: size_of::<Call>() as u32,
        metric: 99,
        n_rows: 1,
        inputs: Ptr { bits: 0 },
        params: Ptr { bits: 0 },
        out: Ptr { bits: 0 },
        n_inputs: 0,
        n_params: 0,
        groups: Ptr { bits: 0 },
        n_groups: 0,
        row_base: 0,
        cancel: Ptr { bits: 0 },
        host: Ptr { bits: 0 },
    };
    (call, ErrorText { struct_size: size_of::<ErrorText>() as u32, cap: 0, len: 0, reserved: 0, row: -1, msg: Ptr { bits: 0 } })
}

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/c-1.0-x86_64.so");

/// A signed pack, changed like this, in a folder of which only what is signed by the key of the test is loaded.
fn signed(key: &str, change: impl FnOnce(&Folder)) -> Vec<Refusal> {
    let folder = Folder::with(&[GOLDEN.into(), format!("{GOLDEN}.minisig").into()]);
    change(&folder);
    let trust = Trust::only([], [key]).expect("a key");
    let registry = Registry::once(Options { trust, ..Options::new(folder.packs(), folder.store()) });
    registry.snapshot().refusals().to_vec()
}

#[test]
pub fn a_signature_is_of_one_file_by_one_key() {
    let key = include_str!("../golden/test.pub").lines().nth(1).expect("the key is in the second line");
    let another = "RWQOnvMa3/2eiLSpMaNTRECzsevWyRhHHCyDxgM2SvHRQMOJrt2NoDHc";
    let file = |folder: &Folder| folder.packs().join("c-1.0-x86_64.so");
    // On another machine the signature holds, and what it is of is refused for the machine.
    let sound = codes(&signed(key, |_| ())).into_iter().filter(|code| *code != "E_ELF_ARCH").count();
    assert_eq!(sound, 0);
    assert_eq!(codes(&signed(another, |_| ())), ["E_SIGNATURE"]);
    let unsigned = signed(key, |folder| fs::remove_file(file(folder).with_extension("so.minisig")).expect("it is there"));
    assert_eq!(codes(&unsigned), ["E_UNSIGNED"]);
    let changed = signed(key, |folder| {
        let mut bytes = fs::read(file(folder)).expect("it is there");
        *bytes.last_mut().expect("a byte") ^= 1;
        fs::write(file(folder), bytes).expect("written");
    });
    assert_eq!(codes(&changed), ["E_MODIFIED"]);
}

#[test]
pub fn a_file_that_may_not_be_read_or_that_goes_meanwhile_is_no_more_than_a_refusal() {
    let closed = refused(|file| {
        let own = File::open(file).expect("it was compiled");
        own.set_permissions(Permissions::from_mode(0o000)).expect("it is ours");
    });
    // Who may read everything may read this too.
    let everything = is_superuser();
    assert_eq!(codes(&closed), if everything { vec![] } else { vec!["E_IO"] });
    let (folder, done) = (Folder::new(), AtomicBool::new(false));
    let file = folder.packs().join("pack.so");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                fs::write(&file, [0x7f; 5000]).expect("written");
                fs::remove_file(&file).expect("it was there");
            }
        });
        for _ in 0..200 {
            let (registry, refusals) = folder.open();
            assert!(registry.snapshot().packs().is_empty());
            assert!(refusals.iter().all(|refusal| matches!(refusal.code, "E_IO" | "E_NOT_ELF" | "E_ELF_TRUNCATED")), "{refusals:?}");
        }
        done.store(true, Relaxed);
    });
}

fn is_superuser() -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("closed");
    fs::write(&file, "").and_then(|()| fs::set_permissions(&file, Permissions::from_mode(0o000))).expect("it is ours");
    File::open(file).is_ok()
}
