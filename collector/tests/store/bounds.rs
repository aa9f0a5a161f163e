//! However much is reported, no more is kept than was promised.

use crate::support::{Folder, NOW, child, child_argument, flow, open_store, report, start_with, stream};
use std::collections::BTreeMap;
use wardwatch_collector::{
    Collector, Receipt, StartError,
    knowledge::Catalogue,
    store::{Changes, MemoryStore, Store, Table},
};
use wardwatch_model::{CaptureFacts, Facts, PacketTime, Refusal, Report, StreamId, config::Config};

fn small() -> Config {
    let mut config = Config::default();
    config.store.facts_mib = 4;
    config.limits.devices = 2_000;
    config
}

fn flood(sequence: u64, devices: std::ops::Range<u64>) -> Report {
    let mut template = stream("agent", 9, 1, 1).remove(0);
    template.is_last = false;
    template.open = Facts::default();
    template.finished = Facts::default();
    devices.for_each(|device| template.finished.merge(flow(device, sequence)));
    Report { sequence, ..template }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

/// Reports far more than there is room for.
#[test]
fn flooded_child() {
    let Some(dir) = child_argument() else { return };
    let before = resident();
    let mut collector = start_with(Box::new(open_store(&dir).unwrap().store), small());
    for sequence in 1..=24 {
        assert_eq!(
            report(&mut collector, &flood(sequence, sequence * 500..(sequence + 1) * 500)).unwrap(),
            Receipt::Accepted
        );
        if sequence % 8 == 0 {
            let view = collector.evaluate("2026-11-24");
            assert!(view.devices.len() <= 2_000);
        }
    }
    let view = collector.evaluate("2026-11-24");
    assert!(view.counters.evicted["limit"] > 5_000, "{:?}", view.counters);
    let (took, bound) = (resident() - before, Collector::worst_case_bytes(&small()));
    println!("took {} MiB of {} MiB", took >> 20, bound >> 20);
    assert!(took < bound, "{} MiB, and {} MiB were promised", took >> 20, bound >> 20);
    drop(collector);
    // What was given up is gone from the store too.
    let mut again = start_with(Box::new(open_store(&dir).unwrap().store), small());
    assert_eq!(again.evaluate("2026-11-24").devices.len(), view.devices.len());
}

#[test]
fn memory_stays_below_what_is_promised() {
    let folder = Folder::new();
    let output = child("bounds::flooded_child", folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
}

#[test]
fn a_report_that_is_larger_than_all_there_may_be_is_refused() {
    let mut collector = start_with(Box::new(MemoryStore::default()), small());
    let large = flood(1, 0..20_000);
    assert_eq!(report(&mut collector, &large).unwrap_err().reason(), Refusal::TooLarge);
    let open = Report { open: large.finished, finished: Facts::default(), ..flood(1, 0..1) };
    assert_eq!(report(&mut collector, &open).unwrap_err().reason(), Refusal::TooLarge);
    assert_eq!(collector.evaluate("2026-11-24").counters.rejected["too_large"], 2);
    assert_eq!(report(&mut collector, &flood(1, 0..10)).unwrap(), Receipt::Accepted, "the stream goes on");
}

#[test]
fn what_was_not_seen_for_longer_than_facts_are_kept_is_given_up() {
    let mut collector = start_with(Box::new(MemoryStore::default()), small());
    report(&mut collector, &flood(1, 0..10)).unwrap();
    let day = 86_400;
    let mut later = flood(2, 0..0);
    later.finished = flow(50, 399 * day);
    report(&mut collector, &later).unwrap();
    assert_eq!(collector.evaluate("2026-11-24").devices.len(), 23, "each speaks for another, to the same archive");
    let mut latest = flood(3, 0..0);
    latest.finished = flow(51, 402 * day);
    report(&mut collector, &latest).unwrap();
    let view = collector.evaluate("2026-11-24");
    assert_eq!(view.devices.len(), 5);
    assert_eq!(view.counters.evicted, BTreeMap::from([("retention", 30)]));
}

#[test]
fn a_live_capture_of_the_future_is_refused_and_a_recording_is_not() {
    let mut collector = start_with(Box::new(MemoryStore::default()), small());
    let at = PacketTime(NOW.0 + 2 * 86_400_000_000_000);
    let mut ahead = flood(1, 0..1);
    ahead.finished.capture = CaptureFacts { window: Some((at, at)), ..CaptureFacts::default() };
    ahead.health.capture_method = "pnet".into();
    assert_eq!(report(&mut collector, &ahead).unwrap_err().reason(), Refusal::Clock);
    ahead.health.capture_method = "replay".into();
    assert_eq!(report(&mut collector, &ahead).unwrap(), Receipt::Accepted);
}

#[test]
fn a_stream_is_over_when_its_agent_begins_another_and_what_was_open_stays() {
    let mut collector = start_with(Box::new(MemoryStore::default()), small());
    let first = Report { open: flow(7, 5), ..flood(1, 0..1) };
    report(&mut collector, &first).unwrap();
    let other = Report { stream: StreamId([1; 16]), ..flood(1, 1..2) };
    report(&mut collector, &other).unwrap();
    assert_eq!(report(&mut collector, &flood(2, 0..1)).unwrap_err().reason(), Refusal::StreamOver);
    let view = collector.evaluate("2026-11-24");
    assert_eq!((view.capture.packets, view.devices.len()), (120, 7));
    assert_eq!(view.agents[0].stream, StreamId([1; 16]));
}

#[test]
fn a_store_of_a_later_version_is_left_alone() {
    let mut store = MemoryStore::default();
    let mut changes = Changes::default();
    changes.put(Table::Meta, b"version".to_vec(), b"2".to_vec());
    store.commit(&changes).unwrap();
    let started = Collector::start(Box::new(store), small(), Catalogue::embedded().unwrap());
    assert!(matches!(started, Err(StartError::NewerStore { found: 2, known: 1 })));
}

#[test]
fn ids_are_of_the_store_and_stay_the_same() {
    let folder = Folder::new();
    let ids = |collector: &mut Collector| -> Vec<String> {
        collector.evaluate("2026-11-24").devices.iter().map(|device| device.id.clone()).collect()
    };
    let mut collector = start_with(Box::new(open_store(folder.path()).unwrap().store), small());
    report(&mut collector, &flood(1, 0..3)).unwrap();
    let before = ids(&mut collector);
    assert_eq!(collector.evaluate("2026-11-24").counters.devices_discovered, 7);
    collector.snapshot().unwrap();
    drop(collector);
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let opened = open_store(folder.path()).unwrap();
    assert!(opened.rebuilt.is_some());
    let mut collector = start_with(Box::new(opened.store), small());
    assert_eq!(ids(&mut collector), before, "the key is in the snapshot");
    assert_eq!(
        collector.evaluate("2026-11-24").counters.devices_discovered,
        7,
        "known devices are not discovered again"
    );
    let mut other = start_with(Box::new(MemoryStore::default()), small());
    report(&mut other, &flood(1, 0..3)).unwrap();
    assert_ne!(ids(&mut other), before, "another store has another key");
}
