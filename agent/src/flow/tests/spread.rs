//! What is told of many addresses is spread over the shards, so that the limit of one is no limit of all.

use super::*;
use crate::testing::arp;
use wardwatch_model::Mac;

#[test]
fn a_network_of_as_many_devices_as_there_may_be_is_known_by_its_claims() {
    let limits = Limits { devices: 1000, ..Limits::default() };
    let owner = |n: u32| End { ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), ..end(1, 0) };
    let frames: Vec<_> = (0..1000).map(|n| arp(1, owner(n), owner(0).ip).at(u64::from(n))).collect();
    for workers in [1, 3] {
        let report = report(&frames, &limits, workers);
        assert_eq!((report.sightings.len(), loss(&report, "places_dropped")), (1000, 0));
        assert_eq!((report.capture.packets, report.capture.protocols["arp"].messages), (1000, 1000));
    }
}

#[test]
fn those_without_an_address_have_a_flow_each_and_one_conversation() {
    let nobody = |last: u8| End { mac: [0, 0, 0x5e, 0, 0x53, last], ip: [0, 0, 0, 0].into(), ..end(last, 68) };
    let all = End { ip: [255, 255, 255, 255].into(), ..end(0, 67) };
    let frames: Vec<_> = (1..=40).map(|n| udp(nobody(n), all, b"x").at(n.into())).collect();
    let report = report(&frames, &Limits::default(), 2);
    let (key, conversation) = only(&report);
    assert_eq!((report.capture.flows, conversation.seen.count, key.client_mac), (40, 40, None::<Mac>));
    assert_eq!((key.client, key.server), (nobody(1).ip, all.ip));
}
