//! Manufacturers by the words seen on the wire.

use std::collections::HashMap;
use std::iter::successors;

use serde::Deserialize;

use super::{CatalogueError, File, fold};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    vendor: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    aliases: Vec<String>,
    #[serde(default)]
    exact: Vec<String>,
    source: String,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    wire: String,
    name: String,
}

#[derive(Debug, Default)]
pub(super) struct Vendors {
    names: Vec<String>,
    /// By folded words.
    claims: HashMap<String, Claim>,
}

#[derive(Debug, Clone, Copy)]
struct Claim {
    /// Index into `Vendors::names`.
    vendor: usize,
    /// The words count as the whole text only, not as its beginning.
    whole: bool,
}

impl Vendors {
    pub(super) fn read(file: &File<'_>) -> Result<Self, CatalogueError> {
        let Table { vendor: entries } = file.parse()?;
        file.require_sorted("the file", "name", entries.iter().map(|entry| fold(&entry.name)))?;
        let mut vendors = Self::default();
        for entry in &entries {
            vendors.add(file, entry)?;
        }
        for example in entries.iter().flat_map(|entry| &entry.examples) {
            let found = vendors.find(&example.wire);
            if found != Some(&example.name) {
                return Err(file.wrong(&example.name, "examples", format!("{:?} gives {found:?}", example.wire)));
            }
        }
        Ok(vendors)
    }

    fn add(&mut self, file: &File<'_>, entry: &Entry) -> Result<(), CatalogueError> {
        file.require_source(&entry.name, &entry.source, &entry.examples)?;
        file.require_sorted(&entry.name, "aliases", entry.aliases.iter().map(|alias| fold(alias)))?;
        file.require_sorted(&entry.name, "exact", entry.exact.iter().map(|words| fold(words)))?;
        let vendor = self.names.len();
        self.names.push(entry.name.clone());
        self.claim(file, "name", &entry.name, Claim { vendor, whole: true })?;
        for words in &entry.exact {
            self.claim(file, "exact", words, Claim { vendor, whole: true })?;
        }
        // Last, so that the name among the aliases counts as a beginning, too.
        for alias in &entry.aliases {
            self.claim(file, "aliases", alias, Claim { vendor, whole: false })?;
        }
        Ok(())
    }

    fn claim(&mut self, file: &File<'_>, key: &'static str, words: &str, claim: Claim) -> Result<(), CatalogueError> {
        let entry = self.names.get(claim.vendor).map_or("", String::as_str);
        let folded = fold(words);
        if folded.is_empty() {
            return Err(file.wrong(entry, key, format!("{words:?} has no letters or digits")));
        }
        match self.claims.insert(folded, claim) {
            Some(earlier) if earlier.vendor != claim.vendor => {
                let rival = self.names.get(earlier.vendor).map_or("", String::as_str);
                Err(file.wrong(entry, key, format!("{words:?} is also claimed by {rival:?}")))
            }
            _ => Ok(()),
        }
    }

    /// The whole text first, then the longest beginning that ends with a word.
    pub(super) fn find(&self, wire: &str) -> Option<&str> {
        let words = fold(wire);
        let beginnings = successors(Some(words.as_str()), |words| words.rsplit_once(' ').map(|(head, _)| head));
        let claim = beginnings
            .filter_map(|beginning| Some((beginning, self.claims.get(beginning)?)))
            .find(|(beginning, claim)| !claim.whole || beginning.len() == words.len())
            .map(|(_, claim)| claim)?;
        self.names.get(claim.vendor).map(String::as_str)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}
