//! DICOM application entity titles that tools and products come with.

use super::{CatalogueError, File};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    title: Vec<DefaultTitle>,
}

/// A title and where it comes from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultTitle {
    /// As on the wire, without padding.
    pub title: String,
    /// The tools or products that come with it.
    pub origin: String,
    /// Somebody read it where the tool sets it; else it is a common default from memory.
    pub verified: bool,
    source: String,
}

/// Sorted by title.
#[derive(Debug, Default)]
pub(super) struct Titles(Vec<DefaultTitle>);

impl Titles {
    pub(super) fn read(file: &File<'_>) -> Result<Self, CatalogueError> {
        let Table { title: entries } = file.parse()?;
        file.require_sorted("the file", "title", entries.iter().map(|entry| &entry.title))?;
        for entry in &entries {
            let title = &entry.title;
            // An AE title has 16 characters at most, none of them a control or a backslash (PS3.5 6.2).
            if !(1..=16).contains(&title.len())
                || !title.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\')
            {
                return Err(file.wrong(title, "title", "not an AE title"));
            }
            for (key, text) in [("origin", &entry.origin), ("source", &entry.source)] {
                if text.trim().is_empty() {
                    return Err(file.wrong(title, key, "empty"));
                }
            }
        }
        Ok(Self(entries))
    }

    pub(super) fn find(&self, title: &str) -> Option<&DefaultTitle> {
        let place = self.0.binary_search_by(|entry| entry.title.as_str().cmp(title)).ok()?;
        self.0.get(place)
    }
}
