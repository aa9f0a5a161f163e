//! What devices' own words tell of them: banners, descriptions, numbers, by the rules of `catalogue/fingerprints/` and by
//! a hospital's own.
//!
//! All rules of a file are tried in one pass. A file of ours is read when words of its kind are seen for the first time: a
//! start should cost nothing, and tests read them all. A hospital's own are read and tried at once, as nobody else did.

mod entry;
mod own;

use super::{CatalogueError, File};
pub use entry::Origin;
use entry::{Rule, Table};
pub use own::OwnRules;
use regex::RegexSet;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use wardwatch_model::Attribute;

/// What a rule makes of words.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// What is asserted, by attribute.
    pub asserts: Vec<(Attribute, String)>,
    /// From 0 to 1.
    pub confidence: f64,
    /// The rule.
    pub origin: Arc<Origin>,
    /// Beginnings of the names of those who may have made the network interface; any, where there is none.
    interfaces: Arc<[String]>,
}

impl Fingerprint {
    /// Whether it counts for a device whose interface is of a block of this organisation, which is looked up if it matters.
    #[must_use]
    pub fn fits_interface<'o>(&self, organisation: impl FnOnce() -> Option<&'o str>) -> bool {
        if self.interfaces.is_empty() {
            return true;
        }
        let Some(name) = organisation() else { return false };
        let begins = |wanted: &String| name.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted));
        self.interfaces.iter().any(begins)
    }
}

/// The rules of several files.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    books: Vec<Book>,
    /// Which books are about an attribute's words.
    by_attribute: BTreeMap<Attribute, Vec<usize>>,
}

/// The rules of one file.
#[derive(Debug)]
struct Book {
    /// To read it from when it is needed; none where that was done.
    file: Option<&'static File<'static>>,
    chapters: OnceLock<Chapters>,
}

/// What a file holds, once it is read.
#[derive(Debug, Default)]
struct Chapters {
    rules: Vec<Rule>,
    all: Option<RegexSet>,
}

impl Shelf {
    /// Our files, each to be read when it is needed.
    pub(super) fn of_files(files: &'static [File<'static>]) -> Self {
        let mut shelf = Self::default();
        for file in files {
            shelf.add(Book { file: Some(file), chapters: OnceLock::new() }, announced(file.text));
        }
        shelf
    }

    fn add(&mut self, book: Book, reads: impl IntoIterator<Item = Attribute>) {
        for attribute in reads {
            self.by_attribute.entry(attribute).or_default().push(self.books.len());
        }
        self.books.push(book);
    }

    /// What words tell, by all rules of the files that fit.
    pub(super) fn of<'w>(&'w self, attribute: Attribute, words: &'w str) -> impl Iterator<Item = Fingerprint> + 'w {
        self.reading(attribute).flat_map(|book| book.of(words))
    }

    /// Whether there is a rule about an attribute's words.
    pub(super) fn reads(&self, attribute: Attribute) -> bool {
        self.by_attribute.contains_key(&attribute)
    }

    fn reading(&self, attribute: Attribute) -> impl Iterator<Item = &Book> {
        let books = self.by_attribute.get(&attribute).into_iter().flatten();
        books.filter_map(|book| self.books.get(*book))
    }

    /// How many rules there are.
    pub(super) fn rules(&self) -> usize {
        self.books.iter().map(|book| book.chapters().rules.len()).sum()
    }
}

impl Book {
    fn read(chapters: Chapters) -> Self {
        Self { file: None, chapters: OnceLock::from(chapters) }
    }

    /// The rules of a file; none where it cannot be read, which a test holds none of ours is.
    fn chapters(&self) -> &Chapters {
        self.chapters.get_or_init(|| {
            let read = self.file.and_then(|file| Chapters::read(file).ok());
            read.map(|(_, chapters)| chapters).unwrap_or_default()
        })
    }

    fn of(&self, words: &str) -> Vec<Fingerprint> {
        self.chapters().of(words)
    }
}

impl Chapters {
    /// The rules of a file and the attributes they are about. The expressions are compiled at the first words.
    fn read(file: &File<'_>) -> Result<(Vec<Attribute>, Self), CatalogueError> {
        let Table { reads, rule: entries } = file.parse()?;
        file.require_sorted("the file", "reads", reads.iter().map(|attribute| attribute.name()))?;
        let mut rules = Vec::with_capacity(entries.len());
        for entry in entries {
            let line = file.line(entry.span().start);
            rules.push(entry.into_inner().check(file, line, &reads).map_err(|error| error.at_line(line))?);
        }
        let names = rules.iter().map(|rule| &rule.origin.name);
        file.require_sorted("the file", "name", names)?;
        let all = RegexSet::new(rules.iter().map(|rule| &rule.expression)).ok();
        Ok((reads, Self { rules, all }))
    }

    fn of(&self, words: &str) -> Vec<Fingerprint> {
        let Some(all) = &self.all else { return Vec::new() };
        let fitting = all.matches(words).into_iter().filter_map(|index| self.rules.get(index));
        fitting.filter_map(|rule| rule.of(words)).collect()
    }

    /// Holds the rules to their examples: each gives what it says, and no other rule of the file knows better.
    fn check_examples(&self, file: &File<'_>) -> Result<(), CatalogueError> {
        for rule in &self.rules {
            if let Some(problem) = rule.problem() {
                return Err(file.wrong(&rule.origin.name, "match", problem).at_line(rule.origin.line));
            }
            for (words, gives) in &rule.examples {
                self.check_example(rule, words, gives)
                    .map_err(|problem| file.wrong(&rule.origin.name, "examples", problem).at_line(rule.origin.line))?;
            }
        }
        match self.all {
            Some(_) => Ok(()),
            None => {
                Err(file.wrong("the file", "match", "the expressions are too large together: make two files of it"))
            }
        }
    }

    fn check_example(&self, rule: &Rule, words: &str, gives: &BTreeMap<Attribute, String>) -> Result<(), String> {
        let found = rule.of(words).map(|found| found.asserts.into_iter().collect::<BTreeMap<_, _>>());
        if found.as_ref() != Some(gives) {
            let told = found.map_or("nothing".to_owned(), |found| list(&found));
            return Err(format!("{words:?} gives {told}, not {}", list(gives)));
        }
        let better = self.of(words).into_iter().filter(|other| other.confidence > rule.confidence);
        for other in better.filter(|other| other.interfaces.is_empty()) {
            for (attribute, value) in &other.asserts {
                if gives.get(attribute).is_some_and(|mine| mine != value) {
                    let (name, other) = (&other.origin.name, attribute.name());
                    return Err(format!("of {words:?} the rule {name:?} is surer that {other} is {value:?}"));
                }
            }
        }
        Ok(())
    }
}

/// Attributes and values in a line.
fn list(values: &BTreeMap<Attribute, String>) -> String {
    let each = values.iter().map(|(attribute, value)| format!("{} {value:?}", attribute.name()));
    each.collect::<Vec<_>>().join(", ")
}

/// What a file says that its rules are about, without reading the rest of it: its line `reads = ["…", "…"]`.
fn announced(text: &str) -> impl Iterator<Item = Attribute> {
    let line = text.lines().find_map(|line| line.strip_prefix("reads = [")).unwrap_or_default();
    line.split('"').filter_map(|name| Attribute::ALL.iter().copied().find(|attribute| attribute.name() == name))
}

#[cfg(test)]
pub(super) mod tests;
