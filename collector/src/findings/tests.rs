//! A finding's life, as it is told to the store and to whoever counts.

use super::*;
use crate::store::MemoryStore;

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;

fn finding(rule: &'static str, device: &str, severity: Severity, last: u64) -> Finding {
    Finding {
        rule: rule.into(),
        kind: "some-kind".into(),
        severity,
        confidence: 0.9,
        device: device.to_owned(),
        peer: None,
        key: String::new(),
        first_seen: PacketTime(HOUR),
        last_seen: PacketTime(last),
        count: 1,
        evidence: BTreeMap::new(),
        bpf_filter: String::new(),
        community_ids: Vec::new(),
    }
}

/// Findings with their store.
#[derive(Default)]
struct Lives {
    findings: Findings,
    store: MemoryStore,
}

impl Lives {
    /// Answers how many were opened and resolved.
    fn judge(&mut self, judged: Vec<Finding>, latest: u64) -> (u64, u64) {
        self.judge_renamed(judged, latest, &BTreeMap::new())
    }

    /// The same after devices got other ids.
    fn judge_renamed(&mut self, judged: Vec<Finding>, latest: u64, renamed: &BTreeMap<String, String>) -> (u64, u64) {
        let staged = self.findings.stage(judged, PacketTime(latest), IdKey::of_site("main"), renamed);
        let counts = (staged.opened.values().sum(), staged.resolved.values().sum());
        let mut changes = Changes::default();
        Findings::write(&staged, &mut changes).unwrap();
        self.store.commit(&changes).unwrap();
        self.findings.apply(staged);
        // A new process knows the same.
        let mut read = Findings::default();
        assert_eq!(read.load(&self.store).unwrap(), 0);
        assert_eq!(read.records, self.findings.records);
        counts
    }

    fn only(&self) -> FindingRecord {
        let listed = self.findings.listed();
        assert_eq!(listed.len(), 1);
        listed.into_iter().next().unwrap()
    }
}

#[test]
fn an_event_is_over_after_a_day_without_it_and_opens_again_when_it_comes_back() {
    let mut lives = Lives::default();
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 2 * HOUR)], 3 * HOUR), (1, 0));
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 4 * HOUR)], 5 * HOUR), (0, 0), "updated");
    assert_eq!(lives.only().finding.last_seen, PacketTime(4 * HOUR));
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 4 * HOUR)], 28 * HOUR), (0, 0), "not yet over");
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 4 * HOUR)], 28 * HOUR + 1), (0, 1));
    assert_eq!((lives.only().state, lives.only().resolved_at), (FindingState::Resolved, Some(PacketTime(28 * HOUR))));
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 4 * HOUR)], 40 * HOUR), (0, 0));
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Low, 41 * HOUR)], 42 * HOUR), (1, 0));
    assert_eq!((lives.only().state, lives.only().opened_at), (FindingState::Open, PacketTime(41 * HOUR)));
}

#[test]
fn a_state_lasts_for_a_week_after_it_was_seen() {
    let mut lives = Lives::default();
    let state = || vec![finding("N08", "a", Severity::Medium, 2 * HOUR)];
    assert_eq!(lives.judge(state(), 6 * DAY), (1, 0));
    assert_eq!(lives.judge(state(), 8 * DAY), (0, 1));
}

#[test]
fn what_is_no_longer_judged_so_is_resolved_at_once() {
    let mut lives = Lives::default();
    lives.judge(vec![finding("N08", "a", Severity::Medium, 2 * HOUR)], 3 * HOUR);
    assert_eq!(lives.judge(Vec::new(), 4 * HOUR), (0, 1));
    assert_eq!(lives.only().resolved_at, Some(PacketTime(4 * HOUR)));
    assert_eq!(lives.judge(Vec::new(), 5 * HOUR), (0, 0));
}

#[test]
fn a_finding_that_gets_worse_is_raised_again_and_one_that_gets_better_is_not() {
    let mut lives = Lives::default();
    lives.judge(vec![finding("D05", "a", Severity::Low, 2 * HOUR)], 3 * HOUR);
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::High, 2 * HOUR)], 3 * HOUR), (1, 0));
    assert_eq!(lives.judge(vec![finding("D05", "a", Severity::Medium, 2 * HOUR)], 3 * HOUR), (0, 0));
}

#[test]
fn findings_are_bounded_and_those_resolved_first_are_forgotten_first() {
    let mut lives = Lives::default();
    let many = |from: usize, count: usize, last: u64| -> Vec<Finding> {
        (from..from + count).map(|device| finding("D05", &device.to_string(), Severity::Low, last)).collect()
    };
    lives.judge(many(0, 100, HOUR), 2 * DAY);
    assert_eq!(lives.judge(many(100, MAX_FINDINGS, 3 * DAY), 3 * DAY), (MAX_FINDINGS as u64, 0));
    assert_eq!(lives.findings.records.len(), MAX_FINDINGS);
    assert!(lives.findings.listed().iter().all(|record| record.state == FindingState::Open));
    let staged = lives.findings.stage(
        many(100, MAX_FINDINGS + 7, 3 * DAY),
        PacketTime(3 * DAY),
        IdKey::of_site("main"),
        &BTreeMap::new(),
    );
    assert_eq!((staged.given_up, staged.opened.values().sum::<u64>()), (7, 0), "no room, and not counted as opened");
}

#[test]
fn the_worst_that_goes_on_is_listed_first() {
    let mut lives = Lives::default();
    let judged = vec![
        finding("D01", "a", Severity::Low, 30 * HOUR),
        finding("D02", "a", Severity::Critical, 2 * HOUR),
        finding("D03", "a", Severity::High, 30 * HOUR),
    ];
    lives.judge(judged, 31 * HOUR);
    let rules: Vec<_> = lives.findings.listed().iter().map(|record| record.finding.rule).collect();
    assert_eq!(rules, ["D03", "D01", "D02"]);
}

#[test]
fn the_findings_of_a_device_go_with_it_when_it_goes_by_another_id() {
    let mut lives = Lives::default();
    let of = |device: &str, peer: &str, last| Finding {
        peer: Some(peer.to_owned()),
        key: peer.to_owned(),
        ..finding("D17", device, Severity::Medium, last)
    };
    lives.judge(vec![of("old", "b", 2 * HOUR), of("b", "old", 2 * HOUR)], 3 * HOUR);
    let opened: Vec<PacketTime> = lives.findings.listed().iter().map(|record| record.opened_at).collect();
    let renamed = BTreeMap::from([("old".to_owned(), "new".to_owned())]);
    assert_eq!(lives.judge_renamed(vec![of("new", "b", 4 * HOUR)], 5 * HOUR, &renamed), (0, 1), "one is no more found");
    let listed = lives.findings.listed();
    assert_eq!(listed.iter().map(|record| record.opened_at).collect::<Vec<_>>(), opened);
    let told: Vec<_> =
        listed.iter().map(|one| (one.state, one.finding.device.as_str(), one.finding.key.as_str())).collect();
    assert_eq!(told, [(FindingState::Open, "new", "b"), (FindingState::Resolved, "b", "new")]);
    // Both had it: it is one, and stays open.
    lives.judge(vec![of("c", "b", 4 * HOUR), of("new", "b", 4 * HOUR)], 5 * HOUR);
    let renamed = BTreeMap::from([("c".to_owned(), "new".to_owned())]);
    assert_eq!(lives.judge_renamed(vec![of("new", "b", 4 * HOUR)], 5 * HOUR, &renamed), (0, 0));
    assert_eq!(lives.findings.listed().len(), 2);
}
