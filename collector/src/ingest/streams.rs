//! How far each stream of reports has come, and how each agent is.

use crate::store::{Changes, StoreError, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wardwatch_model::{AgentHealth, PacketTime, Refusal, Report, StreamId};

/// Most agents.
pub(crate) const MAX_AGENTS: usize = 256;

/// Most streams known by their number. The one silent longest is forgotten: should it come back, it counts anew.
pub(crate) const MAX_STREAMS: usize = 4_096;

/// A stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    /// Last report taken.
    pub(super) sequence: u64,
    /// No more is taken: the agent said so, or began another.
    pub(super) is_over: bool,
    /// When its last report came, wall clock.
    reported_at: PacketTime,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Agent {
    /// Its present stream.
    pub(crate) stream: StreamId,
    /// Sequence number of its last report.
    pub(crate) sequence: u64,
    /// When that came, wall clock.
    pub(crate) reported_at: PacketTime,
    /// It said that nothing more comes.
    pub(crate) is_finished: bool,
    /// How it is.
    pub(crate) health: AgentHealth,
}

/// What a collector knows of agents and streams.
#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) agents: BTreeMap<String, Agent>,
    streams: BTreeMap<StreamId, Stream>,
}

/// How a report stands to what came before it.
pub(crate) enum Standing {
    /// The next one. With the stream of the agent that is over with it.
    Next(Option<StreamId>),
    /// Taken before.
    Duplicate,
    /// Not to be taken; the sequence number expected.
    Refused(Refusal, u64),
}

/// What a report changes.
pub(super) struct Staged {
    name: String,
    agent: Agent,
    streams: Vec<(StreamId, Stream)>,
    forgotten: Option<StreamId>,
}

impl Streams {
    pub(super) fn standing(&self, report: &Report) -> Standing {
        let known = self.streams.get(&report.stream);
        let expected = known.map_or(1, |stream| stream.sequence.saturating_add(1));
        if report.sequence == 0 {
            return Standing::Refused(Refusal::Schema, expected);
        }
        if report.sequence < expected {
            return Standing::Duplicate;
        }
        if known.is_some_and(|stream| stream.is_over) {
            return Standing::Refused(Refusal::StreamOver, expected);
        }
        if report.sequence > expected {
            return Standing::Refused(Refusal::Gap, expected);
        }
        let agent = self.agents.get(&report.agent);
        if agent.is_none() && self.agents.len() >= MAX_AGENTS {
            return Standing::Refused(Refusal::TooManyAgents, expected);
        }
        Standing::Next(agent.map(|agent| agent.stream).filter(|stream| *stream != report.stream))
    }

    pub(super) fn stage(&self, report: &Report, over: Option<StreamId>, now: PacketTime) -> Staged {
        let (stream, sequence) = (report.stream, report.sequence);
        let mut streams = vec![(stream, Stream { sequence, is_over: report.is_last, reported_at: now })];
        let ended = over.and_then(|over| Some((over, self.streams.get(&over)?)));
        streams.extend(ended.map(|(id, stream)| (id, Stream { is_over: true, ..stream.clone() })));
        let is_full = !self.streams.contains_key(&stream) && self.streams.len() >= MAX_STREAMS;
        let silent = self.streams.iter().filter(|(id, stream)| stream.is_over && Some(**id) != over);
        let forgotten = silent.min_by_key(|(id, stream)| (stream.reported_at, **id)).filter(|_| is_full);
        Staged {
            name: report.agent.clone(),
            agent: Agent {
                stream,
                sequence,
                reported_at: now,
                is_finished: report.is_last,
                health: report.health.clone(),
            },
            streams,
            forgotten: forgotten.map(|(id, _)| *id),
        }
    }

    pub(super) fn apply(&mut self, staged: Staged) {
        self.agents.insert(staged.name, staged.agent);
        self.streams.extend(staged.streams);
        staged.forgotten.map(|id| self.streams.remove(&id));
    }

    pub(super) fn load_agent(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        self.agents.insert(std::str::from_utf8(key).ok()?.to_owned(), serde_json::from_slice(value).ok()?);
        Some(())
    }

    pub(super) fn load_stream(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        self.streams.insert(StreamId(key.try_into().ok()?), serde_json::from_slice(value).ok()?);
        Some(())
    }
}

impl Staged {
    pub(super) fn write(&self, changes: &mut Changes) -> Result<(), StoreError> {
        changes.put(Table::Agents, self.name.clone().into_bytes(), serde_json::to_vec(&self.agent)?);
        for (id, stream) in &self.streams {
            changes.put(Table::Streams, id.0.to_vec(), serde_json::to_vec(stream)?);
        }
        if let Some(id) = self.forgotten {
            changes.remove(Table::Streams, id.0.to_vec());
        }
        Ok(())
    }
}
