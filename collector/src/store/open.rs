//! Opens the store on disk, whatever state it is in: what is damaged is set aside and made anew from the latest snapshot.

use super::{
    MemoryStore, SledStore, StoreError,
    damaged::set_aside,
    probe::Verdict,
    snapshot::{self, Snapshot},
};
use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    thread,
    time::Duration,
};
use thiserror::Error;

/// The folder of sled, and the one in which it is made anew.
const HOME: &str = "store";
const ANEW: &str = "store.new";

/// A file that the process which has the store open keeps locked.
const LOCK: &str = "lock";

/// A store that is open.
pub struct Opened {
    /// The store.
    pub store: SledStore,
    /// Set where it was damaged.
    pub rebuilt: Option<Rebuilt>,
}

/// What was done about a damaged store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// What was wrong.
    pub damage: String,
    /// Where the damaged store is now; none where nothing of it was left.
    pub set_aside: Option<PathBuf>,
    /// Records that a snapshot brought back.
    pub records: u64,
}

/// A store that cannot be opened, and that nothing was done to.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{0} is in use by another process; give this one a folder of its own (--data-dir)")]
    InUse(PathBuf),
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The process that tries the store out was ended from outside.
    #[error(
        "{path}: signal {signal} ended the process that tries the store out before it could tell whether it is sound; nothing \
         was changed. Start again; give it more memory if the system ended it for want of that (signal 9)"
    )]
    Interrupted {
        /// The folder.
        path: PathBuf,
        /// Number of the signal.
        signal: i32,
    },
    /// It is sound and does not open for another reason.
    #[error("{path}: {source}")]
    Store {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: StoreError,
    },
}

/// Runs the probe of a store: how it ended, or none where it took too long.
type Probe<'a> = dyn Fn(&Path) -> io::Result<Option<ExitStatus>> + 'a;

/// A folder that is this process's, and of which it is known whether a store in it is sound. Nothing of it is open yet, and no
/// thread was started.
pub struct Claimed {
    dir: PathBuf,
    lock: File,
    verdict: Verdict,
}

/// Takes the folder `dir`, which is made where it is missing. `probe` runs [`probe_main`](super::probe_main) on the folder it is
/// given in a process of its own, with [`run_probe`](super::run_probe).
pub fn claim(dir: &Path, probe: &Probe<'_>) -> Result<Claimed, OpenError> {
    let io = |source| OpenError::Io { path: dir.to_owned(), source };
    // The key of the ids is in it.
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io)?;
    let lock = File::create(dir.join(LOCK)).map_err(io)?;
    try_lock(&lock).map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse(dir.to_owned()),
        TryLockError::Error(error) => io(error),
    })?;
    let home = dir.join(HOME);
    let verdict = if home.exists() { Verdict::of(probe(&home)) } else { Verdict::Unknown };
    if let Verdict::Interrupted(signal) = verdict {
        return Err(OpenError::Interrupted { path: dir.to_owned(), signal });
    }
    Ok(Claimed { dir: dir.to_owned(), lock, verdict })
}

/// Takes a folder and opens the store in it.
pub fn open(dir: &Path, probe: &Probe<'_>) -> Result<Opened, OpenError> {
    claim(dir, probe)?.open()
}

/// What the latest snapshot in a folder holds, whoever has the store there open; none where there is no snapshot.
pub fn latest_snapshot(dir: &Path) -> Result<Option<MemoryStore>, OpenError> {
    let best = snapshot::best(dir).map_err(|source| OpenError::Io { path: dir.to_owned(), source })?;
    let Some(best) = best else { return Ok(None) };
    let mut store = MemoryStore::default();
    best.restore(&mut store).map_err(|source| OpenError::Store { path: dir.to_owned(), source })?;
    Ok(Some(store))
}

impl Claimed {
    /// Opens the store.
    pub fn open(self) -> Result<Opened, OpenError> {
        let Self { dir, lock, verdict } = self;
        let (dir, home) = (dir.as_path(), dir.join(HOME));
        let io = |source| OpenError::Io { path: dir.to_owned(), source };
        let store = |source| OpenError::Store { path: dir.to_owned(), source };
        let snapshot = snapshot::best(dir).map_err(io)?;
        let second = || lock.try_clone().map_err(io);
        let damage = match open_sound(dir, second()?, snapshot.as_ref(), verdict) {
            Ok(store) => return Ok(Opened { store, rebuilt: None }),
            Err(StoreError::Damaged(damage)) => damage,
            Err(other) => return Err(store(other)),
        };
        let set_aside = home.exists().then(|| set_aside(dir, &home)).transpose().map_err(io)?;
        tracing::error!(damage, ?set_aside, "the store is damaged; it is made anew from the latest snapshot");
        restore(dir, second()?, snapshot.as_ref()).map_err(store)?;
        let reopened = SledStore::open(dir, &home, lock).map_err(store)?;
        let records = snapshot.map_or(0, |snapshot| snapshot.records);
        Ok(Opened { store: reopened, rebuilt: Some(Rebuilt { damage, set_aside, records }) })
    }
}

/// Takes the lock, with a little patience: of a process that was killed while it started a probe, the probe to be has the lock
/// until it is one.
fn try_lock(lock: &File) -> Result<(), TryLockError> {
    const TRIES: u32 = 20;
    for _ in 1..TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(50)),
            settled => return settled,
        }
    }
    lock.try_lock()
}

/// Opens what is there, if nothing of it is missing.
fn open_sound(dir: &Path, lock: File, snapshot: Option<&Snapshot>, verdict: Verdict) -> Result<SledStore, StoreError> {
    if verdict == Verdict::Damaged {
        return Err(StoreError::Damaged("it does not open".to_owned()));
    }
    let store = SledStore::open(dir, &dir.join(HOME), lock)?;
    match snapshot {
        Some(snapshot) if store.commits() < snapshot.commits => {
            Err(StoreError::Damaged("it is older than its snapshot".to_owned()))
        }
        _ => Ok(store),
    }
}

/// Makes a store of a snapshot. It gets its name when it is whole, so that a process that dies here begins again.
fn restore(dir: &Path, lock: File, snapshot: Option<&Snapshot>) -> Result<(), StoreError> {
    let anew = dir.join(ANEW);
    if anew.exists() {
        fs::remove_dir_all(&anew)?;
    }
    let mut store = SledStore::open(dir, &anew, lock)?;
    if let Some(snapshot) = snapshot {
        snapshot.restore(&mut store)?;
        store.resume(snapshot.commits)?;
    }
    drop(store);
    fs::rename(&anew, dir.join(HOME))?;
    File::open(dir)?.sync_all()?;
    Ok(())
}
