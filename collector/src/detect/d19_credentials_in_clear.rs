//! D19: a user name, or a user name with its passcode, that everyone on the way can read (PS3.7 D.3.3.7).

use super::{Rule, draft::Findings, scene::Scene};
use wardwatch_model::{End, analysis::Severity, config::RuleConfig};

pub(super) static RULE: Rule = Rule {
    id: "D19",
    kind: "dicom-credentials-in-clear",
    severities: &[Severity::Medium],
    settings: &[],
    detect,
};

/// It stands in the request.
const CONFIDENCE: f64 = 0.95;

fn detect<'s>(scene: &'s Scene<'s>, _: &RuleConfig, findings: &mut Findings<'s>) {
    for (talk, association, activity) in scene.associations() {
        let identity = match association.user_identity_type {
            Some(1) => "user name",
            Some(2) => "user name and passcode",
            _ => continue,
        };
        if talk.conversation.encrypted {
            continue;
        }
        let Some(draft) = findings.on(talk, End::Client, talk.end(End::Server).name()) else { continue };
        let seen = activity.seen(&talk.conversation.seen);
        draft.judge(Severity::Medium, CONFIDENCE).seen(&seen).tell("identity", identity);
        draft.tell_if("calling_titles", association.calling_ae.as_deref());
        draft.tell_if("called_titles", association.called_ae.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};
    use wardwatch_model::{Tunnels, Bounded, Detail, Mac, Place, Sighting, Vlans, dicom::AssociationResult};

    const CLIENT: &str = "10.0.0.1";
    const SERVER: &str = "10.0.0.2";

    fn with(kind: Option<u8>) -> Network {
        let (mut association, activity) = association("CT01", "ARCHIVE", AssociationResult::Accepted);
        association.user_identity_type = kind;
        Network::of(&[CLIENT, SERVER]).associates(CLIENT, SERVER, (association, activity))
    }

    #[test]
    fn names_and_passcodes_in_clear_are_found() {
        for (kind, identity) in [(1, "user name"), (2, "user name and passcode")] {
            let network = with(Some(kind));
            let found = network.one(&RULE);
            assert_eq!((found.device, found.peer), (network.id(CLIENT), Some(network.id(SERVER))));
            assert_eq!((found.severity, found.evidence["identity"].as_str()), (Severity::Medium, identity));
        }
    }

    #[test]
    fn it_is_found_when_they_were_sent() {
        let (mut association, mut activity) = association("CT01", "ARCHIVE", AssociationResult::Accepted);
        association.user_identity_type = Some(2);
        activity.window = Some((second(20), second(30)));
        let found = Network::of(&[CLIENT, SERVER]).associates(CLIENT, SERVER, (association, activity)).one(&RULE);
        assert_eq!((found.first_seen, found.last_seen), (second(20), second(30)));
    }

    /// The router's frames carry both, so the two are one conversation.
    #[test]
    fn behind_a_router_it_is_of_the_device_that_had_the_address_then() {
        let macs = [1, 2, 3].map(|number| Mac::known([2, 0, 0, 0, 0, number]).unwrap());
        let [first, next, router] = macs;
        let mut network = Network::default();
        for (ip, mac, at) in [(CLIENT, first, 0), (SERVER, router, 0), (CLIENT, next, 1_000)] {
            let place = Place { ip: ip.parse().unwrap(), tunnels: Tunnels::default(), mac: Some(mac), vlans: Vlans::default() };
            network.facts.add_sighting(place, &Sighting::claim(second(at)));
        }
        for (title, kind, at) in [("CT01", None, 10), ("US01", Some(2), 1_010)] {
            let (mut association, mut activity) = association(title, "ARCHIVE", AssociationResult::Accepted);
            association.user_identity_type = kind;
            activity.window = Some((second(at), second(at + 1)));
            network = network.talk(CLIENT, SERVER, "dicom", |conversation| {
                conversation.detail = Detail::Dicom(Bounded { entries: vec![(association, activity)], dropped: 0 });
            });
        }
        let found = network.one(&RULE);
        let inventory = network.inventory();
        let holders: Vec<&str> = inventory.holders(CLIENT.parse().unwrap()).collect();
        assert_eq!(holders[1..], [found.device.as_str()]);
        let titles = |id: &str| &inventory.devices.iter().find(|device| device.id == id).unwrap().ae_titles;
        assert_eq!(holders.iter().flat_map(|id| titles(id)).map(|title| title.as_str()).collect::<Vec<_>>(), ["CT01", "US01"]);
        assert_eq!(found.community_ids.len(), 1);
    }

    #[test]
    fn identities_that_others_cannot_use_and_none_at_all_are_none() {
        for kind in [None, Some(0), Some(3), Some(4), Some(5)] {
            assert_eq!(with(kind).found(&RULE), [], "{kind:?}");
        }
    }

    #[test]
    fn one_pair_is_one_finding_however_many_associations() {
        let network = [1, 2].into_iter().fold(with(None), |network, kind| {
            let (mut association, activity) = association("CT01", "ARCHIVE", AssociationResult::Rejected);
            association.user_identity_type = Some(kind);
            network.associates(CLIENT, SERVER, (association, activity))
        });
        assert_eq!(network.one(&RULE).count, 2);
    }
}
