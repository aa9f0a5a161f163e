//! Devices that tell by protocols of their own what they are: monitors that announce themselves, a meter of the point of care,
//! analysers at the data manager.

use super::{
    people::{BED, NOTE, OPERATOR, Patient, patient},
    site::{Host, LABORATORY, SERVERS, WARDS},
    stage::{SECOND, Stage},
    truth::Device,
};
use crate::{astm, intellivue, tcp::Side};

/// Where the data manager listens for meters and for analysers.
const METERS: u16 = 3_001;
const ANALYSERS: u16 = 4_010;

/// Everything that happens there.
pub(super) fn work(stage: &mut Stage) {
    monitors(stage);
    let manager = stage.fixed(SERVERS, [0xd0, 0x67, 0xe5], 64);
    let manager = stage.device(manager, Device::default());
    meter(stage, &manager);
    let serial = format!("S{}", stage.dice.digits(6));
    let sender = format!("DCA VANTAGE^04.04.00.00^{serial}");
    let device = Device::of("point-of-care").made("Siemens Healthineers", "DCA Vantage", &serial);
    analyser(stage, &manager, device, &sender, 11);
    let serial = format!("A{}", stage.dice.digits(4));
    let sender = format!("XP-100^00-13^^^^{serial}^BS{}", stage.dice.digits(6));
    analyser(stage, &manager, Device::of("analyser").made("Sysmex", "XP-100", &serial), &sender, 19);
}

/// Monitors that no gateway speaks for. Each announces itself twice.
fn monitors(stage: &mut Stage) {
    for minute in [1, 14, 26] {
        let serial = format!("DE{}", stage.dice.digits(8));
        let host = stage.fixed(WARDS, [0x00, 0x09, 0xfb], 64);
        let host = stage.device(host, Device::of("bedside-monitor").made("Philips", "M8007A", &serial));
        let bed = format!("{BED}{}", stage.dice.between::<u8>(31, 60));
        let bytes = intellivue::announcement(["Philips", "M8007A"], &serial, "G.01.78", &bed);
        let at = stage.moment(minute, 100);
        for at in [at, at + 10 * SECOND] {
            stage.broadcast(&host, intellivue::PORT, at, &bytes);
        }
    }
}

/// A meter greets, and tells a result.
fn meter(stage: &mut Stage, manager: &Host) {
    let serial = stage.dice.digits(10);
    let host = stage.fixed(WARDS, [0x00, 0x40, 0x9d], 64);
    let host = stage.device(host, Device::of("point-of-care").made("Nova Biomedical", "StatStrip", &serial));
    let at = stage.moment(6, 100);
    let mut tcp = stage.connect(&host, manager, METERS, at);
    tcp.client(
        format!(
            "<HEL.R01><HDR><HDR.control_id V=\"1\"/><HDR.version_id V=\"POCT1\"/></HDR><DEV><DEV.device_id V=\"\">{BED}7\
             </DEV.device_id><DEV.vendor_id V=\"Nova Biomedical\"/><DEV.model_id V=\"StatStrip\"/><DEV.serial_id V=\"{serial}\"/>\
             <DEV.sw_version V=\"3.10.8.0\"/></DEV></HEL.R01>"
        )
        .as_bytes(),
    );
    tcp.server(b"<ACK.R01><HDR><HDR.control_id V=\"1\"/></HDR><ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>");
    let Patient { id, name, birth_date, .. } = patient(&mut stage.dice);
    tcp.client(
        format!(
            "<OBS.R01><HDR><HDR.control_id V=\"2\"/></HDR><SVC><PT><PT.patient_id V=\"{id}\"/><PT.name V=\"{name}\"/>\
             <PT.birth_date V=\"{birth_date}\"/><OBS><OBS.value V=\"105\" U=\"mg/dL\"/></OBS></PT><OPR><OPR.name \
             V=\"{OPERATOR}\"/></OPR></SVC></OBS.R01>"
        )
        .as_bytes(),
    );
    tcp.server(b"<ACK.R01><HDR><HDR.control_id V=\"2\"/></HDR><ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>");
    stage.keep(tcp.close(Side::Client));
}

/// Results of an analyser, whose every frame is acknowledged.
fn analyser(stage: &mut Stage, manager: &Host, truth: Device, sender: &str, minute: u64) {
    let host = stage.fixed(LABORATORY, [0x00, 0x80, 0x92], 64);
    let host = stage.device(host, truth);
    let at = stage.moment(minute, 100);
    let Patient { id, name, birth_date, sex, .. } = patient(&mut stage.dice);
    let records = [
        format!("H|\\^&|||{sender}|||||||P|LIS2-A2|20261102073000"),
        format!("P|1||{id}||{name}||{birth_date}|{sex}"),
        "O|1|7||^^^HbA1c".to_owned(),
        format!("R|1|^^^HbA1c|6.1|%||||F||{OPERATOR}"),
        format!("C|1|I|{NOTE}"),
        "L|1|N".to_owned(),
    ];
    let mut tcp = stage.connect(&host, manager, ANALYSERS, at);
    tcp.client(astm::ENQUIRY);
    tcp.server(astm::ACKNOWLEDGED);
    for frame in astm::frames(&records) {
        tcp.client(&frame);
        tcp.server(astm::ACKNOWLEDGED);
    }
    tcp.client(astm::END);
    stage.keep(tcp.close(Side::Client));
}
