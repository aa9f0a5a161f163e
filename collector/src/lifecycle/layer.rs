//! One layer of a device, its operating system or its application, with all that it may be (L6).

use super::{Day, Record, rules};
use wardwatch_model::analysis::{LifecycleRecord, Stage};

/// Most records listed of a layer: of more, the one that is best off and the one that is worst off.
const MAX_RECORDS: usize = 8;

#[derive(Debug)]
pub(super) struct Layer {
    pub(super) best: Stage,
    pub(super) worst: Stage,
    pub(super) reasons: Vec<String>,
    pub(super) records: Vec<LifecycleRecord>,
}

impl Layer {
    /// What is one release.
    pub(super) fn of_one(record: &Record<'_>, at: Day) -> Self {
        let judged = rules::judge(record, at);
        let records = vec![written(record, judged.stage)];
        Self { best: judged.stage, worst: judged.stage, reasons: judged.reasons, records }
    }

    /// What may be any of several releases; none where no release is known.
    pub(super) fn of_candidates(title: &str, candidates: &[Record<'_>], at: Day) -> Option<Self> {
        if let [one] = candidates {
            return Some(Self::of_one(one, at));
        }
        let mut judged: Vec<_> = candidates.iter().map(|record| (record, rules::judge(record, at))).collect();
        // The best off first: by stage, then by how long it is supported.
        let last_day = |record: &Record<'_>| record.dates.named().filter_map(|(_, end)| end.day()).max();
        judged.sort_by(|(a, mine), (b, theirs)| {
            mine.stage.cmp(&theirs.stage).then(last_day(b).cmp(&last_day(a))).then(a.name.cmp(&b.name))
        });
        let ((longest, best), (shortest, worst)) = (judged.first()?, judged.last()?);
        let mut reasons = vec![if best.stage == worst.stage {
            format!("L6: {title}: {} releases are possible, all {}", judged.len(), best.stage.name())
        } else {
            let (best, worst) = (best.stage.name(), worst.stage.name());
            format!("L6: {title}: {} releases are possible, from {best} to {worst}", judged.len())
        }];
        reasons.extend(best.reasons.iter().chain(&worst.reasons).cloned());
        let records = if judged.len() <= MAX_RECORDS {
            judged.iter().map(|(record, judged)| written(record, judged.stage)).collect()
        } else {
            vec![written(longest, best.stage), written(shortest, worst.stage)]
        };
        Some(Self { best: best.stage, worst: worst.stage, reasons, records })
    }

    /// In a few words.
    pub(super) fn summary(&self) -> String {
        let names: Vec<String> =
            self.records.iter().map(|record| format!("{} is {}", record.name, record.stage.name())).collect();
        names.join(", ")
    }
}

fn written(record: &Record<'_>, stage: Stage) -> LifecycleRecord {
    LifecycleRecord {
        scope: record.scope,
        name: record.name.clone(),
        stage,
        dates: record.dates.named().map(|(name, end)| (name, end.to_string())).collect(),
        superseded_by: record.superseded_by.clone(),
        authority: record.authority.name(),
        source: record.source.to_owned(),
        url: record.url.to_owned(),
        retrieved: record.retrieved.to_string(),
        licence: record.licence.to_owned(),
    }
}
