//! One entry of `dicom-implementations.toml`: its form, what must hold, and how it reads a version name.

use serde::Deserialize;
use toml::Spanned;

use super::{Implementation, Kind};
use crate::knowledge::vendors::Vendors;
use crate::knowledge::{CatalogueError, File, is_uid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) implementation: Vec<Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) vendor: Option<String>,
    pub(super) kind: Kind,
    pub(super) uids: Vec<String>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) version: Option<VersionRule>,
    #[serde(default)]
    pub(super) told_by_name: bool,
    pub(super) evidence: Evidence,
    pub(super) source: String,
    pub(super) examples: Vec<Example>,
    /// Where it begins in the file.
    #[serde(skip)]
    line: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum VersionRule {
    ThreeDigits,
    Dotted,
    Rest,
    Whole,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Evidence {
    Wire,
    SourceCode,
    File,
    Arc,
    Hearsay,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Example {
    pub(super) uid: String,
    pub(super) version_name: Option<String>,
    pub(super) name: String,
    pub(super) version: Option<String>,
}

impl Entry {
    /// With the line at which it begins.
    pub(super) fn at_its_line(file: &File<'_>, entry: Spanned<Self>) -> Self {
        let line = file.line(entry.span().start);
        Self { line, ..entry.into_inner() }
    }

    pub(super) fn check(&self, file: &File<'_>, vendors: &Vendors) -> Result<(), CatalogueError> {
        let wrong = |key, problem: &str| Err(file.wrong(&self.name, key, problem));
        file.require_source(&self.name, &self.source, &self.examples)?;
        file.require_sorted(&self.name, "uids", &self.uids)?;
        file.require_sorted(&self.name, "names", &self.names)?;
        if let Some(uid) = self.uids.iter().find(|uid| !is_uid(uid)) {
            return wrong("uids", &format!("{uid:?} is not a UID"));
        }
        if self.uids.is_empty() && !self.told_by_name {
            return wrong("uids", "empty, and not told by name: the entry can never be found");
        }
        if self.names.is_empty() != self.version.is_none() {
            return wrong("version", "goes with names: both or neither");
        }
        if self.told_by_name && (self.names.is_empty() || self.names.iter().any(String::is_empty)) {
            return wrong("told-by-name", "needs names, none of them empty");
        }
        match (&self.vendor, self.kind) {
            (Some(_), Kind::Toolkit) => wrong("vendor", "a toolkit does not tell the maker of the device"),
            (None, Kind::VendorRoot) => wrong("vendor", "missing"),
            (Some(vendor), _) if !vendors.contains(vendor) => wrong("vendor", "not a name in vendors.toml"),
            _ => Ok(()),
        }
    }

    pub(super) fn told(&self, version_name: Option<&str>, confidence: f64) -> Implementation<'_> {
        Implementation {
            name: &self.name,
            version: version_name.and_then(|version_name| self.version(version_name)),
            vendor: self.vendor.as_deref(),
            kind: self.kind,
            confidence,
            line: self.line,
            source: &self.source,
        }
    }

    fn version(&self, version_name: &str) -> Option<String> {
        let rest = self.names.iter().find_map(|name| version_name.strip_prefix(name.as_str()))?;
        let version = self.version?.apply(version_name, rest)?;
        (!version.is_empty()).then_some(version)
    }
}

impl VersionRule {
    fn apply(self, whole: &str, rest: &str) -> Option<String> {
        match self {
            // More digits than parts would be a guess: 3610 may be 3.6.10 or 36.1.0.
            Self::ThreeDigits => {
                let parts: Vec<String> = rest.chars().map(String::from).collect();
                (parts.len() == 3 && rest.bytes().all(|b| b.is_ascii_digit())).then(|| parts.join("."))
            }
            Self::Dotted => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                let version = rest.get(..end)?.trim_end_matches('.');
                version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
            }
            Self::Rest => Some(rest.to_owned()),
            Self::Whole => Some(whole.to_owned()),
        }
    }
}

impl Evidence {
    pub(super) fn confidence(self) -> f64 {
        match self {
            Self::Wire | Self::SourceCode => 0.95,
            Self::File => 0.9,
            Self::Arc => 0.7,
            Self::Hearsay => 0.5,
        }
    }
}
