//! A device while evidence about it comes together.

use crate::knowledge::Catalogue;
use std::collections::{BTreeMap, BTreeSet};
use wardwatch_model::{
    Attribute, DeviceClass, DeviceText, Mac, Seen, Source,
    analysis::{
        Address, Confidence, Contradiction, Device, Evidence, Lifecycle, OperatingSystem, Role, Software, SoftwareRole,
    },
};

/// Most evidence kept of a device: the surest of each attribute first.
const MAX_EVIDENCE: usize = 256;

/// From this confidence on evidence can contradict other evidence.
const FIRM: f64 = 0.5;

/// A device to be.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) behind: Option<String>,
    pub(super) mac: Option<Mac>,
    pub(super) addresses: Vec<Address>,
    pub(super) segment: Option<String>,
    pub(super) roles: BTreeSet<Role>,
    pub(super) software: BTreeSet<Software>,
    /// Its class, and how sure it is.
    pub(super) class: Option<(DeviceClass, f64)>,
    /// It stores, finds or moves objects for others.
    pub(super) serves_objects: bool,
    pub(super) evidence: BTreeMap<(Attribute, DeviceText, Source), (f64, Seen)>,
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

    /// The value to believe: the surest, then the most often seen, then the latest.
    fn best(&self, attribute: Attribute) -> Option<(&DeviceText, f64)> {
        self.evidence
            .iter()
            .filter(|((known, ..), _)| *known == attribute)
            .max_by(|(_, (sure, seen)), (_, (other_sure, other_seen))| {
                sure.total_cmp(other_sure).then((seen.count, seen.last).cmp(&(other_seen.count, other_seen.last)))
            })
            .map(|((_, value, _), (sure, _))| (value, *sure))
    }

    /// The device.
    pub(super) fn finish(mut self, catalogue: &Catalogue) -> Device {
        let mut software = std::mem::take(&mut self.software);
        let maker = |value: &str| catalogue.maker(value).to_owned();
        let manufacturer = self.best(Attribute::Manufacturer).map(|(value, sure)| (maker(value), sure));
        let model = self.best(Attribute::Model).map(|(value, sure)| (value.clone(), sure));
        let text = |attribute| self.best(attribute).map(|(value, _)| value.clone());
        let name = model.as_ref().map(|(model, _)| model.to_string());
        software.extend(self.values(Attribute::SoftwareVersion).map(|version| Software {
            name: name.clone(),
            version: Some(version.to_string()),
            role: SoftwareRole::Application,
        }));
        software.extend(self.values(Attribute::FirmwareVersion).map(|version| Software {
            name: name.clone(),
            version: Some(version.to_string()),
            role: SoftwareRole::Firmware,
        }));
        let os = self.best(Attribute::OperatingSystem).map(|(title, _)| catalogue.split_system(title));
        let os = os.map(|(name, version)| OperatingSystem {
            name: Some(name.to_owned()),
            version: version.map(str::to_owned),
        });
        let os = os.unwrap_or_default();
        let hostnames = self.values(Attribute::Hostname).cloned().collect();
        // The device identifier is a part of the whole UDI; both may be told.
        let udi = self.values(Attribute::Udi).max_by_key(|udi| udi.len()).cloned();
        Device {
            serial_number: text(Attribute::SerialNumber),
            udi,
            device_name: text(Attribute::DeviceName),
            ae_titles: self.values(Attribute::AeTitle).cloned().collect(),
            hl7_applications: self.values(Attribute::Hl7Application).cloned().collect(),
            contradictions: self.contradictions(maker),
            evidence: evidence(self.evidence),
            id: self.id,
            behind: self.behind,
            addresses: self.addresses,
            class: self.class.map_or(DeviceClass::Unknown, |(class, _)| class),
            roles: self.roles,
            segment: self.segment,
            confidence: Confidence {
                manufacturer: manufacturer.as_ref().map(|(_, sure)| *sure),
                model: model.as_ref().map(|(_, sure)| *sure),
                class: self.class.map(|(_, sure)| sure),
            },
            manufacturer: manufacturer.map(|(name, _)| name),
            model: model.map(|(name, _)| name),
            os,
            hostnames,
            software,
            lifecycle: Lifecycle::default(),
            advisories: Vec::new(),
        }
    }

    /// Attributes of which a device has one, with several firm values.
    fn contradictions(&self, maker: impl Fn(&str) -> String) -> Vec<Contradiction> {
        let mut found = Vec::new();
        for attribute in [Attribute::Manufacturer, Attribute::Model, Attribute::SerialNumber] {
            let told = self.evidence.iter().filter(|((known, ..), (sure, _))| *known == attribute && *sure >= FIRM);
            let told: Vec<&DeviceText> = told.map(|((_, value, _), _)| value).collect();
            // Nearly all tell it once.
            if told.len() < 2 {
                continue;
            }
            let mut values: BTreeMap<String, String> = BTreeMap::new();
            for value in told {
                let shown = if attribute == Attribute::Manufacturer { maker(value) } else { value.to_string() };
                values.entry(shown.to_lowercase()).or_insert(shown);
            }
            if values.len() > 1 {
                found.push(Contradiction { attribute, values: values.into_values().collect() });
            }
        }
        found
    }
}

/// The evidence of a device, as it is listed.
fn evidence(known: BTreeMap<(Attribute, DeviceText, Source), (f64, Seen)>) -> Vec<Evidence> {
    let listed = known.into_iter().map(|((attribute, value, source), (confidence, seen))| Evidence {
        attribute,
        value,
        source,
        confidence,
        first_seen: seen.first,
        last_seen: seen.last,
        count: seen.count,
    });
    let mut all: Vec<Evidence> = listed.collect();
    if all.len() > MAX_EVIDENCE {
        all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        all.truncate(MAX_EVIDENCE);
        all.sort_by(|a, b| (a.attribute, &a.value, a.source).cmp(&(b.attribute, &b.value, b.source)));
    }
    all
}
