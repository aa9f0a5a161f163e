//! What the collector counts about itself while it runs.

use super::{
    Endpoint,
    devices::MAX_SERIES,
    family::{Family, Kind},
    fleet::seconds,
    table,
};
use prometheus::{
    CounterVec, GaugeVec, Histogram, HistogramOpts, HistogramVec, Opts, Registry, core::Collector, proto::MetricFamily,
};
use wardwatch_model::PacketTime;

/// Seconds that an evaluation may take: of a small network, of a hundred thousand devices.
const EVALUATION_BUCKETS: [f64; 8] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0];

/// Seconds that an answer may take.
const HTTP_BUCKETS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The parts of the web server, as labels.
const HANDLERS: [&str; 11] = [
    "assets",
    "device",
    "devices",
    "findings",
    "healthy",
    "metrics",
    "metrics_agents",
    "metrics_devices",
    "other",
    "ready",
    "reload",
];

/// Answers that a rule may look for: there from the start.
const CODES: [&str; 4] = ["200", "401", "404", "500"];

/// Counters of the running collector. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Instruments {
    registry: Registry,
    reload_successful: GaugeVec,
    reload_timestamp: GaugeVec,
    evaluation: Histogram,
    http_requests: CounterVec,
    http_duration: HistogramVec,
    series: GaugeVec,
    truncated: GaugeVec,
    sandbox: GaugeVec,
}

impl Instruments {
    /// All at 0.
    ///
    /// # Errors
    /// When two metrics have one name; a test holds that none do.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let limit = gauge(&registry, &table::EXPOSITION_LIMIT)?;
        limit.with_label_values(&[Endpoint::Devices.name()]).set(MAX_SERIES as f64);
        let evaluation = histogram(&table::EVALUATION, &EVALUATION_BUCKETS);
        let instruments = Self {
            reload_successful: gauge(&registry, &table::RELOAD_SUCCESSFUL)?,
            reload_timestamp: gauge(&registry, &table::RELOAD_TIMESTAMP)?,
            evaluation: registered(&registry, Histogram::with_opts(evaluation)?)?,
            http_requests: registered(
                &registry,
                CounterVec::new(opts(&table::HTTP_REQUESTS), table::HTTP_REQUESTS.labels)?,
            )?,
            http_duration: registered(
                &registry,
                HistogramVec::new(histogram(&table::HTTP_DURATION, &HTTP_BUCKETS), table::HTTP_DURATION.labels)?,
            )?,
            series: gauge(&registry, &table::EXPOSITION_SERIES)?,
            truncated: gauge(&registry, &table::EXPOSITION_TRUNCATED)?,
            sandbox: gauge(&registry, &table::SANDBOX)?,
            registry,
        };
        for handler in HANDLERS {
            instruments.http_duration.with_label_values(&[handler]);
            CODES.iter().for_each(|code| drop(instruments.http_requests.with_label_values(&[handler, code])));
        }
        Endpoint::ALL.iter().for_each(|endpoint| instruments.exposed(*endpoint, 0, false));
        Ok(instruments)
    }

    /// The configuration was loaded, or could not be: `at` by the wall clock.
    pub fn configuration_loaded(&self, is_successful: bool, at: PacketTime) {
        self.reload_successful.with_label_values::<&str>(&[]).set(f64::from(u8::from(is_successful)));
        if is_successful {
            self.reload_timestamp.with_label_values::<&str>(&[]).set(seconds(at));
        }
    }

    /// Whether the process is restricted by a means of the kernel.
    pub fn restricted(&self, restriction: &str, holds: bool) {
        self.sandbox.with_label_values(&[restriction]).set(f64::from(u8::from(holds)));
    }

    /// An evaluation took so many seconds.
    pub fn evaluated(&self, seconds: f64) {
        self.evaluation.observe(seconds);
    }

    /// A request was answered, by one of the parts of the web server, in so many seconds.
    pub fn answered(&self, handler: &'static str, code: u16, seconds: f64) {
        self.http_requests.with_label_values(&[handler, code.to_string().as_str()]).inc();
        self.http_duration.with_label_values(&[handler]).observe(seconds);
    }

    /// An endpoint gave so many series.
    pub(super) fn exposed(&self, endpoint: Endpoint, series: usize, is_truncated: bool) {
        self.series.with_label_values(&[endpoint.name()]).set(series as f64);
        self.truncated.with_label_values(&[endpoint.name()]).set(f64::from(u8::from(is_truncated)));
    }

    pub(super) fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

fn opts(family: &Family) -> Opts {
    Opts::new(family.name, family.help)
}

fn histogram(family: &Family, buckets: &[f64]) -> HistogramOpts {
    debug_assert_eq!(family.kind, Kind::Histogram);
    HistogramOpts::new(family.name, family.help).buckets(buckets.to_vec())
}

fn gauge(registry: &Registry, family: &Family) -> Result<GaugeVec, prometheus::Error> {
    registered(registry, GaugeVec::new(opts(family), family.labels)?)
}

fn registered<T: Collector + Clone + 'static>(registry: &Registry, metric: T) -> Result<T, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
