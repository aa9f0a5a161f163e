//! Data sets (PS3.5, 7): elements in the three uncompressed transfer syntaxes, with sequences.

use super::uid;
use crate::length;
use std::collections::BTreeMap;

/// Transfer syntax of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}

impl Syntax {
    /// Its UID.
    pub const fn uid(self) -> &'static str {
        match self {
            Self::ImplicitLittle => uid::IMPLICIT_LITTLE,
            Self::ExplicitLittle => uid::EXPLICIT_LITTLE,
            Self::ExplicitBig => uid::EXPLICIT_BIG,
        }
    }

    fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::ExplicitBig { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::ExplicitBig { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A tag is two numbers, so its bytes are not those of a 32-bit one.
    fn tag(self, tag: u32) -> [u8; 4] {
        let [a, b, c, d] = tag.to_be_bytes();
        if self == Self::ExplicitBig { [a, b, c, d] } else { [b, a, d, c] }
    }
}

/// How sequences and items tell where they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// By their length.
    Defined,
    /// By a delimiter (PS3.5, 7.5.1).
    Undefined,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Bytes(Vec<u8>),
    Numbers(Vec<u16>),
    Items(Vec<DataSet>, Lengths),
}

/// A data set under construction. Elements are written in the order of their tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataSet(BTreeMap<u32, ([u8; 2], Value)>);

impl DataSet {
    const ITEM: u32 = 0xfffe_e000;
    const ITEM_END: u32 = 0xfffe_e00d;
    const SEQUENCE_END: u32 = 0xfffe_e0dd;
    const UNDEFINED: u32 = u32::MAX;
    /// Value representations with a length of four bytes in explicit syntaxes (PS3.5, 7.1.2).
    const LONG: [&'static [u8; 2]; 13] =
        [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text or UID, padded as its value representation wants (PS3.5, 6.2).
    #[must_use]
    pub fn text(self, tag: u32, vr: &[u8; 2], value: &str) -> Self {
        let mut bytes = value.as_bytes().to_vec();
        if !bytes.len().is_multiple_of(2) {
            bytes.push(if vr == b"UI" { 0 } else { b' ' });
        }
        self.with(tag, vr, Value::Bytes(bytes))
    }

    /// Numbers of two bytes: US, SS, OW.
    #[must_use]
    pub fn numbers(self, tag: u32, vr: &[u8; 2], values: &[u16]) -> Self {
        self.with(tag, vr, Value::Numbers(values.to_vec()))
    }

    /// Bytes as they are, of even length.
    #[must_use]
    pub fn bytes(self, tag: u32, vr: &[u8; 2], value: &[u8]) -> Self {
        assert!(value.len().is_multiple_of(2), "{tag:08x} needs an even length");
        self.with(tag, vr, Value::Bytes(value.to_vec()))
    }

    /// A sequence.
    #[must_use]
    pub fn sequence(self, tag: u32, lengths: Lengths, items: &[Self]) -> Self {
        self.with(tag, b"SQ", Value::Items(items.to_vec(), lengths))
    }

    /// The bytes in a transfer syntax.
    pub fn write(&self, syntax: Syntax) -> Vec<u8> {
        let elements = self.0.iter().flat_map(|(tag, (vr, value))| element(syntax, *tag, *vr, value));
        elements.collect()
    }

    fn with(mut self, tag: u32, vr: &[u8; 2], value: Value) -> Self {
        self.0.insert(tag, (*vr, value));
        self
    }
}

fn element(syntax: Syntax, tag: u32, vr: [u8; 2], value: &Value) -> Vec<u8> {
    let (bytes, undefined) = match value {
        Value::Bytes(bytes) => (bytes.clone(), false),
        Value::Numbers(numbers) => (numbers.iter().flat_map(|number| syntax.u16(*number)).collect(), false),
        Value::Items(items, lengths) => (sequence(syntax, items, *lengths), *lengths == Lengths::Undefined),
    };
    let size = if undefined { DataSet::UNDEFINED } else { length(bytes.len()) };
    let mut element = syntax.tag(tag).to_vec();
    if syntax == Syntax::ImplicitLittle {
        element.extend(syntax.u32(size));
    } else if DataSet::LONG.contains(&&vr) {
        element.extend([vr, [0, 0]].concat());
        element.extend(syntax.u32(size));
    } else {
        element.extend(vr);
        element.extend(syntax.u16(length(bytes.len())));
    }
    element.extend(bytes);
    element
}

fn sequence(syntax: Syntax, items: &[DataSet], lengths: Lengths) -> Vec<u8> {
    let mark = |tag, size| [syntax.tag(tag), syntax.u32(size)].concat();
    let mut bytes = Vec::new();
    for item in items {
        let body = item.write(syntax);
        match lengths {
            Lengths::Defined => bytes.extend([mark(DataSet::ITEM, length(body.len())), body].concat()),
            Lengths::Undefined => {
                bytes.extend([mark(DataSet::ITEM, DataSet::UNDEFINED), body, mark(DataSet::ITEM_END, 0)].concat());
            }
        }
    }
    if lengths == Lengths::Undefined {
        bytes.extend(mark(DataSet::SEQUENCE_END, 0));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_written_in_each_syntax() {
        let set = DataSet::new().text(0x0008_0060, b"CS", "CT").numbers(0x0028_0010, b"US", &[0x0102]);
        let little = [8, 0, 0x60, 0, 2, 0, 0, 0, b'C', b'T', 0x28, 0, 0x10, 0, 2, 0, 0, 0, 2, 1];
        assert_eq!(set.write(Syntax::ImplicitLittle), little);
        assert_eq!(set.write(Syntax::ExplicitLittle), *b"\x08\0\x60\0CS\x02\0CT\x28\0\x10\0US\x02\0\x02\x01");
        assert_eq!(set.write(Syntax::ExplicitBig), *b"\0\x08\0\x60CS\0\x02CT\0\x28\0\x10US\0\x02\x01\x02");
    }

    #[test]
    fn elements_stand_in_the_order_of_their_tags_and_are_padded() {
        let set = DataSet::new().text(0x0020_000d, b"UI", "1.2").text(0x0008_0070, b"LO", "odd");
        let bytes = set.write(Syntax::ExplicitLittle);
        assert_eq!(bytes, *b"\x08\0\x70\0LO\x04\0odd \x20\0\x0d\0UI\x04\x001.2\0");
    }

    #[test]
    fn sequences_end_by_length_or_by_delimiter() {
        let item = DataSet::new().text(0x0018_1009, b"UT", "ID");
        let set = |lengths| DataSet::new().sequence(0x0018_100a, lengths, std::slice::from_ref(&item));
        let defined = b"\x18\0\x0a\x10SQ\0\0\x16\0\0\0\xfe\xff\0\xe0\x0e\0\0\0\x18\0\x09\x10UT\0\0\x02\0\0\0ID";
        assert_eq!(set(Lengths::Defined).write(Syntax::ExplicitLittle), *defined);
        let undefined = b"\x18\0\x0a\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff\x18\0\x09\x10UT\0\0\x02\
            \0\0\0ID\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0";
        assert_eq!(set(Lengths::Undefined).write(Syntax::ExplicitLittle), *undefined);
    }
}
