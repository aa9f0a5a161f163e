//! Where we and tshark differ on purpose, each with its reason. All else must agree.

use serde_json::{Value, json};

/// One rule that is laid over both sides before they are compared.
pub(super) struct Difference {
    /// The field, as a path in an association or a link.
    pub(super) field: &'static str,
    /// Why the two may differ there.
    pub(super) reason: &'static str,
    /// What both sides become.
    pub(super) level: fn(&mut Value),
}

pub(super) const ASSOCIATIONS: &[Difference] = &[
    Difference {
        field: "contexts[].id",
        reason: "the contract leaves the presentation context id out; it is only the key between request and answer",
        level: |association| each(association, "contexts", |context| remove(context, "id")),
    },
    Difference {
        field: "contexts, where result is start-missed",
        reason: "the request was not seen: tshark has no associations without one, and lists no contexts then",
        level: |association| {
            if association["result"] == "start-missed" {
                association["contexts"] = json!([]);
            }
        },
    },
];

pub(super) const LINKS: &[Difference] = &[Difference {
    field: "profiles[]",
    reason: "lists are sorted in the contract; tshark has the order of the wire",
    level: |link| sort(&mut link["profiles"]),
}];

/// The list, for whoever reads of a disagreement.
pub(super) fn allowed() -> String {
    let line = |rule: &Difference| format!("not compared: {}: {}\n", rule.field, rule.reason);
    ASSOCIATIONS.iter().chain(LINKS).map(line).collect()
}

fn each(value: &mut Value, list: &str, change: impl FnMut(&mut Value)) {
    value[list].as_array_mut().into_iter().flatten().for_each(change);
}

fn remove(value: &mut Value, field: &str) {
    value.as_object_mut().and_then(|fields| fields.remove(field));
}

fn sort(list: &mut Value) {
    if let Some(values) = list.as_array_mut() {
        values.sort_by_cached_key(Value::to_string);
    }
}
