//! Which part of a network's life makes which class.

use crate::{
    identity::{IdKey, resolve},
    knowledge::Catalogue,
};
use std::net::IpAddr;
use wardwatch_model::{
    Attribute, Bounded, Conversation, ConversationKey, Description, Detail, DeviceClass, DeviceText, Facts, PacketTime,
    Place, Seen, Sighting, Source, Transport, Tunnels, Vlans,
    analysis::Device,
    config::Config,
    dicom::{
        Association, AssociationActivity, AssociationEnd, AssociationResult, ContextResult, Dimse, Operations,
        OperationsByService, PresentationContext,
    },
    hl7::{Link, LinkActivity},
};

const A: &str = "10.0.0.1";
const B: &str = "10.0.0.2";
const C: &str = "10.0.0.3";

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
const STUDY_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
const STUDY_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";

const SEEN: Seen = Seen { first: PacketTime(1), last: PacketTime(2), count: 1 };

fn text(text: &str) -> DeviceText {
    DeviceText::new(text).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn context(sop_class: &str, result: ContextResult, roles: [Option<bool>; 2]) -> PresentationContext {
    PresentationContext {
        abstract_syntax: Some(text(sop_class)),
        proposed_transfer_syntaxes: Vec::new(),
        transfer_syntax: None,
        scu_role: roles[0],
        scp_role: roles[1],
        result,
    }
}

fn accepted(sop_class: &str) -> PresentationContext {
    context(sop_class, ContextResult::Accepted, [None, None])
}

/// The hosts A, B and C, and what they do.
struct Network(Facts);

impl Network {
    fn new() -> Self {
        let mut report = Facts::default();
        for address in [A, B, C] {
            let place = Place { ip: ip(address), tunnels: Tunnels::default(), mac: None, vlans: Vlans::default() };
            let sighting = Sighting { seen: SEEN, payload: true, claimed: false, routed: false };
            report.sightings.insert(place, sighting);
        }
        Self(report)
    }

    fn conversation(mut self, client: &str, server: &str, port: u16, answered: u64, detail: Detail) -> Self {
        let (client, server) = (ip(client), ip(server));
        let protocol = match detail {
            Detail::Dicom(_) => "dicom",
            Detail::Hl7(_) => "hl7",
            _ => "unknown",
        };
        let key = ConversationKey {
            client,
            server,
            protocol: protocol.into(),
            transport: Transport::Tcp,
            port,
            tunnels: Tunnels::default(),
            client_mac: None,
            server_mac: None,
        };
        let conversation = Conversation {
            seen: SEEN,
            encrypted: false,
            vlans: [Vlans::default()].into(),
            messages: 2,
            bytes_to_server: 1,
            bytes_to_client: answered,
            detail,
            violations: Bounded::default(),
            client_ports: Default::default(),
        };
        self.0.conversations.insert(key, Box::new(conversation));
        self
    }

    fn associates(self, client: &str, server: &str, contexts: &[PresentationContext], done: &[Dimse]) -> Self {
        let association = Association {
            calling_ae: Some(text(&format!("AE{}", client.replace('.', "")))),
            called_ae: Some(text("ANY")),
            result: AssociationResult::Accepted,
            end: AssociationEnd::Released,
            rejection: None,
            abort: None,
            client_implementation_uid: None,
            client_implementation_version: None,
            client_max_pdu: None,
            server_implementation_uid: None,
            server_implementation_version: None,
            server_max_pdu: None,
            user_identity_type: None,
            async_operations: None,
            extended_negotiation: Default::default(),
            contexts: contexts.to_vec(),
        };
        let once = Operations { requests: 1, success: 1, ..Operations::default() };
        let operations = OperationsByService(done.iter().map(|service| (*service, once.clone())).collect());
        let activity = AssociationActivity { count: 1, operations, ..AssociationActivity::default() };
        // Each call is a conversation of its own.
        let port = 104 + u16::try_from(self.0.conversations.len()).unwrap();
        let detail = Detail::Dicom(Bounded { entries: [(association, activity)].into(), dropped: 0 });
        self.conversation(client, server, port, 1, detail)
    }

    fn sends(self, client: &str, server: &str, application: &str, kind: &str) -> Self {
        let link = Link { sending_application: Some(text(application)), ..Link::default() };
        let activity =
            LinkActivity { message_types: [(text(kind), 1)].into_iter().collect(), ..LinkActivity::default() };
        let port = 2575 + u16::try_from(self.0.conversations.len()).unwrap();
        let detail = Detail::Hl7(Bounded { entries: [(link, activity)].into(), dropped: 0 });
        self.conversation(client, server, port, 1, detail)
    }

    fn says(mut self, speaker: &str, speaks_as: &str, source: Source, attributes: &[(Attribute, &str)]) -> Self {
        let attributes = attributes.iter().map(|(attribute, value)| (*attribute, text(value))).collect();
        let description = Description {
            speaker: ip(speaker),
            tunnels: Tunnels::default(),
            speaker_mac: None,
            source,
            speaks_as: DeviceText::new(speaks_as),
            attributes,
        };
        self.0.descriptions.insert(description, SEEN);
        self
    }

    fn devices(&self) -> Vec<Device> {
        resolve(&self.0, &Config::default(), &Catalogue::embedded().unwrap(), IdKey::of_site("test")).devices
    }

    fn class(&self, address: &str) -> DeviceClass {
        at(&self.devices(), address).class
    }
}

fn at<'a>(devices: &'a [Device], address: &str) -> &'a Device {
    devices.iter().find(|device| device.addresses.iter().any(|a| a.ip == ip(address))).unwrap()
}

const CT_SET: [(Attribute, &str); 3] =
    [(Attribute::Manufacturer, "GE MEDICAL SYSTEMS"), (Attribute::Model, "Revolution"), (Attribute::Modality, "CT")];

#[test]
fn an_archive_that_forwards_the_images_of_a_scanner_is_an_archive_and_the_scanner_behind_it_is_one() {
    let devices = Network::new()
        .associates(C, A, &[accepted(CT)], &[Dimse::CStore])
        .associates(A, B, &[accepted(CT)], &[Dimse::CStore])
        .says(A, "PACS", Source::DicomDataset, &CT_SET)
        .devices();
    assert_eq!(at(&devices, A).class, DeviceClass::Archive);
    let scanner = devices.iter().find(|device| device.behind.is_some()).unwrap();
    assert_eq!((scanner.class, scanner.confidence.class), (DeviceClass::CtScanner, Some(0.95)));
}

#[test]
fn a_sender_of_a_scanners_images_under_another_name_is_no_scanner() {
    let network = Network::new().associates(A, B, &[accepted(CT)], &[Dimse::CStore]).says(
        A,
        "ROUTER",
        Source::DicomDataset,
        &CT_SET,
    );
    assert_eq!(network.class(A), DeviceClass::Unknown);
    // Unless it asks what it is to do, as only scanners do.
    let network = network.associates(A, C, &[accepted(WORKLIST)], &[Dimse::CFind]);
    assert_eq!(network.class(A), DeviceClass::CtScanner);
    assert_eq!(network.class(C), DeviceClass::WorklistServer);
}

#[test]
fn a_service_that_was_not_accepted_is_not_given() {
    let refused = context(WORKLIST, ContextResult::AbstractSyntaxNotSupported, [None, None]);
    let network = Network::new().associates(A, B, &[accepted(CT), refused], &[Dimse::CStore]);
    assert_eq!(network.class(B), DeviceClass::Archive);
    assert_eq!(network.devices().len(), 3);
    let scanner = at(&network.devices(), A).confidence.class;
    assert_eq!(scanner, Some(0.5), "no more than that it stores");
}

#[test]
fn who_fetches_images_on_its_own_association_does_not_store_them() {
    let reversed = context(CT, ContextResult::Accepted, [Some(false), Some(true)]);
    let network = Network::new().associates(A, B, &[accepted(STUDY_GET), reversed], &[Dimse::CGet, Dimse::CStore]);
    assert_eq!(network.class(A), DeviceClass::Viewer);
    assert_eq!(network.class(B), DeviceClass::Archive);
}

#[test]
fn where_the_start_was_missed_the_operations_tell() {
    let network = Network::new().associates(A, B, &[], &[Dimse::CMove]);
    assert_eq!((network.class(A), network.class(B)), (DeviceClass::Viewer, DeviceClass::Archive));
}

#[test]
fn who_stores_objects_of_two_kinds_is_no_modality() {
    let network = Network::new().associates(A, B, &[accepted(CT), accepted(MR)], &[Dimse::CStore]);
    assert_eq!(network.class(A), DeviceClass::Unknown);
    let viewer = network.associates(A, B, &[accepted(STUDY_MOVE)], &[]);
    assert_eq!(viewer.class(A), DeviceClass::Viewer);
}

#[test]
fn an_interface_engine_sends_on_what_it_hears() {
    let network = Network::new().sends(A, B, "HIS", "ADT^A01").sends(B, C, "HIS", "ADT^A01");
    assert_eq!(network.class(B), DeviceClass::InterfaceEngine);
    assert_eq!(network.class(A), DeviceClass::Server);
    assert_eq!(
        Network::new().sends(A, B, "LAB", "ORU^R01").sends(B, C, "HIS", "ORU^R01").class(B),
        DeviceClass::Server
    );
}

#[test]
fn who_speaks_for_several_devices_is_their_gateway_and_each_has_its_class() {
    let pump = |name| [(Attribute::DeviceName, name), (Attribute::DeviceType, "69985^MDC_DEV_PUMP_INFUS_MDS")];
    let devices = Network::new()
        .sends(A, B, "PUMPS", "ORU^R01^ORU_R01")
        .says(A, "PUMPS", Source::Hl7Observation, &pump("BED1"))
        .says(A, "PUMPS", Source::Hl7Observation, &pump("BED2"))
        .devices();
    assert_eq!(at(&devices, A).class, DeviceClass::Gateway);
    let pumps = devices.iter().filter(|device| device.class == DeviceClass::InfusionPump).count();
    assert_eq!(pumps, 2);
}

#[test]
fn a_port_tells_of_the_service_that_answers_at_it() {
    assert_eq!(Network::new().conversation(A, B, 9100, 1, Detail::None).class(B), DeviceClass::Printer);
    assert_eq!(Network::new().conversation(A, B, 9100, 0, Detail::None).class(B), DeviceClass::Unknown, "no answer");
    assert_eq!(Network::new().conversation(A, B, 9100, 1, Detail::None).class(A), DeviceClass::Unknown);
}

#[test]
fn the_evidence_tells_each_class_that_was_concluded_and_when_it_showed() {
    let devices = Network::new()
        .associates(A, B, &[accepted(STUDY_MOVE)], &[Dimse::CMove])
        .conversation(C, A, 445, 1, Detail::None)
        .devices();
    let told = at(&devices, A).evidence.iter().filter(|evidence| evidence.attribute == Attribute::Class);
    let told: Vec<_> = told.map(|e| (e.value.as_str(), e.source, e.confidence, e.first_seen, e.last_seen)).collect();
    let at = |value, confidence| (value, Source::Catalogue, confidence, SEEN.first, SEEN.last);
    assert_eq!(told, [at("server", 0.4), at("viewer", 0.7)]);
}
