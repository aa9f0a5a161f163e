//! Wards and operating rooms: monitors, ventilators and anaesthesia machines behind gateways, pumps that speak for
//! themselves. All report to the interface engine (IHE PCD-01).

use super::{
    letters::{Application, Letter, MLLP, PCD_01, Style, USUAL, pid, send, written},
    people::{BED, patient},
    site::WARDS,
    stage::{SECOND, Stage},
    truth::Device,
};

/// A kind of device of the nomenclature (IEEE 11073-10101), the class it stands for, and something it measures.
struct Kind {
    code: &'static str,
    class: &'static str,
    metric: &'static str,
}

const MONITOR: Kind = Kind {
    code: "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC",
    class: "bedside-monitor",
    metric: "147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.2.1.1|62|264864^MDC_DIM_BEAT_PER_MIN^MDC",
};
const PUMP: Kind = Kind {
    code: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC",
    class: "infusion-pump",
    metric: "157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|5.0|265266^MDC_DIM_MILLI_L_PER_HR^MDC",
};
const VENTILATOR: Kind = Kind {
    code: "70001^MDC_DEV_SYS_PT_VENT_MDS^MDC",
    class: "ventilator",
    metric: "151562^MDC_RESP_RATE^MDC|1.1.1.1|14|264928^MDC_DIM_RESP_PER_MIN^MDC",
};
const ANAESTHESIA: Kind = Kind {
    code: "69997^MDC_DEV_SYS_ANESTH_MDS^MDC",
    class: "anaesthesia",
    metric: "151562^MDC_RESP_RATE^MDC|1.1.1.1|12|264928^MDC_DIM_RESP_PER_MIN^MDC",
};

/// A model: kind, manufacturer as it writes itself and by its present trade name, model, what serial numbers begin with,
/// software, block of its MAC addresses.
struct Model {
    kind: &'static Kind,
    maker: [&'static str; 2],
    model: &'static str,
    serial: &'static str,
    software: &'static str,
    block: [u8; 3],
}

const MX800: Model = Model {
    kind: &MONITOR,
    maker: ["Philips", "Philips"],
    model: "IntelliVue MX800",
    serial: "DE99",
    software: "L.01.22",
    block: [0x00, 0x09, 0xfb],
};
const MX450: Model = Model { model: "IntelliVue MX450", serial: "DE84", software: "M.00.03", ..MX800 };
const EVITA: Model = Model {
    kind: &VENTILATOR,
    maker: ["Dräger", "Draeger"],
    model: "Evita V500",
    serial: "ASFB-",
    software: "02.51.03",
    block: [0x00, 0x10, 0x5d],
};
const PERSEUS: Model =
    Model { kind: &ANAESTHESIA, model: "Perseus A500", serial: "ASJL-", software: "02.04.01", ..EVITA };
const INFUSOMAT: Model = Model {
    kind: &PUMP,
    maker: ["B. Braun Melsungen AG", "B. Braun"],
    model: "Infusomat Space",
    serial: "99",
    software: "686N030005",
    block: [0x00, 0x12, 0x21],
};
const ALARIS: Model = Model {
    maker: ["CareFusion", "BD"],
    model: "Alaris PCU 8015",
    serial: "13",
    software: "9.33.1.2",
    block: [0x00, 0xb0, 0x94],
    ..INFUSOMAT
};
const MEDFUSION: Model = Model {
    maker: ["Smiths Medical", "ICU Medical"],
    model: "Medfusion 4000",
    serial: "M02",
    software: "1.5.0",
    block: [0x00, 0x1a, 0x01],
    ..INFUSOMAT
};

/// A device in use: where its identifier is from, and with whom.
struct InUse {
    model: &'static Model,
    serial: String,
    eui64: String,
    bed: String,
}

const STYLE: Style = Style { version: "2.6", charset: "UNICODE UTF-8", profile: PCD_01, ..USUAL };

/// Everything that happens there.
pub(super) fn work(stage: &mut Stage, engine: &Application) {
    let beds = stage.dice.between::<usize>(7, 9);
    let monitors: Vec<&Model> = [&MX800, &MX800, &MX450].into_iter().cycle().take(beds).collect();
    gateway(stage, engine, ("PIICGW", "ICU"), &monitors, 5);
    let theatre = [&EVITA, &PERSEUS, &EVITA, &PERSEUS, &EVITA, &PERSEUS];
    gateway(stage, engine, ("CONNECTGW", "THEATRE"), &theatre, 7);
    for (number, model) in (1_u64..).zip([&INFUSOMAT, &INFUSOMAT, &ALARIS, &MEDFUSION, &INFUSOMAT]) {
        pump(stage, engine, model, number);
    }
}

fn in_use(stage: &mut Stage, model: &'static Model, eui64: String) -> InUse {
    let serial = format!("{}{}", model.serial, stage.dice.digits(6));
    let bed = format!("{BED}{}", stage.dice.between::<u8>(1, 30));
    InUse { model, serial, eui64, bed }
}

fn truth(of: &InUse) -> Device {
    let [_, trade] = of.model.maker;
    Device::of(of.model.kind.class).made(trade, of.model.model, &of.serial)
}

/// A gateway, and reports of the devices behind it, turn by turn.
fn gateway(stage: &mut Stage, engine: &Application, of: (&str, &str), models: &[&'static Model], minute: u64) {
    let Some(block) = models.first().map(|model| model.block) else { return };
    let (application, facility) = of;
    let host = stage.fixed(WARDS, block, 128);
    let host = stage.device(host, Device::of("gateway"));
    let sender = Application::new(host, &format!("{application}^{}^EUI-64", eui64_of(host.mac)), facility);
    let devices: Vec<InUse> = models
        .iter()
        .map(|model| {
            let eui64 = eui64_of(stage.dice.mac(model.block));
            in_use(stage, model, eui64)
        })
        .collect();
    for device in &devices {
        stage.behind(&host, truth(device));
    }
    let rounds = stage.dice.between::<usize>(3, 4);
    let at = stage.moment(minute, 60);
    let letters: Vec<Letter> =
        devices.iter().cycle().take(rounds * devices.len()).map(|device| report(stage, device, at)).collect();
    let conversation = send(stage, [&sender, engine], MLLP, Style { pause: 45, ..STYLE }, &letters, at);
    stage.keep(conversation);
}

/// A pump with its own connection.
fn pump(stage: &mut Stage, engine: &Application, model: &'static Model, number: u64) {
    let host = stage.fixed(WARDS, model.block, 64);
    let device = in_use(stage, model, eui64_of(host.mac));
    let host = stage.device(host, truth(&device));
    let sender = Application::new(host, &format!("PUMP^{}^EUI-64", device.eui64), "WARD3");
    let at = stage.moment(4 * number, 200);
    let letters: Vec<Letter> = (0..stage.dice.between::<u8>(2, 5)).map(|_| report(stage, &device, at)).collect();
    let conversation = send(stage, [&sender, engine], MLLP, Style { pause: 120, ..STYLE }, &letters, at + SECOND);
    // A port of the ward's switch is mirrored twice.
    if number == 2 {
        let mut packets = conversation.clone().packets();
        packets.iter_mut().for_each(|packet| packet.at += 3_000);
        stage.keep_packets(packets);
    }
    stage.keep(conversation);
}

fn report(stage: &mut Stage, of: &InUse, at: u64) -> Letter {
    let [maker, _] = of.model.maker;
    let Kind { code, metric, .. } = of.model.kind;
    let InUse { eui64, serial, bed, .. } = of;
    let (model, software) = (of.model.model, of.model.software);
    let patient = patient(&mut stage.dice);
    Letter {
        kind: "ORU^R01^ORU_R01",
        segments: vec![
            pid(&patient),
            format!("PV1|1|I|ICU^^{bed}"),
            format!("OBR|1||{eui64}^^{eui64}^EUI-64|{code}|||{}", written(at)),
            format!("OBX|1||{code}|1.0.0.0|||||||X|||||||{eui64}^^{eui64}^EUI-64"),
            format!("OBX|2|ST|531970^MDC_ID_MODEL_MANUFACTURER^MDC|1.0.0.1|{maker}||||||R"),
            format!("OBX|3|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.2|{model}||||||R"),
            format!("OBX|4|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|{serial}||||||R"),
            format!("OBX|5|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.4|{software}||||||R"),
            format!("OBX|6|NM|{metric}|||||F"),
        ],
    }
}

/// The EUI-64 of a MAC address (IEEE tutorial on extended identifiers).
fn eui64_of([a, b, c, x, y, z]: crate::frame::Mac) -> String {
    format!("{a:02X}{b:02X}{c:02X}FFFE{x:02X}{y:02X}{z:02X}")
}
