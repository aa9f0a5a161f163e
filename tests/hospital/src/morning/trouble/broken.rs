//! PDUs that break the rules, and some that are only large.

use super::modality;
use crate::{
    dicom::{
        Command, abort, message, p_data,
        uid::{IMPLICIT_LITTLE, VERIFICATION},
    },
    morning::{
        applications::Entity, archives::Archives, modalities::Modality, objects::object, people::patient, stage::Stage,
    },
    tcp::Side,
};

pub(super) fn happen(stage: &mut Stage, archives: &Archives, modalities: &[Modality]) {
    overrun(stage, &modality(modalities, "SONO_ER").entity, &archives.main);
    oversize(stage, modality(modalities, "EPIQ7"), &archives.main);
}

/// A presentation data value that is longer than its PDU (PS3.8, 9.3.5.1), to which the archive puts an end.
fn overrun(stage: &mut Stage, client: &Entity, archive: &Entity) {
    let at = stage.moment(19, 60);
    let mut association = stage.open(client, archive, &[(VERIFICATION, IMPLICIT_LITTLE)], at);
    let mut pdu = p_data(1, true, &Command::c_echo_rq(1).bytes(false), 0);
    // The length of the value is the second one.
    if let Some(length) = pdu.get_mut(6..10) {
        length.copy_from_slice(&4_000_u32.to_be_bytes());
    }
    association.tcp().client(&pdu);
    // By the service provider, for an invalid PDU parameter value.
    association.tcp().server(&abort(2, 6));
    let conversation = association.into_tcp().reset(Side::Server);
    stage.keep(conversation);
    stage.found("D17", "medium", &client.host, Some(&archive.host));
}

/// An object in one PDU, longer than the archive said it wants, but well formed.
fn oversize(stage: &mut Stage, by: &Modality, archive: &Entity) {
    let of = patient(&mut stage.dice);
    let mut equipment = by.equipment.clone();
    equipment.syntax = IMPLICIT_LITTLE;
    let object = loop {
        let object = object(stage, &of, &equipment);
        if object.bytes.len() < 6_000 {
            break object;
        }
    };
    let at = stage.moment(34, 60);
    let small = Entity {
        software: crate::morning::applications::Software { max_pdu: 4_096, ..archive.software },
        ..archive.clone()
    };
    let mut association = stage.open(&by.entity, &small, &[(object.class, IMPLICIT_LITTLE)], at);
    let store = Command::c_store_rq(1, object.class, &object.instance);
    association.tcp().client(&message(1, &store, Some(&object.bytes), 0));
    association.respond(1, &store.response(0), None);
    stage.keep(association.release());
}
