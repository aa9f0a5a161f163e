//! The messages one side sends: fragments of a command, then of its data set, one message after the other (PS3.7 6.3,
//! PS3.8 annex E).

use super::{
    association::State,
    command,
    dataset::{DataSet, Kind, Progress},
    element::{Syntax, before_nul},
    encoding::Encoding,
    inflate::Inflate,
};
use crate::protocol::Side;
use wardwatch_model::dicom::Dimse;

/// Longest command set read, bytes. It holds UIDs and codes; 512 would do.
const MAX_COMMAND: usize = 8 * 1024;

/// SOP classes whose data sets, beside stored objects, name equipment (PS3.4 F.7, K.6).
const PERFORMED_STEP: &[u8] = b"1.2.840.10008.3.1.2.3.3";
const WORKLIST: &[u8] = b"1.2.840.10008.5.1.4.31";

/// Message control bits (PS3.8 annex E.2); the others are not tested.
const COMMAND: u8 = 1;
const LAST: u8 = 2;

/// What a PDV carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Presentation context id.
    pub(super) context: u8,
    /// Message control header.
    pub(super) control: u8,
    /// Bytes to come.
    pub(super) length: u32,
}

impl Fragment {
    /// Of a command, not of a data set.
    pub(super) const fn is_command(self) -> bool {
        self.control & COMMAND != 0
    }

    /// The last one of its command or data set.
    pub(super) const fn is_last(self) -> bool {
        self.control & LAST != 0
    }
}

/// What one side is sending.
#[derive(Default)]
pub(super) struct Messages {
    command: Vec<u8>,
    /// The message whose data set is due or under way.
    current: Option<Message>,
    /// Kept from one data set to the next, for its buffers; most sides never need one.
    data_set: Option<Box<DataSet>>,
}

struct Message {
    service: Dimse,
    /// That of its command, and of every fragment of its data set (PS3.8 annex E.1).
    context: u8,
    /// How its data set is written was negotiated, not guessed.
    is_negotiated: bool,
    stage: Stage,
}

/// How far the data set of a message is.
enum Stage {
    /// Nothing of it has come; what it is read for.
    Due(Option<Kind>),
    Reading(Kind, Option<Box<Inflate>>),
    /// The rest is of no interest.
    Passing,
}

impl Messages {
    /// Bytes were lost: what is under way cannot be understood.
    pub(super) fn lose(&mut self) {
        self.command.clear();
        self.current = None;
    }

    /// Memory beyond itself, about, bytes.
    pub(super) const fn held(&self) -> usize {
        let inflate = match &self.current {
            Some(Message { stage: Stage::Reading(_, Some(_)), .. }) => Inflate::BYTES,
            _ => 0,
        };
        let data_set = if self.data_set.is_some() { DataSet::BYTES } else { 0 };
        self.command.capacity() + inflate + data_set
    }

    /// A fragment begins.
    pub(super) fn begin(&mut self, fragment: Fragment, state: &mut State) {
        let Some(message) = self.current.as_mut().filter(|message| is_part(message, fragment)) else { return };
        state.data(message.service, fragment.length.into());
        if let Stage::Due(kind) = message.stage {
            message.stage = kind.map_or(Stage::Passing, |kind| {
                let encoding = state.encoding(fragment.context);
                message.is_negotiated = encoding != Encoding::Plain(None);
                let (syntax, inflate) = match encoding {
                    Encoding::Plain(syntax) => (syntax, None),
                    Encoding::Deflated => (Some(Syntax::ExplicitLittle), Some(Box::new(Inflate::new()))),
                };
                self.data_set.get_or_insert_default().begin(kind, syntax);
                Stage::Reading(kind, inflate)
            });
        }
    }

    /// Takes bytes of a fragment. Answers how many of the fragment are done with, those beyond the ones at hand being of
    /// no interest, and what the reader of the data set says.
    pub(super) fn take(&mut self, fragment: Fragment, here: &[u8]) -> (u64, Progress) {
        let (whole, taken) = (u64::from(fragment.length), here.len() as u64);
        if fragment.is_command() {
            // One byte too many shows that it is no command; more need not be kept.
            let room = (MAX_COMMAND + 1).saturating_sub(self.command.len());
            self.command.extend_from_slice(here.get(..room).unwrap_or(here));
            return (if self.command.len() > MAX_COMMAND { whole } else { taken }, Progress::More);
        }
        let message = self.current.as_mut().filter(|message| is_part(message, fragment));
        let (Some(Message { stage: Stage::Reading(_, inflate), .. }), Some(data_set)) = (message, &mut self.data_set)
        else {
            return (whole, Progress::More);
        };
        let progress = match inflate {
            Some(inflate) => inflate.push(here, data_set),
            None => data_set.push(here),
        };
        match (progress, inflate) {
            (Progress::Done | Progress::Malformed | Progress::TooDeep, _) => (whole, progress),
            (Progress::More, Some(_)) => (taken, progress),
            (Progress::More, None) => {
                let unwanted = data_set.unwanted().min(whole - taken);
                data_set.pass(unwanted);
                (taken + unwanted, progress)
            }
        }
    }

    /// Nothing more is read of the data set under way: what it is read for, and the allowed values found in it.
    pub(super) fn conclude(&mut self) -> Option<(Kind, &[u8])> {
        let message = self.current.as_mut()?;
        let Stage::Reading(kind, _) = message.stage else { return None };
        message.stage = Stage::Passing;
        self.data_set.as_ref().map(|data_set| (kind, data_set.values.bytes()))
    }

    /// The data set is complete.
    pub(super) fn end_data_set(&mut self) {
        self.current = None;
    }

    /// Whether it was negotiated how the data set under way is written.
    pub(super) fn is_negotiated(&self) -> bool {
        self.current.as_ref().is_some_and(|message| message.is_negotiated)
    }

    /// The command under way is longer than what is read of one.
    pub(super) const fn command_is_cut(&self) -> bool {
        self.command.len() > MAX_COMMAND
    }

    /// The command is complete; answers whether it is one.
    pub(super) fn end_command(&mut self, side: Side, context: u8, state: &mut State) -> bool {
        let command = (!self.command_is_cut()).then(|| command::parse(&self.command)).flatten();
        let told = command.and_then(|command| Some((state.command(side, &command)?, command)));
        let is_command = told.is_some();
        self.current = told.and_then(|((service, is_request), command)| {
            let kind = match (service, is_request, command.sop_class.map(before_nul).map(<[u8]>::trim_ascii)) {
                (Dimse::CStore, true, _) => Some(Kind::Equipment),
                (Dimse::NCreate | Dimse::NSet, true, Some(PERFORMED_STEP)) => Some(Kind::Equipment),
                (Dimse::CFind, true, Some(WORKLIST)) => Some(Kind::WorklistQuery),
                _ => None,
            };
            command.has_data_set.then_some(Message { service, context, is_negotiated: false, stage: Stage::Due(kind) })
        });
        self.command.clear();
        is_command
    }
}

fn is_part(message: &Message, fragment: Fragment) -> bool {
    !fragment.is_command() && message.context == fragment.context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_without_end_little_is_kept() {
        let mut messages = Messages::default();
        for length in [1, 5000, 1 << 20] {
            let fragment = Fragment { context: 1, control: COMMAND, length };
            messages.begin(fragment, &mut State::default());
            let (done, progress) = messages.take(fragment, &vec![0; length as usize]);
            assert_eq!((done, progress), (u64::from(length), Progress::More));
            assert!(messages.command.capacity() <= 2 * MAX_COMMAND);
        }
        assert!(!messages.end_command(Side::A, 1, &mut State::default()));
    }
}
