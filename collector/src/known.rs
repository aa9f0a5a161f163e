//! Which devices were ever seen, so that each counts as discovered once.

use crate::store::{Changes, Store, StoreError, Table};
use std::collections::BTreeSet;
use wardwatch_model::analysis::Device;

/// Ids of devices.
#[derive(Default)]
pub(crate) struct Known(BTreeSet<String>);

/// What an evaluation changes.
pub(crate) struct Staged {
    /// Devices seen for the first time.
    pub(crate) new: Vec<String>,
    forgotten: Vec<String>,
}

impl Known {
    pub(crate) fn load(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        store.scan(Table::Devices, &mut |key, _| {
            self.0.extend(std::str::from_utf8(key).map(str::to_owned));
        })
    }

    /// Works out which are new. Where more than twice as many are known as there may be devices, those that are not there
    /// now are forgotten.
    pub(crate) fn stage(&self, devices: &[Device], limit: usize) -> Staged {
        let new: Vec<String> =
            devices.iter().map(|device| &device.id).filter(|id| !self.0.contains(*id)).cloned().collect();
        let mut forgotten = Vec::new();
        if self.0.len() + new.len() > limit.saturating_mul(2) {
            let present: BTreeSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
            forgotten = self.0.iter().filter(|id| !present.contains(id.as_str())).cloned().collect();
        }
        Staged { new, forgotten }
    }

    pub(crate) fn apply(&mut self, staged: Staged) {
        self.0.extend(staged.new);
        for id in &staged.forgotten {
            self.0.remove(id);
        }
    }
}

impl Staged {
    pub(crate) fn write(&self, changes: &mut Changes) {
        self.new.iter().for_each(|id| changes.put(Table::Devices, id.clone().into_bytes(), Vec::new()));
        self.forgotten.iter().for_each(|id| changes.remove(Table::Devices, id.clone().into_bytes()));
    }
}
