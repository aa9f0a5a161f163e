//! How a side broke the rules of its protocol: what a parser notes while it goes on.

use super::{PerSide, Side};
use wardwatch_model::{PacketTime, Seen, Violation};

/// Violations of one side, each once, in order. Nearly all sides have none, which takes no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Violated(Vec<(Violation, Seen)>);

impl Violated {
    /// It happened, once more.
    pub(crate) fn note(&mut self, violation: Violation, at: PacketTime) {
        match self.0.binary_search_by_key(&violation, |(known, _)| *known) {
            Ok(position) => {
                if let Some((_, seen)) = self.0.get_mut(position) {
                    seen.merge(&Seen::once(at));
                }
            }
            Err(position) => self.0.insert(position, (violation, Seen::once(at))),
        }
    }
}

impl Violated {
    /// Memory beyond itself, bytes.
    pub(crate) const fn held(&self) -> usize {
        self.0.capacity() * size_of::<(Violation, Seen)>()
    }
}

impl PerSide<Violated> {
    /// For an outcome.
    pub(crate) fn told(self) -> Vec<(Side, Violation, Seen)> {
        let of = |side, violated: Violated| violated.0.into_iter().map(move |(what, seen)| (side, what, seen));
        of(Side::A, self.a).chain(of(Side::B, self.b)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_violation_is_told_once_with_its_count_and_times() {
        let mut sides: PerSide<Violated> = PerSide::default();
        for (violation, at) in [(Violation::MllpEnd, 7), (Violation::Hl7Nul, 5), (Violation::MllpEnd, 3)] {
            sides.b.note(violation, PacketTime(at));
        }
        let ends = Seen { first: PacketTime(3), last: PacketTime(7), count: 2 };
        let told = [(Side::B, Violation::Hl7Nul, Seen::once(PacketTime(5))), (Side::B, Violation::MllpEnd, ends)];
        assert_eq!(sides.told(), told);
    }
}
