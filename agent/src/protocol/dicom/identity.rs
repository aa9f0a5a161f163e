//! The equipment attributes that may be read from a data set: the allow-list of docs/privacy.md, and nothing else.

use super::element::{Tag, before_nul};
use crate::text::Charset;
use wardwatch_model::{Attribute, DeviceText};

/// Specific Character Set: how the texts of the data set are written.
pub(super) const CHARACTER_SET: Tag = 0x0008_0005;

/// UDI Sequence, the one sequence that is entered in every data set.
pub(super) const UDI_SEQUENCE: Tag = 0x0018_100a;

/// Scheduled Procedure Step Sequence, entered in worklist queries only.
pub(super) const SCHEDULED_STEP_SEQUENCE: Tag = 0x0040_0100;

/// The last attribute on the list at the top level: behind it nothing is read.
pub(super) const LAST: Tag = 0x0040_0242;

/// Which part of a data set an element stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Top level of a stored object or a performed procedure step.
    Top,
    /// Item of the UDI sequence.
    Udi,
    /// Item of the scheduled procedure step sequence.
    ScheduledStep,
    /// Anywhere else.
    Elsewhere,
}

/// What is read where (PS3.6 for names and VRs).
const ALLOWED: &[(Place, Tag, Attribute)] = &[
    (Place::Top, 0x0008_0055, Attribute::AeTitle),      // Station AE Title
    (Place::Top, 0x0008_0060, Attribute::Modality),     // Modality
    (Place::Top, 0x0008_0070, Attribute::Manufacturer), // Manufacturer
    (Place::Top, 0x0008_1010, Attribute::DeviceName),   // Station Name
    (Place::Top, 0x0008_1090, Attribute::Model),        // Manufacturer's Model Name
    (Place::Top, 0x0018_0087, Attribute::MagneticFieldStrength), // Magnetic Field Strength
    (Place::Top, 0x0018_1000, Attribute::SerialNumber), // Device Serial Number
    (Place::Top, 0x0018_1002, Attribute::DeviceUid),    // Device UID
    (Place::Top, 0x0018_1003, Attribute::DeviceUid),    // Device ID
    (Place::Top, 0x0018_1004, Attribute::PlateId),      // Plate ID
    (Place::Top, 0x0018_1005, Attribute::GeneratorId),  // Generator ID
    (Place::Top, 0x0018_1007, Attribute::CassetteId),   // Cassette ID
    (Place::Top, 0x0018_1008, Attribute::GantryId),     // Gantry ID
    (Place::Top, 0x0018_1020, Attribute::SoftwareVersion), // Software Versions
    (Place::Top, 0x0018_1200, Attribute::CalibrationDate), // Date of Last Calibration
    (Place::Top, 0x0018_1204, Attribute::ManufactureDate), // Date of Manufacture
    (Place::Top, 0x0018_1205, Attribute::InstallationDate), // Date of Installation
    (Place::Top, 0x0018_700a, Attribute::DetectorId),   // Detector ID
    (Place::Top, 0x0018_9371, Attribute::DetectorId),   // X-Ray Detector ID
    (Place::Top, 0x0040_0241, Attribute::AeTitle),      // Performed Station AE Title
    (Place::Top, 0x0040_0242, Attribute::DeviceName),   // Performed Station Name
    (Place::Udi, 0x0018_1009, Attribute::Udi),          // Unique Device Identifier
    (Place::ScheduledStep, 0x0008_0060, Attribute::Modality), // Modality
    (Place::ScheduledStep, 0x0040_0001, Attribute::AeTitle), // Scheduled Station AE Title
    (Place::ScheduledStep, 0x0040_0010, Attribute::DeviceName), // Scheduled Station Name
];

/// Attributes of the device that made a secondary capture, which is another than the one the data set is about.
const SECONDARY_CAPTURE: &[(Tag, Attribute)] = &[
    (0x0018_1010, Attribute::DeviceUid),       // Secondary Capture Device ID
    (0x0018_1016, Attribute::Manufacturer),    // Secondary Capture Device Manufacturer
    (0x0018_1018, Attribute::Model),           // Secondary Capture Device Manufacturer's Model Name
    (0x0018_1019, Attribute::SoftwareVersion), // Secondary Capture Device Software Versions
];

/// Whether the value of an element is read.
pub(super) fn is_allowed(place: Place, tag: Tag) -> bool {
    (place == Place::Top && (tag == CHARACTER_SET || SECONDARY_CAPTURE.iter().any(|(known, _)| *known == tag)))
        || ALLOWED.iter().any(|(where_, known, _)| *known == tag && *where_ == place)
}

/// The allowed values of one data set as they stood in it, each behind its tag and length: at most [`Self::MAX`] bytes,
/// used again for the next data set. Text is made of them only when they are new.
#[derive(Default)]
pub(super) struct Values(Vec<u8>);

impl Values {
    /// Most bytes kept of a data set.
    pub(super) const MAX: usize = 4096;

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a value, unless there is no more room.
    pub(super) fn push(&mut self, tag: Tag, value: &[u8]) {
        let Ok(length) = u16::try_from(value.len()) else { return };
        if self.0.len() + 6 + value.len() <= Self::MAX {
            self.0.extend_from_slice(&tag.to_be_bytes());
            self.0.extend_from_slice(&length.to_be_bytes());
            self.0.extend_from_slice(value);
        }
    }
}

/// The text of values kept by [`Values`]: of the device the data set is about, and of the one that made a secondary
/// capture.
pub(super) fn describe(values: &[u8]) -> [Vec<(Attribute, DeviceText)>; 2] {
    let charset = pairs(values)
        .find(|(tag, _)| *tag == CHARACTER_SET)
        .map_or(Charset::Undeclared, |(_, value)| Charset::from_dicom(value));
    let [mut device, mut capture] = [Vec::new(), Vec::new()];
    for (tag, value) in pairs(values) {
        let known = ALLOWED.iter().find(|(_, allowed, _)| *allowed == tag).map(|(_, _, attribute)| *attribute);
        let captured = SECONDARY_CAPTURE.iter().find(|(allowed, _)| *allowed == tag).map(|(_, attribute)| *attribute);
        if let Some(attribute) = known {
            texts(charset, attribute, value, &mut device);
        } else if let Some(attribute) = captured {
            texts(charset, attribute, value, &mut capture);
        }
    }
    [device, capture]
}

/// Of attributes with several values (PS3.5 6.4, separated by a backslash) each is told on its own.
fn texts(charset: Charset, attribute: Attribute, value: &[u8], into: &mut Vec<(Attribute, DeviceText)>) {
    // Of the control characters only ESC may stand in these texts (PS3.5 6.2). Another one shows a wrong length: what is
    // here is the beginning of the next element.
    let value = before_nul(value).trim_ascii();
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != 0x1b) {
        return;
    }
    let text = charset.text(value);
    into.extend(text.split('\\').filter_map(DeviceText::new).map(|text| (attribute, text)));
}

fn pairs(mut values: &[u8]) -> impl Iterator<Item = (Tag, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, rest) = values.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        values = rest;
        Some((Tag::from_be_bytes(*tag), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_patient_attribute_is_allowed_anywhere() {
        for place in [Place::Top, Place::Udi, Place::ScheduledStep, Place::Elsewhere] {
            for element in 0..=0xffff {
                assert!(!is_allowed(place, 0x0010_0000 | element), "group 0010 must never be read");
            }
            for tag in [
                0x0008_0018,
                0x0008_0050,
                0x0008_0080,
                0x0008_0081,
                0x0008_0090,
                0x0008_1030,
                0x0008_1050,
                0x0008_1070,
                0x0018_1030,
                0x0020_000d,
                0x0020_000e,
                0x0040_0006,
                0x0040_0007,
                0x0040_0253,
            ] {
                assert!(!is_allowed(place, tag), "{tag:08x}");
            }
        }
        assert!(!is_allowed(Place::Elsewhere, 0x0008_0070), "sequences are not read");
    }

    #[test]
    fn values_become_texts_in_the_declared_repertoire_one_by_one() {
        let mut values = Values::default();
        values.push(0x0008_0070, b"R\xf6ntgen AG");
        values.push(0x0018_1020, b"1.0\\2.0 ");
        values.push(0x0018_1016, b"Scanner Co");
        values.push(CHARACTER_SET, b"ISO_IR 100");
        let [device, capture] = describe(values.bytes());
        let text = |s| DeviceText::new(s).unwrap();
        assert_eq!(
            device,
            [
                (Attribute::Manufacturer, text("Röntgen AG")),
                (Attribute::SoftwareVersion, text("1.0")),
                (Attribute::SoftwareVersion, text("2.0"))
            ]
        );
        assert_eq!(capture, [(Attribute::Manufacturer, text("Scanner Co"))]);
    }

    #[test]
    fn a_value_that_swallowed_the_next_element_tells_nothing() {
        let mut values = Values::default();
        values.push(0x0008_0070, b"Imaging Works \x10\0\x10\0PN\x08\0DOE^JANE");
        assert_eq!(describe(values.bytes()), [vec![], vec![]]);
    }

    #[test]
    fn values_are_bounded() {
        let mut values = Values::default();
        for _ in 0..100 {
            values.push(0x0008_0070, &[b'x'; 1000]);
        }
        assert!(values.bytes().len() <= Values::MAX);
    }
}
