//! Packs that do to their process what no pack may do: each is refused by the probe with its code, whatever it does to the child.
//! The numbers are those of the conformance list.

use std::path::Path;

use crate::build::{Folder, cpp_library};
use crate::sample::{Source, manifest, manifest_macro};

/// What a probe makes of the one pack in a folder: its code and message, or nothing.
fn verdict(make: impl FnOnce(&Path)) -> Option<(&'static str, String)> {
    let folder = Folder::new();
    make(&folder.packs().join("pack.so"));
    let (registry, refusals) = folder.open_apart();
    let refused = refusals.into_iter().next().map(|refusal| (refusal.code, refusal.message));
    assert_eq!(registry.snapshot().packs().is_empty(), refused.is_some());
    refused
}

/// A pack with something more in its source, and that does something first when called.
fn doing(more: &str, first: &str) -> Source {
    Source::doing("test", first).beside(more)
}

fn check(row: u32, what: &str, more: &str, first: &str, code: &str, words: &str) {
    let found = verdict(|file| doing(more, first).compile(file, &["-Wno-everything", "-w"]));
    let Some((found, message)) = found else { panic!("row {row}, {what}: it was loaded") };
    assert_eq!(found, code, "row {row}, {what}: {message}");
    assert!(message.contains(words), "row {row}, {what}: expected `{words}` in: {message}");
}

const DIES: &str = "F_CHILD_DIED";

#[test]
pub fn what_ends_the_process_is_told_with_how_it_ended() {
    let constructor = |does: &str| format!("__attribute__((constructor)) static void begin(void) {{ {does} }}");
    for (row, what, more, first, words) in [
        (35, "a constructor that crashes", constructor("*(volatile int *)8 = 1;").as_str(), "", "while loading (signal 11"),
        (36, "a constructor that exits", &constructor("_exit(0);"), "", "while loading (exit 0"),
        (50, "one value past the end", "", "out[n].lo = 1;", "while evaluating `same` (signal 11"),
        (52, "writes into an input", "", "((cp_d128 *)in->data)[0].lo = 7;", "signal 11"),
        (
            53,
            "reads far past an input",
            "",
            "volatile uint64_t sum = 0; for (int i = 0; i < 100000; i++) sum += ((const cp_d128 *)in->data)[n + i].lo;",
            "signal 11",
        ),
        (54, "a null dereference", "", "*(volatile int *)0 = 1;", "signal 11"),
        (56, "exit", "", "exit(0);", "while evaluating `same` (exit 0"),
        (57, "abort", "", "abort();", "signal 6"),
        (58, "a division without result", "", "volatile int64_t least = INT64_MIN, one = -1; least /= one;", "signal 8"),
        (
            59,
            "unbounded recursion",
            "static int deep(volatile char *up) { volatile char here[4096]; here[0] = up[0]; return deep(here) + here[0]; }",
            "char a = 1; if (deep(&a)) return 1;",
            "signal 6",
        ),
        (64, "closes all descriptors", "", "for (int fd = 0; fd < 1024; fd++) close(fd);", "while evaluating `same`"),
    ] {
        check(row, what, more, first, DIES, words);
    }
}

#[test]
pub fn what_does_not_come_to_an_end_is_ended() {
    check(55, "an infinite loop", "", "for (volatile int i = 0;; i++);", "F_DEADLINE", "while evaluating `same`");
    for (what, does, code) in [
        ("an init that fails", "return CP_E_COMPUTE;", "E_INIT"),
        ("an init that panics", "return CP_E_PANIC;", "E_INIT"),
        ("an init that does not end", "for (volatile int i = 0;; i++);", "F_DEADLINE"),
    ] {
        let source = Source::initialising("test", does);
        let (found, message) = verdict(|file| source.compile(file, &["-w"])).expect(what);
        assert_eq!(found, code, "row 37, {what}: {message}");
    }
}

#[test]
pub fn what_is_wrong_with_values_is_a_code() {
    for (row, what, more, first, code, words) in [
        (42, "a status that means nothing", "", "return 12345;", "F_UNKNOWN_STATUS", "12345"),
        (44, "a text longer than its room", "", "err->len = 1u << 30; return CP_E_COMPUTE;", "F_ERR_LEN", "longer"),
        (48, "valid, and nothing written", "", "valid[0] = 1; return CP_OK;", "F_VALID_BUT_UNWRITTEN", "row 0"),
        (51, "valid past the end", "", "if (n % 8) valid[n / 8] |= 1 << (n % 8);", "F_VALIDITY_PAST_END", "row"),
        (
            60,
            "takes memory until there is none",
            "",
            "while (1) { volatile char *more = malloc(1 << 20); if (!more) return CP_E_INTERNAL; more[0] = 1; }",
            "E_INTERNAL",
            "`same`",
        ),
        (
            61,
            "leaks 1 MiB a call",
            "",
            "volatile char *leak = malloc(1 << 20); memset((void *)leak, 1, 1 << 20);",
            "F_LEAK",
            "KiB more in 32 calls",
        ),
        (
            70,
            "another result each time",
            "static uint64_t calls;",
            "calls++; valid[0] = 1; out[0].lo = calls; out[0].hi = 0; return CP_OK;",
            "F_NOT_DETERMINISTIC",
            "row 0 differs",
        ),
        (
            71,
            "a running total",
            "",
            "uint64_t sum = 0; for (uint64_t row = 0; row < n; row++) { sum += ((const cp_d128 *)in->data)[row].lo & 0xff; out[row].lo = sum; out[row].hi = 0; valid[row / 8] |= 1 << (row % 8); } return CP_OK;",
            "F_NOT_ROW_WISE",
            "row 512 differs",
        ),
    ] {
        check(row, what, more, first, code, words);
    }
}

/// A pack sees its inputs where they cannot be written, but its process has them elsewhere too: the pack looks for that place.
#[test]
pub fn an_input_that_is_changed_where_the_pack_does_not_see_it_is_found() {
    let more = "static sigjmp_buf back;
        static void caught(int signal) { (void)signal; siglongjmp(back, 1); }
        static void change(volatile uint64_t *seen) {
          for (intptr_t away = -(64 << 20); away < 64 << 20; away += 4096) {
            volatile uint64_t *here = (volatile uint64_t *)((intptr_t)seen + away);
            if (here == seen || sigsetjmp(back, 1) || *here != *seen) continue;
            *here += 1;
            if (*here == *seen) return;
            *here -= 1;
          }
        }";
    let first = "signal(SIGSEGV, caught); change((volatile uint64_t *)in->data); signal(SIGSEGV, SIG_DFL);";
    check(52, "changes an input", more, first, "F_INPUT_CHANGED", "another input `a` after evaluating `same`");
}

#[test]
pub fn what_is_changed_in_the_process_is_found() {
    for (row, what, more, first, code, words) in [
        (
            62,
            "starts a thread",
            "static void *later(void *at) { pause(); return at; }",
            "pthread_t thread; pthread_create(&thread, 0, later, 0);",
            "F_THREADS",
            "1 -> ",
        ),
        (63, "leaks a descriptor a call", "", "open(\"/dev/null\", O_RDONLY);", "F_FDS", " -> "),
        (
            65,
            "changes a signal handler",
            "static void handle(int signal) { (void)signal; }",
            "signal(SIGUSR1, handle);",
            "F_ENV",
            "signal 10",
        ),
        (66, "changes the folder", "", "chdir(\"/proc\");", "F_ENV", "/ -> /proc"),
        (67, "changes the mask of new files", "", "umask(0);", "F_ENV", "Umask"),
        (67, "changes the locale", "", "setlocale(LC_ALL, \"C.UTF-8\");", "F_ENV", "locale"),
    ] {
        check(row, what, more, first, code, words);
    }
    if cfg!(target_arch = "x86_64") {
        let first = "unsigned mode = 0x9fc0; __asm__ volatile(\"ldmxcsr %0\" : : \"m\"(mode));";
        check(67, "flushes to zero", "", first, "F_ENV", "floating-point mode");
    }
}

#[test]
pub fn an_exception_out_of_a_pack_in_cpp_ends_the_child_only() {
    let (code, message) = verdict(|file| {
        let sound = Source::doing("test", "throw 1;");
        let source = format!(
            "#include \"counterpoise_pack.h\"\n{}\n{}\n{}\n",
            sound.manifest,
            sound.body.replace("call->inputs", "(const cp_col *)call->inputs"),
            sound.descriptor
        );
        cpp_library(&source, file, &["-w", "-static-libstdc++", "-static-libgcc"]);
    })
    .expect("row 40: it was loaded");
    assert_eq!(code, DIES, "row 40: {message}");
    assert!(message.contains("signal 6"), "row 40: {message}");
}

#[test]
pub fn what_harms_nobody_is_still_held_to_its_formula() {
    for (row, what, first, words) in [
        (45, "words that are no UTF-8", "err->len = 1; ((char *)err->msg)[0] = (char)255; return CP_E_COMPUTE;", "E_COMPUTE: \u{fffd}"),
        (49, "writes nothing", "return CP_OK;", "no value"),
    ] {
        check(row, what, "", first, "F_FORMULA_DIFFERS", words);
    }
}

#[test]
pub fn a_pack_whose_formula_has_no_values_may_write_nothing() {
    let mut without_values = manifest("test");
    without_values["metrics"][0]["formula"] = serde_json::json!("a / (a - a)");
    let source = Source { manifest: manifest_macro(&without_values.to_string()), ..doing("", "return CP_OK;") };
    assert_eq!(verdict(|file| source.compile(file, &["-w"])), None, "row 49");
}

#[test]
pub fn what_is_odd_but_no_harm_loads_with_a_warning() {
    for (row, what, first, flags, warning) in [
        (
            69,
            "prints 100 lines",
            "for (int i = 0; i < 100; i++) printf(\"line %d\\n\", i);",
            "-w",
            Some(("W_STDOUT", "beginning with `line 0")),
        ),
        (68, "linked with -ffast-math", "", "-ffast-math", cfg!(target_arch = "x86_64").then_some(("W_FPENV", "floating-point mode"))),
        (78, "takes every edge of what may come", "", "-w", None),
    ] {
        let folder = Folder::new();
        doing("", first).compile(&folder.packs().join("pack.so"), &["-w", flags]);
        let (registry, refusals) = folder.open_apart();
        assert_eq!(refusals, [], "row {row}, {what}");
        let warnings = registry.snapshot().packs()[0].warnings().to_vec();
        assert_eq!(warnings.iter().map(|(code, _)| *code).collect::<Vec<_>>(), warning.iter().map(|(code, _)| *code).collect::<Vec<_>>());
        assert!(warnings.iter().zip(warning).all(|((_, text), (_, words))| text.contains(words)), "row {row}, {what}: {warnings:?}");
    }
}

#[test]
fn a_restart_tries_nothing_again_and_warns_as_before() {
    let folder = Folder::new();
    let once = "static int calls; if (calls++ == 0) printf(\"hello\\n\");";
    doing("", once).compile(&folder.packs().join("pack.so"), &["-w"]);
    let warnings = |registry: &registry::Registry| registry.snapshot().packs()[0].warnings().to_vec();
    let first = warnings(&folder.open_apart().0);
    assert_eq!(first[0].0, "W_STDOUT");
    // Were it tried again, this program could not even be started.
    let program = Some(registry::Program::at("/nowhere"));
    let trust = registry::Trust::everything();
    let options = registry::Options { program, trust, ..registry::Options::new(folder.packs(), folder.store()) };
    assert_eq!(warnings(&registry::Registry::once(options)), first);
}
