//! Two views of one capture, held against each other field by field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::differences::{ASSOCIATIONS, Difference, LINKS};
use super::view::{Entry, View};

/// Every disagreement, one line each; empty where the two say the same.
pub(super) fn disagreements(ours: &View, tshark: &View) -> Vec<String> {
    let mut lines = Vec::new();
    compare("messages", &json!(ours.messages), &json!(tshark.messages), &mut lines);
    lines.extend(lists(&ours.associations, &tshark.associations, ASSOCIATIONS));
    lines.extend(lists(&ours.links, &tshark.links, LINKS));
    lines
}

fn lists(ours: &[Entry], tshark: &[Entry], rules: &[Difference]) -> Vec<String> {
    let (ours, tshark) = (by_conversation(ours, rules), by_conversation(tshark, rules));
    let mut lines = Vec::new();
    for conversation in ours.keys().chain(tshark.keys().filter(|key| !ours.contains_key(*key))) {
        let side = |all: &BTreeMap<String, Vec<Value>>| all.get(conversation).cloned().unwrap_or_default();
        compare(conversation, &json!(side(&ours)), &json!(side(&tshark)), &mut lines);
    }
    lines
}

fn by_conversation(entries: &[Entry], rules: &[Difference]) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for entry in entries {
        let mut value = entry.value.clone();
        rules.iter().for_each(|rule| (rule.level)(&mut value));
        all.entry(entry.conversation()).or_default().push(value);
    }
    for list in all.values_mut() {
        list.sort_by_cached_key(|value| format!("{}{}{value}", value["calling_ae"], value["called_ae"]));
    }
    all
}

fn compare(path: &str, ours: &Value, tshark: &Value, lines: &mut Vec<String>) {
    match (ours, tshark) {
        (Value::Object(mine), Value::Object(theirs)) => {
            for name in mine.keys().chain(theirs.keys().filter(|name| !mine.contains_key(*name))) {
                compare(&format!("{path} {name}"), &ours[name], &tshark[name], lines);
            }
        }
        (Value::Array(mine), Value::Array(theirs)) if mine.len() == theirs.len() => {
            for (index, (mine, theirs)) in mine.iter().zip(theirs).enumerate() {
                compare(&format!("{path}[{index}]"), mine, theirs, lines);
            }
        }
        _ if ours == tshark => {}
        _ => lines.push(format!("{path}: ours {ours}, tshark {tshark}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(changed: &str) -> View {
        let document = json!({"conversations": [{
            "protocol": "dicom", "client_address": "10.0.0.11", "server_address": "10.0.0.20", "port": 104,
            "messages": 2, "detail": {"associations": [
                {"calling_ae": "A", "called_ae": "B", "result": "accepted", "contexts": [{"abstract_syntax": "1.2"}]},
                {"calling_ae": changed, "called_ae": "B", "result": "accepted", "contexts": []},
            ]},
        }]});
        View::ours(&document)
    }

    #[test]
    fn one_changed_field_is_one_disagreement() {
        assert_eq!(disagreements(&view("C"), &view("C")), Vec::<String>::new());
        let line = r#"10.0.0.11 -> 10.0.0.20:104[1] calling_ae: ours "C", tshark "D""#;
        assert_eq!(disagreements(&view("C"), &view("D")), [line]);
    }

    #[test]
    fn what_only_one_side_has_is_a_disagreement() {
        for (ours, tshark) in [(view("C"), View::default()), (View::default(), view("C"))] {
            assert_eq!(disagreements(&ours, &tshark).len(), 2, "the messages and the associations");
        }
    }
}
