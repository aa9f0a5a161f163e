//! Captures that lie beside the checkout, not in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::programs::skipped;

/// The captures of a folder such as `loopback`, sorted; empty, and said so, where there is none.
pub(crate) fn captures(test: &str, folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures").join(folder);
    let Ok(entries) = fs::read_dir(&path) else {
        skipped(test, &format!("no ../shared/captures/{folder} beside the checkout"));
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|end| end == "pcap" || end == "pcapng"))
        .collect();
    files.sort();
    files
}

/// One shared capture by folder and name.
pub(crate) fn capture(test: &str, folder: &str, name: &str) -> Option<PathBuf> {
    captures(test, folder).into_iter().find(|file| file.file_name().is_some_and(|own| own == name))
}
