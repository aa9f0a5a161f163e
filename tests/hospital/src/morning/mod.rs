//! A morning of the hospital: forty minutes as the mirror port of the core switch shows them.
//!
//! Modalities ask for their worklist, report their steps and store; the archive forwards, partners and readers ask it for
//! studies. Admissions and orders go through the interface engine, monitors, ventilators and anaesthesia machines report
//! by way of gateways, pumps and analysers by themselves, others by protocols of their own. Around them are offices,
//! telephones, cameras and the building. Some things are wrong, and some only look like it: `trouble` says which.
//!
//! Packets and truth come out of the same description of each device and each event. The seed decides times, addresses,
//! serial numbers and counts; what kinds of devices there are, and what is wrong, it does not.

mod applications;
mod archives;
mod building;
mod clinical;
mod dice;
mod equipment;
mod habits;
mod imaging;
mod instruments;
mod leases;
mod letters;
mod modalities;
mod objects;
mod offices;
mod people;
mod reading;
mod site;
mod stage;
mod telephones;
mod trouble;
pub mod truth;
mod visitors;
mod wards;

use crate::capture::{Packet, Pcapng, merge};
use site::SERVERS;
use stage::{SECOND, Stage};
use truth::{Device, Truth};

/// 2026-11-02T07:30:00Z.
const BEGIN: u64 = 1_793_604_600 * SECOND;

/// The seed of the committed capture.
pub const SEED: u64 = 20_261_102;

/// Day for which the truth tells life-cycle stages.
const EVALUATED_AT: &str = "2026-11-24";

/// A capture and the truth about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Morning {
    /// In the order of their time.
    pub packets: Vec<Packet>,
    /// What must be found in them.
    pub truth: Truth,
}

/// The morning of a seed.
pub fn morning(seed: u64) -> Morning {
    let mut stage = Stage::new(seed);
    happen(&mut stage);
    let Stage { mut devices, mut findings, conversations, .. } = stage;
    devices.sort();
    findings.sort();
    for device in &devices {
        assert!(device.behind.is_some() || !device.ips.is_empty(), "never seen: {device:?}");
    }
    let truth = Truth { seed, evaluated_at: EVALUATED_AT, devices, findings, untold: people::UNTOLD };
    Morning { packets: merge(conversations), truth }
}

/// The packets of a seed.
pub fn packets(seed: u64) -> Vec<Packet> {
    morning(seed).packets
}

/// The truth of a seed.
pub fn truth(seed: u64) -> Truth {
    morning(seed).truth
}

/// The packets as a pcapng file.
pub fn pcapng(packets: &[Packet]) -> Vec<u8> {
    Pcapng { interface: "core-mirror", snaplen: 262_144 }.file(packets)
}

/// The truth as a text file.
pub fn json(truth: &Truth) -> String {
    serde_json::to_string_pretty(truth).expect("a truth without maps") + "\n"
}

fn happen(stage: &mut Stage) {
    let time = stage.fixed(SERVERS, [0xb8, 0xca, 0x3a], 128);
    let time = stage.device(time, Device::of("server"));
    let archives = archives::arrive(stage);
    let worklist = imaging::worklist_server(stage);
    let systems = clinical::arrive(stage);
    let modalities = modalities::arrive(stage);
    let mut studies = vec![archives::gone(stage, &archives)];
    for (number, modality) in (0_u64..).zip(&modalities) {
        let at = stage.moment(2 + number, 90);
        let (made, done) = imaging::examination(stage, modality, &worklist, &archives.main, at);
        archives::forward(stage, &archives.main, &archives.long_term, &made, number == 6, done + 20 * SECOND);
        habits::time(stage, &modality.entity.host, &time, at - 30 * SECOND);
        studies.push(made);
    }
    let at = stage.moment(16, 60);
    let shared: Vec<_> = studies.iter().filter_map(|study| study.first()).take(14).cloned().collect();
    archives::partnership(stage, &archives, &shared, at);
    reading::work(stage, &archives, &studies);
    wards::work(stage, &systems.engine);
    clinical::work(stage, &systems, worklist.host);
    offices::work(stage, &systems.record.host, &time);
    visitors::come_and_go(stage, &time);
    telephones::register(stage);
    building::work(stage);
    trouble::happen(stage, &archives, &modalities, &systems, &studies);
    instruments::work(stage);
}
