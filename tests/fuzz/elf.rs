//! No bytes named like a pack are more than a refusal with a code: the checks that read a file before any of it runs never panic and never
//! read outside it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match registry::preflight(Path::new("fuzzed.so"), bytes) {
    Ok(pack) => assert_eq!(pack.check(), [], "an unsound manifest passed"),
    Err(refusal) => assert!(refusal.code.starts_with("E_") && refusal.message.contains("expected "), "{refusal}"),
});
