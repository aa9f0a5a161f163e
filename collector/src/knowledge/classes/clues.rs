//! What is known of a device that may reveal its class.

use super::Clue;
use std::borrow::Cow;
use wardwatch_model::Seen;

/// How a clue's value is known.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// From 0 to 1.
    pub sure: f64,
    /// When it was seen.
    pub seen: Seen,
}

impl Known {
    /// Takes in how else it is known.
    pub(super) fn merge(&mut self, other: &Self) {
        self.sure = self.sure.max(other.sure);
        self.seen.merge(&other.seen);
    }
}

/// A clue.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// Its kind.
    pub clue: Clue,
    /// What was told.
    pub value: Cow<'a, str>,
    /// How it is known.
    pub known: Known,
}

/// The clues about a device. A list, as most devices have a handful; an archive has thousands, each told over and over.
#[derive(Clone, Debug, Default)]
pub struct Clues<'a> {
    told: Vec<Told<'a>>,
    /// So many from the first on are sorted, and each value stands once.
    settled: usize,
}

/// So many are noted before it is looked whether they are the same.
const FEW: usize = 32;

impl<'a> Clues<'a> {
    /// Notes one more.
    pub fn note(&mut self, clue: Clue, value: impl Into<Cow<'a, str>>, known: Known) {
        self.told.push(Told { clue, value: value.into(), known });
        if self.told.len() > FEW + 2 * self.settled {
            self.settle();
        }
    }

    /// Puts those noted in order, each value once. Before that they cannot be asked for.
    pub fn settle(&mut self) {
        self.told.sort_unstable_by(|a, b| (a.clue, &a.value).cmp(&(b.clue, &b.value)));
        self.told.dedup_by(|next, kept| {
            let is_same = (next.clue, &next.value) == (kept.clue, &kept.value);
            if is_same {
                kept.known.merge(&next.known);
            }
            is_same
        });
        self.settled = self.told.len();
    }

    /// All, by kind.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Told<'a>> {
        self.told.iter()
    }

    /// All of a kind, by value.
    pub fn of(&self, clue: Clue) -> &[Told<'a>] {
        let from = self.told.partition_point(|told| told.clue < clue);
        let of = self.told.get(from..).unwrap_or_default();
        of.get(..of.partition_point(|told| told.clue == clue)).unwrap_or_default()
    }

    /// Whether a value of a kind is there.
    pub fn has(&self, clue: Clue, value: &str) -> bool {
        self.of(clue).binary_search_by(|told| told.value.as_ref().cmp(value)).is_ok()
    }

    /// Leaves out a kind.
    pub fn remove(&mut self, clue: Clue) {
        self.told.retain(|told| told.clue != clue);
        self.settled = self.told.len();
    }

    /// The same, with each value in the form in which it is compared.
    pub(super) fn formed(&self) -> Clues<'_> {
        let formed = self.told.iter().map(|Told { clue, value, known }| {
            let value = clue.form(value);
            Told { clue: *clue, value, known: *known }
        });
        Clues { told: formed.collect(), settled: self.settled }
    }
}
