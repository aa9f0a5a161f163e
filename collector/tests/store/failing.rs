//! Writes that fail: the agent keeps its report, and memory and store stay one.

use crate::support::{Folder, NOW, child, child_argument, open, open_store, picture, report, start, stream};
use std::{fs, io::Write, path::Path, process::Command};
use wardwatch_collector::{Collector, Receipt, store::MemoryStore};
use wardwatch_model::Refusal;

/// A small disk of its own, where that is allowed.
struct SmallDisk(Folder);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = Folder::new();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder.path());
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// What reports lead to without any trouble.
fn undisturbed(sequence: usize) -> String {
    let mut collector = start(Box::new(MemoryStore::default()));
    for next in stream("agent", 5, 400, 40).iter().take(sequence) {
        report(&mut collector, next).unwrap();
    }
    shown(&mut collector)
}

fn shown(collector: &mut Collector) -> String {
    collector.fix_ids("main");
    picture(&collector.evaluate("2026-11-24"))
}

#[test]
fn on_a_full_disk_reports_are_refused_and_come_again() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: on_a_full_disk_reports_are_refused_and_come_again: no disk can be mounted here");
        return;
    };
    let reports = stream("agent", 5, 400, 40);
    let mut collector = open(disk.path());
    for next in &reports[..20] {
        report(&mut collector, next).unwrap();
    }
    let ballast = disk.path().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while file.write_all(&[0; 4_096]).is_ok() {}
    drop(file);
    for _ in 0..3 {
        assert_eq!(report(&mut collector, &reports[20]).unwrap_err().reason(), Refusal::Store);
    }
    let view = collector.evaluate("2026-11-24");
    assert!(view.store.is_failing);
    assert!(view.counters.store_write_failures >= 3);
    assert_eq!(view.counters.rejected["store"], 3);
    assert_eq!(shown(&mut collector), undisturbed(20));
    fs::remove_file(&ballast).unwrap();
    assert_eq!(report(&mut collector, &reports[20]).unwrap(), Receipt::Accepted);
    assert!(!collector.evaluate("2026-11-24").store.is_failing);
    drop(collector);
    let opened = open_store(disk.path()).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(shown(&mut start(Box::new(opened.store))), undisturbed(21));
}

/// Reports until a write fails, which it then does for good, and says how far it came.
#[test]
fn limited_child() {
    let Some(dir) = child_argument() else { return };
    let mut collector = open(&dir);
    let mut taken = 0;
    for next in stream("agent", 5, 400, 40) {
        match collector.report(next, NOW) {
            Ok(_) => taken += 1,
            Err(error) => {
                assert_eq!(error.reason(), Refusal::Store);
                break;
            }
        }
    }
    assert_eq!(shown(&mut collector), undisturbed(taken));
    fs::write(dir.join("taken"), taken.to_string()).unwrap();
}

#[test]
fn a_write_that_fails_halfway_is_as_if_it_had_never_begun() {
    let folder = Folder::new();
    let test = child("failing::limited_child", folder.path());
    // A limit on the length of files makes writes fail in the middle of one, which a full disk would do.
    let mut shell = Command::new("bash");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""])
        .arg(test.get_program())
        .args(test.get_args());
    shell.env(crate::support::CHILD, folder.path());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", output.stderr.escape_ascii());
    let taken: usize = fs::read_to_string(folder.path().join("taken")).unwrap().parse().unwrap();
    assert!(taken < 400, "no write failed");
    let opened = open_store(folder.path()).unwrap();
    assert_eq!(opened.rebuilt, None);
    let mut collector = start(Box::new(opened.store));
    // The one that failed may have reached the disk all the same; it is not to count twice.
    for next in stream("agent", 5, 400, 40).iter().take(taken + 5) {
        report(&mut collector, next).unwrap();
    }
    assert_eq!(shown(&mut collector), undisturbed(taken + 5));
}
