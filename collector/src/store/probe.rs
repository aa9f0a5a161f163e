//! Opens a store in a process of its own first: sled may panic on a thread that nobody can catch, or wait for it for ever.

use super::{StoreError, sled};
use std::{
    io,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

/// Exit codes of the probe: it opens; it is damaged; the operating system refused.
const SOUND: u8 = 0;
const DAMAGED: u8 = 3;
const REFUSED: u8 = 4;

/// How long a probe may take: this much, and a second for each [`BYTES_IN_A_SECOND`].
const PATIENCE: Duration = Duration::from_secs(60);

/// Slowest disk to be expected.
const BYTES_IN_A_SECOND: u64 = 4 << 20;

/// How often to look whether the probe is done.
const GLANCE: Duration = Duration::from_millis(10);

/// What the hidden subcommand of the probe does: opens the sled folder `home`, reads everything, and answers with the exit
/// code that [`open`](super::open) understands.
pub fn probe_main(home: &Path) -> u8 {
    match sled::try_out(home) {
        Ok(()) => SOUND,
        Err(StoreError::Io(_) | StoreError::Full { .. }) => REFUSED,
        Err(StoreError::Damaged(_) | StoreError::Form(_)) => DAMAGED,
    }
}

/// Runs a probe, silently and for a limited time: how it ended, or none where it took too long.
pub fn run_probe(command: &mut Command, home: &Path) -> io::Result<Option<ExitStatus>> {
    let bytes = folder_size(home);
    let patience = PATIENCE + Duration::from_secs(bytes / BYTES_IN_A_SECOND);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    wait(child, patience)
}

fn wait(mut child: Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let mut waited = Duration::ZERO;
    while waited < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(GLANCE);
        waited += GLANCE;
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Signals that a process ends itself with when something in it goes wrong: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV,
/// SIGSYS, by their numbers on Linux. All others come from outside.
const CRASHES: [i32; 7] = [4, 5, 6, 7, 8, 11, 31];

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Sound,
    Damaged,
    /// A signal from outside ended the probe before it knew.
    Interrupted(i32),
    /// It is not known, and no reason to throw anything away.
    Unknown,
}

impl Verdict {
    pub(super) fn of(ended: io::Result<Option<ExitStatus>>) -> Self {
        let Ok(ended) = ended else { return Self::Unknown };
        // sled may wait for a thread that died of the damage.
        let Some(status) = ended else { return Self::Damaged };
        match (status.code(), status.signal()) {
            (Some(code), _) if code == i32::from(SOUND) => Self::Sound,
            (Some(code), _) if code == i32::from(REFUSED) => Self::Unknown,
            (_, Some(signal)) if !CRASHES.contains(&signal) => Self::Interrupted(signal),
            // Also what a panic ends with.
            _ => Self::Damaged,
        }
    }
}

/// Bytes in the files of a folder, one level deep and in its `blobs`.
fn folder_size(folder: &Path) -> u64 {
    let Ok(entries) = folder.read_dir() else { return 0 };
    let size = |entry: io::Result<std::fs::DirEntry>| {
        let entry = entry.ok()?;
        let metadata = entry.metadata().ok()?;
        Some(if metadata.is_dir() { folder_size(&entry.path()) } else { metadata.len() })
    };
    entries.filter_map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_that_hangs_is_ended_and_its_store_is_damaged() {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let status = wait(child, Duration::from_millis(50));
        assert_eq!(Verdict::of(status), Verdict::Damaged);
    }

    /// A probe that ends itself with a signal.
    fn ended_by(signal: &str) -> Verdict {
        Verdict::of(run_probe(
            Command::new("sh").args(["-c", &format!("ulimit -c 0; kill -s {signal} $$")]),
            Path::new("/no/such/folder"),
        ))
    }

    #[test]
    fn a_probe_that_crashes_tells_of_damage_and_one_that_is_killed_does_not() {
        for crash in ["ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "SYS"] {
            assert_eq!(ended_by(crash), Verdict::Damaged, "{crash}");
        }
        for (signal, number) in [("HUP", 1), ("INT", 2), ("KILL", 9), ("TERM", 15), ("XCPU", 24)] {
            assert_eq!(ended_by(signal), Verdict::Interrupted(number));
        }
    }

    #[test]
    fn a_probe_that_cannot_run_condemns_nothing() {
        let status = run_probe(&mut Command::new("/no/such/program"), Path::new("/no/such/folder"));
        assert_eq!(Verdict::of(status), Verdict::Unknown);
    }
}
