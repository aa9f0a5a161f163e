//! Whatever way reports arrive, the picture is the same.

use crate::support::{Dice, Folder, open, picture, report, start, stream};
use proptest::prelude::*;
use wardwatch_collector::{Receipt, store::MemoryStore};
use wardwatch_model::{Facts, Refusal, Report};

/// What all streams amount to.
fn all_facts(streams: &[Vec<Report>]) -> Facts {
    let mut facts = Facts::default();
    for reports in streams {
        reports.iter().for_each(|report| facts.merge(report.finished.clone()));
        facts.merge(reports.last().unwrap().open.clone());
    }
    facts
}

fn one_pass(streams: &[Vec<Report>]) -> String {
    let mut collector = start(Box::new(MemoryStore::default()));
    collector.fix_ids("main");
    let whole = Report { finished: all_facts(streams), open: Facts::default(), ..streams[0][0].clone() };
    report(&mut collector, &whole).unwrap();
    picture(&collector.evaluate("2026-11-24"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn interleaving_repeating_and_starting_again_change_nothing(seed in any::<u64>(), lengths in prop::collection::vec(1u64..8, 1..4)) {
        let streams: Vec<_> = lengths.iter().zip(0u8..).map(|(length, id)| stream(&format!("agent {id}"), id, *length, 6)).collect();
        let folder = Folder::new();
        let mut dice = Dice(seed);
        let mut collector = open(folder.path());
        collector.fix_ids("main");
        let mut next = vec![0; streams.len()];
        while next.iter().zip(&streams).any(|(next, reports)| *next < reports.len()) {
            let turn = usize::try_from(dice.below(streams.len() as u64)).unwrap();
            match dice.below(8) {
                0 => {
                    drop(collector);
                    collector = open(folder.path());
                    collector.fix_ids("main");
                }
                1 if next[turn] > 0 => {
                    let again = usize::try_from(dice.below(next[turn] as u64)).unwrap();
                    prop_assert_eq!(report(&mut collector, &streams[turn][again]).unwrap(), Receipt::Duplicate);
                }
                2 if next[turn] + 1 < streams[turn].len() => {
                    let error = report(&mut collector, &streams[turn][next[turn] + 1]).unwrap_err();
                    prop_assert_eq!(error.reason(), Refusal::Gap);
                }
                3 => drop(collector.evaluate("2026-11-24")),
                _ if next[turn] < streams[turn].len() => {
                    prop_assert_eq!(report(&mut collector, &streams[turn][next[turn]]).unwrap(), Receipt::Accepted);
                    next[turn] += 1;
                }
                _ => {}
            }
        }
        prop_assert_eq!(picture(&collector.evaluate("2026-11-24")), one_pass(&streams));
    }
}
