//! Device classes by the clues that reveal them.

mod clue;
mod entry;

use super::{CatalogueError, File};
use entry::{Rule, Table, Want};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};
use wardwatch_model::{DeviceClass, PacketTime, Seen};

pub use clue::Clue;

/// Below this a class is unknown.
const THRESHOLD: f64 = 0.4;

/// A clue's value, and how it is known.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// From 0 to 1.
    pub sure: f64,
    /// When it was seen.
    pub seen: Seen,
}

/// What is known of a device that may reveal its class.
pub type Clues<'a> = BTreeMap<Clue, BTreeMap<Cow<'a, str>, Known>>;

/// The same, with each value in the form in which it is compared.
type Forms<'a> = BTreeMap<Clue, Vec<(Cow<'a, str>, &'a Known)>>;

/// A class that clues lead to.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The class.
    pub class: DeviceClass,
    /// From 0 to 1.
    pub confidence: f64,
    /// When the clues were seen.
    pub seen: Seen,
    /// A clue of a medical protocol is among them: that outranks all others.
    medical: bool,
}

#[derive(Debug)]
pub(super) struct Classes {
    /// In the order of the file: the special above the general.
    rules: Vec<Rule>,
    /// Indices of the rules, by their first clue: most devices have few.
    by_clue: BTreeMap<Clue, Vec<usize>>,
    /// SOP classes that only one kind of device stores of its own.
    telling: BTreeSet<String>,
}

impl Classes {
    pub(super) fn read(file: &File) -> Result<Self, CatalogueError> {
        let Table { imaging, class: entries } = file.parse()?;
        imaging.check(file)?;
        let (mut rules, mut telling) = (Vec::new(), BTreeSet::new());
        for entry in &entries {
            let class = entry.check(file)?;
            if let Some(uid) = entry.storage.iter().find(|uid| !telling.insert((*uid).clone())) {
                return Err(file.wrong(&entry.name, "storage", format!("{uid} is also claimed by another entry")));
            }
            rules.extend(entry.rules(class, &imaging));
        }
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        let mut known: Vec<&str> = DeviceClass::ALL.iter().map(|class| class.name()).collect();
        known.sort_unstable();
        if names != known {
            return Err(file.wrong(
                "the file",
                "name",
                "the entries are not the classes of the closed list, each once",
            ));
        }
        let mut by_clue: BTreeMap<Clue, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            by_clue.entry(rule.first()).or_default().push(index);
        }
        let classes = Self { rules, by_clue, telling };
        for entry in &entries {
            classes.check_examples(file, &entry.name, &entry.examples)?;
        }
        Ok(classes)
    }

    fn check_examples(&self, file: &File, name: &str, examples: &[entry::Example]) -> Result<(), CatalogueError> {
        let known = Known { sure: 1.0, seen: Seen::once(PacketTime(0)) };
        for example in examples {
            let told = |values: &[String]| values.iter().map(|value| (Cow::Owned(value.clone()), known)).collect();
            let clues = example.iter().map(|(clue, values)| (*clue, told(values))).collect();
            let found = self.judge(&clues).first().map_or(DeviceClass::Unknown, |verdict| verdict.class);
            if found.name() != name {
                return Err(file.wrong(name, "examples", format!("{example:?} gives {}", found.name())));
            }
        }
        Ok(())
    }

    /// Whether only one kind of device stores objects of a SOP class of its own.
    pub(super) fn is_telling(&self, sop_class: &str) -> bool {
        self.telling.contains(sop_class)
    }

    /// The classes that the clues lead to, each once, the one to believe first.
    pub(super) fn judge<'c>(&self, clues: &'c Clues<'c>) -> Vec<Verdict> {
        let indices: BTreeSet<usize> =
            clues.keys().filter_map(|clue| self.by_clue.get(clue)).flatten().copied().collect();
        let rules = indices.iter().filter_map(|index| self.rules.get(*index));
        let formed = |(clue, values): (&Clue, &'c BTreeMap<Cow<'c, str>, Known>)| {
            (*clue, values.iter().map(|(value, known)| (clue.form(value), known)).collect())
        };
        let forms: Forms<'c> = clues.iter().map(formed).collect();
        let mut verdicts: Vec<Verdict> = rules.filter_map(|rule| rule.judge(&forms)).collect();
        verdicts.retain(|verdict| verdict.confidence >= THRESHOLD);
        // Stable: of equals the one further up in the file stays first.
        verdicts.sort_by(|a, b| b.medical.cmp(&a.medical).then(b.confidence.total_cmp(&a.confidence)));
        let mut told = BTreeSet::new();
        verdicts.retain(|verdict| told.insert(verdict.class));
        verdicts
    }
}

impl Rule {
    fn judge(&self, clues: &Forms<'_>) -> Option<Verdict> {
        let mut confidence = self.confidence;
        let mut all: Option<Seen> = None;
        for (clue, want) in &self.when {
            let values = clues.get(clue)?;
            let met: Vec<&Known> = match want {
                Want::AtLeast(least) => {
                    let enough = if values.len() < *least { 0 } else { usize::MAX };
                    values.iter().map(|(_, known)| *known).take(enough).collect()
                }
                Want::AnyOf(wanted) => {
                    let wanted = |value: &str| wanted.iter().any(|wanted| clue.fits(value, wanted));
                    values.iter().filter(|(value, _)| wanted(value)).map(|(_, known)| *known).collect()
                }
            };
            if *clue == Clue::Stores && values.len() > met.len() {
                let may = |value: &str| self.besides.iter().any(|besides| besides == value);
                let fits = |value: &str| may(value) || self.wants(*clue, value);
                values.iter().all(|(value, _)| fits(value)).then_some(())?;
            }
            confidence = confidence.min(met.iter().map(|known| known.sure).max_by(f64::total_cmp)?);
            for known in met {
                match &mut all {
                    Some(seen) => seen.merge(&known.seen),
                    None => all = Some(known.seen),
                }
            }
        }
        let medical = self.when.iter().any(|(clue, _)| clue.is_medical());
        Some(Verdict { class: self.class, confidence, seen: all?, medical })
    }

    fn wants(&self, clue: Clue, value: &str) -> bool {
        self.when.iter().any(|(known, want)| {
            matches!(want, Want::AnyOf(wanted) if *known == clue && wanted.iter().any(|wanted| clue.fits(value, wanted)))
        })
    }
}

#[cfg(test)]
mod tests;
