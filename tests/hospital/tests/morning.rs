//! The morning of the hospital is the one it is meant to be, whatever the seed.

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
/// When it was, and the title.
type Refusal = (u64, Vec<u8>);

/// Some mornings, the one that is committed first.
static MORNINGS: LazyLock<[Morning; 4]> = LazyLock::new(|| [morning::SEED, 0, 1, 77].map(morning::morning));

/// What there is of a truth that no seed may change: classes, and what is found.
fn kinds(truth: &Truth) -> (BTreeSet<&str>, Vec<Kind<'_>>) {
    let classes = truth.devices.iter().map(|device| device.class).collect();
    let findings = truth.findings.iter().map(|found| (found.rule, found.severity, found.title.as_deref()));
    let mut findings: Vec<_> = findings.collect();
    findings.sort_unstable();
    (classes, findings)
}

/// Source, destination and payload of a TCP segment.
fn segment(packet: &Packet) -> Option<(Ipv4Addr, Ipv4Addr, &[u8])> {
    let ip = packet.bytes.get(18..)?;
    let address = |at: usize| ip.get(at..at + 4)?.try_into().ok().map(|octets: [u8; 4]| Ipv4Addr::from(octets));
    if packet.bytes.get(16..18)? != [8, 0] || *ip.get(9)? != 6 {
        return None;
    }
    let payload = 20 + usize::from(ip.get(32)? >> 4) * 4;
    Some((address(12)?, address(16)?, ip.get(payload..)?))
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
        let twice = truth.devices.iter().flat_map(|device| &device.ips).fold(BTreeMap::new(), |mut all, ip| {
            *all.entry(*ip).or_insert(0) += 1;
            all
        });
        assert_eq!(twice.values().filter(|times| **times > 1).count(), 1, "seed {seed}: addresses used again");
    }
}

#[test]
fn only_the_guesser_is_refused_five_times_in_a_minute_under_three_titles() {
    const MINUTE: u64 = 60_000_000_000;
    for morning in &*MORNINGS {
        let seed = morning.truth.seed;
        let mut called: BTreeMap<Pair, Vec<u8>> = BTreeMap::new();
        let mut refused: BTreeMap<Pair, Vec<Refusal>> = BTreeMap::new();
        for packet in &morning.packets {
            match segment(packet) {
                Some((client, server, payload)) if payload.starts_with(&[1, 0]) && payload.len() > 74 => {
                    called.insert((client, server), payload[10..26].to_vec());
                }
                Some((server, client, [3, 0, 0, 0, 0, 4, 0, 1, 1, 3 | 7])) => {
                    let title = called[&(client, server)].clone();
                    refused.entry((client, server)).or_default().push((packet.at, title));
                }
                _ => {}
            }
        }
        let is_guessing = |times: &Vec<Refusal>| {
            times.windows(5).any(|five| {
                let titles: BTreeSet<_> = times
                    .iter()
                    .filter(|(at, _)| (five[0].0..five[0].0 + MINUTE).contains(at))
                    .map(|(_, title)| title)
                    .collect();
                five[4].0 - five[0].0 <= MINUTE && titles.len() >= 3
            })
        };
        let found: Vec<_> =
            refused.iter().filter(|(_, times)| is_guessing(times)).map(|((c, s), _)| (*c, Some(*s))).collect();
        let wanted: Vec<_> =
            morning.truth.findings.iter().filter(|found| found.rule == "D05").map(|f| (f.device, f.peer)).collect();
        assert_eq!(found, wanted, "seed {seed}");
        assert!(refused.len() >= 4, "seed {seed}: the ones that are almost guessers");
    }
}
