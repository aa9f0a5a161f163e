//! Two views of one capture, held against each other field by field.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::differences::{ASSOCIATIONS, Difference, LINKS};
use super::view::{Entry, View};

/// Every disagreement, one line each; empty where the two say the same.
pub(super) fn disagreements(ours: &View, tshark: &View) -> Vec<String> {
    let mut lines = lists(&ours.associations, &tshark.associations, ASSOCIATIONS);
    lines.extend(lists(&ours.links, &tshark.links, LINKS));
    lines
}

fn lists(ours: &[Entry], tshark: &[Entry], rules: &[Difference]) -> Vec<String> {
    let (ours, tshark) = (by_conversation(ours, rules), by_conversation(tshark, rules));
    let mut lines = Vec::new();
    for conversation in ours.keys().chain(tshark.keys().filter(|key| !ours.contains_key(*key))) {
        let side = |all: &BTreeMap<String, Vec<Value>>| all.get(conversation).cloned().unwrap_or_default();
        let (mut ours, mut tshark) = (side(&ours), side(&tshark));
        for (mine, theirs) in ours.iter_mut().zip(&mut tshark) {
            settle(mine, theirs);
        }
        compare(conversation, &json!(ours), &json!(tshark), &mut lines);
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

/// What is negotiated has two values, asked and granted, and the contract one field: ours may be either.
fn settle(ours: &mut Value, tshark: &mut Value) {
    if let Some(both) = tshark.as_object().filter(|both| both.contains_key("asked")) {
        *ours = numbers(ours);
        let agreed = both.values().map(numbers).find(|value| value == ours);
        *tshark = agreed.unwrap_or_else(|| tshark.clone());
        return;
    }
    match (ours, tshark) {
        (Value::Object(ours), Value::Object(tshark)) => {
            for (name, mine) in ours {
                if let Some(theirs) = tshark.get_mut(name) {
                    settle(mine, theirs);
                }
            }
        }
        (Value::Array(ours), Value::Array(tshark)) => {
            ours.iter_mut().zip(tshark).for_each(|(mine, theirs)| settle(mine, theirs));
        }
        _ => {}
    }
}

/// A role or a window as numbers, whatever its shape: true is 1, an object is its values.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(u8::from(*flag)),
        Value::Object(fields) => json!(fields.values().collect::<Vec<_>>()),
        _ => value.clone(),
    }
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
