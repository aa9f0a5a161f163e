//! An id that was shown once leads to its device, whatever is learnt of it later.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use wardwatch_agent::{Cut, Cuts, Limits, Plan, Uplink, replay};
use wardwatch_collector::{Collector, View, knowledge::Catalogue, store::MemoryStore};
use wardwatch_model::{AgentHealth, Name, PacketTime, Report, StreamId, config::Config};

use super::capture;
use crate::support::command::{self, AT};

/// Nanoseconds.
const MINUTE: u64 = 60_000_000_000;

/// The reports of the hospital's first minutes and of the rest.
fn reports() -> Vec<Report> {
    let limits = Limits { flows: 100_000, reassembly_bytes: 64 << 20, devices: 10_000, ..Limits::default() };
    let plan = Plan { workers: 1, limits, cuts: Cuts::every(10_000_000_000) };
    let mut uplink = Uplink::new("test", StreamId([7; 16]));
    let mut reports = Vec::new();
    let each = |cut: Cut| {
        let health = AgentHealth { capture_method: Name::new("replay"), ..AgentHealth::default() };
        reports.push(uplink.report(cut, health));
        ControlFlow::Continue(())
    };
    assert!(replay(&[capture("hospital.pcapng")], &plan, |_, _| {}, each).errors.is_empty());
    reports
}

/// A watch that is looked at often in the first minutes, when most is learnt, and then at the end; every id it showed.
fn watched() -> (BTreeSet<String>, Arc<View>) {
    let store = Box::<MemoryStore>::default();
    let mut collector = Collector::start(store, Config::default(), Catalogue::embedded().unwrap()).unwrap();
    let mut shown = BTreeSet::new();
    let mut began = None;
    for report in reports() {
        let window = report.finished.capture.window;
        collector.report(report, PacketTime(0)).unwrap();
        let Some((first, last)) = window else { continue };
        if last.since(*began.get_or_insert(first)) < 2 * MINUTE {
            let view = collector.evaluate(AT);
            shown.extend(view.devices.iter().map(|device| device.id.clone()));
            shown.extend(view.findings.iter().map(|record| record.finding.device.clone()));
        }
    }
    (shown, collector.evaluate(AT))
}

#[test]
fn as_many_devices_are_discovered_as_there_are_and_every_id_that_was_shown_leads_to_one() {
    let (shown, view) = watched();
    let present: BTreeSet<&str> = view.devices.iter().map(|device| device.id.as_str()).collect();
    assert_eq!(view.counters.devices_discovered, present.len() as u64);
    let changed: Vec<&String> = shown.iter().filter(|id| !present.contains(id.as_str())).collect();
    assert!(!changed.is_empty(), "some devices become clearer in the first minutes");
    for id in changed {
        let now = view.aliases.get(id).unwrap_or_else(|| panic!("{id} leads nowhere"));
        assert!(present.contains(now.as_str()), "{id} leads to {now}, which is no device");
    }
    for record in &view.findings {
        assert!(present.contains(record.finding.device.as_str()), "{record:#?}");
    }
    let document = command::document(&capture("hospital.pcapng"));
    assert_eq!(document["devices"].as_array().unwrap().len(), present.len(), "the same as in an analysis");
    assert_eq!(document["findings"].as_array().unwrap().len(), view.findings.len());
}
