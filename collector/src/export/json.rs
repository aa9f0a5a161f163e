//! The document as JSON. A document of a large network is mostly short strings, many of them names of fields: they are
//! looked at whole, and only those that need it byte by byte, which takes a third of the time of a general writer.

use serde::{
    Serialize, Serializer,
    ser::{self, Error as _, Impossible},
};
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Bytes gathered before they are written.
const BLOCK: usize = 64 * 1024;

/// Writes a document on one line.
pub(super) fn write(document: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut json = Json { text: Vec::with_capacity(2 * BLOCK), out, failed: None };
    let done = document.serialize(&mut json);
    if let Some(error) = json.failed {
        return Err(error);
    }
    done?;
    json.out.write_all(&json.text)
}

struct Json<'a, W> {
    text: Vec<u8>,
    out: &'a mut W,
    failed: Option<io::Error>,
}

/// The items of a list or an object.
struct Items<'j, 'a, W> {
    json: &'j mut Json<'a, W>,
    end: u8,
    first: bool,
}

impl<W: Write> Json<'_, W> {
    fn string(&mut self, text: &str) -> Result<(), serde_json::Error> {
        if needs_escapes(text.as_bytes()) {
            return serde_json::to_writer(&mut self.text, text);
        }
        self.quoted(text);
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.text.push(b'"');
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'"');
    }

    fn flush(&mut self) -> Result<(), serde_json::Error> {
        if self.text.len() >= BLOCK {
            let written = self.out.write_all(&self.text);
            self.text.clear();
            if let Err(error) = written {
                self.failed = Some(error);
                return Err(serde_json::Error::custom("not written"));
            }
        }
        Ok(())
    }
}

impl<'j, 'a, W: Write> Items<'j, 'a, W> {
    fn begin(json: &'j mut Json<'a, W>, [begin, end]: [u8; 2]) -> Self {
        json.text.push(begin);
        Self { json, end, first: true }
    }

    fn next(&mut self) -> &mut Json<'a, W> {
        if !std::mem::take(&mut self.first) {
            self.json.text.push(b',');
        }
        self.json
    }

    fn finish(self) -> Result<(), serde_json::Error> {
        self.json.text.push(self.end);
        self.json.flush()
    }
}

/// What every kind of value comes to that is not written here: numbers, and kinds that no document has.
macro_rules! others {
    ($($name:ident: $kind:ty,)*) => {
        $(fn $name(self, value: $kind) -> Result<(), serde_json::Error> {
            serde_json::to_writer(&mut self.text, &value)
        })*
    };
}

/// Whether a character must be written as an escape: controls, `"` and `\`. Eight bytes at a time, the last eight again; of
/// fewer the first four and the last four.
fn needs_escapes(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    // Marks a byte that is zero; a mark above a true one may be false, which does not matter.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let odd = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) != 0
    };
    if let Some(last) = text.last_chunk() {
        return text.as_chunks().0.iter().any(odd) || odd(last);
    }
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(first), Some(last)) => [*first, *last].as_flattened().first_chunk().is_some_and(odd),
        _ => text.iter().any(|byte| matches!(byte, ..b' ' | b'"' | b'\\')),
    }
}

fn unknown<T>() -> Result<T, serde_json::Error> {
    Err(serde_json::Error::custom("documents have no such value"))
}

impl<'j, 'a, W: Write> Serializer for &'j mut Json<'a, W> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = Items<'j, 'a, W>;
    type SerializeTuple = Items<'j, 'a, W>;
    type SerializeMap = Items<'j, 'a, W>;
    type SerializeStruct = Items<'j, 'a, W>;
    type SerializeTupleStruct = Impossible<(), Self::Error>;
    type SerializeTupleVariant = Impossible<(), Self::Error>;
    type SerializeStructVariant = Impossible<(), Self::Error>;

    others! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64,
        serialize_char: char,
    }

    fn serialize_str(self, text: &str) -> Result<(), Self::Error> {
        self.string(text)
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), Self::Error> {
        let start = self.text.len();
        write!(self.text, "\"{value}\"").map_err(serde_json::Error::custom)?;
        let text = self.text.get(start + 1..self.text.len() - 1).unwrap_or_default();
        if needs_escapes(text) {
            self.text.truncate(start);
            return self.string(&value.to_string());
        }
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Self::Error> {
        unknown()
    }

    fn serialize_none(self) -> Result<(), Self::Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Self::Error> {
        self.text.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Self::Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Self::Error> {
        self.string(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Self::Error> {
        unknown()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
        Ok(Items::begin(self, *b"[]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Self::Error> {
        Ok(Items::begin(self, *b"[]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Self::Error> {
        unknown()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Self::Error> {
        unknown()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
        Ok(Items::begin(self, *b"{}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Self::Error> {
        Ok(Items::begin(self, *b"{}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Self::Error> {
        unknown()
    }
}

impl<W: Write> ser::SerializeSeq for Items<'_, '_, W> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self.next())
    }

    fn end(self) -> Result<(), Self::Error> {
        self.finish()
    }
}

impl<W: Write> ser::SerializeTuple for Items<'_, '_, W> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self.next())
    }

    fn end(self) -> Result<(), Self::Error> {
        self.finish()
    }
}

/// Keys are strings or serialise as such: names, codes, times.
impl<W: Write> ser::SerializeMap for Items<'_, '_, W> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Self::Error> {
        key.serialize(self.next())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.json.text.push(b':');
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result<(), Self::Error> {
        self.finish()
    }
}

/// Names of fields are identifiers, in which nothing needs an escape.
impl<W: Write> ser::SerializeStruct for Items<'_, '_, W> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Self::Error> {
        // In as few steps as can be: half of a document is names of fields.
        let text = &mut self.json.text;
        if std::mem::take(&mut self.first) {
            text.push(b'"');
        } else {
            text.extend_from_slice(b",\"");
        }
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b"\":");
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result<(), Self::Error> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    struct Everything {
        text: Vec<String>,
        number: (u64, i32, f64, f64, bool),
        none: Option<u8>,
        some: Option<&'static str>,
        empty: [u8; 0],
        unit: (),
        shown: std::net::IpAddr,
        odd: Shown,
        kind: Kind,
        #[serde(flatten)]
        flat: BTreeMap<String, Flat>,
    }

    struct Shown(&'static str);

    impl Serialize for Shown {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self.0)
        }
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        OfThisKind,
    }

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Flat {
        Empty {},
        Full { value: u64 },
        New(u16),
    }

    #[test]
    fn a_document_reads_as_the_usual_writer_has_it() {
        let flat = [("a\"b", Flat::Empty {}), ("c", Flat::Full { value: u64::MAX }), ("d", Flat::New(7))];
        let everything = Everything {
            text: (0..=0x7f).map(|code: u8| format!("x{}y\u{e4}\u{1f600}", char::from(code))).collect(),
            number: (u64::MAX, -7, 0.9, f64::NAN, true),
            none: None,
            some: Some("some"),
            empty: [],
            unit: (),
            shown: [10, 0, 0, 1].into(),
            odd: Shown("a\"b"),
            kind: Kind::OfThisKind,
            flat: flat.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        };
        let mut out = Vec::new();
        write(&everything, &mut out).unwrap();
        assert_eq!(out, serde_json::to_vec(&everything).unwrap());
    }

    #[test]
    fn a_long_document_is_written_in_blocks_and_a_failure_is_told() {
        let long = vec!["text"; 100_000];
        let mut out = Vec::new();
        write(&vec![&long; 3], &mut out).unwrap();
        assert_eq!(out, serde_json::to_vec(&vec![&long; 3]).unwrap());
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(write(&vec![&long; 3], &mut Full).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
