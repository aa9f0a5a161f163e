//! The command set of a DIMSE message (PS3.7 6.3, 9.3, 10.3, annex E): group 0000, always implicit VR little endian.
//! Pure.
//!
//! SOP instance UIDs (0000,1000), (0000,1001) and the error comment (0000,0902) are never read.

use nom::{
    IResult, Parser,
    bytes::complete::take,
    number::complete::{le_u16, le_u32},
};
use wardwatch_model::dicom::Dimse;

/// What is kept of a command.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Command<'a> {
    /// Command field (0000,0100).
    pub(super) field: Option<u16>,
    /// Affected (0000,0002) or requested (0000,0003) SOP class UID.
    pub(super) sop_class: Option<&'a [u8]>,
    /// Status (0000,0900).
    pub(super) status: Option<u16>,
    /// Command data set type (0000,0800) says that a data set follows.
    pub(super) has_data_set: bool,
    /// Move destination (0000,0600).
    pub(super) move_destination: Option<&'a [u8]>,
    /// Move originator AE title (0000,1030).
    pub(super) move_originator: Option<&'a [u8]>,
}

/// Command data set type of a message without a data set (PS3.7 annex E.1).
const NO_DATA_SET: u16 = 0x0101;

/// Bit of the command field that tells a response from a request (PS3.7 annex E.1).
const RESPONSE: u16 = 0x8000;

/// Reads a command set; `None` where an element ends beyond it.
pub(super) fn parse(mut bytes: &[u8]) -> Option<Command<'_>> {
    let mut command = Command::default();
    while !bytes.is_empty() {
        let (rest, (group, element, value)) = element(bytes).ok()?;
        bytes = rest;
        let number = || value.first_chunk().map(|two| u16::from_le_bytes(*two));
        match (group, element) {
            (0, 0x0002 | 0x0003) => command.sop_class = Some(value),
            (0, 0x0100) => command.field = number(),
            (0, 0x0600) => command.move_destination = Some(value),
            (0, 0x0800) => command.has_data_set = number().is_some_and(|kind| kind != NO_DATA_SET),
            (0, 0x0900) => command.status = number(),
            (0, 0x1030) => command.move_originator = Some(value),
            _ => {}
        }
    }
    Some(command)
}

/// Group, element, value (PS3.5 7.1.3).
fn element(input: &[u8]) -> IResult<&[u8], (u16, u16, &[u8])> {
    let (rest, (group, element, length)) = (le_u16, le_u16, le_u32).parse(input)?;
    let (rest, value) = take(length)(rest)?;
    Ok((rest, (group, element, value)))
}

impl Command<'_> {
    /// The service and whether this is a request; `None` for a command field the standard does not define.
    pub(super) fn service(&self) -> Option<(Dimse, bool)> {
        let field = self.field?;
        let service = match field & !RESPONSE {
            0x0001 => Dimse::CStore,
            0x0010 => Dimse::CGet,
            0x0020 => Dimse::CFind,
            0x0021 => Dimse::CMove,
            0x0030 => Dimse::CEcho,
            0x0100 => Dimse::NEventReport,
            0x0110 => Dimse::NGet,
            0x0120 => Dimse::NSet,
            0x0130 => Dimse::NAction,
            0x0140 => Dimse::NCreate,
            0x0150 => Dimse::NDelete,
            0x0fff if field == 0x0fff => Dimse::CCancel,
            _ => return None,
        };
        Some((service, field & RESPONSE == 0))
    }
}

/// Status classes (PS3.7 annex C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusClass {
    Success,
    Warning,
    Failure,
    Cancel,
    Pending,
}

/// The class of a status.
pub(super) fn status_class(status: u16) -> StatusClass {
    match status {
        0x0000 => StatusClass::Success,
        0x0001 | 0x0107 | 0x0116 | 0xb000..=0xbfff => StatusClass::Warning,
        0xfe00 => StatusClass::Cancel,
        0xff00 | 0xff01 => StatusClass::Pending,
        _ => StatusClass::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(elements: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (element, value) in elements {
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(&element.to_le_bytes());
            bytes.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(value);
        }
        bytes
    }

    #[test]
    fn a_store_request_tells_its_class_and_originator_and_not_its_instance() {
        let bytes = set(&[
            (0x0000, &[0, 1, 0, 0]),
            (0x0002, b"1.2.840.10008.5.1.4.1.1.2\0"),
            (0x0100, &[1, 0]),
            (0x0800, &[0, 0]),
            (0x1000, b"1.2.3.4.5.6"),
            (0x1030, b"WS1 "),
        ]);
        let command = parse(&bytes).unwrap();
        assert_eq!(command.service(), Some((Dimse::CStore, true)));
        assert!(command.has_data_set);
        assert_eq!(command.move_originator, Some(&b"WS1 "[..]));
        assert!(!format!("{command:?}").contains("49, 46, 50, 46, 51, 46, 52"), "the instance UID is not kept");
    }

    #[test]
    fn responses_and_cancel_are_told_apart() {
        let service = |field: u16| Command { field: Some(field), ..Command::default() }.service();
        assert_eq!(service(0x8020), Some((Dimse::CFind, false)));
        assert_eq!(service(0x0fff), Some((Dimse::CCancel, true)));
        assert_eq!(service(0x8fff), None);
        assert_eq!(service(0x0002), None);
    }

    #[test]
    fn every_status_has_one_class() {
        for (status, class) in [
            (0x0000, StatusClass::Success),
            (0xb007, StatusClass::Warning),
            (0x0107, StatusClass::Warning),
            (0xa700, StatusClass::Failure),
            (0xc001, StatusClass::Failure),
            (0x0122, StatusClass::Failure),
            (0xfe00, StatusClass::Cancel),
            (0xff01, StatusClass::Pending),
        ] {
            assert_eq!(status_class(status), class, "{status:04x}");
        }
    }

    #[test]
    fn a_length_beyond_the_set_is_refused() {
        assert_eq!(parse(&[0, 0, 0, 1, 0xff, 0, 0, 0, 1, 0]), None);
    }
}
