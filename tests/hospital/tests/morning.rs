//! The morning of the hospital is the one it is meant to be, whatever the seed: what is planted is in the packets, and
//! what only looks like it is not enough.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::LazyLock,
};
use wardwatch_hospital::{
    capture::Packet,
    morning::{self, Morning, truth::Truth},
};

/// Client and server.
type Pair = (Ipv4Addr, Ipv4Addr);
/// Rule, severity, AE title.
type Kind<'a> = (&'a str, &'a str, Option<&'a str>);

const MINUTE: u64 = 60_000_000_000;

/// AE titles that tools bring along.
const TOOLS: [&str; 29] = [
    "AE_TITLE",
    "ANY-SCP",
    "CLEARCANVAS",
    "CONQUESTSRV1",
    "DCM4CHEE",
    "DCMQRSCP",
    "DCMRCV",
    "DCMSEND",
    "DCMSND",
    "DICOM",
    "ECHOSCU",
    "FINDSCU",
    "GETSCU",
    "HOROS",
    "KPServer",
    "MICRODICOM",
    "MOVESCU",
    "ORTHANC",
    "OSIRIX",
    "PACS",
    "PYNETDICOM",
    "QRSCP",
    "RADIANT",
    "STORESCP",
    "STORESCU",
    "TERMSCU",
    "TEST",
    "WEASIS",
    "DCMECHO",
];

/// Some mornings, the one that is committed first.
static MORNINGS: LazyLock<[Morning; 4]> = LazyLock::new(|| [morning::SEED, 0, 1, 77].map(morning::morning));

/// A TCP segment with data.
struct Segment<'a> {
    at: u64,
    from: Ipv4Addr,
    to: Ipv4Addr,
    from_port: u16,
    data: &'a [u8],
}

impl Segment<'_> {
    /// Called and calling AE title of an A-ASSOCIATE-RQ (PS3.8, 9.3.2).
    fn titles(&self) -> Option<[String; 2]> {
        let title = |at: usize| Some(std::str::from_utf8(self.data.get(at..at + 16)?).ok()?.trim().to_owned());
        self.data.starts_with(&[1, 0]).then(|| Some([title(10)?, title(26)?])).flatten()
    }
}

/// All segments of a morning, in order.
fn segments(morning: &Morning) -> impl Iterator<Item = Segment<'_>> {
    morning.packets.iter().filter_map(segment)
}

fn segment(packet: &Packet) -> Option<Segment<'_>> {
    // Behind addresses and tag.
    let ip = packet.bytes.get(18..)?;
    let address = |at: usize| ip.get(at..at + 4)?.try_into().ok().map(|octets: [u8; 4]| Ipv4Addr::from(octets));
    if packet.bytes.get(16..18)? != [8, 0] || *ip.get(9)? != 6 {
        return None;
    }
    let length = usize::from(u16::from_be_bytes(ip.get(2..4)?.try_into().ok()?));
    let data = ip.get(20 + usize::from(ip.get(32)? >> 4) * 4..length)?;
    let from_port = u16::from_be_bytes(ip.get(20..22)?.try_into().ok()?);
    (!data.is_empty()).then_some(Segment { at: packet.at, from: address(12)?, to: address(16)?, from_port, data })
}

/// What there is of a truth that no seed may change: classes, and what is found.
fn kinds(truth: &Truth) -> (BTreeSet<&str>, Vec<Kind<'_>>) {
    let classes = truth.devices.iter().map(|device| device.class).collect();
    let findings = truth.findings.iter().map(|found| (found.rule, found.severity, found.title.as_deref()));
    let mut findings: Vec<_> = findings.collect();
    findings.sort_unstable();
    (classes, findings)
}

/// Devices and peers that a rule finds.
fn found(truth: &Truth, rule: &str) -> BTreeSet<(Ipv4Addr, Option<Ipv4Addr>)> {
    truth.findings.iter().filter(|found| found.rule == rule).map(|found| (found.device, found.peer)).collect()
}

#[test]
fn a_seed_always_makes_the_same_morning_and_another_one_another() {
    let [committed, other, ..] = &*MORNINGS;
    assert!(morning::morning(morning::SEED) == *committed);
    assert!(committed.packets != other.packets);
}

#[test]
fn every_seed_makes_a_hospital_of_the_same_kind() {
    let [wanted, ..] = &*MORNINGS;
    for Morning { truth, .. } in &*MORNINGS {
        let seed = truth.seed;
        assert_eq!(kinds(truth), kinds(&wanted.truth), "seed {seed}");
        let (classes, _) = kinds(truth);
        assert!(classes.len() > 18, "seed {seed}: {classes:?}");
        assert!(truth.devices.len() >= 80, "seed {seed}: {} devices", truth.devices.len());
    }
}

#[test]
fn no_two_devices_of_the_truth_can_be_taken_for_each_other() {
    for Morning { truth, .. } in &*MORNINGS {
        let seed = truth.seed;
        let keys: BTreeSet<_> = truth
            .devices
            .iter()
            .map(|device| match device.behind {
                Some(speaker) => (vec![speaker], device.serial_number.clone()),
                None => (device.ips.iter().copied().collect(), device.mac.clone()),
            })
            .collect();
        assert_eq!(keys.len(), truth.devices.len(), "seed {seed}");
        let mut times = BTreeMap::new();
        truth.devices.iter().flat_map(|device| &device.ips).for_each(|ip| *times.entry(ip).or_insert(0) += 1);
        assert_eq!(times.values().filter(|times| **times > 1).count(), 1, "seed {seed}: addresses used again");
    }
}

#[test]
fn only_the_guesser_is_refused_five_times_in_a_minute_under_three_titles() {
    for morning in &*MORNINGS {
        let mut called: BTreeMap<Pair, String> = BTreeMap::new();
        let mut refused: BTreeMap<Pair, Vec<(u64, String)>> = BTreeMap::new();
        for segment in segments(morning) {
            let Segment { at, from, to, data, .. } = segment;
            if let Some([title, _]) = segment.titles() {
                called.insert((from, to), title);
            } else if matches!(data, [3, 0, 0, 0, 0, 4, 0, 1, 1, 3 | 7]) {
                let title = called[&(to, from)].clone();
                refused.entry((to, from)).or_default().push((at, title));
            }
        }
        let guesses = |refusals: &[(u64, String)]| {
            refusals.iter().any(|(begin, _)| {
                let minute = refusals.iter().filter(|(at, _)| (*begin..=begin + MINUTE).contains(at));
                let titles: Vec<_> = minute.map(|(_, title)| title).collect();
                titles.len() >= 5 && titles.iter().collect::<BTreeSet<_>>().len() >= 3
            })
        };
        let guessing = refused.iter().filter(|(_, refusals)| guesses(refusals));
        let guessing: BTreeSet<_> = guessing.map(|((client, server), _)| (*client, Some(*server))).collect();
        assert_eq!(guessing, found(&morning.truth, "D05"), "seed {}", morning.truth.seed);
        assert!(refused.len() >= 4, "seed {}: those who almost guess", morning.truth.seed);
    }
}

#[test]
fn only_planted_titles_are_those_of_tools() {
    for morning in &*MORNINGS {
        let titles: BTreeSet<String> = segments(morning).filter_map(|segment| segment.titles()).flatten().collect();
        let tools: BTreeSet<&str> = titles.iter().map(String::as_str).filter(|title| TOOLS.contains(title)).collect();
        let planted: BTreeSet<&str> =
            morning.truth.findings.iter().filter_map(|found| found.title.as_deref()).collect();
        assert_eq!(tools, planted, "seed {}", morning.truth.seed);
    }
}

#[test]
fn only_what_is_planted_crosses_the_boundary_in_the_clear() {
    let is_public = |ip: &Ipv4Addr| !(ip.is_private() || ip.octets().starts_with(&[100, 72]));
    for morning in &*MORNINGS {
        let mut crossing: BTreeMap<&str, BTreeSet<(Ipv4Addr, Option<Ipv4Addr>)>> = BTreeMap::new();
        for Segment { from, to, data, .. } in segments(morning) {
            let inside = match (is_public(&from), is_public(&to)) {
                (true, false) => to,
                (false, true) => from,
                _ => continue,
            };
            if data.starts_with(&[1, 0, 0, 0]) {
                crossing.entry("D22").or_default().insert((inside, None));
            } else if data.starts_with(b"\x0bMSH|") {
                crossing.entry("H09").or_default().insert((inside, None));
            }
        }
        for rule in ["D22", "H09"] {
            assert_eq!(crossing[rule], found(&morning.truth, rule), "{rule}, seed {}", morning.truth.seed);
        }
    }
}

#[test]
fn only_planted_connections_break_the_framing_three_times() {
    let count = |data: &[u8], what: &[u8]| data.windows(what.len()).filter(|window| *window == what).count();
    for morning in &*MORNINGS {
        let mut violations: BTreeMap<(Pair, u16), usize> = BTreeMap::new();
        for Segment { from, to, from_port, data, .. } in segments(morning) {
            let starts = count(data, b"MSH|") - count(data, b"\x0bMSH|");
            let ends = if starts > 0 || data.starts_with(b"\x0bMSH|") {
                count(data, b"\x1c") - count(data, b"\x1c\r")
            } else {
                0
            };
            if starts + ends > 0 {
                *violations.entry(((from, to), from_port)).or_default() += starts + ends;
            }
        }
        let breaking = violations.iter().filter(|(_, times)| **times >= 3);
        let breaking: BTreeSet<_> = breaking.map(|(((from, to), _), _)| (*from, Some(*to))).collect();
        assert_eq!(breaking, found(&morning.truth, "H07"), "seed {}", morning.truth.seed);
        assert!(violations.values().any(|times| *times == 2), "seed {}: one that almost does", morning.truth.seed);
    }
}
