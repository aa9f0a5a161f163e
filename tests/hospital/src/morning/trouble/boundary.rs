//! What crosses the boundary of the hospital in the clear, and what does so encrypted.

use super::{caller, modality};
use crate::{
    dicom::{
        Command,
        uid::{IMPLICIT_LITTLE, VERIFICATION},
    },
    morning::{
        applications::{Entity, FO_DICOM},
        archives::Archives,
        clinical::{Systems, external_results},
        habits,
        imaging::store,
        letters::Application,
        modalities::Modality,
        objects::object,
        people::patient,
        stage::{SECOND, Stage},
    },
};

const DICOM_TLS: u16 = 2_762;
const HTTPS: u16 = 443;

pub(super) fn happen(stage: &mut Stage, archives: &Archives, modalities: &[Modality], systems: &Systems) {
    let reader = stage.elsewhere([11, 44, 7], 49);
    let cloud = stage.elsewhere([11, 80, 32], 52);
    let reference = stage.elsewhere([11, 96, 3], 47);

    // A scanner sends a study to somebody who reads at home.
    let scanner = modality(modalities, "MR2_SIGNA");
    let of = patient(&mut stage.dice);
    let made: Vec<_> = (0..2).map(|_| object(stage, &of, &scanner.equipment)).collect();
    let home = Entity { host: reader, title: "HOMEREAD".to_owned(), port: 11_112, software: FO_DICOM };
    let at = stage.moment(21, 60);
    store(stage, &scanner.entity, &home, &made, at);
    stage.found("D22", "critical", &scanner.entity.host, None);

    // Somebody out there finds the research archive.
    let stranger = caller(reader, "IMGLINK", FO_DICOM);
    let at = stage.moment(30, 60);
    let mut association = stage.open(&stranger, &archives.research, &[(VERIFICATION, IMPLICIT_LITTLE)], at);
    association.exchange(1, &Command::c_echo_rq(1), None);
    stage.keep(association.release());
    stage.found("D22", "critical", &archives.research.host, None);

    // Results go to a laboratory in another town.
    let laboratory = Application::new(reference, "REFLAB", "TOWN");
    let at = stage.moment(28, 60);
    external_results(stage, systems, &laboratory, at);
    stage.found("H09", "critical", &systems.engine.host, None);

    // The long-term archive keeps a copy elsewhere, as it should.
    let client = &archives.long_term.host;
    for (port, minute) in [(DICOM_TLS, 12), (HTTPS, 32)] {
        let at = stage.moment(minute, 60);
        let names = stage.services;
        habits::name(stage, [client, &names], "copy.test", cloud.ip, at);
        let copy = habits::secure(stage, [client, &cloud], port, "copy.test", 3, at + SECOND);
        stage.keep(copy);
    }
}
