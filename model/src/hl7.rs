//! What is told of HL7 v2 conversations.

use crate::DeviceText;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An interface between two applications, in the terms of the message header (HL7 v2.5.1, 2.15.9). Components are
/// joined with `^`, whatever separator was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Link {
    /// MSH-3.
    pub sending_application: Option<DeviceText>,
    /// MSH-4.
    pub sending_facility: Option<DeviceText>,
    /// MSH-5.
    pub receiving_application: Option<DeviceText>,
    /// MSH-6.
    pub receiving_facility: Option<DeviceText>,
    /// MSH-12.1.
    pub version: Option<DeviceText>,
    /// MSH-18, repetitions joined with `~`.
    pub charset: Option<DeviceText>,
    /// MSH-11.
    pub processing_id: Option<DeviceText>,
    /// MSH-21, sorted.
    pub profiles: BTreeSet<DeviceText>,
}

/// What was said over a link. Merging is commutative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkActivity {
    /// Messages by MSH-9 as sent.
    pub message_types: BTreeMap<DeviceText, u64>,
    /// Acknowledgements by MSA-1, on the link of the message they answer.
    pub acknowledgements: BTreeMap<DeviceText, u64>,
    /// Messages for which no acknowledgement was seen.
    pub unacknowledged: u64,
}

impl LinkActivity {
    /// Most message types, and most acknowledgement codes, counted on a link.
    pub const MAX_KINDS: usize = 64;

    /// Counts `what` in one of the two maps; a kind beyond [`Self::MAX_KINDS`] is not counted.
    pub fn count(map: &mut BTreeMap<DeviceText, u64>, what: &DeviceText, times: u64) {
        if let Some(count) = map.get_mut(what) {
            *count += times;
        } else if map.len() < Self::MAX_KINDS {
            map.insert(what.clone(), times);
        }
    }

    /// Adds the activity of the same link.
    pub fn merge(&mut self, other: &Self) {
        for (kind, times) in &other.message_types {
            Self::count(&mut self.message_types, kind, *times);
        }
        for (code, times) in &other.acknowledgements {
            Self::count(&mut self.acknowledgements, code, *times);
        }
        self.unacknowledged += other.unacknowledged;
    }
}
