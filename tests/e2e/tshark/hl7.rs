//! tshark's HL7, in the words of the contract.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dissect::{Endpoint, Unit, streams};
use super::pdml::Node;
use super::view::Entry;

/// Every message of a capture as a link of its own (equal ones are summed later), and how many messages, with
/// acknowledgements, each conversation has.
pub(super) fn links(units: &[Unit], ports: &[u64]) -> (Vec<Entry>, BTreeMap<String, u64>) {
    let mut messages = BTreeMap::new();
    let streams = streams(units, "hl7");
    (streams.iter().flat_map(|units| of_stream(units, ports, &mut messages)).collect(), messages)
}

/// A message that waits for its acknowledgement.
struct Waiting {
    from: Endpoint,
    control_id: String,
    entry: Entry,
}

fn of_stream(units: &[&Unit], ports: &[u64], count: &mut BTreeMap<String, u64>) -> Vec<Entry> {
    let mut sent: Vec<Waiting> = Vec::new();
    let mut others = Vec::new();
    for unit in units {
        let client_speaks = ports.contains(&unit.to.1);
        let (client, server) = if client_speaks { (&unit.from, &unit.to) } else { (&unit.to, &unit.from) };
        for message in messages(&unit.node) {
            let entry = Entry::between(client, server, message.link);
            *count.entry(entry.conversation()).or_default() += 1;
            if let Some((code, answered)) = message.acknowledges {
                if !message.kind.starts_with("ACK") {
                    // An answer with content of its own, such as ORL: a message too, which nobody need acknowledge.
                    let mut own = entry.clone();
                    own.value["unacknowledged"] = json!(0);
                    others.push(own);
                }
                let asked = sent.iter_mut().rev().find(|one| one.from != unit.from && one.control_id == answered);
                match asked {
                    Some(Waiting { entry, .. }) => acknowledge(&mut entry.value, &code),
                    None => others.push(answered_by(entry, &code)),
                }
                continue;
            }
            sent.push(Waiting { from: unit.from.clone(), control_id: message.control_id, entry });
        }
    }
    sent.into_iter().map(|waiting| waiting.entry).chain(others).collect()
}

fn acknowledge(link: &mut Value, code: &str) {
    let count = &mut link["acknowledgements"][code];
    *count = json!(count.as_u64().unwrap_or(0) + 1);
    link["unacknowledged"] = json!(0);
}

/// The link of a message that was not seen, from what answered it: sender and receiver exchanged.
fn answered_by(mut entry: Entry, code: &str) -> Entry {
    let link = &mut entry.value;
    for field in ["application", "facility"] {
        let sender = link[format!("sending_{field}")].take();
        link[format!("sending_{field}")] = link[format!("receiving_{field}")].take();
        link[format!("receiving_{field}")] = sender;
    }
    link["message_types"] = json!({});
    acknowledge(link, code);
    entry
}

struct Message {
    control_id: String,
    /// MSH-9.
    kind: String,
    /// MSA-1 and MSA-2.
    acknowledges: Option<(String, String)>,
    link: Value,
}

/// A block may hold several messages (a batch); each begins at its MSH.
fn messages(block: &Node) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut separator = b'|';
    for segment in block.all("hl7.segment") {
        if segment.value.starts_with(b"MSH") {
            separator = segment.value.get(3).copied().unwrap_or(separator);
        }
        let field = |number| field(segment, separator, number);
        match (field(0).as_str(), messages.last_mut()) {
            // MSH-1 is the separator itself, so that MSH-n stands at n - 1.
            ("MSH", _) => {
                let link = link(|number: usize| Some(field(number - 1)).filter(|text| !text.is_empty()));
                messages.push(Message { control_id: field(9), kind: field(8), acknowledges: None, link });
            }
            ("MSA", Some(message)) => message.acknowledges = Some((field(1), field(2))),
            _ => {}
        }
    }
    messages
}

fn link(field: impl Fn(usize) -> Option<String>) -> Value {
    let repetition = field(2).and_then(|delimiters| delimiters.chars().nth(1)).unwrap_or('~');
    let profiles: Vec<_> = field(21).iter().flat_map(|all| all.split(repetition)).map(str::to_owned).collect();
    json!({
        "sending_application": field(3), "sending_facility": field(4),
        "receiving_application": field(5), "receiving_facility": field(6),
        "version": field(12), "charset": field(18), "processing_id": field(11), "profiles": profiles,
        "message_types": {field(9).unwrap_or_default(): 1}, "acknowledgements": {}, "unacknowledged": 1,
    })
}

/// The field at a place of a segment. tshark leaves empty fields out and shows the place only in a text, so its
/// segments are split here.
fn field(segment: &Node, separator: u8, number: usize) -> String {
    let field = segment.value.trim_ascii_end().split(|&byte| byte == separator).nth(number);
    decoded(field.unwrap_or_default()).trim().to_owned()
}

/// UTF-8 where it is that, else ISO 8859-1: the two character sets these captures have.
fn decoded(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}
