//! Somebody guesses AE titles, and others only have them wrong.

use super::{by_title, caller, modality};
use crate::{
    dicom::{
        Command,
        uid::{IMPLICIT_LITTLE, VERIFICATION},
    },
    morning::{
        applications::{Entity, PYNETDICOM},
        archives::Archives,
        leases::{Client, WINDOWS_10},
        modalities::Modality,
        site::OFFICE,
        stage::{SECOND, Stage},
        truth::Device,
    },
};

/// Called AE title not recognised (PS3.8, 9.3.4), and calling.
const CALLED: u8 = 7;
const CALLING: u8 = 3;

/// What somebody tries who does not know.
const GUESSES: [&str; 14] = [
    "ARCHIVE",
    "ARCHIVE1",
    "PACS1",
    "PACS_SCP",
    "MAINPACS",
    "IMAGES",
    "RADIOLOGY",
    "STORE",
    "STORAGE_SCP",
    "QR_SCP",
    "SERVER",
    "PACSSERVER",
    "HOSPITAL",
    "MAIN_PACS",
];

pub(super) fn happen(stage: &mut Stage, archives: &Archives, modalities: &[Modality]) {
    guesser(stage, &archives.main);
    retries(stage, &modality(modalities, "ECG_CART2").entity, &archives.main);
    four_titles(stage, &modality(modalities, "DENTAL1").entity, &archives.main);
    slow(stage, &modality(modalities, "SLIDES1").entity, &archives.main);
}

/// A laptop tries titles until one is right, and looks around.
fn guesser(stage: &mut Stage, archive: &Entity) {
    let host = stage.pooled(OFFICE, [0x9c, 0x93, 0x4e], 128);
    let host = stage.device(host, Device::of("workstation"));
    let at = stage.moment(2, 60);
    Client::windows(&WINDOWS_10, "DESKTOP-4K7Q").lease(stage, &host, at);
    stage.found("D05", "high", &host, Some(&archive.host));
    let client = caller(host, "IMGVIEW", PYNETDICOM);
    let proposals = [(VERIFICATION, IMPLICIT_LITTLE)];
    let mut now = stage.moment(26, 40);
    let first = stage.dice.between::<usize>(0, 4);
    for title in GUESSES.iter().skip(first) {
        let tried = stage.rejected(&client, archive, by_title(&client, title, &proposals), CALLED, now);
        stage.keep(tried);
        now += stage.dice.between::<u64>(SECOND, 3 * SECOND);
    }
    let mut association = stage.open(&client, archive, &proposals, now);
    association.exchange(1, &Command::c_echo_rq(1), None);
    stage.keep(association.release());
}

/// One wrong title again and again is a mistake.
fn retries(stage: &mut Stage, client: &Entity, archive: &Entity) {
    let mut now = stage.moment(6, 30);
    for _ in 0..8 {
        let call = by_title(client, "OLD_ARCHIVE", &[(VERIFICATION, IMPLICIT_LITTLE)]);
        let tried = stage.rejected(client, archive, call, CALLED, now);
        stage.keep(tried);
        now += stage.dice.between::<u64>(3 * SECOND, 6 * SECOND);
    }
}

/// A technician who tries four is not there yet.
fn four_titles(stage: &mut Stage, client: &Entity, archive: &Entity) {
    let mut now = stage.moment(15, 30);
    for title in ["DENTAL_PACS", "DENTALARCH", "MAINARCHIVE", "MAIN-ARCHIVE"] {
        let call = by_title(client, title, &[(VERIFICATION, IMPLICIT_LITTLE)]);
        let tried = stage.rejected(client, archive, call, CALLED, now);
        stage.keep(tried);
        now += stage.dice.between::<u64>(4 * SECOND, 9 * SECOND);
    }
}

/// Five refusals under three titles, but in five minutes.
fn slow(stage: &mut Stage, client: &Entity, archive: &Entity) {
    let mut now = stage.moment(29, 30);
    for (title, reason) in [
        ("SLIDEARCH", CALLED),
        ("PATHOLOGY", CALLED),
        ("PATHARCHIVE", CALLED),
        ("SLIDEARCH", CALLING),
        ("PATHOLOGY", CALLED),
    ] {
        let call = by_title(client, title, &[(VERIFICATION, IMPLICIT_LITTLE)]);
        let tried = stage.rejected(client, archive, call, reason, now);
        stage.keep(tried);
        now += stage.dice.between::<u64>(62 * SECOND, 75 * SECOND);
    }
}
