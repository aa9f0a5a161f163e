//! Folders, collectors and reports for these tests.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};
use wardwatch_collector::{Collector, IngestError, Receipt, View, knowledge::Catalogue, store};
use wardwatch_model::{
    AgentHealth, Attribute, Bounded, CaptureFacts, Conversation, ConversationKey, Description, Detail, DeviceText,
    Facts, Mac, Name, PacketTime, Place, ProtocolFacts, Report, Seen, Sighting, Source, StreamId, Transport, Tunnels,
    Vlans,
    config::Config,
    dicom::{
        Association, AssociationActivity, AssociationEnd, AssociationResult, ContextResult, Dimse, Operations,
        PresentationContext,
    },
};

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// In memory where that can be: a killed process loses nothing there that it would not lose on a disk.
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self::within(if memory.is_dir() { memory } else { Path::new(env!("CARGO_TARGET_TMPDIR")) })
    }

    pub(crate) fn on_disk() -> Self {
        Self::within(Path::new(env!("CARGO_TARGET_TMPDIR")))
    }

    fn within(parent: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("wardwatch-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = parent.join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Tells a child of these tests what to do.
pub(crate) const CHILD: &str = "WARDWATCH_STORE_CHILD";

/// This test program again, as a child that runs one test.
pub(crate) fn child(test: &str, what: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, what);
    command
}

pub(crate) fn child_argument() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// The probe of [`open`], in a process of its own.
#[test]
fn probe_child() {
    if let Some(home) = child_argument() {
        std::process::exit(store::probe_main(&home).into());
    }
}

pub(crate) fn open_store(dir: &Path) -> Result<store::Opened, store::OpenError> {
    store::open(dir, &|home| store::run_probe(&mut child("support::probe_child", home), home))
}

pub(crate) fn start(store: Box<dyn store::Store>) -> Collector {
    start_with(store, Config::default())
}

pub(crate) fn start_with(store: Box<dyn store::Store>, config: Config) -> Collector {
    Collector::start(store, config, Catalogue::embedded().unwrap()).unwrap()
}

pub(crate) fn open(dir: &Path) -> Collector {
    start(Box::new(open_store(dir).unwrap().store))
}

pub(crate) fn report(collector: &mut Collector, report: &Report) -> Result<Receipt, IngestError> {
    collector.report(report.clone(), NOW)
}

pub(crate) const NOW: PacketTime = PacketTime(1_795_478_400_000_000_000);

/// The picture without what depends on how often it was asked for.
pub(crate) fn picture(view: &View) -> String {
    format!("{:#?}\n{:#?}\n{:#?}\n{:#?}", view.devices, view.findings, view.capture, view.latest)
}

/// Numbers that look random and are always the same.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn text(text: &str) -> DeviceText {
    DeviceText::new(text).unwrap()
}

fn address(number: u64) -> (IpAddr, Mac) {
    let [.., high, low] = number.to_be_bytes();
    (IpAddr::V4(Ipv4Addr::new(10, 0, high, low)), Mac([0, 0, 0x5e, 0, high, low]))
}

/// Facts of one flow of a device.
pub(crate) fn flow(device: u64, seconds: u64) -> Facts {
    let mut facts = Facts::default();
    let at = PacketTime::from_parts(1_795_478_400 - 86_400 + seconds, 5);
    let seen = Seen::once(at);
    let ((client, mac), (server, server_mac)) = (address(device), address(60_000));
    let sighting = Sighting { seen, payload: true, claimed: true, routed: false };
    facts.add_sighting(
        Place { ip: client, tunnels: Tunnels::default(), mac: Some(mac), vlans: Vlans::default() },
        &sighting,
    );
    facts.add_sighting(
        Place { ip: server, tunnels: Tunnels::default(), mac: Some(server_mac), vlans: Vlans::default() },
        &sighting,
    );
    let key = ConversationKey {
        client,
        server,
        protocol: Name::new("dicom"),
        transport: Transport::Tcp,
        port: 11_112,
        tunnels: Tunnels::default(),
        client_mac: Some(mac),
        server_mac: Some(server_mac),
    };
    let mut associations = Bounded::default();
    *associations.entry(association(device)).unwrap() = activity();
    facts.add_conversation(
        key,
        Box::new(Conversation {
            seen,
            encrypted: false,
            vlans: [Vlans::default()].into(),
            messages: 4,
            bytes_to_server: 4_000,
            bytes_to_client: 400,
            detail: Detail::Dicom(associations),
            violations: Bounded::default(),
            client_ports: Default::default(),
        }),
    );
    let description = Description {
        speaker: client,
        tunnels: Tunnels::default(),
        speaker_mac: Some(mac),
        source: Source::DicomDataset,
        speaks_as: Some(text(&format!("CT{device}"))),
        attributes: vec![
            (Attribute::Manufacturer, text("Example Imaging")),
            (Attribute::Model, text("Scan 9")),
            (Attribute::SerialNumber, text(&format!("SN-{device}"))),
        ],
    };
    facts.add_description(description, &seen);
    let dicom = ProtocolFacts { flows: 1, messages: 4, bytes: 4_400, parse_failures: 0 };
    facts.capture = CaptureFacts {
        packets: 40,
        bytes: 6_000,
        flows: 1,
        flows_without_payload: 0,
        window: Some((at, at)),
        losses: BTreeMap::new(),
        conditions: BTreeMap::new(),
        stream_bytes: 0,
        protocols: [(Name::new("dicom"), dicom)].into(),
        other_links: false,
    };
    facts
}

fn association(device: u64) -> Association {
    let context = |syntax: &str| PresentationContext {
        abstract_syntax: Some(text(syntax)),
        proposed_transfer_syntaxes: vec![text("1.2.840.10008.1.2"), text("1.2.840.10008.1.2.1")],
        transfer_syntax: Some(text("1.2.840.10008.1.2.1")),
        scu_role: None,
        scp_role: None,
        result: ContextResult::Accepted,
    };
    Association {
        calling_ae: Some(text(&format!("CT{device}"))),
        called_ae: Some(text("ARCHIVE")),
        result: AssociationResult::Accepted,
        end: AssociationEnd::Released,
        rejection: None,
        abort: None,
        client_implementation_uid: Some(text("1.2.276.0.7230010.3.0.3.6.6")),
        client_implementation_version: Some(text("OFFIS_DCMTK_366")),
        client_max_pdu: Some(16_384),
        server_implementation_uid: Some(text("1.2.826.0.1.3680043.9.3811.2.0.1")),
        server_implementation_version: Some(text("PYNETDICOM_201")),
        server_max_pdu: Some(16_382),
        user_identity_type: None,
        async_operations: None,
        extended_negotiation: [].into(),
        contexts: ["1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7"].map(context).into(),
    }
}

fn activity() -> AssociationActivity {
    let stored = Operations { requests: 2, success: 2, bytes: 3_000, ..Operations::default() };
    let mut activity = AssociationActivity { count: 1, ..AssociationActivity::default() };
    activity.operations.0.insert(Dimse::CStore, stored);
    activity
}

/// The reports of an agent on one stream: a few flows begin, go on and end with each.
pub(crate) fn stream(agent: &str, id: u8, reports: u64, devices: u64) -> Vec<Report> {
    reports_one_by_one(agent, id, reports, devices).collect()
}

/// The same, one by one.
pub(crate) fn reports_one_by_one(agent: &str, id: u8, reports: u64, devices: u64) -> impl Iterator<Item = Report> {
    let agent = agent.to_owned();
    let mut dice = Dice(u64::from(id));
    let mut open: Vec<(u64, u64)> = Vec::new();
    (1..=reports).map(move |sequence| {
        let is_last = sequence == reports;
        let (mut finished, mut still) = (Facts::default(), Facts::default());
        open.extend((0..4).map(|_| (dice.below(devices), sequence * 60 + dice.below(60))));
        for (device, seconds) in std::mem::take(&mut open) {
            if is_last || dice.below(3) == 0 {
                finished.merge(flow(device, seconds));
            } else {
                still.merge(flow(device, seconds));
                open.push((device, seconds));
            }
        }
        Report {
            agent: agent.clone(),
            stream: StreamId([id; 16]),
            sequence,
            finished,
            open: still,
            health: AgentHealth { capture_method: Name::new("replay"), ..AgentHealth::default() },
            is_last,
        }
    })
}
