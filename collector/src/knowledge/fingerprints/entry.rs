//! Entries of the fingerprint files: their form, what must hold, and the rules they stand for.

use super::Fingerprint;
use crate::knowledge::{CatalogueError, File};
use regex::{Regex, escape};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::OnceLock};
use wardwatch_model::{Attribute, DeviceClass};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// Attributes whose words the rules are about.
    pub(super) reads: Vec<Attribute>,
    pub(super) rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    #[serde(default)]
    is: Vec<String>,
    #[serde(default)]
    begins: Vec<String>,
    #[serde(rename = "match")]
    matches: Option<String>,
    asserts: BTreeMap<Attribute, String>,
    confidence: f64,
    source: String,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "a test tries them: to compile every expression would cost every start")
)]
struct Example {
    text: String,
    #[serde(default)]
    gives: BTreeMap<Attribute, String>,
}

/// What words it fits, and what it makes of them.
#[derive(Debug)]
pub(super) struct Rule {
    #[cfg(test)]
    pub(super) name: String,
    pub(super) expression: String,
    compiled: OnceLock<Option<Regex>>,
    asserts: BTreeMap<Attribute, String>,
    pub(super) confidence: f64,
    /// Words, and what is asserted of them.
    #[cfg(test)]
    pub(super) examples: Vec<(String, BTreeMap<Attribute, String>)>,
}

impl Entry {
    pub(super) fn check(self, file: &File) -> Result<Rule, CatalogueError> {
        file.require_source(&self.name, &self.source, &self.examples)?;
        file.require_sorted(&self.name, "is", &self.is)?;
        file.require_sorted(&self.name, "begins", &self.begins)?;
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(file.wrong(&self.name, "confidence", "not between 0 and 1"));
        }
        if self.asserts.is_empty() {
            return Err(file.wrong(&self.name, "asserts", "empty"));
        }
        if let Some(class) = self.asserts.get(&Attribute::Class)
            && !DeviceClass::ALL.iter().any(|known| known.name() == class)
        {
            return Err(file.wrong(&self.name, "asserts", format!("{class:?} is not a class of the closed list")));
        }
        let one_of = |words: &[String]| words.iter().map(|word| escape(word)).collect::<Vec<_>>().join("|");
        let expression = match (self.is.as_slice(), self.begins.as_slice(), self.matches) {
            (is @ [_, ..], [], None) => format!("(?i)^(?:{})$", one_of(is)),
            ([], begins @ [_, ..], None) => format!("(?i)^(?:{})", one_of(begins)),
            ([], [], Some(expression)) => format!("(?i){expression}"),
            _ => return Err(file.wrong(&self.name, "match", "not one of is, begins, match")),
        };
        Ok(Rule {
            // What an example gives is what is asserted of all, unless it says otherwise.
            #[cfg(test)]
            examples: self
                .examples
                .into_iter()
                .map(|Example { text, gives }| {
                    let mut all = self.asserts.clone();
                    all.extend(gives);
                    all.retain(|_, value| !value.is_empty());
                    (text, all)
                })
                .collect(),
            #[cfg(test)]
            name: self.name,
            expression,
            compiled: OnceLock::new(),
            asserts: self.asserts,
            confidence: self.confidence,
        })
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
        (!asserts.is_empty()).then_some(Fingerprint { asserts, confidence: self.confidence })
    }
}
