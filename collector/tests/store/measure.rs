//! Figures for docs/store.md: `cargo test --release -p wardwatch-collector --test store measure -- --ignored --nocapture`.

use crate::support::{Folder, flow, open, report, stream};
use std::time::Duration;
use wardwatch_model::Facts;

fn clock() -> Duration {
    let text = std::fs::read_to_string("/proc/uptime").unwrap();
    Duration::from_secs_f64(text.split(' ').next().unwrap().parse().unwrap())
}

fn facts(devices: std::ops::Range<u64>, seconds: u64) -> Facts {
    let mut facts = Facts::default();
    devices.for_each(|device| facts.merge(flow(device, seconds)));
    facts
}

fn disk(dir: &std::path::Path) -> u64 {
    let size = |entry: std::fs::DirEntry| {
        if entry.path().is_dir() { disk(&entry.path()) } else { entry.metadata().unwrap().len() }
    };
    dir.read_dir().unwrap().map(|entry| size(entry.unwrap())).sum()
}

#[test]
#[ignore = "measures"]
fn measure_twenty_thousand_conversations() {
    let folder = Folder::on_disk();
    let mut collector = open(folder.path());
    let mut template = stream("agent", 1, 1, 1).remove(0);
    template.is_last = false;
    template.open = Facts::default();
    let mut sequence = 0;
    let mut took = |what: &str, collector: &mut wardwatch_collector::Collector, finished, open| {
        sequence += 1;
        let next = wardwatch_model::Report { sequence, finished, open, ..template.clone() };
        let began = clock();
        report(collector, &next).unwrap();
        println!("{what}: {:?}, on disk {} KiB", clock() - began, disk(folder.path()) / 1024);
    };
    took("20,000 new conversations", &mut collector, facts(0..20_000, 1), Facts::default());
    for round in 0..60 {
        let from = round * 37 % 19_000;
        took(
            "500 finished again, 500 open",
            &mut collector,
            facts(from..from + 500, 60 * round),
            facts(from..from + 500, 61 * round),
        );
    }
    let began = clock();
    let view = collector.evaluate("2026-11-24");
    println!("first evaluation: {:?}, {} devices", clock() - began, view.devices.len());
    let began = clock();
    let view = collector.evaluate("2026-11-24");
    println!("evaluation: {:?}, {} bytes in the store", clock() - began, view.store.bytes);
    let began = clock();
    collector.snapshot().unwrap();
    println!("snapshot: {:?}, on disk {} KiB", clock() - began, disk(folder.path()) / 1024);
    let began = clock();
    drop(collector);
    println!("close: {:?}, on disk {} KiB", clock() - began, disk(folder.path()) / 1024);
    let began = clock();
    drop(open(folder.path()));
    println!("open: {:?}, on disk {} KiB", clock() - began, disk(folder.path()) / 1024);
}
