//! Items of A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2, 9.3.3; PS3.7 annex D): from bytes to fields. Pure.
//!
//! Nothing is read of a user identity (58H) but its type.

use nom::{
    IResult, Parser,
    bytes::complete::take,
    multi::length_data,
    number::complete::{be_u8, be_u16},
};

/// Called and calling AE title, sixteen bytes each, blanks and all.
pub(super) fn titles(fixed: &[u8]) -> Option<(&[u8], &[u8])> {
    // 7-8 protocol version, 9-10 reserved, 11-26 called, 27-42 calling, 43-74 reserved
    Some((fixed.get(4..20)?, fixed.get(20..36)?))
}

/// Whether an AE title has only characters it may have: those of the ISO 646 basic G0 set (PS3.8 9.3.2), without the
/// backslash and control characters (PS3.5 6.2, AE). NUL in place of the blanks at its end is an old habit.
pub(super) fn is_title(title: &[u8]) -> bool {
    let end = title.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    title.iter().take(end).all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\')
}

/// An item of the variable field.
#[derive(Debug, PartialEq)]
pub(super) enum Item<'a> {
    /// 20H: presentation context id, abstract syntax, transfer syntaxes; of these, how many there are besides those kept.
    ProposedContext { id: u8, abstract_syntax: Option<&'a [u8]>, transfer_syntaxes: Vec<&'a [u8]>, unkept: u16 },
    /// 21H: presentation context id, result, transfer syntax (significant only where accepted).
    AnsweredContext { id: u8, result: u8, transfer_syntax: Option<&'a [u8]> },
    /// 50H: user information.
    UserInformation(&'a [u8]),
    /// 10H and whatever else.
    Other,
}

/// A sub-item of the user information.
#[derive(Debug, PartialEq)]
pub(super) enum SubItem<'a> {
    /// 51H.
    MaximumLength(u32),
    /// 52H.
    ImplementationClassUid(&'a [u8]),
    /// 53H: operations invoked and performed.
    AsyncOperations(u16, u16),
    /// 54H: SOP class, SCU role, SCP role.
    RoleSelection(&'a [u8], bool, bool),
    /// 55H.
    ImplementationVersionName(&'a [u8]),
    /// 56H, 57H: SOP class.
    ExtendedNegotiation(&'a [u8]),
    /// 58H: type of the user identity.
    UserIdentity(u8),
    /// Whatever else.
    Other,
}

/// Most transfer syntaxes kept of a proposed context.
const MAX_TRANSFER_SYNTAXES: usize = 64;

/// Type, reserved, length, value: the frame of every item.
fn framed(input: &[u8]) -> IResult<&[u8], (u8, &[u8])> {
    let (rest, (kind, _, value)) = (be_u8, be_u8, length_data(be_u16)).parse(input)?;
    Ok((rest, (kind, value)))
}

/// Reads one item that is there in full: the item, or `None` where its inside is malformed, and the rest.
pub(super) fn item(input: &[u8]) -> Option<(Option<Item<'_>>, &[u8])> {
    let (rest, (kind, value)) = framed(input).ok()?;
    let item = match kind {
        0x20 => proposed_context(value).ok().map(|(_, item)| item),
        0x21 => answered_context(value).ok().map(|(_, item)| item),
        0x50 => Some(Item::UserInformation(value)),
        _ => Some(Item::Other),
    };
    Some((item, rest))
}

/// PS3.8 9.3.2.2: id, three reserved bytes, then one abstract (30H) and the transfer syntaxes (40H).
fn proposed_context(value: &[u8]) -> IResult<&[u8], Item<'_>> {
    let (mut rest, (id, _)) = (be_u8, take(3usize)).parse(value)?;
    let (mut abstract_syntax, mut transfer_syntaxes, mut unkept) = (None, Vec::new(), 0u16);
    while !rest.is_empty() {
        let (after, (kind, uid)) = framed(rest)?;
        match kind {
            0x30 => abstract_syntax = Some(uid),
            0x40 if transfer_syntaxes.len() < MAX_TRANSFER_SYNTAXES => transfer_syntaxes.push(uid),
            0x40 => unkept = unkept.saturating_add(1),
            _ => {}
        }
        rest = after;
    }
    Ok((rest, Item::ProposedContext { id, abstract_syntax, transfer_syntaxes, unkept }))
}

/// PS3.8 9.3.3.2: id, reserved, result, reserved, then one transfer syntax (40H).
fn answered_context(value: &[u8]) -> IResult<&[u8], Item<'_>> {
    let (rest, (id, _, result, _)) = (be_u8, be_u8, be_u8, be_u8).parse(value)?;
    let transfer_syntax = framed(rest).ok().and_then(|(_, (kind, uid))| (kind == 0x40).then_some(uid));
    Ok((rest, Item::AnsweredContext { id, result, transfer_syntax }))
}

/// Reads one sub-item: the sub-item, or `None` where its inside is malformed, and the rest.
pub(super) fn sub_item(input: &[u8]) -> Option<(Option<SubItem<'_>>, &[u8])> {
    let (rest, (kind, value)) = framed(input).ok()?;
    let item = match kind {
        0x51 => value.first_chunk().map(|length| SubItem::MaximumLength(u32::from_be_bytes(*length))),
        0x52 => Some(SubItem::ImplementationClassUid(value)),
        0x53 => match value {
            [a, b, c, d, ..] => {
                Some(SubItem::AsyncOperations(u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])))
            }
            _ => None,
        },
        0x54 => role_selection(value).ok().map(|(_, item)| item),
        0x55 => Some(SubItem::ImplementationVersionName(value)),
        0x56 | 0x57 => sop_class(value).ok().map(|(_, uid)| SubItem::ExtendedNegotiation(uid)),
        0x58 => value.first().map(|kind| SubItem::UserIdentity(*kind)),
        _ => Some(SubItem::Other),
    };
    Some((item, rest))
}

/// PS3.7 D.3.3.4: UID length, SOP class UID, SCU role, SCP role.
fn role_selection(value: &[u8]) -> IResult<&[u8], SubItem<'_>> {
    let (rest, (uid, scu, scp)) = (length_data(be_u16), be_u8, be_u8).parse(value)?;
    Ok((rest, SubItem::RoleSelection(uid, scu != 0, scp != 0)))
}

/// PS3.7 D.3.3.5.1, D.3.3.6.1: UID length, SOP class UID, then what is not read.
fn sop_class(value: &[u8]) -> IResult<&[u8], &[u8]> {
    length_data(be_u16).parse(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_context_gives_its_syntaxes_in_order() {
        let bytes = b"\x20\x00\x00\x18\x05\xff\xff\xff\x30\x00\x00\x031.2\x40\x00\x00\x031.3\x40\x00\x00\x021.\x99";
        let (parsed, rest) = item(&bytes[..]).unwrap();
        assert_eq!(
            parsed,
            Some(Item::ProposedContext {
                id: 5,
                abstract_syntax: Some(b"1.2"),
                transfer_syntaxes: vec![b"1.3", b"1."],
                unkept: 0
            })
        );
        assert_eq!(rest, b"\x99");
    }

    #[test]
    fn a_length_beyond_the_item_spoils_only_that_item() {
        let bytes = b"\x20\x00\x00\x0b\x05\xff\xff\xff\x30\x00\x00\xff1.2\x10\x00\x00\x00";
        let (parsed, rest) = item(&bytes[..]).unwrap();
        assert_eq!(parsed, None);
        assert_eq!(item(rest), Some((Some(Item::Other), &[][..])));
    }

    #[test]
    fn user_information_is_read_as_the_standard_lays_it_out() {
        let cases: [(&[u8], SubItem<'_>); 6] = [
            (b"\x51\0\0\x04\0\0\x40\0", SubItem::MaximumLength(16384)),
            (b"\x52\0\0\x031.2", SubItem::ImplementationClassUid(b"1.2")),
            (b"\x53\0\0\x04\0\x05\0\x06", SubItem::AsyncOperations(5, 6)),
            (b"\x54\0\0\x07\0\x031.2\0\x01", SubItem::RoleSelection(b"1.2", false, true)),
            (b"\x56\0\0\x07\0\x031.2\x01\x01", SubItem::ExtendedNegotiation(b"1.2")),
            (b"\x57\0\0\x0b\0\x031.2\0\x02\x31\x2e\0\0", SubItem::ExtendedNegotiation(b"1.2")),
        ];
        for (bytes, expected) in cases {
            assert_eq!(sub_item(bytes), Some((Some(expected), &[][..])));
        }
    }

    #[test]
    fn of_a_user_identity_only_the_type_is_read() {
        let bytes = b"\x58\0\0\x0f\x02\x01\0\x04anna\0\x05horse";
        assert_eq!(sub_item(&bytes[..]), Some((Some(SubItem::UserIdentity(2)), &[][..])));
    }
}
