//! What a metric family is, and the set of samples of a scrape.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use std::collections::BTreeMap;

/// Longest label value, in characters; the rest is cut off and an ellipsis stands for it.
pub const MAX_LABEL_CHARS: usize = 128;

/// How the values of a family behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "Prometheus' own words")]
pub enum Kind {
    Gauge,
    Counter,
    Histogram,
}

impl Kind {
    /// The name in the text formats.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// What a dashboard may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Name, labels and meaning stay; before removal it is deprecated for two minor versions.
    Stable,
    /// May change in any version.
    Experimental,
}

impl Stability {
    /// The word in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Experimental => "experimental",
        }
    }
}

/// One family, as documented and as exported.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Full name.
    pub name: &'static str,
    /// How its values behave.
    pub kind: Kind,
    /// Names of its labels, in the order in which samples give their values.
    pub labels: &'static [&'static str],
    /// What it means, in a line; also the HELP text.
    pub help: &'static str,
    /// What a dashboard may rely on.
    pub stability: Stability,
}

/// The samples of one scrape, without doubles: samples whose labels are equal become one.
#[derive(Default)]
pub(super) struct Samples {
    /// Labels that come before those of the family: their names are the same for all samples.
    in_front: Vec<(&'static str, String)>,
    families: BTreeMap<&'static str, (&'static Family, BTreeMap<Vec<String>, f64>)>,
}

impl Samples {
    /// From here on, samples get these labels in front of their own.
    pub(super) fn in_front(&mut self, labels: &[(&'static str, &str)]) {
        self.in_front = labels.iter().map(|(name, value)| (*name, bounded(value))).collect();
    }

    /// Adds to a sample, which starts at 0.
    pub(super) fn add(&mut self, family: &'static Family, labels: &[&str], value: f64) {
        *self.sample(family, labels, 0.0) += value;
    }

    /// Sets a sample; of several with the same labels the greatest counts.
    pub(super) fn set(&mut self, family: &'static Family, labels: &[&str], value: f64) {
        let known = self.sample(family, labels, f64::NEG_INFINITY);
        *known = known.max(value);
    }

    fn sample(&mut self, family: &'static Family, labels: &[&str], start: f64) -> &mut f64 {
        debug_assert_eq!(labels.len(), family.labels.len(), "{}", family.name);
        let (_, samples) = self.families.entry(family.name).or_insert_with(|| (family, BTreeMap::new()));
        let in_front = self.in_front.iter().map(|(_, value)| value.clone());
        samples.entry(in_front.chain(labels.iter().map(|value| bounded(value))).collect()).or_insert(start)
    }

    /// How many series there are.
    pub(super) fn len(&self) -> usize {
        self.families.values().map(|(_, samples)| samples.len()).sum()
    }

    /// The families as the crate's encoders want them, by name.
    pub(super) fn into_families(self) -> impl Iterator<Item = MetricFamily> {
        let names: Vec<&'static str> = self.in_front.iter().map(|(name, _)| *name).collect();
        self.families.into_values().map(move |(family, samples)| {
            let mut out = MetricFamily::default();
            out.set_name(family.name.to_owned());
            out.set_help(family.help.to_owned());
            let is_counter = family.kind == Kind::Counter;
            out.set_field_type(if is_counter { MetricType::COUNTER } else { MetricType::GAUGE });
            out.set_metric(samples.into_iter().map(|(labels, value)| metric(family, &names, labels, value)).collect());
            out
        })
    }
}

fn metric(family: &Family, in_front: &[&'static str], values: Vec<String>, value: f64) -> Metric {
    let pairs = in_front.iter().chain(family.labels).zip(values).map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(value);
        pair
    });
    let mut metric = Metric::from_label(pairs.collect());
    if family.kind == Kind::Counter {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

/// A label value of bounded length, without characters that control a terminal or the direction of text.
fn bounded(value: &str) -> String {
    let is_control = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut text: String = value
        .chars()
        .take(MAX_LABEL_CHARS)
        .map(|c| if is_control(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if value.chars().nth(MAX_LABEL_CHARS).is_some() {
        text.pop();
        text.push('…');
    }
    text
}
