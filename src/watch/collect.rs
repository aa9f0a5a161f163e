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
use wardwatch_collector::{
    Collector, IngestError, Receipt, View, import::Imports, knowledge::OwnRules, metrics::Instruments,
};
use wardwatch_model::{PacketTime, Refusal, Report, config::Config};

/// How long to wait for a report before looking at the clock.
const IDLE: Duration = Duration::from_millis(500);

/// How long after a picture the next one is made at the earliest, while reports keep coming.
const EVERY: Duration = Duration::from_secs(1);

/// Between two snapshots of the store.
const SNAPSHOT: Duration = Duration::from_secs(600);

/// Before a report that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What the collector's thread is given to do.
pub(super) struct Inbox {
    /// Reports, in the order of their numbers. When nobody is left to send one, the collector ends.
    pub(super) reports: Receiver<Box<Report>>,
    /// What to go on with. On a way of its own, so that it arrives while reports wait for a disk.
    pub(super) orders: Receiver<Box<Orders>>,
}

/// What a reload brings.
pub(super) struct Orders {
    pub(super) config: Config,
    pub(super) own: OwnRules,
    pub(super) imports: Imports,
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

    /// Works until nobody is left to send reports.
    pub(super) fn run(self, mut collector: Collector, inbox: &Inbox, stop: &AtomicBool) {
        let mut evaluated = Evaluated { at: clock::now(), date: clock::today() };
        let mut snapshot = clock::now();
        let mut is_stale = false;
        let mut taker = Taker::default();
        loop {
            self.beat.store(clock::now().0, Relaxed);
            for orders in inbox.orders.try_iter() {
                collector.reconfigure(orders.config, orders.own, orders.imports);
                is_stale = true;
            }
            let next = match taker.unwritten.take() {
                Some(report) => Ok(report),
                None => inbox.reports.recv_timeout(IDLE.min(EVERY)).map(|report| taker.numbered(report)),
            };
            let is_idle = match next {
                // The same replay tells it again.
                Ok(report) if stop.load(Relaxed) && report.health.capture_method == "replay" => true,
                Ok(report) => {
                    taker.take(&mut collector, report, stop);
                    is_stale = true;
                    taker.unwritten.is_some()
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
            if taker.unwritten.is_some() {
                thread::sleep(RETRY);
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

/// Takes reports, and keeps the one that could not be written: nobody else has it.
#[derive(Default)]
struct Taker {
    unwritten: Option<Box<Report>>,
    /// Reports that were refused for good.
    refused: u64,
}

impl Taker {
    /// A report with the number that is its turn: one that was refused never counted, so the next one has its number.
    fn numbered(&self, mut report: Box<Report>) -> Box<Report> {
        report.sequence = report.sequence.saturating_sub(self.refused);
        report
    }

    /// Whatever becomes of the report, it is counted, and so there is something new to show.
    fn take(&mut self, collector: &mut Collector, report: Box<Report>, stop: &AtomicBool) {
        match collector.report((*report).clone(), clock::now()) {
            Ok(Receipt::Accepted | Receipt::Duplicate) => {}
            Err(IngestError::Store(error)) if !stop.load(Relaxed) => {
                tracing::error!(%error, "a report could not be written; trying again");
                self.unwritten = Some(report);
            }
            Err(error) => {
                let remedy = remedy(error.reason());
                tracing::error!(%error, sequence = report.sequence, remedy, "a report is lost");
                self.refused += u64::from(matches!(error, IngestError::Refused { .. }));
            }
        }
    }
}

/// What to do about a report that is lost.
const fn remedy(reason: Refusal) -> &'static str {
    match reason {
        Refusal::TooLarge => "raise store.facts_mib and limits.devices, or lower limits.flows",
        Refusal::Clock => "set the clock of this machine",
        _ => "",
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
