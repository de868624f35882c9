//! A text is a manifest or a fault with a code; a manifest that is written out again is the same manifest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifest::Pack;

fuzz_target!(|json: &[u8]| match Pack::parse(json) {
    Ok(pack) => {
        let written = serde_json::to_vec(&pack).expect("a manifest can be written");
        assert_eq!(Pack::parse(&written).as_ref(), Ok(&pack), "{}", String::from_utf8_lossy(&written));
        assert!(pack.check().iter().all(|fault| fault.code.starts_with("E_MANIFEST_")));
    }
    Err(fault) => assert!(fault.code.starts_with("E_MANIFEST_"), "{fault}"),
});
