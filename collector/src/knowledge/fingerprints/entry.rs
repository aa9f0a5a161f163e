//! Entries of the fingerprint files: their form, what must hold, and the rules they stand for.

use super::Fingerprint;
use crate::knowledge::{CatalogueError, File};
use regex::{Regex, escape};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use toml::Spanned;
use wardwatch_model::{Attribute, DeviceClass};

/// Names that may be a person's: what is read out of them in parts would show what the configuration hides.
const NAMES: [Attribute; 6] = [
    Attribute::CertificateIssuer,
    Attribute::CertificateSubject,
    Attribute::DeviceName,
    Attribute::Domain,
    Attribute::Hostname,
    Attribute::SpeaksFor,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// Attributes whose words the rules are about.
    pub(super) reads: Vec<Attribute>,
    pub(super) rule: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    name: String,
    #[serde(default)]
    is: Vec<String>,
    #[serde(default)]
    begins: Vec<String>,
    #[serde(rename = "match")]
    matches: Option<String>,
    #[serde(default)]
    interface: Vec<String>,
    asserts: BTreeMap<Attribute, String>,
    confidence: f64,
    source: String,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    text: String,
    #[serde(default)]
    gives: BTreeMap<Attribute, String>,
}

/// How a named group begins in an expression.
const GROUPS: [&str; 2] = ["(?<", "(?P<"];

/// Where a rule stands, and who says what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file: of ours by its name in the repository.
    pub file: String,
    /// Line at which the rule begins.
    pub line: usize,
    /// Name of the rule.
    pub name: String,
    /// Where it comes from.
    pub source: String,
}

/// What words it fits, and what it makes of them.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) origin: Arc<Origin>,
    pub(super) expression: String,
    compiled: OnceLock<Option<Regex>>,
    asserts: BTreeMap<Attribute, String>,
    interfaces: Arc<[String]>,
    pub(super) confidence: f64,
    /// Words, and what is asserted of them.
    pub(super) examples: Vec<(String, BTreeMap<Attribute, String>)>,
}

impl Entry {
    /// The rule it stands for, in a file about these attributes.
    pub(super) fn check(self, file: &File<'_>, line: usize, reads: &[Attribute]) -> Result<Rule, CatalogueError> {
        file.require_source(&self.name, &self.source, &self.examples)?;
        for (key, list) in [("is", &self.is), ("begins", &self.begins), ("interface", &self.interface)] {
            file.require_sorted(&self.name, key, list)?;
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(file.wrong(&self.name, "confidence", "not between 0 and 1"));
        }
        self.check_asserts(file)?;
        let expression = self.expression(file)?;
        let fills =
            self.matches.as_ref().is_some_and(|expression| GROUPS.iter().any(|group| expression.contains(group)));
        if let Some(name) = reads.iter().find(|attribute| fills && NAMES.contains(attribute)) {
            let problem =
                format!("of {}, which may be a person's, no part is told: leave out the named groups", name.name());
            return Err(file.wrong(&self.name, "match", problem));
        }
        let origin = Origin { file: file.name.to_owned(), line, name: self.name, source: self.source };
        // What an example gives is what is asserted of all, unless it says otherwise.
        let example = |Example { text, gives }| {
            let mut all = self.asserts.clone();
            all.extend(gives);
            all.retain(|_, value| !value.is_empty());
            (text, all)
        };
        Ok(Rule {
            examples: self.examples.into_iter().map(example).collect(),
            origin: Arc::new(origin),
            expression,
            compiled: OnceLock::new(),
            interfaces: self.interface.into(),
            confidence: self.confidence,
            asserts: self.asserts,
        })
    }

    fn check_asserts(&self, file: &File<'_>) -> Result<(), CatalogueError> {
        if self.asserts.is_empty() {
            return Err(file.wrong(&self.name, "asserts", "empty"));
        }
        let class = self.asserts.get(&Attribute::Class);
        match class.filter(|class| !DeviceClass::ALL.iter().any(|known| known.name() == *class)) {
            Some(class) => {
                Err(file.wrong(&self.name, "asserts", format!("{class:?} is not a class of the closed list")))
            }
            None => Ok(()),
        }
    }

    /// What words must look like.
    fn expression(&self, file: &File<'_>) -> Result<String, CatalogueError> {
        let one_of = |words: &[String]| words.iter().map(|word| escape(word)).collect::<Vec<_>>().join("|");
        match (self.is.as_slice(), self.begins.as_slice(), &self.matches) {
            (is @ [_, ..], [], None) => Ok(format!("(?i)^(?:{})$", one_of(is))),
            ([], begins @ [_, ..], None) => Ok(format!("(?i)^(?:{})", one_of(begins))),
            ([], [], Some(expression)) => Ok(format!("(?i){expression}")),
            _ => Err(file.wrong(&self.name, "match", "not one of is, begins, match")),
        }
    }
}

impl Rule {
    /// What it makes of words; none where it does not fit.
    pub(super) fn of(&self, words: &str) -> Option<Fingerprint> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.expression).ok()).as_ref()?;
        let found = compiled.captures(words)?;
        let filled = |template: &String| {
            let mut filled = template.clone();
            for name in compiled.capture_names().flatten() {
                let place = format!("{{{name}}}");
                if filled.contains(&place) {
                    filled = filled.replace(&place, found.name(name)?.as_str().trim());
                }
            }
            Some(filled).filter(|filled| !filled.is_empty())
        };
        let asserts = self.asserts.iter().filter_map(|(attribute, template)| Some((*attribute, filled(template)?)));
        let asserts: Vec<_> = asserts.collect();
        let (origin, interfaces) = (Arc::clone(&self.origin), Arc::clone(&self.interfaces));
        (!asserts.is_empty()).then_some(Fingerprint { asserts, confidence: self.confidence, origin, interfaces })
    }

    /// What it asserts, its groups not filled.
    #[cfg(test)]
    pub(super) const fn asserts(&self) -> &BTreeMap<Attribute, String> {
        &self.asserts
    }

    /// Who may have made the network interface.
    #[cfg(test)]
    pub(super) fn interfaces(&self) -> &[String] {
        &self.interfaces
    }

    /// What is wrong with the expression, if something is.
    pub(super) fn problem(&self) -> Option<String> {
        let error = Regex::new(&self.expression).err()?.to_string();
        // Without the drawing of where.
        Some(error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
    }
}
