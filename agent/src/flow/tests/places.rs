//! Where addresses are seen.

use super::*;
use crate::testing::{arp, end_v6, icmp_v6};
use wardwatch_model::{Mac, Place, Sighting};

/// The sightings of an address, by MAC and VLANs.
fn places(report: &Facts, ip: IpAddr) -> Vec<(Place, Sighting)> {
    report.sightings.iter().filter(|(place, _)| place.ip == ip).map(|(place, sighting)| (*place, *sighting)).collect()
}

#[test]
fn an_address_that_moves_is_seen_at_each_place_for_its_time_only() {
    let mut host = end(1, 5000);
    let server = end(2, 9000);
    let mut frames = vec![udp(host, server, b"x").at(0), udp(host, server, b"x").at(10)];
    host.vlan = Some(20);
    frames.push(udp(host, server, b"").at(20));
    host.mac[5] = 9;
    host.hops_left = 62;
    frames.push(udp(host, server, b"x").at(30));
    let report = run(&frames);
    let seen = places(&report, host.ip);
    let times = |n: usize| (seen[n].1.seen.first.0 / 1_000_000, seen[n].1.seen.last.0 / 1_000_000);
    assert_eq!(seen.len(), 3);
    assert_eq!((times(0), seen[0].1.payload, seen[0].1.routed), ((0, 10), true, false));
    assert_eq!((times(1), seen[1].1.payload, seen[1].1.routed), ((20, 20), false, false));
    assert_eq!((times(2), seen[2].1.payload, seen[2].1.routed), ((30, 30), true, true));
    assert_eq!(seen[2].0.mac, Mac::known([0, 0, 0x5e, 0, 0x53, 9]));
    assert_eq!(seen[2].0.vlans.iter().collect::<Vec<_>>(), [20]);
    assert_eq!(report.capture.flows, 1);
}

#[test]
fn payload_that_still_waits_tells_of_the_place_it_came_from() {
    let mut host = end(1, 50_000);
    let server = end(2, 9000);
    let mut frames = vec![tcp(host, server, 100).data("waits").at(0)];
    host.vlan = Some(5);
    frames.push(tcp(host, server, 105).at(1));
    let report = run(&frames);
    let payload: Vec<_> = places(&report, host.ip).iter().map(|(_, sighting)| sighting.payload).collect();
    assert_eq!(payload, [true, false]);
}

#[test]
fn claims_by_arp_and_neighbour_discovery_are_seen_without_a_flow() {
    let mut host = end_v6(7, 0);
    host.hops_left = 255;
    let mut probe = end(8, 0);
    probe.ip = [0, 0, 0, 0].into();
    let frames = [arp(1, end(7, 0), end(2, 0).ip), icmp_v6(host, end_v6(2, 0), 136), arp(1, probe, end(8, 0).ip)];
    let report = run(&frames);
    assert_eq!(report.sightings.len(), 2);
    assert!(report.sightings.values().all(|sighting| sighting.claimed && !sighting.payload));
    assert_eq!((report.capture.flows, report.capture.protocols["arp"].messages), (0, 2));
}

#[test]
fn a_silent_end_is_seen_nowhere() {
    let report = run(&[udp(end(1, 5000), end(2, 9000), b"x")]);
    assert_eq!((report.sightings.len(), places(&report, end(2, 0).ip).len()), (1, 0));
}
