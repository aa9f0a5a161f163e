//! DICOM: upper layer (PS3.8), message exchange (PS3.7), and the equipment attributes of data sets (PS3.3).
//!
//! PDU headers, commands and the beginning of data sets are read; the rest of a data set, pixels above all, is skipped
//! by its length and never touched.

mod associate;
mod association;
mod command;
mod dataset;
mod element;
mod equipment;
mod identity;
mod inflate;
mod pdu;

use self::{
    association::{Encoding, State},
    dataset::{DataSet, Kind, Progress},
    equipment::Equipment,
    inflate::Inflate,
    pdu::PduType,
};
use super::{Outcome, PerSide, Probe, Side, Step, StreamParser};
use wardwatch_model::{
    Bounded, Detail, PacketTime,
    dicom::{Abort, Association, AssociationActivity, Dimse, Rejection},
};

/// Longest command set read, bytes. It holds UIDs and codes; 512 would do.
const MAX_COMMAND: usize = 8 * 1024;

/// SOP classes whose data sets, beside stored objects, name equipment (PS3.4 F.7, K.6).
const PERFORMED_STEP: &[u8] = b"1.2.840.10008.3.1.2.3.3";
const WORKLIST: &[u8] = b"1.2.840.10008.5.1.4.31";

/// A DICOM connection.
#[derive(Default)]
pub(crate) struct Dicom {
    state: State,
    sides: PerSide<Reader>,
    ended: Bounded<Association, AssociationActivity>,
    equipment: Equipment,
    messages: u64,
    faults: u64,
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
    Fragment { left: u32, fragment: u32, context: u8, control: u8 },
    /// Lost: looking for a PDU.
    Lost,
}

/// What one side is sending.
#[derive(Default)]
struct Reader {
    position: Position,
    command: Vec<u8>,
    /// The message whose data set is due or under way.
    message: Option<Message>,
    data_set: DataSet,
}

struct Message {
    service: Dimse,
    is_request: bool,
    kind: Option<Kind>,
    /// The reader wants more of the data set.
    reading: bool,
    begun: bool,
    inflate: Option<Box<Inflate>>,
}

/// Message control bits (PS3.8 annex E.2).
const COMMAND: u8 = 1;
const LAST: u8 = 2;

impl StreamParser for Dicom {
    fn probe(head: &[u8]) -> Probe {
        pdu::probe(head)
    }

    fn find_start(bytes: &[u8]) -> Option<usize> {
        pdu::find_command(bytes)
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        match self.sides.get(side).position {
            Position::Header => self.header(side, bytes),
            Position::Associate { is_request, left } => self.associate(side, bytes, is_request, left),
            Position::Items { is_request, left } => self.item(side, bytes, is_request, left),
            Position::Short { kind, left } => self.short(side, bytes, kind, left),
            Position::Pdv { left } => self.pdv(side, at, bytes, left),
            Position::Fragment { left, fragment, context, control } => {
                self.fragment(side, at, bytes, left, fragment, context, control)
            }
            Position::Lost => self.find(side, bytes),
        }
    }

    fn gap(&mut self, side: Side) {
        let reader = self.sides.get_mut(side);
        reader.position = Position::Lost;
        reader.command.clear();
        reader.message = None;
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
            descriptions: self.equipment.finish(),
        }
    }
}

impl Dicom {
    fn go(&mut self, side: Side, position: Position, count: u64) -> Step {
        self.sides.get_mut(side).position = position;
        Step::Advance(count)
    }

    /// The bytes are not what they should be: looks for a PDU from the next byte on.
    fn lose_the_thread(&mut self, side: Side) -> Step {
        self.faults += 1;
        self.gap(side);
        Step::Advance(1)
    }

    fn header(&mut self, side: Side, bytes: &[u8]) -> Step {
        let Some(head) = bytes.first_chunk() else { return Step::NeedMore };
        let Some((kind, left)) = pdu::header(head) else { return self.lose_the_thread(side) };
        let position = match kind {
            PduType::AssociateRq => Position::Associate { is_request: true, left },
            PduType::AssociateAc => Position::Associate { is_request: false, left },
            PduType::PDataTf => Position::Pdv { left },
            kind => Position::Short { kind, left },
        };
        if let Position::Pdv { left: 0 } = position {
            self.faults += 1;
            return self.go(side, Position::Header, pdu::HEADER as u64);
        }
        self.go(side, position, pdu::HEADER as u64)
    }

    fn associate(&mut self, side: Side, bytes: &[u8], is_request: bool, left: u32) -> Step {
        let Some(fixed) = bytes.get(..usize::from(pdu::ASSOCIATE_FIXED)) else { return Step::NeedMore };
        if is_request && self.state.is_begun() {
            self.end_association();
        }
        self.state.begin(side, is_request, fixed);
        let left = left.saturating_sub(pdu::ASSOCIATE_FIXED.into());
        self.go(side, items_or_header(is_request, left), pdu::ASSOCIATE_FIXED.into())
    }

    fn item(&mut self, side: Side, bytes: &[u8], is_request: bool, left: u32) -> Step {
        let Some([_, _, high, low]) = bytes.first_chunk::<4>() else {
            return if left < 4 { self.rest_is_malformed(side, left) } else { Step::NeedMore };
        };
        let size = 4 + u32::from(u16::from_be_bytes([*high, *low]));
        if size > left {
            return self.rest_is_malformed(side, left);
        }
        let Some(whole) = bytes.get(..size as usize) else { return Step::NeedMore };
        let item = associate::item(whole).and_then(|(item, _)| item);
        if !self.state.item(is_request, item) {
            self.faults += 1;
        }
        self.go(side, items_or_header(is_request, left - size), u64::from(size))
    }

    /// What is left of a PDU cannot be read.
    fn rest_is_malformed(&mut self, side: Side, left: u32) -> Step {
        self.faults += 1;
        self.go(side, Position::Header, u64::from(left))
    }

    fn short(&mut self, side: Side, bytes: &[u8], kind: PduType, left: u32) -> Step {
        let Some(&[_, first, second, third]) = bytes.first_chunk::<4>() else { return Step::NeedMore };
        match kind {
            // PS3.8 9.3.4: reserved, result, source, reason
            PduType::AssociateRj => {
                self.state.reject(side, Rejection { result: first, source: second, reason: third });
            }
            // PS3.8 9.3.8: reserved, reserved, source, reason
            PduType::Abort => self.state.abort(Abort { source: second, reason: third }),
            _ => self.state.release(),
        }
        self.go(side, Position::Header, u64::from(left))
    }

    fn pdv(&mut self, side: Side, at: PacketTime, bytes: &[u8], left: u32) -> Step {
        let Some([a, b, c, d, context, control]) = bytes.first_chunk::<{ pdu::PDV_HEADER }>() else {
            return if (left as usize) < pdu::PDV_HEADER { self.rest_is_malformed(side, left) } else { Step::NeedMore };
        };
        // The length counts the context id and the message control, not itself.
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let (Some(fragment), Some(left)) =
            (length.checked_sub(2), left.checked_sub(4).and_then(|left| left.checked_sub(length)))
        else {
            return self.rest_is_malformed(side, left);
        };
        self.state.meet_context(*context);
        self.begin_fragment(side, fragment, *context, *control);
        if fragment == 0 {
            self.end_fragment(side, at, *control, left);
            return Step::Advance(pdu::PDV_HEADER as u64);
        }
        let position = Position::Fragment { left, fragment, context: *context, control: *control };
        self.go(side, position, pdu::PDV_HEADER as u64)
    }

    fn begin_fragment(&mut self, side: Side, length: u32, context: u8, control: u8) {
        let reader = self.sides.get_mut(side);
        if control & COMMAND != 0 {
            return;
        }
        let Some(message) = &mut reader.message else { return };
        self.state.data(message.service, u64::from(length));
        if message.begun {
            return;
        }
        message.begun = true;
        if let Some(kind) = message.kind {
            message.reading = true;
            match self.state.encoding(context) {
                Encoding::Plain(syntax) => reader.data_set.begin(kind, syntax),
                Encoding::Deflated => {
                    reader.data_set.begin(kind, Some(element::Syntax::ExplicitLittle));
                    message.inflate = Some(Box::new(Inflate::new()));
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of Position::Fragment")]
    fn fragment(
        &mut self,
        side: Side,
        at: PacketTime,
        bytes: &[u8],
        left: u32,
        fragment: u32,
        context: u8,
        control: u8,
    ) -> Step {
        let reader = self.sides.get_mut(side);
        let here = bytes.get(..fragment as usize).unwrap_or(bytes);
        let mut done = here.len() as u64;
        if control & COMMAND != 0 {
            if reader.command.len() + here.len() <= MAX_COMMAND {
                reader.command.extend_from_slice(here);
            } else {
                // Too long to be a command; what is kept of it will be refused.
                done = u64::from(fragment);
            }
        } else {
            done = read_data(reader, here, fragment, &mut self.faults);
        }
        let fragment = fragment.saturating_sub(u32::try_from(done).unwrap_or(u32::MAX));
        if fragment == 0 {
            self.end_fragment(side, at, control, left);
        } else {
            self.sides.get_mut(side).position = Position::Fragment { left, fragment, context, control };
        }
        Step::Advance(done)
    }

    fn end_fragment(&mut self, side: Side, at: PacketTime, control: u8, left: u32) {
        self.sides.get_mut(side).position = if left == 0 { Position::Header } else { Position::Pdv { left } };
        if control & LAST == 0 {
            return;
        }
        if control & COMMAND != 0 {
            self.end_command(side);
        } else {
            self.end_data_set(side, at);
        }
    }

    fn end_command(&mut self, side: Side) {
        let reader = self.sides.get_mut(side);
        let command = command::parse(&reader.command);
        let service = command.as_ref().and_then(|command| self.state.command(side, command));
        match (command, service) {
            (Some(command), Some((service, is_request))) => {
                self.messages += 1;
                let class = command.sop_class.map(|class| class.trim_ascii_end().strip_suffix(b"\0").unwrap_or(class));
                let kind = match (service, is_request, class) {
                    (Dimse::CStore, true, _) => Some(Kind::Equipment),
                    (Dimse::NCreate | Dimse::NSet, true, Some(PERFORMED_STEP)) => Some(Kind::Equipment),
                    (Dimse::CFind, true, Some(WORKLIST)) => Some(Kind::WorklistQuery),
                    _ => None,
                };
                let message = Message { service, is_request, kind, reading: false, begun: false, inflate: None };
                reader.message = command.has_data_set.then_some(message);
            }
            _ => {
                self.faults += 1;
                reader.message = None;
            }
        }
        reader.command.clear();
    }

    fn end_data_set(&mut self, side: Side, at: PacketTime) {
        let reader = self.sides.get_mut(side);
        if let Some(message) = reader.message.take()
            && let (Some(kind), true, true) = (message.kind, message.begun, message.is_request)
        {
            self.equipment.note(side, kind, self.state.calling(), reader.data_set.values.bytes(), at);
        }
    }

    /// Looks for the next PDU, a few bytes of which may be at the end of the ones at hand.
    fn find(&mut self, side: Side, bytes: &[u8]) -> Step {
        if let Some(start) = pdu::find(bytes, |context| self.state.knows_context(context)) {
            self.sides.get_mut(side).position = Position::Header;
            return if start == 0 { self.header(side, bytes) } else { Step::Advance(start as u64) };
        }
        match bytes.len().checked_sub(pdu::FIND_WINDOW - 1) {
            Some(count @ 1..) => Step::Advance(count as u64),
            _ => Step::NeedMore,
        }
    }

    fn end_association(&mut self) {
        let state = std::mem::take(&mut self.state);
        if !state.is_untouched() {
            let (association, activity) = state.finish();
            if let Some(known) = self.ended.entry(association) {
                known.merge(&activity);
            }
        }
    }
}

/// Gives a fragment to the reader of its data set; answers how many bytes of the fragment are done with.
fn read_data(reader: &mut Reader, here: &[u8], fragment: u32, faults: &mut u64) -> u64 {
    let whole = u64::from(fragment);
    let Some(message) = reader.message.as_mut().filter(|message| message.reading) else { return whole };
    let progress = match &mut message.inflate {
        Some(inflate) => inflate.push(here, &mut reader.data_set),
        None => reader.data_set.push(here),
    };
    if progress != Progress::More {
        message.reading = false;
        *faults += u64::from(progress == Progress::Malformed);
        return whole;
    }
    if message.inflate.is_some() {
        return here.len() as u64;
    }
    let unwanted = reader.data_set.unwanted().min(whole - here.len() as u64);
    reader.data_set.pass(unwanted);
    here.len() as u64 + unwanted
}

const fn items_or_header(is_request: bool, left: u32) -> Position {
    if left == 0 { Position::Header } else { Position::Items { is_request, left } }
}
