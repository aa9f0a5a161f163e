//! The message header, MSH (v2.5.1, 2.15.9): who speaks with whom, about what.

use super::identity::{Attributes, add, eui64_of_designator, names_something};
use super::line::Fields;
use super::reader::Reader;
use super::start::{Delimiters, USUAL_DELIMITERS};
use crate::text::Charset;
use std::collections::BTreeSet;
use wardwatch_model::{Attribute, DeviceText, hl7::Link};

/// What a header says, but for the link and the type of its message.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Name of the sender: `APP^FACILITY`.
    pub(super) speaks_as: Option<DeviceText>,
    /// What the sender says of itself.
    pub(super) attributes: Attributes,
    /// How to read the rest of the message.
    pub(super) reader: Reader,
    /// OBX-18 names the one instrument that measured, in two repetitions (IHE LAW, LAB-29).
    pub(super) of_one_instrument: bool,
}

impl Header {
    /// Reads the kept fields of an MSH: also who speaks with whom.
    pub(super) fn read(fields: Fields<'_>, delimiters: Delimiters) -> (Self, Link) {
        Self::read_plain(fields, delimiters).unwrap_or_else(|| Self::read_any(fields, delimiters))
    }

    /// Where it has neither character set nor profiles, and its fields are names without blanks and components, as most
    /// are.
    fn read_plain(fields: Fields<'_>, delimiters: Delimiters) -> Option<(Self, Link)> {
        if delimiters != USUAL_DELIMITERS {
            return None;
        }
        let (before, _, after) = fields.around(9);
        let mut link = Link::default();
        for (number, text) in before.plain(is_plain)?.chain(after.plain(is_plain)?) {
            let text = DeviceText::new(text);
            match number {
                3 => link.sending_application = text,
                4 => link.sending_facility = text,
                5 => link.receiving_application = text,
                6 => link.receiving_facility = text,
                11 => link.processing_id = text.filter(|id| is_processing_id(id)),
                12 => link.version = text.filter(|version| is_version(version)),
                _ => return None,
            }
        }
        let speaks_as = speaks_as(link.sending_application.as_ref(), link.sending_facility.as_ref());
        let attributes = speaks_as.iter().filter(|name| names_something(name));
        let attributes = attributes.map(|name| (Attribute::Hl7Application, name.clone())).collect();
        let reader = Reader { delimiters, charset: Charset::default() };
        Some((Self { speaks_as, attributes, reader, of_one_instrument: false }, link))
    }

    fn read_any(fields: Fields<'_>, delimiters: Delimiters) -> (Self, Link) {
        // MSH-18, character set (2.15.9.18), rules the header too. Of several the last that names more than ASCII
        // decides: those that are switched to by escape sequences are supersets of it.
        let sets = fields.get(18).map(|raw| Reader { delimiters, charset: Charset::default() }.repetitions(raw));
        let sets = sets.unwrap_or_default();
        let declared =
            sets.iter().map(|set| Charset::from_hl7(set.as_bytes())).rfind(|set| *set != Charset::Undeclared);
        let reader = Reader { delimiters, charset: declared.unwrap_or_default() };
        let field = |number, components| reader.first_canonical(fields.get(number)?, components);

        // MSH-3, sending application; MSH-4, sending facility (2.15.9.3, .4).
        let parties = [3, 4].map(|number| Party::read(reader, fields.get(number)?));
        let names = parties.each_ref().map(|party| party.as_ref().and_then(|party| party.name(reader)));
        let [application, facility] = names.each_ref().map(Option::as_ref);
        let speaks_as = speaks_as(application, facility);
        // MSH-21, message profile (2.15.9.21), an entity identifier each.
        let profiles = fields.get(21).map(|raw| reader.repetitions(raw)).unwrap_or_default();
        let profiles: BTreeSet<_> = profiles.iter().filter_map(|profile| reader.canonical(profile, 4)).collect();
        let mut attributes = Attributes::new();
        for party in parties.iter().flatten().filter(|party| !party.is_name) {
            add(&mut attributes, Attribute::Eui64, eui64_of_designator(reader, &party.text));
        }
        add(&mut attributes, Attribute::Hl7Application, speaks_as.clone());
        for profile in &profiles {
            add(&mut attributes, Attribute::Profile, Some(profile.clone()));
        }

        let [sending_application, sending_facility] = parties.map(|party| party?.canonical(reader));
        let link = Link {
            sending_application,
            sending_facility,
            receiving_application: field(5, 3),
            receiving_facility: field(6, 3),
            version: field(12, 1).filter(|version| is_version(version)),
            charset: DeviceText::new(&sets.iter().map(|set| set.as_str()).collect::<Vec<_>>().join("~")),
            processing_id: field(11, 1).filter(|id| is_processing_id(id)),
            profiles,
        };
        let of_one_instrument = link.profiles.iter().any(|profile| profile.starts_with("LAB-29"));
        (Self { speaks_as, attributes, reader, of_one_instrument }, link)
    }
}

/// Whether a byte of a field means itself and nothing else.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() & (byte != b'^') & (byte != b'~') & (byte != b'\\') & (byte != b'"')
}

/// The name of a sender.
fn speaks_as(application: Option<&DeviceText>, facility: Option<&DeviceText>) -> Option<DeviceText> {
    let Some(facility) = facility else { return application.cloned() };
    let application = application.map_or("", DeviceText::as_str);
    let mut name = String::with_capacity(application.len() + 1 + facility.len());
    name.push_str(application);
    name.push('^');
    name.push_str(facility);
    DeviceText::new(&name)
}

/// The type of a message, MSH-9 (2.15.9.9).
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// As sent, in canonical form.
    pub(super) name: Option<DeviceText>,
    /// The message is an acknowledgement and nothing else.
    pub(super) acknowledges: bool,
}

impl Kind {
    /// Reads MSH-9.
    pub(super) fn read(raw: &[u8], reader: Reader) -> Self {
        let name = Self::plain_name(raw, reader).or_else(|| reader.first_canonical(raw, 3));
        let name = name.filter(|name| is_type(name));
        // MCF, delayed acknowledgement, is of the versions before 2.5.
        let code = name.as_ref().and_then(|name| name.as_bytes().first_chunk::<3>());
        Self { acknowledges: matches!(code, Some(b"ACK" | b"MCF")), name }
    }
}

impl Kind {
    /// The name of a type of one to three parts, none of them empty, with nothing in them that needs care.
    fn plain_name(raw: &[u8], reader: Reader) -> Option<DeviceText> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'^' | b'_');
        let usual = reader.delimiters == USUAL_DELIMITERS && raw.len() <= 32 && raw.iter().all(is_plain);
        let mut parts = raw.split(|byte| *byte == b'^');
        let whole = parts.by_ref().take(3).all(|part| !part.is_empty()) && parts.next().is_none();
        if usual && whole { DeviceText::new(std::str::from_utf8(raw).ok()?) } else { None }
    }
}

/// Codes are told only in the shape of codes. Where a character of two bytes has a separator for its second, which can
/// be known only when the header has been read, every later field stands one place further on.
fn is_type(name: &str) -> bool {
    name.as_bytes().split(|byte| *byte == b'^').enumerate().all(|(position, part)| {
        let (least, most) = match position {
            0 => (3, 3),
            1 => (0, 8),
            _ => (0, 16),
        };
        let code = |b: u8| b.is_ascii_alphanumeric() || (position == 2 && b == b'_');
        (least..=most).contains(&part.len()) && part.iter().all(|byte| code(*byte))
    })
}

/// One letter.
fn is_processing_id(text: &str) -> bool {
    matches!(text.as_bytes(), [letter] if letter.is_ascii_alphabetic())
}

/// `2.5.1` and the like.
fn is_version(text: &str) -> bool {
    text.len() <= 8 && text.as_bytes().split(|byte| *byte == b'.').all(|part| matches!(part, [b'0'..=b'9']))
}

/// A hierarchic designator (v2.5.1, 2.A.33): `namespace^universal id^type`.
struct Party {
    text: DeviceText,
    /// It is a namespace and nothing else, in canonical form.
    is_name: bool,
}

impl Party {
    fn read(reader: Reader, raw: &[u8]) -> Option<Self> {
        let text = reader.first(raw)?;
        let is_name = reader.is_canonical(&text, 1);
        Some(Self { text, is_name })
    }

    /// The namespace, or the universal id where that is all there is.
    fn name(&self, reader: Reader) -> Option<DeviceText> {
        if self.is_name {
            return Some(self.text.clone());
        }
        reader.component(&self.text, 1).or_else(|| reader.component(&self.text, 2))
    }

    fn canonical(self, reader: Reader) -> Option<DeviceText> {
        if self.is_name { Some(self.text) } else { reader.into_canonical(self.text, 3) }
    }
}
