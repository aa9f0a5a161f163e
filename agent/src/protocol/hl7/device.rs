//! What the segments of a message say about devices: which note each leaves, and what the notes come to.

use super::identity::{Attributes, Entity, add, is_device_identifier};
use super::line::{Fields, Note, Notes};
use super::observation::Observations;
use super::reader::Reader;
use super::segment::Segment;
use wardwatch_model::{Attribute, DeviceText, Source};

/// Notes what a complete line says. Observations are noted elsewhere, header and acknowledgement not at all.
pub(super) fn note(notes: &mut Notes, segment: Segment, fields: Fields<'_>) {
    let (note, numbers): (_, &[u8]) = match segment {
        Segment::Msh | Segment::Msa | Segment::Obx => return,
        Segment::Sft => (Note::Software, &[1, 2, 3]),
        Segment::Prt => (Note::Participation, &[4, 10, 16, 17, 18, 19, 20, 22]),
        Segment::Equ => (Note::Equipment, &[1]),
        Segment::Dev => (Note::Device, &[2, 3, 5, 6, 7, 8, 9, 10, 11, 16]),
    };
    notes.take(note, numbers.iter().map(|number| (*number, fields.get(*number))));
}

/// What the notes of a message come to, in the order of the message and observations last.
pub(super) fn describe(reader: Reader, notes: &Notes, of_one_instrument: bool) -> Vec<(Source, Attributes)> {
    let mut all = Vec::new();
    let mut observations = Observations::new(of_one_instrument);
    for (note, fields) in notes.iter() {
        match note {
            Note::Software => all.push((Source::Hl7Software, software(reader, fields))),
            Note::Participation => all.push((Source::Hl7Participation, participation(reader, fields))),
            Note::Equipment => {
                for field in repetitions(reader, fields, 1) {
                    all.push((Source::Hl7Equipment, Entity::read(reader, &field).describe(false)));
                }
            }
            Note::Device => all.push((Source::Hl7Device, device(reader, fields))),
            Note::Part | Note::Metric | Note::Result => observations.take(reader, note, fields),
        }
    }
    all.extend(observations.finish().into_iter().map(|said| (Source::Hl7Observation, said)));
    all.retain(|(_, said)| !said.is_empty());
    all
}

/// SFT (v2.5.1, 2.15.12). SFT-4 to 6 are not read.
fn software(reader: Reader, fields: Fields<'_>) -> Attributes {
    let mut said = Attributes::new();
    // SFT-1, vendor organisation, its name (2.15.12.1).
    add(&mut said, Attribute::SoftwareVendor, component(reader, fields, 1, 1));
    // SFT-3, product name (2.15.12.3).
    add(&mut said, Attribute::Software, component(reader, fields, 3, 1));
    // SFT-2, certified version or release number (2.15.12.2).
    add(&mut said, Attribute::SoftwareVersion, component(reader, fields, 2, 1));
    said
}

/// PRT (v2.8.2, 7.4.4), where a device takes part. The fields of persons are not read.
fn participation(reader: Reader, fields: Fields<'_>) -> Attributes {
    let mut said = Attributes::new();
    // PRT-4, participation: EQUIP is equipment (table 0912).
    let equipment = component(reader, fields, 4, 1).is_some_and(|kind| &*kind == "EQUIP");
    if !equipment && fields.get(10).is_none() && fields.get(16).is_none() {
        return said;
    }
    // PRT-10, participation device.
    for field in repetitions(reader, fields, 10) {
        for (attribute, value) in Entity::read(reader, &field).describe(false) {
            add(&mut said, attribute, Some(value));
        }
    }
    // PRT-16, participation device identifier: the fixed part of a UDI, or a name in its place.
    if let Some(identifier) = component(reader, fields, 16, 1) {
        let udi = is_device_identifier(&identifier);
        add(&mut said, if udi { Attribute::Udi } else { Attribute::DeviceName }, Some(identifier));
    }
    // PRT-17, device manufacture date; PRT-18, expiry date; PRT-19, lot number; PRT-20, serial number; PRT-22, device type.
    add(&mut said, Attribute::ManufactureDate, component(reader, fields, 17, 1));
    add(&mut said, Attribute::ExpiryDate, component(reader, fields, 18, 1));
    add(&mut said, Attribute::LotNumber, component(reader, fields, 19, 1));
    add(&mut said, Attribute::SerialNumber, component(reader, fields, 20, 1));
    for kind in repetitions(reader, fields, 22) {
        add(&mut said, Attribute::DeviceType, reader.canonical(&kind, 2));
    }
    said
}

/// DEV (v2.9).
fn device(reader: Reader, fields: Fields<'_>) -> Attributes {
    let mut said = Attributes::new();
    // DEV-2, unique device identifier.
    for udi in repetitions(reader, fields, 2) {
        add(&mut said, Attribute::Udi, reader.component(&udi, 1));
    }
    // DEV-3, device type.
    for kind in repetitions(reader, fields, 3) {
        add(&mut said, Attribute::DeviceType, reader.canonical(&kind, 2));
    }
    // DEV-5, manufacturer.
    add(&mut said, Attribute::Manufacturer, component(reader, fields, 5, 1));
    // DEV-7, model identifier; DEV-6, brand name, where there is none.
    let model = component(reader, fields, 7, 1).or_else(|| component(reader, fields, 6, 1));
    add(&mut said, Attribute::Model, model);
    // DEV-8, catalogue identifier.
    add(&mut said, Attribute::PartNumber, component(reader, fields, 8, 1));
    // DEV-9, UDI device identifier.
    add(&mut said, Attribute::Udi, component(reader, fields, 9, 1));
    // DEV-10, lot number; DEV-11, serial number; DEV-16, software version.
    add(&mut said, Attribute::LotNumber, component(reader, fields, 10, 1));
    add(&mut said, Attribute::SerialNumber, component(reader, fields, 11, 1));
    add(&mut said, Attribute::SoftwareVersion, component(reader, fields, 16, 1));
    said
}

fn repetitions(reader: Reader, fields: Fields<'_>, number: u8) -> Vec<DeviceText> {
    fields.get(number).map(|raw| reader.repetitions(raw)).unwrap_or_default()
}

/// A component of the first repetition of a field.
fn component(reader: Reader, fields: Fields<'_>, number: u8, component: usize) -> Option<DeviceText> {
    reader.component(&reader.first(fields.get(number)?)?, component)
}
