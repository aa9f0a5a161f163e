//! What one witness says of a capture: associations and links, in the shape of the contract, equal ones summed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::dissect::{self, Endpoint};
use super::{dicom, hl7};

/// An association or a link, and whose.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) client: String,
    pub(crate) server: String,
    pub(crate) port: u64,
    pub(crate) value: Value,
}

impl Entry {
    pub(super) fn between(client: &Endpoint, server: &Endpoint, value: Value) -> Self {
        Self { client: client.0.clone(), server: server.0.clone(), port: server.1, value }
    }

    /// `client -> server:port`.
    pub(crate) fn conversation(&self) -> String {
        format!("{} -> {}:{}", self.client, self.server, self.port)
    }
}

/// Everything one witness says.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) associations: Vec<Entry>,
    pub(crate) links: Vec<Entry>,
    /// DIMSE messages, or HL7 messages with their acknowledgements, by conversation.
    pub(super) messages: BTreeMap<String, u64>,
}

/// The ports to read as DICOM and as HL7.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ports {
    pub(crate) dicom: Vec<u64>,
    pub(crate) hl7: Vec<u64>,
}

impl Ports {
    pub(crate) fn dicom(ports: &[u64]) -> Self {
        Self { dicom: ports.to_vec(), ..Self::default() }
    }

    pub(crate) fn hl7(ports: &[u64]) -> Self {
        Self { hl7: ports.to_vec(), ..Self::default() }
    }

    /// The ports that our own output claims.
    pub(crate) fn claimed(document: &Value) -> Self {
        let of = |protocol: &str| {
            let conversations = document["conversations"].as_array().into_iter().flatten();
            let mut ports: Vec<_> = conversations
                .filter(|one| one["protocol"] == protocol)
                .filter_map(|one| one["port"].as_u64())
                .collect();
            ports.sort_unstable();
            ports.dedup();
            ports
        };
        Self { dicom: of("dicom"), hl7: of("hl7") }
    }
}

impl View {
    /// What tshark reads.
    pub(crate) fn tshark(capture: &Path, ports: &Ports) -> Self {
        let units = dissect::units(capture, ports);
        let (links, mut messages) = hl7::links(&units, &ports.hl7);
        let associations = dicom::associations(&units);
        for association in &associations {
            let outcomes = association.value["operations"].as_object().into_iter().flat_map(|all| all.values());
            let counts = outcomes.flat_map(|counts| counts.as_object()).flatten().filter(|(name, _)| *name != "bytes");
            let sum: u64 = counts.filter_map(|(_, count)| count.as_u64()).sum();
            *messages.entry(association.conversation()).or_default() += sum;
        }
        Self { associations, links, messages }.merged()
    }

    /// What `wardwatch analyze` says.
    pub(crate) fn ours(document: &Value) -> Self {
        let mut view = Self::default();
        for one in document["conversations"].as_array().into_iter().flatten() {
            let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
            let entry = |value: &Value| Entry {
                client: text("client_address"),
                server: text("server_address"),
                port: one["port"].as_u64().unwrap_or_default(),
                value: value.clone(),
            };
            if matches!(one["protocol"].as_str(), Some("dicom" | "hl7")) {
                let conversation = entry(&Value::Null).conversation();
                *view.messages.entry(conversation).or_default() += one["messages"].as_u64().unwrap_or_default();
            }
            let list = |field: &str| one["detail"][field].as_array().into_iter().flatten().map(entry);
            view.associations.extend(list("associations"));
            view.links.extend(list("links"));
        }
        view
    }

    /// Equal entries as one, counts summed (contract: all but `count` and `operations`; for links, all but counts).
    pub(super) fn merged(self) -> Self {
        Self {
            associations: merge(self.associations, &["count", "operations", "move_destinations", "move_originators"]),
            links: merge(self.links, &["message_types", "acknowledgements", "unacknowledged"]),
            messages: self.messages,
        }
    }

    /// The one association of this calling and called AE title.
    pub(crate) fn association(&self, calling: &str, called: &str) -> &Value {
        let same = |entry: &&Entry| entry.value["calling_ae"] == calling && entry.value["called_ae"] == called;
        let found: Vec<_> = self.associations.iter().filter(same).collect();
        assert!(found.len() == 1, "{} entries of {calling} -> {called} in {:#?}", found.len(), self.associations);
        &found[0].value
    }

    /// The one link of this sending application.
    pub(crate) fn link(&self, sending_application: &str) -> &Value {
        let same = |entry: &&Entry| entry.value["sending_application"] == sending_application;
        let found: Vec<_> = self.links.iter().filter(same).collect();
        assert!(found.len() == 1, "{} links of {sending_application} in {:#?}", found.len(), self.links);
        &found[0].value
    }
}

fn merge(entries: Vec<Entry>, counts: &[&str]) -> Vec<Entry> {
    let mut merged: BTreeMap<(String, String), Entry> = BTreeMap::new();
    for entry in entries {
        let mut identity = entry.value.clone();
        for field in counts {
            identity[*field] = json!(null);
        }
        let key = (entry.conversation(), identity.to_string());
        match merged.get_mut(&key) {
            Some(sum) => counts.iter().for_each(|field| add(&mut sum.value[*field], &entry.value[*field])),
            None => drop(merged.insert(key, entry)),
        }
    }
    merged.into_values().collect()
}

/// Adds number to number, object to object field by field, and list to list as sets.
fn add(sum: &mut Value, more: &Value) {
    match more {
        Value::Array(more) => {
            let all: BTreeSet<_> = sum.as_array().into_iter().flatten().chain(more).filter_map(Value::as_str).collect();
            *sum = json!(all);
        }
        Value::Object(fields) => fields.iter().for_each(|(name, value)| add(&mut sum[name], value)),
        _ => *sum = json!(sum.as_u64().unwrap_or(0) + more.as_u64().unwrap_or(0)),
    }
}
