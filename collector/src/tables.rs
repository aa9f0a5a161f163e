//! What there is one of in a store: the version of its tables, the key of the ids, the counters.

use crate::{
    Counters, IdKey, StartError,
    store::{Changes, Store, StoreError, Table},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wardwatch_model::Name;

/// Version of what the tables hold. Fields are added without a new one.
const VERSION: u64 = 1;

const VERSION_KEY: &[u8] = b"version";
const IDS_KEY: &[u8] = b"ids";
const COUNTERS_KEY: &[u8] = b"counters";

/// Brings a store to this version, with a key of its own; answers the key.
pub(crate) fn prepare(store: &mut dyn Store) -> Result<IdKey, StartError> {
    let version = get(store, VERSION_KEY)?.map(|value| serde_json::from_slice(&value)).transpose();
    let found: Option<u64> = version.map_err(StoreError::from)?;
    if let Some(found) = found.filter(|found| *found > VERSION) {
        return Err(StartError::NewerStore { found, known: VERSION });
    }
    let mut changes = Changes::default();
    if found != Some(VERSION) {
        // A step for each earlier version goes here; there is none.
        changes.put(Table::Meta, VERSION_KEY.to_vec(), serde_json::to_vec(&VERSION).map_err(StoreError::from)?);
    }
    let key = match get(store, IDS_KEY)?.and_then(|key| <[u8; 32]>::try_from(key).ok()) {
        Some(key) => key,
        None => {
            let mut key = [0; 32];
            getrandom::fill(&mut key).map_err(|error| StartError::Random(error.to_string()))?;
            changes.put(Table::Meta, IDS_KEY.to_vec(), key.to_vec());
            key
        }
    };
    if !changes.is_empty() {
        store.commit(&changes)?;
    }
    Ok(IdKey::random(key))
}

fn get(store: &dyn Store, wanted: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut found = None;
    store.scan(Table::Meta, &mut |key, value| {
        if key == wanted {
            found = Some(value.to_vec());
        }
    })?;
    Ok(found)
}

/// The counters as they are written: names are read back as far as they are known.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Written {
    devices_discovered: u64,
    devices_forgotten: u64,
    findings_opened: Vec<((Name, Name), u64)>,
    findings_resolved: Vec<((Name, Name), u64)>,
    reports: u64,
    rejected: BTreeMap<Name, u64>,
    evicted: BTreeMap<Name, u64>,
    store_write_failures: u64,
}

/// Reads the counters.
pub(crate) fn counters(store: &dyn Store) -> Result<Counters, StoreError> {
    let Some(value) = get(store, COUNTERS_KEY)? else { return Ok(Counters::default()) };
    let written: Written = serde_json::from_slice(&value)?;
    let by_kind = |counts: Vec<((Name, Name), u64)>| {
        counts.into_iter().map(|((kind, severity), count)| ((kind.as_str(), severity.as_str()), count)).collect()
    };
    let by_reason =
        |counts: BTreeMap<Name, u64>| counts.into_iter().map(|(reason, count)| (reason.as_str(), count)).collect();
    Ok(Counters {
        devices_discovered: written.devices_discovered,
        devices_forgotten: written.devices_forgotten,
        findings_opened: by_kind(written.findings_opened),
        findings_resolved: by_kind(written.findings_resolved),
        reports: written.reports,
        rejected: by_reason(written.rejected),
        evicted: by_reason(written.evicted),
        store_write_failures: written.store_write_failures,
    })
}

/// Writes the counters.
pub(crate) fn put_counters(counters: &Counters, changes: &mut Changes) -> Result<(), StoreError> {
    let by_kind = |counts: &BTreeMap<(&'static str, &'static str), u64>| {
        counts.iter().map(|((kind, severity), count)| ((Name::new(kind), Name::new(severity)), *count)).collect()
    };
    let by_reason = |counts: &BTreeMap<&'static str, u64>| {
        counts.iter().map(|(reason, count)| (Name::new(reason), *count)).collect()
    };
    let written = Written {
        devices_discovered: counters.devices_discovered,
        devices_forgotten: counters.devices_forgotten,
        findings_opened: by_kind(&counters.findings_opened),
        findings_resolved: by_kind(&counters.findings_resolved),
        reports: counters.reports,
        rejected: by_reason(&counters.rejected),
        evicted: by_reason(&counters.evicted),
        store_write_failures: counters.store_write_failures,
    };
    changes.put(Table::Meta, COUNTERS_KEY.to_vec(), serde_json::to_vec(&written)?);
    Ok(())
}
