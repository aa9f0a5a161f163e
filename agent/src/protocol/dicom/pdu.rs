//! PDUs of the upper layer (PS3.8 9.3): their headers, and how to find one in bytes.

use crate::protocol::Probe;
use memchr::memmem;
use wardwatch_model::Violation;

/// Bytes of a PDU header: type, reserved, length (PS3.8 9.3.1).
pub(super) const HEADER: usize = 6;

/// Bytes of a PDV header: length, presentation context id, message control (PS3.8 9.3.5.1, annex E.2).
pub(super) const PDV_HEADER: usize = 6;

/// Bytes of an A-ASSOCIATE-RQ or -AC before its variable items, without the PDU header (PS3.8 9.3.2).
pub(super) const ASSOCIATE_FIXED: u8 = 68;

/// Longest A-ASSOCIATE PDU taken seriously: 128 contexts with a hundred transfer syntaxes each fit.
pub(super) const MAX_ASSOCIATE: u32 = 1 << 20;

/// Longest P-DATA-TF PDU taken seriously: peers without a limit send a whole object in one.
pub(super) const MAX_DATA: u32 = 1 << 30;

/// Longest of the four short PDUs taken seriously; the standard says 4.
const MAX_SHORT: u32 = 64;

/// Where the variable items of an A-ASSOCIATE PDU begin, with the PDU header.
const ITEMS: usize = HEADER + ASSOCIATE_FIXED as usize;

/// Start of every UID of DICOM itself, and so of the application context name 1.2.840.10008.3.1.1.1 (PS3.7 A.2.1).
const APPLICATION_CONTEXT: &[u8] = b"1.2.840.10008";

/// The seven PDU types (PS3.8 table 9-11 to 9-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PduType {
    AssociateRq,
    AssociateAc,
    AssociateRj,
    PDataTf,
    ReleaseRq,
    ReleaseRp,
    Abort,
}

/// Bytes that a PDU may be longer than the maximum its receiver announced, which counts the variable field only (PS3.8
/// D.1.1): some count the header too.
pub(super) const MAXIMUM_TOLERANCE: u32 = 6;

/// Reads a PDU header; where it is none, or of an impossible length, which rule it breaks.
pub(super) fn header(bytes: &[u8; HEADER]) -> Result<(PduType, u32), Violation> {
    let [kind, _, a, b, c, d] = *bytes;
    let length = u32::from_be_bytes([a, b, c, d]);
    let (kind, lengths) = match kind {
        1 => (PduType::AssociateRq, 68..=MAX_ASSOCIATE),
        2 => (PduType::AssociateAc, 68..=MAX_ASSOCIATE),
        3 => (PduType::AssociateRj, 4..=MAX_SHORT),
        4 => (PduType::PDataTf, 0..=MAX_DATA),
        5 => (PduType::ReleaseRq, 4..=MAX_SHORT),
        6 => (PduType::ReleaseRp, 4..=MAX_SHORT),
        7 => (PduType::Abort, 4..=MAX_SHORT),
        _ => return Err(Violation::DicomPduType),
    };
    if lengths.contains(&length) { Ok((kind, length)) } else { Err(Violation::DicomPduLength) }
}

/// Judges the first bytes of a direction: a request or its acceptance, known by the application context that must come
/// first among their items, or the short answers in their exact form.
pub(super) fn probe(head: &[u8]) -> Probe {
    let Some(start) = head.first_chunk::<HEADER>() else {
        // The reserved byte is 0 in everything seen; here it keeps other protocols out.
        return match head {
            [1..=3 | 7] | [1..=3 | 7, 0, ..] => Probe::NeedMore,
            _ => Probe::No,
        };
    };
    match (start, header(start)) {
        ([_, 0, ..], Ok((PduType::AssociateRq | PduType::AssociateAc, _))) => associate(head),
        ([_, 0, ..], Ok((PduType::AssociateRj, 4))) => match head.get(HEADER..) {
            Some([_, 1 | 2, 1..=3, 1..=10, ..]) => Probe::Certain,
            Some(body) if body.len() < 4 => Probe::NeedMore,
            _ => Probe::No,
        },
        ([_, 0, ..], Ok((PduType::Abort, 4))) => match head.get(HEADER..) {
            Some([_, _, 0..=2, 0..=6, ..]) => Probe::Certain,
            Some(body) if body.len() < 4 => Probe::NeedMore,
            _ => Probe::No,
        },
        _ => Probe::No,
    }
}

/// Looks among the items, of which the application context is the first in everything seen: the standard sets no order.
fn associate(head: &[u8]) -> Probe {
    let Some(mut items) = head.get(ITEMS..) else { return Probe::NeedMore };
    loop {
        match items {
            [0x10, _, _, _, name @ ..] if name.len() >= APPLICATION_CONTEXT.len() => {
                return if name.starts_with(APPLICATION_CONTEXT) { Probe::Certain } else { Probe::No };
            }
            [0x20 | 0x21 | 0x50, _, high, low, rest @ ..] => {
                match rest.get(usize::from(u16::from_be_bytes([*high, *low]))..) {
                    Some(next) => items = next,
                    None => return Probe::NeedMore,
                }
            }
            [] | [0x10 | 0x20 | 0x21 | 0x50, ..] => return Probe::NeedMore,
            _ => return Probe::No,
        }
    }
}

/// A command set begins with its group length (0000,0000), a value of four bytes (PS3.7 9.3).
const COMMAND_START: &[u8] = &[0, 0, 0, 0, 4, 0, 0, 0];

/// Finds the first PDU that begins a command, which cannot be mistaken for anything else.
pub(super) fn find_command(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, COMMAND_START).find_map(|at| {
        let start = at.checked_sub(HEADER + PDV_HEADER)?;
        let head = bytes.get(start..)?.first_chunk::<{ HEADER + PDV_HEADER }>()?;
        let (length, pdv, context, control) = data_head(head)?;
        (pdv <= length - 4 && context & 1 == 1 && matches!(control, 1 | 3)).then_some(start)
    })
}

/// What a search for a PDU came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One begins here.
    At(usize),
    /// One may begin here: more bytes are needed to tell.
    Perhaps(usize),
    Nowhere,
}

/// Finds the first PDU of any kind, in a connection known to be DICOM: besides commands, data of a presentation context
/// that was seen, the ends of an association, and the start of another, where the ports are used again.
pub(super) fn find(bytes: &[u8], is_context: impl Fn(u8) -> bool) -> Found {
    for (at, _) in bytes.iter().enumerate().filter(|(_, kind)| matches!(kind, 1 | 2 | 4..=7)) {
        match pdu_at(bytes.get(at..).unwrap_or_default(), &is_context) {
            Probe::Certain => return Found::At(at),
            Probe::NeedMore => return Found::Perhaps(at),
            Probe::No => {}
        }
    }
    Found::Nowhere
}

/// Judges bytes that begin with a PDU type. Reserved fields are not to be tested in a PDU; here they are all that tells
/// one from pixels.
fn pdu_at(bytes: &[u8], is_context: impl Fn(u8) -> bool) -> Probe {
    match bytes {
        [1 | 2, ..] => probe(bytes),
        [4, ..] => {
            let Some(head) = bytes.first_chunk() else { return Probe::NeedMore };
            match data_head(head) {
                Some((length, pdv, context, 0..=3)) if pdv == length - 4 && is_context(context) => Probe::Certain,
                Some((length, pdv, context, 1 | 3)) if pdv <= length - 4 && context & 1 == 1 => {
                    match bytes.get(HEADER + PDV_HEADER..) {
                        Some(command) if command.starts_with(COMMAND_START) => Probe::Certain,
                        Some(command) if COMMAND_START.starts_with(command) => Probe::NeedMore,
                        _ => Probe::No,
                    }
                }
                _ => Probe::No,
            }
        }
        [_, 0, 0, 0, 0, 4, 0, 0, 0, 0, ..] | [7, 0, 0, 0, 0, 4, 0, 0, 0..=2, 0..=6, ..] => Probe::Certain,
        [_, rest @ ..] if rest.len() < 9 && rest.iter().zip([0, 0, 0, 0, 4, 0, 0]).all(|(a, b)| *a == b) => {
            Probe::NeedMore
        }
        _ => Probe::No,
    }
}

/// Length of a P-DATA-TF PDU, and length, context and control of its first PDV.
fn data_head(head: &[u8; HEADER + PDV_HEADER]) -> Option<(u32, u32, u8, u8)> {
    let [4, 0, a, b, c, d, e, f, g, h, context, control] = *head else { return None };
    let (length, pdv) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    ((6..=MAX_DATA).contains(&length) && pdv >= 2).then_some((length, pdv, context, control))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(title: &[u8; 32]) -> Vec<u8> {
        let mut pdu = vec![1, 0, 0, 0, 0, 205, 0, 1, 0, 0];
        pdu.extend_from_slice(title);
        pdu.extend_from_slice(&[0; 32]);
        pdu.extend_from_slice(b"\x10\x00\x00\x151.2.840.10008.3.1.1.1");
        pdu
    }

    #[test]
    fn a_request_is_known_by_its_application_context_whatever_the_titles() {
        for title in [b"ARCHIVE         CT01            ", &[0; 32], &[0xe9; 32]] {
            let pdu = request(title);
            assert_eq!(probe(&pdu), Probe::Certain);
            for cut in 0..78 + 13 {
                let expected = if cut == 0 { Probe::No } else { Probe::NeedMore };
                assert_eq!(probe(&pdu[..cut]), expected, "{cut}");
            }
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        let mut other_context = request(&[b' '; 32]);
        other_context[78] = b'2';
        for bytes in [
            &other_context[..],
            b"GET / HTTP/1.1\r\n",
            // Remote procedure call and TPKT begin with bytes that DICOM begins with too.
            &[1, 0, 0, 0x54, 0, 0, 0, 0],
            &[3, 0, 0, 0x13, 0x0e, 0xe0, 0, 0],
            &[1, 0, 0, 0, 0, 10, 0, 1, 0, 0],
            &[4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3],
        ] {
            assert_eq!(probe(bytes), Probe::No, "{bytes:?}");
        }
    }

    #[test]
    fn a_command_is_found_in_the_middle_of_pixels() {
        let mut bytes = vec![4; 500];
        bytes.extend_from_slice(&[4, 0, 0, 0, 0, 80, 0, 0, 0, 76, 1, 3, 0, 0, 0, 0, 4, 0, 0, 0, 66, 0, 0, 0]);
        assert_eq!(find_command(&bytes), Some(500));
        assert_eq!(find(&bytes, |_| false), Found::At(500));
        bytes[510] = 2;
        assert_eq!(find_command(&bytes), None);
    }

    #[test]
    fn data_of_a_known_context_and_a_release_are_found() {
        let mut bytes = vec![0; 100];
        bytes.extend_from_slice(&[4, 0, 0, 0, 0x40, 0, 0, 0, 0x3f, 0xfc, 9, 2, 1, 2, 3]);
        assert_eq!(find(&bytes, |context| context == 9), Found::At(100));
        assert_eq!(find(&bytes, |context| context == 11), Found::Nowhere);
        assert_eq!(find(&[8, 5, 0, 0, 0, 0, 4, 0, 0, 0, 0], |_| false), Found::At(1));
    }

    #[test]
    fn the_request_of_the_next_association_is_found() {
        let next = [&[0x55; 40][..], &request(&[b' '; 32])].concat();
        assert_eq!(find(&next, |_| false), Found::At(40));
    }
}
