//! What must be found in the capture, written down by hand.

use super::{hosts, patients};
use crate::frame::Mac;
use std::net::Ipv4Addr;

/// The truth about the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Everything that is a device, and nothing else is.
    pub devices: Vec<Device>,
    /// DICOM associations; equal ones are one entry.
    pub associations: Vec<Association>,
    /// HL7 interfaces.
    pub hl7_links: Vec<Hl7Link>,
    /// TLS connections: client, server, port.
    pub tls: Vec<(Ipv4Addr, Ipv4Addr, u16)>,
    /// Conversations of no medical protocol: client, server, transport, port.
    pub others: Vec<(Ipv4Addr, Ipv4Addr, &'static str, u16)>,
    /// Pieces of text of which none may be in any output: patients, people, instances, secrets.
    pub untold: &'static [&'static str],
}

/// What a device is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Told {
    Network,
    Dicom,
    Hl7,
}

/// A device. What is `None` must not be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Where what is said of it comes from.
    pub told_by: Told,
    /// Its addresses; none where only others speak of it.
    pub ips: &'static [Ipv4Addr],
    /// Its MAC address; none behind a router.
    pub mac: Option<Mac>,
    /// VLANs its packets carry, sorted.
    pub vlans: &'static [u16],
    /// Address of the device that spoke for it.
    pub behind: Option<Ipv4Addr>,
    /// By its present trade name.
    pub manufacturer: Option<&'static str>,
    /// Model.
    pub model: Option<&'static str>,
    /// Serial number.
    pub serial_number: Option<&'static str>,
    /// Unique device identifier.
    pub udi: Option<&'static str>,
    /// AE titles, sorted.
    pub ae_titles: &'static [&'static str],
    /// Parts it plays, sorted.
    pub roles: &'static [&'static str],
    /// Software that must be listed, with its role.
    pub software: &'static [(&'static str, &'static str)],
    /// Holder of its MAC address block.
    pub nic_manufacturer: Option<&'static str>,
}

/// Associations between two addresses that are equal but for what was done on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Association {
    /// Requestor.
    pub client: Ipv4Addr,
    /// Acceptor.
    pub server: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// Calling AE title.
    pub calling: &'static str,
    /// Called AE title.
    pub called: &'static str,
    /// `accepted` or `rejected`.
    pub result: &'static str,
    /// `released` or `open`.
    pub end: &'static str,
    /// Result, source, reason.
    pub rejection: Option<[u8; 3]>,
    /// Type of the user identity.
    pub user_identity_type: Option<u8>,
    /// How many.
    pub count: u64,
    /// DIMSE service: requests, successes, pending responses.
    pub operations: &'static [(&'static str, [u64; 3])],
    /// Implementation class UIDs of client and server; a rejection has none.
    pub implementations: [Option<&'static str>; 2],
}

/// An interface between two applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hl7Link {
    /// Sender.
    pub client: Ipv4Addr,
    /// Receiver.
    pub server: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// MSH-3, components joined with `^`.
    pub sending_application: &'static str,
    /// MSH-4.
    pub sending_facility: &'static str,
    /// MSH-12.
    pub version: &'static str,
    /// MSH-9 as sent, and how many.
    pub messages: (&'static str, u64),
    /// MSA-1, and how many.
    pub acknowledgements: Option<(&'static str, u64)>,
    /// Messages without an acknowledgement.
    pub unacknowledged: u64,
}

/// Nothing is said of it.
const SILENT: Device = Device {
    told_by: Told::Network,
    ips: &[],
    mac: None,
    vlans: &[],
    behind: None,
    manufacturer: None,
    model: None,
    serial_number: None,
    udi: None,
    ae_titles: &[],
    roles: &[],
    software: &[],
    nic_manufacturer: None,
};

/// A host that is seen itself.
const fn seen(host: &hosts::Host, ips: &'static [Ipv4Addr]) -> Device {
    let vlans: &[u16] = match host.vlan {
        Some(hosts::IMAGING) => &[hosts::IMAGING],
        Some(_) => &[hosts::WARDS],
        None => &[],
    };
    Device { ips, mac: if host.vlan.is_some() { Some(host.mac) } else { None }, vlans, ..SILENT }
}

/// The truth.
pub fn truth() -> Truth {
    Truth {
        devices: [network(), imaging(), wards()].concat(),
        associations: associations(),
        hl7_links: hl7_links(),
        tls: vec![(hosts::WORKSTATION.ip, hosts::PACS.ip, 2762)],
        others: vec![
            (hosts::CT.ip, hosts::TIME_SERVER.ip, "udp", 123),
            (hosts::GATEWAY.ip, hosts::TIME_SERVER.ip, "udp", 123),
            (hosts::OFFICE.ip, hosts::RIS.ip, "tcp", 8080),
        ],
        untold: patients::UNTOLD,
    }
}

fn network() -> Vec<Device> {
    vec![
        // One device with a foot in each network.
        Device {
            roles: &["router"],
            vlans: &[hosts::IMAGING, hosts::WARDS],
            ..seen(&hosts::ROUTER_IMAGING, &[hosts::ROUTER_IMAGING.ip, hosts::ROUTER_WARDS.ip])
        },
        seen(&hosts::PRINTER, &[hosts::PRINTER.ip]),
        Device { vlans: &[hosts::IMAGING], ..seen(&hosts::OFFICE, &[hosts::OFFICE.ip]) },
        // It answers into both networks.
        Device {
            vlans: &[hosts::IMAGING, hosts::WARDS],
            roles: &["ntp-server"],
            ..seen(&hosts::TIME_SERVER, &[hosts::TIME_SERVER.ip])
        },
    ]
}

fn imaging() -> Vec<Device> {
    vec![
        // It passes on images of three makers and is of none of them.
        Device {
            told_by: Told::Dicom,
            ae_titles: &["PACS"],
            roles: &["dicom-scp", "dicom-scu"],
            software: &[("dcm4che", "dicom-implementation")],
            ..seen(&hosts::PACS, &[hosts::PACS.ip])
        },
        Device {
            told_by: Told::Dicom,
            ae_titles: &["RIS"],
            roles: &["dicom-scp"],
            software: &[("MergeCOM-3", "dicom-implementation")],
            ..seen(&hosts::RIS, &[hosts::RIS.ip])
        },
        Device {
            told_by: Told::Dicom,
            manufacturer: Some("Siemens Healthineers"),
            model: Some("SOMATOM Definition AS"),
            serial_number: Some("990111"),
            ae_titles: &["CT01"],
            roles: &["dicom-scu"],
            software: &[("SOMATOM Definition AS", "application")],
            ..seen(&hosts::CT, &[hosts::CT.ip])
        },
        Device {
            told_by: Told::Dicom,
            manufacturer: Some("GE HealthCare"),
            model: Some("LOGIQ S8"),
            serial_number: Some("990204US4"),
            udi: Some("(01)00800000990204(21)990204US4"),
            ae_titles: &["US_ROOM4"],
            roles: &["dicom-scu"],
            software: &[("LOGIQ S8", "application")],
            nic_manufacturer: Some("GE Healthcare"),
            ..seen(&hosts::ULTRASOUND, &[hosts::ULTRASOUND.ip])
        },
        // Gone, but its images are still moved.
        Device {
            told_by: Told::Dicom,
            behind: Some(hosts::PACS.ip),
            manufacturer: Some("Philips"),
            model: Some("Gyroscan Intera"),
            serial_number: Some("990307"),
            software: &[("Gyroscan Intera", "application")],
            ..SILENT
        },
        Device {
            told_by: Told::Dicom,
            ae_titles: &["WS40"],
            roles: &["dicom-scp", "dicom-scu"],
            software: &[("DCMTK", "dicom-implementation")],
            ..seen(&hosts::WORKSTATION, &[hosts::WORKSTATION.ip])
        },
        Device {
            told_by: Told::Dicom,
            ae_titles: &["WS41"],
            roles: &["dicom-scu"],
            software: &[("DCMTK", "dicom-implementation")],
            ..seen(&hosts::STRAY_WORKSTATION, &[hosts::STRAY_WORKSTATION.ip])
        },
    ]
}

fn wards() -> Vec<Device> {
    let monitor = Device {
        told_by: Told::Hl7,
        behind: Some(hosts::GATEWAY.ip),
        manufacturer: Some("Philips"),
        model: Some("IntelliVue MX800"),
        software: &[("IntelliVue MX800", "application")],
        ..SILENT
    };
    vec![
        Device { told_by: Told::Hl7, roles: &["hl7-receiver"], ..seen(&hosts::ENGINE, &[hosts::ENGINE.ip]) },
        // Its MAC address tells the maker of its network interface, not its own.
        Device {
            told_by: Told::Hl7,
            roles: &["hl7-sender"],
            nic_manufacturer: Some("Philips Patient Monitoring"),
            ..seen(&hosts::GATEWAY, &[hosts::GATEWAY.ip])
        },
        Device { serial_number: Some("DE99000101"), ..monitor },
        Device { serial_number: Some("DE99000102"), ..monitor },
        Device {
            told_by: Told::Hl7,
            manufacturer: Some("B. Braun"),
            model: Some("Infusomat Space"),
            serial_number: Some("990201"),
            roles: &["hl7-sender"],
            software: &[("Infusomat Space", "firmware")],
            nic_manufacturer: Some("B.Braun Melsungen AG"),
            ..seen(&hosts::PUMP, &[hosts::PUMP.ip])
        },
        Device {
            told_by: Told::Hl7,
            roles: &["hl7-sender"],
            software: &[("LabFlow", "hl7-software")],
            ..seen(&hosts::LAB, &[hosts::LAB.ip])
        },
        Device { told_by: Told::Hl7, roles: &["hl7-sender"], ..seen(&hosts::HIS, &[hosts::HIS.ip]) },
    ]
}

const SIEMENS: Option<&str> = Some("1.3.12.2.1107.5.1");
const GE: Option<&str> = Some("1.2.840.113619.6.323");
const DCM4CHE: Option<&str> = Some("1.2.40.0.13.1.3");
const MERGE: Option<&str> = Some("2.16.840.1.114151.100.1.1");
const DCMTK: Option<&str> = Some("1.2.276.0.7230010.3.0.3.6.7");

fn associations() -> Vec<Association> {
    let to_pacs = Association {
        client: hosts::CT.ip,
        server: hosts::PACS.ip,
        port: 104,
        calling: "CT01",
        called: "PACS",
        result: "accepted",
        end: "released",
        rejection: None,
        user_identity_type: None,
        count: 1,
        operations: &[("C-STORE", [3, 3, 0])],
        implementations: [SIEMENS, DCM4CHE],
    };
    let to_ris =
        Association { server: hosts::RIS.ip, port: 4100, called: "RIS", implementations: [SIEMENS, MERGE], ..to_pacs };
    vec![
        to_pacs,
        Association { operations: &[("C-FIND", [1, 1, 2])], ..to_ris },
        Association { count: 2, operations: &[("N-CREATE", [1, 1, 0]), ("N-SET", [1, 1, 0])], ..to_ris },
        Association {
            client: hosts::ULTRASOUND.ip,
            calling: "US_ROOM4",
            operations: &[("C-STORE", [1, 1, 0])],
            implementations: [GE, DCM4CHE],
            ..to_pacs
        },
        Association {
            client: hosts::STRAY_WORKSTATION.ip,
            calling: "WS41",
            called: "OLDPACS",
            result: "rejected",
            end: "open",
            rejection: Some([1, 1, 7]),
            count: 2,
            operations: &[],
            implementations: [DCMTK, None],
            ..to_pacs
        },
        Association {
            client: hosts::WORKSTATION.ip,
            calling: "WS40",
            user_identity_type: Some(2),
            operations: &[("C-MOVE", [1, 1, 2])],
            implementations: [DCMTK, DCM4CHE],
            ..to_pacs
        },
        Association {
            client: hosts::PACS.ip,
            server: hosts::WORKSTATION.ip,
            port: 11_112,
            calling: "PACS",
            called: "WS40",
            implementations: [DCM4CHE, DCMTK],
            ..to_pacs
        },
    ]
}

fn hl7_links() -> Vec<Hl7Link> {
    let monitors = Hl7Link {
        client: hosts::GATEWAY.ip,
        server: hosts::ENGINE.ip,
        port: 2575,
        sending_application: "MONGW^0009FBFFFE990009^EUI-64",
        sending_facility: "ICU",
        version: "2.6",
        messages: ("ORU^R01^ORU_R01", 4),
        acknowledgements: Some(("AA", 4)),
        unacknowledged: 0,
    };
    vec![
        monitors,
        Hl7Link {
            client: hosts::PUMP.ip,
            sending_application: "PUMP^001221FFFE990201^EUI-64",
            messages: ("ORU^R01^ORU_R01", 2),
            acknowledgements: Some(("AA", 2)),
            ..monitors
        },
        Hl7Link {
            client: hosts::LAB.ip,
            port: 6661,
            sending_application: "LABSYS",
            sending_facility: "SYNTH",
            version: "2.5.1",
            messages: ("ORU^R01", 2),
            acknowledgements: Some(("AA", 2)),
            ..monitors
        },
        Hl7Link {
            client: hosts::HIS.ip,
            sending_application: "HIS",
            sending_facility: "SYNTH",
            version: "2.5",
            messages: ("ADT^A01^ADT_A01", 3),
            acknowledgements: None,
            unacknowledged: 3,
            ..monitors
        },
    ]
}
