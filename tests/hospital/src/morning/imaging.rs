//! Imaging: worklist, performed procedure step, storage and its commitment, as modalities go through them.

use super::{
    applications::{Entity, MERGECOM, context},
    modalities::Modality,
    objects::{self, Object, about, instance, object},
    people::{DESCRIPTION, OPERATOR, PHYSICIAN, Patient, patient},
    site::SERVERS,
    stage::{SECOND, Stage},
    truth::Device,
};
use crate::dicom::{
    Association, Command, DataSet, Lengths, Syntax,
    uid::{
        EXPLICIT_LITTLE, IMPLICIT_LITTLE, PERFORMED_STEP, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE,
        VERIFICATION, WORKLIST,
    },
};

/// Where the worklist server listens: nobody would look for DICOM there.
const WORKLIST_PORT: u16 = 4_100;

/// The worklist server, which is also the radiology information system.
pub(super) fn worklist_server(stage: &mut Stage) -> Entity {
    let host = stage.fixed(SERVERS, [0xd0, 0x67, 0xe5], 128);
    let host = stage.device(host, Device::of("worklist-server"));
    Entity { host, title: "RISWL".to_owned(), port: WORKLIST_PORT, software: MERGECOM }
}

/// An examination: what the modality asks, reports and stores. Returns what it stored, and when it was done.
pub(super) fn examination(
    stage: &mut Stage,
    modality: &Modality,
    worklist: &Entity,
    archive: &Entity,
    at: u64,
) -> (Vec<Object>, u64) {
    let of = patient(&mut stage.dice);
    let step = instance(stage.number());
    let later = |stage: &mut Stage, low: u64, high: u64| stage.dice.between::<u64>(low * SECOND, high * SECOND);
    let mut now = at;
    if modality.is_scheduled {
        query(stage, modality, worklist, &of, now);
        now += later(stage, 8, 20);
        begin(stage, modality, worklist, &of, &step, now);
        now += later(stage, 40, 90);
    } else {
        echo(stage, modality, archive, now);
        now += later(stage, 5, 20);
    }
    let made: Vec<Object> =
        (0..stage.dice.between::<u8>(2, 4)).map(|_| object(stage, &of, &modality.equipment)).collect();
    store(stage, &modality.entity, archive, &made, now);
    now += later(stage, 3, 8);
    if modality.is_scheduled {
        commit(stage, modality, archive, &made, now);
        now += later(stage, 4, 10);
        end(stage, modality, worklist, &step, &made, now);
    }
    (made, now)
}

/// Is anybody there?
fn echo(stage: &mut Stage, modality: &Modality, archive: &Entity, at: u64) {
    let mut association = stage.open(&modality.entity, archive, &[(VERIFICATION, IMPLICIT_LITTLE)], at);
    association.exchange(1, &Command::c_echo_rq(1), None);
    stage.keep(association.release());
}

fn query(stage: &mut Stage, modality: &Modality, worklist: &Entity, of: &Patient, at: u64) {
    let mut association = stage.open(&modality.entity, worklist, &[(WORKLIST, IMPLICIT_LITTLE)], at);
    let step = DataSet::new()
        .text(0x0008_0060, b"CS", modality.equipment.modality)
        .text(0x0040_0001, b"AE", &modality.entity.title)
        .text(0x0040_0002, b"DA", "20261102")
        .text(0x0040_0010, b"SH", &modality.equipment.station);
    let steps = std::slice::from_ref(&step);
    let keys = DataSet::new().text(0x0010_0010, b"PN", "").text(0x0010_0020, b"LO", "");
    let keys = keys.sequence(0x0040_0100, Lengths::Undefined, steps);
    let find = Command::c_find_rq(1, WORKLIST);
    association.request(1, &find, Some(&keys.write(Syntax::ImplicitLittle)));
    for of in [of, &patient(&mut stage.dice)] {
        let item = step.clone().text(0x0040_0006, b"PN", PHYSICIAN).text(0x0040_0007, b"LO", DESCRIPTION);
        let answer = about(of).sequence(0x0040_0100, Lengths::Defined, &[item]);
        association.respond(1, &find.response(0xff00), Some(&answer.write(Syntax::ImplicitLittle)));
    }
    association.respond(1, &find.response(0), None);
    stage.keep(association.release());
}

fn begin(stage: &mut Stage, modality: &Modality, worklist: &Entity, of: &Patient, step: &str, at: u64) {
    let mut association = stage.open(&modality.entity, worklist, &[(PERFORMED_STEP, EXPLICIT_LITTLE)], at);
    let scheduled = DataSet::new().text(0x0008_0050, b"SH", &of.accession).text(0x0020_000d, b"UI", &instance(1));
    let set = about(of)
        .text(0x0008_0060, b"CS", modality.equipment.modality)
        .text(0x0040_0241, b"AE", &modality.entity.title)
        .text(0x0040_0242, b"SH", &modality.equipment.station)
        .text(0x0040_0244, b"DA", "20261102")
        .text(0x0040_0252, b"CS", "IN PROGRESS")
        .text(0x0040_0254, b"LO", DESCRIPTION)
        .sequence(0x0040_0270, Lengths::Defined, &[scheduled]);
    let create = Command::n_create_rq(1, PERFORMED_STEP, step);
    association.exchange(1, &create, Some(&set.write(Syntax::ExplicitLittle)));
    stage.keep(association.release());
}

fn end(stage: &mut Stage, modality: &Modality, worklist: &Entity, step: &str, made: &[Object], at: u64) {
    let mut association = stage.open(&modality.entity, worklist, &[(PERFORMED_STEP, EXPLICIT_LITTLE)], at);
    let series = DataSet::new().text(0x0008_1050, b"PN", PHYSICIAN).text(0x0008_1070, b"PN", OPERATOR);
    let series = series.sequence(0x0008_1140, Lengths::Defined, &references(made));
    let change = DataSet::new().text(0x0040_0252, b"CS", "COMPLETED");
    let change = change.sequence(0x0040_0340, Lengths::Undefined, &[series]);
    let set = Command::n_set_rq(1, PERFORMED_STEP, step);
    association.exchange(1, &set, Some(&change.write(Syntax::ExplicitLittle)));
    stage.keep(association.release());
}

fn references(made: &[Object]) -> Vec<DataSet> {
    let reference = |object: &Object| {
        DataSet::new().text(0x0008_1150, b"UI", object.class).text(0x0008_1155, b"UI", &object.instance)
    };
    made.iter().map(reference).collect()
}

/// Stores objects of one class, on an association that could also verify.
pub(super) fn store(stage: &mut Stage, from: &Entity, to: &Entity, made: &[Object], at: u64) {
    let Some(first) = made.first() else { return };
    let proposals = [(first.class, first.syntax), (VERIFICATION, IMPLICIT_LITTLE)];
    let mut association = stage.open(from, to, &proposals, at);
    for (message, object) in (1..).zip(made) {
        send(&mut association, 1, message, object, None);
    }
    stage.keep(association.release());
}

/// Sends an object, maybe on somebody's behalf.
pub(super) fn send(on: &mut Association, id: u8, message: u16, object: &Object, moved_for: Option<&str>) {
    let command = Command::c_store_rq(message, object.class, &object.instance);
    let command = match moved_for {
        Some(title) => command.moved_for(title, 1),
        None => command,
    };
    on.exchange(id, &command, Some(&object.bytes));
}

/// The modality asks the archive to be responsible; the archive calls back (PS3.4, annex J).
fn commit(stage: &mut Stage, modality: &Modality, archive: &Entity, made: &[Object], at: u64) {
    let transaction = instance(stage.number());
    let set = DataSet::new().text(0x0008_1195, b"UI", &transaction);
    let set = set.sequence(0x0008_1199, Lengths::Defined, &references(made)).write(Syntax::ImplicitLittle);
    let proposals = [(STORAGE_COMMITMENT, IMPLICIT_LITTLE)];
    let mut asking = stage.open(&modality.entity, archive, &proposals, at);
    let action = Command::n_action_rq(1, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE);
    asking.exchange(context(0), &action, Some(&set));
    stage.keep(asking.release());
    let mut call = super::applications::Call::between(archive, &modality.entity, &proposals);
    call.provides = &[STORAGE_COMMITMENT];
    let mut telling = stage.associate(archive, &modality.entity, call, at + SECOND);
    let event = Command::n_event_report_rq(1, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE);
    telling.exchange(context(0), &event, Some(&set));
    stage.keep(telling.release());
}

/// All storage classes of some objects, each with a syntax.
pub(super) fn proposals_of(made: &[Object]) -> Vec<(&'static str, &'static str)> {
    let mut proposals: Vec<_> = made.iter().map(|object| (object.class, object.syntax)).collect();
    proposals.sort_unstable();
    proposals.dedup();
    proposals
}

/// Sends objects on an association that proposed [`proposals_of`] them.
pub(super) fn send_all(
    on: &mut Association,
    proposals: &[(&str, &str)],
    made: &[objects::Object],
    moved_for: Option<&str>,
) {
    for (message, object) in (1..).zip(made) {
        let wanted = (object.class, object.syntax);
        let position = proposals.iter().position(|proposal| *proposal == wanted).expect("a proposed class");
        send(on, context(position), message, object, moved_for);
    }
}
