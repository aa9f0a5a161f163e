//! Captures of other projects, where they are at hand.

use super::fixture::read;
use std::path::{Path, PathBuf};

fn captures(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            captures(&path, into);
        } else if path.to_string_lossy().contains(".pcap") {
            into.push(path);
        }
    }
}

#[test]
fn captures_of_other_projects_are_read_to_their_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    if !folder.is_dir() {
        println!("skipped: no shared captures");
        return;
    }
    let mut paths = Vec::new();
    captures(&folder, &mut paths);
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let (frames, errors) = read(&[&path]);
        println!("{}\t{}", frames.len(), path.display());
        errors.iter().for_each(|error| println!("\t{error}"));
    }
}
