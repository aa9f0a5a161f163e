//! Where damaged stores go: aside, for whoever wants to know what happened, and not for ever.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Most damaged stores kept.
const KEPT: usize = 3;

/// Names of damaged stores, before their number.
const PREFIX: &str = "store.damaged-";

/// Moves `home` out of the way.
pub(super) fn set_aside(dir: &Path, home: &Path) -> io::Result<PathBuf> {
    let mut known = numbered(dir, PREFIX, "")?;
    let next = known.last().map_or(1, |(number, _)| number + 1);
    let aside = dir.join(format!("{PREFIX}{next}"));
    fs::rename(home, &aside)?;
    known.push((next, aside.clone()));
    let surplus = known.len().saturating_sub(KEPT);
    known.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_dir_all(path))?;
    Ok(aside)
}

/// What is in a folder under names of a prefix, a number and a suffix, by number.
pub(super) fn numbered(dir: &Path, prefix: &str, suffix: &str) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in dir.read_dir()? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok());
        found.extend(number.map(|number| (number, path)));
    }
    found.sort();
    Ok(found)
}
