//! Packs that tests make: of formulas as text, misbehaving ones from C; and folders to lay them in while a service watches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

pub use testbed::pack::{ORDERS, declarative};

use crate::service::{built, counterpoise, text};

/// A packs folder and a store of its own.
pub struct Folder(TempDir);

/// A store that has the standard packs in it already, checked once for all tests: checking them is most of a start.
static CHECKED: LazyLock<TempDir> = LazyLock::new(|| {
    let store = tempfile::tempdir().expect("a temporary folder");
    let output = counterpoise().args(["pack", "list", "--pack-store"]).arg(store.path()).output().expect("counterpoise runs");
    assert!(output.status.success(), "{}", text(&output));
    store
});

impl Folder {
    /// With the standard packs in it.
    pub fn standard() -> Folder {
        let folder = Folder(tempfile::tempdir().expect("a temporary folder"));
        fs::create_dir(folder.packs()).expect("a folder in it");
        for entry in fs::read_dir(built().join("packs")).expect("the standard packs are built") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a file's name").to_string_lossy().into_owned();
            folder.lay(&name, &fs::read(&path).expect("a pack"));
        }
        let copied = Command::new("cp").arg("-a").arg(CHECKED.path()).arg(folder.store()).status().expect("cp runs");
        assert!(copied.success(), "the store could not be copied");
        folder
    }

    pub fn packs(&self) -> PathBuf {
        self.0.path().join("packs")
    }

    pub fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    /// The flags of a service that watches it.
    pub fn flags(&self) -> Vec<String> {
        [("--packs", self.packs()), ("--pack-store", self.store())].map(|(flag, path)| format!("{flag}={}", path.display())).into()
    }

    /// Lays a file, or another one in its place, in one step as the loader asks for.
    pub fn lay(&self, name: &str, bytes: &[u8]) {
        let beside = self.0.path().join(name);
        fs::write(&beside, bytes).expect("written");
        fs::rename(beside, self.packs().join(name)).expect("laid");
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.packs().join(name)).expect("it was there");
    }

    /// Compiles C into a pack and lays it. The header of the border is found.
    pub fn compile(&self, name: &str, source: &str) {
        let (file, library) = (self.0.path().join("pack.c"), self.0.path().join("compiled.so"));
        fs::write(&file, source).expect("written");
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/metric-abi/include");
        let compiled =
            Command::new("cc").args(["-std=gnu11", "-shared", "-fPIC", "-I"]).arg(include).arg(&file).arg("-o").arg(&library).output();
        let compiled = compiled
            .unwrap_or_else(|error| panic!("this test needs the C compiler `cc` (Debian: apt-get install build-essential): {error}"));
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        self.lay(name, &fs::read(&library).expect("a library"));
    }
}

/// A pack in C of one metric, `same`, which is the number of orders; but its call fails where that is `fatal` in any row.
pub fn failing_on(id: &str, fatal: u64) -> String {
    let manifest = format!(
        r#"{{"cp_manifest":1,"id":"{id}","version":"1.0.0","title":{{"en":"Test"}},"metrics":[{{"key":"same","title":{{"en":"Test"}},
        "description":{{"en":"Made by a test."}},"kind":"count","unit":"count","direction":"up","class":"NQSR-T/CUS","source":"test",
        "formula":"orders","inputs":[{{"name":"orders","measure":{{"agg":"count","source":"orders"}}}}]}}]}}"#
    );
    format!(
        r#"#include "counterpoise_pack.h"
#include <string.h>
CP_MANIFEST({manifest:?});
static int32_t evaluate(const cp_call *call, cp_err *err) {{
  const cp_col *in = call->inputs;
  cp_d128 *out = (cp_d128 *)call->out->data;
  uint8_t *valid = call->out->validity;
  for (uint64_t row = 0; row < call->n_rows; row++) {{
    uint64_t value = ((const cp_d128 *)in->data)[row].lo;
    if (in->validity && !(in->validity[row / 8] >> (row % 8) & 1)) continue;
    if (value == {fatal}) {{
      const char *words = "it cannot count so far";
      memcpy((char *)err->msg, words, err->len = strlen(words));
      err->row = -1;
      return CP_E_PANIC;
    }}
    __int128 whole = (__int128)((unsigned __int128)((const cp_d128 *)in->data)[row].hi << 64 | value), scaled;
    if (__builtin_mul_overflow(whole, 1000000000000ll, &scaled)) return err->row = (int64_t)row, CP_E_OVERFLOW;
    out[row] = (cp_d128){{(uint64_t)scaled, (int64_t)(scaled >> 64)}};
    valid[row / 8] |= 1 << (row % 8);
  }}
  return CP_OK;
}}
CP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);
"#
    )
}
