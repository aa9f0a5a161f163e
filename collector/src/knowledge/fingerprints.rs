//! What devices' own words tell of them: banners, descriptions, numbers, by the rules of `catalogue/fingerprints/`.
//!
//! All rules for a kind of words are tried in one pass. The files are read when words are seen for the first time, and the
//! expressions compiled when words of their kind are: a start should cost nothing. The files are part of the program, and a
//! test reads them.

mod entry;

use super::{CatalogueError, File};
use entry::{Rule, Table};
use regex::RegexSet;
use std::{collections::BTreeMap, sync::OnceLock};
use wardwatch_model::Attribute;

/// What a rule makes of words.
#[derive(Debug, PartialEq)]
pub struct Fingerprint {
    /// What is asserted, by attribute.
    pub asserts: Vec<(Attribute, String)>,
    /// From 0 to 1.
    pub confidence: f64,
}

/// The rules, once they were asked for.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(OnceLock<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    books: Vec<Book>,
    /// Which books are about an attribute's words.
    by_attribute: BTreeMap<Attribute, Vec<usize>>,
}

/// The rules of one file.
#[derive(Debug)]
struct Book {
    rules: Vec<Rule>,
    all: OnceLock<Option<RegexSet>>,
}

impl Fingerprints {
    /// What words tell, by all rules of the files that fit.
    pub(super) fn of(&self, files: &[File], attribute: Attribute, words: &str) -> Vec<Fingerprint> {
        self.0.get_or_init(|| Shelf::read(files).unwrap_or_default()).of(attribute, words)
    }

    /// Names of a book's examples that do not give what they say, or that another rule of the book knows better.
    #[cfg(test)]
    pub(super) fn broken(files: &[File]) -> Result<Vec<String>, CatalogueError> {
        Ok(Shelf::read(files)?.books.iter().flat_map(Book::broken).collect())
    }
}

impl Shelf {
    fn read(files: &[File]) -> Result<Self, CatalogueError> {
        let (mut books, mut by_attribute) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for file in files {
            let Table { reads, rule: entries } = file.parse()?;
            file.require_sorted("the file", "name", entries.iter().map(|entry| &entry.name))?;
            file.require_sorted("the file", "reads", reads.iter().map(|attribute| attribute.name()))?;
            let rules: Result<Vec<Rule>, _> = entries.into_iter().map(|entry| entry.check(file)).collect();
            for attribute in reads {
                by_attribute.entry(attribute).or_default().push(books.len());
            }
            books.push(Book { rules: rules?, all: OnceLock::new() });
        }
        Ok(Self { books, by_attribute })
    }

    fn of(&self, attribute: Attribute, words: &str) -> Vec<Fingerprint> {
        let books = self.by_attribute.get(&attribute).into_iter().flatten();
        books.filter_map(|book| self.books.get(*book)).flat_map(|book| book.of(words)).collect()
    }
}

impl Book {
    fn of(&self, words: &str) -> Vec<Fingerprint> {
        let all = self.all.get_or_init(|| RegexSet::new(self.rules.iter().map(|rule| &rule.expression)).ok());
        let Some(all) = all else { return Vec::new() };
        let fitting = all.matches(words).into_iter().filter_map(|index| self.rules.get(index));
        fitting.filter_map(|rule| rule.of(words)).collect()
    }

    #[cfg(test)]
    fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for rule in &self.rules {
            for (words, gives) in &rule.examples {
                let found = rule.of(words).map(|found| found.asserts.into_iter().collect::<BTreeMap<_, _>>());
                if found.as_ref() != Some(gives) {
                    broken.push(format!("{}: {words:?} gives {found:?}", rule.name));
                }
                for (attribute, value) in gives {
                    let surest = self.of(words).into_iter().max_by(|a, b| {
                        let sure = |one: &Fingerprint| one.asserts.iter().any(|(known, _)| known == attribute);
                        (sure(a), a.confidence).partial_cmp(&(sure(b), b.confidence)).unwrap()
                    });
                    let surest = surest.unwrap();
                    if surest.confidence > rule.confidence && !surest.asserts.contains(&(*attribute, value.clone())) {
                        broken.push(format!("{}: of {words:?} another rule tells {surest:?}", rule.name));
                    }
                }
            }
        }
        broken
    }
}
