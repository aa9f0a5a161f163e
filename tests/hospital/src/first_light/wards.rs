//! Wards: monitors behind a gateway, a pump, the laboratory, admissions; all to the interface engine.

use super::{
    at,
    hosts::{ENGINE, GATEWAY, HIS, Host, LAB, PUMP},
    patients::{DIAGNOSIS, NOTE, PATIENTS, PHYSICIAN, Patient},
};
use crate::{
    capture::Packet,
    hl7::{Framing, Header, Message},
    tcp::{Side, Tcp},
};

const MLLP: u16 = 2575;
const ENGINE_LAB: u16 = 6661;

const PCD_01: &str = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO";

/// Everything that happens in the wards.
pub(super) fn conversations() -> Vec<Vec<Packet>> {
    vec![monitors(), pump(), laboratory(), admissions()]
}

fn connect(client: &Host, port: u16, server_port: u16, milliseconds: u64) -> Tcp {
    Tcp::open(client.end(port, &ENGINE), ENGINE.end(server_port, client), at(milliseconds))
}

fn pid(of: &Patient) -> String {
    format!("PID|1||{}^^^SYNTH^MR||{}||{}|{}|||{}||{}", of.id, of.name, of.birth_date, of.sex, of.address, of.phone)
}

/// A report of a device by IHE PCD-01.
fn pcd_01<'a>(application: &'a str, facility: &'a str, control_id: &'a str) -> Header<'a> {
    Header {
        sending_application: application,
        sending_facility: facility,
        receiving_application: "ENGINE",
        receiving_facility: "SYNTH",
        time: "20260302080020+0000",
        message_type: "ORU^R01^ORU_R01",
        control_id,
        version: "2.6",
        charset: "UNICODE UTF-8",
        profile: PCD_01,
    }
}

/// Sends messages and has each of them acknowledged.
fn acknowledged(tcp: &mut Tcp, framing: &Framing, messages: &[(Header<'_>, Message)]) {
    for (number, (header, message)) in messages.iter().enumerate() {
        tcp.client(&framing.wrap(message));
        tcp.server(&Message::acknowledge(header, "AA", &format!("SYNCTLA{number}")).framed());
        tcp.wait(400_000_000);
    }
}

fn monitors() -> Vec<Packet> {
    let monitor = |header: &Header<'_>, of: &Patient, bed: &str, eui64: &str, serial: &str, rate: &str| {
        let device = format!("{eui64}^^{eui64}^EUI-64");
        Message::new(header).segments(&[
            &pid(of),
            &format!("PV1|1|I|ICU^^{bed}"),
            &format!("OBR|1||{eui64}^^{eui64}^EUI-64|69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|||20260302080020"),
            &format!("OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||{device}"),
            "OBX|2|ST|531970^MDC_ID_MODEL_MANUFACTURER^MDC|1.0.0.1|Philips||||||R",
            "OBX|3|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.2|IntelliVue MX800||||||R",
            &format!("OBX|4|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|{serial}||||||R"),
            "OBX|5|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.4|L.01.22||||||R",
            &format!("OBX|6|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.2.1.1|{rate}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F"),
        ])
    };
    let [first, second, _] = &PATIENTS;
    let mut messages = Vec::new();
    for (control_id, is_first) in [("SYNCTL1", true), ("SYNCTL2", false), ("SYNCTL3", true), ("SYNCTL4", false)] {
        let header = pcd_01("MONGW^0009FBFFFE990009^EUI-64", "ICU", control_id);
        let message = if is_first {
            monitor(&header, first, "SYNBED1", "0009FBFFFE990101", "DE99000101", "61")
        } else {
            monitor(&header, second, "SYNBED2", "0009FBFFFE990102", "DE99000102", "62")
        };
        messages.push((header, message));
    }
    let mut tcp = connect(&GATEWAY, 51_000, MLLP, 20_000);
    acknowledged(&mut tcp, &Framing::default(), &messages);
    tcp.close(Side::Client).packets()
}

fn pump() -> Vec<Packet> {
    let [.., of] = &PATIENTS;
    let mut messages = Vec::new();
    for control_id in ["SYNCTL11", "SYNCTL12"] {
        let header = pcd_01("PUMP^001221FFFE990201^EUI-64", "ICU", control_id);
        let message = Message::new(&header).segments(&[
            &pid(of),
            "OBR|1||001221FFFE990201^^001221FFFE990201^EUI-64|69985^MDC_DEV_PUMP_INFUS_MDS^MDC|||20260302080022",
            "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||001221FFFE990201^^001221FFFE990201^EUI-64",
            "OBX|2|ST|67880^MDC_ATTR_ID_MODEL^MDC|1.0.0.1|manufacturer=B. Braun Melsungen AG model=Infusomat Space||||||R",
            "OBX|3|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.2|990201||||||R",
            "OBX|4|ST|531976^MDC_ID_PROD_SPEC_FW^MDC|1.0.0.3|686N030005||||||R",
            "OBX|5|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|5.0|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||F",
        ]);
        messages.push((header, message));
    }
    let mut tcp = connect(&PUMP, 40_210, MLLP, 22_500);
    acknowledged(&mut tcp, &Framing::default(), &messages);
    tcp.close(Side::Client).packets()
}

/// Without the start block character, as some senders write.
fn laboratory() -> Vec<Packet> {
    let mut messages = Vec::new();
    for (control_id, of) in ["SYNCTL21", "SYNCTL22"].into_iter().zip(&PATIENTS) {
        let header = Header {
            sending_application: "LABSYS",
            sending_facility: "SYNTH",
            receiving_application: "ENGINE",
            receiving_facility: "SYNTH",
            time: "20260302080024",
            message_type: "ORU^R01",
            control_id,
            version: "2.5.1",
            charset: "8859/1",
            profile: "",
        };
        let message = Message::new(&header).segments(&[
            "SFT|Invented Laboratory Systems^L|7.2.1|LabFlow|LF-7210||20250601",
            &pid(of),
            &format!("OBR|1|{}||24323-8^Comprehensive metabolic panel^LN|||20260302080000", of.accession),
            "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|70-99|N|||F",
            &format!("NTE|1||{NOTE}"),
        ]);
        messages.push((header, message));
    }
    let mut tcp = connect(&LAB, 49_777, ENGINE_LAB, 24_000);
    acknowledged(&mut tcp, &Framing { start: false, ..Framing::default() }, &messages);
    tcp.close(Side::Client).packets()
}

/// The engine takes them without a word, and the connection stays open.
fn admissions() -> Vec<Packet> {
    let mut tcp = connect(&HIS, 45_454, MLLP, 26_000);
    for (control_id, of) in ["SYNCTL31", "SYNCTL32", "SYNCTL33"].into_iter().zip(&PATIENTS) {
        let header = Header {
            sending_application: "HIS",
            sending_facility: "SYNTH",
            receiving_application: "ENGINE",
            receiving_facility: "SYNTH",
            time: "20260302080026",
            message_type: "ADT^A01^ADT_A01",
            control_id,
            version: "2.5",
            charset: "",
            profile: "",
        };
        let message = Message::new(&header).segments(&[
            "EVN|A01|20260302080026",
            &pid(of),
            &format!("PV1|1|I|WARD3^301^SYNBED3||||{PHYSICIAN}"),
            &format!("DG1|1||{DIAGNOSIS}"),
        ]);
        tcp.client(&message.framed());
        tcp.wait(600_000_000);
    }
    tcp.leave_open().packets()
}
