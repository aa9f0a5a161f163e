//! System calls (seccomp(2)). Three lists, each for its threads, and one of calls that end the process.
//!
//! A call that is on no list is answered ENOSYS, as by a kernel that lacks it: libraries know that answer and do without, so
//! that a new version of one breaks nothing. Threads that read packets are answered EPERM. What nobody calls by mistake, such
//! as starting a program, ends the process before anything comes of it, and the kernel's audit log names the call.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Programs for the kernel.
pub(super) struct Filters {
    forbidden: BpfProgram,
    process: BpfProgram,
    capture: BpfProgram,
    opener: BpfProgram,
}

impl Filters {
    /// For a process that connects to others, or does not.
    pub(super) fn new(speaks: bool) -> Result<Self, String> {
        let allow = |rules, otherwise| compile(rules, otherwise, SeccompAction::Allow);
        let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
        let mut process = rules(&[EVERY_THREAD, FILES, SERVING, OLD_CALLS]);
        restrict_memory(&mut process)?;
        restrict_sockets(&mut process, speaks)?;
        let mut capture = rules(&[EVERY_THREAD, CAPTURE, OLD_CAPTURE]);
        restrict_memory(&mut capture)?;
        let mut opener = rules(&[EVERY_THREAD, CAPTURE, OLD_CAPTURE, OPENER]);
        restrict_memory(&mut opener)?;
        Ok(Self {
            forbidden: compile(rules(&[FORBIDDEN]), SeccompAction::Allow, SeccompAction::KillProcess)?,
            process: allow(process, SeccompAction::Errno(libc::ENOSYS.cast_unsigned()))?,
            capture: allow(capture, refuse.clone())?,
            opener: allow(opener, refuse)?,
        })
    }

    /// Restricts this thread and those that it will start.
    pub(super) fn restrict_process(&self) -> Result<(), String> {
        apply(&self.forbidden)?;
        apply(&self.process)
    }

    /// Restricts a thread of a restricted process further: it only takes packets out of memory.
    pub(super) fn restrict_capture(&self) -> Result<(), String> {
        apply(&self.capture)
    }

    /// Restricts the thread that opens packet sockets.
    pub(super) fn restrict_opener(&self) -> Result<(), String> {
        apply(&self.forbidden)?;
        apply(&self.opener)
    }
}

fn rules(lists: &[&[i64]]) -> Rules {
    lists.iter().copied().flatten().map(|call| (*call, Vec::new())).collect()
}

/// No new code: memory that can be run is not had any more.
fn restrict_memory(rules: &mut Rules) -> Result<(), String> {
    /// PROT_EXEC of mman.h.
    const RUN: u64 = 4;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![when(2, SeccompCmpOp::MaskedEq(RUN), 0)?]);
    }
    Ok(())
}

/// Sockets for the service manager and to ask the kernel; where the process speaks to others, also for that.
fn restrict_sockets(rules: &mut Rules, speaks: bool) -> Result<(), String> {
    let others: &[i32] = if speaks { &[libc::AF_INET, libc::AF_INET6] } else { &[] };
    let families = [libc::AF_UNIX, libc::AF_NETLINK].iter().chain(others);
    let families = families.map(|family| when(0, SeccompCmpOp::Eq, (*family).cast_unsigned().into()));
    rules.insert(libc::SYS_socket, families.collect::<Result<_, _>>()?);
    Ok(())
}

fn when(argument: u8, how: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())
}

fn compile(rules: Rules, otherwise: SeccompAction, listed: SeccompAction) -> Result<BpfProgram, String> {
    let processor = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(rules, otherwise, listed, processor).map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

fn apply(program: &BpfProgram) -> Result<(), String> {
    apply_filter(program).map_err(|error| format!("seccomp: {error}"))
}

/// Nobody calls these by mistake: running programs, looking into other processes, changing the system.
const FORBIDDEN: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
];

/// Memory, locks, time, signals to itself, ending.
const EVERY_THREAD: &[i64] = &[
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_getrandom,
    libc::SYS_prctl,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What a worker asks of a ring that it was given, and the fallback of its socket.
const CAPTURE: &[i64] = &[
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_ioctl,
];

/// What opening a packet socket takes.
const OPENER: &[i64] = &[libc::SYS_socket, libc::SYS_bind, libc::SYS_setsockopt, libc::SYS_sendto, libc::SYS_fcntl];

/// The store, the configuration, what /proc and /sys tell.
const FILES: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_close_range,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_lseek,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_fallocate,
    libc::SYS_ftruncate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_copy_file_range,
    libc::SYS_fadvise64,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_dup,
    libc::SYS_dup3,
];

/// Threads, events, connections that came in, and the filters of threads that are restricted further.
const SERVING: &[i64] = &[
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_seccomp,
    libc::SYS_sched_setaffinity,
    libc::SYS_get_robust_list,
    libc::SYS_membarrier,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_accept4,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_shutdown,
    libc::SYS_ioctl,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getrusage,
    libc::SYS_prlimit64,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
];

/// Older calls that newer processors do not have, and that libraries still make where there are both.
#[cfg(target_arch = "x86_64")]
const OLD_CALLS: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_chmod,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD_CALLS: &[i64] = &[];

#[cfg(target_arch = "x86_64")]
const OLD_CAPTURE: &[i64] = &[libc::SYS_poll, libc::SYS_select];
#[cfg(not(target_arch = "x86_64"))]
const OLD_CAPTURE: &[i64] = &[];
