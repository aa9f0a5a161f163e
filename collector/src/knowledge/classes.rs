//! Device classes by the clues that reveal them.

mod clue;
mod clues;
mod entry;
mod lead;

use super::{CatalogueError, File, Origin};
use entry::{Rule, Table, Want};
use lead::Lead;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use toml::Spanned;
use wardwatch_model::{DeviceClass, PacketTime, Seen};

pub use clue::Clue;
use clues::Told;
pub use clues::{Clues, Known};

/// Below this a class is unknown.
const THRESHOLD: f64 = 0.4;

/// Most clues of a kind that a reason names.
const MAX_TOLD: usize = 8;

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

/// Why clues lead to a class.
pub struct ClassReason {
    /// What the rule makes of them.
    pub verdict: Verdict,
    /// The rule.
    pub origin: Arc<Origin>,
    /// The clues that it found.
    pub met: Vec<(Clue, String)>,
}

#[derive(Debug)]
pub(super) struct Classes {
    /// In the order of the file: the special above the general.
    rules: Vec<Rule>,
    /// Where the first clue of a rule leads.
    leads: BTreeMap<Clue, Lead>,
    /// SOP classes that only one kind of device stores of its own.
    telling: BTreeSet<String>,
}

impl Classes {
    pub(super) fn read(file: &File<'_>) -> Result<Self, CatalogueError> {
        let Table { imaging, class: entries } = file.parse()?;
        imaging.check(file)?;
        let (mut rules, mut telling) = (Vec::new(), BTreeSet::new());
        for entry in &entries {
            let (line, entry) = (file.line(entry.span().start), entry.get_ref());
            let class = entry.check(file)?;
            if let Some(uid) = entry.storage.iter().find(|uid| !telling.insert((*uid).clone())) {
                return Err(file.wrong(&entry.name, "storage", format!("{uid} is also claimed by another entry")));
            }
            rules.extend(entry.rules(file, line, class, &imaging));
        }
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.get_ref().name.as_str()).collect();
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
        let mut leads: BTreeMap<Clue, Lead> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            if let Some((clue, want)) = rule.when.first() {
                leads.entry(*clue).or_default().add(*clue, want, index);
            }
        }
        let classes = Self { rules, leads, telling };
        for entry in entries.iter().map(Spanned::get_ref) {
            classes.check_examples(file, &entry.name, &entry.examples)?;
        }
        Ok(classes)
    }

    fn check_examples(&self, file: &File<'_>, name: &str, examples: &[entry::Example]) -> Result<(), CatalogueError> {
        let known = Known { sure: 1.0, seen: Seen::once(PacketTime(0)) };
        for example in examples {
            let mut clues = Clues::default();
            for (clue, value) in example.iter().flat_map(|(clue, values)| values.iter().map(|value| (*clue, value))) {
                clues.note(clue, value, known);
            }
            clues.settle();
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
    pub(super) fn judge(&self, clues: &Clues<'_>) -> Vec<Verdict> {
        let clues = clues.formed();
        let mut verdicts: Vec<Verdict> = self.candidates(&clues).filter_map(|rule| rule.judge(&clues)).collect();
        verdicts.extend(clues.of(Clue::Fingerprint).iter().filter_map(by_fingerprint));
        verdicts.retain(|verdict| verdict.confidence >= THRESHOLD);
        // Stable: of equals the one further up in the file stays first.
        verdicts.sort_by(|a, b| b.medical.cmp(&a.medical).then(b.confidence.total_cmp(&a.confidence)));
        let mut told = BTreeSet::new();
        verdicts.retain(|verdict| told.insert(verdict.class));
        verdicts
    }

    /// Each rule by which the clues lead to a class.
    pub(super) fn reasons(&self, clues: &Clues<'_>) -> Vec<ClassReason> {
        let clues = clues.formed();
        let reason = |rule: &Rule| {
            let verdict = rule.judge(&clues)?;
            Some(ClassReason { verdict, origin: Arc::clone(&rule.origin), met: rule.met(&clues) })
        };
        let mut reasons: Vec<ClassReason> = self.candidates(&clues).filter_map(reason).collect();
        reasons.retain(|reason| reason.verdict.confidence >= THRESHOLD);
        reasons
    }

    /// The rules that the clues may lead to, in the order of the file.
    fn candidates(&self, clues: &Clues<'_>) -> impl Iterator<Item = &Rule> {
        let mut rules: Vec<usize> = Vec::new();
        for told in clues.iter() {
            if let Some(lead) = self.leads.get(&told.clue) {
                rules.extend(lead.rules(told.clue, &told.value));
            }
        }
        rules.sort_unstable();
        rules.dedup();
        rules.into_iter().filter_map(|index| self.rules.get(index))
    }
}

/// What a fingerprint led to is a class already. Words that are a medical device's are medical evidence, wherever they were said.
fn by_fingerprint(told: &Told<'_>) -> Option<Verdict> {
    let class = *DeviceClass::ALL.iter().find(|class| class.name() == told.value)?;
    Some(Verdict { class, confidence: told.known.sure, seen: told.known.seen, medical: class.is_medical() })
}

impl Rule {
    fn judge(&self, clues: &Clues<'_>) -> Option<Verdict> {
        let mut confidence = self.confidence;
        let mut all: Option<Seen> = None;
        for (clue, want) in &self.when {
            let values = clues.of(*clue);
            let is_met = |told: &&Told<'_>| match want {
                Want::AtLeast(least) => values.len() >= *least,
                Want::AnyOf(wanted) => wanted.iter().any(|wanted| clue.fits(&told.value, wanted)),
            };
            let met = values.iter().filter(is_met).map(|told| told.known).reduce(|mut all, known| {
                all.merge(&known);
                all
            })?;
            if let (Clue::Stores, Want::AnyOf(_)) = (clue, want) {
                let may = |value: &str| self.besides.iter().any(|besides| besides == value);
                let fits = |value: &str| may(value) || self.wants(*clue, value);
                values.iter().all(|told| fits(&told.value)).then_some(())?;
            }
            confidence = confidence.min(met.sure);
            match &mut all {
                Some(seen) => seen.merge(&met.seen),
                None => all = Some(met.seen),
            }
        }
        let medical = self.when.iter().any(|(clue, _)| clue.is_medical());
        Some(Verdict { class: self.class, confidence, seen: all?, medical })
    }

    /// The clues that it wants and finds; of many of a kind, the first ones.
    fn met(&self, clues: &Clues<'_>) -> Vec<(Clue, String)> {
        let mut met = Vec::new();
        for (clue, want) in &self.when {
            let fits = |told: &&Told<'_>| match want {
                Want::AtLeast(_) => true,
                Want::AnyOf(_) => self.wants(*clue, &told.value),
            };
            let found = clues.of(*clue).iter().filter(fits).take(MAX_TOLD);
            met.extend(found.map(|told| (*clue, told.value.trim().to_owned())));
        }
        met
    }

    fn wants(&self, clue: Clue, value: &str) -> bool {
        self.when.iter().any(|(known, want)| {
            matches!(want, Want::AnyOf(wanted) if *known == clue && wanted.iter().any(|wanted| clue.fits(value, wanted)))
        })
    }
}

#[cfg(test)]
mod tests;
