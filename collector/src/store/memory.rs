//! A store that lasts as long as the process, for tests and for a collector that need not remember.

use super::{Changes, Store, StoreError, Table};
use std::collections::BTreeMap;

/// Tables in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    records: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
}

impl Store for MemoryStore {
    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let records = self.records.range((table, Vec::new())..).take_while(|((known, _), _)| *known == table);
        records.for_each(|((_, key), value)| each(key, value));
        Ok(())
    }

    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        for (table, key, value) in changes.iter() {
            match value {
                Some(value) => self.records.insert((table, key.to_vec()), value.to_vec()),
                None => self.records.remove(&(table, key.to_vec())),
            };
        }
        Ok(())
    }

    fn snapshot(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.records.iter().map(|((_, key), value)| (key.len() + value.len()) as u64).sum()
    }
}
