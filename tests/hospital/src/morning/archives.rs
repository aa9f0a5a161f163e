//! The archives: the one of the hospital, the long-term one behind it, the one of a partner hospital, and a research one.

use super::{
    applications::{DCM4CHE, DCM4CHE_OLD, DCMTK_366, Entity, context},
    imaging::{proposals_of, send_all},
    objects::{Equipment, Object, object},
    people::patient,
    site::{IMAGING, SERVERS},
    stage::{SECOND, Stage},
    truth::Device,
};
use crate::{
    dicom::{
        Command, DataSet, Syntax,
        uid::{CT_IMAGE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, MR_IMAGE, STUDY_ROOT_FIND},
    },
    tcp::Side,
};

/// All of them.
pub(super) struct Archives {
    /// Where modalities store.
    pub(super) main: Entity,
    /// Where the main one forwards to.
    pub(super) long_term: Entity,
    /// Of another hospital, at the other end of a private line: its address is of the shared space (RFC 6598), which is
    /// not the Internet.
    pub(super) partner: Entity,
    /// Of the researchers.
    pub(super) research: Entity,
}

/// Brings them in.
pub(super) fn arrive(stage: &mut Stage) -> Archives {
    let main = stage.fixed(IMAGING, [0x00, 0x14, 0x4f], 64);
    let main = stage.device(main, Device::of("archive"));
    let long_term = stage.fixed(SERVERS, [0x00, 0x14, 0x4f], 64);
    let long_term = stage.device(long_term, Device::of("archive"));
    let partner = stage.elsewhere([100, 72, 5], 60);
    let partner = stage.device(partner, Device::of("archive"));
    let research = stage.fixed(IMAGING, [0xd8, 0x9e, 0xf3], 64);
    let research = stage.device(research, Device::of("archive"));
    let entity = |host, title: &str, port, software| Entity { host, title: title.to_owned(), port, software };
    Archives {
        main: entity(main, "MAIN_ARCHIVE", 104, DCM4CHE),
        long_term: entity(long_term, "LONGTERM", 11_112, DCM4CHE_OLD),
        partner: entity(partner, "PARTNER_IMG", 11_112, DCM4CHE),
        research: entity(research, "ORTHANC", 4_242, DCMTK_366),
    }
}

/// A scanner that was taken away years ago; its images are still there.
pub(super) fn gone(stage: &mut Stage, archives: &Archives) -> Vec<Object> {
    let equipment = Equipment {
        modality: "MR",
        class: MR_IMAGE,
        manufacturer: "Philips Medical Systems",
        model: "Gyroscan Intera",
        serial: stage.dice.digits(6),
        software: "NT 9.1.1",
        station: "MR-CELLAR".to_owned(),
        syntax: EXPLICIT_BIG,
    };
    stage.behind(&archives.main.host, scanner("mr-scanner", "Philips", &equipment));
    let of = patient(&mut stage.dice);
    (0..2).map(|_| object(stage, &of, &equipment)).collect()
}

fn scanner(class: &'static str, manufacturer: &str, equipment: &Equipment) -> Device {
    Device::of(class).made(manufacturer, equipment.model, &equipment.serial)
}

/// The main archive sends what it got to another one. Sometimes the mirror misses some of it.
pub(super) fn forward(stage: &mut Stage, from: &Entity, to: &Entity, made: &[Object], is_lossy: bool, at: u64) {
    let proposals = proposals_of(made);
    let mut association = stage.open(from, to, &proposals, at);
    send_all(&mut association, &proposals, made, None);
    let conversation = association.release();
    // In the middle of pixels, where nothing is told.
    let middle: Vec<usize> = conversation.data(Side::Client).iter().rev().skip(3).take(1).copied().collect();
    stage.keep(if is_lossy { conversation.lose(&middle) } else { conversation });
}

/// A partner sends a study of its own scanner, and is asked what else it has.
pub(super) fn partnership(stage: &mut Stage, archives: &Archives, made: &[Object], at: u64) {
    let equipment = Equipment {
        modality: "CT",
        class: CT_IMAGE,
        manufacturer: "TOSHIBA",
        model: "Aquilion ONE",
        serial: format!("1CA{}", stage.dice.digits(6)),
        software: "V7.41ER009",
        station: "PARTNER-CT".to_owned(),
        syntax: EXPLICIT_LITTLE,
    };
    stage.behind(&archives.partner.host, scanner("ct-scanner", "Canon Medical", &equipment));
    let of = patient(&mut stage.dice);
    let foreign: Vec<Object> = (0..3).map(|_| object(stage, &of, &equipment)).collect();
    forward(stage, &archives.partner, &archives.main, &foreign, false, at);
    let (main, partner) = (&archives.main, &archives.partner);
    let mut association = stage.open(main, partner, &[(STUDY_ROOT_FIND, IMPLICIT_LITTLE)], at + 9 * SECOND);
    find(&mut association, &of.name, 2);
    stage.keep(association.release());
    // It takes whatever the hospital sends.
    forward(stage, main, partner, made, false, at + 20 * SECOND);
}

/// Asks for the studies of a patient, of which there are so many.
pub(super) fn find(association: &mut crate::dicom::Association, name: &str, studies: u32) {
    let set = |instance: &str| {
        let set = DataSet::new().text(0x0008_0052, b"CS", "STUDY").text(0x0010_0010, b"PN", name);
        set.text(0x0020_000d, b"UI", instance).write(Syntax::ImplicitLittle)
    };
    let ask = Command::c_find_rq(1, STUDY_ROOT_FIND);
    association.request(context(0), &ask, Some(&set("")));
    for number in 0..studies {
        let found = set(&super::objects::instance(1 + number));
        association.respond(context(0), &ask.response(0xff00), Some(&found));
    }
    association.respond(context(0), &ask.response(0), None);
}
