//! Modbus over TCP (MODBUS Application Protocol 1.1b3, MODBUS Messaging on TCP/IP 1.0b): what a device says it is, and whether
//! values are read or written. No value is read.

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
use wardwatch_model::{Attribute, Detail, Note, Notes, PacketTime, Seen, Source};

/// Bytes before a unit identifier: transaction, protocol (0), length of what follows (Messaging, 3.1.3).
const HEADER: usize = 6;

/// Shortest and longest of what follows: unit and function; a message of 253 bytes with its unit (Application, 4.1).
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=254;

/// Functions (Application, 6): reading, writing, writing while reading, control of the device, encapsulated interface.
const READ: [u8; 7] = [1, 2, 3, 4, 7, 20, 24];
const WRITE: [u8; 7] = [5, 6, 15, 16, 21, 22, 23];
const CONTROL: [u8; 1] = [8];
const ENCAPSULATED: u8 = 43;
/// The kind of interface that identifies devices (6.21).
const IDENTIFICATION: u8 = 14;
/// Bit of a function in an answer that says no (7).
const EXCEPTION: u8 = 0x80;

/// Objects of an identification (6.21, table of basic and regular objects).
const OBJECTS: [(u8, Attribute); 5] = [
    (0, Attribute::Manufacturer),
    (1, Attribute::PartNumber),
    (2, Attribute::FirmwareVersion),
    (4, Attribute::Platform),
    (5, Attribute::Model),
];

/// A connection of Modbus.
#[derive(Clone, Default)]
pub(crate) struct Modbus {
    client: Option<Side>,
    is_joined: bool,
    is_lost: PerSide<bool>,
    identity: Option<(Side, Words, Seen)>,
    notes: Notes,
    messages: u64,
    faults: u64,
}

impl StreamParser for Modbus {
    /// Messages whose lengths fit their functions, and nothing else: three zeros alone stand in many other bytes.
    fn probe(head: &[u8]) -> Probe {
        let (mut rest, mut verdict) = (head, Probe::NeedMore);
        while !rest.is_empty() {
            match message(rest) {
                Some(Some(length)) => match rest.get(length..) {
                    Some(after) => (rest, verdict) = (after, Probe::Certain),
                    None => break,
                },
                Some(None) => return Probe::No,
                None => break,
            }
        }
        verdict
    }

    /// Too little of a message is always the same.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        if *self.is_lost.get(side) {
            return Step::Opaque;
        }
        let Some((header, message)) = bytes.split_first_chunk::<HEADER>() else { return Step::NeedMore };
        let [_, _, p1, p2, l1, l2] = *header;
        let length = usize::from(u16::from_be_bytes([l1, l2]));
        if [p1, p2] != [0, 0] || !LENGTHS.contains(&length) {
            self.faults += 1;
            self.gap(side);
            return Step::Opaque;
        }
        let Some([_, function, rest @ ..]) = message.get(..length) else { return Step::NeedMore };
        if !self.is_joined {
            // Only a client asks, and nobody answers before.
            self.client.get_or_insert(side);
        }
        self.messages += 1;
        if self.client.is_none_or(|client| client == side) {
            self.asked(*function);
        }
        if self.client != Some(side) && *function == ENCAPSULATED {
            self.identify(side, at, rest);
        }
        Step::Advance((HEADER + length) as u64)
    }

    fn gap(&mut self, side: Side) {
        *self.is_lost.get_mut(side) = true;
    }

    fn joined(&mut self, _: Side) {
        self.is_joined = true;
    }

    fn held(&self) -> usize {
        self.identity.as_ref().map_or(0, |(_, words, _)| words.held()) + self.notes.heap_bytes()
    }

    fn client(&self) -> Option<Side> {
        self.client
    }

    fn so_far(&self) -> Outcome {
        let spoken = self.identity.clone().map(|(side, words, seen)| Spoken {
            side,
            source: Source::Modbus,
            speaks_as: None,
            attributes: words.told(),
            seen,
        });
        Outcome {
            messages: self.messages,
            faults: self.faults,
            detail: if self.notes.is_empty() { Detail::None } else { Detail::Notes(self.notes.clone()) },
            descriptions: spoken.into_iter().filter(|spoken| !spoken.attributes.is_empty()).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Modbus {
    fn asked(&mut self, function: u8) {
        let kinds: [(&[u8], Note); 3] =
            [(&READ, Note::ValueRead), (&WRITE, Note::ValueWritten), (&CONTROL, Note::DeviceControlled)];
        if let Some((_, note)) = kinds.iter().find(|(functions, _)| functions.contains(&function)) {
            self.notes.note(*note);
        }
    }

    /// Kind of interface, what was asked, conformity, whether more follows, the next object, how many; then each object with its
    /// number, length and text.
    fn identify(&mut self, side: Side, at: PacketTime, message: &[u8]) {
        let [IDENTIFICATION, _, _, _, _, _, objects @ ..] = message else { return };
        let (_, words, _) = self.identity.get_or_insert_with(|| (side, Words::default(), Seen::once(at)));
        let mut rest = objects;
        while let [number, length, after @ ..] = rest {
            let Some((text, after)) = after.split_at_checked(usize::from(*length)) else { break };
            if let Some((_, attribute)) = OBJECTS.iter().find(|(known, _)| known == number) {
                words.say(*attribute, text);
            }
            rest = after;
        }
    }
}

/// Length of the message at the start, where it can be one; none where the next byte would tell.
fn message(bytes: &[u8]) -> Option<Option<usize>> {
    if !bytes.iter().skip(2).zip([0, 0, 0]).all(|(a, b)| *a == b) {
        return Some(None);
    }
    match bytes {
        [_, _, _, _, _, length, _, function, rest @ ..] => {
            let length = usize::from(*length);
            fits(length, *function, rest).map(|fits| fits.then_some(HEADER + length))
        }
        [_, _, _, _, _, length, ..] if !LENGTHS.contains(&usize::from(*length)) => Some(None),
        _ => None,
    }
}

/// Whether a message of a function has a length that it can have; none where its next byte would tell.
fn fits(length: usize, function: u8, rest: &[u8]) -> Option<bool> {
    if !LENGTHS.contains(&length) {
        return Some(false);
    }
    // Of what is counted in bytes behind `fixed` others.
    let counted = |at: usize, fixed: usize| rest.get(at).map(|count| length == fixed + usize::from(*count));
    // Requests and answers (6.1 to 6.21); an exception has a code of 1 to 11 (7).
    match function {
        1..=4 if length == 6 => Some(true),
        1..=4 | 17 if length > 2 => counted(0, 3),
        5 | 6 => Some(length == 6),
        15 | 16 if length == 6 => Some(true),
        15 | 16 if length > 6 => counted(4, 7),
        22 => Some(length == 8),
        17 => Some(length == 2),
        ENCAPSULATED if length >= 5 => rest.first().map(|kind| *kind == IDENTIFICATION),
        function if function & EXCEPTION != 0 && length == 3 => rest.first().map(|code| (1..=11).contains(code)),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample, told_by};

    fn frame(message: &[u8]) -> Vec<u8> {
        let length = u16::try_from(message.len() + 1).unwrap().to_be_bytes();
        [&[0, 7, 0, 0][..], &length, &[1], message].concat()
    }

    fn objects(all: &[(u8, &str)]) -> Vec<u8> {
        let each = all
            .iter()
            .flat_map(|(number, text)| [&[*number, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat());
        let head = [ENCAPSULATED, IDENTIFICATION, 2, 0x82, 0, 0, u8::try_from(all.len()).unwrap()];
        frame(&head.into_iter().chain(each).collect::<Vec<_>>())
    }

    pub(super) fn samples() -> Vec<Sample> {
        let registers = [&[3, 6][..], MARK.as_bytes()].concat();
        let identity = objects(&[(0, "Example Gas"), (1, "GP-7"), (2, "V1.4"), (3, MARK), (5, "Panel 7"), (6, MARK)]);
        vec![vec![
            (Side::B, frame(&[3, 0, 0, 0, 3])),
            (Side::A, frame(&registers)),
            (Side::B, frame(&[6, 0, 1, 0, 9])),
            (Side::A, frame(&[6, 0, 1, 0, 9])),
            (Side::B, frame(&[ENCAPSULATED, IDENTIFICATION, 2, 0])),
            (Side::A, identity),
            (Side::B, frame(&[0x90, 2])),
        ]]
    }

    #[test]
    fn a_device_tells_what_it_is_and_that_values_were_read_and_written() {
        let outcome = told_by::<Modbus>(&samples()[0]);
        let told: Vec<_> =
            outcome.descriptions[0].attributes.iter().map(|(what, text)| (*what, text.as_str())).collect();
        let expected = [
            (Attribute::FirmwareVersion, "V1.4"),
            (Attribute::Manufacturer, "Example Gas"),
            (Attribute::Model, "Panel 7"),
            (Attribute::PartNumber, "GP-7"),
        ];
        assert_eq!((outcome.descriptions[0].side, &told[..]), (Side::A, &expected[..]));
        let Detail::Notes(notes) = outcome.detail else { panic!() };
        let counts = [Note::ValueRead, Note::ValueWritten, Note::DeviceControlled].map(|note| notes.count(note));
        assert_eq!((counts, outcome.messages), ([1, 1, 0], 7));
    }

    #[test]
    fn lengths_that_no_function_has_are_not_modbus() {
        // A-ASSOCIATE of DICOM, whose 200 bytes would be many for the version of its protocol.
        for head in
            [&b"\x01\x00\x00\x00\x00\xc8\x00\x01\x00\x00ORTHANC"[..], b"\0\x07\0\0\0\x07\x01\x05\0", b"\x16\x03\x01"]
        {
            assert_eq!(Modbus::probe(head), Probe::No, "{}", head.escape_ascii());
        }
        assert_eq!(Modbus::probe(&[0, 7, 0, 0, 0, 6]), Probe::NeedMore);
        assert_eq!(Modbus::probe(&frame(&[1, 0, 0, 0, 8])), Probe::Certain);
        assert_eq!(Modbus::probe(&frame(&[0x83, 2])), Probe::Certain);
        assert_eq!(Modbus::probe(&frame(&[0x83, 12])), Probe::No);
    }
}
