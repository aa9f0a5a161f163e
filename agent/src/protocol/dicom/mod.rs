//! DICOM: upper layer (PS3.8), message exchange (PS3.7), and the equipment attributes of data sets (PS3.3).
//!
//! PDU headers, commands and the beginning of data sets are read; the rest of a data set, pixels above all, is skipped
//! by its length and never touched.

mod associate;
mod association;
mod command;
mod dataset;
mod element;
mod encoding;
mod equipment;
mod identity;
mod inflate;
mod message;
mod pdu;
#[cfg(test)]
mod tests;

use self::{
    association::State,
    dataset::Progress,
    equipment::Equipment,
    message::{Fragment, Messages},
    pdu::{Found, PduType},
};
use super::{Outcome, PerSide, Probe, Side, Step, StreamParser, violated::Violated};
use wardwatch_model::{
    Bounded, Detail, PacketTime, Violation,
    dicom::{Abort, Association, AssociationActivity, Rejection},
};

/// A DICOM connection.
#[derive(Default)]
pub(crate) struct Dicom {
    state: State,
    sides: PerSide<Reader>,
    ended: Bounded<Association, AssociationActivity>,
    /// Memory of those, about.
    ended_bytes: usize,
    equipment: Equipment,
    messages: u64,
    faults: u64,
    violated: PerSide<Violated>,
    /// Bytes of a side were missed since it last began an association: what looks like a violation may be the loss.
    damaged: PerSide<bool>,
}

/// Where one side is in its PDUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// Before a PDU header.
    #[default]
    Header,
    /// Before the fixed part of an A-ASSOCIATE-RQ or -AC.
    Associate { is_request: bool, left: u32 },
    /// Before an item of it.
    Items { is_request: bool, left: u32 },
    /// Before the body of one of the short PDUs.
    Short { kind: PduType, left: u32 },
    /// Before a PDV header.
    Pdv { left: u32 },
    /// In a PDV; `left` bytes of the PDU come after it.
    Fragment { left: u32, fragment: Fragment },
    /// Lost: looking for a PDU.
    Lost,
}

/// What one side is sending.
#[derive(Default)]
struct Reader {
    position: Position,
    messages: Messages,
}

impl StreamParser for Dicom {
    fn probe(head: &[u8]) -> Probe {
        pdu::probe(head)
    }

    fn find_start(bytes: &[u8]) -> Option<usize> {
        pdu::find_command(bytes)
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        match self.sides.get(side).position {
            Position::Header => self.header(side, at, bytes),
            Position::Associate { is_request, left } => self.associate(side, at, bytes, is_request, left),
            Position::Items { is_request, left } => self.item(side, at, bytes, is_request, left),
            Position::Short { kind, left } => self.short(side, at, bytes, kind, left),
            Position::Pdv { left } => self.pdv(side, at, bytes, left),
            Position::Fragment { left, fragment } => self.fragment(side, at, bytes, left, fragment),
            Position::Lost => self.find(side, at, bytes),
        }
    }

    fn gap(&mut self, side: Side) {
        self.joined(side);
        self.get_lost(side);
    }

    fn joined(&mut self, side: Side) {
        *self.damaged.get_mut(side) = true;
    }

    fn held(&self) -> usize {
        let PerSide { a, b } = &self.sides;
        self.state.held()
            + self.ended_bytes
            + self.equipment.held
            + (a.messages.held() + b.messages.held())
            + (self.violated.a.held() + self.violated.b.held())
    }

    fn client(&self) -> Option<Side> {
        self.state.requestor()
    }

    fn finish(mut self) -> Outcome {
        self.end_association();
        Outcome {
            messages: self.messages,
            faults: self.faults,
            encrypted: false,
            detail: Detail::Dicom(self.ended),
            descriptions_dropped: self.equipment.dropped,
            descriptions: self.equipment.finish(),
            violations: self.violated.told(),
        }
    }

    fn so_far(&self) -> Outcome {
        // What is half read tells nothing yet.
        let told = Self {
            state: self.state.clone(),
            sides: PerSide::default(),
            ended: self.ended.clone(),
            ended_bytes: self.ended_bytes,
            equipment: self.equipment.clone(),
            messages: self.messages,
            faults: self.faults,
            violated: self.violated.clone(),
            damaged: self.damaged,
        };
        told.finish()
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Dicom {
    fn go(&mut self, side: Side, position: Position, count: u64) -> Step {
        self.sides.get_mut(side).position = position;
        Step::Advance(count)
    }

    /// The side broke a rule, unless bytes of it were missed.
    fn accuse(&mut self, side: Side, at: PacketTime, violation: Violation) {
        if !self.damaged.get(side) {
            self.violated.get_mut(side).note(violation, at);
        }
    }

    /// The same where the bytes cannot be understood.
    fn fault(&mut self, side: Side, at: PacketTime, violation: Violation) {
        self.faults += 1;
        self.accuse(side, at, violation);
    }

    fn get_lost(&mut self, side: Side) {
        let reader = self.sides.get_mut(side);
        reader.position = Position::Lost;
        reader.messages.lose();
    }

    /// The bytes are not what they should be: looks for a PDU from the next byte on.
    fn lose_the_thread(&mut self, side: Side, at: PacketTime, violation: Violation) -> Step {
        self.fault(side, at, violation);
        self.get_lost(side);
        Step::Advance(1)
    }

    fn header(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let Some(head) = bytes.first_chunk() else { return Step::NeedMore };
        let (kind, left) = match pdu::header(head) {
            Ok(header) => header,
            Err(violation) => return self.lose_the_thread(side, at, violation),
        };
        // Where the beginning was missed, bytes of the middle may look like a header.
        if *self.damaged.get(side) && matches!(kind, PduType::AssociateRq | PduType::AssociateAc) {
            match pdu::probe(bytes) {
                Probe::Certain => {}
                Probe::NeedMore => return Step::NeedMore,
                Probe::No => {
                    self.get_lost(side);
                    return Step::Advance(1);
                }
            }
        }
        let position = match kind {
            PduType::AssociateRq => Position::Associate { is_request: true, left },
            PduType::AssociateAc => Position::Associate { is_request: false, left },
            PduType::PDataTf => Position::Pdv { left },
            kind => Position::Short { kind, left },
        };
        if let Position::Pdv { left } = position {
            let longest = self.state.longest_received_by(side.other()).unwrap_or(u32::MAX);
            if left > longest.saturating_add(pdu::MAXIMUM_TOLERANCE) {
                self.accuse(side, at, Violation::DicomPduExceedsMaximum);
            }
            if left == 0 {
                self.fault(side, at, Violation::DicomPduLength);
                return self.go(side, Position::Header, pdu::HEADER as u64);
            }
        }
        self.go(side, position, pdu::HEADER as u64)
    }

    fn associate(&mut self, side: Side, at: PacketTime, bytes: &[u8], is_request: bool, left: u32) -> Step {
        let Some(fixed) = bytes.get(..usize::from(pdu::ASSOCIATE_FIXED)) else { return Step::NeedMore };
        if is_request && self.state.is_begun() {
            self.end_association();
        }
        self.state.begin(side, is_request, fixed);
        self.state.see(at);
        *self.damaged.get_mut(side) = false;
        // Those of an acceptance are not to be tested (PS3.8 9.3.3).
        if let (true, Some((called, calling))) = (is_request, associate::titles(fixed)) {
            for _ in [called, calling].iter().filter(|title| !associate::is_title(title)) {
                self.accuse(side, at, Violation::DicomAeTitle);
            }
        }
        let left = left.saturating_sub(pdu::ASSOCIATE_FIXED.into());
        self.go(side, items_or_header(is_request, left), pdu::ASSOCIATE_FIXED.into())
    }

    fn item(&mut self, side: Side, at: PacketTime, bytes: &[u8], is_request: bool, left: u32) -> Step {
        let Some([_, _, high, low]) = bytes.first_chunk::<4>() else {
            return if left < 4 {
                self.rest_is_malformed(side, at, left, Violation::DicomItemOverrun)
            } else {
                Step::NeedMore
            };
        };
        let size = 4 + u32::from(u16::from_be_bytes([*high, *low]));
        if size > left {
            return self.rest_is_malformed(side, at, left, Violation::DicomItemOverrun);
        }
        let Some(whole) = bytes.get(..size as usize) else { return Step::NeedMore };
        let item = associate::item(whole).and_then(|(item, _)| item);
        let was_told = self.state.proposes_too_much();
        if !self.state.item(is_request, item) {
            self.fault(side, at, Violation::DicomItemOverrun);
        }
        if !was_told && self.state.proposes_too_much() {
            self.accuse(side, at, Violation::DicomTransferSyntaxes);
        }
        self.go(side, items_or_header(is_request, left - size), u64::from(size))
    }

    /// What is left of a PDU cannot be read.
    fn rest_is_malformed(&mut self, side: Side, at: PacketTime, left: u32, violation: Violation) -> Step {
        self.fault(side, at, violation);
        self.go(side, Position::Header, u64::from(left))
    }

    fn short(&mut self, side: Side, at: PacketTime, bytes: &[u8], kind: PduType, left: u32) -> Step {
        let Some(&[_, first, second, third]) = bytes.first_chunk::<4>() else { return Step::NeedMore };
        match kind {
            // PS3.8 9.3.4: reserved, result, source, reason
            PduType::AssociateRj => {
                self.state.reject(side, at, Rejection { result: first, source: second, reason: third });
            }
            // PS3.8 9.3.8: reserved, reserved, source, reason
            PduType::Abort => self.state.abort(Abort { source: second, reason: third }),
            _ => self.state.release(),
        }
        self.state.see(at);
        self.go(side, Position::Header, u64::from(left))
    }

    fn pdv(&mut self, side: Side, at: PacketTime, bytes: &[u8], left: u32) -> Step {
        if (left as usize) < pdu::PDV_HEADER {
            return self.rest_is_malformed(side, at, left, Violation::DicomPdvLength);
        }
        let Some([a, b, c, d, context, control]) = bytes.first_chunk::<{ pdu::PDV_HEADER }>() else {
            return Step::NeedMore;
        };
        // The length counts the context id and the message control, not itself.
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        // Where it does not fit, the length of the PDU is no more to be believed.
        let (Some(left), Some(length)) = ((left - 4).checked_sub(length), length.checked_sub(2)) else {
            return self.lose_the_thread(side, at, Violation::DicomPdvLength);
        };
        let fragment = Fragment { context: *context, control: *control, length };
        self.state.meet_context(fragment.context);
        self.sides.get_mut(side).messages.begin(fragment, &mut self.state);
        self.go_on(side, at, left, fragment);
        Step::Advance(pdu::PDV_HEADER as u64)
    }

    fn fragment(&mut self, side: Side, at: PacketTime, bytes: &[u8], left: u32, mut fragment: Fragment) -> Step {
        let here = bytes.get(..fragment.length as usize).unwrap_or(bytes);
        let (done, progress) = self.sides.get_mut(side).messages.take(fragment, here);
        if progress != Progress::More {
            match progress {
                Progress::Malformed if self.sides.get(side).messages.is_negotiated() => {
                    self.fault(side, at, Violation::DicomDataSet);
                }
                // A wrong guess, or more than is followed, is no one's violation.
                Progress::Malformed | Progress::TooDeep => self.faults += 1,
                Progress::More | Progress::Done => {}
            }
            self.note_equipment(side, at);
        }
        fragment.length = fragment.length.saturating_sub(u32::try_from(done).unwrap_or(u32::MAX));
        self.go_on(side, at, left, fragment);
        Step::Advance(done)
    }

    /// Goes on with what is left of a fragment, or behind it.
    fn go_on(&mut self, side: Side, at: PacketTime, left: u32, fragment: Fragment) {
        self.state.see(at);
        let reader = self.sides.get_mut(side);
        reader.position = match (fragment.length, left) {
            (1.., _) => Position::Fragment { left, fragment },
            (0, 1..) => Position::Pdv { left },
            (0, 0) => Position::Header,
        };
        if fragment.length > 0 || !fragment.is_last() {
            return;
        }
        if !fragment.is_command() {
            self.note_equipment(side, at);
            self.sides.get_mut(side).messages.end_data_set();
            return;
        }
        let is_cut = reader.messages.command_is_cut();
        if reader.messages.end_command(side, fragment.context, &mut self.state) {
            self.messages += 1;
        } else if is_cut {
            self.faults += 1;
        } else {
            self.fault(side, at, Violation::DicomDataSet);
        }
    }

    /// All that is read of a data set was read: notes whom it is about. Not later, for the rest of it may get lost.
    fn note_equipment(&mut self, side: Side, at: PacketTime) {
        if let Some((kind, values)) = self.sides.get_mut(side).messages.conclude() {
            self.equipment.note(side, kind, self.state.title(side), values, at);
        }
    }

    /// Looks for the next PDU.
    fn find(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        match pdu::find(bytes, |context| self.state.knows_context(context)) {
            Found::At(0) => self.header(side, at, bytes),
            Found::At(start) => self.go(side, Position::Header, start as u64),
            Found::Perhaps(0) => Step::NeedMore,
            Found::Perhaps(start) => Step::Advance(start as u64),
            Found::Nowhere => Step::Advance(bytes.len() as u64),
        }
    }

    fn end_association(&mut self) {
        let state = std::mem::take(&mut self.state);
        if !state.is_untouched() {
            let (association, activity) = state.finish();
            let (known, bytes) = (self.ended.entries.len(), association.heap_bytes());
            if let Some(all) = self.ended.entry(association) {
                let before = all.heap_bytes();
                all.merge(&activity);
                self.ended_bytes += all.heap_bytes().saturating_sub(before);
            }
            if self.ended.entries.len() > known {
                // The list of them may be half empty.
                self.ended_bytes += 2 * size_of::<(Association, AssociationActivity)>() + bytes;
            }
        }
    }
}

const fn items_or_header(is_request: bool, left: u32) -> Position {
    if left == 0 { Position::Header } else { Position::Items { is_request, left } }
}
