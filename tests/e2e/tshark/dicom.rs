//! tshark's DICOM, in the words of the contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::dimse::{Dialogue, Fragment};
use super::dissect::{Unit, streams};
use super::pdml::Node;
use super::view::Entry;

/// Every association of a capture, one entry each.
pub(super) fn associations(units: &[Unit]) -> Vec<Entry> {
    streams(units, "dicom").iter().flat_map(|units| of_stream(units)).collect()
}

fn of_stream(units: &[&Unit]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut dialogue = Dialogue::default();
    for unit in units {
        let kind = unit.node.number_of("dicom.pdu.type");
        let fragments = dialogue.fragments(unit);
        if kind == Some(1) {
            entries.push(Entry::between(&unit.from, &unit.to, request(&unit.node)));
        } else if entries.is_empty() {
            entries.push(start_missed(unit, fragments.iter().any(Fragment::is_answer)));
        }
        let Some(Entry { value: association, .. }) = entries.last_mut() else { continue };
        match kind {
            Some(2) => accept(association, &unit.node),
            Some(3) => reject(association, &unit.node),
            Some(4) => fragments.iter().for_each(|fragment| fragment.count(association)),
            Some(5) => association["end"] = json!("released"),
            Some(7) => abort(association, &unit.node),
            _ => {}
        }
    }
    entries
}

/// A capture that begins inside an association: whoever asks first is taken as the client.
fn start_missed(unit: &Unit, answers: bool) -> Entry {
    let (client, server) = if answers { (&unit.to, &unit.from) } else { (&unit.from, &unit.to) };
    let mut value = request(&Node::default());
    value["result"] = json!("start-missed");
    Entry::between(client, server, value)
}

/// A-ASSOCIATE-RQ (PS3.8 section 9.3.2).
fn request(pdu: &Node) -> Value {
    let contexts = presentation_contexts(pdu).into_iter().map(|(id, item)| {
        json!({
            "id": id, "abstract_syntax": item.text_of("dicom.pctx.abss.syntax"), "result": "unanswered",
            "proposed_transfer_syntaxes": texts(item, "dicom.pctx.xfer.syntax"), "transfer_syntax": null,
            "scu_role": null, "scp_role": null,
        })
    });
    let mut value = json!({
        "calling_ae": pdu.text_of("dicom.assoc.ae.calling"), "called_ae": pdu.text_of("dicom.assoc.ae.called"),
        "result": "unanswered", "end": "open", "count": 1, "rejection": null, "abort": null,
        "user_identity_type": pdu.number_of("dicom.userinfo.user_identify.type"), "async_operations": null,
        "extended_negotiation": extended(pdu), "contexts": contexts.collect::<Vec<_>>(), "operations": {},
        "move_destinations": [], "move_originators": [],
    });
    implementation(&mut value, "client", pdu);
    implementation(&mut value, "server", &Node::default());
    negotiate(&mut value, pdu);
    value
}

/// A-ASSOCIATE-AC (PS3.8 section 9.3.3).
fn accept(association: &mut Value, pdu: &Node) {
    association["result"] = json!("accepted");
    implementation(association, "server", pdu);
    negotiate(association, pdu);
    let answers = presentation_contexts(pdu);
    for context in association["contexts"].as_array_mut().into_iter().flatten() {
        let id = context["id"].as_u64();
        let Some(item) = id.and_then(|id| answers.get(&id)) else { continue };
        let result = item.number_of("dicom.pctx.result");
        context["result"] = json!(match result {
            Some(0) => "accepted",
            Some(1) => "user-rejection",
            Some(3) => "abstract-syntax-not-supported",
            Some(4) => "transfer-syntaxes-not-supported",
            _ => "no-reason",
        });
        if result == Some(0) {
            context["transfer_syntax"] = json!(item.text_of("dicom.pctx.xfer.syntax"));
        }
    }
}

/// Roles (PS3.7 section D.3.3.4) and the asynchronous operations window (D.3.3.3): what the answer says, else what the
/// request asked for.
fn negotiate(association: &mut Value, pdu: &Node) {
    for role in pdu.all("dicom.userinfo.rolesel") {
        let uid = role.text_of("dicom.userinfo.rolesel.sopclassuid");
        for context in association["contexts"].as_array_mut().into_iter().flatten() {
            if context["abstract_syntax"].as_str() == uid.as_deref() {
                for side in ["scu", "scp"] {
                    let flag = role.number_of(&format!("dicom.userinfo.rolesel.{side}role"));
                    context[format!("{side}_role")] = json!(flag.map(|flag| flag != 0));
                }
            }
        }
    }
    let number = |field: &str| pdu.number_of(&format!("dicom.userinfo.asyncneg.maxnumops{field}"));
    if let (Some(invoked), Some(performed)) = (number("inv"), number("per")) {
        association["async_operations"] = json!({"invoked": invoked, "performed": performed});
    }
}

/// SOP classes of items 56H and 57H (PS3.7 sections D.3.3.5 and D.3.3.6); tshark does not know the latter.
fn extended(pdu: &Node) -> BTreeSet<String> {
    let common = pdu.all("dicom.userinfo.unknown").into_iter().filter_map(|item| {
        let (length, rest) = item.first("dicom.userinfo.data")?.value.split_first_chunk::<2>()?;
        let uid = rest.get(..u16::from_be_bytes(*length).into())?;
        (item.number_of("dicom.assoc.item.type") == Some(0x57)).then(|| crate::support::process::text(uid))
    });
    texts(pdu, "dicom.userinfo.extneg.sopclassuid").into_iter().chain(common).collect()
}

/// A-ASSOCIATE-RJ (PS3.8 section 9.3.4).
fn reject(association: &mut Value, pdu: &Node) {
    let number = |field: &str| pdu.number_of(&format!("dicom.assoc.reject.{field}"));
    association["result"] = json!("rejected");
    association["rejection"] =
        json!({"result": number("result"), "source": number("source"), "reason": number("reason")});
}

/// A-ABORT (PS3.8 section 9.3.8).
fn abort(association: &mut Value, pdu: &Node) {
    let number = |field: &str| pdu.number_of(&format!("dicom.assoc.abort.{field}"));
    association["end"] = json!("aborted");
    association["abort"] = json!({"source": number("source"), "reason": number("reason")});
}

/// The presentation contexts of a request or an answer, by id.
fn presentation_contexts(pdu: &Node) -> BTreeMap<u64, &Node> {
    let body = pdu.children.iter().flat_map(|body| &body.children);
    body.filter_map(|item| Some((item.children.iter().find(|f| f.name == "dicom.pctx.id")?.number()?, item))).collect()
}

fn implementation(association: &mut Value, side: &str, pdu: &Node) {
    association[format!("{side}_implementation_uid")] = json!(pdu.text_of("dicom.userinfo.uid"));
    association[format!("{side}_implementation_version")] = json!(pdu.text_of("dicom.userinfo.version"));
    association[format!("{side}_max_pdu")] = json!(pdu.number_of("dicom.max_pdu_len"));
}

fn texts(node: &Node, name: &str) -> Vec<String> {
    node.all(name).into_iter().map(Node::text).collect()
}
