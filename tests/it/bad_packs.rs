//! Bad packs dropped one after another into the folder of a service under load: each is refused or contained with its code, no query of
//! other packs fails meanwhile, and the service lives at the end. What each bad pack is made of, and the rest of the list, is in
//! `crates/registry/tests/it/conformance.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::database::Database;
use tests::service::{Service, built, counterpoise, text};

/// Nothing that is waited for takes nearly as long.
const BOUND: Duration = Duration::from_secs(120);

/// A pack in C with one metric: what it has beside its `evaluate`, what that does first, and how it is linked.
struct Bad {
    name: &'static str,
    beside: &'static str,
    first: &'static str,
    flags: &'static [&'static str],
    code: &'static str,
}

const fn bad(name: &'static str, beside: &'static str, first: &'static str, code: &'static str) -> Bad {
    Bad { name, beside, first, flags: &[], code }
}

const BAD: [Bad; 18] = [
    bad("crashes_when_mapped", "__attribute__((constructor)) static void begin(void) { *(volatile int *)8 = 1; }", "", "F_CHILD_DIED"),
    bad("exits_when_mapped", "__attribute__((constructor)) static void begin(void) { _exit(0); }", "", "F_CHILD_DIED"),
    bad("never_maps", "__attribute__((constructor)) static void begin(void) { for (volatile int i = 0;; i++); }", "", "F_DEADLINE"),
    bad("null", "", "*(volatile int *)0 = 1;", "F_CHILD_DIED"),
    bad("aborts", "", "abort();", "F_CHILD_DIED"),
    bad("exits", "", "exit(0);", "F_CHILD_DIED"),
    bad("divides", "", "volatile int64_t least = INT64_MIN, one = -1; least /= one;", "F_CHILD_DIED"),
    bad("loops", "", "for (volatile int i = 0;; i++);", "F_DEADLINE"),
    bad("kills_its_parent", "", "kill(getppid(), SIGKILL); abort();", "F_CHILD_DIED"),
    bad("writes_past_the_end", "", "out[n].lo = 1;", "F_CHILD_DIED"),
    bad("writes_into_an_input", "", "((cp_d128 *)in->data)[0].lo = 7;", "F_CHILD_DIED"),
    bad("closes_everything", "", "for (int fd = 0; fd < 1024; fd++) close(fd);", "F_CHILD_DIED"),
    bad("means_nothing", "", "return 12345;", "F_UNKNOWN_STATUS"),
    bad("leaves_poison", "", "valid[0] = 1; return CP_OK;", "F_VALID_BUT_UNWRITTEN"),
    bad(
        "counts_its_calls",
        "static uint64_t calls;",
        "calls++; valid[0] = 1; out[0].lo = calls; out[0].hi = 0; return CP_OK;",
        "F_NOT_DETERMINISTIC",
    ),
    bad("changes_the_folder", "", "if (chdir(\"/proc\")) abort();", "F_ENV"),
    bad("misses_a_function", "extern int gone(void);", "if (gone()) return 1;", "E_DLOPEN"),
    Bad { flags: &["-Wl,--no-as-needed", "-lstdc++"], ..bad("links_to_more", "", "", "E_ELF_NEEDED") },
];

/// Compiles the pack and lays it whole into the folder.
fn drop_into(packs: &Path, bad: &Bad) -> PathBuf {
    let (half, file) = (packs.join(format!("{}.half", bad.name)), packs.join(format!("{}.so", bad.name)));
    fs::copy(compile(bad).path().join(LIBRARY), &half).and_then(|_| fs::rename(half, &file)).expect("copied");
    file
}

const LIBRARY: &str = "pack.so";

/// A folder with the pack's library in it.
fn compile(Bad { name, beside, first, flags, .. }: &Bad) -> TempDir {
    let work = TempDir::new().expect("a temporary folder");
    let manifest = json!({ "cp_manifest": 1, "id": name, "version": "1.0.0", "title": { "en": "Bad" }, "metrics": [{
        "key": "same", "title": { "en": "Orders" }, "description": { "en": "Orders of the period." }, "kind": "count", "unit": "count",
        "direction": "up", "class": "NQSR-T/CUS", "source": "test", "formula": "a",
        "inputs": [{ "name": "a", "measure": { "agg": "count", "source": "orders" } }]
    }] });
    let (source, library) = (work.path().join("pack.c"), work.path().join(LIBRARY));
    let manifest = manifest.to_string();
    fs::write(
        &source,
        include_str!("bad_pack.c").replace("DESCRIBED", &format!("{manifest:?}")).replace("BESIDE", beside).replace("FIRST;", first),
    )
    .expect("written");
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/metric-abi/include");
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-w", "-shared", "-fPIC", "-I", include]).arg(&source).arg("-o").arg(&library).args(*flags);
    let run = cc.output().unwrap_or_else(|error| panic!("this test needs the C compiler `cc` (Debian: apt-get install gcc): {error}"));
    assert!(run.status.success(), "{name}: {}", text(&run));
    work
}

/// Waits until a pack stands so, by its file's name, and gives it; the service is asked again and again, as anybody may.
fn until(service: &Service, file: &Path, state: &str) -> Value {
    let name = file.file_name().expect("a name").to_string_lossy();
    let begun = Instant::now();
    loop {
        let packs = service.data("{ packs { name file state reason refusals { code } } }");
        let found =
            packs["packs"].as_array().expect("a list").iter().find(|pack| pack["file"].as_str().is_some_and(|file| file.ends_with(&*name)));
        if let Some(pack) = found.filter(|pack| pack["state"] == state) {
            return pack.clone();
        }
        assert!(begun.elapsed() < BOUND, "{name} is never {state}: {packs:#}");
    }
}

/// A query of good packs, whose answer must never change.
const GOOD: &str = "{ organisation { metrics(period: \"2025\") { sales { opportunityConversionRate { value outcome } } service { csatRate { value outcome } } } } }";

#[test]
fn bad_packs_dropped_into_a_service_under_load_fail_alone() {
    let (database, folder) = (Database::sqlite(), TempDir::new().expect("a temporary folder"));
    let generated = counterpoise().args(["generate", "--database-url", &database.url]).output().expect("counterpoise runs");
    assert!(generated.status.success(), "{}", text(&generated));
    for pack in ["sales", "service"] {
        let file = format!("lib{pack}.so");
        fs::copy(built().join("packs").join(&file), folder.path().join(&file)).expect("the pack was built");
    }
    let service = Service::with(database, &["--packs", folder.path().to_str().expect("a path in UTF-8")]);
    let expected = service.data(GOOD);
    assert_eq!(expected["organisation"]["metrics"]["sales"]["opportunityConversionRate"]["outcome"], "VALUE");
    let (done, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let stop_load = || done.store(true, Relaxed);
    std::thread::scope(|scope| {
        let load = || {
            while !done.load(Relaxed) {
                assert_eq!(service.data(GOOD), expected);
                answered.fetch_add(1, Relaxed);
            }
        };
        let threads = [scope.spawn(load), scope.spawn(load)];
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            BAD.iter().for_each(|bad| is_refused(&service, folder.path(), bad));
            sleeper_is_contained(&service, folder.path());
        }));
        stop_load();
        threads.into_iter().for_each(|thread| thread.join().expect("no query of a good pack fails"));
        tried.expect("each bad pack is refused with its code");
    });
    assert_eq!(service.data(GOOD), expected, "the service lives");
    println!("{} packs, {} queries of other packs answered meanwhile", BAD.len() + 1, answered.load(Relaxed));
    assert!(answered.load(Relaxed) > BAD.len() as u64);
}

fn is_refused(service: &Service, packs: &Path, bad: &Bad) {
    let file = drop_into(packs, bad);
    let pack = until(service, &file, "REFUSED");
    assert!(pack["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{pack:#}");
    assert_eq!(pack["refusals"][0]["code"], bad.code, "{}: {pack:#}", bad.name);
    fs::remove_file(file).expect("it is there");
}

/// Passes every probe, and ends its process once it is asked of eleven subjects.
fn sleeper_is_contained(service: &Service, packs: &Path) {
    let file = drop_into(packs, &bad("sleeper", "", "if (n == 11) abort();", ""));
    until(service, &file, "LOADED");
    let asked = "{ employees(first: 11) { nodes { metrics(period: \"2025\") { sleeper { same { outcome reason } } sales { amount { outcome } } } } } }";
    let begun = Instant::now();
    let answer = loop {
        // The schema follows the set of packs.
        let answer = service.answer(asked, Value::Null);
        if answer.get("errors").is_none() {
            break answer;
        }
        assert!(begun.elapsed() < BOUND, "{answer:#}");
    };
    let nodes = answer["data"]["employees"]["nodes"].as_array().expect("employees").clone();
    assert_eq!(nodes.len(), 11, "{answer:#}");
    for node in nodes {
        let metrics = &node["metrics"];
        assert_eq!(metrics["sleeper"]["same"]["outcome"], "FAULT", "{metrics:#}");
        assert_ne!(metrics["sales"]["amount"]["outcome"], "FAULT", "{metrics:#}");
    }
    let alone = service.data("{ organisation { metrics(period: \"2025\") { sleeper { same { outcome } } } } }");
    assert_eq!(alone["organisation"]["metrics"]["sleeper"]["same"]["outcome"], "VALUE", "its next batch is computed");
}

/// Each passes every probe, and never returns once it is asked of eleven subjects, whatever it is told.
const ENDLESS: [Bad; 2] =
    [bad("spins", "", "for (volatile int i = 0; n == 11; i++);", ""), bad("sleeps", "", "while (n == 11) sleep(1000);", "")];

#[test]
fn trusted_packs_that_never_return_cost_their_own_metrics_and_nothing_else() {
    let [folder, beside, store] = [(); 3].map(|()| TempDir::new().expect("a temporary folder"));
    let late = bad("late", "", "", "");
    fs::copy(built().join("packs/libsales.so"), folder.path().join("libsales.so")).expect("the pack was built");
    ENDLESS.iter().for_each(|bad| drop(drop_into(folder.path(), bad)));
    let trusted =
        ENDLESS.iter().map(|bad| hash(&folder.path().join(bad.name).with_extension("so"))).chain([hash(&drop_into(beside.path(), &late))]);
    let mut flags: Vec<String> = trusted.map(|hash| format!("--trust-hash={hash}")).collect();
    flags.extend([format!("--packs={}", folder.path().display()), format!("--pack-store={}", store.path().display())]);
    let mut service = Service::of_sample_with(Database::sqlite(), &flags.iter().map(String::as_str).collect::<Vec<_>>());

    let employees = |metrics: &str| {
        let data = service.data(&format!("{{ employees(first: 11) {{ nodes {{ metrics(period: \"2025\") {{ {metrics} }} }} }} }}"));
        data["employees"]["nodes"].as_array().expect("a list").iter().map(|node| node["metrics"].clone()).collect::<Vec<_>>()
    };
    let sales = "sales { amount { outcome value { amount } } orderCount { outcome value } }";
    let alone = employees(sales);
    assert_eq!(alone.len(), 11);
    for _ in 0..2 {
        let all = employees(&format!("{sales} spins {{ same {{ outcome reason }} }} sleeps {{ same {{ outcome reason }} }}"));
        for (metrics, alone) in all.iter().zip(&alone) {
            assert_eq!(metrics["sales"], alone["sales"]);
            for endless in ["spins", "sleeps"] {
                let same = &metrics[endless]["same"];
                assert_eq!(same["outcome"], "FAULT", "{metrics:#}");
                assert!(same["reason"].as_str().is_some_and(|reason| reason.contains("F_DEADLINE")), "{metrics:#}");
            }
        }
    }

    for bad in &ENDLESS {
        let pack = until(&service, &folder.path().join(bad.name).with_extension("so"), "QUARANTINED");
        assert!(pack["reason"].as_str().is_some_and(|reason| reason.contains("F_DEADLINE")), "{pack:#}");
    }
    // Two threads are lost, so that no more packs are let in; those that are stay.
    until(&service, &drop_into(folder.path(), &late), "LOADED");
    let tiers = service.data("{ packs { name tier } }");
    let tier = |name: &str| tiers["packs"].as_array().and_then(|packs| packs.iter().find(|pack| pack["name"] == name))?["tier"].as_str();
    assert_eq!((tier("late"), tier("sales"), tier("spins")), (Some("WORKER"), Some("IN_PROCESS"), Some("IN_PROCESS")), "{tiers:#}");
    assert_eq!(employees(&format!("{sales} late {{ same {{ outcome }} }}"))[0]["late"]["same"]["outcome"], "VALUE");
    service.terminate();
    assert!(service.ended().success(), "lost threads keep the service from its end");
}

/// As `--trust-hash` takes it.
fn hash(file: &Path) -> String {
    let run = Command::new("sha256sum").arg(file).output().expect("sha256sum runs");
    String::from_utf8_lossy(&run.stdout).split(' ').next().expect("a hash").to_owned()
}
