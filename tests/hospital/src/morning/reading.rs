//! Reading rooms: workstations that ask the archive for studies and have them sent.

use super::{
    applications::{Call, DCMTK_366, Entity, FO_DICOM, Software, context},
    archives::{Archives, find},
    habits,
    imaging::{proposals_of, send_all},
    leases::{Client, WINDOWS_10},
    objects::Object,
    people::{PASS_CODE, TICKET, USER_NAME, patient},
    site::OFFICE,
    stage::{SECOND, Stage},
    truth::Device,
};
use crate::{
    dicom::{
        Command, DataSet, Syntax, UserIdentity,
        uid::{IMPLICIT_LITTLE, STUDY_ROOT_FIND, STUDY_ROOT_MOVE},
    },
    tcp::Conversation,
};

/// Where viewers listen.
const VIEWER: u16 = 11_112;
const DICOM_TLS: u16 = 2_762;

/// How a reader logs in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Login {
    None,
    /// User name, in the clear.
    Name,
    /// User name and pass code, in the clear.
    PassCode,
    /// A Kerberos ticket, which tells no secret.
    Ticket,
}

/// Brings the viewers in and lets them work.
pub(super) fn work(stage: &mut Stage, archives: &Archives, studies: &[Vec<Object>]) {
    let logins = [Login::PassCode, Login::Name, Login::Ticket, Login::None, Login::None];
    let minutes = [11, 17, 22, 27, 31];
    for ((number, login), minute) in (1..).zip(logins).zip(minutes) {
        let software = if number % 2 == 0 { FO_DICOM } else { DCMTK_366 };
        let viewer = viewer(stage, number, software);
        let at = stage.moment(minute, 100);
        let [client, server] = [&viewer.host, &archives.main.host];
        if matches!(login, Login::Name | Login::PassCode) {
            stage.found("D19", "medium", client, Some(server));
        }
        look_for(stage, &viewer, &archives.main, login, at);
        let study = studies.get(usize::from(number) % studies.len()).expect("a study");
        let far_side = number == 4;
        retrieve(stage, &viewer, &archives.main, login, study, far_side, at + 15 * SECOND);
        if login == Login::None {
            // Whatever it logs in with here, nobody sees.
            let secure =
                habits::secure(stage, [client, server], DICOM_TLS, "archive.hospital.test", 3, at + 40 * SECOND);
            stage.keep(secure);
        }
    }
}

fn viewer(stage: &mut Stage, number: u16, software: Software) -> Entity {
    let host = stage.pooled(OFFICE, [0xf8, 0xb1, 0x56], 128);
    let host = stage.device(host, Device::of("viewer"));
    let at = stage.moment(0, 240);
    Client::windows(&WINDOWS_10, &format!("READING-{number}")).lease(stage, &host, at);
    Entity { host, title: format!("READER{number}"), port: VIEWER, software }
}

fn call<'a>(viewer: &'a Entity, archive: &'a Entity, proposals: &'a [(&'a str, &'a str)], login: Login) -> Call<'a> {
    let user = |kind, primary: &'a str, secondary: &'a str| {
        Some(UserIdentity { kind, primary: primary.as_bytes(), secondary: secondary.as_bytes() })
    };
    let identity = match login {
        Login::None => None,
        Login::Name => user(1, USER_NAME, ""),
        Login::PassCode => user(2, USER_NAME, PASS_CODE),
        Login::Ticket => user(3, TICKET, ""),
    };
    Call { identity, ..Call::between(viewer, archive, proposals) }
}

fn look_for(stage: &mut Stage, viewer: &Entity, archive: &Entity, login: Login, at: u64) {
    let of = patient(&mut stage.dice);
    let proposals = [(STUDY_ROOT_FIND, IMPLICIT_LITTLE)];
    let mut association = stage.associate(viewer, archive, call(viewer, archive, &proposals, login), at);
    find(&mut association, &of.name, stage.dice.between(1, 4));
    stage.keep(association.release());
}

/// The archive sends a study while it tells how far it is.
fn retrieve(
    stage: &mut Stage,
    viewer: &Entity,
    archive: &Entity,
    login: Login,
    study: &[Object],
    far_side: bool,
    at: u64,
) {
    let proposals = [(STUDY_ROOT_MOVE, IMPLICIT_LITTLE)];
    let mut asking = stage.associate(viewer, archive, call(viewer, archive, &proposals, login), at);
    let keys = DataSet::new().text(0x0008_0052, b"CS", "STUDY");
    let keys = keys.text(0x0020_000d, b"UI", &super::objects::instance(1)).write(Syntax::ImplicitLittle);
    let ask = Command::c_move_rq(1, STUDY_ROOT_MOVE, &viewer.title);
    asking.request(context(0), &ask, Some(&keys));
    let sent = proposals_of(study);
    let mut sending = stage.open(archive, viewer, &sent, at + 30_000_000);
    send_all(&mut sending, &sent, study, Some(&viewer.title));
    let took = sending.tcp().now().saturating_sub(asking.tcp().now());
    let sending = sending.release();
    let all = u16::try_from(study.len()).expect("few objects");
    asking.tcp().wait(took / 2);
    asking.respond(context(0), &ask.response(0xff00).progress([1, all - 1, 0, 0]), None);
    asking.tcp().wait(took);
    asking.respond(context(0), &ask.response(0).progress([0, all, 0, 0]), None);
    stage.keep(asking.release());
    keep(stage, sending, archive, viewer, far_side);
}

fn keep(stage: &mut Stage, sending: Conversation, archive: &Entity, viewer: &Entity, far_side: bool) {
    if far_side {
        stage.keep_with_far_side(sending, &archive.host, &viewer.host);
    } else {
        stage.keep(sending);
    }
}
