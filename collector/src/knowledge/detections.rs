//! What detections mean to people.

use super::{CatalogueError, File};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    detection: Vec<Detection>,
}

/// The texts of a detection.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Detection {
    /// Id of the rule.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// What was seen and why it matters.
    pub meaning: String,
    /// What else looks like it.
    pub false_positives: String,
    /// What the security team does.
    pub security: String,
    /// What biomedical engineering does.
    pub biomed: String,
    /// The standard, report or practice it rests on.
    pub source: String,
}

/// Sorted by id.
#[derive(Debug, Default)]
pub(super) struct Detections(Vec<Detection>);

impl Detections {
    pub(super) fn read(file: &File<'_>) -> Result<Self, CatalogueError> {
        let Table { detection: entries } = file.parse()?;
        file.require_sorted("the file", "id", entries.iter().map(|entry| &entry.id))?;
        for entry in &entries {
            for (key, text) in [
                ("id", &entry.id),
                ("title", &entry.title),
                ("meaning", &entry.meaning),
                ("false-positives", &entry.false_positives),
                ("security", &entry.security),
                ("biomed", &entry.biomed),
                ("source", &entry.source),
            ] {
                if text.trim().is_empty() {
                    return Err(file.wrong(&entry.id, key, "empty"));
                }
            }
        }
        Ok(Self(entries))
    }

    pub(super) fn find(&self, id: &str) -> Option<&Detection> {
        let place = self.0.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()?;
        self.0.get(place)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.id.as_str())
    }
}
