//! D05: somebody tries one AE title after the other until one is taken. A device that was given a wrong title tries that
//! one, again and again.

use super::{
    Rule,
    draft::Findings,
    scene::{Scene, Talk},
    window::{Attempt, Bar, over},
};
use std::collections::BTreeMap;
use wardwatch_model::{
    End, Seen,
    analysis::Severity,
    config::{Form, RuleConfig, Setting},
    dicom::{Association, AssociationActivity, Rejection},
};

pub(super) static RULE: Rule = Rule {
    id: "D05",
    kind: "dicom-ae-title-enumeration",
    severities: &[Severity::High],
    settings: &[TITLES, REJECTS, WITHIN, SLOW_REJECTS, SLOW_WITHIN],
    detect,
};

const TITLES: Setting = number("titles", "different titles among the rejected requests", 3, 2, 64);
const REJECTS: Setting = number("rejects", "rejected requests in the short time", 5, 2, 1_000);
const WITHIN: Setting = number("seconds", "length of the short time, seconds", 60, 1, 3_600);
const SLOW_REJECTS: Setting = number("slow_rejects", "rejected requests in the long time", 15, 2, 1_000);
const SLOW_WITHIN: Setting = number("slow_hours", "length of the long time, hours", 24, 1, 168);

const fn number(key: &'static str, meaning: &'static str, default: u64, least: u64, most: u64) -> Setting {
    Setting { key, meaning, form: Form::Number { default, least, most } }
}

const FAST: f64 = 0.9;
const SLOW: f64 = 0.8;
const SECOND: u64 = 1_000_000_000;

type Rejected<'s> = (&'s Talk<'s>, &'s Association, &'s AssociationActivity);

fn detect<'s>(scene: &'s Scene<'s>, config: &RuleConfig, findings: &mut Findings<'s>) {
    let mut pairs: BTreeMap<(String, String), Vec<Rejected<'s>>> = BTreeMap::new();
    for rejected in scene.associations().filter(|(_, association, _)| reason(association).is_some()) {
        let (client, server) = (rejected.0.end(End::Client), rejected.0.end(End::Server));
        pairs.entry((client.name(), server.name())).or_default().push(rejected);
    }
    let count = |setting| usize::try_from(config.number(setting)).unwrap_or(usize::MAX);
    let bars = [
        (Bar { attempts: count(&REJECTS), names: count(&TITLES), within: config.number(&WITHIN) * SECOND }, FAST),
        (
            Bar {
                attempts: count(&SLOW_REJECTS),
                names: count(&TITLES),
                within: config.number(&SLOW_WITHIN) * 3_600 * SECOND,
            },
            SLOW,
        ),
    ];
    for ((_, server), rejected) in pairs {
        let mut attempts: Vec<Attempt<'_>> = rejected.iter().flat_map(attempts).collect();
        attempts.sort_unstable();
        for (bar, confidence) in bars {
            let tried = over(&attempts, bar);
            if let [first, .., last] = tried.as_slice() {
                let seen = Seen { first: first.at, last: last.at, count: tried.len() as u64 };
                report(&rejected, &tried, &seen, &server, confidence, findings);
                break;
            }
        }
    }
}

/// What was not recognised, where that is why (PS3.8 9.3.4, source 1: the service user).
const fn reason(association: &Association) -> Option<&'static str> {
    match association.rejection {
        Some(Rejection { source: 1, reason: 3, .. }) => Some("calling AE title not recognised"),
        Some(Rejection { source: 1, reason: 7, .. }) => Some("called AE title not recognised"),
        _ => None,
    }
}

fn attempts<'s>((_, association, activity): &Rejected<'s>) -> impl Iterator<Item = Attempt<'s>> + use<'s> {
    let (calling, called) = (association.calling_ae.as_deref(), association.called_ae.as_deref());
    activity.rejected_at.iter().map(move |at| Attempt { at, calling, called })
}

fn report<'s>(
    rejected: &[Rejected<'s>],
    tried: &[Attempt<'s>],
    seen: &Seen,
    server: &str,
    confidence: f64,
    findings: &mut Findings<'s>,
) {
    let took_part = |entry: &&Rejected<'s>| attempts(entry).any(|attempt| tried.binary_search(&attempt).is_ok());
    for (index, (talk, association, _)) in rejected.iter().filter(took_part).enumerate() {
        let Some(draft) = findings.on(talk, End::Client, server) else { return };
        if index == 0 {
            draft.judge(Severity::High, confidence).seen(seen);
            draft.tell("seconds", seen.last.since(seen.first).div_ceil(SECOND));
        }
        draft.tell_if("reasons", reason(association));
        draft.tell_if("calling_titles", association.calling_ae.as_deref());
        draft.tell_if("called_titles", association.called_ae.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    const CLIENT: &str = "10.0.0.1";
    const SERVER: &str = "10.0.0.2";

    /// Requests under called titles at the given seconds.
    fn tries(titles: &[(&str, &[u64])]) -> Network {
        titles.iter().fold(Network::of(&[CLIENT, SERVER]), |network, (title, seconds)| {
            network.associates(CLIENT, SERVER, rejected("ME", title, 7, seconds))
        })
    }

    #[test]
    fn trying_titles_is_found_with_what_was_tried() {
        let network = tries(&[("A", &[0, 10]), ("B", &[20, 30]), ("C", &[60])]);
        let found = network.one(&RULE);
        assert_eq!((found.severity, found.confidence, found.count), (Severity::High, FAST, 5));
        assert_eq!((found.device, found.peer), (network.id(CLIENT), Some(network.id(SERVER))));
        assert_eq!((found.first_seen, found.last_seen), (second(0), second(60)));
        assert_eq!(found.evidence["called_titles"], "A, B, C");
        assert_eq!(found.evidence["reasons"], "called AE title not recognised");
        assert_eq!(found.evidence["seconds"], "60");
    }

    #[test]
    fn calling_titles_count_as_well() {
        let network = ["A", "B", "C", "D", "E"].iter().zip(0..).fold(Network::of(&[CLIENT, SERVER]), |network, (title, at)| {
            network.associates(CLIENT, SERVER, rejected(title, "ARCHIVE", 3, &[at]))
        });
        assert_eq!(network.one(&RULE).evidence["calling_titles"], "A, B, C, D, E");
    }

    #[test]
    fn one_less_or_a_second_more_is_none() {
        assert_eq!(tries(&[("A", &[0, 10]), ("B", &[20]), ("C", &[60])]).found(&RULE), [], "four");
        assert_eq!(tries(&[("A", &[0, 10]), ("B", &[20, 30, 40])]).found(&RULE), [], "two titles");
        assert_eq!(tries(&[("A", &[0, 10]), ("B", &[20, 30]), ("C", &[61])]).found(&RULE), [], "61 seconds");
    }

    #[test]
    fn a_device_that_retries_one_wrong_title_is_none() {
        let times: Vec<u64> = (0..500).collect();
        assert_eq!(tries(&[("WRONG", &times)]).found(&RULE), []);
    }

    #[test]
    fn other_reasons_to_reject_are_none() {
        for reason in [1, 2] {
            let network = (0..9).fold(Network::of(&[CLIENT, SERVER]), |network, at| {
                network.associates(CLIENT, SERVER, rejected("ME", &format!("T{at}"), reason, &[at]))
            });
            assert_eq!(network.found(&RULE), [], "reason {reason}");
        }
    }

    #[test]
    fn going_slowly_is_found_within_a_day() {
        let hours = |from: u64| -> Vec<u64> { (0..5).map(|hour| from + hour * 3_600).collect() };
        let (a, b, c) = (hours(0), hours(18_000), hours(36_000));
        let found = tries(&[("A", &a), ("B", &b), ("C", &c)]).one(&RULE);
        assert_eq!((found.confidence, found.count), (SLOW, 15));
        assert_eq!(tries(&[("A", &a), ("B", &b), ("C", &c[..4])]).found(&RULE), [], "fourteen");
    }

    #[test]
    fn thresholds_are_configured() {
        let network = tries(&[("A", &[0]), ("B", &[1])]).configured("[detect.D05]\ntitles = 2\nrejects = 2\nseverity = \"low\"\n");
        assert_eq!(network.one(&RULE).severity, Severity::Low);
        assert_eq!(network.configured("enabled = false\n").found(&RULE), []);
    }
}
