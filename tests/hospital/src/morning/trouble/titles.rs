//! AE titles that tools bring along.

use super::{by_title, caller};
use crate::{
    dicom::{
        Command,
        uid::{IMPLICIT_LITTLE, VERIFICATION},
    },
    morning::{
        applications::{DCMTK_354, DCMTK_366, PYNETDICOM},
        archives::{Archives, forward},
        leases::{Client, WINDOWS_10},
        objects::Object,
        site::{IMAGING, OFFICE},
        stage::{SECOND, Stage},
        truth::Device,
    },
};

/// Called AE title not recognised.
const CALLED: u8 = 7;

pub(super) fn happen(stage: &mut Stage, archives: &Archives, studies: &[Vec<Object>]) {
    research(stage, archives, studies);
    physicist(stage, archives);
    service(stage, archives);
}

/// The research archive kept the title it came with: it is called and calls by it.
fn research(stage: &mut Stage, archives: &Archives, studies: &[Vec<Object>]) {
    stage.found_title("medium", &archives.research.host, "ORTHANC");
    let all: Vec<Object> = studies.iter().filter_map(|study| study.first()).cloned().collect();
    let at = stage.moment(33, 30);
    forward(stage, &archives.main, &archives.research, &all, false, at);
    let mut association =
        stage.open(&archives.research, &archives.main, &[(VERIFICATION, IMPLICIT_LITTLE)], at - 9 * SECOND);
    association.exchange(1, &Command::c_echo_rq(1), None);
    stage.keep(association.release());
}

/// A script under its toolkit's title is turned away.
fn physicist(stage: &mut Stage, archives: &Archives) {
    let host = stage.pooled(OFFICE, [0x6c, 0x0b, 0x5e], 128);
    let host = stage.device(host, Device::of("workstation"));
    let at = stage.moment(1, 60);
    Client::windows(&WINDOWS_10, "PHYSICS-2").lease(stage, &host, at);
    let client = caller(host, "PYNETDICOM", PYNETDICOM);
    stage.found_title("low", &host, "PYNETDICOM");
    for minute in [10, 20] {
        let at = stage.moment(minute, 60);
        let call = by_title(&client, "LONGTERM", &[(VERIFICATION, IMPLICIT_LITTLE)]);
        let tried = stage.rejected(&client, &archives.long_term, call, 3, at);
        stage.keep(tried);
    }
}

/// A service engineer looks whether anybody is there, under the titles of the tool. One archive is particular, a scanner's
/// old workstation is not.
fn service(stage: &mut Stage, archives: &Archives) {
    let host = stage.fixed(IMAGING, [0x00, 0x1e, 0x67], 64);
    let host = stage.device(host, Device::default());
    let client = caller(host, "ECHOSCU", DCMTK_366);
    stage.found_title("medium", &host, "ECHOSCU");
    stage.found_title("low", &host, "ANY-SCP");
    let proposals = [(VERIFICATION, IMPLICIT_LITTLE)];
    let at = stage.moment(24, 60);
    let tried = stage.rejected(&client, &archives.main, by_title(&client, "ANY-SCP", &proposals), CALLED, at);
    stage.keep(tried);

    let old = stage.fixed(IMAGING, [0x00, 0x30, 0x6e], 64);
    let old = caller(stage.device(old, Device::default()), "STORESCP", DCMTK_354);
    stage.found_title("medium", &old.host, "STORESCP");
    let mut association = stage.open(&client, &old, &proposals, at + 20 * SECOND);
    association.exchange(1, &Command::c_echo_rq(1), None);
    stage.keep(association.release());
}
