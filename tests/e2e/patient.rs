//! Planted patients.

use std::fs;
use std::path::Path;

/// Whether a file holds this text, as it stands.
pub(crate) fn holds(file: &Path, text: &str) -> bool {
    fs::read(file).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}
