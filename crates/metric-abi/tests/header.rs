//! The C header and the Rust types describe the same bytes.

use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use metric_abi::{Call, Col, D128, ErrorText, Host, ManifestHeader, Out, Pack, Value};

/// The name in C and the number in Rust, of each size and each offset.
fn layout() -> Vec<(String, usize)> {
    let mut layout = Vec::new();
    macro_rules! of {
        ($c:literal, $rust:ty { $($field:ident $(= $in_c:literal)?),* }) => {
            layout.push((format!("sizeof({})", $c), size_of::<$rust>()));
            $({
                let name = [$($in_c,)? stringify!($field)][0];
                layout.push((format!("offsetof({}, {name})", $c), offset_of!($rust, $field)));
            })*
        };
    }
    of!("cp_d128", D128 { lo, hi });
    of!("cp_col", Col { data, validity, null_count, value_type = "type", scale, reserved });
    of!("cp_out", Out { data, validity, value_type = "type", scale, reserved });
    of!("cp_value", Value { value_type = "type", scale, any = "as", reserved });
    of!("cp_err", ErrorText { struct_size, cap, len, reserved, row, msg });
    of!("cp_host", Host { struct_size, abi_minor, ctx, log, get_extension });
    of!("cp_call", Call { struct_size, metric, n_rows, inputs, params, out, n_inputs, n_params, groups, n_groups, row_base, cancel, host });
    of!("cp_manifest_hdr", ManifestHeader { magic, abi_major, abi_minor, features_required, json_len });
    of!(
        "cp_pack",
        Pack { magic, struct_size, abi_major, abi_minor, features_required, build_flags, n_metrics, reserved, manifest, init, evaluate }
    );
    layout
}

fn constants() -> Vec<(String, usize)> {
    use metric_abi::{ABI_MAJOR, ABI_MINOR, PACK_MAGIC, POISON_F64, POISON_I64, build, status, value_type};
    [
        ("CP_ABI_MAJOR", u64::from(ABI_MAJOR)),
        ("CP_ABI_MINOR", u64::from(ABI_MINOR)),
        ("CP_PACK_MAGIC", PACK_MAGIC),
        ("CP_PACK_MINOR", 0),
        ("CP_POISON_I64", POISON_I64 as u64),
        ("CP_POISON_F64", POISON_F64),
        ("CP_I64", u64::from(value_type::I64)),
        ("CP_F64", u64::from(value_type::F64)),
        ("CP_D128", u64::from(value_type::D128)),
        ("CP_STR", u64::from(value_type::STR)),
        ("CP_E_INPUT", status::E_INPUT as u64),
        ("CP_E_OVERFLOW", status::E_OVERFLOW as u64),
        ("CP_E_PANIC", status::E_PANIC as u64),
        ("CP_BUILD_NO_UNWIND_OUT", build::NO_UNWIND_OUT),
        ("CP_BUILD_DEBUG", build::DEBUG),
    ]
    .map(|(name, value)| (name.to_owned(), value as usize))
    .into()
}

fn compile(compiler: &str, standard: &str, source: &Path, program: &Path) {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let run = Command::new(compiler)
        .args([standard, "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(include)
        .arg(source)
        .arg("-o")
        .arg(program)
        .output();
    let run = run
        .unwrap_or_else(|error| panic!("this test needs the C compiler `{compiler}` (Debian: apt-get install build-essential): {error}"));
    assert!(run.status.success(), "{compiler} {standard} refuses the header:\n{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn c_and_rust_agree_on_every_size_and_offset() {
    let numbers: Vec<(String, usize)> = layout().into_iter().chain(constants()).collect();
    let lines: String = numbers.iter().map(|(name, _)| format!("  printf(\"%llu\\n\", (unsigned long long)({name}));\n")).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (compiler, standard, ending) in [("cc", "-std=c11", "c"), ("c++", "-std=c++17", "cpp")] {
        let (source, program) = (folder.join(format!("layout.{ending}")), folder.join(format!("layout-{ending}")));
        std::fs::write(
            &source,
            format!("#include <stdio.h>\n#include \"counterpoise_pack.h\"\nint main(void) {{\n{lines}  return 0;\n}}\n"),
        )
        .expect("the test's folder is writable");
        compile(compiler, standard, &source, &program);
        let printed = Command::new(&program).output().expect("the program runs").stdout;
        let printed: Vec<usize> = String::from_utf8(printed).expect("digits").lines().map(|line| line.parse().expect("a number")).collect();
        for ((name, rust), c) in numbers.iter().zip(&printed) {
            assert_eq!(rust, c, "{name} under {standard}");
        }
        assert_eq!(printed.len(), numbers.len());
    }
}

#[test]
fn a_decimal_keeps_its_sign_over_two_words() {
    for mantissa in [0, 1, -1, i128::MAX, i128::MIN, -(1 << 64), (1 << 64) - 1] {
        assert_eq!(D128::new(mantissa).mantissa(), mantissa);
    }
}
