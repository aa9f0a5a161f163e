//! From the bytes of a kept field to its text, repetitions, components and escapes. Used only for what was not known
//! yet, so it may allocate; but many connections are short, so what most fields are is told first.

use super::{scan, start::Delimiters};
use crate::text::Charset;
use wardwatch_model::DeviceText;

/// Reads fields of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reader {
    pub(super) delimiters: Delimiters,
    pub(super) charset: Charset,
}

/// Between components in canonical form, whatever the message uses.
const CANONICAL_COMPONENT: &str = "^";
/// A field that is deliberately empty (v2.5.1, 2.5.3).
const NULL: &str = "\"\"";

impl Reader {
    /// The repetitions of a field that are not empty.
    pub(super) fn repetitions(self, raw: &[u8]) -> Vec<DeviceText> {
        if self.is_plain(raw) {
            return raw.split(|b| *b == self.delimiters.repetition).filter_map(|b| self.charset.decode(b)).collect();
        }
        let whole = self.charset.decode(raw);
        let parts = whole.iter().flat_map(|whole| whole.split(char::from(self.delimiters.repetition)));
        parts.filter_map(DeviceText::new).collect()
    }

    /// The first repetition of a field, in canonical form.
    pub(super) fn first_canonical(self, raw: &[u8], most: usize) -> Option<DeviceText> {
        self.simple(raw).or_else(|| self.into_canonical(self.first(raw)?, most))
    }

    /// The first repetition of a field.
    pub(super) fn first(self, raw: &[u8]) -> Option<DeviceText> {
        if self.is_plain(raw) {
            return raw.split(|b| *b == self.delimiters.repetition).find_map(|b| self.charset.decode(b));
        }
        self.repetitions(raw).into_iter().next()
    }

    /// A field of one repetition and one component in which nothing needs care, as most are: its first repetition and its
    /// canonical form alike. In every repertoire that can be declared these bytes are ASCII.
    fn simple(self, raw: &[u8]) -> Option<DeviceText> {
        let Delimiters { component, repetition, escape, .. } = self.delimiters;
        let odd = |byte: u8| {
            !byte.is_ascii_graphic() | (byte == component) | (byte == repetition) | (byte == escape) | (byte == b'"')
        };
        let is_simple = raw.len() <= DeviceText::MAX_CHARS && !raw.iter().any(|byte| odd(*byte));
        if is_simple { self.charset.decode(raw) } else { None }
    }

    /// Only in plain ASCII is it certain that a byte is the separator; it also keeps each repetition within its own
    /// limit.
    fn is_plain(self, raw: &[u8]) -> bool {
        raw.is_ascii() && memchr::memchr(0x1b, raw).is_none()
    }

    /// A component, counted from 1, without escapes.
    pub(super) fn component(self, field: &str, number: usize) -> Option<DeviceText> {
        let end = |rest: &str| scan::position(rest.as_bytes(), self.delimiters.component);
        let mut rest = field;
        for _ in 0..number.checked_sub(1)? {
            rest = rest.get(end(rest)? + 1..)?;
        }
        self.plain(end(rest).and_then(|end| rest.get(..end)).unwrap_or(rest))
    }

    /// The first components, `most` of them, joined as HL7 does by default; empty ones at the end are left out.
    pub(super) fn canonical(self, field: &str, most: usize) -> Option<DeviceText> {
        let mut joined = String::new();
        let mut waiting = 0;
        for number in 1..=most {
            if let Some(component) = self.component(field, number) {
                joined.extend(std::iter::repeat_n(CANONICAL_COMPONENT, waiting));
                joined.push_str(&component);
                waiting = 0;
            }
            waiting += 1;
        }
        DeviceText::new(&joined)
    }

    /// The same of a text that is no longer needed: most are in canonical form already.
    pub(super) fn into_canonical(self, field: DeviceText, most: usize) -> Option<DeviceText> {
        if self.is_canonical(&field, most) { Some(field) } else { self.canonical(&field, most) }
    }

    /// Whether a text is seen at a glance to be in canonical form: no blanks that would go, no escapes, no nulls.
    pub(super) fn is_canonical(self, text: &DeviceText, most: usize) -> bool {
        let Delimiters { component, escape, .. } = self.delimiters;
        let mut components = 1;
        let mut before = component;
        for &byte in text.as_bytes() {
            let odd = match byte {
                b'"' => true,
                _ if byte == escape => true,
                _ if byte == component => {
                    components += 1;
                    before == b' ' || component != b'^'
                }
                b' ' => before == component,
                _ => !byte.is_ascii_graphic(),
            };
            if odd {
                return false;
            }
            before = byte;
        }
        components <= most && before != component
    }

    /// A whole field that has no components.
    pub(super) fn plain(self, text: &str) -> Option<DeviceText> {
        if text.trim() == NULL {
            return None;
        }
        if scan::position(text.as_bytes(), self.delimiters.escape).is_some() {
            return DeviceText::new(&self.without_escapes(text));
        }
        DeviceText::new(text)
    }

    /// Resolves escape sequences (2.7). Highlighting, formatting, and what is not known are dropped; an escape character
    /// without a partner is content.
    fn without_escapes(self, text: &str) -> String {
        let escape = char::from(self.delimiters.escape);
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(escape) {
            plain.push_str(before);
            let Some((sequence, after)) = after.split_once(escape) else {
                plain.push(escape);
                rest = after;
                continue;
            };
            match sequence.as_bytes() {
                b"F" => plain.push(char::from(self.delimiters.field)),
                b"S" => plain.push(char::from(self.delimiters.component)),
                b"T" => plain.push(char::from(self.delimiters.subcomponent)),
                b"R" => plain.push(char::from(self.delimiters.repetition)),
                b"E" => plain.push(escape),
                [b'X', digits @ ..] => {
                    if let Some(text) = hexadecimal(digits).and_then(|bytes| self.charset.decode(&bytes)) {
                        plain.push_str(&text);
                    }
                }
                _ => {}
            }
            rest = after;
        }
        plain + rest
    }
}

/// The bytes that hexadecimal digits stand for.
fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// With the delimiters everybody uses.
    pub(in super::super) fn usual() -> Reader {
        let delimiters =
            Delimiters { field: b'|', component: b'^', repetition: b'~', escape: b'\\', subcomponent: b'&' };
        Reader { delimiters, charset: Charset::Undeclared }
    }

    fn plain(text: &str) -> Option<String> {
        usual().plain(text).map(|text| text.to_string())
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
        assert_eq!(plain(r"a\F\b\S\c\T\d\R\e\E\f").unwrap(), r"a|b^c&d~e\f");
        assert_eq!(plain(r"\H\bold\N\ x\.br\y\Zab\z\C2842\").unwrap(), "bold xyz");
        assert_eq!(plain(r"A\X42\\X4344\").unwrap(), "ABCD");
        assert_eq!(plain(r"A\X4\\Xzz\\X\").unwrap(), "A");
        assert_eq!(plain(r"C:\dir").unwrap(), r"C:\dir");
        assert_eq!(plain(r"\\").as_deref(), None);
    }

    #[test]
    fn null_and_blank_fields_say_nothing() {
        assert_eq!(plain("\"\""), None);
        assert_eq!(plain("  "), None);
        assert_eq!(usual().canonical("\"\"^A", 3).as_deref(), Some("^A"));
    }

    #[test]
    fn components_are_joined_in_canonical_form() {
        let odd =
            Reader { delimiters: Delimiters { component: b'*', repetition: b'+', ..usual().delimiters }, ..usual() };
        assert_eq!(odd.canonical(" A *B^C**", 4).as_deref(), Some("A^B^C"));
        assert_eq!(usual().canonical("A^^C^^E", 3).as_deref(), Some("A^^C"));
        assert_eq!(usual().canonical("A^^^^E", 4).as_deref(), Some("A"));
        assert_eq!(usual().canonical("^^", 3), None);
        assert_eq!(odd.component("A*B", 2).as_deref(), Some("B"));
    }

    proptest! {
        #[test]
        fn what_is_seen_at_a_glance_is_what_care_comes_to(raw in r#"[A-C~^\\&" ä]{0,6}"#) {
            for charset in ["", "8859/1", "ISO IR14", "ISO IR87", "GB 18030-2000", "BIG-5", "KS X 1001"] {
                let reader = Reader { charset: Charset::from_hl7(charset.as_bytes()), ..usual() };
                let careful = reader.repetitions(raw.as_bytes()).first().and_then(|text| reader.canonical(text, 3));
                prop_assert_eq!(reader.first_canonical(raw.as_bytes(), 3), careful);
            }
        }
    }

    #[test]
    fn repetitions_are_split_where_they_can_be_told() {
        let texts = |reader: Reader, raw: &[u8]| -> Vec<String> {
            reader.repetitions(raw).iter().map(|text| text.to_string()).collect()
        };
        assert_eq!(texts(usual(), b"A~~B~"), ["A", "B"]);
        assert_eq!(texts(usual(), "Ä~Ö".as_bytes()), ["Ä", "Ö"]);
        let japanese = Reader { charset: Charset::from_hl7(b"ISO IR87"), ..usual() };
        // The second byte of the first character is 0x7e, the repetition separator.
        assert_eq!(texts(japanese, b"\x1b$B0~38\x1b(B~X"), ["蔭蓋", "X"]);
    }
}
