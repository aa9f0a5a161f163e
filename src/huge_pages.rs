//! Memory in huge pages, where the kernel gives them to who asks.
//!
//! Flows and devices are many small pieces of memory all over the heap, so on pages of 4 KiB much of the time goes to
//! looking up where they are. glibc's `malloc` asks for huge pages if its settings say so, which it reads from the
//! environment before a program begins; hence the second start. Measured: docs/performance.md.

use std::{
    env, fs,
    os::unix::process::CommandExt,
    process::{self, Command},
};

/// Settings of glibc, which someone else may have made already.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// `malloc` asks for transparent huge pages (glibc 2.35 and later; others ignore it).
const ASK: &str = "glibc.malloc.hugetlb=1";
/// Says that this is the second start: programs with file capabilities do not get to see their tunables.
const STARTED_BY: &str = "WARDWATCH_STARTED_BY";
/// When the kernel gives huge pages: `always [madvise] never`.
const OFFER: &str = "/sys/kernel/mm/transparent_hugepage/enabled";

/// Starts the program again, in the same process, if that is what it takes. Goes on without huge pages where it fails.
pub(crate) fn ask() {
    // The process stays the same, so an environment that came from another one says nothing.
    let own = process::id().to_string();
    if env::var_os(TUNABLES).is_some() || env::var(STARTED_BY).is_ok_and(|by| by == own) {
        return;
    }
    if !fs::read_to_string(OFFER).is_ok_and(|offer| offer.contains("[madvise]")) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    let error = again.args(arguments).env(TUNABLES, ASK).env(STARTED_BY, own).exec();
    tracing::debug!(%error, "no huge pages: the program could not be started again");
}
