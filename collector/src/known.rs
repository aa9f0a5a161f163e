//! Which devices were ever listed and under which ids, so that an id that was shown once leads to its device, and each
//! device counts as discovered once.
//!
//! Identity makes the id of a device of the key it knows it by, and says by which others it may have known it before. Of those
//! that were listed the one seen first keeps its id, and the others become other names of it.

use crate::{
    identity::Inventory,
    reading,
    store::{Changes, Store, StoreError, Table},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wardwatch_model::{PacketTime, analysis::Device};

/// Every id that was listed.
#[derive(Default)]
pub(crate) struct Known(BTreeMap<String, Entry>);

/// What is known of an id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    /// When its device had been seen first when it was listed under it.
    first: PacketTime,
    /// The id that its device goes by; none: this one.
    is_now: Option<String>,
}

/// What an evaluation changes.
#[derive(Default)]
pub(crate) struct Staged {
    changed: BTreeMap<String, Entry>,
    forgotten: BTreeSet<String>,
    /// Ids of this evaluation that devices do not go by, and those they go by.
    pub(crate) names: BTreeMap<String, String>,
    /// Ids that devices went by until now, and those they go by from now on.
    pub(crate) renamed: BTreeMap<String, String>,
    /// Devices known, each once.
    pub(crate) devices: u64,
    /// Devices forgotten to make room.
    pub(crate) forgotten_devices: u64,
}

impl Known {
    /// Reads everything from the store; answers how many records could not be understood.
    pub(crate) fn load(&mut self, store: &dyn Store) -> Result<u64, StoreError> {
        let mut unreadable = 0;
        store.scan(Table::Devices, &mut |key, value| {
            // Stores had ids alone.
            let entry = if value.is_empty() { Ok(Entry::default()) } else { serde_json::from_slice(value) };
            match (std::str::from_utf8(key), entry) {
                (Ok(id), Ok(entry)) => drop(self.0.insert(id.to_owned(), entry)),
                _ => unreadable += 1,
            }
        })?;
        Ok(unreadable)
    }

    /// Other ids of devices, and those they go by.
    pub(crate) fn aliases(&self) -> BTreeMap<String, String> {
        let alias = |(id, entry): (&String, &Entry)| Some((id.clone(), entry.is_now.clone()?));
        self.0.iter().filter_map(alias).collect()
    }

    /// Works out which id each device goes by. Where more than twice as many ids are known as there may be devices, those of
    /// devices that are not there now are forgotten.
    pub(crate) fn stage(&self, inventory: &Inventory, limit: usize) -> Staged {
        let first = |device: &Device| reading::window(device).map_or(PacketTime::default(), |(first, _)| first);
        let mut devices: Vec<(PacketTime, &str)> =
            inventory.devices.iter().map(|device| (first(device), device.id.as_str())).collect();
        // So that of two that may be what was one, the one that was seen first is.
        devices.sort_unstable();
        let mut naming = Naming {
            known: &self.0,
            present: devices.iter().map(|(_, id)| *id).collect(),
            taken: BTreeSet::new(),
            staged: Staged::default(),
        };
        let nothing = BTreeSet::new();
        for (first, id) in &devices {
            naming.name(id, *first, inventory.former.get(*id).unwrap_or(&nothing));
        }
        let Naming { taken, mut staged, .. } = naming;
        let entries = || {
            let unchanged = self.0.iter().filter(|(id, _)| !staged.changed.contains_key(*id));
            unchanged.chain(&staged.changed)
        };
        if entries().count() > limit.saturating_mul(2) {
            let present: BTreeSet<&str> = devices.iter().map(|(_, id)| *id).collect();
            let gone = entries().filter(|(id, _)| !present.contains(id.as_str()) && !taken.contains(*id));
            let gone: Vec<(String, bool)> = gone.map(|(id, entry)| (id.clone(), entry.is_now.is_none())).collect();
            staged.forgotten_devices = gone.iter().filter(|(_, is_device)| *is_device).count() as u64;
            staged.forgotten = gone.into_iter().map(|(id, _)| id).collect();
        }
        let is_kept = |(id, entry): &(&String, &Entry)| entry.is_now.is_none() && !staged.forgotten.contains(*id);
        staged.devices = entries().filter(is_kept).count() as u64;
        staged.changed.retain(|id, _| !staged.forgotten.contains(id));
        staged
    }

    pub(crate) fn apply(&mut self, staged: Staged) {
        self.0.extend(staged.changed);
        self.0.retain(|id, _| !staged.forgotten.contains(id));
    }
}

/// Devices while they get their names.
struct Naming<'a> {
    known: &'a BTreeMap<String, Entry>,
    /// Ids of the devices that are there, by the keys they are known by now.
    present: BTreeSet<&'a str>,
    /// Ids that devices go by.
    taken: BTreeSet<String>,
    staged: Staged,
}

impl Naming<'_> {
    fn entry(&self, id: &str) -> Option<&Entry> {
        self.staged.changed.get(id).or_else(|| self.known.get(id))
    }

    /// The id that the device of an id goes by, where it was listed.
    fn now(&self, id: &str) -> Option<String> {
        Some(self.entry(id)?.is_now.clone().unwrap_or_else(|| id.to_owned()))
    }

    /// A device with the id of its present key, and those it may have had.
    fn name(&mut self, own: &str, first: PacketTime, former: &BTreeSet<String>) {
        // An id whose key is another device's own now is no more this one's.
        let former = former.iter().map(String::as_str).filter(|id| !self.present.contains(id));
        let listed: BTreeSet<String> = former
            .chain([own])
            .filter_map(|id| self.now(id))
            .filter(|id| id == own || !(self.taken.contains(id) || self.present.contains(id.as_str())))
            .collect();
        let first_seen = |id: &String| self.entry(id).map(|entry| entry.first);
        let earliest = listed.iter().min_by(|a, b| (first_seen(a), a).cmp(&(first_seen(b), b)));
        let goes_by = earliest.cloned().unwrap_or_else(|| own.to_owned());
        let is_now = |id: &str| (id != goes_by).then(|| goes_by.clone());
        let own_entry = Entry { first: self.entry(own).map_or(first, |known| known.first), is_now: is_now(own) };
        let mut changed = vec![(own.to_owned(), own_entry)];
        if listed.len() > 1 {
            // Rare, so all are looked through: what led to one of them leads to the one that stays.
            let all = self.known.iter().filter(|(id, _)| !self.staged.changed.contains_key(*id));
            for (id, entry) in all.chain(&self.staged.changed) {
                let now = entry.is_now.as_ref().unwrap_or(id);
                if listed.contains(now) && id != own {
                    changed.push((id.clone(), Entry { first: entry.first, is_now: is_now(id) }));
                }
            }
            self.staged
                .renamed
                .extend(listed.iter().filter(|id| **id != goes_by).map(|id| (id.clone(), goes_by.clone())));
        }
        for (id, entry) in changed {
            if self.entry(&id) != Some(&entry) {
                self.staged.changed.insert(id, entry);
            }
        }
        if goes_by != own {
            self.staged.names.insert(own.to_owned(), goes_by.clone());
        }
        self.taken.insert(goes_by);
    }
}

impl Staged {
    pub(crate) fn write(&self, changes: &mut Changes) -> Result<(), StoreError> {
        for (id, entry) in &self.changed {
            changes.put(Table::Devices, id.clone().into_bytes(), serde_json::to_vec(entry)?);
        }
        self.forgotten.iter().for_each(|id| changes.remove(Table::Devices, id.clone().into_bytes()));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
