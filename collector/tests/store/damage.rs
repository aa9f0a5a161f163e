//! Whatever is done to the files: the store opens, and the snapshot's content is there.

use crate::support::{Folder, open, open_store, report, start, stream};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use wardwatch_collector::{
    Receipt,
    store::{self, OpenError},
};
use wardwatch_model::Report;

fn reports() -> Vec<Report> {
    stream("agent", 3, 60, 30)
}

/// Reports taken before the snapshot, and in all.
const BEFORE: usize = 40;
const ALL: usize = 50;

/// A store with a snapshot and some reports after it.
fn written() -> Folder {
    let folder = Folder::new();
    let mut collector = open(folder.path());
    for (next, count) in reports().iter().take(ALL).zip(1..) {
        assert_eq!(report(&mut collector, next).unwrap(), Receipt::Accepted);
        if count == BEFORE {
            collector.evaluate("2026-11-24");
            collector.snapshot().unwrap();
        }
    }
    folder
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy(from: &Path) -> Folder {
    let folder = Folder::new();
    for file in files(from) {
        let to = folder.path().join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, to).unwrap();
    }
    folder
}

/// Opens what was damaged. Answers whether it was made anew.
fn survives(dir: &Path, what: &str) -> bool {
    let opened = open_store(dir).unwrap_or_else(|error| panic!("{what}: {error}"));
    let rebuilt = opened.rebuilt.clone();
    let mut collector = start(Box::new(opened.store));
    for next in reports().iter().take(BEFORE) {
        assert_eq!(report(&mut collector, next).unwrap(), Receipt::Duplicate, "{what}: what the snapshot held is lost");
    }
    let held = if rebuilt.is_some() { BEFORE } else { ALL };
    // The tail of a store that opens may be gone; what is gone is asked for again.
    let next = (BEFORE..=held).find(|next| report(&mut collector, &reports()[*next]).unwrap() == Receipt::Accepted);
    assert!(next.is_some(), "{what}: the stream does not go on");
    assert!(!collector.evaluate("2026-11-24").devices.is_empty(), "{what}");
    rebuilt.is_some()
}

#[test]
fn a_probe_that_is_killed_leaves_the_store_as_it_is() {
    let folder = written();
    let killed = |_: &Path| store::run_probe(Command::new("sh").args(["-c", "kill -s KILL $$"]), folder.path());
    let Err(error) = store::open(folder.path(), &killed) else { panic!("it opened") };
    assert!(matches!(error, OpenError::Interrupted { signal: 9, .. }), "{error}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert!(!survives(folder.path(), "after a probe that was killed"));
}

#[test]
fn no_damage_to_any_file_takes_the_process_down_or_loses_the_snapshot() {
    let sound = written();
    let home = sound.path().join("store");
    let mut rebuilt = 0;
    let mut tried = 0;
    for file in files(&home) {
        let name = file.strip_prefix(sound.path()).unwrap();
        for (what, damage) in damages(&fs::read(&file).unwrap()) {
            let folder = copy(sound.path());
            match damage {
                Some(bytes) => fs::write(folder.path().join(name), bytes).unwrap(),
                None => fs::remove_file(folder.path().join(name)).unwrap(),
            }
            tried += 1;
            rebuilt += usize::from(survives(folder.path(), &format!("{}: {what}", name.display())));
        }
    }
    assert!(tried >= 20 && rebuilt > 0, "{rebuilt} of {tried} were made anew");
    let folder = copy(sound.path());
    fs::remove_dir_all(folder.path().join("store")).unwrap();
    assert!(survives(folder.path(), "the whole folder is gone"));
}

/// What may happen to a file; none: it is gone.
fn damages(bytes: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
    let mut all = vec![("deleted".to_owned(), None)];
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for part in [0, 1, 2, 3] {
        let cut = written * part / 4;
        all.push((format!("cut at {cut}"), Some(bytes[..cut].to_vec())));
    }
    for place in [0, 1, 3, 5, 7, 9, 10].map(|tenth| (written * tenth / 10).saturating_sub(1)) {
        let mut flipped = bytes.to_vec();
        if let Some(byte) = flipped.get_mut(place) {
            *byte ^= 0x55;
            all.push((format!("a byte flipped at {place}"), Some(flipped)));
        }
        let mut zeroed = bytes.to_vec();
        zeroed.iter_mut().skip(place).take(4_096).for_each(|byte| *byte = 0);
        all.push((format!("a block of zeros at {place}"), Some(zeroed)));
    }
    all
}

#[test]
fn damaged_stores_are_kept_for_a_look_but_not_for_ever() {
    let folder = written();
    for round in 1..=5 {
        fs::write(folder.path().join("store/db"), b"nonsense").unwrap();
        assert!(survives(folder.path(), &format!("round {round}")));
    }
    let mut kept: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.retain(|name| name.to_str().unwrap().starts_with("store.damaged-"));
    kept.sort();
    assert_eq!(kept, ["store.damaged-3", "store.damaged-4", "store.damaged-5"]);
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before() {
    let folder = written();
    let snapshot = |number: u32| folder.path().join(format!("snapshot-{number:010}.wws"));
    let mut collector = open(folder.path());
    collector.snapshot().unwrap();
    drop(collector);
    let bytes = fs::read(snapshot(2)).unwrap();
    fs::write(snapshot(2), &bytes[..bytes.len() / 2]).unwrap();
    fs::remove_dir_all(folder.path().join("store")).unwrap();
    assert!(survives(folder.path(), "half a snapshot"));
    assert!(snapshot(1).exists());
}

#[test]
fn a_second_process_is_told_that_the_store_is_in_use_and_touches_nothing() {
    let folder = written();
    let first = open(folder.path());
    let before = files(folder.path());
    assert!(matches!(open_store(folder.path()), Err(OpenError::InUse(dir)) if dir == folder.path()));
    assert_eq!(files(folder.path()), before);
    drop(first);
    assert_eq!(open_store(folder.path()).unwrap().rebuilt, None);
}
