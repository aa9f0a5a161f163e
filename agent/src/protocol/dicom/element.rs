//! Headers of data elements in every transfer syntax (PS3.5 7.1). Pure.

/// How the elements of a data set are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// 1.2.840.10008.1.2.
    ImplicitLittle,
    /// 1.2.840.10008.1.2.1, and the header part of every encapsulated syntax (PS3.5 annex A.4).
    ExplicitLittle,
    /// 1.2.840.10008.1.2.2, retired and still met.
    ExplicitBig,
}

impl Syntax {
    /// Guesses from the first element of a data set, whose group is small: for messages whose presentation context was
    /// not seen.
    pub(super) fn guess(start: &[u8; 8]) -> Self {
        let [first, second, _, _, a, b, _, _] = *start;
        match (is_vr([a, b]), first == 0 && second != 0) {
            (true, true) => Self::ExplicitBig,
            (true, false) => Self::ExplicitLittle,
            (false, _) => Self::ImplicitLittle,
        }
    }

    fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::ExplicitBig => u16::from_be_bytes(bytes),
            Self::ImplicitLittle | Self::ExplicitLittle => u16::from_le_bytes(bytes),
        }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::ExplicitBig => u32::from_be_bytes(bytes),
            Self::ImplicitLittle | Self::ExplicitLittle => u32::from_le_bytes(bytes),
        }
    }
}

/// A tag as one number: group in the high half, element in the low one.
pub(super) type Tag = u32;

/// Item, item delimitation, sequence delimitation (PS3.5 7.5): never with a VR.
pub(super) const ITEM: Tag = 0xfffe_e000;
pub(super) const ITEM_END: Tag = 0xfffe_e00d;
pub(super) const SEQUENCE_END: Tag = 0xfffe_e0dd;

/// The longest header: tag, VR, two reserved bytes, 32-bit length.
pub(super) const LONGEST_HEADER: usize = 12;

/// The header of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) tag: Tag,
    /// `None`: undefined, up to a delimiter.
    pub(super) length: Option<u32>,
    /// The value is UN, whose undefined length means implicit VR inside (PS3.5 6.2.2).
    pub(super) unknown_vr: bool,
    /// Bytes of the header.
    pub(super) size: usize,
}

/// What came of reading a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRead {
    Whole(Header),
    NeedMore,
    /// Not in the syntax the data set is said to have.
    Malformed,
}

/// Reads the header at the start of `bytes`.
pub(super) fn header(syntax: Syntax, bytes: &[u8]) -> HeaderRead {
    let Some([g0, g1, e0, e1, a, b, c, d]) = bytes.first_chunk::<8>().copied() else { return HeaderRead::NeedMore };
    let tag = Tag::from(syntax.u16([g0, g1])) << 16 | Tag::from(syntax.u16([e0, e1]));
    let whole = |length: u32, unknown_vr, size| {
        HeaderRead::Whole(Header { tag, length: (length != u32::MAX).then_some(length), unknown_vr, size })
    };
    if syntax == Syntax::ImplicitLittle || matches!(tag, ITEM | ITEM_END | SEQUENCE_END) {
        return whole(syntax.u32([a, b, c, d]), false, 8);
    }
    if !is_vr([a, b]) {
        return HeaderRead::Malformed;
    }
    // PS3.5 7.1.2: these have a 16-bit length; all others, to come ones too, two reserved bytes and a 32-bit length.
    match &[a, b] {
        b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO" | b"LT" | b"PN"
        | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => {
            whole(u32::from(syntax.u16([c, d])), false, 8)
        }
        vr => match bytes.get(8..LONGEST_HEADER) {
            Some(&[e, f, g, h]) => whole(syntax.u32([e, f, g, h]), vr == b"UN", LONGEST_HEADER),
            _ => HeaderRead::NeedMore,
        },
    }
}

/// A text or UID up to its first NUL, with which UIDs are padded (PS3.5 9.1), and anything by programs written in C.
/// What stands behind it is not of the value.
pub(super) fn before_nul(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A value representation is two capital letters.
fn is_vr(bytes: [u8; 2]) -> bool {
    bytes.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(syntax: Syntax, bytes: &[u8]) -> (Tag, Option<u32>, usize) {
        match header(syntax, bytes) {
            HeaderRead::Whole(header) => (header.tag, header.length, header.size),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_element_in_three_syntaxes() {
        let expected = (0x0008_0070, Some(4), 8);
        assert_eq!(whole(Syntax::ImplicitLittle, &[8, 0, 0x70, 0, 4, 0, 0, 0]), expected);
        assert_eq!(whole(Syntax::ExplicitLittle, &[8, 0, 0x70, 0, b'L', b'O', 4, 0]), expected);
        assert_eq!(whole(Syntax::ExplicitBig, &[0, 8, 0, 0x70, b'L', b'O', 0, 4]), expected);
    }

    #[test]
    fn long_forms_and_undefined_lengths() {
        let sequence = [0x18, 0, 0x0a, 0x10, b'S', b'Q', 0, 0, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(whole(Syntax::ExplicitLittle, &sequence), (0x0018_100a, None, 12));
        assert_eq!(header(Syntax::ExplicitLittle, &sequence[..11]), HeaderRead::NeedMore);
        assert_eq!(whole(Syntax::ExplicitLittle, &[0xfe, 0xff, 0, 0xe0, 8, 0, 0, 0]), (ITEM, Some(8), 8));
    }

    #[test]
    fn a_syntax_is_guessed_from_the_first_element() {
        assert_eq!(Syntax::guess(&[8, 0, 5, 0, b'C', b'S', 10, 0]), Syntax::ExplicitLittle);
        assert_eq!(Syntax::guess(&[0, 8, 0, 5, b'C', b'S', 0, 10]), Syntax::ExplicitBig);
        assert_eq!(Syntax::guess(&[8, 0, 5, 0, 10, 0, 0, 0]), Syntax::ImplicitLittle);
    }

    #[test]
    fn bytes_without_a_vr_are_malformed_where_one_is_due() {
        assert_eq!(header(Syntax::ExplicitLittle, &[8, 0, 0x70, 0, 4, 0, 0, 0]), HeaderRead::Malformed);
    }
}
