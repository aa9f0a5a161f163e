//! A picture for tests: a small hospital, one device of which calls itself all that hurts.

use crate::{AgentView, Counters, FindingRecord, FindingState, StoreHealth, View};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wardwatch_model::{
    AgentHealth, Attribute, CaptureFacts, DeviceClass, DeviceText, InterfaceHealth, Mac, Name, PacketTime,
    ProtocolFacts, Source, StreamId, TransmitRisk, Tunnels, Vlans, WorkerHealth,
    analysis::{
        Address, Confidence, Contradiction, Device, Evidence, Finding, Lifecycle, LifecycleRecord, OperatingSystem,
        Role, Scope, Severity, Software, SoftwareRole, Stage,
    },
};

/// 2026-11-24T05:00:00Z.
pub(crate) const NOW: PacketTime = PacketTime(1_795_496_400_000_000_000);

const ENUMERATION: (&str, &str) = ("D05", "dicom-ae-title-enumeration");

const HOUR: u64 = 3_600_000_000_000;

/// What a hostile device calls itself.
pub(crate) const HOSTILE: &str = "<script>alert(\"1\")</script>' onload=x \\ \u{202e}cod.exe & {{ 7*7 }}";

pub(crate) fn text(raw: &str) -> DeviceText {
    DeviceText::new(raw).unwrap()
}

fn ago(hours: u64) -> PacketTime {
    PacketTime(NOW.0 - hours * HOUR)
}

/// A device of which nothing is known but its address.
pub(crate) fn device(id: &str, class: DeviceClass, last_octet: u8) -> Device {
    Device {
        id: id.to_owned(),
        behind: None,
        addresses: vec![Address {
            ip: [10, 20, 0, last_octet].into(),
            mac: Mac::known([0, 0, 0x5e, 0, 0x53, last_octet]),
            vlan: Vlans::default(),
            tunnel: Tunnels::none(),
            first_seen: ago(400),
            last_seen: ago(1),
        }],
        class,
        roles: BTreeSet::new(),
        segment: None,
        locations: Vec::new(),
        manufacturer: None,
        model: None,
        serial_number: None,
        udi: None,
        device_name: None,
        os: OperatingSystem::default(),
        hostnames: BTreeSet::new(),
        ae_titles: BTreeSet::new(),
        hl7_applications: BTreeSet::new(),
        software: BTreeSet::new(),
        confidence: Confidence::default(),
        visibility: 0,
        lifecycle: Arc::default(),
        advisories: Vec::new(),
        evidence: Vec::new(),
        contradictions: Vec::new(),
    }
}

fn evidence(attribute: Attribute, value: &str, source: Source, confidence: f64) -> Evidence {
    let (first_seen, last_seen) = (ago(400), ago(1));
    Evidence { attribute, value: text(value), source, confidence, first_seen, last_seen, count: 41 }
}

/// A record of an operating system whose support ended on 2020-01-14.
fn record(name: &str) -> LifecycleRecord {
    LifecycleRecord {
        scope: Scope::Os,
        name: name.to_owned(),
        stage: Stage::EndOfSupport,
        dates: BTreeMap::from([("end_of_support", "2020-01-14".to_owned()), ("end_of_sale", "2013-10-31".to_owned())]),
        superseded_by: Some("Windows 8".to_owned()),
        authority: "manufacturer",
        source: "Microsoft Lifecycle".to_owned(),
        url: "https://learn.example/windows-7".to_owned(),
        retrieved: "2026-11-01".to_owned(),
        licence: "facts".to_owned(),
    }
}

fn scanner() -> Device {
    let mut ct = device("c7a0000000000001", DeviceClass::CtScanner, 11);
    ct.roles = BTreeSet::from([Role::DicomScu]);
    ct.segment = Some("imaging".to_owned());
    ct.manufacturer = Some("Siemens Healthineers".to_owned());
    ct.model = Some(text("SOMATOM Definition AS"));
    ct.serial_number = Some(text("990111"));
    ct.device_name = Some(text("CTAWP990111"));
    ct.ae_titles = BTreeSet::from([text("CT01")]);
    ct.os = OperatingSystem { name: Some("Windows".to_owned()), version: Some("7 SP1".to_owned()) };
    let name = Some("syngo CT".to_owned());
    ct.software =
        BTreeSet::from([Software { name, version: Some("VA48A".to_owned()), role: SoftwareRole::Application }]);
    ct.confidence = Confidence { manufacturer: Some(0.95), model: Some(0.95), class: Some(0.9) };
    ct.lifecycle = Arc::new(Lifecycle {
        stage: Stage::EndOfSupport,
        best: Some(Stage::EndOfSupport),
        worst: Some(Stage::EndOfSupport),
        legacy: true,
        reasons: vec!["Windows 7 has had no security updates since 2020-01-14".to_owned()],
        records: vec![record("Windows 7")],
    });
    ct.evidence = vec![
        evidence(Attribute::Manufacturer, "SIEMENS", Source::DicomDataset, 0.95),
        evidence(Attribute::Model, "SOMATOM Definition AS", Source::DicomDataset, 0.95),
        evidence(Attribute::Modality, "CT", Source::DicomDataset, 0.9),
        evidence(Attribute::NicManufacturer, "Siemens AG", Source::IeeeRegistry, 0.3),
    ];
    let values = BTreeSet::from(["VA48A".to_owned(), "VA44A".to_owned()]);
    ct.contradictions = vec![Contradiction { attribute: Attribute::SoftwareVersion, values }];
    ct
}

fn hostile() -> Device {
    let mut device = device("e000000000000006", DeviceClass::Unknown, 66);
    device.model = Some(text(HOSTILE));
    device.manufacturer = Some(format!("{HOSTILE}\nsecond line"));
    device.device_name = Some(text(&"long".repeat(60)));
    device.hostnames = BTreeSet::from([text("שלום-\u{202e}txt")]);
    device.segment = Some(HOSTILE.to_owned());
    device.confidence.model = Some(0.4);
    device.evidence = vec![evidence(Attribute::Model, HOSTILE, Source::Hl7Software, 0.4)];
    device
}

fn finding(
    id: &str,
    (rule, kind): (&'static str, &'static str),
    severity: Severity,
    device: &str,
    state: FindingState,
) -> FindingRecord {
    let window = (ago(5), ago(1));
    FindingRecord {
        id: id.to_owned(),
        finding: Finding {
            rule: Name::new(rule),
            kind: Name::new(kind),
            severity,
            confidence: 0.9,
            device: device.to_owned(),
            peer: Some("9ac5000000000002".to_owned()),
            key: "10.20.0.2".to_owned(),
            first_seen: window.0,
            last_seen: window.1,
            count: 12,
            evidence: BTreeMap::from([("called_ae".to_owned(), HOSTILE.to_owned())]),
            bpf_filter: "host 10.20.0.11 and host 10.20.0.2 and tcp port 104".to_owned(),
            community_ids: vec!["1:LQU9qZlK+B5F3KDmev6m5PMibrg=".to_owned()],
        },
        state,
        opened_at: window.0,
        resolved_at: (state == FindingState::Resolved).then_some(window.1),
    }
}

fn agent() -> AgentView {
    let interface = |is_up, dropped: &[(&'static str, u64)]| InterfaceHealth {
        is_up,
        packets: 1_000,
        bytes: 640_000,
        dropped: dropped.iter().map(|(reason, count)| (Name::new(reason), *count)).collect(),
        freezes: is_up.then_some(2),
        last_packet: Some(ago(1)),
        transmitted: is_up.then_some(0),
        may_transmit: is_up.then(|| BTreeSet::from([TransmitRisk::Arp])),
        workers: vec![WorkerHealth {
            packets: 900,
            dropped: is_up.then_some(3),
            conditions: BTreeMap::from([(Name::new("duplicate_packets"), 12)]),
        }],
    };
    AgentView {
        agent: "local".to_owned(),
        stream: StreamId([7; 16]),
        sequence: 9,
        reported_at: PacketTime(NOW.0 - 12_000_000_000),
        is_finished: false,
        health: AgentHealth {
            version: "0.1.0".to_owned(),
            capture_method: Name::new("pnet"),
            interfaces: BTreeMap::from([
                ("eth1".to_owned(), interface(true, &[("kernel", 3)])),
                ("eth2".to_owned(), interface(false, &[])),
            ]),
            flows: 120,
            flows_limit: 1_000_000,
        },
    }
}

fn capture() -> CaptureFacts {
    let dicom = ProtocolFacts { flows: 20, messages: 300, bytes: 1 << 20, parse_failures: 2 };
    CaptureFacts {
        packets: 2_000,
        bytes: 1_280_000,
        flows: 140,
        flows_without_payload: 3,
        window: Some((ago(400), ago(1))),
        losses: BTreeMap::from([(Name::new("stream_gap_bytes"), 4_096), (Name::new("ip_fragments"), 0)]),
        conditions: BTreeMap::from([(Name::new("duplicate_packets"), 77)]),
        stream_bytes: 61_440,
        protocols: BTreeMap::from([(Name::new("dicom"), dicom), (Name::new("hl7"), ProtocolFacts::default())]),
        other_links: false,
    }
}

/// The picture.
pub(crate) fn view() -> View {
    let mut pacs = device("9ac5000000000002", DeviceClass::Archive, 2);
    pacs.roles = BTreeSet::from([Role::DicomScp, Role::DicomScu]);
    pacs.ae_titles = BTreeSet::from([text("OLDPACS")]);
    let mut behind = device("be41000000000003", DeviceClass::MrScanner, 0);
    behind.addresses.clear();
    behind.behind = Some(pacs.id.clone());
    behind.manufacturer = Some("Philips".to_owned());
    behind.model = Some(text("Gyroscan Intera"));
    behind.confidence.model = Some(0.7);
    behind.evidence = vec![evidence(Attribute::Model, "Gyroscan Intera", Source::DicomDataset, 0.7)];
    Arc::make_mut(&mut behind.lifecycle).stage = Stage::EolAnnounced;
    let mut silent = device("d1ed000000000004", DeviceClass::Viewer, 4);
    silent.addresses.iter_mut().for_each(|address| address.last_seen = ago(80));
    Arc::make_mut(&mut silent.lifecycle).stage = Stage::Supported;
    let mut devices = vec![scanner(), pacs, behind, silent, hostile()];
    devices.sort_by(|a, b| a.id.cmp(&b.id));
    View {
        site: "main".to_owned(),
        evaluated_at: "2026-11-24".to_owned(),
        latest: Some(NOW),
        devices,
        aliases: BTreeMap::from([("01d0000000000007".to_owned(), "c7a0000000000001".to_owned())]),
        findings: vec![
            finding("f1", ENUMERATION, Severity::High, "c7a0000000000001", FindingState::Open),
            finding("f2", ("D04", "dicom-default-ae-title"), Severity::Medium, "c7a0000000000001", FindingState::Open),
            finding("f3", ENUMERATION, Severity::High, "e000000000000006", FindingState::Resolved),
        ],
        capture: capture(),
        agents: vec![agent()],
        counters: Counters {
            devices_discovered: 5,
            devices_forgotten: 0,
            findings_opened: BTreeMap::from([(("dicom-ae-title-enumeration", "high"), 2)]),
            reports: 9,
            ..Counters::default()
        },
        store: StoreHealth { bytes: 4_096, devices: 5, devices_limit: 100_000, ..StoreHealth::default() },
        own_rules: 3,
        imports: Vec::new(),
    }
}
