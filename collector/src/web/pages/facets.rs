//! Choosing devices: free text, class, life cycle and worst finding, each choice with how many devices it would show.

use super::shown::{stage_word, word};
use crate::{
    FindingState, View,
    reading::{self, SEVERITIES, STAGES},
    web::query::Query,
};
use foldhash::HashMap;
use std::collections::BTreeMap;
use wardwatch_model::analysis::Device;

/// A device and what is asked of it.
pub(super) struct Entry<'a> {
    pub(super) device: &'a Device,
    pub(super) title: String,
    /// Open findings.
    pub(super) findings: usize,
    /// Place of the worst of them in [`SEVERITIES`]; beyond it where there are none.
    pub(super) worst: usize,
}

/// A group of choices.
pub(super) struct Facet {
    pub(super) name: &'static str,
    pub(super) legend: &'static str,
    pub(super) choices: Vec<Choice>,
}

/// A choice.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) count: usize,
    pub(super) is_chosen: bool,
}

/// Says what a device answers to a facet.
type Answer = fn(&Entry<'_>) -> &'static str;

const FACETS: [(&str, &str, Answer); 4] = [
    ("class", "Class", |entry| entry.device.class.name()),
    ("stage", "Life cycle", |entry| entry.device.lifecycle.stage.name()),
    ("severity", "Worst finding", |entry| SEVERITIES.get(entry.worst).map_or("none", |severity| severity.name())),
    ("confidence", "Identified", |entry| reading::Sureness::of(reading::identification(entry.device)).name()),
];

/// Every device, with what is asked of it.
pub(super) fn entries<'a>(view: &'a View) -> Vec<Entry<'a>> {
    let mut open: HashMap<&str, (usize, usize)> = HashMap::default();
    for record in view.findings.iter().filter(|record| record.state == FindingState::Open) {
        let place = SEVERITIES.iter().position(|severity| *severity == record.finding.severity);
        let (count, worst) = open.entry(&record.finding.device).or_insert((0, SEVERITIES.len()));
        *count += 1;
        *worst = (*worst).min(place.unwrap_or(SEVERITIES.len()));
    }
    let entry = |device: &'a Device| {
        let (findings, worst) = open.get(device.id.as_str()).copied().unwrap_or((0, SEVERITIES.len()));
        Entry { device, title: reading::title(device), findings, worst }
    };
    view.devices.iter().map(entry).collect()
}

/// The devices that are wanted, and the choices there are. A facet's own choice does not lessen its counts, so that each says
/// what it would add.
pub(super) fn choose<'a>(entries: Vec<Entry<'a>>, query: &Query) -> (Vec<Entry<'a>>, Vec<Facet>) {
    let words: Vec<String> = query.search().to_lowercase().split_whitespace().map(str::to_owned).collect();
    let chosen = FACETS.map(|(name, ..)| query.all(name));
    let mut counts = FACETS.map(|_| BTreeMap::<&'static str, usize>::new());
    let mut wanted = Vec::new();
    for entry in entries.into_iter().filter(|entry| words.is_empty() || has_words(entry, &words)) {
        let answers = FACETS.map(|(_, _, answer)| answer(&entry));
        let misses: Vec<bool> = chosen
            .iter()
            .zip(answers)
            .map(|(chosen, answer)| !chosen.is_empty() && !chosen.contains(&answer))
            .collect();
        let missed = misses.iter().filter(|missed| **missed).count();
        for ((counts, answer), missed_this) in counts.iter_mut().zip(answers).zip(&misses) {
            if missed == 0 || (missed == 1 && *missed_this) {
                *counts.entry(answer).or_default() += 1;
            }
        }
        if missed == 0 {
            wanted.push(entry);
        }
    }
    let facets = FACETS.iter().zip(counts).zip(&chosen);
    (wanted, facets.map(|(((name, legend, _), counts), chosen)| facet(name, legend, &counts, chosen)).collect())
}

fn facet(name: &'static str, legend: &'static str, counts: &BTreeMap<&'static str, usize>, chosen: &[&str]) -> Facet {
    // What is chosen stays to be seen, with 0 devices, so that it can be taken back.
    let mut values: BTreeMap<&str, usize> = chosen.iter().map(|value| (*value, 0)).collect();
    values.extend(counts.iter().map(|(value, count)| (*value, *count)));
    let mut choices: Vec<Choice> = values
        .into_iter()
        .map(|(value, count)| Choice {
            label: label(name, value),
            is_chosen: chosen.contains(&value),
            value: value.to_owned(),
            count,
        })
        .collect();
    let order = |value: &str| match name {
        "stage" => STAGES.iter().position(|stage| stage.name() == value),
        "severity" => SEVERITIES.iter().position(|severity| severity.name() == value),
        "confidence" => reading::Sureness::ALL.iter().position(|sureness| sureness.name() == value),
        _ => None,
    };
    choices.sort_by(|a, b| {
        let by_list = |choice: &Choice| order(&choice.value).unwrap_or(usize::MAX);
        by_list(a).cmp(&by_list(b)).then(b.count.cmp(&a.count)).then_with(|| a.label.cmp(&b.label))
    });
    Facet { name, legend, choices }
}

fn label(facet: &str, value: &str) -> String {
    match (facet, value) {
        ("class", value) => word(value),
        ("stage", value) => {
            STAGES.iter().find(|stage| stage.name() == value).map_or_else(|| word(value), |stage| stage_word(*stage))
        }
        ("severity", "none") => "No open finding".to_owned(),
        ("confidence", "none") => "Not at all".to_owned(),
        ("confidence", value) => format!("{} confidence", word(value)),
        (_, value) => word(value),
    }
}

/// Every word occurs somewhere in what is known of a device.
fn has_words(entry: &Entry<'_>, words: &[String]) -> bool {
    let device = entry.device;
    let mut known = String::new();
    let mut add = |text: &str| {
        known.push_str(text);
        known.push('\n');
    };
    add(&device.id);
    add(device.class.name());
    [&device.manufacturer, &device.segment, &device.os.name].into_iter().flatten().for_each(|text| add(text));
    let texts = [&device.model, &device.serial_number, &device.udi, &device.device_name].into_iter().flatten();
    let names = device.hostnames.iter().chain(&device.ae_titles).chain(&device.hl7_applications);
    texts.chain(names).for_each(|text| add(text));
    for software in &device.software {
        [&software.name, &software.version].into_iter().flatten().for_each(|text| add(text));
    }
    for address in &device.addresses {
        add(&address.ip.to_string());
        address.mac.iter().for_each(|mac| add(&mac.to_string()));
    }
    let known = known.to_lowercase();
    words.iter().all(|word| known.contains(word.as_str()))
}
