//! What happened within a span of time.

use std::collections::BTreeMap;
use wardwatch_model::PacketTime;

/// When somebody tried something, and under which two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt<'a> {
    pub(super) at: PacketTime,
    /// Who it said it was; not known where the request was missed.
    pub(super) calling: Option<&'a str>,
    /// Whom it asked for.
    pub(super) called: Option<&'a str>,
}

/// How many attempts, with how many names of one of the two kinds, in how much time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) attempts: usize,
    pub(super) names: usize,
    /// Nanoseconds.
    pub(super) within: u64,
}

/// The attempts that are part of a span of time over the bar. `attempts` are sorted.
pub(super) fn over<'a>(attempts: &[Attempt<'a>], bar: Bar) -> Vec<Attempt<'a>> {
    let (mut calling, mut called) = (Names::default(), Names::default());
    let (mut first, mut taken) = (0, 0);
    let mut found = Vec::new();
    for (last, attempt) in attempts.iter().enumerate() {
        calling.add(attempt.calling);
        called.add(attempt.called);
        while let Some(old) = attempts.get(first).filter(|old| attempt.at.since(old.at) > bar.within) {
            calling.remove(old.calling);
            called.remove(old.called);
            first += 1;
        }
        // All that fits into the time, so if any part of it is over the bar, the whole is.
        let names = calling.0.len().max(called.0.len());
        if last + 1 - first >= bar.attempts && names >= bar.names {
            found.extend(attempts.iter().take(last + 1).skip(taken.max(first)));
            taken = last + 1;
        }
    }
    found
}

/// Names in the window, and how often.
#[derive(Default)]
struct Names<'a>(BTreeMap<&'a str, usize>);

impl<'a> Names<'a> {
    fn add(&mut self, name: Option<&'a str>) {
        if let Some(name) = name {
            *self.0.entry(name).or_default() += 1;
        }
    }

    fn remove(&mut self, name: Option<&'a str>) {
        let Some(name) = name else { return };
        if let Some(count) = self.0.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Every stretch of attempts, one by one.
    fn oracle<'a>(attempts: &[Attempt<'a>], bar: Bar) -> Vec<Attempt<'a>> {
        let mut part_of_one = vec![false; attempts.len()];
        for first in 0..attempts.len() {
            for last in first..attempts.len() {
                let stretch = &attempts[first..=last];
                let names = |name: fn(&Attempt<'a>) -> Option<&'a str>| {
                    stretch.iter().filter_map(name).collect::<BTreeSet<_>>().len()
                };
                if attempts[last].at.since(attempts[first].at) <= bar.within
                    && stretch.len() >= bar.attempts
                    && (names(|attempt| attempt.calling) >= bar.names || names(|attempt| attempt.called) >= bar.names)
                {
                    part_of_one[first..=last].fill(true);
                }
            }
        }
        attempts.iter().zip(part_of_one).filter_map(|(attempt, part)| part.then_some(*attempt)).collect()
    }

    fn name() -> impl Strategy<Value = Option<&'static str>> {
        prop::option::weighted(0.9, prop::sample::select(vec!["A", "B", "C", "D"]))
    }

    proptest! {
        #[test]
        fn sliding_finds_what_looking_at_every_stretch_finds(
            tried in prop::collection::vec((0u64..60, name(), name()), 0..40),
            attempts in 1usize..7,
            names in 1usize..5,
            within in 0u64..30,
        ) {
            let mut tried: Vec<Attempt<'_>> = tried
                .into_iter()
                .map(|(at, calling, called)| Attempt { at: PacketTime(at), calling, called })
                .collect();
            tried.sort_unstable();
            let bar = Bar { attempts, names, within };
            prop_assert_eq!(over(&tried, bar), oracle(&tried, bar));
        }
    }
}
