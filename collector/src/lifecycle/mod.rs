//! Where does a device stand in its life? A pure function of what is known and of the day.
//!
//! The rules L1 to L8 are described in `docs/lifecycle.md`; each that decided stands in the reasons, by its id.

mod layer;
mod rules;

use crate::knowledge::{Catalogue, Day, End, Record};
use layer::Layer;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wardwatch_model::{
    Attribute,
    analysis::{Device, Lifecycle, Scope, Software, SoftwareRole, Stage},
};

/// What is known of a device that its life depends on.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    /// The releases that the operating system may be, and how it is told.
    os: Option<(&'a str, Vec<Record<'a>>)>,
    /// Software with a known version.
    software: Vec<Record<'a>>,
    /// A product is known around the software: a maker or a model.
    is_product: bool,
}

impl<'a> Known<'a> {
    fn of(told: &Told<'a>, catalogue: &'a Catalogue) -> Self {
        let record =
            |software: &Software| catalogue.software_record(software.name.as_ref()?, software.version.as_ref()?);
        let own = |software: &&Software| software.role != SoftwareRole::Firmware;
        Self {
            os: told.os.map(|title| (title, catalogue.system_records(title))),
            software: told.software.iter().filter(own).filter_map(record).collect(),
            is_product: told.is_product,
        }
    }
}

/// What a device tells that its life depends on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Told<'a> {
    os: Option<&'a str>,
    software: &'a BTreeSet<Software>,
    is_product: bool,
}

impl<'a> Told<'a> {
    fn of(device: &'a Device) -> Self {
        let told = device.evidence.iter().filter(|evidence| evidence.attribute == Attribute::OperatingSystem);
        let surest = told.max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        Self {
            os: surest.map(|evidence| evidence.value.as_str()),
            software: &device.software,
            is_product: device.manufacturer.is_some() || device.model.is_some(),
        }
    }
}

/// Judges devices as of a day, `YYYY-MM-DD`; a day that is none leaves all unknown.
///
/// An operating system may be any of fifty releases, and many devices tell the same: that is judged once.
pub(crate) fn judge(devices: &mut [Device], catalogue: &Catalogue, at: &str) {
    let Some(at) = Day::parse(at) else { return };
    let mut judged: BTreeMap<Told<'_>, Arc<Lifecycle>> = BTreeMap::new();
    let mut of = |device| {
        let entry = judged.entry(Told::of(device));
        let judge = |told: &Told<'_>| Arc::new(lifecycle(&Known::of(told, catalogue), at));
        Arc::clone(entry.or_insert_with_key(judge))
    };
    let all: Vec<Arc<Lifecycle>> = devices.iter().map(&mut of).collect();
    devices.iter_mut().zip(all).for_each(|(device, lifecycle)| device.lifecycle = lifecycle);
}

/// The life cycle by the facts and the day.
pub(crate) fn lifecycle(facts: &Known<'_>, at: Day) -> Lifecycle {
    let mut result = Lifecycle::default();
    let with = |scope| facts.software.iter().filter(move |record| record.scope == scope);
    let mut layers: Vec<Layer> = Vec::new();
    if let Some((title, candidates)) = &facts.os {
        match Layer::of_candidates(title, candidates, at) {
            Some(layer) => layers.push(layer),
            None => result.reasons.push(format!("os: no life-cycle record for {title}")),
        }
    }
    layers.extend(with(Scope::Application).map(|record| Layer::of_one(record, at)));
    let components: Vec<Layer> = with(Scope::Component).map(|record| Layer::of_one(record, at)).collect();
    if layers.is_empty() && !facts.is_product {
        // Nothing else is known, no product around it: what there is to judge is the component.
        if !components.is_empty() {
            result.reasons.push("L4: only a component is known, and no product around it".to_owned());
        }
        layers.extend(components);
    } else {
        for component in components {
            result.reasons.push(format!("L4: a component does not set the stage: {}", component.summary()));
            result.records.extend(component.records);
        }
    }
    // Every layer is at best and at worst somewhere; the device is where its worst layer is.
    result.best = layers.iter().map(|layer| layer.best).max();
    result.worst = layers.iter().map(|layer| layer.worst).max();
    if result.best == result.worst {
        result.stage = result.worst.unwrap_or(Stage::Unknown);
    }
    let past = layers.iter().find(|layer| layer.best == Stage::EndOfSupport).map(Layer::summary);
    for layer in layers {
        result.reasons.extend(layer.reasons);
        result.records.extend(layer.records);
    }
    if let Some(past) = past {
        result.legacy = true;
        result.reasons.push(format!("L8: legacy, as all support has ended: {past}"));
    }
    result.reasons.sort();
    result.reasons.dedup();
    result.records.sort_by(|a, b| (a.scope, &a.name).cmp(&(b.scope, &b.name)));
    result.records.dedup();
    result
}

#[cfg(test)]
mod tests;
