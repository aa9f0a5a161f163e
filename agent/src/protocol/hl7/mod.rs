//! HL7 version 2 over MLLP: who sends which messages to whom, how they are acknowledged, and what they say about
//! devices. Only the fields of the allow-list in [`segment`] are ever looked at.
//!
//! [`start`] recognises, [`lane`] takes a direction apart with the help of [`scan`], [`line`] and [`segment`], whole headers
//! by way of [`whole`]; [`header`],
//! [`mdc`], [`observation`] and [`device`] make sense of what was kept, by way of [`reader`] and [`identity`]; [`interfaces`],
//! [`pairing`] and [`descriptions`] add it up.

mod descriptions;
mod device;
mod header;
mod identity;
mod interfaces;
mod lane;
mod line;
mod mdc;
mod observation;
mod pairing;
mod reader;
mod rules;
#[cfg(test)]
mod samples;
mod scan;
mod segment;
mod start;
#[cfg(test)]
mod tests;
mod whole;

use super::{Outcome, PerSide, Probe, Side, Step, StreamParser};
use descriptions::Descriptions;
use foldhash::fast::RandomState;
use interfaces::{Found, Interfaces};
use lane::{Buffers, Event, Lane};
use pairing::{Digest, Pending};
use start::Head;
use std::{cell::Cell, hash::BuildHasher};
use wardwatch_model::{Detail, PacketTime, Seen, Source};

/// Parser of a connection that carries HL7 version 2.
#[derive(Clone, Debug)]
pub(crate) struct Hl7 {
    lanes: PerSide<Lane>,
    /// The message under way of each side.
    said: PerSide<Option<Said>>,
    pending: PerSide<Pending>,
    interfaces: Interfaces,
    descriptions: Descriptions,
    /// Messages, acknowledgements among them.
    messages: u64,
    /// Who sent the first message that answers nothing, and which message that was.
    asked: Option<(Side, u64)>,
    /// Who sent the first acknowledgement.
    answered: Option<Side>,
}

/// A message whose header is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    /// Its place among all messages.
    number: u64,
    /// Its header, where there was room for it.
    row: Option<usize>,
    /// When its header was complete.
    at: PacketTime,
    /// It waits for an acknowledgement.
    waits: bool,
    /// It carries an MSA.
    answers: bool,
}

impl Default for Hl7 {
    fn default() -> Self {
        let salt = RandomState::default().hash_one(0);
        Self {
            lanes: PerSide { a: Lane::new(salt), b: Lane::new(salt) },
            said: PerSide::default(),
            pending: PerSide::default(),
            interfaces: Interfaces::default(),
            descriptions: Descriptions::default(),
            messages: 0,
            asked: None,
            answered: None,
        }
    }
}

impl StreamParser for Hl7 {
    fn probe(head: &[u8]) -> Probe {
        match start::judge_opening(head) {
            Head::Message(_) | Head::Batch => Probe::Certain,
            Head::NeedMore => Probe::NeedMore,
            Head::No => Probe::No,
        }
    }

    fn find_start(bytes: &[u8]) -> Option<usize> {
        start::find(bytes)
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let mut buffers = self.lanes.get_mut(side).resume().or_else(|| SPARE.take()).unwrap_or_default();
        self.lanes.get_mut(side).rules.now = at;
        self.lanes.get_mut(side.other()).rules.listen();
        self.take(side, at, bytes, &mut buffers);
        let lane = self.lanes.get_mut(side);
        if lane.is_under_way() {
            lane.keep(buffers)
        } else {
            SPARE.set(Some(buffers))
        }
        Step::Advance(bytes.len().try_into().unwrap_or(u64::MAX))
    }

    fn prefetch(&self) {
        self.pending.a.prefetch();
        self.pending.b.prefetch();
        self.interfaces.prefetch();
    }

    fn gap(&mut self, side: Side) {
        *self.said.get_mut(side) = None;
        if self.lanes.get_mut(side).interrupt() {
            self.messages += 1;
        }
    }

    fn joined(&mut self, side: Side) {
        self.lanes.get_mut(side).rules.damage();
    }

    fn held(&self) -> usize {
        self.lanes.a.held()
            + self.lanes.b.held()
            + self.pending.a.held()
            + self.pending.b.held()
            + self.interfaces.held
            + self.descriptions.held
    }

    fn client(&self) -> Option<Side> {
        self.asked.map(|(side, _)| side).or(self.answered.map(Side::other))
    }

    fn finish(mut self) -> Outcome {
        Side::BOTH.into_iter().for_each(|side| self.lanes.get_mut(side).rules.close());
        self.told()
    }

    fn so_far(&self) -> Outcome {
        self.clone().told()
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        samples::samples()
    }
}

thread_local! {
    /// See [`Buffers`].
    static SPARE: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

impl Hl7 {
    fn told(mut self) -> Outcome {
        for side in Side::BOTH {
            if self.lanes.get(side).ends_unmarked()
                && let Some(mut buffers) = self.lanes.get_mut(side).resume()
            {
                self.end(side, &mut buffers);
            }
            self.gap(side);
        }
        for (spoken, seen) in self.interfaces.again() {
            self.descriptions.again(spoken, seen);
        }
        let PerSide { a, b } = self.lanes;
        let faults = a.faults + b.faults;
        let violated = PerSide { a: a.rules.violated, b: b.rules.violated };
        Outcome {
            messages: self.messages,
            faults,
            encrypted: false,
            detail: Detail::Hl7(self.interfaces.finish()),
            descriptions_dropped: self.descriptions.dropped,
            descriptions: self.descriptions.finish(),
            violations: violated.told(),
        }
    }

    fn take(&mut self, side: Side, at: PacketTime, mut rest: &[u8], buffers: &mut Buffers) {
        while !rest.is_empty() {
            let lane = self.lanes.get_mut(side);
            if let Some(text) = lane.opened(rest)
                && let Some((found, header)) = self.interfaces.find_whole(side, text, at, &mut buffers.line)
            {
                lane.take_whole(&header);
                rest = rest.get(header.length..).unwrap_or_default();
                let acknowledges = found.is_some_and(|found| found.acknowledges);
                let control = if acknowledges { None } else { Digest::of(lane.salt, header.control) };
                self.header(side, at, found, control);
                continue;
            }
            let (used, event) = lane.advance(rest, buffers);
            rest = rest.get(used..).unwrap_or_default();
            match event {
                None => {}
                Some(Event::End) => self.end(side, buffers),
                Some(Event::Header) => {
                    let found = self.interfaces.find(side, lane.delimiters(), buffers.line.fields(), at);
                    self.header(side, at, found, buffers.digest.value());
                }
                Some(Event::Acknowledgement) => {
                    // MSA-1, acknowledgement code (2.15.8.1); MSA-2, message control id (2.15.8.2).
                    let code = buffers.line.fields().get(1).unwrap_or_default();
                    self.acknowledgement(side, code, buffers.digest.value());
                }
                Some(Event::Answer(code, control)) => self.acknowledgement(side, code, control),
            }
        }
    }

    /// A header is complete: the message counts from here on. `control`: digest of its control id.
    fn header(&mut self, side: Side, at: PacketTime, found: Option<Found>, control: Option<u64>) {
        let number = self.messages;
        self.messages += 1;
        let mut said = Said { number, row: found.map(|found| found.row), at, waits: false, answers: false };
        let acknowledges = found.is_some_and(|found| found.acknowledges);
        if let Some(found) = found
            && let Some(row) = self.interfaces.row(found.row)
        {
            let lane = self.lanes.get_mut(side);
            (lane.fragile, lane.unsure) = (row.fragile, row.unsure);
            if found.known {
                row.again.merge(&Seen::once(at));
            } else {
                self.introduce(side, at, found.row);
            }
            if !acknowledges {
                self.interfaces.sent(found);
                self.pending.get_mut(side).push(control, found.row);
                said.waits = true;
            }
        }
        if acknowledges {
            self.answered.get_or_insert(side);
        } else {
            self.asked.get_or_insert((side, number));
        }
        *self.said.get_mut(side) = Some(said);
    }

    /// A sender that was not known tells of itself.
    #[cold]
    #[inline(never)]
    fn introduce(&mut self, side: Side, at: PacketTime, row: usize) {
        let Some(header) = self.interfaces.header(row) else { return };
        // Needed only now: the header is known from here on.
        let attributes = std::mem::take(&mut header.attributes);
        if attributes.is_empty() {
            return;
        }
        let spoken = self.descriptions.describe(side, Source::Hl7Header, &header.speaks_as, attributes, at);
        if let Some(row) = self.interfaces.row(row) {
            row.description = spoken.and_then(|spoken| spoken.try_into().ok());
        }
    }

    /// An MSA is complete (v2.5.1, 2.15.8): the message answers one of the other side, by the digest of whose control id
    /// it is found.
    fn acknowledgement(&mut self, side: Side, code: &[u8], control: Option<u64>) {
        let Some(said) = self.said.get_mut(side).as_mut().filter(|said| !said.answers) else { return };
        said.answers = true;
        self.answered.get_or_insert(side);
        if self.asked == Some((side, said.number)) {
            self.asked = None;
        }
        if std::mem::take(&mut said.waits)
            && let Some(row) = said.row
        {
            self.pending.get_mut(side).withdraw();
            self.interfaces.settled(row);
        }
        match control.and_then(|control| self.pending.get_mut(side.other()).answer(control)) {
            Some(message) => {
                self.interfaces.acknowledged(message.header, code);
                if message.first {
                    self.interfaces.settled(message.header);
                }
            }
            None => {
                if let Some(row) = said.row {
                    self.interfaces.unmatched(row, code);
                }
            }
        }
    }

    /// The message under way is complete.
    fn end(&mut self, side: Side, buffers: &mut Buffers) {
        let said = self.said.get_mut(side).take();
        let notes = &mut buffers.notes;
        if let Some(Said { row: Some(row), at, .. }) = said
            && !notes.is_empty()
        {
            let interfaces = &mut self.interfaces;
            self.descriptions.message(row, notes, at, || Some((side, interfaces.header(row)?.clone())));
        }
        notes.clear();
    }
}
