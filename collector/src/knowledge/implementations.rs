//! Software by DICOM implementation class UID and version name (PS3.7, D.3.3.2).

mod entry;

use std::collections::HashMap;
use std::iter::successors;

use serde::Deserialize;

use super::vendors::Vendors;
use super::{CatalogueError, File, Origin, fold};
use entry::{Entry, Table};

/// A version name is set more freely than a UID: some products carry the name of the toolkit they were copied from.
const TOLD_BY_NAME_CONFIDENCE: f64 = 0.8;

/// Software that speaks DICOM on the other end.
#[derive(Debug, Clone, PartialEq)]
pub struct Implementation<'a> {
    /// The software, as its makers write it.
    pub name: &'a str,
    /// Its version, where the version name carries it in a known way.
    pub version: Option<String>,
    /// Canonical name of its maker, where that is the maker of the device.
    pub vendor: Option<&'a str>,
    /// How much the identity says.
    pub kind: Kind,
    /// From 0 to 1, by how the identity became known.
    pub confidence: f64,
    /// Line of the file at which its entry begins.
    line: usize,
    /// Where the entry comes from.
    source: &'a str,
}

impl Implementation<'_> {
    /// Where this is said.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let (file, name) = (super::IMPLEMENTATIONS.name.to_owned(), self.name.to_owned());
        Origin { file, line: self.line, name, source: self.source.to_owned() }
    }
}

/// How much an implementation identity says about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A library, found inside the products of many makers: says nothing of the device's maker.
    Toolkit,
    /// One product or product family.
    Product,
    /// An arc that all products of a maker share.
    VendorRoot,
}

#[derive(Debug)]
pub(super) struct Implementations {
    entries: Vec<Entry>,
    /// Index into `entries`, by UID or arc.
    by_uid: HashMap<String, usize>,
}

impl Implementations {
    pub(super) fn read(file: &File<'_>, vendors: &Vendors) -> Result<Self, CatalogueError> {
        let Table { implementation: entries } = file.parse()?;
        let entries: Vec<Entry> = entries.into_iter().map(|entry| Entry::at_its_line(file, entry)).collect();
        file.require_sorted("the file", "name", entries.iter().map(|entry| fold(&entry.name)))?;
        let mut by_uid = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            entry.check(file, vendors)?;
            for uid in &entry.uids {
                if by_uid.insert(uid.clone(), index).is_some() {
                    return Err(file.wrong(&entry.name, "uids", format!("{uid} is also claimed by another entry")));
                }
            }
        }
        let mut told: Vec<_> =
            entries.iter().filter(|entry| entry.told_by_name).flat_map(|entry| &entry.names).collect();
        told.sort();
        file.require_sorted("the file", "names", told)?;
        let implementations = Self { entries, by_uid };
        implementations.check_examples(file)?;
        Ok(implementations)
    }

    fn check_examples(&self, file: &File<'_>) -> Result<(), CatalogueError> {
        for example in self.entries.iter().flat_map(|entry| &entry.examples) {
            let found = self.find(&example.uid, example.version_name.as_deref());
            let found = found.map(|found| (found.name.to_owned(), found.version));
            if found != Some((example.name.clone(), example.version.clone())) {
                return Err(file.wrong(&example.name, "examples", format!("{example:?} gives {found:?}")));
            }
        }
        Ok(())
    }

    pub(super) fn find(&self, uid: &str, version_name: Option<&str>) -> Option<Implementation<'_>> {
        let version_name = version_name.map(unpadded);
        if let Some(entry) = self.by_uid(unpadded(uid)) {
            return Some(entry.told(version_name, entry.evidence.confidence()));
        }
        let entry = self.by_name(version_name?)?;
        Some(entry.told(version_name, entry.evidence.confidence().min(TOLD_BY_NAME_CONFIDENCE)))
    }

    /// The longest arc, by whole components: 1.2.3 is an arc of 1.2.3.4, not of 1.2.34.
    fn by_uid(&self, uid: &str) -> Option<&Entry> {
        let mut arcs = successors(Some(uid), |arc| arc.rsplit_once('.').map(|(parent, _)| parent));
        let index = arcs.find_map(|arc| self.by_uid.get(arc))?;
        self.entries.get(*index)
    }

    /// The longest beginning of the version name, among those that tell the software by themselves.
    fn by_name(&self, version_name: &str) -> Option<&Entry> {
        let told = self.entries.iter().filter(|entry| entry.told_by_name);
        let names = told.flat_map(|entry| entry.names.iter().map(move |name| (name, entry)));
        names
            .filter(|(name, _)| version_name.starts_with(*name))
            .max_by_key(|(name, _)| name.len())
            .map(|(_, entry)| entry)
    }
}

/// Some peers pad both items as they would pad elements of a data set; PS3.7 has them unpadded.
fn unpadded(text: &str) -> &str {
    text.trim_end_matches(['\0', ' '])
}
