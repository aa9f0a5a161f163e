//! A network to try detections on.

use super::{Rule, findings, rule_keys};
use crate::{
    identity::{self, IdKey, Inventory},
    knowledge::Catalogue,
};
use std::sync::LazyLock;
use wardwatch_model::{
    Bounded, Conversation, ConversationKey, Detail, DeviceText, End, Facts, Mac, Moments, Name, PacketTime, Place,
    Seen, Sighting, Transport, Tunnels, Violation, Violations, Vlans,
    analysis::Finding,
    config::Config,
    dicom::{Association, AssociationActivity, AssociationEnd, AssociationResult, Rejection},
    hl7::{Link, LinkActivity},
};

const START: u64 = 1_795_478_400;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// A moment, in seconds after the start.
pub(super) fn second(second: u64) -> PacketTime {
    PacketTime::from_parts(START + second, 0)
}

/// Facts under construction, and a configuration.
#[derive(Default)]
pub(super) struct Network {
    pub(super) facts: Facts,
    pub(super) config: String,
}

impl Network {
    /// A network with a device at each of the addresses.
    pub(super) fn of(ips: &[&str]) -> Self {
        let mut network = Self::default();
        for (number, ip) in (1u8..).zip(ips) {
            let mac = Mac::known([0, 0, 0x5e, 0, 0x53, number]);
            let place = Place { ip: ip.parse().unwrap(), tunnels: Tunnels::default(), mac, vlans: Vlans::default() };
            let seen = Seen { first: second(0), last: second(86_400), count: 1 };
            network.facts.add_sighting(place, &Sighting { seen, payload: true, claimed: true, routed: false });
        }
        network
    }

    pub(super) fn configured(mut self, text: &str) -> Self {
        self.config.push_str(text);
        self
    }

    /// A conversation; `protocol` is also the port's choice.
    pub(super) fn talk(
        mut self,
        client: &str,
        server: &str,
        protocol: &'static str,
        change: impl FnOnce(&mut Conversation),
    ) -> Self {
        let key = ConversationKey {
            client: client.parse().unwrap(),
            server: server.parse().unwrap(),
            protocol: Name::new(protocol),
            transport: Transport::Tcp,
            port: if protocol == "hl7" { 2575 } else { 104 },
            tunnels: Tunnels::default(),
            client_mac: None,
            server_mac: None,
        };
        let mut conversation = Conversation {
            seen: Seen { first: second(0), last: second(60), count: 1 },
            encrypted: protocol == "tls",
            vlans: [Vlans::default()].into(),
            client_ports: [50_000].into(),
            messages: 1,
            bytes_to_server: 100,
            bytes_to_client: 100,
            detail: match protocol {
                "dicom" => Detail::Dicom(Bounded::default()),
                "hl7" => Detail::Hl7(Bounded { entries: vec![(Link::default(), LinkActivity::default())], dropped: 0 }),
                _ => Detail::None,
            },
            violations: Bounded::default(),
        };
        change(&mut conversation);
        self.facts.add_conversation(key, Box::new(conversation));
        self
    }

    /// An association, in a conversation of its own.
    pub(super) fn associates(
        self,
        client: &str,
        server: &str,
        (association, activity): (Association, AssociationActivity),
    ) -> Self {
        self.talk(client, server, "dicom", |conversation| {
            if let Detail::Dicom(associations) = &mut conversation.detail {
                *associations.entry(association).unwrap() = activity;
            }
        })
    }

    /// Broken rules, as often as told, all in one flow.
    pub(super) fn breaks(
        self,
        client: &str,
        server: &str,
        protocol: &'static str,
        by: End,
        broken: &[(Violation, u64)],
    ) -> Self {
        self.talk(client, server, protocol, |conversation| {
            for (violation, times) in broken {
                let seen = Seen { first: second(1), last: second(2), count: *times };
                let alike = broken.iter().filter(|(other, _)| other.is_like(*violation)).map(|(_, times)| times).sum();
                let broken = Violations { seen, most_in_a_flow: *times, most_alike_in_a_flow: alike };
                conversation.violations.entry((by, *violation)).unwrap().merge(&broken);
            }
        })
    }

    pub(super) fn config(&self) -> Config {
        Config::read("w.toml", &self.config, [], &rule_keys()).unwrap()
    }

    /// Everything that is found.
    pub(super) fn all(&self) -> Vec<Finding> {
        let config = self.config();
        findings(
            &self.facts,
            &identity::resolve(&self.facts, &config, &CATALOGUE, IdKey::of_site("test")),
            &config,
            &CATALOGUE,
        )
    }

    /// What a rule finds.
    pub(super) fn found(&self, rule: &Rule) -> Vec<Finding> {
        self.all().into_iter().filter(|finding| finding.rule == rule.id).collect()
    }

    /// What a rule finds, and that it is one thing.
    pub(super) fn one(&self, rule: &Rule) -> Finding {
        let mut found = self.found(rule);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    /// Id of the device at an address.
    pub(super) fn id(&self, ip: &str) -> String {
        self.inventory().owner((ip.parse().unwrap(), Tunnels::none()), None, second(0)).unwrap().id.clone()
    }

    pub(super) fn inventory(&self) -> Inventory {
        identity::resolve(&self.facts, &self.config(), &CATALOGUE, IdKey::of_site("test"))
    }
}

/// An association with an answer.
pub(super) fn association(
    calling: &str,
    called: &str,
    result: AssociationResult,
) -> (Association, AssociationActivity) {
    let association = Association {
        calling_ae: DeviceText::new(calling),
        called_ae: DeviceText::new(called),
        result,
        end: AssociationEnd::Open,
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
        extended_negotiation: [].into(),
        contexts: Vec::new(),
    };
    (association, AssociationActivity { count: 1, ..AssociationActivity::default() })
}

/// Associations that the server's user rejected at these seconds.
pub(super) fn rejected(calling: &str, called: &str, reason: u8, seconds: &[u64]) -> (Association, AssociationActivity) {
    let (mut association, mut activity) = association(calling, called, AssociationResult::Rejected);
    association.rejection = Some(Rejection { result: 1, source: 1, reason });
    activity.count = seconds.len() as u64;
    seconds.iter().for_each(|at| activity.rejected_at.merge(&Moments::once(second(*at))));
    (association, activity)
}
