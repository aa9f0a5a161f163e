//! Metrics for Prometheus. Each scrape is made anew of the picture of that moment, so that what has gone is gone at once.
//!
//! [`FLEET`], [`AGENT`], [`RELAY`] and [`DEVICE`] are the one table of all families; docs/metrics.md is made of it.

mod agents;
mod devices;
mod family;
mod fleet;
mod instruments;
mod openmetrics;
mod page;
mod process;
mod table;
#[cfg(test)]
mod tests;

use crate::{View, knowledge::Catalogue};
use family::Samples;
use prometheus::{TextEncoder, proto::MetricFamily};
use std::sync::Arc;

pub use devices::{MAX_SERIES, Selection};
pub use family::{Family, Kind, MAX_LABEL_CHARS, Stability};
pub use instruments::Instruments;
pub use page::markdown;
pub use table::{AGENT, DEVICE, FLEET, RELAY};

/// What does not change while the program runs.
#[derive(Clone, Debug)]
pub struct About {
    /// How the program was built.
    pub build: Build,
    /// What detections mean to people.
    pub catalogue: Arc<Catalogue>,
    /// Every protocol of the registry, at most 80.
    pub protocols: Vec<&'static str>,
    /// Every reason for which an agent loses something.
    pub loss_reasons: Vec<&'static str>,
    /// Every condition of a capture that an agent counts.
    pub conditions: Vec<&'static str>,
}

/// How the program was built.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the labels' names")]
pub struct Build {
    pub version: &'static str,
    pub revision: &'static str,
    pub rustversion: &'static str,
}

/// A page of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Fleet,
    Agents,
    Devices,
}

impl Endpoint {
    const ALL: [Self; 3] = [Self::Fleet, Self::Agents, Self::Devices];

    const fn name(self) -> &'static str {
        match self {
            Self::Fleet => "metrics",
            Self::Agents => "agents",
            Self::Devices => "devices",
        }
    }
}

/// `/metrics`: the fleet, the collector, the agent in this process, and the process.
#[must_use]
pub fn fleet(view: &View, about: &About, instruments: &Instruments) -> Vec<MetricFamily> {
    let mut samples = Samples::default();
    fleet::collect(&mut samples, view, about);
    agents::own(&mut samples, view, about);
    process::collect(&mut samples);
    let series = samples.len() + instruments.gather().iter().map(series).sum::<usize>();
    instruments.exposed(Endpoint::Fleet, series, false);
    let mut families: Vec<MetricFamily> = samples.into_families().chain(instruments.gather()).collect();
    families.sort_by(|a, b| a.name().cmp(b.name()));
    families
}

/// `/metrics/agents`: what the agents say of themselves, with `agent` and `site`.
#[must_use]
pub fn agents(view: &View, about: &About, instruments: &Instruments) -> Vec<MetricFamily> {
    let mut samples = Samples::default();
    agents::relayed(&mut samples, view, about);
    instruments.exposed(Endpoint::Agents, samples.len(), false);
    samples.into_families().collect()
}

/// `/metrics/devices`: every device, up to [`MAX_SERIES`].
#[must_use]
pub fn devices(view: &View, selection: &Selection, instruments: &Instruments) -> Vec<MetricFamily> {
    let mut samples = Samples::default();
    let is_truncated = devices::collect(&mut samples, view, selection, MAX_SERIES);
    instruments.exposed(Endpoint::Devices, samples.len(), is_truncated);
    samples.into_families().collect()
}

fn series(family: &MetricFamily) -> usize {
    // The buckets of a histogram, the one without bound, its sum and its count.
    let each = |metric: &prometheus::proto::Metric| metric.get_histogram().get_bucket().len() + 3;
    match family.get_field_type() {
        prometheus::proto::MetricType::HISTOGRAM => family.get_metric().iter().map(each).sum(),
        _ => family.get_metric().len(),
    }
}

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus 0.0.4.
    Text,
    /// OpenMetrics 1.0.0.
    OpenMetrics,
}

impl Format {
    /// The format that an `Accept` header prefers; without one, the older.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        let quality = |part: &str| {
            let q = part.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
            q.map_or(Some(1.0), |q| q.trim().parse::<f64>().ok()).unwrap_or(0.0)
        };
        let best = |name: &str| {
            accept.split(',').filter(|part| part.trim().starts_with(name)).map(quality).fold(0.0, f64::max)
        };
        let open = best("application/openmetrics-text");
        if open > 0.0 && open >= best("text/plain") { Self::OpenMetrics } else { Self::Text }
    }

    /// The `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes families.
    ///
    /// # Errors
    /// When a family has no samples or no name; ours have.
    pub fn encode(self, families: &[MetricFamily]) -> Result<String, prometheus::Error> {
        let mut out = String::new();
        match self {
            Self::Text => TextEncoder::new().encode_utf8(families, &mut out)?,
            Self::OpenMetrics => openmetrics::write(families, &mut out)
                .map_err(|_| prometheus::Error::Msg("text could not be written".to_owned()))?,
        }
        Ok(out)
    }
}
