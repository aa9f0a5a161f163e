//! How much is known of a device, as one number: what is still to be found out shows where to look next.

use wardwatch_model::{DeviceClass, analysis::Device};

/// Something to know of a device.
struct Part {
    name: &'static str,
    /// What knowing it is worth; all parts together are worth 100.
    worth: u8,
    is_known: fn(&Device) -> bool,
}

/// Who made it, what it is and what it is for count most: life cycle, advisories and rules hang on them.
const PARTS: [Part; 7] = [
    Part { name: "manufacturer", worth: 20, is_known: |device| device.manufacturer.is_some() },
    Part { name: "model", worth: 20, is_known: |device| device.model.is_some() },
    Part { name: "class", worth: 20, is_known: |device| device.class != DeviceClass::Unknown },
    Part { name: "serial number", worth: 10, is_known: |device| device.serial_number.is_some() },
    Part { name: "software version", worth: 10, is_known: has_version },
    Part { name: "operating system", worth: 10, is_known: |device| device.os.name.is_some() },
    Part { name: "location", worth: 10, is_known: has_location },
];

/// The name of its segment, or a place from an import.
fn has_location(device: &Device) -> bool {
    device.segment.is_some() || !device.locations.is_empty()
}

fn has_version(device: &Device) -> bool {
    device.software.iter().any(|software| software.version.is_some())
}

/// From 0, nothing, to 100.
pub(crate) fn score(device: &Device) -> u8 {
    PARTS.iter().filter(|part| (part.is_known)(device)).map(|part| part.worth).sum()
}

/// What is not known, in the order of worth.
pub(crate) fn unknown(device: &Device) -> impl Iterator<Item = &'static str> {
    PARTS.iter().filter(|part| !(part.is_known)(device)).map(|part| part.name)
}

/// Ranges of scores, for counting devices.
pub(crate) const BANDS: [&str; 4] = ["0-24", "25-49", "50-74", "75-100"];

/// The range a score is in.
pub(crate) const fn band(score: u8) -> &'static str {
    let [low, fair, good, full] = BANDS;
    match score {
        0..25 => low,
        25..50 => fair,
        50..75 => good,
        _ => full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use wardwatch_model::{
        DeviceText,
        analysis::{Software, SoftwareRole},
    };

    #[test]
    fn a_device_of_which_everything_is_known_scores_a_hundred_and_each_part_what_it_is_worth() {
        let text = |text| DeviceText::new(text);
        let mut device = testing::device("a", DeviceClass::Unknown, 1);
        let mut scores = vec![(score(&device), unknown(&device).count())];
        let learn: [fn(&mut Device, Option<DeviceText>); 7] = [
            |device, _| device.manufacturer = Some("Maker".to_owned()),
            |device, text| device.model = text,
            |device, _| device.class = DeviceClass::InfusionPump,
            |device, text| device.serial_number = text,
            |device, _| {
                let (name, version) = (None, Some("1.2".to_owned()));
                device.software.insert(Software { name, version, role: SoftwareRole::Firmware });
            },
            |device, _| device.os.name = Some("VxWorks".to_owned()),
            |device, _| device.segment = Some("ward".to_owned()),
        ];
        for learn in learn {
            learn(&mut device, text("x"));
            scores.push((score(&device), unknown(&device).count()));
        }
        assert_eq!(scores, [(0, 7), (20, 6), (40, 5), (60, 4), (70, 3), (80, 2), (90, 1), (100, 0)]);
    }

    #[test]
    fn every_score_is_in_one_band() {
        assert_eq!([0, 24, 25, 49, 50, 74, 75, 100].map(band), [0, 0, 1, 1, 2, 2, 3, 3].map(|band| BANDS[band]));
    }
}
