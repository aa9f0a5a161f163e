//! Killed at any moment: what was acknowledged is there, and the end is as if nothing had happened.

use crate::support::{
    Dice, Folder, NOW, child, child_argument, open_store, picture, report, reports_one_by_one, start,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
    thread,
    time::Duration,
};
use wardwatch_collector::{Receipt, store::MemoryStore};
use wardwatch_model::Report;

/// Times the process is killed.
const KILLS: usize = 100;

/// More than can be taken before the last kill.
const REPORTS: u64 = 3_000;

fn replay() -> impl Iterator<Item = Report> {
    reports_one_by_one("agent", 7, REPORTS, 40)
}

/// Replays from the beginning, and says which reports count.
#[test]
fn crash_child() {
    let Some(dir) = child_argument() else { return };
    let opened = open_store(&dir).unwrap();
    assert_eq!(opened.rebuilt, None, "a killed process damages nothing");
    let mut collector = start(Box::new(opened.store));
    println!();
    for report in replay() {
        let sequence = report.sequence;
        if collector.report(report, NOW).unwrap() == Receipt::Duplicate {
            continue;
        }
        println!("taken {sequence}");
        std::io::stdout().flush().unwrap();
        if sequence % 64 == 0 {
            collector.evaluate("2026-11-24");
            collector.snapshot().unwrap();
        }
    }
}

fn number(line: String) -> Option<u64> {
    line.strip_prefix("taken ")?.parse().ok()
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let folder = Folder::new();
    let mut dice = Dice(1);
    let mut acknowledged = 0;
    let mut died_while_writing = 0;
    for round in 0..KILLS {
        let mut command = child("crash::crash_child", folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut taken = Vec::new();
        // Every other one is killed while it writes, the rest while they open what was left.
        if round % 2 == 0 {
            taken.extend(lines.by_ref().find_map(number));
            thread::sleep(Duration::from_millis(dice.below(20)));
        } else {
            thread::sleep(Duration::from_millis(dice.below(80)));
        }
        child.kill().unwrap();
        taken.extend(lines.filter_map(number));
        let output = child.wait_with_output().unwrap();
        assert!(output.status.code().is_none(), "it failed by itself: {}", output.stderr.escape_ascii());
        died_while_writing += usize::from(!taken.is_empty());
        for sequence in taken {
            assert!(sequence > acknowledged, "report {sequence} was acknowledged before, up to {acknowledged}");
            acknowledged = sequence;
        }
    }
    assert!(
        died_while_writing > KILLS / 3,
        "killed while writing {died_while_writing} times: the pauses are too short"
    );
    assert!(acknowledged < REPORTS, "all was done before the last kill");

    let opened = open_store(folder.path()).unwrap();
    assert_eq!(opened.rebuilt, None);
    let (mut disturbed, mut undisturbed) = (start(Box::new(opened.store)), start(Box::new(MemoryStore::default())));
    for next in &replay().take(usize::try_from(acknowledged).unwrap() + 50).collect::<Vec<_>>() {
        let receipt = report(&mut disturbed, next).unwrap();
        assert!(receipt == Receipt::Duplicate || next.sequence > acknowledged);
        report(&mut undisturbed, next).unwrap();
    }
    disturbed.fix_ids("main");
    undisturbed.fix_ids("main");
    assert_eq!(picture(&disturbed.evaluate("2026-11-24")), picture(&undisturbed.evaluate("2026-11-24")));
}
