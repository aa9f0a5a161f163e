//! The relay trap: a PACS, a router or an interface engine passes on what other devices said, and looks like them. When is a
//! speaker the device it speaks of?

use super::{Group, Workshop};
use std::collections::BTreeSet;
use wardwatch_model::{Attribute, Description, DeviceText, Mac, analysis::Role};

impl Group<'_> {
    /// Whether the sender of images is the device they were made with: it serves no objects to others, and its AE title
    /// or its DICOM implementation fits.
    pub(super) fn is_modality(&self, workshop: &Workshop<'_>, index: usize) -> bool {
        let Some(draft) = workshop.drafts.get(index) else { return false };
        if draft.serves_objects || draft.roles.contains(&Role::Router) || self.is_elsewhere() {
            return false;
        }
        let maker = self.get(Attribute::Manufacturer);
        let vendor = maker.map(|maker| workshop.catalogue.maker(maker));
        let by_implementation = draft
            .values(Attribute::Manufacturer)
            .any(|known| vendor.is_some_and(|vendor| workshop.catalogue.maker(known) == vendor));
        by_implementation || self.descriptions.iter().any(|(description, _)| names_fit(description))
    }

    /// Whether the sender of messages is the device they name: its MAC address is in the identifier, or its own header
    /// has the same one, or it only sends, names this device alone, and by its own name.
    pub(super) fn is_sender(
        &self,
        workshop: &Workshop<'_>,
        index: usize,
        own: &BTreeSet<&DeviceText>,
        alone: bool,
    ) -> bool {
        let Some(draft) = workshop.drafts.get(index) else { return false };
        let eui64 = self.get(Attribute::Eui64);
        if let Some(mac) = eui64.and_then(|eui64| Mac::from_eui64(eui64))
            && draft.mac.is_some()
        {
            return draft.mac == Some(mac);
        }
        // Whoever receives messages, or speaks for several applications, passes them on.
        let one_application = draft.values(Attribute::Hl7Application).count() <= 1;
        if !alone || !one_application || draft.roles.contains(&Role::Hl7Receiver) {
            return false;
        }
        match eui64 {
            Some(eui64) if !own.is_empty() => own.len() == 1 && own.contains(eui64),
            _ => own.is_empty() && self.descriptions.iter().any(|(description, _)| names_fit(description)),
        }
    }

    /// Whether a station AE title is told, and it is not the one the speaker goes by.
    fn is_elsewhere(&self) -> bool {
        let titles: BTreeSet<_> = self
            .descriptions
            .iter()
            .flat_map(|(description, _)| &description.attributes)
            .filter_map(|(attribute, value)| (*attribute == Attribute::AeTitle).then_some(value))
            .collect();
        !titles.is_empty() && !self.spoken_as().any(|name| titles.contains(name))
    }
}

/// Whether the name a speaker goes by is the described device's: its station name or AE title, or one that holds its model
/// or serial number. A maker's name is no device's: archives have it too.
fn names_fit(description: &Description) -> bool {
    /// Shorter pieces fit by chance.
    const SHORTEST: usize = 4;
    let Some(speaks_as) = description.speaks_as.as_ref().map(|name| plain(name)) else { return false };
    description.attributes.iter().any(|(attribute, value)| match attribute {
        Attribute::AeTitle | Attribute::DeviceName => plain(value) == speaks_as,
        Attribute::Model | Attribute::SerialNumber => {
            let value = plain(value);
            value.len() >= SHORTEST && speaks_as.contains(&value)
        }
        _ => false,
    })
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    let mut plain = name.to_owned();
    plain.retain(char::is_alphanumeric);
    if !plain.is_ascii() {
        return plain.chars().flat_map(char::to_lowercase).collect();
    }
    plain.make_ascii_lowercase();
    plain
}
