//! Entries of `device-classes.toml`: their form, what must hold, and the rules they stand for.

use super::Clue;
use crate::knowledge::{CatalogueError, File, Origin, is_uid};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use toml::Spanned;
use wardwatch_model::DeviceClass;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) imaging: Imaging,
    pub(super) class: Vec<Spanned<Entry>>,
}

/// How sure each of the ways is in which a device that makes images shows.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Imaging {
    described: f64,
    workflow: f64,
    stores: f64,
    workflow_sop_classes: Vec<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    #[serde(default)]
    modality: Vec<String>,
    #[serde(default)]
    pub(super) storage: Vec<String>,
    #[serde(default)]
    besides: Vec<String>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    rule: Vec<Spanned<RuleEntry>>,
    pub(super) examples: Vec<Example>,
}

/// Clues that must lead to the class.
pub(super) type Example = BTreeMap<Clue, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    when: BTreeMap<Clue, Want>,
    confidence: f64,
    source: String,
}

/// What a rule wants of a clue.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Want {
    /// That many values.
    AtLeast(usize),
    /// One of these values.
    AnyOf(Vec<String>),
}

impl Want {
    /// With each value in the form in which it is compared.
    fn formed(&self, clue: Clue) -> Self {
        match self {
            Self::AtLeast(least) => Self::AtLeast(*least),
            Self::AnyOf(values) => Self::AnyOf(values.iter().map(|value| clue.form(value).into_owned()).collect()),
        }
    }
}

/// Clues that together reveal a class.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) class: DeviceClass,
    pub(super) when: Vec<(Clue, Want)>,
    /// What it may store, too.
    pub(super) besides: Vec<String>,
    pub(super) confidence: f64,
    pub(super) origin: Arc<Origin>,
}

impl Imaging {
    pub(super) fn check(&self, file: &File<'_>) -> Result<(), CatalogueError> {
        file.require_sorted("imaging", "workflow-sop-classes", &self.workflow_sop_classes)?;
        file.require_source("imaging", &self.source, &self.workflow_sop_classes)?;
        check_uids(file, "imaging", "workflow-sop-classes", &self.workflow_sop_classes)?;
        [self.described, self.workflow, self.stores]
            .iter()
            .try_for_each(|confidence| check_confidence(file, "imaging", *confidence))
    }
}

impl Entry {
    pub(super) fn check(&self, file: &File<'_>) -> Result<DeviceClass, CatalogueError> {
        let class = DeviceClass::ALL.iter().find(|class| class.name() == self.name);
        let class = *class.ok_or_else(|| file.wrong(&self.name, "name", "not a class of the closed list"))?;
        for (key, list) in [("modality", &self.modality), ("storage", &self.storage), ("besides", &self.besides)] {
            file.require_sorted(&self.name, key, list)?;
        }
        check_uids(file, &self.name, "storage", &self.storage)?;
        check_uids(file, &self.name, "besides", &self.besides)?;
        let source = if self.modality.is_empty() { "of its rules" } else { &self.source };
        file.require_source(&self.name, source, &self.examples)?;
        for rule in self.rule.iter().map(Spanned::get_ref) {
            file.require_source(&self.name, &rule.source, &self.examples)?;
            check_confidence(file, &self.name, rule.confidence)?;
            for want in rule.when.values() {
                match want {
                    Want::AnyOf(values) => file.require_sorted(&self.name, "when", values)?,
                    Want::AtLeast(0) => return Err(file.wrong(&self.name, "when", "0 is always there")),
                    Want::AtLeast(_) => {}
                }
            }
            if rule.when.is_empty() {
                return Err(file.wrong(&self.name, "when", "empty"));
            }
        }
        Ok(class)
    }

    /// The rules the entry stands for.
    pub(super) fn rules(&self, file: &File<'_>, line: usize, class: DeviceClass, imaging: &Imaging) -> Vec<Rule> {
        let origin = |line, source: &str| {
            let (file, name) = (file.name.to_owned(), self.name.clone());
            Arc::new(Origin { file, line, name, source: source.to_owned() })
        };
        let own = origin(line, &self.source);
        let by = |when, confidence, origin| Rule { class, when, besides: self.besides.clone(), confidence, origin };
        let rule = |when, confidence| by(when, confidence, Arc::clone(&own));
        let one_of = |values: &[String]| Want::AnyOf(values.to_vec());
        let mut rules = Vec::new();
        if !self.modality.is_empty() {
            rules.push(rule(vec![(Clue::Modality, one_of(&self.modality))], imaging.described));
        }
        if !self.storage.is_empty() {
            let stores = (Clue::Stores, one_of(&self.storage));
            let workflow = (Clue::Requests, one_of(&imaging.workflow_sop_classes));
            rules.push(rule(vec![stores.clone(), workflow], imaging.workflow));
            rules.push(rule(vec![stores], imaging.stores));
        }
        rules.extend(self.rule.iter().map(|entry| {
            let (line, entry) = (file.line(entry.span().start), entry.get_ref());
            let when = entry.when.iter().map(|(clue, want)| (*clue, want.formed(*clue))).collect();
            by(when, entry.confidence, origin(line, &entry.source))
        }));
        rules
    }
}

fn check_uids(file: &File<'_>, entry: &str, key: &'static str, uids: &[String]) -> Result<(), CatalogueError> {
    match uids.iter().find(|uid| !is_uid(uid)) {
        Some(uid) => Err(file.wrong(entry, key, format!("{uid:?} is not a UID"))),
        None => Ok(()),
    }
}

fn check_confidence(file: &File<'_>, entry: &str, confidence: f64) -> Result<(), CatalogueError> {
    if confidence > 0.0 && confidence < 1.0 {
        Ok(())
    } else {
        Err(file.wrong(entry, "confidence", "not between 0 and 1"))
    }
}
