//! The document that an analysis ends in: `wardwatch.analysis/1`. Fields are added, never changed in meaning. Absent
//! values are null or empty, never left out.

mod conversation;

pub use crate::lifecycle::{Lifecycle, LifecycleRecord, Scope, Stage};
use crate::{
    Attribute, DeviceClass, DeviceText, ImportReport, Location, Mac, Name, PacketTime, ProtocolFacts, Source, Tunnels,
    Vlans, attribute::closed_list,
};
pub use conversation::ConversationEntry;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};

/// The schema this module writes.
pub const SCHEMA: &str = "wardwatch.analysis/1";

/// The whole document.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// UTC date for which life cycles are judged.
    pub evaluated_at: String,
    /// What was captured, and what was lost.
    pub capture: Capture,
    /// By id.
    pub devices: Vec<Device>,
    /// By addresses, protocol, port.
    pub conversations: Vec<ConversationEntry>,
    /// Judged results of detections and life-cycle rules.
    pub findings: Vec<Finding>,
    /// What became of each file that was imported.
    pub imports: Vec<ImportReport>,
    /// How many entries found no room in each list.
    pub truncated: Truncated,
}

/// What was captured.
#[derive(Clone, Debug, Serialize)]
pub struct Capture {
    /// Files read.
    pub files: usize,
    /// Frames.
    pub packets: u64,
    /// Their length on the wire.
    pub bytes: u64,
    /// Earliest frame.
    pub first_packet: Option<PacketTime>,
    /// Latest frame.
    pub last_packet: Option<PacketTime>,
    /// Flows.
    pub flows: Flows,
    /// What is lost to us, and why.
    pub loss: Loss,
    /// What tells how well the capture sees though nothing is lost by it, by condition.
    pub conditions: BTreeMap<Name, u64>,
    /// Every protocol of the registry.
    pub protocols: BTreeMap<Name, ProtocolEntry>,
}

/// Flows, of which the ones without payload are listed nowhere.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Flows {
    pub total: u64,
    pub without_payload: u64,
}

/// Losses by reason.
#[derive(Clone, Debug, Serialize)]
pub struct Loss {
    /// Frames whose headers are malformed or unknown: the sum of the reasons that say so.
    pub decode_failures: u64,
    /// Times a parser met what its standard does not allow.
    pub parse_failures: BTreeMap<Name, u64>,
    /// What part of the bytes of TCP connections the capture lost, as far as the holes in them tell: 0 to 1.
    pub estimated_ratio: Option<f64>,
    /// Every reason by its name.
    #[serde(flatten)]
    pub reasons: BTreeMap<Name, u64>,
}

/// Traffic of a protocol.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "as in ProtocolFacts")]
pub struct ProtocolEntry {
    pub flows: u64,
    pub messages: u64,
    pub bytes: u64,
}

impl From<&ProtocolFacts> for ProtocolEntry {
    fn from(facts: &ProtocolFacts) -> Self {
        Self { flows: facts.flows, messages: facts.messages, bytes: facts.bytes }
    }
}

closed_list! {
    /// Parts a device is seen to play.
    Role {
        /// Speaks BACnet as a device of a building.
        BacnetDevice = "bacnet-device",
        /// Gives addresses to DHCP clients.
        DhcpServer = "dhcp-server",
        /// Answers DICOM associations.
        DicomScp = "dicom-scp",
        /// Requests DICOM associations.
        DicomScu = "dicom-scu",
        /// Acknowledges HL7 messages.
        Hl7Receiver = "hl7-receiver",
        /// Sends HL7 messages.
        Hl7Sender = "hl7-sender",
        /// Gives the time by NTP.
        NtpServer = "ntp-server",
        /// Shows its screen to others by RDP.
        RdpServer = "rdp-server",
        /// Its MAC address carries the packets of others.
        Router = "router",
        /// Shows its screen to others by VNC.
        VncServer = "vnc-server",
    }
}

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    /// Stable, opaque.
    pub id: String,
    /// Id of the device that spoke for it.
    pub behind: Option<String>,
    /// Where it was seen.
    pub addresses: Vec<Address>,
    /// Kind of device, of the closed list.
    pub class: DeviceClass,
    /// Parts it plays.
    pub roles: BTreeSet<Role>,
    /// Name of the network segment, from the configuration, else from a file that was imported.
    pub segment: Option<String>,
    /// Where it is, as files say that were imported: the most exact first, then the latest.
    pub locations: Vec<Location>,
    /// Maker, by its present trade name.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<DeviceText>,
    /// Serial number.
    pub serial_number: Option<DeviceText>,
    /// Unique device identifier.
    pub udi: Option<DeviceText>,
    /// What the device calls itself.
    pub device_name: Option<DeviceText>,
    /// Operating system.
    pub os: OperatingSystem,
    /// Host names.
    pub hostnames: BTreeSet<DeviceText>,
    /// AE titles it calls with or answers to.
    pub ae_titles: BTreeSet<DeviceText>,
    /// `APP^FACILITY`.
    pub hl7_applications: BTreeSet<DeviceText>,
    /// Software.
    pub software: BTreeSet<Software>,
    /// How sure the three are.
    pub confidence: Confidence,
    /// How much is known of it, 0 to 100: docs/identity.md.
    pub visibility: u8,
    /// Where it stands in its life; the same for all that tell the same of themselves.
    pub lifecycle: Arc<Lifecycle>,
    /// Security advisories.
    pub advisories: Vec<Advisory>,
    /// Why all this is said.
    pub evidence: Vec<Evidence>,
    /// Attributes for which the evidence does not agree.
    pub contradictions: Vec<Contradiction>,
}

/// An address of a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Address {
    pub ip: IpAddr,
    /// Null where a router stands between, or the link has none.
    pub mac: Option<Mac>,
    /// Outermost first.
    pub vlan: Vlans,
    /// The tunnels it is in, outermost first; empty on the network itself.
    pub tunnel: Tunnels,
    pub first_seen: PacketTime,
    pub last_seen: PacketTime,
}

/// An operating system.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct OperatingSystem {
    pub name: Option<String>,
    pub version: Option<String>,
}

closed_list! {
    /// What a piece of software is to its device.
    SoftwareRole {
        /// The device's own.
        Application = "application",
        /// What it asks other hosts with.
        Client = "client",
        /// DICOM toolkit or archive.
        DicomImplementation = "dicom-implementation",
        /// The device's firmware.
        Firmware = "firmware",
        /// What wrote HL7 messages.
        Hl7Software = "hl7-software",
        /// What it answers other hosts with.
        Server = "server",
    }
}

/// Software of a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Software {
    pub name: Option<String>,
    pub version: Option<String>,
    pub role: SoftwareRole,
}

/// From 0 to 1; null where nothing is claimed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Confidence {
    pub manufacturer: Option<f64>,
    pub model: Option<f64>,
    pub class: Option<f64>,
}

/// A security advisory that may concern a device.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct Advisory {
    pub id: String,
    pub relevance: &'static str,
    pub cves: Vec<String>,
}

/// An observation behind an attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Evidence {
    pub attribute: Attribute,
    /// As on the wire.
    pub value: DeviceText,
    pub source: Source,
    /// From 0 to 1.
    pub confidence: f64,
    pub first_seen: PacketTime,
    pub last_seen: PacketTime,
    pub count: u64,
}

/// Evidence that does not agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Contradiction {
    pub attribute: Attribute,
    pub values: BTreeSet<String>,
}

closed_list! {
    /// How bad a finding is, the mildest first.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// To be put right when there is time.
        Low = "low",
        /// To be looked at within days.
        Medium = "medium",
        /// To be looked at today.
        High = "high",
        /// To be looked at now.
        Critical = "critical",
    }
}

/// The judged result of a rule. There is one for each rule, device and key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct Finding {
    pub rule: Name,
    pub kind: Name,
    pub severity: Severity,
    pub confidence: f64,
    pub device: String,
    pub peer: Option<String>,
    /// What tells it apart from others of its rule and device, such as a peer or a title. Stays what it is while peers and
    /// counts change.
    pub key: String,
    pub first_seen: PacketTime,
    pub last_seen: PacketTime,
    pub count: u64,
    pub evidence: BTreeMap<String, String>,
    pub bpf_filter: String,
    pub community_ids: Vec<String>,
}

/// Entries that found no room.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the lists' names")]
pub struct Truncated {
    pub devices: u64,
    pub conversations: u64,
    pub findings: u64,
}
