//! What a child gives up before it runs foreign code, in two steps: before a library is mapped, whose constructors run then, and
//! before a metric is called. Nothing given up comes back.
//!
//! A kernel may lack some of it. Then the child says what is missing, and the host says it to the operator.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope, path_beneath_rules,
};
use libc::c_long;
use rustix::process::{Resource, Rlimit, getpid, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// What a child could not give up.
pub(crate) type Missing = Vec<String>;

/// Address space beyond what the child has when it begins.
const MEMORY: u64 = 512 << 20;
/// A file may be written that is no longer: more than a probe keeps of what a pack prints, which has an end of its own.
const WRITTEN: u64 = 128 << 10;
/// The newest version of Landlock whose restrictions are asked for.
const LANDLOCK: ABI = ABI::V6;
/// Where a library may find the system's libraries that it links to, and where a child looks at itself.
const READABLE: [&str; 8] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store", "/etc/ld.so.cache", "/proc/self", "/dev/null"];

/// A pack neither writes files nor starts programs, and has no business with the network or with other processes.
const NEVER: [c_long; 43] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_capset,
    libc::SYS_truncate,
    libc::SYS_ftruncate,
    libc::SYS_open_by_handle_at,
    libc::SYS_shmat,
];

/// All that computing takes: memory, the channel, an end; and what the C library does to stop itself.
const COMPUTING: [c_long; 24] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_futex,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_sched_yield,
    // The keys of the standard library's hash tables.
    libc::SYS_getrandom,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_membarrier,
];

/// Questions that the C library asks before it writes to a stream, among others, and can do without an answer to.
const UNANSWERED: [c_long; 6] =
    [libc::SYS_fstat, libc::SYS_newfstatat, libc::SYS_statx, libc::SYS_ioctl, libc::SYS_lseek, libc::SYS_sched_getaffinity];

/// How many threads a pack can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    None,
    /// As many as it likes, to be counted.
    Counted,
}

/// Before a library is mapped.
pub(crate) fn before_loading(library: &Path, threads: Threads) -> Missing {
    let mut missing = Missing::new();
    note(&mut missing, "no_new_privs", rustix::thread::set_no_new_privs(true));
    note(&mut missing, "limits of resources", limit());
    let readable = READABLE.iter().copied().map(Path::new).chain([library]);
    landlock(&mut missing, |ruleset| ruleset.add_rules(path_beneath_rules(readable, AccessFs::from_read(ABI::V1))));
    note(&mut missing, "the filter of system calls while loading", forbid(threads));
    missing
}

/// Before a metric is called. There must be one thread only.
pub(crate) fn before_calling() -> Missing {
    let mut missing = Missing::new();
    landlock(&mut missing, Ok);
    note(&mut missing, "the filter of system calls while computing", allow_computing());
    missing
}

fn note<E: std::fmt::Display>(missing: &mut Missing, what: &str, result: Result<(), E>) {
    if let Err(error) = result {
        missing.push(format!("{what} ({error})"));
    }
}

fn limit() -> rustix::io::Result<()> {
    let only = |most| Rlimit { current: Some(most), maximum: Some(most) };
    let pages = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let size = pages.unwrap_or(0) * rustix::param::page_size() as u64;
    for (resource, most) in [
        (Resource::As, size + MEMORY),
        (Resource::Core, 0),
        (Resource::Fsize, WRITTEN),
        (Resource::Nofile, 64),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ] {
        setrlimit(resource, only(most))?;
    }
    Ok(())
}

/// Denies everything in the file system and the network but what the rules allow.
fn landlock(missing: &mut Missing, rules: impl FnOnce(landlock::RulesetCreated) -> Result<landlock::RulesetCreated, RulesetError>) {
    let restrict = || {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
        let ruleset = ruleset.handle_access(AccessFs::from_all(LANDLOCK))?.handle_access(AccessNet::from_all(LANDLOCK))?;
        let ruleset = ruleset.scope(Scope::from_all(LANDLOCK))?.create()?;
        rules(ruleset)?.restrict_self()
    };
    match restrict() {
        Ok(status) if status.ruleset == RulesetStatus::FullyEnforced => {}
        Ok(status) if status.ruleset == RulesetStatus::PartiallyEnforced => missing.push("parts of Landlock (an older kernel)".into()),
        Ok(_) => missing.push("Landlock (not in this kernel)".into()),
        Err(error) => missing.push(format!("Landlock ({error})")),
    }
}

type Filter = Result<(), seccompiler::Error>;

/// The step before loading: what no pack ever needs fails, as if the user had no right to it.
fn forbid(threads: Threads) -> Filter {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = NEVER.into_iter().map(|call| (call, vec![])).collect();
    #[cfg(target_arch = "x86_64")]
    rules.extend([libc::SYS_fork, libc::SYS_vfork].map(|call| (call, vec![])));
    let processes = match threads {
        Threads::None => vec![],
        Threads::Counted => vec![argument(0, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?],
    };
    rules.insert(libc::SYS_clone, processes);
    // Aborting is signalling oneself.
    rules.insert(libc::SYS_tgkill, vec![argument(0, SeccompCmpOp::Ne, own_id())?]);
    apply(rules, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?;
    // Its flags cannot be looked at; who is told that it is not there takes `clone`.
    apply([(libc::SYS_clone3, vec![])].into(), SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))
}

/// The step before calling: what is not computing ends the process.
fn allow_computing() -> Filter {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = COMPUTING.into_iter().chain(UNANSWERED).map(|call| (call, vec![])).collect();
    let not_run = SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64);
    rules.insert(libc::SYS_mmap, vec![argument(2, not_run.clone(), 0)?]);
    rules.insert(libc::SYS_mprotect, vec![argument(2, not_run, 0)?]);
    rules.insert(libc::SYS_tgkill, vec![argument(0, SeccompCmpOp::Eq, own_id())?]);
    // First, since no filter can be added after the other.
    let unanswered = UNANSWERED.into_iter().map(|call| (call, vec![])).collect();
    apply(unanswered, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?;
    apply(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

fn own_id() -> u64 {
    u64::from(getpid().as_raw_nonzero().get().unsigned_abs())
}

fn argument(index: u8, compare: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::Error> {
    Ok(SeccompRule::new(vec![SeccompCondition::new(index, Dword, compare, value)?])?)
}

fn apply(rules: BTreeMap<c_long, Vec<SeccompRule>>, otherwise: SeccompAction, matched: SeccompAction) -> Filter {
    let architecture = if cfg!(target_arch = "x86_64") { TargetArch::x86_64 } else { TargetArch::aarch64 };
    let program: BpfProgram = SeccompFilter::new(rules, otherwise, matched, architecture)?.try_into()?;
    seccompiler::apply_filter_all_threads(&program)
}
