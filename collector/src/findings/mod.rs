//! The life of findings: opened, updated, resolved, opened again.

mod life;
mod quiet;

use crate::{
    FindingRecord, FindingState,
    identity::IdKey,
    store::{Changes, Store, StoreError, Table},
};
use std::collections::BTreeMap;
use wardwatch_model::{
    Name, PacketTime,
    analysis::{Finding, Severity},
};

/// Most findings remembered: beyond, those resolved first are forgotten first, and after them the new ones find no room.
pub(crate) const MAX_FINDINGS: usize = 10_000;

/// Every finding remembered, by id.
#[derive(Default)]
pub(crate) struct Findings {
    records: BTreeMap<String, FindingRecord>,
}

/// What an evaluation changes.
#[derive(Default)]
pub(crate) struct Staged {
    changed: BTreeMap<String, FindingRecord>,
    forgotten: Vec<String>,
    /// Opened, and raised again with a higher severity, by kind and severity.
    pub(crate) opened: BTreeMap<(Name, Severity), u64>,
    /// Resolved, by kind and severity.
    pub(crate) resolved: BTreeMap<(Name, Severity), u64>,
    /// Findings that found no room, or were forgotten to make some.
    pub(crate) given_up: u64,
}

impl Findings {
    /// Reads everything from the store; answers how many records could not be understood.
    pub(crate) fn load(&mut self, store: &dyn Store) -> Result<u64, StoreError> {
        let mut unreadable = 0;
        store.scan(Table::Findings, &mut |_, value| match serde_json::from_slice::<FindingRecord>(value) {
            Ok(record) => drop(self.records.insert(record.id.clone(), record)),
            Err(_) => unreadable += 1,
        })?;
        Ok(unreadable)
    }

    /// Works out what becomes of the findings. `latest`: the latest packet. `renamed`: ids that devices went by, and those
    /// they go by now; their findings go with them.
    pub(crate) fn stage(
        &self,
        judged: Vec<Finding>,
        latest: PacketTime,
        ids: IdKey,
        renamed: &BTreeMap<String, String>,
    ) -> Staged {
        let judged = by_id(judged, ids);
        let mut staged = Staged::default();
        if !renamed.is_empty() {
            return self.moved(renamed, ids, &mut staged).settle(judged, latest, staged);
        }
        self.settle(judged, latest, staged)
    }

    /// The findings with other ids for some devices.
    fn moved(&self, renamed: &BTreeMap<String, String>, ids: IdKey, staged: &mut Staged) -> Self {
        let mut records = self.records.clone();
        for (id, record) in &self.records {
            let mut finding = record.finding.clone();
            // The key of a finding may be whom it was with.
            for name in [&mut finding.device, &mut finding.key].into_iter().chain(&mut finding.peer) {
                if let Some(now) = renamed.get(name) {
                    name.clone_from(now);
                }
            }
            if finding != record.finding {
                let new = id_of(&finding, ids);
                records.remove(id);
                if new != *id {
                    staged.forgotten.push(id.clone());
                }
                // Where the device has the same already under the id it goes by, that one stays.
                let known = records.entry(new.clone()).or_insert(FindingRecord { id: new, finding, ..record.clone() });
                staged.changed.insert(known.id.clone(), known.clone());
            }
        }
        Self { records }
    }

    fn settle(&self, judged: BTreeMap<String, Finding>, latest: PacketTime, mut staged: Staged) -> Staged {
        for (id, finding) in &judged {
            match self.records.get(id) {
                Some(record) => staged.keep(record, life::go_on(record, finding, latest)),
                None => staged.open(id, finding, latest),
            }
        }
        for (id, record) in self.records.iter().filter(|(id, _)| !judged.contains_key(*id)) {
            if record.state == FindingState::Open {
                staged.count_resolved(&record.finding);
                staged.changed.insert(id.clone(), life::resolved(record, &record.finding, latest));
            }
        }
        self.make_room(&mut staged);
        staged
    }

    fn make_room(&self, staged: &mut Staged) {
        let new = staged.changed.keys().filter(|id| !self.records.contains_key(*id)).count();
        let mut surplus = (self.records.len() + new).saturating_sub(MAX_FINDINGS);
        if surplus == 0 {
            return;
        }
        let now = |(id, record)| (id, staged.changed.get(id).unwrap_or(record));
        let mut resolved: Vec<_> =
            self.records.iter().map(now).filter_map(|(id, record)| Some((record.resolved_at?, id))).collect();
        resolved.sort();
        let forgotten: Vec<String> = resolved.into_iter().take(surplus).map(|(_, id)| id.clone()).collect();
        staged.given_up += forgotten.len() as u64;
        forgotten.iter().for_each(|id| drop(staged.changed.remove(id)));
        surplus -= forgotten.len();
        staged.forgotten.extend(forgotten);
        let new: Vec<String> = staged.changed.keys().filter(|id| !self.records.contains_key(*id)).cloned().collect();
        for id in new.into_iter().rev().take(surplus) {
            if let Some(record) = staged.changed.remove(&id) {
                staged.given_up += 1;
                staged.uncount(&record);
            }
        }
    }

    /// Writes down what is to change.
    pub(crate) fn write(staged: &Staged, changes: &mut Changes) -> Result<(), StoreError> {
        for (id, record) in &staged.changed {
            changes.put(Table::Findings, id.clone().into_bytes(), serde_json::to_vec(record)?);
        }
        staged.forgotten.iter().for_each(|id| changes.remove(Table::Findings, id.clone().into_bytes()));
        Ok(())
    }

    /// Makes the changes after they were written.
    pub(crate) fn apply(&mut self, staged: Staged) {
        self.records.extend(staged.changed);
        staged.forgotten.iter().for_each(|id| drop(self.records.remove(id)));
    }

    /// Open ones first, the most severe first, then by rule, device and key.
    pub(crate) fn listed(&self) -> Vec<FindingRecord> {
        self.listed_with(&Staged::default())
    }

    /// The same as if the changes had been made.
    pub(crate) fn listed_with(&self, staged: &Staged) -> Vec<FindingRecord> {
        let known = self.records.iter().filter(|(id, _)| !staged.changed.contains_key(*id));
        let mut all: Vec<FindingRecord> = known.chain(&staged.changed).map(|(_, record)| record.clone()).collect();
        all.sort_by(|a, b| order(a).cmp(&order(b)));
        all
    }
}

/// What findings are listed by.
fn order(record: &FindingRecord) -> impl Ord + '_ {
    let finding = &record.finding;
    (record.state, std::cmp::Reverse(finding.severity), finding.rule, &finding.device, &finding.key)
}

/// Findings by their ids: there is one for a rule, a device and a key.
fn by_id(judged: Vec<Finding>, ids: IdKey) -> BTreeMap<String, Finding> {
    judged.into_iter().map(|finding| (id_of(&finding, ids), finding)).collect()
}

fn id_of(finding: &Finding, ids: IdKey) -> String {
    ids.id(&format!("finding {} {} {}", finding.rule, finding.device, finding.key))
}

impl Staged {
    fn open(&mut self, id: &str, finding: &Finding, latest: PacketTime) {
        let record = life::opened(id, finding, latest);
        self.count_opened(finding);
        if record.state == FindingState::Resolved {
            self.count_resolved(finding);
        }
        self.changed.insert(id.to_owned(), record);
    }

    fn keep(&mut self, before: &FindingRecord, now: FindingRecord) {
        let has_risen = now.finding.severity > before.finding.severity;
        match (before.state, now.state) {
            (FindingState::Resolved, FindingState::Open) => self.count_opened(&now.finding),
            (FindingState::Open, FindingState::Open) if has_risen => self.count_opened(&now.finding),
            (FindingState::Open, FindingState::Resolved) => self.count_resolved(&now.finding),
            (FindingState::Open | FindingState::Resolved, _) => {}
        }
        if *before != now {
            self.changed.insert(now.id.clone(), now);
        }
    }

    fn count_opened(&mut self, finding: &Finding) {
        *self.opened.entry((finding.kind, finding.severity)).or_default() += 1;
    }

    fn count_resolved(&mut self, finding: &Finding) {
        *self.resolved.entry((finding.kind, finding.severity)).or_default() += 1;
    }

    /// Takes back what was counted for a new finding that found no room.
    fn uncount(&mut self, record: &FindingRecord) {
        let kind = (record.finding.kind, record.finding.severity);
        self.opened.entry(kind).and_modify(|count| *count -= 1);
        if record.state == FindingState::Resolved {
            self.resolved.entry(kind).and_modify(|count| *count -= 1);
        }
    }
}

#[cfg(test)]
mod tests;
