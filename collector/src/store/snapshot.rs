//! A copy of the store in a file of our own, to rebuild it from: records in frames, each with its length and checksum.
//!
//! `"WWSNAP01"`, then frames: length of the payload (u32), CRC-32 of the payload (u32), payload; all numbers in network
//! order. Payloads: `H` and the number of commits (u64); `R`, the table, length of the key (u32), key, value; at the end `E`
//! and the number of records (u64).

use super::{Changes, Store, StoreError, Table, damaged::numbered};
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

const MAGIC: &[u8; 8] = b"WWSNAP01";
const PREFIX: &str = "snapshot-";
const SUFFIX: &str = ".wws";

/// Name while it is written.
const UNFINISHED: &str = "snapshot.unfinished";

/// Snapshots kept.
const KEPT: usize = 2;

/// Longest frame, bytes: a length beyond is damage. The longest record is a conversation with all details there may be.
const MAX_FRAME: usize = 64 << 20;

/// Records written back at once.
const PORTION: usize = 1_000;

/// Writes a snapshot; it has its name only when it is whole and on the disk.
pub(super) fn write(dir: &Path, commits: u64, store: &dyn Store) -> Result<(), StoreError> {
    let known = numbered(dir, PREFIX, SUFFIX)?;
    let next = known.last().map_or(1, |(number, _)| number + 1);
    let unfinished = dir.join(UNFINISHED);
    let mut out = BufWriter::new(File::create(&unfinished)?);
    out.write_all(MAGIC)?;
    frame(&mut out, &[&b"H"[..], &commits.to_be_bytes()])?;
    let mut records = 0u64;
    for table in Table::ALL {
        let mut result = Ok(());
        store.scan(table, &mut |key, value| {
            if result.is_ok() {
                let length = u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes();
                result = frame(&mut out, &[b"R", &[table.tag()], &length, key, value]);
                records += 1;
            }
        })?;
        result?;
    }
    frame(&mut out, &[&b"E"[..], &records.to_be_bytes()])?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&unfinished, dir.join(format!("{PREFIX}{next:010}{SUFFIX}")))?;
    File::open(dir)?.sync_all()?;
    let surplus = (known.len() + 1).saturating_sub(KEPT);
    known.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))?;
    Ok(())
}

fn frame(out: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let mut checksum = crc32fast::Hasher::new();
    parts.iter().for_each(|part| checksum.update(part));
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).ok().filter(|length| *length as usize <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other("a record is too long for a snapshot"))?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&checksum.finalize().to_be_bytes())?;
    parts.iter().try_for_each(|part| out.write_all(part))
}

/// What is known of a snapshot without its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    path: PathBuf,
    /// Commits of the store when it was made.
    pub(super) commits: u64,
    /// Records that can be read.
    pub(super) records: u64,
    /// Nothing is missing.
    is_whole: bool,
}

/// The best snapshot there is: the latest that is whole, or else the one from which most can be read.
pub(super) fn best(dir: &Path) -> io::Result<Option<Snapshot>> {
    let mut best: Option<Snapshot> = None;
    for (_, path) in numbered(dir, PREFIX, SUFFIX)?.into_iter().rev() {
        let Ok(snapshot) = read(&path, &mut |_, _, _| Ok(())) else { continue };
        if snapshot.is_whole {
            return Ok(Some(snapshot));
        }
        if best.as_ref().is_none_or(|best| best.records < snapshot.records) {
            best = Some(snapshot);
        }
    }
    Ok(best)
}

impl Snapshot {
    /// Writes the records to a store.
    pub(super) fn restore(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        read(&self.path, &mut |table, key, value| {
            changes.put(table, key.to_vec(), value.to_vec());
            if changes.len() >= PORTION {
                store.commit(&std::mem::take(&mut changes))?;
            }
            Ok(())
        })?;
        store.commit(&changes)
    }
}

/// Takes a record.
type Each<'a> = dyn FnMut(Table, &[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Reads up to the end or to the first frame that is not as it was written.
fn read(path: &Path, each: &mut Each<'_>) -> Result<Snapshot, StoreError> {
    let mut input = BufReader::new(File::open(path)?);
    let mut magic = [0; MAGIC.len()];
    input.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(StoreError::Damaged("not a snapshot of this version".to_owned()));
    }
    let mut snapshot = Snapshot { path: path.to_owned(), commits: 0, records: 0, is_whole: false };
    while let Some(payload) = next_frame(&mut input) {
        match payload.split_first() {
            Some((b'H', commits)) => snapshot.commits = number(commits).unwrap_or(0),
            Some((b'R', record)) => {
                let Some((table, key, value)) = parts(record) else { break };
                each(table, key, value)?;
                snapshot.records += 1;
            }
            Some((b'E', records)) => {
                snapshot.is_whole = number(records) == Some(snapshot.records);
                break;
            }
            _ => break,
        }
    }
    Ok(snapshot)
}

fn next_frame(input: &mut impl Read) -> Option<Vec<u8>> {
    let mut word = [0; 4];
    input.read_exact(&mut word).ok()?;
    let length = usize::try_from(u32::from_be_bytes(word)).ok().filter(|length| *length <= MAX_FRAME)?;
    input.read_exact(&mut word).ok()?;
    let mut payload = Vec::new();
    input.take(length as u64).read_to_end(&mut payload).ok()?;
    (payload.len() == length && crc32fast::hash(&payload) == u32::from_be_bytes(word)).then_some(payload)
}

fn parts(record: &[u8]) -> Option<(Table, &[u8], &[u8])> {
    let (tag, rest) = record.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (key, value) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((Table::of_tag(*tag)?, key, value))
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}
