//! Entries of `lifecycle.toml`: their form, and what must hold.

use super::day::{Day, End};
use crate::knowledge::{CatalogueError, File, fold};
use serde::Deserialize;
use wardwatch_model::analysis::Scope;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) source: Vec<Source>,
    pub(super) product: Vec<Product>,
    pub(super) family: Vec<Family>,
}

/// Where dates stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) revision: Option<String>,
    pub(super) retrieved: Day,
    pub(super) licence: String,
}

/// Software of one maker under one policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Product {
    pub(super) name: String,
    scope: ScopeName,
    pub(super) authority: Authority,
    pub(super) source: String,
    pub(super) vendor: String,
    pub(super) policy: Policy,
    pub(super) releases: Vec<Release>,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// The maker.
    Manufacturer,
    /// Others, from the maker's words.
    Community,
    /// We, from what the maker does.
    Inferred,
}

impl Authority {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manufacturer => "manufacturer",
            Self::Community => "community",
            Self::Inferred => "inferred",
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ScopeName {
    Application,
    Component,
    Os,
}

/// How a maker supports releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Policy {
    Dates,
    LatestOnly,
    OneLine,
}

/// A release, and what ends when.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Release {
    pub(super) name: String,
    pub(super) build: Option<String>,
    pub(super) released: Option<Day>,
    #[serde(flatten)]
    pub(super) dates: Dates,
}

/// Last days.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dates {
    /// The maker sells it.
    pub end_of_sale: Option<End>,
    /// The maker guarantees to support it.
    pub end_of_guaranteed_support: Option<End>,
    /// Everyone gets security updates.
    pub end_of_security_support: Option<End>,
    /// Who has a contract gets security updates.
    pub end_of_extended_security: Option<End>,
    /// There is any support.
    pub end_of_support: Option<End>,
}

/// A name for several releases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) releases: Vec<String>,
}

impl Source {
    pub(super) fn check(&self, file: &File<'_>) -> Result<(), CatalogueError> {
        let said = [Some(&self.name), Some(&self.licence), self.revision.as_ref()];
        if said.into_iter().flatten().any(|text| text.trim().is_empty()) || !self.url.starts_with("https://") {
            return Err(file.wrong(&self.id, "source", "needs a name, an https address and a licence"));
        }
        Ok(())
    }
}

impl Product {
    pub(super) fn scope(&self) -> Scope {
        match self.scope {
            ScopeName::Application => Scope::Application,
            ScopeName::Component => Scope::Component,
            ScopeName::Os => Scope::Os,
        }
    }

    pub(super) fn check(&self, file: &File<'_>, sources: &[Source]) -> Result<(), CatalogueError> {
        let wrong = |key, problem: &str| Err(file.wrong(&self.name, key, problem));
        if !sources.iter().any(|source| source.id == self.source) {
            return wrong("source", "not the id of a source");
        }
        if !self.vendor.starts_with("https://") {
            return wrong("vendor", "not an https address");
        }
        if self.policy == Policy::Dates {
            file.require_sorted(&self.name, "releases", self.releases.iter().map(|release| &release.name))?;
        } else {
            file.require_sorted(&self.name, "releases", self.releases.iter().map(|release| version(&release.name)))?;
            file.require_sorted(&self.name, "releases", self.releases.iter().map(|release| release.released))?;
        }
        for release in &self.releases {
            let has_dates = release.dates.named().next().is_some();
            if has_dates != (self.policy == Policy::Dates) || has_dates == release.released.is_some() {
                return wrong("releases", &format!("{}: not what the policy tells of", release.name));
            }
            // In this order nothing ends before what stands before it.
            let days = release.dates.named().filter_map(|(_, end)| end.day());
            if !days.skip(usize::from(release.dates.end_of_sale.is_some())).is_sorted() {
                return wrong("releases", &format!("{}: dates that run backwards", release.name));
            }
        }
        Ok(())
    }
}

impl Dates {
    /// The dates that are told, by name, from the first to end to the last.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, End)> {
        [
            ("end_of_sale", self.end_of_sale),
            ("end_of_guaranteed_support", self.end_of_guaranteed_support),
            ("end_of_security_support", self.end_of_security_support),
            ("end_of_extended_security", self.end_of_extended_security),
            ("end_of_support", self.end_of_support),
        ]
        .into_iter()
        .filter_map(|(name, end)| Some((name, end?)))
    }
}

impl Family {
    pub(super) fn check(&self, file: &File<'_>, is_release: impl Fn(&str) -> bool) -> Result<(), CatalogueError> {
        file.require_sorted(&self.name, "releases", &self.releases)?;
        match self.releases.iter().find(|release| !is_release(release)) {
            Some(unknown) => Err(file.wrong(&self.name, "releases", format!("{unknown:?} is not a release"))),
            None if fold(&self.name).is_empty() => Err(file.wrong(&self.name, "name", "empty")),
            None => Ok(()),
        }
    }
}

/// A version by its numbers: 1.12.10 comes after 1.12.9. None where it is not made of numbers.
pub(super) fn version(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}
