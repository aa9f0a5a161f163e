//! The agent's half of a watch: packets in, reports out.

use crate::{clock, setup::limits};
use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};
use wardwatch_agent::{Cut, Cuts, Part, Plan, Uplink, assemble, live::Live, replay, source::SourceError, stream_of};
use wardwatch_model::{AgentHealth, InterfaceHealth, Name, PacketTime, Report, StreamId, config::Config};

/// Nanoseconds between two reports, packet time.
const EVERY: u64 = 10_000_000_000;

/// How long to wait before looking whether a report is due.
const IDLE: Duration = Duration::from_millis(200);

/// Reads captures as if they were a network. Ends at their end, or when told to stop: then without a last report, so that
/// the same replay goes on where it was stopped.
pub(super) fn from_files(
    files: &[PathBuf],
    speed: Option<f64>,
    config: &Config,
    stop: &AtomicBool,
    reports: &SyncSender<Box<Report>>,
) -> Vec<SourceError> {
    let plan = Plan { workers: config.workers, limits: limits(config), cuts: Cuts::every(EVERY) };
    let mut uplink = Uplink::new(&config.site, stream_of(files).unwrap_or_else(random_stream));
    let mut health = health(Name::new("replay"), config);
    let mut pace = speed.map(Pace::new);
    let each = |cut: Cut| {
        let seen = &cut.finished.capture;
        let replayed = health.interfaces.entry("replay".to_owned()).or_default();
        let last = seen.window.map(|(_, last)| last);
        *replayed = InterfaceHealth {
            is_up: !cut.is_last,
            packets: replayed.packets + seen.packets,
            bytes: replayed.bytes + seen.bytes,
            last_packet: last.max(replayed.last_packet),
            ..InterfaceHealth::default()
        };
        health.flows = cut.flows;
        if let (Some(pace), Some(last)) = (&mut pace, last) {
            pace.wait(last, stop);
        }
        // Nothing of a replay is left out: it waits for the collector.
        if stop.load(Relaxed) || reports.send(Box::new(uplink.report(cut, health.clone()))).is_err() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    replay(files, &plan, |_, _| {}, each).errors
}

/// Listens on interfaces until told to stop, and then tells the rest.
pub(super) fn from_interfaces(mut live: Live, config: &Config, stop: &AtomicBool, reports: &SyncSender<Box<Report>>) {
    let mut uplink = Uplink::new(&config.site, random_stream());
    let mut cuts = Cuts::every(EVERY);
    let mut looked = clock::now();
    // A report that the collector had no time for; until it takes it, the workers keep what they see.
    let mut waiting: Option<Box<Report>> = None;
    let mut health = health(live.method(), config);
    let mut report = |live: &Live, parts: Vec<Part>, is_last: bool| {
        let (finished, open, flows) = assemble(parts);
        health.interfaces = live.health();
        health.flows = flows;
        Box::new(uplink.report(Cut { finished, open, flows, is_last }, health.clone()))
    };
    while !stop.load(Relaxed) {
        thread::sleep(IDLE);
        if let Some(late) = waiting.take() {
            waiting = offer(reports, late);
        }
        let now = clock::now();
        // A clock that was set back would be silent until it is as late again.
        if now < looked {
            cuts = Cuts::every(EVERY);
        }
        looked = now;
        if cuts.is_due(now) && waiting.is_none() {
            let parts = live.cut();
            waiting = offer(reports, report(&live, parts, false));
        }
    }
    let parts = live.finish();
    let last = report(&live, parts, true);
    for report in waiting.into_iter().chain([last]) {
        // The collector ends after the agent, so it is there; if it is not, nobody is left to tell.
        let _ = reports.send(report);
    }
}

/// Hands a report over, or gives it back.
fn offer(reports: &SyncSender<Box<Report>>, report: Box<Report>) -> Option<Box<Report>> {
    match reports.try_send(report) {
        Ok(()) => None,
        Err(TrySendError::Full(report) | TrySendError::Disconnected(report)) => Some(report),
    }
}

fn health(capture_method: Name, config: &Config) -> AgentHealth {
    AgentHealth {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        capture_method,
        flows_limit: config.limits.flows as u64,
        ..AgentHealth::default()
    }
}

/// A stream that nobody has had before.
fn random_stream() -> StreamId {
    let mut id = [0; 16];
    // Without randomness from the system, the time of the start tells streams apart.
    if getrandom::fill(&mut id).is_err() {
        let now = clock::now().0.to_le_bytes();
        id.iter_mut().zip(now).for_each(|(byte, time)| *byte = time);
    }
    StreamId(id)
}

/// Lets a replay take its time.
struct Pace {
    speed: f64,
    /// First packet, and when it was replayed.
    began: Option<(PacketTime, PacketTime)>,
}

impl Pace {
    const fn new(speed: f64) -> Self {
        Self { speed, began: None }
    }

    /// Waits until the time of a packet has come.
    fn wait(&mut self, at: PacketTime, stop: &AtomicBool) {
        let (first, began) = *self.began.get_or_insert((at, clock::now()));
        let due = Duration::from_nanos(at.since(first)).div_f64(self.speed);
        while !stop.load(Relaxed) {
            let passed = Duration::from_nanos(clock::now().since(began));
            match due.checked_sub(passed) {
                Some(left) if !left.is_zero() => thread::sleep(left.min(IDLE)),
                _ => return,
            }
        }
    }
}
