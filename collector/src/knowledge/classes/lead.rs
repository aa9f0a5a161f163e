//! Which rules a clue may lead to: there are many rules, and of most devices a clue leads to none.

use super::{Clue, entry::Want};
use foldhash::HashMap;

/// Rules, by index, that a clue of one kind may lead to.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// Whatever its value.
    always: Vec<usize>,
    /// By a piece of its value.
    by_piece: HashMap<String, Vec<usize>>,
}

impl Lead {
    /// Adds a rule that wants this of the clue.
    pub(super) fn add(&mut self, clue: Clue, want: &Want, rule: usize) {
        let Want::AnyOf(values) = want else { return self.always.push(rule) };
        for value in values {
            match clue.pieces(value).next() {
                Some(piece) => self.by_piece.entry(piece.to_owned()).or_default().push(rule),
                None => self.always.push(rule),
            }
        }
    }

    /// The rules for a value in its form, and perhaps others.
    pub(super) fn rules(&self, clue: Clue, value: &str) -> impl Iterator<Item = usize> {
        let by_piece = clue.pieces(value).filter_map(|piece| self.by_piece.get(piece));
        self.always.iter().chain(by_piece.flatten()).copied()
    }
}
