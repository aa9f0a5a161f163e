//! tshark's DICOM, in the words of the contract.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dimse::{self, Commands};
use super::dissect::{Unit, streams};
use super::pdml::Node;
use super::view::Entry;

/// Every association of a capture, one entry each.
pub(super) fn associations(units: &[Unit]) -> Vec<Entry> {
    streams(units, "dicom").iter().flat_map(|units| of_stream(units)).collect()
}

fn of_stream(units: &[&Unit]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut commands = Commands::default();
    for unit in units {
        let kind = unit.node.number_of("dicom.pdu.type");
        if kind == Some(1) {
            entries.push(Entry::between(&unit.from, &unit.to, request(&unit.node)));
        }
        let ended = commands.ended_in(unit);
        if entries.is_empty() {
            entries.push(start_missed(unit, ended.iter().any(dimse::Command::is_answer)));
        }
        let Some(Entry { value: association, .. }) = entries.last_mut() else { continue };
        match kind {
            Some(2) => accept(association, &unit.node),
            Some(3) => reject(association, &unit.node),
            Some(4) => ended.iter().for_each(|command| command.count(&mut association["operations"])),
            Some(6) => association["end"] = json!("released"),
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
    let roles = roles(pdu);
    let contexts = presentation_contexts(pdu).map(|(id, item)| {
        let abstract_syntax = item.text_of("dicom.pctx.abss.syntax");
        let role = abstract_syntax.as_ref().and_then(|uid| roles.get(uid)).copied();
        json!({
            "id": id, "abstract_syntax": abstract_syntax, "result": "unanswered", "transfer_syntax": null,
            "proposed_transfer_syntaxes": texts(item, "dicom.pctx.xfer.syntax"),
            "scu_role": {"asked": role.map(|role| role.0), "granted": null},
            "scp_role": {"asked": role.map(|role| role.1), "granted": null},
        })
    });
    let mut value = json!({
        "calling_ae": pdu.text_of("dicom.assoc.ae.calling"), "called_ae": pdu.text_of("dicom.assoc.ae.called"),
        "result": "unanswered", "end": "open", "count": 1, "rejection": null, "abort": null,
        "user_identity_type": pdu.number_of("dicom.userinfo.user_identify.type"),
        "async_operations": {"asked": window(pdu), "granted": null},
        "extended_negotiation": texts(pdu, "dicom.userinfo.extneg.sopclassuid"),
        "contexts": contexts.collect::<Vec<_>>(), "operations": {},
    });
    implementation(&mut value, "client", pdu);
    implementation(&mut value, "server", &Node::default());
    value
}

/// A-ASSOCIATE-AC (PS3.8 section 9.3.3).
fn accept(association: &mut Value, pdu: &Node) {
    association["result"] = json!("accepted");
    association["async_operations"]["granted"] = json!(window(pdu));
    implementation(association, "server", pdu);
    let roles = roles(pdu);
    for context in association["contexts"].as_array_mut().into_iter().flatten() {
        let id = context["id"].as_u64();
        let Some((_, item)) = presentation_contexts(pdu).find(|(answered, _)| *answered == id) else { continue };
        let result = item.number_of("dicom.pctx.result");
        context["result"] = json!(match result {
            Some(0) => "accepted",
            Some(1) => "user-rejection",
            Some(2) => "no-reason",
            Some(3) => "abstract-syntax-not-supported",
            Some(4) => "transfer-syntaxes-not-supported",
            _ => "unknown",
        });
        if result == Some(0) {
            context["transfer_syntax"] = json!(item.text_of("dicom.pctx.xfer.syntax"));
        }
        if let Some((scu, scp)) = context["abstract_syntax"].as_str().and_then(|uid| roles.get(uid)).copied() {
            context["scu_role"]["granted"] = json!(scu);
            context["scp_role"]["granted"] = json!(scp);
        }
    }
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

fn presentation_contexts(pdu: &Node) -> impl Iterator<Item = (Option<u64>, &Node)> {
    let body = pdu.children.iter().flat_map(|body| &body.children);
    body.filter_map(|item| Some((Some(item.children.iter().find(|f| f.name == "dicom.pctx.id")?.number()?), item)))
}

fn implementation(association: &mut Value, side: &str, pdu: &Node) {
    association[format!("{side}_implementation_uid")] = json!(pdu.text_of("dicom.userinfo.uid"));
    association[format!("{side}_implementation_version")] = json!(pdu.text_of("dicom.userinfo.version"));
    association[format!("{side}_max_pdu")] = json!(pdu.number_of("dicom.max_pdu_len"));
}

/// SCP/SCU role selection by SOP class (PS3.7 section D.3.3.4).
fn roles(pdu: &Node) -> BTreeMap<String, (u64, u64)> {
    let role = |node: &Node| {
        let number = |field: &str| node.number_of(&format!("dicom.userinfo.rolesel.{field}"));
        Some((node.text_of("dicom.userinfo.rolesel.sopclassuid")?, (number("scurole")?, number("scprole")?)))
    };
    pdu.all("dicom.userinfo.rolesel").into_iter().filter_map(role).collect()
}

fn window(pdu: &Node) -> Option<[u64; 2]> {
    let number = |field: &str| pdu.number_of(&format!("dicom.userinfo.asyncneg.maxnumops{field}"));
    Some([number("inv")?, number("per")?])
}

fn texts(node: &Node, name: &str) -> Vec<String> {
    node.all(name).into_iter().map(Node::text).collect()
}
