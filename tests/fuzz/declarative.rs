//! No text named like a declarative pack is more than a refusal with a code.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match registry::preflight(Path::new("fuzzed.toml"), bytes) {
    Ok(pack) => assert_eq!(pack.check(), [], "an unsound manifest passed"),
    Err(refusal) => assert!(refusal.code.starts_with("E_MANIFEST_"), "{refusal}"),
});
