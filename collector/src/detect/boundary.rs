//! Clear text where it may be read or changed on the way: shared by the rules for DICOM and HL7.

use super::{
    draft::Findings,
    scene::{Scene, across},
};
use wardwatch_model::{
    End,
    analysis::Severity,
    config::{Form, RuleConfig, Setting},
};

/// Severities of these rules.
pub(super) const SEVERITIES: &[Severity] = &[Severity::Medium, Severity::Critical];

/// Settings of these rules.
pub(super) const SETTINGS: &[Setting] = &[ALLOWED];

const ALLOWED: Setting = Setting {
    key: "allowed",
    meaning: "segments between which clear text is allowed, the client's first; where not said, all are",
    form: Form::SegmentPairs,
};

/// An address is inside the internal ranges, or it is not.
const OUTSIDE: f64 = 0.95;
/// Whether a segment is trusted is what somebody wrote down once.
const SEGMENTS: f64 = 0.9;

/// Clear text of a protocol with an end outside, or between segments that are not allowed.
pub(super) fn clear_text<'s>(protocol: &str, scene: &'s Scene<'s>, config: &RuleConfig, findings: &mut Findings<'s>) {
    for talk in &scene.talks {
        if talk.key.protocol != protocol || talk.conversation.encrypted {
            continue;
        }
        let (client, server) = (talk.end(End::Client), talk.end(End::Server));
        let seen = &talk.conversation.seen;
        for inside in [End::Client, End::Server] {
            let (own, other) = (talk.end(inside), talk.end(across(inside)));
            if own.is_internal(scene.config)
                && !other.is_internal(scene.config)
                && let Some(draft) = findings.on(talk, inside, "outside")
            {
                draft.judge(Severity::Critical, OUTSIDE).seen(seen);
                draft.tell("outside_addresses", other.ip).tell("device_is", inside.name());
            }
        }
        let Some(allowed) = config.pairs(&ALLOWED) else { continue };
        let (Some(from), Some(to)) = (client.segment(scene.config), server.segment(scene.config)) else { continue };
        if client.is_internal(scene.config)
            && server.is_internal(scene.config)
            && from != to
            && !allowed.contains(&(from.to_owned(), to.to_owned()))
            && let Some(draft) = findings.on(talk, End::Client, server.name())
        {
            draft.judge(Severity::Medium, SEGMENTS).seen(seen).tell("segments", format_args!("{from} > {to}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Rule, d22_clear_text_across_boundary as d22, h09_clear_text_across_boundary as h09, testing::Network,
    };
    use wardwatch_model::{Vlans, analysis::Severity};

    const SCANNER: &str = "10.20.0.1";
    const ARCHIVE: &str = "10.30.0.1";
    const OUTSIDE: &str = "8.8.8.8";
    const SEGMENTS: &str = "[segments]\n\"10.20.0.0/16\" = \"imaging\"\n\"10.30.0.0/16\" = \"archive\"\n";
    const RULES: [(&str, &Rule); 2] = [("dicom", &d22::RULE), ("hl7", &h09::RULE)];

    fn talk(client: &str, server: &str, protocol: &'static str) -> Network {
        Network::of(&[SCANNER, ARCHIVE]).talk(client, server, protocol, |_| {})
    }

    /// Segments, and pairs that are allowed.
    fn between(client: &str, server: &str, rule: &Rule, protocol: &'static str, allowed: &str) -> Network {
        talk(client, server, protocol).configured(&format!("{SEGMENTS}[detect.{}]\nallowed = {allowed}\n", rule.id))
    }

    #[test]
    fn an_end_outside_is_critical_on_the_end_inside() {
        for (protocol, rule) in RULES {
            for (client, server, is) in [(SCANNER, OUTSIDE, "client"), (OUTSIDE, SCANNER, "server")] {
                let network = talk(client, server, protocol);
                let found = network.one(rule);
                assert_eq!((found.severity, found.peer), (Severity::Critical, None));
                assert_eq!(found.device, network.id(SCANNER));
                assert_eq!(
                    (found.evidence["outside_addresses"].as_str(), found.evidence["device_is"].as_str()),
                    (OUTSIDE, is)
                );
            }
        }
    }

    #[test]
    fn segments_that_are_not_allowed_are_medium_on_the_client() {
        for (protocol, rule) in RULES {
            for allowed in ["[]", "[\"archive > imaging\"]"] {
                let network = between(SCANNER, ARCHIVE, rule, protocol, allowed);
                let found = network.one(rule);
                assert_eq!((found.severity, found.device), (Severity::Medium, network.id(SCANNER)));
                assert_eq!(found.peer, Some(network.id(ARCHIVE)));
                assert_eq!(found.evidence["segments"], "imaging > archive");
            }
        }
    }

    #[test]
    fn allowed_equal_unknown_and_unjudged_segments_are_none() {
        for (protocol, rule) in RULES {
            assert_eq!(between(SCANNER, ARCHIVE, rule, protocol, "[\"imaging > archive\"]").found(rule), []);
            assert_eq!(talk(SCANNER, ARCHIVE, protocol).configured(SEGMENTS).found(rule), [], "nothing said");
            let neighbours = Network::of(&[SCANNER, "10.20.0.2"]).talk(SCANNER, "10.20.0.2", protocol, |_| {});
            let configured = format!("{SEGMENTS}[detect.{}]\nallowed = []\n", rule.id);
            assert_eq!(neighbours.configured(&configured).found(rule), [], "one segment");
            let unlabelled = Network::of(&[SCANNER, "10.40.0.2"]).talk(SCANNER, "10.40.0.2", protocol, |_| {});
            assert_eq!(unlabelled.configured(&configured).found(rule), [], "no label");
        }
    }

    #[test]
    fn a_segment_is_told_by_the_tags_of_an_ends_own_frames() {
        let mut network = talk(SCANNER, ARCHIVE, "dicom");
        let mut vlans = Vlans::default();
        vlans.push(30);
        let places: Vec<_> = std::mem::take(&mut network.facts.sightings).into_iter().collect();
        for (mut place, sighting) in places {
            if place.ip.to_string() == ARCHIVE {
                place.vlans = vlans;
            }
            network.facts.add_sighting(place, &sighting);
        }
        let network = network.configured(
            "[segments]\n\"10.20.0.0/16\" = \"imaging\"\n\"vlan:30\" = \"archive\"\n[detect.D22]\nallowed = []\n",
        );
        assert_eq!(network.one(&d22::RULE).evidence["segments"], "imaging > archive");
    }

    #[test]
    fn encrypted_and_other_protocols_are_none() {
        for (protocol, rule) in RULES {
            assert_eq!(talk(SCANNER, OUTSIDE, "tls").found(rule), []);
            let encrypted = Network::of(&[SCANNER]).talk(SCANNER, OUTSIDE, protocol, |talk| talk.encrypted = true);
            assert_eq!(encrypted.found(rule), []);
        }
        assert_eq!(talk(SCANNER, OUTSIDE, "hl7").found(&d22::RULE), []);
        assert_eq!(talk(SCANNER, OUTSIDE, "dicom").found(&h09::RULE), []);
    }
}
