//! The store in sled, an embedded database: one folder, no server.

use super::{Changes, Store, StoreError, Table, seal::Seal, snapshot};
use sled::{Batch, Db, Mode};
use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Bytes of pages that sled keeps in memory; by default it would take a gigabyte.
const CACHE: u64 = 16 << 20;

/// Key of the seal. No table has this byte.
const SEAL: &[u8] = &[0xff];

/// Bytes that stay free: sled cannot go on after a write that found no room, so none is begun.
const SPARE: u64 = 8 << 20;

/// Bytes that sled may need for one byte of a commit.
const AMPLIFICATION: u64 = 4;

/// How often, and with which pauses, a locked sled is tried again.
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A store on disk.
pub struct SledStore {
    /// The folder of sled.
    home: PathBuf,
    /// The folder of the snapshots.
    dir: PathBuf,
    /// None after a failure, until it opens again.
    db: Option<Db>,
    /// Of what was committed.
    seal: Seal,
    /// How to take back a commit that failed: nobody knows how much of it reached the disk.
    undo: Option<Batch>,
    /// Keeps other processes out.
    _lock: File,
}

impl SledStore {
    /// Opens what is in `home`, and reads all of it.
    pub(super) fn open(dir: &Path, home: &Path, lock: File) -> Result<Self, StoreError> {
        let (db, seal) = guarded(|| {
            let db = open_db(home)?;
            let seal = check(&db)?;
            Ok((db, seal))
        })?;
        Ok(Self { home: home.to_owned(), dir: dir.to_owned(), db: Some(db), seal, undo: None, _lock: lock })
    }

    /// Commits since the store was made.
    pub(super) fn commits(&self) -> u64 {
        self.seal.commits
    }

    /// Takes up the count of a store that this one was rebuilt from.
    pub(super) fn resume(&mut self, commits: u64) -> Result<(), StoreError> {
        self.seal.commits = commits.saturating_sub(1);
        self.commit(&Changes::default())
    }

    /// The database, opened again after a failure.
    fn db(&mut self) -> Result<Db, StoreError> {
        if let Some(db) = &self.db {
            return Ok(db.clone());
        }
        let undo = self.undo.clone();
        let (db, seal) = guarded(|| {
            let db = open_db(&self.home)?;
            undo.map_or(Ok(()), |undo| write(&db, undo))?;
            let seal = check(&db)?;
            Ok((db, seal))
        })?;
        if seal != self.seal {
            return Err(StoreError::Damaged("it opens with other records than were committed".to_owned()));
        }
        self.undo = None;
        self.db = Some(db.clone());
        Ok(db)
    }

    fn room_for(&self, changes: &Changes) -> Result<(), StoreError> {
        let bytes: usize = changes.iter().map(|(_, key, value)| key.len() + value.map_or(0, <[u8]>::len)).sum();
        let needed = (bytes as u64).saturating_mul(AMPLIFICATION).saturating_add(SPARE);
        let free = fs2::available_space(&self.dir)?;
        if free < needed { Err(StoreError::Full { free, needed }) } else { Ok(()) }
    }
}

impl Store for SledStore {
    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let Some(db) = &self.db else { return Err(StoreError::Damaged("a write failed before".to_owned())) };
        guarded(|| {
            for record in db.scan_prefix([table.tag()]) {
                let (key, value) = record.map_err(error)?;
                each(key.get(1..).unwrap_or_default(), &value);
            }
            Ok(())
        })
    }

    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        self.room_for(changes)?;
        let db = self.db()?;
        let (batch, undo, seal) = guarded(|| plan(&db, changes, self.seal))?;
        if let Err(problem) = guarded(|| write(&db, batch)) {
            self.db = None;
            self.undo = Some(undo);
            return Err(problem);
        }
        self.seal = seal;
        Ok(())
    }

    fn snapshot(&mut self) -> Result<(), StoreError> {
        snapshot::write(&self.dir, self.commits(), self)
    }

    fn bytes(&self) -> u64 {
        self.db.as_ref().and_then(|db| db.size_on_disk().ok()).unwrap_or(0)
    }
}

/// The commit, how to take it back, and the seal after it.
fn plan(db: &Db, changes: &Changes, before: Seal) -> Result<(Batch, Batch, Seal), StoreError> {
    let (mut batch, mut undo, mut seal) = (Batch::default(), Batch::default(), before);
    for (table, key, value) in changes.iter() {
        let key = [&[table.tag()], key].concat();
        match db.get(&key).map_err(error)? {
            Some(old) => {
                seal.take(&key, &old);
                undo.insert(key.clone(), old);
            }
            None => undo.remove(key.clone()),
        }
        match value {
            Some(value) => {
                seal.add(&key, value);
                batch.insert(key, value);
            }
            None => batch.remove(key),
        }
    }
    seal.commits = seal.commits.saturating_add(1);
    batch.insert(SEAL, seal.to_bytes());
    undo.insert(SEAL, before.to_bytes());
    Ok((batch, undo, seal))
}

fn write(db: &Db, batch: Batch) -> Result<(), StoreError> {
    db.apply_batch(batch).map_err(error)?;
    db.flush().map_err(error).map(drop)
}

/// Opens sled. Its lock may be held for a moment by the probe of a process that was killed while it started.
fn open_db(home: &Path) -> Result<Db, StoreError> {
    let mut tries = 0;
    loop {
        let config = sled::Config::new().path(home).cache_capacity(CACHE).mode(Mode::LowSpace);
        // Each commit is flushed, so nothing is left for a thread to do from time to time.
        match config.flush_every_ms(None).open() {
            Err(error) if is_locked(&error) && tries < LOCK_TRIES => {
                tries += 1;
                thread::sleep(LOCK_PAUSE);
            }
            result => return result.map_err(self::error),
        }
    }
}

fn is_locked(error: &sled::Error) -> bool {
    // There is no kind for it.
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

/// Reads every record and holds them to the seal.
fn check(db: &Db) -> Result<Seal, StoreError> {
    let (mut found, mut sealed) = (Seal::default(), None);
    for record in db.iter() {
        let (key, value) = record.map_err(error)?;
        if &key[..] == SEAL {
            let seal = Seal::from_bytes(&value).ok_or_else(|| StoreError::Damaged("the seal is broken".to_owned()))?;
            sealed = Some(seal);
        } else {
            found.add(&key, &value);
        }
    }
    match sealed {
        Some(seal) if seal.has_the_records_of(&found) => Ok(seal),
        Some(seal) => {
            Err(StoreError::Damaged(format!("{} records are there, {} were written", found.records, seal.records)))
        }
        None if found.records == 0 => Ok(Seal::default()),
        None => Err(StoreError::Damaged("the seal is missing".to_owned())),
    }
}

/// Opens and reads everything in `home`, for a process that may die of it.
pub(super) fn try_out(home: &Path) -> Result<(), StoreError> {
    guarded(|| check(&open_db(home)?).map(drop))
}

/// What sled says, as a decision: the operating system refused, or the store is damaged.
fn error(error: sled::Error) -> StoreError {
    match error {
        locked @ sled::Error::Io(_) if is_locked(&locked) => StoreError::Io(locked.into()),
        sled::Error::Io(error) if error.raw_os_error().is_some() => StoreError::Io(error),
        other => StoreError::Damaged(other.to_string()),
    }
}

/// Runs what may panic inside sled when it meets a damaged file.
fn guarded<T>(run: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let panicked = |cause: Box<dyn std::any::Any + Send>| {
        let words = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref().copied());
        Err(StoreError::Damaged(words.unwrap_or("sled panicked").to_owned()))
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(panicked)
}
