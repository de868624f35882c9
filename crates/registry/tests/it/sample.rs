//! A small pack in C, sound unless a test says otherwise.

use std::path::Path;

use serde_json::{Value, json};

use crate::build::c_library;

/// One metric, which is its input.
pub fn manifest(id: &str) -> Value {
    json!({ "cp_manifest": 1, "id": id, "version": "1.0.0", "title": { "en": "Test" }, "metrics": [metric("same", "a", &["a"])] })
}

pub fn metric(key: &str, formula: &str, inputs: &[&str]) -> Value {
    let inputs: Vec<Value> = inputs.iter().map(|name| json!({ "name": name, "measure": { "agg": "count", "source": "orders" } })).collect();
    json!({
        "key": key, "title": { "en": "Test" }, "description": { "en": "Test." }, "kind": "count", "unit": "count", "direction": "up",
        "class": "NQSR-T/CUS", "source": "test", "formula": formula, "inputs": inputs
    })
}

/// The parts of the source, to be changed one at a time.
pub struct Source {
    pub manifest: String,
    pub body: String,
    pub descriptor: String,
}

impl Source {
    pub fn sound(id: &str) -> Source {
        Source {
            manifest: manifest_macro(&manifest(id).to_string()),
            body: evaluate(""),
            descriptor: "CP_PACK(evaluate, 1, CP_BUILD_NO_UNWIND_OUT);".into(),
        }
    }

    /// A pack whose `evaluate` does something first.
    pub fn doing(id: &str, first: &str) -> Source {
        Source { body: evaluate(first), ..Source::sound(id) }
    }

    /// The same with something more in its source, and with the headers of the C library.
    pub fn beside(self, more: &str) -> Source {
        Source { body: format!("{HEADERS}\n{more}\n{}", self.body), ..self }
    }

    /// A pack that does something when it is initialised.
    pub fn initialising(id: &str, does: &str) -> Source {
        let sound = Source::sound(id);
        let init = format!("static int32_t init(const cp_host *host, cp_err *err) {{ (void)host; (void)err; {does} }}");
        let descriptor = "CP_EXPORT extern const cp_pack cp_pack_v1;
            const cp_pack cp_pack_v1 = {CP_PACK_MAGIC, sizeof(cp_pack), CP_ABI_MAJOR, CP_ABI_MINOR, 0, CP_BUILD_NO_UNWIND_OUT, 1, 0, &cp_manifest_v1.header, init, evaluate};";
        Source { body: format!("{}\n{init}", sound.body), descriptor: descriptor.into(), ..sound }.beside("")
    }

    /// The same in another version.
    pub fn of_version(self, id: &str, version: &str) -> Source {
        let mut manifest = manifest(id);
        manifest["version"] = json!(version);
        Source { manifest: manifest_macro(&manifest.to_string()), ..self }
    }

    pub fn compile(&self, to: &Path, flags: &[&str]) {
        c_library(&format!("#include \"counterpoise_pack.h\"\n{}\n{}\n{}\n", self.manifest, self.body, self.descriptor), to, flags);
    }
}

pub fn manifest_macro(json: &str) -> String {
    format!("CP_MANIFEST({json:?});")
}

/// Multiplies its first input, a column of scale 0, by 10^12, the output's scale.
fn evaluate(first: &str) -> String {
    format!(
        r#"
static int32_t evaluate(const cp_call *call, cp_err *err) {{
  const cp_col *in = call->inputs;
  cp_d128 *out = (cp_d128 *)call->out->data;
  uint8_t *valid = call->out->validity;
  uint64_t n = call->n_rows;
  (void)in; (void)out; (void)valid; (void)n; (void)err;
  {first}
  for (uint64_t row = 0; row < n; row++) {{
    if (in->validity && !(in->validity[row / 8] >> (row % 8) & 1)) continue;
    cp_d128 value = ((const cp_d128 *)in->data)[row];
    __int128 scaled;
    if (__builtin_mul_overflow((__int128)((unsigned __int128)value.hi << 64 | value.lo), 1000000000000, &scaled)) return CP_E_OVERFLOW;
    out[row].lo = (uint64_t)scaled;
    out[row].hi = (int64_t)(scaled >> 64);
    valid[row / 8] |= 1 << (row % 8);
  }}
  return CP_OK;
}}"#
    )
}

const HEADERS: &str = "#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>";
