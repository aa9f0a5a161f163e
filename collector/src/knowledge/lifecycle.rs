//! Until when the makers of software support it.

mod day;
mod entry;

use super::{CatalogueError, File, fold};
pub use day::{Day, End};
pub use entry::{Authority, Dates};
use entry::{Family, Policy, Product, Release, Source, Table, version};
use std::collections::HashMap;
use wardwatch_model::analysis::Scope;

/// What is known of the life of a release.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What it is about.
    pub scope: Scope,
    /// Product and release.
    pub name: String,
    /// Last days.
    pub dates: Dates,
    /// Someone with authority says that it is supported, whatever dates there are.
    pub is_supported: bool,
    /// Some support goes on after the dates, with no end that is known.
    pub goes_on: bool,
    /// The release that took its place.
    pub superseded_by: Option<String>,
    /// Who says so.
    pub authority: Authority,
    /// Name of the source.
    pub source: &'a str,
    /// Where it stands.
    pub url: &'a str,
    /// When it was read.
    pub retrieved: Day,
    /// Under which licence.
    pub licence: &'a str,
}

#[derive(Debug)]
pub(super) struct Lifecycles {
    sources: Vec<Source>,
    products: Vec<Product>,
    families: Vec<Family>,
    /// Product and release, by the release's name; releases of products with dates only.
    by_name: HashMap<String, (usize, usize)>,
}

impl Lifecycles {
    pub(super) fn read(file: &File<'_>) -> Result<Self, CatalogueError> {
        let Table { source: sources, product: products, family: families } = file.parse()?;
        file.require_sorted("the file", "source", sources.iter().map(|source| &source.id))?;
        file.require_sorted("the file", "product", products.iter().map(|product| fold(&product.name)))?;
        sources.iter().try_for_each(|source| source.check(file))?;
        let mut by_name = HashMap::new();
        for (index, product) in products.iter().enumerate() {
            product.check(file, &sources)?;
            for (place, release) in product.releases.iter().enumerate().filter(|_| product.policy == Policy::Dates) {
                if by_name.insert(release.name.clone(), (index, place)).is_some() {
                    return Err(file.wrong(&product.name, "releases", format!("{} stands twice", release.name)));
                }
            }
        }
        families.iter().try_for_each(|family| family.check(file, |name| by_name.contains_key(name)))?;
        Ok(Self { sources, products, families, by_name })
    }

    /// Whether a name is a release's or a family's.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.families.iter().any(|family| family.name == name)
    }

    /// The records of a release, or of all of a family.
    pub(super) fn named(&self, name: &str) -> Vec<Record<'_>> {
        match self.families.iter().find(|family| family.name == name) {
            Some(family) => family.releases.iter().filter_map(|name| self.release(name)).collect(),
            None => self.release(name).into_iter().collect(),
        }
    }

    /// The records of all releases with a build number, `10.0.19044`.
    pub(super) fn with_build(&self, build: &str) -> Vec<Record<'_>> {
        let all =
            self.products.iter().flat_map(|product| product.releases.iter().map(move |release| (product, release)));
        all.filter(|(_, release)| release.build.as_deref() == Some(build))
            .filter_map(|(product, release)| self.dated(product, release))
            .collect()
    }

    /// The record of a version of a product that is told by name and version.
    pub(super) fn version(&self, name: &str, told: &str) -> Option<Record<'_>> {
        let product = self.products.iter().find(|product| product.name == name && product.policy != Policy::Dates)?;
        let mine = version(told)?;
        let later = product.releases.iter().find(|release| version(&release.name).is_some_and(|other| other > mine));
        let latest = product.releases.last().is_some_and(|release| release.name == told);
        let superseded = later.and_then(|later| later.released);
        let dates = Dates { end_of_guaranteed_support: superseded.map(End::After), ..Dates::default() };
        let is_supported = latest && product.policy == Policy::LatestOnly;
        let record = self.record(product, format!("{} {told}", product.name), dates)?;
        // The project goes on, and so does the help it gives.
        Some(Record { is_supported, goes_on: true, superseded_by: later.map(|later| later.name.clone()), ..record })
    }

    fn release(&self, name: &str) -> Option<Record<'_>> {
        let (product, release) = self.by_name.get(name)?;
        let product = self.products.get(*product)?;
        self.dated(product, product.releases.get(*release)?)
    }

    fn dated(&self, product: &Product, release: &Release) -> Option<Record<'_>> {
        self.record(product, release.name.clone(), release.dates.clone())
    }

    fn record(&self, product: &Product, name: String, dates: Dates) -> Option<Record<'_>> {
        let source = self.sources.iter().find(|source| source.id == product.source)?;
        Some(Record {
            scope: product.scope(),
            name,
            dates,
            is_supported: false,
            goes_on: false,
            superseded_by: None,
            authority: product.authority,
            source: &source.name,
            url: &source.url,
            retrieved: source.retrieved,
            licence: &source.licence,
        })
    }
}

#[cfg(test)]
mod tests;
