//! Devices that speakers described: the speaker itself, or others behind it.
//!
//! A PACS, a router or an interface engine passes on what other devices said. So a description becomes the speaker's own
//! only where the speaker looks like the device; else it is a device behind the speaker.

use super::Workshop;
use std::collections::{BTreeMap, BTreeSet};
use wardwatch_model::{
    Attribute, Description, DeviceText, Mac, Report, Seen, Source,
    analysis::{Role, Software, SoftwareRole},
};

/// A device's words about itself, in fields made for that.
const SELF_DESCRIBED: f64 = 0.95;

/// The same, in a message that other systems had their hands on.
const PASSED_ON: f64 = 0.9;

/// What a worklist query asks for: mostly the station that asks.
const ASKED_FOR: f64 = 0.6;

/// Most devices kept behind one speaker.
const MAX_BEHIND: usize = 4096;

/// Adds what the descriptions of a report tell.
pub(super) fn descriptions(workshop: &mut Workshop<'_>, report: &Report) {
    let mut speakers: BTreeMap<usize, Speaker<'_>> = BTreeMap::new();
    for (description, seen) in &report.descriptions {
        if let Some(index) = workshop.at(description.speaker) {
            speakers.entry(index).or_default().hear(workshop, index, description, seen);
        }
    }
    for speaker in speakers.values_mut() {
        speaker.fold_steps();
    }
    // First whoever speaks for itself, so that a device is known when others pass on its words.
    let mut known = Known::default();
    for own in [true, false] {
        for (index, speaker) in &speakers {
            speaker.tell(workshop, *index, own, &mut known);
        }
    }
}

/// Devices already made, by what cannot be shared: a serial number with its model, a MAC address.
#[derive(Default)]
struct Known {
    by_key: BTreeMap<String, usize>,
}

/// What a speaker said about devices: one group for each.
#[derive(Default)]
struct Speaker<'a> {
    images: BTreeMap<String, Group<'a>>,
    captures: BTreeMap<String, Group<'a>>,
    messages: BTreeMap<String, Group<'a>>,
    /// EUI-64 identifiers with which it names itself in message headers.
    own_eui64: BTreeSet<&'a DeviceText>,
}

/// Descriptions of one device.
#[derive(Default)]
struct Group<'a> {
    descriptions: Vec<(&'a Description, &'a Seen)>,
}

impl<'a> Speaker<'a> {
    fn hear(&mut self, workshop: &mut Workshop<'_>, index: usize, description: &'a Description, seen: &'a Seen) {
        let groups = match description.source {
            Source::DicomDataset => &mut self.images,
            Source::DicomSecondaryCapture => &mut self.captures,
            Source::DicomWorklist => return asked_for(workshop, index, description, seen),
            Source::Hl7Header => {
                self.own_eui64.extend(description.get(Attribute::Eui64));
                return own_words(workshop, index, description, seen);
            }
            Source::Hl7Software => return software(workshop, index, description, seen),
            _ => &mut self.messages,
        };
        if let Some(key) = key(description)
            && (groups.contains_key(&key) || groups.len() < MAX_BEHIND)
        {
            groups.entry(key).or_default().descriptions.push((description, seen));
        }
    }

    /// A performed procedure step names its station and nothing else of the device. Where the images of one device carry
    /// the same name, the step is about that device.
    fn fold_steps(&mut self) {
        let (steps, mut images): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.images).into_iter().partition(|(_, group)| group.is_nameless());
        for (key, step) in steps {
            let mut same = images.values_mut().filter(|group| group.shares_a_name(&step));
            match (same.next(), same.next()) {
                (Some(device), None) => device.descriptions.extend(step.descriptions),
                _ => {
                    images.insert(key, step);
                }
            }
        }
        self.images = images;
    }

    /// Turns the groups into evidence: in the first round those that are the speaker itself, in the second the others.
    fn tell(&self, workshop: &mut Workshop<'_>, index: usize, own: bool, known: &mut Known) {
        let alone = self.images.len() == 1;
        for (key, group) in &self.images {
            if (alone && group.is_modality(workshop, index)) == own {
                group.place(workshop, index, own, key, SELF_DESCRIBED, known);
            }
        }
        let alone = self.messages.len() == 1;
        for (key, group) in &self.messages {
            if group.is_sender(workshop, index, &self.own_eui64, alone) == own {
                group.place(workshop, index, own, key, PASSED_ON, known);
            }
        }
        if !own {
            for (key, group) in &self.captures {
                group.place(workshop, index, own, key, PASSED_ON, known);
            }
        }
    }
}

impl Group<'_> {
    /// Neither maker nor model nor serial number is told.
    fn is_nameless(&self) -> bool {
        [Attribute::Manufacturer, Attribute::Model, Attribute::SerialNumber]
            .iter()
            .all(|told| self.get(*told).is_none())
    }

    /// Whether both were told under one station name, station AE title or calling AE title.
    fn shares_a_name(&self, other: &Group<'_>) -> bool {
        let other = other.names();
        self.names().iter().any(|name| other.contains(name))
    }

    fn names(&self) -> BTreeSet<&DeviceText> {
        let stations = self.descriptions.iter().flat_map(|(description, _)| &description.attributes);
        let named = [Attribute::AeTitle, Attribute::DeviceName];
        stations
            .filter_map(|(attribute, value)| named.contains(attribute).then_some(value))
            .chain(self.descriptions.iter().filter_map(|(description, _)| description.speaks_as.as_ref()))
            .collect()
    }

    fn get(&self, attribute: Attribute) -> Option<&DeviceText> {
        self.descriptions.iter().find_map(|(description, _)| description.get(attribute))
    }

    /// Whether the sender of images is the device they were made with: it serves no objects to others, and its AE title
    /// or its DICOM implementation fits.
    fn is_modality(&self, workshop: &Workshop<'_>, index: usize) -> bool {
        let Some(draft) = workshop.drafts.get(index) else { return false };
        if draft.serves_objects || draft.roles.contains(&Role::Router) {
            return false;
        }
        let maker = self.get(Attribute::Manufacturer);
        let vendor = maker.map(|maker| workshop.catalogue.vendor(maker).unwrap_or(maker));
        let by_implementation = draft
            .values(Attribute::Manufacturer)
            .any(|known| vendor.is_some_and(|vendor| workshop.catalogue.vendor(known).unwrap_or(known) == vendor));
        by_implementation || self.descriptions.iter().any(|(description, _)| names_fit(description))
    }

    /// Whether the sender of messages is the device they name: its MAC address is in the identifier, or its own header
    /// has the same one, or it only sends, names this device alone, and by its own name.
    fn is_sender(&self, workshop: &Workshop<'_>, index: usize, own: &BTreeSet<&DeviceText>, alone: bool) -> bool {
        let Some(draft) = workshop.drafts.get(index) else { return false };
        if let Some(eui64) = self.get(Attribute::Eui64) {
            if Mac::from_eui64(eui64).is_some_and(|mac| draft.macs.contains(&mac)) {
                return true;
            }
            if own.len() == 1 && own.contains(eui64) && alone {
                return true;
            }
        }
        alone
            && !draft.roles.contains(&Role::Hl7Receiver)
            && own.is_empty()
            && self.descriptions.iter().any(|(description, _)| names_fit(description))
    }

    /// Gives the evidence to the device it is about.
    fn place(
        &self,
        workshop: &mut Workshop<'_>,
        index: usize,
        own: bool,
        key: &str,
        confidence: f64,
        known: &mut Known,
    ) {
        let strong = self.strong_keys(workshop);
        let target = if own {
            index
        } else {
            let elsewhere =
                strong.iter().find_map(|key| known.by_key.get(key).copied()).or_else(|| self.by_mac(workshop));
            match elsewhere {
                Some(target) => {
                    if target != index {
                        self.speaks_for(workshop, index);
                    }
                    target
                }
                None => match workshop.behind(index, key) {
                    Some(target) => target,
                    None => return,
                },
            }
        };
        for key in strong {
            known.by_key.entry(key).or_insert(target);
        }
        for (description, seen) in &self.descriptions {
            attributes(workshop, target, description, seen, confidence);
        }
    }

    /// Another device of the capture whose MAC address is in the identifier.
    fn by_mac(&self, workshop: &Workshop<'_>) -> Option<usize> {
        workshop.with_mac(Mac::from_eui64(self.get(Attribute::Eui64)?)?)
    }

    /// What no two devices share.
    fn strong_keys(&self, workshop: &Workshop<'_>) -> Vec<String> {
        let serial = self.get(Attribute::SerialNumber).filter(|serial| is_telling(serial));
        let maker = self.get(Attribute::Manufacturer).map(|maker| workshop.catalogue.vendor(maker).unwrap_or(maker));
        let by_serial = match (serial, maker, self.get(Attribute::Model)) {
            (Some(serial), Some(maker), Some(model)) => {
                Some(format!("serial {maker}|{}|{serial}", model.to_lowercase()))
            }
            _ => None,
        };
        let by_eui64 = self.get(Attribute::Eui64).map(|eui64| format!("eui64 {}", eui64.to_uppercase()));
        by_serial.into_iter().chain(by_eui64).collect()
    }

    /// Notes on the speaker that it passes on the words of a device known by itself.
    fn speaks_for(&self, workshop: &mut Workshop<'_>, index: usize) {
        const TOLD: [Attribute; 7] = [
            Attribute::Manufacturer,
            Attribute::Model,
            Attribute::SerialNumber,
            Attribute::Eui64,
            Attribute::DeviceName,
            Attribute::SoftwareVersion,
            Attribute::Modality,
        ];
        for (description, seen) in &self.descriptions {
            let words: Vec<&str> =
                TOLD.iter().filter_map(|attribute| description.get(*attribute)).map(DeviceText::as_str).collect();
            if let Some(words) = DeviceText::new(&words.join(", ")) {
                let words = workshop.shown(Attribute::SpeaksFor, &words);
                if let Some(draft) = workshop.draft(index) {
                    draft.add(Attribute::SpeaksFor, &words, description.source, PASSED_ON, seen);
                }
            }
        }
    }
}

/// What a description knows a device by: the surest first. `None` where it says too little to be about one device.
fn key(description: &Description) -> Option<String> {
    let get = |attribute| description.get(attribute).map(DeviceText::as_str);
    if let Some(eui64) = get(Attribute::Eui64) {
        return Some(format!("eui64 {}", eui64.to_uppercase()));
    }
    let (maker, model) = (get(Attribute::Manufacturer).unwrap_or(""), get(Attribute::Model).unwrap_or(""));
    if let Some(serial) = get(Attribute::SerialNumber).filter(|serial| is_telling(serial)) {
        return Some(format!("serial {maker}|{model}|{serial}"));
    }
    let name = get(Attribute::Udi).or_else(|| get(Attribute::DeviceName)).unwrap_or("");
    let said = !(maker.is_empty() && model.is_empty() && name.is_empty());
    said.then(|| format!("name {maker}|{model}|{name}"))
}

/// Whether a serial number can tell devices apart: placeholders are short or one digit over and over.
fn is_telling(serial: &str) -> bool {
    let mut digits: Vec<char> = serial.chars().filter(|c| c.is_alphanumeric()).collect();
    let length = digits.len();
    digits.sort_unstable();
    digits.dedup();
    length >= 4 && digits.len() >= 2
}

/// Whether the name a speaker goes by is the described device's: its station name or AE title, or made of its model,
/// maker or serial number.
fn names_fit(description: &Description) -> bool {
    /// Shorter pieces fit by chance.
    const SHORTEST: usize = 4;
    let Some(speaks_as) = description.speaks_as.as_ref().map(|name| plain(name)) else { return false };
    let mut pieces = Vec::new();
    for (attribute, value) in &description.attributes {
        match attribute {
            Attribute::AeTitle | Attribute::DeviceName if plain(value) == speaks_as => return true,
            Attribute::DeviceName | Attribute::AeTitle | Attribute::Model | Attribute::SerialNumber => {
                pieces.push(plain(value));
            }
            Attribute::Manufacturer => pieces.extend(value.split_whitespace().map(plain)),
            _ => {}
        }
    }
    pieces.iter().any(|piece| {
        let (short, long) = if piece.len() <= speaks_as.len() { (piece, &speaks_as) } else { (&speaks_as, piece) };
        short.chars().count() >= SHORTEST && long.contains(short.as_str())
    })
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn attributes(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen, confidence: f64) {
    for (attribute, value) in &description.attributes {
        let value = workshop.shown(*attribute, value);
        if let Some(draft) = workshop.draft(index) {
            draft.add(*attribute, &value, description.source, confidence, seen);
        }
    }
}

/// What a speaker says of itself in a message header.
fn own_words(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    attributes(workshop, index, description, seen, PASSED_ON);
}

/// A worklist query: where the station asks under its own AE title, its name is its own too.
fn asked_for(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    if description.speaks_as.is_some() && description.get(Attribute::AeTitle) == description.speaks_as.as_ref() {
        attributes(workshop, index, description, seen, ASKED_FOR);
    }
}

/// SFT: the software that wrote the messages.
fn software(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    let get = |attribute| description.get(attribute).map(DeviceText::to_string);
    let (name, version) = (get(Attribute::Software), get(Attribute::SoftwareVersion));
    for (attribute, value) in &description.attributes {
        // The version is the product's, not the device's.
        if *attribute != Attribute::SoftwareVersion
            && let Some(draft) = workshop.draft(index)
        {
            draft.add(*attribute, value, description.source, PASSED_ON, seen);
        }
    }
    if let Some(draft) = workshop.draft(index)
        && (name.is_some() || version.is_some())
    {
        draft.software.insert(Software { name, version, role: SoftwareRole::Hl7Software });
    }
}

#[cfg(test)]
mod tests;
