//! Why a device is said to be something: which rule concluded it, from which words.

use crate::knowledge::Origin;
use std::{collections::BTreeMap, sync::Arc};
use wardwatch_model::{Attribute, DeviceText, Seen, Source};

/// Most reasons kept of a device.
const MAX_REASONS: usize = 4096;

/// What a rule looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Premise {
    /// Which attribute, or which kind of clue.
    pub about: String,
    /// What was told; hidden where the configuration hides it.
    pub value: String,
    /// Where it was read; none where the conversations seen say it.
    pub source: Option<Source>,
}

impl Premise {
    /// Words that were read.
    pub(super) fn of(attribute: Attribute, value: &str, source: Source) -> Self {
        Self { about: attribute.name().to_owned(), value: value.to_owned(), source: Some(source) }
    }
}

/// A claim that a rule made.
#[derive(Clone, Debug)]
pub struct Reason {
    /// What is claimed.
    pub attribute: Attribute,
    /// Its value.
    pub value: DeviceText,
    /// The rule.
    pub origin: Arc<Origin>,
    /// From what.
    pub premises: Vec<Premise>,
    /// From 0 to 1.
    pub confidence: f64,
    /// When what it was concluded from was seen.
    pub seen: Seen,
}

/// What tells reasons apart.
type Key = (Attribute, DeviceText, Arc<Origin>, Vec<Premise>);

/// The reasons of a device, each once.
#[derive(Default)]
pub(super) struct Reasons(BTreeMap<Key, (f64, Seen)>);

impl Reasons {
    pub(super) fn add(&mut self, reason: Reason) {
        let Reason { attribute, value, origin, premises, confidence, seen } = reason;
        let key = (attribute, value, origin, premises);
        if let Some((sure, all)) = self.0.get_mut(&key) {
            *sure = sure.max(confidence);
            all.merge(&seen);
        } else if self.0.len() < MAX_REASONS {
            self.0.insert(key, (confidence, seen));
        }
    }

    pub(super) fn into_list(self) -> Vec<Reason> {
        let reason = |((attribute, value, origin, premises), (confidence, seen))| Reason {
            attribute,
            value,
            origin,
            premises,
            confidence,
            seen,
        };
        self.0.into_iter().map(reason).collect()
    }
}
