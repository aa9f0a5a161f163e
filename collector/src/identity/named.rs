//! Devices that speakers described: the speaker itself, or others behind it.
//!
//! A PACS, a router or an interface engine passes on what other devices said. So a description becomes the speaker's own
//! only where the speaker looks like the device; else it is a device behind the speaker.

mod relay;

use super::{Workshop, dhcp, own};
use crate::knowledge::Catalogue;
use std::collections::{BTreeMap, BTreeSet};
use wardwatch_model::{
    Attribute, Description, DeviceText, Facts, Mac, Seen, Source,
    analysis::{Software, SoftwareRole},
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
pub(super) fn descriptions(workshop: &mut Workshop<'_>, report: &Facts) {
    let mut speakers: BTreeMap<usize, Speaker<'_>> = BTreeMap::new();
    for (description, seen) in &report.descriptions {
        // Who said the same behind the same router when it had the address next cannot be told apart.
        let place = (description.speaker, description.tunnels);
        if let Some(index) = workshop.holders.owner(place, description.speaker_mac, seen.first) {
            speakers.entry(index).or_default().hear(workshop, index, description, seen);
        }
    }
    for speaker in speakers.values_mut() {
        speaker.fold(workshop.catalogue);
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
    /// Of the laboratory and the point of care.
    instruments: BTreeMap<String, Group<'a>>,
    /// EUI-64 identifiers with which it names itself in message headers.
    own_eui64: BTreeSet<&'a DeviceText>,
}

/// What tells devices apart.
const TELLING: [Attribute; 3] = [Attribute::Manufacturer, Attribute::Model, Attribute::SerialNumber];

/// Descriptions of one device.
#[derive(Default)]
struct Group<'a> {
    descriptions: Vec<(&'a Description, &'a Seen)>,
    /// Keys of groups that turned out to be about the same device.
    folded: Vec<String>,
}

impl<'a> Speaker<'a> {
    fn hear(&mut self, workshop: &mut Workshop<'_>, index: usize, description: &'a Description, seen: &'a Seen) {
        let groups = match description.source {
            Source::DicomDataset => &mut self.images,
            Source::DicomSecondaryCapture => &mut self.captures,
            Source::Astm | Source::Poct1a => &mut self.instruments,
            Source::DicomWorklist => return asked_for(workshop, index, description, seen),
            Source::Hl7Header => {
                self.own_eui64.extend(description.get(Attribute::Eui64));
                return own::words(workshop, index, description, seen, PASSED_ON);
            }
            Source::Dhcp | Source::Dhcpv6 => return dhcp::client(workshop, index, description, seen),
            Source::Hl7Software => return software(workshop, index, description, seen),
            source => match own::confidence(source) {
                Some(sure) => return own::words(workshop, index, description, seen, sure),
                None => &mut self.messages,
            },
        };
        if let Some(key) = key(description, workshop.catalogue)
            && (groups.contains_key(&key) || groups.len() < MAX_BEHIND)
        {
            groups.entry(key).or_default().descriptions.push((description, seen));
        }
    }

    /// Not all that a device makes tells the same of it: a procedure step has its station only, a report may lack model
    /// and serial number. What says nothing else than one other group, under the same station name, is about that device.
    fn fold(&mut self, catalogue: &Catalogue) {
        let mut groups: Vec<(String, Group<'a>)> = std::mem::take(&mut self.images).into_iter().collect();
        groups.sort_by_key(|(_, group)| group.told());
        let mut rest = groups.into_iter();
        while let Some((key, group)) = rest.next() {
            let others = rest.as_mut_slice().iter_mut().map(|(_, other)| other);
            let mut same = others.filter(|other| other.may_be(&group, catalogue) && other.shares_a_station(&group));
            match (same.next(), same.next()) {
                (Some(device), None) => {
                    device.descriptions.extend(group.descriptions);
                    device.folded.extend(group.folded.into_iter().chain([key]));
                }
                _ => {
                    self.images.insert(key, group);
                }
            }
        }
    }

    /// Turns the groups into evidence: in the first round those that are the speaker itself, in the second the others.
    fn tell(&self, workshop: &mut Workshop<'_>, index: usize, own: bool, known: &mut Known) {
        let alone_images = self.images.len() == 1;
        for (key, group) in &self.images {
            if (alone_images && group.is_modality(workshop, index)) == own {
                group.place(workshop, index, own, key, SELF_DESCRIBED, known);
            }
        }
        let alone = self.messages.len() == 1;
        for (key, group) in &self.messages {
            if group.is_sender(workshop, index, &self.own_eui64, alone) == own {
                group.place(workshop, index, own, key, PASSED_ON, known);
            }
        }
        // Middleware passes on the results of many, a dock those of the meters in it.
        let alone = self.instruments.len() == 1;
        for (key, group) in &self.instruments {
            if alone == own {
                group.place(workshop, index, own, key, PASSED_ON, known);
            }
        }
        let own_images =
            self.images.values().next().filter(|images| alone_images && images.is_modality(workshop, index));
        for (key, group) in &self.captures {
            let is_same = own_images.is_some_and(|images| images.may_be(group, workshop.catalogue));
            if is_same == own {
                group.place(workshop, index, own, key, PASSED_ON, known);
            }
        }
    }
}

impl Group<'_> {
    /// How much is told that tells devices apart.
    fn told(&self) -> usize {
        TELLING.iter().filter(|attribute| self.get(**attribute).is_some()).count()
    }

    /// Whether nothing that is told of the other contradicts this one.
    fn may_be(&self, other: &Group<'_>, catalogue: &Catalogue) -> bool {
        TELLING.iter().all(|attribute| match (self.get(*attribute), other.get(*attribute)) {
            (Some(mine), Some(theirs)) if *attribute == Attribute::Manufacturer => {
                catalogue.maker(mine) == catalogue.maker(theirs)
            }
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        })
    }

    /// Whether the other was told under a station name or AE title of this one; where it has none, under the name the
    /// speaker went by.
    fn shares_a_station(&self, other: &Group<'_>) -> bool {
        let own: BTreeSet<_> = self.stations().chain(self.spoken_as()).collect();
        match other.stations().next() {
            Some(_) => other.stations().any(|station| own.contains(station)),
            None => other.spoken_as().any(|name| own.contains(name)),
        }
    }

    fn stations(&self) -> impl Iterator<Item = &DeviceText> {
        let attributes = self.descriptions.iter().flat_map(|(description, _)| &description.attributes);
        let named = |attribute| matches!(attribute, Attribute::AeTitle | Attribute::DeviceName);
        attributes.filter(move |(attribute, _)| named(*attribute)).map(|(_, value)| value)
    }

    fn spoken_as(&self) -> impl Iterator<Item = &DeviceText> {
        self.descriptions.iter().filter_map(|(description, _)| description.speaks_as.as_ref())
    }

    fn get(&self, attribute: Attribute) -> Option<&DeviceText> {
        self.descriptions.iter().find_map(|(description, _)| description.get(attribute))
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
        let keys = self.folded.iter().map(String::as_str).chain([key]);
        workshop.was_behind(target, index, keys);
        for key in strong {
            known.by_key.entry(key).or_insert(target);
        }
        for (description, seen) in &self.descriptions {
            own::words(workshop, target, description, seen, confidence);
        }
    }

    /// Another device of the speaker's network whose MAC address is in the identifier.
    fn by_mac(&self, workshop: &Workshop<'_>) -> Option<usize> {
        let (description, _) = self.descriptions.first()?;
        workshop.holders.with_mac(Mac::from_eui64(self.get(Attribute::Eui64)?)?, description.tunnels)
    }

    /// What no two devices share.
    fn strong_keys(&self, workshop: &Workshop<'_>) -> Vec<String> {
        let serial = self.get(Attribute::SerialNumber).filter(|serial| is_telling(serial));
        let maker = self.get(Attribute::Manufacturer).map(|maker| workshop.catalogue.maker(maker));
        let by_serial = match (serial, maker, self.get(Attribute::Model)) {
            (Some(serial), Some(maker), Some(model)) => {
                Some(["serial ", maker, "|", &model.to_lowercase(), "|", serial].concat())
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
fn key(description: &Description, catalogue: &Catalogue) -> Option<String> {
    let get = |attribute| description.get(attribute).map(DeviceText::as_str);
    if let Some(sender) = description.get(Attribute::AstmSender) {
        return Some(sender_key(sender, catalogue));
    }
    if let Some(eui64) = get(Attribute::Eui64) {
        return Some(format!("eui64 {}", eui64.to_uppercase()));
    }
    // Makers write their own names in several ways.
    let maker = get(Attribute::Manufacturer).map(|maker| catalogue.maker(maker)).unwrap_or("");
    let model = get(Attribute::Model).unwrap_or("");
    if let Some(serial) = get(Attribute::SerialNumber).filter(|serial| is_telling(serial)) {
        return Some(["serial ", maker, "|", model, "|", serial].concat());
    }
    let name = get(Attribute::Udi).or_else(|| get(Attribute::DeviceName)).unwrap_or("");
    let said = !(maker.is_empty() && model.is_empty() && name.is_empty());
    said.then(|| ["name ", maker, "|", model, "|", name].concat())
}

/// The sender of results is another one if its serial number is, or without one its model, but not if its version is.
fn sender_key(sender: &DeviceText, catalogue: &Catalogue) -> String {
    let known = catalogue.fingerprints(Attribute::AstmSender, sender);
    let told = |wanted| {
        let mut asserts = known.iter().flat_map(|fingerprint| &fingerprint.asserts);
        asserts.find_map(|(attribute, text)| (*attribute == wanted).then_some(text.as_str()))
    };
    let model = told(Attribute::Model).or_else(|| sender.split('^').next()).unwrap_or_default();
    ["sender ", model, "|", told(Attribute::SerialNumber).unwrap_or_default()].concat()
}

/// Whether a serial number can tell devices apart: placeholders are short or one digit over and over.
fn is_telling(serial: &str) -> bool {
    let digits = || serial.chars().filter(|c| c.is_alphanumeric());
    digits().nth(3).is_some() && digits().any(|digit| Some(digit) != digits().next())
}

/// A worklist query: where the station asks under its own AE title, its name is its own too.
fn asked_for(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    if description.speaks_as.is_some() && description.get(Attribute::AeTitle) == description.speaks_as.as_ref() {
        own::words(workshop, index, description, seen, ASKED_FOR);
    }
}

/// SFT: the software that wrote the messages.
fn software(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    let get = |attribute| description.get(attribute).map(DeviceText::to_string);
    let (name, version) = (get(Attribute::Software), get(Attribute::SoftwareVersion));
    for (attribute, value) in &description.attributes {
        // The version is the product's, not the device's.
        if *attribute != Attribute::SoftwareVersion {
            own::learn(workshop, index, (*attribute, value), (description.source, PASSED_ON), seen);
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
