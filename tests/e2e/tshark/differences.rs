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
        field: "contexts[]",
        reason: "lists are sorted in the contract; tshark has the order of the wire",
        level: |association| {
            each(association, "contexts", |context| sort(&mut context["proposed_transfer_syntaxes"]));
            sort(&mut association["extended_negotiation"]);
            if let Some(contexts) = association["contexts"].as_array_mut() {
                contexts.sort_by_cached_key(|one| {
                    ["abstract_syntax", "proposed_transfer_syntaxes", "result", "transfer_syntax"]
                        .map(|field| one[field].to_string())
                });
            }
        },
    },
    Difference {
        field: "operations.*.bytes",
        reason: "tshark has no count of data set bytes per operation; the peers' tests check ours",
        level: |association| {
            for operation in association["operations"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
                remove(operation, "bytes");
            }
        },
    },
    Difference {
        field: "end, where result is rejected or unanswered",
        reason: "an association that never was cannot end; the contract leaves open which word stands there",
        level: |association| {
            if matches!(association["result"].as_str(), Some("rejected" | "unanswered"))
                && association["abort"].is_null()
            {
                association["end"] = json!(null);
            }
        },
    },
    Difference {
        field: "all but operations, where result is start-missed",
        reason: "nothing of the negotiation was seen, and tshark knows no such association at all",
        level: |association| {
            if association["result"] == "start-missed" {
                *association = json!({"result": "start-missed", "operations": association["operations"]});
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
