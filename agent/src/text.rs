//! From the bytes of a text field to [`DeviceText`]: the only place where wire bytes become text.

use encoding_rs::Encoding;
use std::borrow::Cow;
use wardwatch_model::DeviceText;

/// The repertoire a text field is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Nothing declared: UTF-8 where the bytes are that, else ISO 8859-1, in which every byte means something.
    #[default]
    Undeclared,
    /// Declared, one of the WHATWG encodings, which are supersets of the ISO ones used here.
    Declared(&'static Encoding),
    /// ISO 2022 with Korean (KS X 1001) in G1: `ESC $ ) C` switches, the text is EUC-KR.
    Iso2022Korean,
    /// ISO 2022 with simplified Chinese (GB 2312) in G1: `ESC $ ) A`.
    Iso2022Chinese,
}

impl Charset {
    /// By a defined term of Specific Character Set (0008,0005) (PS3.3 C.12.1.1.2). Of several values the last that
    /// names more than ASCII decides: with code extensions it covers the earlier ones.
    pub(crate) fn from_dicom(value: &[u8]) -> Self {
        value.split(|b| *b == b'\\').map(|term| Self::from_dicom_term(term.trim_ascii())).fold(
            Self::Undeclared,
            |best, one| {
                if one == Self::Undeclared { best } else { one }
            },
        )
    }

    fn from_dicom_term(term: &[u8]) -> Self {
        use encoding_rs as e;
        Self::Declared(match term {
            b"ISO_IR 192" => e::UTF_8,
            b"GB18030" => e::GB18030,
            b"GBK" => e::GBK,
            b"ISO_IR 100" | b"ISO 2022 IR 100" => e::WINDOWS_1252,
            b"ISO_IR 101" | b"ISO 2022 IR 101" => e::ISO_8859_2,
            b"ISO_IR 109" | b"ISO 2022 IR 109" => e::ISO_8859_3,
            b"ISO_IR 110" | b"ISO 2022 IR 110" => e::ISO_8859_4,
            b"ISO_IR 144" | b"ISO 2022 IR 144" => e::ISO_8859_5,
            b"ISO_IR 127" | b"ISO 2022 IR 127" => e::ISO_8859_6,
            b"ISO_IR 126" | b"ISO 2022 IR 126" => e::ISO_8859_7,
            b"ISO_IR 138" | b"ISO 2022 IR 138" => e::ISO_8859_8,
            b"ISO_IR 148" | b"ISO 2022 IR 148" => e::WINDOWS_1254,
            b"ISO_IR 203" | b"ISO 2022 IR 203" => e::ISO_8859_15,
            b"ISO_IR 166" | b"ISO 2022 IR 166" => e::WINDOWS_874,
            b"ISO_IR 13" | b"ISO 2022 IR 13" => e::SHIFT_JIS,
            b"ISO 2022 IR 87" | b"ISO 2022 IR 159" => e::ISO_2022_JP,
            b"ISO 2022 IR 149" => return Self::Iso2022Korean,
            b"ISO 2022 IR 58" => return Self::Iso2022Chinese,
            _ => return Self::Undeclared,
        })
    }

    /// By a value of MSH-18 (HL7 table 0211).
    pub(crate) fn from_hl7(value: &[u8]) -> Self {
        use encoding_rs as e;
        Self::Declared(match value.trim_ascii() {
            b"UNICODE UTF-8" | b"UTF-8" => e::UTF_8,
            b"8859/1" => e::WINDOWS_1252,
            b"8859/2" => e::ISO_8859_2,
            b"8859/3" => e::ISO_8859_3,
            b"8859/4" => e::ISO_8859_4,
            b"8859/5" => e::ISO_8859_5,
            b"8859/6" => e::ISO_8859_6,
            b"8859/7" => e::ISO_8859_7,
            b"8859/8" => e::ISO_8859_8,
            b"8859/9" => e::WINDOWS_1254,
            b"8859/15" => e::ISO_8859_15,
            b"ISO IR14" => e::SHIFT_JIS,
            b"ISO IR87" | b"ISO IR159" => e::ISO_2022_JP,
            b"GB 18030-2000" => e::GB18030,
            b"BIG-5" => e::BIG5,
            b"KS X 1001" => e::EUC_KR,
            _ => return Self::Undeclared,
        })
    }

    /// Whether a byte that is punctuation in ASCII can be the second of a character, so that a separator cannot be told.
    pub(crate) fn has_punctuation_in_characters(self) -> bool {
        use encoding_rs as e;
        match self {
            Self::Declared(set) => [e::SHIFT_JIS, e::BIG5, e::GB18030, e::GBK].contains(&set),
            Self::Undeclared | Self::Iso2022Korean | Self::Iso2022Chinese => false,
        }
    }

    /// The text of a field; `None` where nothing printable is in it. What the repertoire does not know becomes U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<DeviceText> {
        DeviceText::new(&self.text(bytes))
    }

    /// The same, neither cleaned nor cut: for fields of several values, which can be told apart only in the text.
    pub(crate) fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Undeclared => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
            },
            Self::Declared(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Iso2022Korean => decode_after_escapes(encoding_rs::EUC_KR, bytes),
            Self::Iso2022Chinese => decode_after_escapes(encoding_rs::GBK, bytes),
        }
    }
}

/// Drops the four-byte designations (`ESC $ ) F`) of ISO 2022, after which the bytes are plain EUC.
fn decode_after_escapes(encoding: &'static Encoding, bytes: &[u8]) -> Cow<'static, str> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if let [0x1b, b'$', b')', _, after @ ..] = rest {
            rest = after;
        } else {
            plain.push(*first);
            rest = tail;
        }
    }
    Cow::Owned(encoding.decode_without_bom_handling(&plain).0.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dicom(term: &str, bytes: &[u8]) -> String {
        Charset::from_dicom(term.as_bytes()).decode(bytes).unwrap().to_string()
    }

    #[test]
    fn dicom_terms_decode_their_repertoires() {
        assert_eq!(dicom("ISO_IR 100", b"R\xf6ntgen 1 "), "Röntgen 1");
        assert_eq!(dicom("ISO_IR 192", "Рентген".as_bytes()), "Рентген");
        assert_eq!(dicom("ISO_IR 144", b"\xc0\xd5\xdd\xe2\xd3\xd5\xdd"), "Рентген");
        assert_eq!(dicom("\\ISO 2022 IR 87", b"\x1b$B;38}\x1b(B 1"), "山口 1");
        assert_eq!(dicom("\\ISO 2022 IR 149", b"CT \x1b$)C\xb1\xe8"), "CT 김");
        assert_eq!(dicom("\\ISO 2022 IR 58", b"\x1b$)A\xcd\xf5"), "王");
        assert_eq!(dicom("GB18030", b"\xcd\xf5"), "王");
        assert_eq!(dicom("", b"plain"), "plain");
        assert_eq!(dicom("", b"R\xf6ntgen"), "Röntgen");
    }

    #[test]
    fn hl7_terms_decode_their_repertoires() {
        assert_eq!(&*Charset::from_hl7(b"8859/1").decode(b"LABOR S\xdcD").unwrap(), "LABOR SÜD");
        assert_eq!(&*Charset::from_hl7(b"UNICODE UTF-8").decode("ОРИТ".as_bytes()).unwrap(), "ОРИТ");
        assert_eq!(&*Charset::from_hl7(b"ISO IR87").decode(b"\x1b$B;38}\x1b(B").unwrap(), "山口");
        assert_eq!(Charset::from_hl7(b"ASCII"), Charset::Undeclared);
    }

    #[test]
    fn separators_hide_only_in_the_repertoires_whose_characters_hold_them() {
        assert!(Charset::from_hl7(b"ISO IR14").has_punctuation_in_characters());
        assert!(Charset::from_hl7(b"BIG-5").has_punctuation_in_characters());
        assert!(!Charset::from_hl7(b"UNICODE UTF-8").has_punctuation_in_characters());
        assert!(!Charset::from_hl7(b"KS X 1001").has_punctuation_in_characters());
    }

    #[test]
    fn bytes_outside_a_repertoire_are_marked_not_dropped() {
        assert_eq!(dicom("ISO_IR 192", b"A\xffB"), "A\u{fffd}B");
    }
}
