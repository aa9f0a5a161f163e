//! Where does a device stand in its life? A pure function of what is known and of the day.
//!
//! The rules L1 to L8 are described in `docs/lifecycle.md`; each that decided stands in the reasons, by its id.

mod layer;
mod rules;

use crate::knowledge::{Catalogue, Day, End, Record};
use layer::Layer;
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
    /// Of a device.
    fn of(device: &'a Device, catalogue: &'a Catalogue) -> Self {
        let told = device.evidence.iter().filter(|evidence| evidence.attribute == Attribute::OperatingSystem);
        let surest = told.max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        let record =
            |software: &Software| catalogue.software_record(software.name.as_ref()?, software.version.as_ref()?);
        let own = |software: &&Software| software.role != SoftwareRole::Firmware;
        Self {
            os: surest.map(|evidence| (evidence.value.as_str(), catalogue.system_records(&evidence.value))),
            software: device.software.iter().filter(own).filter_map(record).collect(),
            is_product: device.manufacturer.is_some() || device.model.is_some(),
        }
    }
}

/// Judges a device as of a day, `YYYY-MM-DD`; a day that is none leaves all unknown.
pub(crate) fn judge(device: &Device, catalogue: &Catalogue, at: &str) -> Lifecycle {
    Day::parse(at).map(|at| lifecycle(&Known::of(device, catalogue), at)).unwrap_or_default()
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
