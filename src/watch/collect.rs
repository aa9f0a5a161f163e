//! The collector's half of a watch: takes reports one by one, and shows a new picture when there is time for one.

use crate::clock;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};
use tokio::sync::watch;
use wardwatch_collector::{Collector, IngestError, Receipt, View, metrics::Instruments};
use wardwatch_model::{PacketTime, Report, config::Config};

/// How long to wait for a report before looking at the clock.
const IDLE: Duration = Duration::from_millis(500);

/// How long after a picture the next one is made at the earliest, while reports keep coming.
const EVERY: Duration = Duration::from_secs(1);

/// Between two snapshots of the store.
const SNAPSHOT: Duration = Duration::from_secs(600);

/// Before a report that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What the collector's thread is told.
pub(super) enum Order {
    /// To take a report.
    Report(Box<Report>),
    /// To go on with another configuration.
    Reload(Box<Config>),
}

/// The thread of the collector.
pub(super) struct Collecting {
    picture: watch::Sender<Arc<View>>,
    instruments: Instruments,
    /// When it last looked at its orders, for the watchdog.
    beat: Arc<AtomicU64>,
}

impl Collecting {
    /// With a first picture.
    pub(super) fn new(first: Arc<View>, instruments: Instruments) -> Self {
        Self { picture: watch::Sender::new(first), instruments, beat: Arc::new(AtomicU64::new(clock::now().0)) }
    }

    /// The pictures, as they come.
    pub(super) fn pictures(&self) -> watch::Receiver<Arc<View>> {
        self.picture.subscribe()
    }

    /// When the thread last looked at its orders, wall clock.
    pub(super) fn beat(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.beat)
    }

    /// Works until nobody is left to give orders.
    pub(super) fn run(self, mut collector: Collector, orders: &Receiver<Order>, stop: &AtomicBool) {
        let mut evaluated = Evaluated { at: clock::now(), date: clock::today() };
        let mut snapshot = clock::now();
        let mut is_stale = false;
        loop {
            self.beat.store(clock::now().0, Relaxed);
            let is_idle = match orders.recv_timeout(IDLE.min(EVERY)) {
                Ok(Order::Report(report)) => {
                    is_stale |= take(&mut collector, &report, stop);
                    false
                }
                Ok(Order::Reload(config)) => {
                    collector.reconfigure(*config);
                    is_stale = true;
                    true
                }
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            is_stale |= evaluated.date != clock::today();
            if is_stale && (is_idle || since(evaluated.at) >= EVERY) {
                evaluated = self.show(&mut collector);
                is_stale = false;
            }
            if since(snapshot) >= SNAPSHOT {
                write_snapshot(&mut collector);
                snapshot = clock::now();
            }
        }
        if is_stale {
            self.show(&mut collector);
        }
        write_snapshot(&mut collector);
    }

    /// Makes a picture and shows it.
    fn show(&self, collector: &mut Collector) -> Evaluated {
        let (began, date) = (clock::now(), clock::today());
        self.picture.send_replace(collector.evaluate(&date));
        self.instruments.evaluated(since(began).as_secs_f64());
        Evaluated { at: clock::now(), date }
    }
}

/// When a picture was made, and for which date.
struct Evaluated {
    at: PacketTime,
    date: String,
}

/// Takes a report, however often it takes: it is the only one to have it. Answers whether it changed anything.
fn take(collector: &mut Collector, report: &Report, stop: &AtomicBool) -> bool {
    loop {
        match collector.report(report.clone(), clock::now()) {
            Ok(Receipt::Accepted) => return true,
            Ok(Receipt::Duplicate) => return false,
            Err(IngestError::Store(error)) if !stop.load(Relaxed) => {
                tracing::error!(%error, "a report could not be written; trying again");
                thread::sleep(RETRY);
            }
            Err(error) => {
                tracing::error!(%error, sequence = report.sequence, "a report is lost");
                return true;
            }
        }
    }
}

fn write_snapshot(collector: &mut Collector) {
    if let Err(error) = collector.snapshot() {
        tracing::error!(%error, "no snapshot of the store could be written");
    }
}

/// How long ago, wall clock.
fn since(at: PacketTime) -> Duration {
    Duration::from_nanos(clock::now().since(at))
}
