//! D04: a title that a tool or product comes with says that nobody set one up, and is the first that others guess.

use super::{Rule, draft::Findings, scene::Scene};
use wardwatch_model::{
    End,
    analysis::Severity,
    config::RuleConfig,
    dicom::AssociationResult,
};

pub(super) static RULE: Rule = Rule {
    id: "D04",
    kind: "dicom-default-ae-title",
    severities: &[Severity::Low, Severity::Medium],
    settings: &[],
    detect,
};

/// Read where the tool sets it.
const VERIFIED: f64 = 0.9;
/// A common default; a hospital may have chosen the same word.
const FROM_MEMORY: f64 = 0.6;

fn detect<'s>(scene: &'s Scene<'s>, _: &RuleConfig, findings: &mut Findings<'s>) {
    for (talk, association, activity) in scene.associations() {
        let is_accepted = matches!(association.result, AssociationResult::Accepted | AssociationResult::StartMissed);
        // Whoever does not take a title does not own it: then it tells of the one that asked.
        let called = if is_accepted { End::Server } else { End::Client };
        let titles = [("calling", &association.calling_ae, End::Client), ("called", &association.called_ae, called)];
        for (used_as, title, end) in titles {
            let Some(title) = title else { continue };
            let Some(known) = scene.catalogue.default_ae_title(title) else { continue };
            let Some(draft) = findings.on(talk, end, title.as_str()) else { continue };
            draft
                .judge(
                    if is_accepted { Severity::Medium } else { Severity::Low },
                    if known.verified { VERIFIED } else { FROM_MEMORY },
                )
                .seen(&activity.seen(&talk.conversation.seen))
                .tell("title", title)
                .tell("comes_with", &known.origin)
                .tell("used_as", used_as)
                .tell("results", association.result.name());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    const WORKSTATION: &str = "10.0.0.1";
    const ARCHIVE: &str = "10.0.0.2";

    fn network() -> Network {
        Network::of(&[WORKSTATION, ARCHIVE])
    }

    #[test]
    fn a_tool_that_is_let_in_is_found_on_its_own_device() {
        let network = network().associates(
            WORKSTATION,
            ARCHIVE,
            association("ECHOSCU", "ARCHIVE", AssociationResult::Accepted),
        );
        let found = network.one(&RULE);
        assert_eq!((found.severity, found.device), (Severity::Medium, network.id(WORKSTATION)));
        assert_eq!((found.peer, found.key.as_str()), (Some(network.id(ARCHIVE)), "ECHOSCU"));
        assert_eq!(found.evidence["used_as"], "calling");
        assert!(found.evidence["comes_with"].contains("DCMTK"));
    }

    #[test]
    fn a_called_title_is_the_servers_where_it_answers_to_it_else_the_clients_guess() {
        for (result, device, severity) in [
            (AssociationResult::Accepted, ARCHIVE, Severity::Medium),
            (AssociationResult::Rejected, WORKSTATION, Severity::Low),
            (AssociationResult::Unanswered, WORKSTATION, Severity::Low),
        ] {
            let network = network().associates(WORKSTATION, ARCHIVE, association("CT01", "ANY-SCP", result));
            let found = network.one(&RULE);
            assert_eq!((found.severity, found.device), (severity, network.id(device)), "{result:?}");
        }
    }

    #[test]
    fn a_title_is_found_once_on_a_device_whoever_it_speaks_to() {
        let network = Network::of(&[WORKSTATION, ARCHIVE, "10.0.0.3"])
            .associates(WORKSTATION, ARCHIVE, association("ECHOSCU", "A", AssociationResult::Rejected))
            .associates(WORKSTATION, "10.0.0.3", association("ECHOSCU", "B", AssociationResult::Accepted));
        let found = network.one(&RULE);
        assert_eq!((found.severity, found.peer, found.count), (Severity::Medium, None, 2));
        assert_eq!(found.evidence["results"], "accepted, rejected");
        assert_eq!(found.evidence["server_addresses"], "10.0.0.2, 10.0.0.3");
    }

    #[test]
    fn it_is_found_when_the_title_was_used_and_not_when_the_two_spoke_under_others() {
        let (association, mut activity) = association("ECHOSCU", "ARCHIVE", AssociationResult::Accepted);
        activity.window = Some((second(20), second(30)));
        let found = network().associates(WORKSTATION, ARCHIVE, (association, activity)).one(&RULE);
        assert_eq!((found.first_seen, found.last_seen), (second(20), second(30)));
    }

    #[test]
    fn titles_that_somebody_chose_are_none() {
        for title in ["echoscu", "ECHOSCU1", "CT01"] {
            let network =
                network().associates(WORKSTATION, ARCHIVE, association(title, "ARCHIVE", AssociationResult::Accepted));
            assert_eq!(network.found(&RULE), [], "{title}");
        }
    }

    #[test]
    fn whoever_is_no_device_has_no_finding() {
        let network = network().associates(
            "8.8.8.8",
            ARCHIVE,
            association("ECHOSCU", "ARCHIVE", AssociationResult::Accepted),
        );
        assert_eq!(network.found(&RULE), []);
    }
}
