//! Imaging: worklist, performed procedure step, storage, and the archive passing images on.

use super::{
    at,
    hosts::{CT, Host, PACS, RIS, STRAY_WORKSTATION, ULTRASOUND, WORKSTATION},
    patients::{
        DESCRIPTION, INSTANCES, INSTITUTION, OPERATOR, OTHER_MAKER, PASS_CODE, PATIENTS, PHYSICIAN, Patient, USER_NAME,
    },
};
use crate::{
    capture::Packet,
    dicom::{
        Answer, Association, Command, Context, DataSet, Lengths, Request, Syntax, User, UserIdentity,
        uid::{
            CT_IMAGE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, MR_IMAGE, PERFORMED_STEP, STUDY_ROOT_MOVE,
            US_IMAGE, VERIFICATION, WORKLIST,
        },
    },
    noise::noise,
    tcp::{Side, Tcp},
    tls,
};

const DICOM: u16 = 104;
/// The worklist server listens where nobody would look for DICOM.
const WORKLIST_PORT: u16 = 4100;
const WORKSTATION_PORT: u16 = 11_112;
const DICOM_TLS: u16 = 2762;

const CT_USER: User<'_> = User {
    max_pdu: 16_384,
    implementation_uid: "1.3.12.2.1107.5.1",
    implementation_version: "SIEMENS_S5VB20B",
    async_operations: Some((1, 1)),
    roles: &[],
    extended: &[],
    identity: None,
};
const ULTRASOUND_USER: User<'_> = User {
    max_pdu: 32_768,
    implementation_uid: "1.2.840.113619.6.323",
    implementation_version: "LOGIQS8_1",
    async_operations: None,
    ..CT_USER
};
const PACS_USER: User<'_> = User {
    max_pdu: 1_024,
    implementation_uid: "1.2.40.0.13.1.3",
    implementation_version: "dcm4che-5.34.1",
    async_operations: None,
    ..CT_USER
};
const RIS_USER: User<'_> = User {
    max_pdu: 28_672,
    implementation_uid: "2.16.840.1.114151.100.1.1",
    implementation_version: "MergeCOM3_390",
    async_operations: None,
    ..CT_USER
};
const WORKSTATION_USER: User<'_> = User {
    max_pdu: 16_384,
    implementation_uid: "1.2.276.0.7230010.3.0.3.6.7",
    implementation_version: "OFFIS_DCMTK_367",
    async_operations: None,
    ..CT_USER
};

/// Everything that happens in imaging.
pub(super) fn conversations() -> Vec<Vec<Packet>> {
    let mut all = vec![worklist(), step_begins(), ct_stores(), step_ends(), ultrasound_stores()];
    all.extend([rejection(41_001, 12_000), rejection(41_002, 12_700), secure()]);
    all.extend(moved());
    all
}

fn connect(client: &Host, port: u16, server: &Host, server_port: u16, milliseconds: u64) -> Tcp {
    Tcp::open(client.end(port, server), server.end(server_port, client), at(milliseconds))
}

fn instance(number: u32) -> String {
    format!("{INSTANCES}.{number}")
}

/// What stands about a patient in each object and each worklist item.
fn patient(of: &Patient) -> DataSet {
    DataSet::new()
        .text(0x0008_0050, b"SH", of.accession)
        .text(0x0008_0090, b"PN", PHYSICIAN)
        .text(0x0010_0010, b"PN", of.name)
        .text(0x0010_0020, b"LO", of.id)
        .text(0x0010_0030, b"DA", of.birth_date)
        .text(0x0010_0040, b"CS", of.sex)
        .text(0x0010_1040, b"LO", &of.address.replace('^', " "))
        .text(0x0020_000d, b"UI", &instance(1))
}

/// An image without its equipment.
fn image(of: &Patient, class: &str, number: u32, side: u16) -> DataSet {
    let pixels = noise(u64::from(number), usize::from(side) * usize::from(side) * 2);
    let pixels: Vec<u16> =
        pixels.chunks(2).map(|pair| pair.iter().fold(0, |all, b| (all << 8) | u16::from(*b))).collect();
    let other = DataSet::new().text(0x0008_0070, b"LO", OTHER_MAKER).text(0x0018_1000, b"LO", "CPW-1");
    patient(of)
        .text(0x0008_0005, b"CS", "ISO_IR 100")
        .text(0x0008_0016, b"UI", class)
        .text(0x0008_0018, b"UI", &instance(number))
        .text(0x0008_0020, b"DA", "20260302")
        .text(0x0008_0080, b"LO", INSTITUTION)
        .text(0x0008_1030, b"LO", DESCRIPTION)
        .text(0x0008_1070, b"PN", OPERATOR)
        .text(0x0020_000e, b"UI", &instance(2))
        .text(0x0020_0013, b"IS", &number.to_string())
        .sequence(0x0018_a001, Lengths::Undefined, &[other])
        .numbers(0x0028_0010, b"US", &[side])
        .numbers(0x0028_0011, b"US", &[side])
        .numbers(0x0028_0100, b"US", &[16])
        .numbers(0x7fe0_0010, b"OW", &pixels)
}

fn ct_image(number: u32) -> DataSet {
    let [of, ..] = &PATIENTS;
    image(of, CT_IMAGE, number, 30)
        .text(0x0008_0060, b"CS", "CT")
        .text(0x0008_0070, b"LO", "SIEMENS")
        .text(0x0008_1010, b"SH", "CTAWP990111")
        .text(0x0008_1090, b"LO", "SOMATOM Definition AS")
        .text(0x0018_1000, b"LO", "990111")
        .text(0x0018_1020, b"LO", "syngo CT 2014A\\VA48A")
}

fn ultrasound_image(number: u32) -> DataSet {
    let [_, of, _] = &PATIENTS;
    let udi = DataSet::new().text(0x0018_1009, b"UT", "(01)00800000990204(21)990204US4");
    image(of, US_IMAGE, number, 40)
        .text(0x0008_0060, b"CS", "US")
        .text(0x0008_0070, b"LO", "GE Healthcare")
        .text(0x0008_1010, b"SH", "US-ROOM4")
        .text(0x0008_1090, b"LO", "LOGIQ S8")
        .text(0x0018_1000, b"LO", "990204US4")
        .text(0x0018_1020, b"LO", "LOGIQS8:R4.2.77")
        .sequence(0x0018_100a, Lengths::Defined, &[udi])
}

/// Of a scanner that was taken away years ago.
fn mr_image(number: u32) -> DataSet {
    let [.., of] = &PATIENTS;
    image(of, MR_IMAGE, number, 32)
        .text(0x0008_0060, b"CS", "MR")
        .text(0x0008_0070, b"LO", "Philips Medical Systems")
        .text(0x0008_1010, b"SH", "MR-CELLAR")
        .text(0x0008_1090, b"LO", "Gyroscan Intera")
        .text(0x0018_0087, b"DS", "1.5")
        .text(0x0018_1000, b"LO", "990307")
        .text(0x0018_1020, b"LO", "NT 9.1.1")
}

fn worklist() -> Vec<Packet> {
    let syntaxes = [IMPLICIT_LITTLE];
    let contexts = [Context { id: 1, abstract_syntax: WORKLIST, transfer_syntaxes: &syntaxes }];
    let request = Request { called: "RIS", calling: "CT01", contexts: &contexts, user: CT_USER };
    let tcp = connect(&CT, 49_201, &RIS, WORKLIST_PORT, 2_000);
    let mut association = Association::accepted(tcp, &request, &[(1, Answer::Accept(IMPLICIT_LITTLE))], &RIS_USER);
    let step = DataSet::new()
        .text(0x0008_0060, b"CS", "CT")
        .text(0x0040_0001, b"AE", "CT01")
        .text(0x0040_0002, b"DA", "20260302")
        .text(0x0040_0010, b"SH", "CTAWP990111");
    let keys = DataSet::new().text(0x0010_0010, b"PN", "").text(0x0010_0020, b"LO", "").sequence(
        0x0040_0100,
        Lengths::Undefined,
        std::slice::from_ref(&step),
    );
    let find = Command::c_find_rq(1, WORKLIST);
    association.request(1, &find, Some(&keys.write(Syntax::ImplicitLittle)));
    let [first, second, _] = &PATIENTS;
    for of in [first, second] {
        let item = step.clone().text(0x0040_0006, b"PN", PHYSICIAN).text(0x0040_0007, b"LO", DESCRIPTION);
        let answer = patient(of).sequence(0x0040_0100, Lengths::Defined, &[item]);
        association.respond(1, &find.response(0xff00), Some(&answer.write(Syntax::ImplicitLittle)));
    }
    association.respond(1, &find.response(0), None);
    association.release().packets()
}

/// An association of the CT with the RIS for a performed procedure step.
fn step_association(port: u16, milliseconds: u64) -> Association {
    let syntaxes = [EXPLICIT_LITTLE, IMPLICIT_LITTLE];
    let contexts = [Context { id: 1, abstract_syntax: PERFORMED_STEP, transfer_syntaxes: &syntaxes }];
    let request = Request { called: "RIS", calling: "CT01", contexts: &contexts, user: CT_USER };
    let tcp = connect(&CT, port, &RIS, WORKLIST_PORT, milliseconds);
    Association::accepted(tcp, &request, &[(1, Answer::Accept(EXPLICIT_LITTLE))], &RIS_USER)
}

fn step_begins() -> Vec<Packet> {
    let [of, ..] = &PATIENTS;
    let mut association = step_association(49_202, 4_000);
    let scheduled = DataSet::new().text(0x0008_0050, b"SH", of.accession).text(0x0020_000d, b"UI", &instance(1));
    let step = patient(of)
        .text(0x0008_0060, b"CS", "CT")
        .text(0x0040_0241, b"AE", "CT01")
        .text(0x0040_0242, b"SH", "CTAWP990111")
        .text(0x0040_0244, b"DA", "20260302")
        .text(0x0040_0252, b"CS", "IN PROGRESS")
        .text(0x0040_0254, b"LO", DESCRIPTION)
        .sequence(0x0040_0270, Lengths::Defined, &[scheduled]);
    let create = Command::n_create_rq(1, PERFORMED_STEP, &instance(90));
    association.exchange(1, &create, Some(&step.write(Syntax::ExplicitLittle)));
    association.release().packets()
}

fn step_ends() -> Vec<Packet> {
    let mut association = step_association(49_204, 9_000);
    let referenced = DataSet::new().text(0x0008_1150, b"UI", CT_IMAGE).text(0x0008_1155, b"UI", &instance(101));
    let series = DataSet::new().text(0x0008_1050, b"PN", PHYSICIAN).text(0x0008_1070, b"PN", OPERATOR).sequence(
        0x0008_1140,
        Lengths::Defined,
        &[referenced],
    );
    let change =
        DataSet::new().text(0x0040_0252, b"CS", "COMPLETED").sequence(0x0040_0340, Lengths::Undefined, &[series]);
    let set = Command::n_set_rq(1, PERFORMED_STEP, &instance(90));
    association.exchange(1, &set, Some(&change.write(Syntax::ExplicitLittle)));
    association.release().packets()
}

fn ct_stores() -> Vec<Packet> {
    let syntaxes = [IMPLICIT_LITTLE];
    let contexts = [
        Context { id: 1, abstract_syntax: CT_IMAGE, transfer_syntaxes: &syntaxes },
        Context { id: 3, abstract_syntax: VERIFICATION, transfer_syntaxes: &syntaxes },
    ];
    let answers = [(1, Answer::Accept(IMPLICIT_LITTLE)), (3, Answer::Refuse(3))];
    let request = Request { called: "PACS", calling: "CT01", contexts: &contexts, user: CT_USER };
    let tcp = connect(&CT, 49_203, &PACS, DICOM, 6_000);
    let mut association = Association::accepted(tcp, &request, &answers, &PACS_USER);
    for number in 0..3 {
        let store = Command::c_store_rq(number, CT_IMAGE, &instance(101 + u32::from(number)));
        let image = ct_image(101 + u32::from(number)).write(Syntax::ImplicitLittle);
        association.exchange(1, &store, Some(&image));
    }
    let conversation = association.release();
    // A segment the archive had already, sent again: its bytes count once.
    let again: Vec<usize> = conversation.data(Side::Client).into_iter().skip(2).take(1).collect();
    conversation.retransmit(&again, 300_000).packets()
}

fn ultrasound_stores() -> Vec<Packet> {
    let syntaxes = [EXPLICIT_LITTLE, IMPLICIT_LITTLE];
    let contexts = [Context { id: 1, abstract_syntax: US_IMAGE, transfer_syntaxes: &syntaxes }];
    let request = Request { called: "PACS", calling: "US_ROOM4", contexts: &contexts, user: ULTRASOUND_USER };
    let tcp = connect(&ULTRASOUND, 50_100, &PACS, DICOM, 10_000);
    let mut association = Association::accepted(tcp, &request, &[(1, Answer::Accept(EXPLICIT_LITTLE))], &PACS_USER);
    let image = ultrasound_image(201).write(Syntax::ExplicitLittle);
    association.exchange(1, &Command::c_store_rq(1, US_IMAGE, &instance(201)), Some(&image));
    association.release().packets()
}

/// Called AE title not recognized.
fn rejection(port: u16, milliseconds: u64) -> Vec<Packet> {
    let syntaxes = [IMPLICIT_LITTLE];
    let contexts = [Context { id: 1, abstract_syntax: STUDY_ROOT_MOVE, transfer_syntaxes: &syntaxes }];
    let request = Request { called: "OLDPACS", calling: "WS41", contexts: &contexts, user: WORKSTATION_USER };
    let tcp = connect(&STRAY_WORKSTATION, port, &PACS, DICOM, milliseconds);
    Association::rejected(tcp, &request, [1, 1, 7]).packets()
}

fn secure() -> Vec<Packet> {
    let mut tcp = connect(&WORKSTATION, 52_000, &PACS, DICOM_TLS, 13_000);
    tcp.client(&tls::client_hello("pacs.hospital.test", 1));
    tcp.server(&tls::server_hello(1));
    tcp.client(&[tls::change_cipher_spec(), tls::application_data(2, 53), tls::application_data(3, 300)].concat());
    tcp.server(&tls::application_data(4, 400));
    tcp.close(Side::Client).packets()
}

/// The workstation has the archive send it three images: two of devices that are here, one of a scanner that is gone.
fn moved() -> [Vec<Packet>; 2] {
    let syntaxes = [IMPLICIT_LITTLE];
    let contexts = [Context { id: 1, abstract_syntax: STUDY_ROOT_MOVE, transfer_syntaxes: &syntaxes }];
    let identity = Some(UserIdentity { kind: 2, primary: USER_NAME.as_bytes(), secondary: PASS_CODE.as_bytes() });
    let user = User { identity, ..WORKSTATION_USER };
    let request = Request { called: "PACS", calling: "WS40", contexts: &contexts, user };
    let tcp = connect(&WORKSTATION, 52_001, &PACS, DICOM, 15_000);
    let mut asking = Association::accepted(tcp, &request, &[(1, Answer::Accept(IMPLICIT_LITTLE))], &PACS_USER);
    let keys = DataSet::new().text(0x0008_0052, b"CS", "STUDY").text(0x0020_000d, b"UI", &instance(1));
    let ask = Command::c_move_rq(1, STUDY_ROOT_MOVE, "WS40");
    asking.request(1, &ask, Some(&keys.write(Syntax::ImplicitLittle)));

    let objects = [
        (1, CT_IMAGE, Syntax::ImplicitLittle, ct_image(101), 101),
        (3, US_IMAGE, Syntax::ExplicitLittle, ultrasound_image(201), 201),
        (5, MR_IMAGE, Syntax::ExplicitBig, mr_image(301), 301),
    ];
    let (implicit, explicit, big) = ([IMPLICIT_LITTLE], [EXPLICIT_LITTLE], [EXPLICIT_BIG]);
    let contexts = [
        Context { id: 1, abstract_syntax: CT_IMAGE, transfer_syntaxes: &implicit },
        Context { id: 3, abstract_syntax: US_IMAGE, transfer_syntaxes: &explicit },
        Context { id: 5, abstract_syntax: MR_IMAGE, transfer_syntaxes: &big },
    ];
    let answers =
        [(1, Answer::Accept(IMPLICIT_LITTLE)), (3, Answer::Accept(EXPLICIT_LITTLE)), (5, Answer::Accept(EXPLICIT_BIG))];
    let request = Request { called: "WS40", calling: "PACS", contexts: &contexts, user: PACS_USER };
    let tcp = connect(&PACS, 38_700, &WORKSTATION, WORKSTATION_PORT, 15_050);
    let mut sending = Association::accepted(tcp, &request, &answers, &WORKSTATION_USER);
    for (done, (context, class, syntax, object, number)) in (1..).zip(objects) {
        let store = Command::c_store_rq(done, class, &instance(number)).moved_for("WS40", 1);
        sending.exchange(context, &store, Some(&object.write(syntax)));
        let pause = (sending.tcp().now() + 500_000).saturating_sub(asking.tcp().now());
        asking.tcp().wait(pause);
        let status = if done == 3 { 0 } else { 0xff00 };
        asking.respond(1, &ask.response(status).progress([3 - done, done, 0, 0]), None);
    }
    [asking.release().packets(), sending.release().packets()]
}
