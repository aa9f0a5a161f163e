//! The clinical systems: admissions, the interface engine, the laboratory system and its analysers, the record.

use super::{
    letters::{ALMOST, Application, LAB_29, Letter, MLLP, NO_RETURN, NO_START, Style, USUAL, pid, send, written},
    people::{BED, DIAGNOSIS, NOTE, PHYSICIAN, Patient, RESULT, patient},
    site::{Host, LABORATORY, SERVERS},
    stage::{SECOND, Stage},
    truth::Device,
};

/// Where the engine listens for the laboratory.
const ENGINE_LABORATORY: u16 = 6_661;
/// Where the laboratory system listens for analysers.
const ANALYSERS: u16 = 5_000;

/// The systems.
pub(super) struct Systems {
    pub(super) engine: Application,
    /// Admissions.
    admissions: Application,
    /// Laboratory system.
    laboratory: Application,
    /// Patient record.
    pub(super) record: Application,
}

/// Brings them in. The engine takes messages of several systems and passes them on to several; the others send what only
/// information systems do, or take what others send.
pub(super) fn arrive(stage: &mut Stage) -> Systems {
    let mut system = |class, name: &str, vlan, ttl| {
        let host = stage.fixed(vlan, [0xd0, 0x67, 0xe5], ttl);
        Application::new(stage.device(host, Device::of(class)), name, "SYNTH")
    };
    Systems {
        engine: system("interface-engine", "ENGINE", SERVERS, 64),
        admissions: system("server", "HIS", SERVERS, 64),
        laboratory: system("server", "LABSYS", LABORATORY, 128),
        record: system("server", "RECORD", SERVERS, 64),
    }
}

/// Everything that happens between them. `radiology` is the host of the radiology information system.
pub(super) fn work(stage: &mut Stage, systems: &Systems, radiology: Host) {
    let radiology = Application::new(radiology, "RIS", "SYNTH");
    let Systems { engine, admissions, laboratory, record } = systems;
    for minute in [3, 12, 21, 30] {
        let patients: Vec<Patient> = (0..stage.dice.between::<u8>(2, 4)).map(|_| patient(&mut stage.dice)).collect();
        let at = stage.moment(minute, 90);
        let feed: Vec<Letter> = patients.iter().map(|of| admission(of, at)).collect();
        // One of the feeds of the morning leaves out what ends a frame.
        let style = if minute == 12 { Style { framing: &[NO_RETURN], ..USUAL } } else { USUAL };
        let letters = if minute == 12 { [feed.clone(), feed.clone()].concat() } else { feed.clone() };
        let conversation = send(stage, [admissions, engine], MLLP, style, &letters, at);
        stage.keep(conversation);
        // Admissions are passed on as they are, orders and results under the engine's own name.
        let unchanged = Application { host: engine.host, ..admissions.clone() };
        for to in [&radiology, laboratory, record] {
            let later = at + stage.dice.between::<u64>(SECOND, 4 * SECOND);
            let conversation = send(stage, [&unchanged, to], MLLP, USUAL, &feed, later);
            stage.keep(conversation);
        }
        let orders: Vec<Letter> = patients.iter().map(|of| order(of, at)).collect();
        let conversation = send(stage, [record, engine], MLLP, USUAL, &orders, at + 60 * SECOND);
        stage.keep(conversation);
        let conversation = send(stage, [engine, &radiology], MLLP, USUAL, &orders, at + 62 * SECOND);
        stage.keep(conversation);
    }
    stage.found("H07", "low", &admissions.host, Some(&engine.host));
    analysers(stage, laboratory);
    let results: Vec<Letter> = (0..5).map(|_| result(stage)).collect();
    let at = stage.moment(25, 60);
    let conversation = send(stage, [laboratory, engine], ENGINE_LABORATORY, USUAL, &results, at);
    stage.keep(conversation);
    let conversation = send(stage, [engine, record], MLLP, USUAL, &results, at + 30 * SECOND);
    stage.keep(conversation);
    let conversation = send(stage, [&radiology, engine], MLLP, USUAL, &results, at + 90 * SECOND);
    stage.keep(conversation);
}

fn admission(of: &Patient, at: u64) -> Letter {
    let segments = vec![
        format!("EVN|A01|{}", written(at)),
        pid(of),
        format!("PV1|1|I|WARD3^301^{BED}3||||{PHYSICIAN}"),
        format!("DG1|1||{DIAGNOSIS}"),
    ];
    Letter { kind: "ADT^A01^ADT_A01", segments }
}

fn order(of: &Patient, at: u64) -> Letter {
    let number = &of.accession;
    let segments = vec![
        pid(of),
        format!("PV1|1|I|WARD3^301^{BED}3||||{PHYSICIAN}"),
        format!("ORC|NW|{number}|||||||{}", written(at)),
        format!("OBR|1|{number}||24627-2^CT Chest^LN"),
        format!("NTE|1||{NOTE}"),
    ];
    Letter { kind: "ORM^O01^ORM_O01", segments }
}

fn result(stage: &mut Stage) -> Letter {
    let of = patient(&mut stage.dice);
    let segments = vec![
        "SFT|Invented Laboratory Systems^L|7.2.1|LabFlow|LF-7210||20250601".to_owned(),
        pid(&of),
        format!("OBR|1|{}||24323-8^Comprehensive metabolic panel^LN|||20261102073000", of.accession),
        format!("OBX|1|ST|2345-7^Glucose^LN||{RESULT}|mg/dL|70-99|N|||F"),
        format!("NTE|1||{NOTE}"),
    ];
    Letter { kind: "ORU^R01^ORU_R01", segments }
}

/// An analyser: manufacturer, model, block of its MAC addresses, how it writes.
struct Analyser {
    manufacturer: &'static str,
    model: &'static str,
    block: [u8; 3],
    style: Style,
    messages: u8,
}

const LAW: Style = Style { charset: "UNICODE UTF-8", profile: LAB_29, ..USUAL };

const ANALYSER_LIST: [Analyser; 4] = [
    Analyser { manufacturer: "Sysmex", model: "XN-1000", block: [0x00, 0x06, 0x6b], style: LAW, messages: 4 },
    Analyser { manufacturer: "Roche", model: "cobas c 503", block: [0x00, 0x60, 0x19], style: LAW, messages: 5 },
    // Two messages without a beginning are no reason to complain.
    Analyser {
        manufacturer: "Abbott",
        model: "Alinity i",
        block: [0x00, 0x13, 0xdd],
        style: Style { profile: LAB_29, ..ALMOST },
        messages: 4,
    },
    // Never a beginning.
    Analyser {
        manufacturer: "Beckman Coulter",
        model: "DxH 900",
        block: [0xd0, 0xd2, 0x86],
        style: Style { framing: &[NO_START], ..LAW },
        messages: 5,
    },
];

fn analysers(stage: &mut Stage, laboratory: &Application) {
    for (analyser, minute) in ANALYSER_LIST.iter().zip([8, 13, 18, 23]) {
        let Analyser { manufacturer, model, block, style, messages } = analyser;
        let serial = stage.dice.digits(5);
        let host = stage.fixed(LABORATORY, *block, 64);
        let host = stage.device(host, Device::of("analyser").made(manufacturer, model, &serial));
        let sender = Application::new(host, model, "LAB");
        let equipment = format!("{model}^{manufacturer}~{serial}^{manufacturer}");
        let letters: Vec<Letter> = (0..*messages).map(|_| measured(stage, &equipment)).collect();
        let at = stage.moment(minute, 60);
        let conversation = send(stage, [&sender, laboratory], ANALYSERS, *style, &letters, at);
        stage.keep(conversation);
        if style.framing.first() == Some(&NO_START) && style.framing.len() == 1 {
            stage.found("H07", "low", &host, Some(&laboratory.host));
        }
    }
}

/// Results of a specimen. OBX-18 names the instrument twice: model and maker, serial number and maker (IHE LAW).
fn measured(stage: &mut Stage, equipment: &str) -> Letter {
    let of = patient(&mut stage.dice);
    let segments = vec![
        pid(&of),
        format!("SPM|1|{}&LAB||SER^Serum^HL70487|||||||P^Patient^HL70369", of.accession),
        format!("OBR|1|{}||2345-7^Glucose^LN", of.accession),
        "ORC|SC||||CM".to_owned(),
        format!("OBX|1|ST|2345-7^Glucose^LN|1|{RESULT}|mg/dL^^UCUM||N|||F|||||{PHYSICIAN}||{equipment}|20261102073000"),
    ];
    Letter { kind: "OUL^R22^OUL_R22", segments }
}

/// The engine sends results to somebody outside.
pub(super) fn external_results(stage: &mut Stage, systems: &Systems, to: &Application, at: u64) {
    let results: Vec<Letter> = (0..3).map(|_| result(stage)).collect();
    let conversation = send(stage, [&systems.engine, to], MLLP, USUAL, &results, at);
    stage.keep(conversation);
}
