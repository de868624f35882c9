//! Files that are no packs, or packs that are broken in one place: each is refused with its code, and nothing else is.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::build::Folder;
use crate::sample::{Source, manifest, manifest_macro, metric};

/// Opens a folder with one file in it, and says the code and the message it was refused with.
fn refusal(make: impl FnOnce(&Path)) -> (String, String) {
    let folder = Folder::new();
    make(&folder.packs().join("pack.so"));
    let (registry, refusals) = folder.open();
    assert!(registry.snapshot().packs().is_empty(), "it was loaded");
    let [refusal] = &refusals[..] else { panic!("expected one refusal, found {refusals:?}") };
    assert_eq!(registry.snapshot().refusals(), refusals);
    (refusal.code.into(), refusal.message.clone())
}

fn expect(code: &str, what: &str, make: impl FnOnce(&Path)) {
    let (found, message) = refusal(make);
    assert_eq!(found, code, "{what}: {message}");
    assert!(
        message.contains("expected ") && message.contains("; found ") && message.matches("; ").count() >= 2,
        "{what}: the message must say what was expected, found and is to be done: {message}"
    );
}

/// The bytes of a sound pack in C.
fn sound() -> Vec<u8> {
    let folder = Folder::new();
    let file = folder.packs().join("sound.so");
    Source::sound("test").compile(&file, &[]);
    fs::read(file).expect("it was compiled")
}

#[test]
fn the_sound_pack_that_the_broken_ones_are_made_from_loads() {
    let folder = Folder::new();
    fs::write(folder.packs().join("pack.so"), sound()).expect("written");
    let (registry, refusals) = folder.open();
    assert_eq!(refusals, []);
    assert_eq!(registry.snapshot().metric("test.same").expect("it is there").pack.sha256().len(), 64);
}

#[test]
pub fn files_that_are_no_library_for_this_machine() {
    let sound = sound();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = sound.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let other_machine: u16 = if cfg!(target_arch = "x86_64") { 183 } else { 62 };
    let far = (1u64 << 62).to_ne_bytes();
    for (what, bytes, code) in [
        ("an empty file", vec![], "E_ELF_TRUNCATED"),
        ("40 bytes", sound[..40].to_vec(), "E_ELF_TRUNCATED"),
        ("the first half", sound[..sound.len() / 2].to_vec(), "E_ELF_TRUNCATED"),
        ("a shell script", b"#!/bin/sh\necho a pack that is not a pack, and longer than the header of an ELF file\n".to_vec(), "E_NOT_ELF"),
        ("a 32-bit library", with(4, &[1]), "E_ELF_CLASS"),
        ("the other byte order", with(5, &[if cfg!(target_endian = "little") { 2 } else { 1 }]), "E_ELF_ENDIAN"),
        ("a program", with(16, &2u16.to_ne_bytes()), "E_ELF_TYPE"),
        ("another machine", with(18, &other_machine.to_ne_bytes()), "E_ELF_ARCH"),
        ("segments far outside", with(32, &far), "E_ELF_TRUNCATED"),
        ("sections far outside", with(40, &far), "E_ELF_TRUNCATED"),
        ("writable code", with(first_segment_flags(&sound), &7u32.to_ne_bytes()), "E_ELF_WX"),
    ] {
        expect(code, what, |file| fs::write(file, bytes).expect("written"));
    }
}

/// Where the flags of the first loaded segment stand.
fn first_segment_flags(bytes: &[u8]) -> usize {
    let word = |at: usize| u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("8 bytes")) as usize;
    let half = |at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    let segments = word(32);
    (0..16).map(|index| segments + index * 56).find(|at| half(*at) == 1).expect("a loaded segment") + 4
}

#[test]
pub fn files_that_cannot_be_read_as_a_pack_file() {
    expect("E_IO", "a folder", |file| fs::create_dir(file).expect("made"));
    expect("E_IO", "a link out of the folder", |file| symlink("/etc/hostname", file).expect("linked"));
    expect("E_IO", "a link to nothing", |file| symlink("gone.so", file).expect("linked"));
    expect("E_IO", "a pipe", |file| assert!(Command::new("mkfifo").arg(file).status().expect("mkfifo runs").success()));
    expect("E_SIZE", "65 MiB", |file| File::create(file).and_then(|file| file.set_len(65 << 20)).expect("made"));
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let folder = Folder::new();
    let (registry, refusals) = registry::Registry::open(&folder.packs().join("gone"), &folder.store());
    assert_eq!((registry.snapshot().packs().len(), refusals[0].code), (0, "E_IO"));
}

#[test]
pub fn libraries_linked_in_ways_that_a_pack_must_not_be() {
    let linked = |flags: &'static [&'static str]| move |file: &Path| Source::sound("test").compile(file, flags);
    expect("E_ELF_NEEDED", "another library", linked(&["-Wl,--no-as-needed", "-lstdc++"]));
    expect("E_ELF_RPATH", "a search path", linked(&["-Wl,-rpath,/tmp"]));
    expect("E_ELF_EXECSTACK", "an executable stack", linked(&["-Wl,-z,execstack"]));
    let absolute = if cfg!(target_arch = "x86_64") {
        "__asm__(\".text\\n.globl here\\nhere: .quad here\\n\");"
    } else {
        "__asm__(\".text\\n.globl here\\nhere: .xword here\\n\");"
    };
    expect("E_ELF_TEXTREL", "addresses in the code", |file| {
        let sound = Source::sound("test");
        Source { body: format!("{absolute}{}", sound.body), ..sound }.compile(file, &["-Wl,-z,notext"]);
    });
    expect("E_NO_MANIFEST", "sections renamed", |file| {
        Source::sound("test").compile(file, &[]);
        assert!(
            Command::new("objcopy")
                .args(["--rename-section", ".cp_manifest=.other"])
                .arg(file)
                .status()
                .expect("objcopy runs (Debian: binutils)")
                .success()
        );
    });
}

#[test]
pub fn libraries_without_the_entry() {
    let descriptor = |text: &'static str| move |file: &Path| Source { descriptor: text.into(), ..Source::sound("test") }.compile(file, &[]);
    expect("E_NO_ENTRY", "no symbol", descriptor("int32_t (*keep)(const cp_call *, cp_err *) = evaluate;"));
    expect("E_NO_ENTRY", "a function of that name", |file| {
        Source { body: String::new(), descriptor: "void cp_pack_v1(void) {}".into(), ..Source::sound("test") }.compile(file, &[])
    });
    expect("E_ABI_MAJOR", "a later major only", |file| Source::sound("test").compile(file, &["-Dcp_pack_v1=cp_pack_v9"]));
}

/// A manifest's section with a header of one's own.
fn section(header: &str, json: &str) -> String {
    format!(
        "static const struct {{ cp_manifest_hdr header; char json[{}]; }} cp_manifest_v1 CP_SECTION = {{{{{header}}}, {json:?}}};",
        json.len() + 1
    )
}

#[test]
pub fn manifests_whose_header_is_wrong() {
    let json = manifest("test").to_string();
    for (what, header, code) in [
        ("another magic", "1, 1, 0, 0, 10", "E_MAGIC"),
        ("major 2", "CP_PACK_MAGIC, 2, 0, 0, 10", "E_ABI_MAJOR"),
        ("minor 2", "CP_PACK_MAGIC, 1, 2, 0, 10", "E_ABI_MINOR"),
        ("a feature", "CP_PACK_MAGIC, 1, 0, 4, 10", "E_FEATURE"),
        ("2^60 bytes", "CP_PACK_MAGIC, 1, 0, 0, 1ull << 60", "E_MANIFEST_SIZE"),
        ("257 KiB", "CP_PACK_MAGIC, 1, 0, 0, 257 << 10", "E_MANIFEST_SIZE"),
        ("more than there is", "CP_PACK_MAGIC, 1, 0, 0, 100000", "E_MANIFEST_SHORT"),
    ] {
        expect(code, what, |file| Source { manifest: section(header, &json), ..Source::sound("test") }.compile(file, &[]));
    }
}

#[test]
pub fn manifests_that_are_wrong() {
    let metrics = |list: serde_json::Value| {
        let mut changed = manifest("test");
        changed["metrics"] = list;
        changed.to_string()
    };
    let needing = |key: &str, needed: &str| {
        let mut metric = metric(key, "a", &["a"]);
        metric["inputs"] = json!([{ "name": "a", "metric": needed }]);
        metric
    };
    let mut unit = metric("x", "a", &["a"]);
    unit["unit"] = json!("furlongs");
    for (json, code) in [
        ("{".to_owned(), "E_MANIFEST_JSON"),
        ("{\"id\": 1, \"id\": 1}".to_owned(), "E_MANIFEST_DUPKEY"),
        ("[".repeat(5000), "E_MANIFEST_DEPTH"),
        ("{}".to_owned(), "E_MANIFEST_SCHEMA"),
        (metrics(json!([unit])), "E_MANIFEST_UNIT"),
        (metrics(json!([needing("m1", "test.m2"), needing("m2", "test.m1")])), "E_MANIFEST_CYCLE"),
        (metrics(json!([needing("m1", "gone.m2")])), "E_MANIFEST_MEASURE"),
        (metrics(json!([metric("x", "a", &["a"]), metric("x", "a", &["a"])])), "E_MANIFEST_CLASH"),
        (metrics(json!([metric("x", "a +", &["a"])])), "E_MANIFEST_SCHEMA"),
    ] {
        expect(code, &json[..json.len().min(60)], |file| {
            Source { manifest: manifest_macro(&json), ..Source::sound("test") }.compile(file, &[])
        });
    }
    expect("E_MANIFEST_UTF8", "a byte that is no UTF-8", |file| {
        Source { manifest: "CP_MANIFEST(\"{\\377}\");".into(), ..Source::sound("test") }.compile(file, &[])
    });
}

/// A descriptor with one field set to something else.
fn descriptor(changes: &str) -> String {
    format!(
        "CP_EXPORT extern const cp_pack cp_pack_v1;
         const cp_pack cp_pack_v1 = {{.magic = CP_PACK_MAGIC, .struct_size = sizeof(cp_pack), .abi_major = 1, .abi_minor = 0,
           .build_flags = CP_BUILD_NO_UNWIND_OUT, .n_metrics = 1, .manifest = &cp_manifest_v1.header, .evaluate = evaluate, {changes}}};"
    )
}

#[test]
pub fn descriptors_that_are_wrong() {
    for (what, changes, code) in [
        ("another magic", ".magic = 0xdeadbeef", "E_MAGIC"),
        ("major 9", ".abi_major = 9", "E_ABI_MAJOR"),
        ("minor 2", ".abi_minor = 2", "E_ABI_MINOR"),
        ("a feature", ".features_required = 2", "E_FEATURE"),
        ("16 bytes", ".struct_size = 16", "E_DESCRIPTOR"),
        ("no evaluate", ".evaluate = 0", "E_DESCRIPTOR"),
        ("evaluate outside the code", ".evaluate = (int32_t (*)(const cp_call *, cp_err *))0x1234", "E_DESCRIPTOR"),
        ("init outside the code", ".init = (int32_t (*)(const cp_host *, cp_err *))0x1234", "E_DESCRIPTOR"),
        ("seven metrics", ".n_metrics = 7", "E_DESCRIPTOR"),
        ("panic=abort", ".build_flags = CP_BUILD_RUST", "E_PANIC_ABORT"),
        ("no manifest", ".manifest = 0", "E_MANIFEST_DIFF"),
        ("another manifest", ".manifest = &another", "E_MANIFEST_DIFF"),
        ("an init that fails", ".init = init", "E_INIT"),
    ] {
        let body = Source::sound("test").body
            + "\nstatic const cp_manifest_hdr another = {1, 2, 3, 4, 5};\nstatic int32_t init(const cp_host *host, cp_err *err) { (void)host; (void)err; return (int32_t)another.magic; }\nconst void *used[] = {&another, (void *)init};";
        expect(code, what, |file| Source { body, descriptor: descriptor(changes), ..Source::sound("test") }.compile(file, &[]));
    }
}

#[test]
pub fn an_undefined_function_is_an_error_at_load_and_not_at_the_call() {
    let source = Source {
        body: format!("extern int gone(void);\n{}", Source::doing("test", "if (gone()) return 1;").body),
        ..Source::sound("test")
    };
    let (code, message) = refusal(|file| source.compile(file, &[]));
    assert_eq!(code, "E_DLOPEN");
    assert!(message.contains("undefined symbol: gone"), "{message}");
}

#[test]
pub fn a_descriptor_longer_than_the_host_knows_loads() {
    let folder = Folder::new();
    let longer = "static const struct { cp_pack pack; uint64_t more[2]; } longer = {{CP_PACK_MAGIC, 80, 1, 0, 0, CP_BUILD_NO_UNWIND_OUT, 1, 0, &cp_manifest_v1.header, 0, evaluate}, {1, 2}};
        extern const cp_pack cp_pack_v1 __attribute__((alias(\"longer\")));";
    Source { descriptor: longer.into(), ..Source::sound("test") }.compile(&folder.packs().join("pack.so"), &[]);
    assert_eq!(folder.open().1, []);
}

#[test]
pub fn a_refused_pack_takes_no_other_with_it_but_those_that_need_it() {
    let folder = Folder::new();
    let file = |name: &str| folder.packs().join(name);
    Source::sound("first").compile(&file("a.so"), &[]);
    Source::sound("first").compile(&file("b.so"), &[]);
    Source { descriptor: descriptor(".n_metrics = 7"), ..Source::sound("broken") }.compile(&file("c.so"), &[]);
    let mut needing = manifest("needing");
    needing["metrics"][0]["inputs"] = json!([{ "name": "a", "metric": "broken.same" }]);
    Source { manifest: manifest_macro(&needing.to_string()), ..Source::sound("needing") }.compile(&file("d.so"), &[]);
    fs::write(file("README"), "not a pack, and not named like one").expect("written");
    let (registry, refusals) = folder.open();
    let codes: Vec<(&str, &str)> = refusals
        .iter()
        .map(|refusal| (refusal.file.file_name().and_then(|name| name.to_str()).unwrap_or_default(), refusal.code))
        .collect();
    assert_eq!(codes, [("b.so", "E_MANIFEST_CLASH"), ("c.so", "E_DESCRIPTOR"), ("d.so", "E_MANIFEST_MEASURE")]);
    assert_eq!(registry.snapshot().packs().len(), 1);
    assert!(registry.snapshot().metric("first.same").is_some());
}

#[test]
pub fn a_circle_through_two_packs_refuses_both() {
    let folder = Folder::new();
    for (id, needed) in [("here", "there.same"), ("there", "here.same")] {
        let mut needing = manifest(id);
        needing["metrics"][0]["inputs"] = json!([{ "name": "a", "metric": needed }]);
        Source { manifest: manifest_macro(&needing.to_string()), ..Source::sound(id) }
            .compile(&folder.packs().join(format!("{id}.so")), &[]);
    }
    let codes: Vec<&str> = folder.open().1.iter().map(|refusal| refusal.code).collect();
    assert_eq!(codes, ["E_MANIFEST_CYCLE", "E_MANIFEST_CYCLE"]);
}
