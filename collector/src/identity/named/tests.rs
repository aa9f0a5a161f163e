//! The relay trap, and what belongs to whom.

use crate::{
    identity::{IdKey, resolve},
    knowledge::Catalogue,
};
use std::net::IpAddr;
use wardwatch_model::{
    Attribute, Bounded, Conversation, ConversationKey, Description, Detail, DeviceClass, DeviceText, Facts, Mac,
    PacketTime, Place, Seen, Sighting, Source, Transport, Tunnels, Vlans,
    analysis::Device,
    config::Config,
    dicom::{
        Association, AssociationActivity, AssociationEnd, AssociationResult, Dimse, Operations, OperationsByService,
    },
};

const CT: &str = "10.0.0.11";
const PACS: &str = "10.0.0.2";
const VIEWER: &str = "10.0.0.40";

fn text(text: &str) -> DeviceText {
    DeviceText::new(text).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const SEEN: Seen = Seen { first: PacketTime(1), last: PacketTime(2), count: 1 };

/// A network in which `hosts` have sent something.
#[derive(Default)]
struct Network(Facts);

impl Network {
    fn host(mut self, address: &str, mac: Option<[u8; 6]>) -> Self {
        let place = Place { ip: ip(address), tunnels: Tunnels::default(), mac: mac.map(Mac), vlans: Vlans::default() };
        self.0.sightings.insert(place, Sighting { seen: SEEN, payload: true, claimed: mac.is_some(), routed: false });
        self
    }

    fn stores(mut self, client: &str, calling: &str, server: &str, uid: Option<&str>) -> Self {
        let association = Association {
            calling_ae: Some(text(calling)),
            called_ae: Some(text("ANY")),
            result: AssociationResult::Accepted,
            end: AssociationEnd::Released,
            rejection: None,
            abort: None,
            client_implementation_uid: uid.map(text),
            client_implementation_version: None,
            client_max_pdu: None,
            server_implementation_uid: None,
            server_implementation_version: None,
            server_max_pdu: None,
            user_identity_type: None,
            async_operations: None,
            extended_negotiation: Default::default(),
            contexts: Vec::new(),
        };
        let stored = Operations { requests: 1, success: 1, ..Operations::default() };
        let activity = AssociationActivity {
            count: 1,
            operations: OperationsByService([(Dimse::CStore, stored)].into()),
            ..AssociationActivity::default()
        };
        let key = ConversationKey {
            client: ip(client),
            server: ip(server),
            protocol: "dicom".into(),
            transport: Transport::Tcp,
            port: 104,
            tunnels: Tunnels::default(),
            client_mac: None,
            server_mac: None,
        };
        let conversation = Conversation {
            seen: SEEN,
            encrypted: false,
            vlans: [Vlans::default()].into(),
            client_ports: [].into(),
            messages: 2,
            bytes_to_server: 1,
            bytes_to_client: 1,
            detail: Detail::Dicom(Bounded { entries: [(association, activity)].into(), dropped: 0 }),
            violations: Bounded::default(),
        };
        self.0.conversations.insert(key, Box::new(conversation));
        self
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
        resolve(&self.0, &Config::default(), &Catalogue::embedded().unwrap(), IdKey::of_site("main")).devices
    }
}

fn at<'a>(devices: &'a [Device], address: &str) -> &'a Device {
    devices.iter().find(|device| device.addresses.iter().any(|a| a.ip == ip(address))).unwrap()
}

fn behind<'a>(devices: &'a [Device], address: &str) -> Vec<&'a Device> {
    let gateway = &at(devices, address).id;
    devices.iter().filter(|device| device.behind.as_ref() == Some(gateway)).collect()
}

const CT_SET: [(Attribute, &str); 4] = [
    (Attribute::Manufacturer, "GE MEDICAL SYSTEMS"),
    (Attribute::Model, "Revolution"),
    (Attribute::SerialNumber, "CT-7781"),
    (Attribute::DeviceName, "CTROOM1"),
];

const MR_SET: [(Attribute, &str); 3] =
    [(Attribute::Manufacturer, "SIEMENS"), (Attribute::Model, "Skyra"), (Attribute::DeviceName, "MRROOM2")];

#[test]
fn a_modality_under_its_own_name_is_the_device_it_describes() {
    let devices = Network::default()
        .host(CT, None)
        .host(PACS, None)
        .stores(CT, "CTROOM1", PACS, None)
        .says(CT, "CTROOM1", Source::DicomDataset, &CT_SET)
        .devices();
    assert_eq!(devices.len(), 2);
    let ct = at(&devices, CT);
    assert_eq!(ct.manufacturer.as_deref(), Some("GE HealthCare"));
    assert_eq!(ct.serial_number.as_deref(), Some("CT-7781"));
    assert_eq!(at(&devices, PACS).manufacturer, None, "the receiver learns nothing of itself");
}

#[test]
fn a_sender_with_two_identities_passes_on_the_words_of_both() {
    let devices = Network::default()
        .host(PACS, None)
        .host(VIEWER, None)
        .stores(PACS, "CTROOM1", VIEWER, None)
        .says(PACS, "CTROOM1", Source::DicomDataset, &CT_SET)
        .says(PACS, "CTROOM1", Source::DicomDataset, &MR_SET)
        .devices();
    assert_eq!(at(&devices, PACS).manufacturer, None);
    assert_eq!(behind(&devices, PACS).len(), 2);
}

#[test]
fn an_archive_that_forwards_the_objects_of_one_modality_is_not_that_modality() {
    let devices = Network::default()
        .host(CT, None)
        .host(PACS, None)
        .host(VIEWER, None)
        .stores(CT, "CTROOM9", PACS, None)
        .stores(PACS, "CTROOM1", VIEWER, None)
        .says(PACS, "CTROOM1", Source::DicomDataset, &CT_SET)
        .devices();
    assert_eq!(at(&devices, PACS).manufacturer, None);
    assert_eq!(behind(&devices, PACS)[0].model.as_deref(), Some("Revolution"));
}

#[test]
fn a_name_that_does_not_fit_leaves_the_device_behind_the_sender() {
    let devices = Network::default()
        .host(CT, None)
        .stores(CT, "GATEWAY", PACS, None)
        .says(CT, "GATEWAY", Source::DicomDataset, &CT_SET)
        .devices();
    assert_eq!(at(&devices, CT).manufacturer, None);
    assert_eq!(behind(&devices, CT).len(), 1);
}

#[test]
fn the_makers_own_implementation_vouches_for_the_sender() {
    let devices = Network::default()
        .host(CT, None)
        .stores(CT, "AE01", PACS, Some("1.2.840.113619.6.284"))
        .says(CT, "AE01", Source::DicomDataset, &CT_SET)
        .devices();
    assert_eq!(at(&devices, CT).model.as_deref(), Some("Revolution"));
}

#[test]
fn a_device_known_by_itself_is_not_listed_again_behind_its_archive() {
    let devices = Network::default()
        .host(CT, None)
        .host(PACS, None)
        .stores(CT, "CTROOM1", PACS, None)
        .stores(PACS, "PACS", VIEWER, None)
        .says(CT, "CTROOM1", Source::DicomDataset, &CT_SET)
        .says(PACS, "PACS", Source::DicomDataset, &CT_SET)
        .says(PACS, "PACS", Source::DicomDataset, &MR_SET)
        .devices();
    let names: Vec<_> = behind(&devices, PACS).iter().map(|device| device.model.clone().unwrap()).collect();
    assert_eq!(names, [text("Skyra")]);
    let told = at(&devices, PACS).evidence.iter().find(|e| e.attribute == Attribute::SpeaksFor).unwrap();
    assert!(told.value.contains("CT-7781"));
}

#[test]
fn a_monitor_named_by_a_gateway_is_behind_it_and_one_seen_on_the_wire_is_itself() {
    let near = [(Attribute::Eui64, "0009FBFFFE000001"), (Attribute::Model, "MX500")];
    let far = [(Attribute::Eui64, "0009FBFFFE000002"), (Attribute::Model, "MX800")];
    let devices = Network::default()
        .host("10.0.0.9", None)
        .host("10.0.0.21", Some([0, 9, 0xfb, 0, 0, 1]))
        .says("10.0.0.9", "PIIC^ICU", Source::Hl7Observation, &near)
        .says("10.0.0.9", "PIIC^ICU", Source::Hl7Observation, &far)
        .devices();
    assert_eq!(at(&devices, "10.0.0.21").model.as_deref(), Some("MX500"));
    assert_eq!(behind(&devices, "10.0.0.9").len(), 1);
    assert_eq!(behind(&devices, "10.0.0.9")[0].model.as_deref(), Some("MX800"));
    assert_eq!(at(&devices, "10.0.0.9").model, None);
}

#[test]
fn a_pump_whose_identifier_holds_its_mac_speaks_for_itself() {
    let devices = Network::default()
        .host("10.0.0.22", Some([0, 0x1a, 1, 0, 0, 7]))
        .says(
            "10.0.0.22",
            "PUMP^WARD",
            Source::Hl7Observation,
            &[
                (Attribute::Eui64, "001A01FFFE000007"),
                (Attribute::Manufacturer, "Smiths Medical"),
                (Attribute::Model, "Medfusion 4000"),
            ],
        )
        .devices();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].model.as_deref(), Some("Medfusion 4000"));
}

#[test]
fn evidence_that_differs_is_a_contradiction_and_all_of_it_is_shown() {
    let other = [(Attribute::Eui64, "001A01FFFE000007"), (Attribute::Model, "Medfusion 3500")];
    let devices = Network::default()
        .host("10.0.0.22", Some([0, 0x1a, 1, 0, 0, 7]))
        .says(
            "10.0.0.22",
            "",
            Source::Hl7Observation,
            &[(Attribute::Eui64, "001A01FFFE000007"), (Attribute::Model, "Medfusion 4000")],
        )
        .says("10.0.0.22", "", Source::Hl7Equipment, &other)
        .devices();
    let contradiction = &devices[0].contradictions[0];
    assert_eq!(contradiction.attribute, Attribute::Model);
    assert_eq!(contradiction.values.len(), 2);
    assert_eq!(devices[0].evidence.iter().filter(|e| e.attribute == Attribute::Model).count(), 2);
}

#[test]
fn a_placeholder_serial_number_does_not_join_devices() {
    let set = |name| [(Attribute::Model, "CR"), (Attribute::SerialNumber, "0000"), (Attribute::DeviceName, name)];
    let devices = Network::default()
        .host(PACS, None)
        .stores(PACS, "PACS", VIEWER, None)
        .says(PACS, "PACS", Source::DicomDataset, &set("ROOM1"))
        .says(PACS, "PACS", Source::DicomDataset, &set("ROOM2"))
        .devices();
    assert_eq!(behind(&devices, PACS).len(), 2);
}

#[test]
fn a_worklist_query_for_ones_own_station_names_the_asker() {
    let own = [(Attribute::AeTitle, "CTROOM1"), (Attribute::DeviceName, "CT one")];
    let asks = |calling| {
        Network::default().host(CT, None).says(CT, calling, Source::DicomWorklist, &own).devices().remove(0).device_name
    };
    assert_eq!(asks("CTROOM1"), Some(text("CT one")));
    assert_eq!(asks("BROKER"), None);
}

#[test]
fn names_are_hashed_where_the_configuration_says_so() {
    let network = Network::default().host(CT, None).stores(CT, "CTROOM1", PACS, None).says(
        CT,
        "CTROOM1",
        Source::DicomDataset,
        &CT_SET,
    );
    let config = Config { hostnames: wardwatch_model::config::Names::Hash, ..Config::default() };
    let devices = resolve(&network.0, &config, &Catalogue::embedded().unwrap(), IdKey::of_site("main")).devices;
    assert!(devices[0].device_name.as_ref().unwrap().starts_with("hash:"));
    assert_eq!(devices[0].model.as_deref(), Some("Revolution"));
}

#[test]
fn a_procedure_step_is_about_the_scanner_that_made_the_images() {
    let step = [(Attribute::AeTitle, "CTROOM1"), (Attribute::DeviceName, "CTROOM1"), (Attribute::Modality, "CT")];
    let devices = Network::default()
        .host(CT, None)
        .stores(CT, "CTROOM1", PACS, None)
        .says(CT, "CTROOM1", Source::DicomDataset, &CT_SET)
        .says(CT, "CTROOM1", Source::DicomDataset, &step)
        .devices();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].model.as_deref(), Some("Revolution"));
}

#[test]
fn a_scanner_that_only_reports_its_steps_is_itself_without_a_maker() {
    let step = [(Attribute::AeTitle, "CTROOM1"), (Attribute::DeviceName, "CT one")];
    let devices = Network::default().host(CT, None).says(CT, "CTROOM1", Source::DicomDataset, &step).devices();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].device_name, Some(text("CT one")));
}

#[test]
fn a_makers_name_in_an_ae_title_makes_no_archive_a_scanner() {
    for title in ["MEDICAL_PACS", "GE_PACS", "HEALTHCARE1", "ROUTER_CTROOM1"] {
        let devices = Network::default()
            .host(PACS, None)
            .stores(PACS, title, VIEWER, None)
            .says(PACS, title, Source::DicomDataset, &CT_SET)
            .devices();
        assert_eq!(at(&devices, PACS).model, None, "{title}");
        assert_eq!(behind(&devices, PACS).len(), 1, "{title}");
    }
}

#[test]
fn a_station_ae_title_that_is_not_the_senders_speaks_against_it() {
    let mut set = CT_SET.to_vec();
    set.push((Attribute::AeTitle, "CTROOM1"));
    let devices = Network::default()
        .host(PACS, None)
        .stores(PACS, "ARCHIVE", VIEWER, Some("1.2.840.113619.6.284"))
        .says(PACS, "ARCHIVE", Source::DicomDataset, &set)
        .devices();
    assert_eq!(at(&devices, PACS).model, None);
    assert_eq!(behind(&devices, PACS).len(), 1);
}

#[test]
fn a_report_that_tells_less_is_about_the_same_scanner() {
    let report =
        [(Attribute::Manufacturer, "GE Healthcare"), (Attribute::DeviceName, "CTROOM1"), (Attribute::Modality, "SR")];
    let devices = Network::default()
        .host(CT, None)
        .stores(CT, "CTROOM1", PACS, None)
        .says(CT, "CTROOM1", Source::DicomDataset, &CT_SET)
        .says(CT, "CTROOM1", Source::DicomDataset, &report)
        .devices();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].contradictions, []);
}

#[test]
fn what_tells_less_under_another_station_is_another_device() {
    let other = [(Attribute::Manufacturer, "GE Healthcare"), (Attribute::DeviceName, "CTROOM9")];
    let devices = Network::default()
        .host(PACS, None)
        .stores(PACS, "PACS", VIEWER, None)
        .says(PACS, "PACS", Source::DicomDataset, &CT_SET)
        .says(PACS, "PACS", Source::DicomDataset, &other)
        .devices();
    assert_eq!(behind(&devices, PACS).len(), 2);
}

#[test]
fn a_secondary_capture_by_the_scanner_itself_is_no_other_device() {
    let capture = [(Attribute::Manufacturer, "GE MEDICAL SYSTEMS"), (Attribute::Model, "Revolution")];
    let devices = Network::default()
        .host(CT, None)
        .stores(CT, "CTROOM1", PACS, None)
        .says(CT, "CTROOM1", Source::DicomDataset, &CT_SET)
        .says(CT, "CTROOM1", Source::DicomSecondaryCapture, &capture)
        .devices();
    assert_eq!(devices.len(), 1);
}

#[test]
fn a_sender_whose_mac_is_not_in_the_identifier_is_not_that_monitor() {
    let monitor = [(Attribute::Eui64, "0009FBFFFE000002"), (Attribute::Model, "MX500")];
    let devices = Network::default()
        .host("10.0.0.9", Some([0, 0x0c, 0x29, 0, 0, 1]))
        .says("10.0.0.9", "MX500^ICU", Source::Hl7Observation, &monitor)
        .devices();
    assert_eq!(at(&devices, "10.0.0.9").model, None);
    assert_eq!(behind(&devices, "10.0.0.9").len(), 1);
}

#[test]
fn a_sender_that_speaks_for_several_applications_passes_messages_on() {
    let monitor = [(Attribute::Eui64, "0009FBFFFE000002"), (Attribute::Model, "MX500")];
    let application = |name| [(Attribute::Hl7Application, name), (Attribute::Eui64, "0009FBFFFE000002")];
    let one = Network::default()
        .host("10.0.0.9", None)
        .says("10.0.0.9", "MX500^ICU", Source::Hl7Header, &application("MX500^ICU"))
        .says("10.0.0.9", "MX500^ICU", Source::Hl7Observation, &monitor);
    let two =
        Network(one.0.clone()).says("10.0.0.9", "HIS^H", Source::Hl7Header, &[(Attribute::Hl7Application, "HIS^H")]);
    assert_eq!(at(&one.devices(), "10.0.0.9").model.as_deref(), Some("MX500"));
    assert_eq!(at(&two.devices(), "10.0.0.9").model, None);
}

#[test]
fn no_address_leads_to_a_device_that_is_not_listed() {
    let network = Network::default().host(CT, None).host(PACS, None).host(VIEWER, None);
    let config = Config {
        limits: wardwatch_model::config::Limits { devices: 1, ..Config::default().limits },
        ..Config::default()
    };
    let inventory = resolve(&network.0, &config, &Catalogue::embedded().unwrap(), IdKey::of_site("main"));
    assert_eq!((inventory.devices.len(), inventory.dropped), (1, 2));
    let led: Vec<_> = [CT, PACS, VIEWER]
        .iter()
        .filter_map(|address| inventory.owner((ip(address), Tunnels::none()), None, SEEN.first))
        .map(|device| device.id.as_str())
        .collect();
    assert_eq!(led, [inventory.devices[0].id.as_str()]);
}

const ANALYSER: &str = "DCA VANTAGE^04.04.00.00^S000001";

#[test]
fn whoever_tells_results_of_one_analyser_is_that_even_after_an_update() {
    let sender = |text| [(Attribute::AstmSender, text)];
    let devices = Network::default()
        .host("10.0.0.9", None)
        .says("10.0.0.9", "ANY", Source::Astm, &sender(ANALYSER))
        .says("10.0.0.9", "ANY", Source::Astm, &sender("DCA VANTAGE^04.05.00.00^S000001"))
        .devices();
    let analyser = at(&devices, "10.0.0.9");
    assert_eq!((analyser.model.as_deref(), analyser.serial_number.as_deref()), (Some("DCA Vantage"), Some("S000001")));
    assert_eq!(analyser.class, DeviceClass::PointOfCare);
    assert_eq!(behind(&devices, "10.0.0.9").len(), 0);
}

#[test]
fn whoever_tells_results_of_several_instruments_passes_them_on() {
    let meter =
        |serial| [(Attribute::Manufacturer, "NOVABIO"), (Attribute::Model, "Meter"), (Attribute::SerialNumber, serial)];
    let devices = Network::default()
        .host("10.0.0.9", None)
        .host("10.0.0.10", None)
        .says("10.0.0.9", "ANY", Source::Astm, &[(Attribute::AstmSender, ANALYSER)])
        .says("10.0.0.9", "ANY", Source::Astm, &[(Attribute::AstmSender, "UNKNOWN 5^1")])
        .says("10.0.0.10", "ANY", Source::Poct1a, &meter("100001"))
        .says("10.0.0.10", "ANY", Source::Poct1a, &meter("100002"))
        .devices();
    let classes = |address| behind(&devices, address).iter().map(|device| device.class).collect::<Vec<_>>();
    assert_eq!(at(&devices, "10.0.0.9").class, DeviceClass::Gateway);
    assert_eq!(at(&devices, "10.0.0.10").serial_number, None);
    let mut analysers = classes("10.0.0.9");
    analysers.sort_unstable();
    assert_eq!(analysers, [DeviceClass::Analyser, DeviceClass::PointOfCare]);
    assert_eq!(classes("10.0.0.10"), [DeviceClass::PointOfCare; 2]);
}
