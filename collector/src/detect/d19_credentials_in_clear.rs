//! D19: a user name, or a user name with its passcode, that everyone on the way can read (PS3.7 D.3.3.7).

use super::{Rule, draft::Findings, scene::Scene};
use wardwatch_model::{End, Seen, analysis::Severity, config::RuleConfig};

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
        let seen = Seen { count: activity.count, ..talk.conversation.seen };
        draft.judge(Severity::Medium, CONFIDENCE).seen(&seen).tell("identity", identity);
        draft.tell_if("calling_titles", association.calling_ae.as_deref());
        draft.tell_if("called_titles", association.called_ae.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};
    use wardwatch_model::dicom::AssociationResult;

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
