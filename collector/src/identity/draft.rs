//! A device while evidence about it comes together.

use super::reason::{Premise, Reason, Reasons};
use crate::{
    explanation::FIRM,
    knowledge::{Catalogue, Origin},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wardwatch_model::{
    Attribute, DeviceClass, DeviceText, Location, Mac, Seen, Source,
    analysis::{Address, Confidence, Contradiction, Device, Evidence, OperatingSystem, Role, Software, SoftwareRole},
};

/// Most evidence kept of a device: the surest of each attribute first.
const MAX_EVIDENCE: usize = 256;

/// A device to be.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) behind: Option<String>,
    pub(super) mac: Option<Mac>,
    pub(super) addresses: Vec<Address>,
    pub(super) segment: Option<String>,
    pub(super) locations: Vec<Location>,
    pub(super) roles: BTreeSet<Role>,
    pub(super) software: BTreeSet<Software>,
    /// Its class, and how sure it is.
    pub(super) class: Option<(DeviceClass, f64)>,
    /// It stores, finds or moves objects for others.
    pub(super) serves_objects: bool,
    pub(super) evidence: BTreeMap<(Attribute, DeviceText, Source), (f64, Seen)>,
    /// Why rules concluded what they did; none where nobody asks.
    pub(super) reasons: Option<Box<Reasons>>,
}

impl Draft {
    /// Adds an observation; the surest says how sure the value is.
    pub(super) fn add(
        &mut self,
        attribute: Attribute,
        value: &DeviceText,
        source: Source,
        confidence: f64,
        seen: &Seen,
    ) {
        let known = self.evidence.entry((attribute, value.clone(), source));
        known
            .and_modify(|(sure, all)| {
                *sure = sure.max(confidence);
                all.merge(seen);
            })
            .or_insert((confidence, *seen));
    }

    /// Adds what a rule concluded; its reason is made if somebody asks for it.
    pub(super) fn conclude(
        &mut self,
        attribute: Attribute,
        value: &DeviceText,
        confidence: f64,
        seen: &Seen,
        reason: impl FnOnce() -> (Arc<Origin>, Vec<Premise>),
    ) {
        self.add(attribute, value, Source::Catalogue, confidence, seen);
        if let Some(reasons) = &mut self.reasons {
            let (origin, premises) = reason();
            reasons.add(Reason { attribute, value: value.clone(), origin, premises, confidence, seen: *seen });
        }
    }

    /// Adds a part the device plays.
    pub(super) fn play(&mut self, role: Role, source: Source, seen: &Seen) {
        self.roles.insert(role);
        if let Some(name) = DeviceText::new(role.name()) {
            self.add(Attribute::Role, &name, source, 0.9, seen);
        }
    }

    /// Values of an attribute.
    pub(super) fn values(&self, attribute: Attribute) -> impl Iterator<Item = &DeviceText> {
        self.evidence.keys().filter(move |(known, ..)| *known == attribute).map(|(_, value, _)| value)
    }

    /// The device.
    pub(super) fn finish(self, catalogue: &Catalogue) -> Device {
        let told = self.evidence.into_iter().map(|((attribute, value, source), (confidence, seen))| Evidence {
            attribute,
            value,
            source,
            confidence,
            first_seen: seen.first,
            last_seen: seen.last,
            count: seen.count,
        });
        let all: Vec<Evidence> = told.collect();
        let best = |attribute| best(of(&all, attribute));
        let text = |attribute| best(attribute).map(|told| told.value.clone());
        let texts = |attribute| of(&all, attribute).iter().map(|told| told.value.clone()).collect();
        let manufacturer = best(Attribute::Manufacturer);
        let model = best(Attribute::Model);
        let name = model.map(|told| told.value.to_string());
        let mut software = self.software;
        for (attribute, role) in [
            (Attribute::SoftwareVersion, SoftwareRole::Application),
            (Attribute::FirmwareVersion, SoftwareRole::Firmware),
        ] {
            let version = |told: &Evidence| Some(told.value.to_string());
            let versions = of(&all, attribute).iter().map(version);
            software.extend(versions.map(|version| Software { name: name.clone(), version, role }));
        }
        let versioned: BTreeSet<_> = software.iter().filter(|told| told.version.is_some()).map(plain).collect();
        // What is told with its version is not told without, too.
        software.retain(|told| told.version.is_some() || !versioned.contains(&plain(told)));
        let os = best(Attribute::OperatingSystem).map(|told| catalogue.split_system(&told.value));
        let os = os.map(|(name, version)| OperatingSystem {
            name: Some(name.to_owned()),
            version: version.map(str::to_owned),
        });
        // The device identifier is a part of the whole UDI; both may be told.
        let udi = of(&all, Attribute::Udi).iter().map(|told| &told.value).max_by_key(|udi| udi.len()).cloned();
        Device {
            serial_number: text(Attribute::SerialNumber),
            udi,
            device_name: text(Attribute::DeviceName),
            ae_titles: texts(Attribute::AeTitle),
            hl7_applications: texts(Attribute::Hl7Application),
            contradictions: contradictions(&all, catalogue),
            id: self.id,
            behind: self.behind,
            addresses: self.addresses,
            class: self.class.map_or(DeviceClass::Unknown, |(class, _)| class),
            roles: self.roles,
            segment: self.segment,
            locations: self.locations,
            confidence: Confidence {
                manufacturer: manufacturer.map(|told| told.confidence),
                model: model.map(|told| told.confidence),
                class: self.class.map(|(_, sure)| sure),
            },
            manufacturer: manufacturer.map(|told| catalogue.maker(&told.value).to_owned()),
            model: model.map(|told| told.value.clone()),
            os: os.unwrap_or_default(),
            hostnames: texts(Attribute::Hostname),
            software,
            // Judged when all is known.
            visibility: 0,
            lifecycle: Arc::default(),
            advisories: Vec::new(),
            evidence: listed(all),
        }
    }
}

/// Software but for its version.
fn plain(software: &Software) -> (Option<String>, SoftwareRole) {
    (software.name.clone(), software.role)
}

/// What is told of an attribute, out of all in order.
fn of(all: &[Evidence], attribute: Attribute) -> &[Evidence] {
    let from = all.iter().take_while(|told| told.attribute < attribute).count();
    let of = all.get(from..).unwrap_or_default();
    of.get(..of.iter().take_while(|told| told.attribute == attribute).count()).unwrap_or_default()
}

/// The value to believe: the surest, then the most often seen, then the latest.
fn best(told: &[Evidence]) -> Option<&Evidence> {
    told.iter()
        .max_by(|a, b| a.confidence.total_cmp(&b.confidence).then((a.count, a.last_seen).cmp(&(b.count, b.last_seen))))
}

/// Attributes of which a device has one, with several firm values.
fn contradictions(all: &[Evidence], catalogue: &Catalogue) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for attribute in [Attribute::Manufacturer, Attribute::Model, Attribute::SerialNumber] {
        let firm = || of(all, attribute).iter().filter(|told| told.confidence >= FIRM).map(|told| told.value.as_str());
        // Nearly all tell it once.
        if firm().nth(1).is_none() {
            continue;
        }
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for value in firm() {
            let shown = if attribute == Attribute::Manufacturer { catalogue.maker(value) } else { value };
            values.entry(shown.to_lowercase()).or_insert(shown.to_owned());
        }
        if values.len() > 1 {
            found.push(Contradiction { attribute, values: values.into_values().collect() });
        }
    }
    found
}

/// What finds room in the list of evidence.
fn listed(mut all: Vec<Evidence>) -> Vec<Evidence> {
    if all.len() > MAX_EVIDENCE {
        all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        all.truncate(MAX_EVIDENCE);
        all.sort_by(|a, b| (a.attribute, &a.value, a.source).cmp(&(b.attribute, &b.value, b.source)));
    }
    all
}
