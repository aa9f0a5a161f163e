//! Everything agents reported, in memory as in the store.

use super::{
    room::{Reason, Room},
    shelf::{self, Key, Shelf, stored, unstored},
    streams::{self, Agent, Standing, Streams},
};
use crate::store::{Changes, Store, StoreError, Table};
use std::collections::BTreeMap;
use wardwatch_model::{
    CaptureFacts, Conversation, ConversationKey, Description, Facts, PacketTime, Place, Report, Seen, Sighting,
    StreamId, config::Config,
};

/// How long facts are kept that are not seen again: 400 days of packet time, so that a device that is used once a year is
/// remembered.
pub(crate) const RETENTION_DAYS: u64 = 400;

/// Nanoseconds in a day.
const DAY: u64 = 86_400_000_000_000;

/// Places for each device there may be.
const PLACES_PER_DEVICE: usize = 16;

/// How much is kept of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    places: Room,
    descriptions: Room,
    conversations: Room,
}

impl Limits {
    pub(crate) fn of(config: &Config) -> Self {
        let bytes = config.store.facts_mib << 20;
        Self {
            places: Room { entries: config.limits.devices.saturating_mul(PLACES_PER_DEVICE), bytes: bytes / 4 },
            descriptions: Room { entries: config.limits.descriptions, bytes: bytes / 4 },
            conversations: Room { entries: config.limits.conversations, bytes: bytes / 2 },
        }
    }
}

/// Facts and where they come from.
pub(crate) struct Ledger {
    places: Shelf<Place, Sighting>,
    descriptions: Shelf<Description, Seen>,
    conversations: Shelf<ConversationKey, Box<Conversation>>,
    captures: Captures,
    streams: Streams,
}

/// What was captured: what is over, and what goes on by stream.
#[derive(Default)]
struct Captures {
    finished: CaptureFacts,
    open: BTreeMap<StreamId, CaptureFacts>,
}

/// What a report changes.
pub(crate) struct Staged {
    places: shelf::Staged<Place, Sighting>,
    descriptions: shelf::Staged<Description, Seen>,
    conversations: shelf::Staged<ConversationKey, Box<Conversation>>,
    stream: StreamId,
    over: Option<StreamId>,
    capture: CaptureFacts,
    open_capture: CaptureFacts,
    streams: streams::Staged,
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            places: Shelf::new(limits.places),
            descriptions: Shelf::new(limits.descriptions),
            conversations: Shelf::new(limits.conversations),
            captures: Captures::default(),
            streams: Streams::default(),
        }
    }

    /// Reads everything from the store; answers how many records could not be understood.
    pub(crate) fn load(&mut self, store: &dyn Store) -> Result<u64, StoreError> {
        let mut unreadable = 0;
        let mut count = |understood: Option<()>| unreadable += u64::from(understood.is_none());
        store.scan(Table::Agents, &mut |key, value| count(self.streams.load_agent(key, value)))?;
        store.scan(Table::Streams, &mut |key, value| count(self.streams.load_stream(key, value)))?;
        store.scan(Table::Captures, &mut |key, value| count(self.captures.load(key, value)))?;
        store.scan(Table::Places, &mut |key, value| count(self.places.load(key, value)))?;
        store.scan(Table::Descriptions, &mut |key, value| count(self.descriptions.load(key, value)))?;
        store.scan(Table::Conversations, &mut |key, value| count(self.conversations.load(key, value)))?;
        Ok(unreadable)
    }

    pub(crate) fn standing(&self, report: &Report) -> Standing {
        self.streams.standing(report)
    }

    /// Whether a report is no larger than there may be.
    pub(crate) fn has_room(&self, report: &Report) -> bool {
        let Report { stream, finished, open, .. } = report;
        self.places.has_room(*stream, &finished.sightings, &open.sightings)
            && self.descriptions.has_room(*stream, &finished.descriptions, &open.descriptions)
            && self.conversations.has_room(*stream, &finished.conversations, &open.conversations)
    }

    /// Works out what a report changes. `over`: the stream that ends with it.
    pub(crate) fn stage(&self, report: Report, over: Option<StreamId>, now: PacketTime) -> Staged {
        let streams = self.streams.stage(&report, over, now);
        let Report { stream, finished, open, .. } = report;
        let mut capture = self.captures.finished.clone();
        over.and_then(|over| self.captures.open.get(&over)).into_iter().for_each(|left| capture.merge(left));
        capture.merge(&finished.capture);
        let latest = [latest(&capture), latest(&open.capture)].into_iter().flatten().max();
        let oldest = retention(self.latest(), latest);
        Staged {
            places: self.places.stage(stream, over, (finished.sightings, open.sightings), oldest),
            descriptions: self.descriptions.stage(stream, over, (finished.descriptions, open.descriptions), oldest),
            conversations: self.conversations.stage(stream, over, (finished.conversations, open.conversations), oldest),
            stream,
            over,
            capture,
            open_capture: open.capture,
            streams,
        }
    }

    /// Writes down what is to change.
    pub(crate) fn write(&self, staged: &Staged, changes: &mut Changes) -> Result<(), StoreError> {
        staged.streams.write(changes)?;
        changes.put(Table::Captures, stored(None, &())?, serde_json::to_vec(&staged.capture)?);
        if let Some(over) = staged.over {
            changes.remove(Table::Captures, stored(Some(over), &())?);
        }
        changes.put(Table::Captures, stored(Some(staged.stream), &())?, serde_json::to_vec(&staged.open_capture)?);
        self.places.write(&staged.places, changes)?;
        self.descriptions.write(&staged.descriptions, changes)?;
        self.conversations.write(&staged.conversations, changes)
    }

    /// Makes the changes after they were written.
    pub(crate) fn apply(&mut self, staged: Staged) {
        self.captures.finished = staged.capture;
        staged.over.map(|over| self.captures.open.remove(&over));
        self.captures.open.insert(staged.stream, staged.open_capture);
        self.streams.apply(staged.streams);
        self.places.apply(staged.places);
        self.descriptions.apply(staged.descriptions);
        self.conversations.apply(staged.conversations);
    }

    /// Everything, over or not.
    pub(crate) fn merged(&self) -> Facts {
        let mut capture = self.captures.finished.clone();
        self.captures.open.values().for_each(|open| capture.merge(open));
        Facts {
            capture,
            sightings: self.places.merged(),
            conversations: self.conversations.merged(),
            descriptions: self.descriptions.merged(),
        }
    }

    /// The latest packet of all streams.
    pub(crate) fn latest(&self) -> Option<PacketTime> {
        self.captures.open.values().chain([&self.captures.finished]).filter_map(latest).max()
    }

    /// By name.
    pub(crate) const fn agents(&self) -> &BTreeMap<String, Agent> {
        &self.streams.agents
    }
}

impl Captures {
    fn load(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let facts = serde_json::from_slice(value).ok()?;
        match unstored(key)?.0 {
            None => self.finished = facts,
            Some(stream) => drop(self.open.insert(stream, facts)),
        }
        Some(())
    }
}

impl Staged {
    /// How many facts are given up, by reason.
    pub(crate) fn given_up(&self) -> (u64, u64) {
        fn count<K: Key, V>(staged: &shelf::Staged<K, V>) -> (u64, u64) {
            let of = |reason| staged.gone.values().filter(|why| **why == reason).count() as u64;
            (of(Reason::Limit), of(Reason::Retention))
        }
        let all = [count(&self.places), count(&self.descriptions), count(&self.conversations)];
        all.into_iter().fold((0, 0), |(limit, retention), (more, old)| (limit + more, retention + old))
    }
}

fn latest(capture: &CaptureFacts) -> Option<PacketTime> {
    capture.window.map(|(_, last)| last)
}

/// What was last seen before this goes. Looked for once a day, as it takes a look at everything.
fn retention(before: Option<PacketTime>, after: Option<PacketTime>) -> Option<PacketTime> {
    let day = |time: PacketTime| time.0 / DAY;
    let after = after?;
    let is_new_day = before.is_some_and(|before| day(before) != day(after));
    is_new_day.then(|| PacketTime(after.0.saturating_sub(RETENTION_DAYS * DAY)))
}
