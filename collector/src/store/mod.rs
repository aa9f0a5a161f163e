//! Where a collector keeps what it must not forget.
//!
//! A store is a handful of tables of bytes that change together or not at all. What the bytes mean is the business of those
//! who write them, so that a home of the store is small: [`MemoryStore`], and [`SledStore`] on disk.

mod damaged;
mod memory;
mod open;
mod probe;
mod seal;
mod sled;
mod snapshot;

pub use memory::MemoryStore;
pub use open::{Claimed, OpenError, Opened, Rebuilt, claim, latest_snapshot, open};
pub use probe::{probe_main, run_probe};
pub use sled::SledStore;

use std::{collections::BTreeMap, io};
use thiserror::Error;

/// The tables, in the order of a snapshot: what cannot be seen again on the network comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// What there is one of: the schema's version, the key of the ids, the counters.
    Meta = 1,
    /// Findings and their lives.
    Findings = 2,
    /// Ids under which devices were ever listed, and those they go by.
    Devices = 3,
    /// Agents.
    Agents = 4,
    /// Streams of agents, and how far each has come.
    Streams = 5,
    /// What was captured.
    Captures = 6,
    /// Who sent frames from where.
    Places = 7,
    /// What speakers said about devices.
    Descriptions = 8,
    /// Who spoke with whom.
    Conversations = 9,
}

impl Table {
    /// Every table, in order.
    pub const ALL: [Self; 9] = [
        Self::Meta,
        Self::Findings,
        Self::Devices,
        Self::Agents,
        Self::Streams,
        Self::Captures,
        Self::Places,
        Self::Descriptions,
        Self::Conversations,
    ];

    /// The byte that stands for it on disk.
    pub const fn tag(self) -> u8 {
        self as u8
    }

    /// The table that a byte stands for.
    pub fn of_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.tag() == tag)
    }
}

/// What is to change at once: values by table and key, none where a key is to go. The last change of a key counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>);

impl Changes {
    /// Writes a value.
    pub fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert((table, key), Some(value));
    }

    /// Removes a key; one that is not there is no error.
    pub fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.0.insert((table, key), None);
    }

    /// Every change, by table and key.
    pub fn iter(&self) -> impl Iterator<Item = (Table, &[u8], Option<&[u8]>)> {
        self.0.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_deref()))
    }

    /// How many keys change.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A home of what a collector keeps.
pub trait Store: Send {
    /// Shows every key of a table with its value, by key.
    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError>;

    /// Makes the changes: all of them, lasting when it returns; after an error, none.
    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError>;

    /// Writes a copy to rebuild from, where the home has a place for one.
    fn snapshot(&mut self) -> Result<(), StoreError>;

    /// Bytes taken up.
    fn bytes(&self) -> u64;
}

/// A store that did not do what it was asked for.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("the store cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// There is no room on the disk.
    #[error("the disk of the store is full: {free} bytes are free, {needed} are needed")]
    Full {
        /// Bytes free.
        free: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// What was read is not what was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Something that is to be written has no form on disk.
    #[error("cannot be written as JSON: {0}")]
    Form(#[from] serde_json::Error),
}
