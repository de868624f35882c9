//! Packs in processes of their own: what they compute, what they can't do, and what becomes of those that end theirs.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use registry::{Column, Fault, MetricRef, Registry, Tier};
use rust_decimal::Decimal;

use crate::build::{Folder, rust_packs};
use crate::sample::Source;

fn column(rows: usize) -> Column {
    Column { scale: 0, values: (0..rows).map(|row| (row % 5 != 3).then(|| Decimal::from(row))).collect() }
}

fn metric(registry: &Registry, key: &str) -> MetricRef {
    registry.snapshot().metric(key).expect("it is there")
}

#[test]
pub fn a_worker_gives_what_the_pack_gives_in_process() {
    let folder = Folder::with(&rust_packs(&["-p", "sales"]));
    let ((here, _), (there, refusals)) = (folder.open(), folder.open_apart());
    assert_eq!(refusals, []);
    let key = "sales.win_loss_ratio";
    assert_eq!((metric(&here, key).pack.tier(), metric(&there, key).pack.tier()), (Tier::InProcess, Tier::Worker));
    for rows in [1, 63, 64, 65, 1000, 64 * 1024 * 2 + 3] {
        let inputs = [column(rows), Column { scale: 0, values: column(rows).values.into_iter().rev().collect() }];
        let expected = metric(&here, key).evaluate(&inputs, &[], rows).expect("no fault");
        assert_eq!(metric(&there, key).evaluate(&inputs, &[], rows).expect("no fault"), expected, "{rows} rows");
    }
    assert_eq!(metric(&there, key).evaluate(&[column(0), column(0)], &[], 0), Ok(vec![]));
}

#[test]
fn parameters_reach_a_worker_as_they_were_declared() {
    let folder = Folder::with(&rust_packs(&["-p", "pack-sdk", "--example", "settable"]));
    let (registry, refusals) = folder.open_apart();
    assert_eq!(refusals, []);
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let columns = [[1, 6], [2, 8]].map(|values| Column { scale: 0, values: values.map(|value: i64| Some(value.into())).to_vec() });
    let (rate, points) = (metric(&registry, "settable.shrunk_rate"), metric(&registry, "settable.points"));
    assert_eq!(rate.evaluate(&columns, &[decimal("0.0")], 2), Ok(vec![Some(decimal("0.5")), Some(decimal("0.75"))]));
    let values = points.evaluate(&columns[..1], &[decimal("-1.25"), decimal("3")], 2);
    assert_eq!(values, Ok(vec![Some(decimal("-4.25")), Some(decimal("-10.5"))]));
}

/// The value at which the packs below begin to misbehave: one that no probe sends.
const TRIGGER: u64 = 123_456_789;

/// A pack in a worker, and a sound one in another.
fn load(more: &str, when_triggered: &str) -> (Folder, Registry) {
    let folder = Folder::new();
    let first = format!("if (((const cp_d128 *)in->data)[0].lo == {TRIGGER}) {{ {when_triggered} }}");
    Source::doing("test", &first).beside(more).compile(&folder.packs().join("pack.so"), &["-w"]);
    Source::sound("other").compile(&folder.packs().join("other.so"), &[]);
    let (registry, refusals) = folder.open_apart();
    assert_eq!(refusals, []);
    (folder, registry)
}

fn triggering() -> [Column; 1] {
    [Column { scale: 0, values: vec![Some(TRIGGER.into()), Some(1.into())] }]
}

/// What came of the batch that triggers it, while another pack answers without a fault; after that the pack must work again.
fn fault(more: &str, when_triggered: &str) -> Fault {
    let (_folder, registry) = load(more, when_triggered);
    let (pack, other, done) = (metric(&registry, "test.same"), metric(&registry, "other.same"), AtomicBool::new(false));
    let fault = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                assert_eq!(other.evaluate(&[column(1000)], &[], 1000), Ok(column(1000).values));
            }
        });
        let fault = pack.evaluate(&triggering(), &[], 2).expect_err("it misbehaves");
        assert_eq!(pack.evaluate(&[column(1000)], &[], 1000), Ok(column(1000).values), "after {fault}");
        done.store(true, Relaxed);
        fault
    });
    assert_eq!(other.evaluate(&[column(3)], &[], 3), Ok(column(3).values));
    fault
}

#[test]
pub fn what_ends_the_process_costs_one_batch() {
    for (row, what, more, first, words) in [
        (40, "an abort, as of an exception", "", "abort();", "signal 6"),
        (50, "far past the end", "", "out[n + 3].lo = 1;", "signal 11"),
        (52, "writes into an input", "", "((cp_d128 *)in->data)[0].lo = 7;", "signal 11"),
        (
            52,
            "makes an input writable",
            "",
            "if (mprotect((void *)((uintptr_t)in->data & ~4095ull), 4096, PROT_READ | PROT_WRITE)) *(volatile int *)0 = 1;",
            "signal 11",
        ),
        (54, "a null dereference", "", "*(volatile int *)0 = 1;", "signal 11"),
        (56, "exit", "", "_exit(0);", "exit 0"),
        (58, "a division without result", "", "volatile int64_t least = INT64_MIN, one = -1; least /= one;", "signal 8"),
        (
            59,
            "unbounded recursion",
            "static int deep(volatile char *up) { volatile char here[4096]; here[0] = up[0]; return deep(here) + here[0]; }",
            "char a = 1; if (deep(&a)) return 1;",
            "signal",
        ),
        (
            62,
            "a thread",
            "static void *later(void *at) { return at; }",
            "pthread_t thread; pthread_create(&thread, 0, later, 0);",
            "signal 31",
        ),
        (63, "opens a file", "", "open(\"/dev/null\", O_RDONLY);", "signal 31"),
        (64, "closes the channel", "", "for (int fd = 0; fd < 64; fd++) close(fd);", "signal 31"),
        (64, "a process", "", "fork();", "signal 31"),
        (64, "the network", "", "socket(AF_INET, SOCK_STREAM, 0);", "signal 31"),
        (64, "writable code", "", "mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);", "signal 31"),
    ] {
        let fault = fault(more, first);
        assert_eq!(fault.code, "F_CHILD_DIED", "row {row}, {what}: {fault}");
        assert!(fault.message.contains(words), "row {row}, {what}: {fault}");
    }
}

/// All that it can reach of the host by a descriptor, it can only wake.
#[test]
pub fn nonsense_to_the_host_wakes_it_and_does_nothing_else() {
    const JUNK: &str = "char junk[64]; memset(junk, 255, 64); for (int fd = 3; fd < 16; fd++) write(fd, junk, 64);";
    let (_folder, registry) = load("", JUNK);
    assert_eq!(metric(&registry, "test.same").evaluate(&triggering(), &[], 2), Ok(triggering()[0].values.clone()));
    assert_eq!(fault("", &format!("for (;;) {{ {JUNK} }}")).code, "F_DEADLINE");
}

#[test]
pub fn what_does_not_end_is_asked_to_stop_and_then_stopped() {
    assert_eq!(fault("", "while (!*call->cancel); return CP_E_CANCELLED;").code, "E_CANCELLED");
    let fault = fault("", "for (volatile int i = 0;; i++);");
    assert_eq!(fault.code, "F_DEADLINE", "row 55: {fault}");
}

#[test]
pub fn each_kind_of_wrong_output_has_its_code() {
    for (row, what, first, code) in [
        (42, "a status that means nothing", "return 12345;", "F_UNKNOWN_STATUS"),
        (44, "a text longer than its room", "err->len = 1u << 30; return CP_E_COMPUTE;", "F_ERR_LEN"),
        (45, "words that are no UTF-8", "err->len = 1; ((char *)err->msg)[0] = (char)255; return CP_E_COMPUTE;", "E_COMPUTE"),
        (48, "valid, and nothing written", "valid[0] = 1; return CP_OK;", "F_VALID_BUT_UNWRITTEN"),
        (50, "one value past the end", "out[n].lo = 1;", "F_WROTE_PAST_END"),
        (51, "valid past the end", "valid[0] |= 4;", "F_VALIDITY_PAST_END"),
        (
            60,
            "takes memory until there is none",
            "while (1) { volatile char *more = malloc(1 << 20); if (!more) return CP_E_INTERNAL; more[0] = 1; }",
            "E_INTERNAL",
        ),
    ] {
        let (_folder, registry) = load("", first);
        let fault = metric(&registry, "test.same").evaluate(&triggering(), &[], 2).expect_err("it misbehaves");
        assert_eq!(fault.code, code, "row {row}, {what}: {fault}");
    }
}

/// What its constructors could do is in the value of the first row.
#[test]
fn a_pack_has_no_rights_from_the_first_instruction_on() {
    let more = "static uint64_t could;
        __attribute__((constructor)) static void begin(void) {
          could |= (open(\"/etc/passwd\", O_RDONLY) >= 0) << 0;
          could |= (open(\"/tmp/pack-was-here\", O_WRONLY | O_CREAT, 0600) >= 0) << 1;
          could |= (socket(AF_INET, SOCK_STREAM, 0) >= 0) << 2;
          could |= (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) << 3;
          could |= (kill(getppid(), 0) == 0) << 4;
          could |= (execl(\"/bin/true\", \"true\", (char *)0) != -1) << 5;
          could |= (fork() >= 0) << 6;
          could |= (getenv(\"PATH\") != 0) << 7;
          could |= (getuid() != geteuid()) << 8;
        }";
    let (_folder, registry) = load(more, "out[0].lo = could * 1000000000000ull; out[0].hi = 0; valid[0] = 1; return CP_OK;");
    let pack = metric(&registry, "test.same");
    assert_eq!(pack.pack.missing_protection(), <[String; 0]>::default(), "this test needs a kernel with Landlock and seccomp (Linux 6.12)");
    assert_eq!(pack.evaluate(&triggering(), &[], 2), Ok(vec![Some(0.into()), None]));
}

#[test]
pub fn many_threads_may_call_one_worker_at_once() {
    let (_folder, registry) = load("", "");
    let pack = metric(&registry, "test.same");
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| (0..20).for_each(|_| assert_eq!(pack.evaluate(&[column(500)], &[], 500), Ok(column(500).values))));
        }
    });
}

/// The runtime has one thread, and a pack that does not come to an end.
#[test]
fn waiting_for_a_worker_keeps_no_thread_of_the_runtime() {
    let (_folder, registry) = load("", "for (volatile int i = 0;; i++);");
    let pack = metric(&registry, "test.same");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    runtime.block_on(async {
        let (ended, mut end) = tokio::sync::oneshot::channel();
        let stuck = tokio::spawn(async move {
            let fault = registry::compute(move || pack.evaluate(&triggering(), &[], 2)).await.expect_err("it does not end");
            ended.send(fault.code).expect("somebody listens");
        });
        let mut turns = 0;
        while end.try_recv().is_err() {
            tokio::spawn(async {}).await.expect("the one thread of the runtime is free");
            turns += 1;
        }
        stuck.await.expect("it ends");
        assert!(turns > 1, "nothing else went on");
    });
}
