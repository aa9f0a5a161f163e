//! Which device an entry of a file is about, and what is said of it then.

use super::super::{IdKey, Inventory, resolve};
use super::*;
use crate::knowledge::Catalogue;
use proptest::prelude::*;
use std::net::IpAddr;
use wardwatch_model::{
    Facts, Mac, Place, Sighting, Vlans,
    config::{Config, Names},
};

const A: Mac = Mac([0, 0, 0x5e, 0, 0x53, 1]);
const B: Mac = Mac([0, 0, 0x5e, 0, 0x53, 2]);
const ROUTER: Mac = Mac([0, 0, 0x5e, 0, 0x53, 9]);

/// 2026-11-24T05:00:00Z, and an hour.
const NOW: u64 = 1_795_496_400_000_000_000;
const HOUR: u64 = 3_600_000_000_000;

/// Who claims an address, or has sent from it through a router, at a time.
fn network(places: &[(&str, Mac, u64)]) -> Facts {
    let mut facts = Facts::default();
    for (ip, mac, at) in places {
        let place =
            Place { ip: ip.parse().unwrap(), tunnels: Tunnels::none(), mac: Some(*mac), vlans: Vlans::default() };
        let routed = *mac == ROUTER;
        let claim = Sighting::claim(PacketTime(*at));
        facts.add_sighting(place, &Sighting { payload: true, claimed: !routed, routed, ..claim });
    }
    facts
}

fn resolved(facts: &Facts, config: &Config, files: &[(&str, &str)]) -> Inventory {
    let mut catalogue = Catalogue::embedded().unwrap();
    let files = files.iter().map(|(named, text)| (named.parse().unwrap(), text.as_bytes().to_vec(), PacketTime(NOW)));
    catalogue.set_imports(Imports::read(files));
    resolve(facts, config, &catalogue, IdKey::of_site("main"))
}

fn at<'a>(inventory: &'a Inventory, ip: &str) -> &'a Device {
    let ip: IpAddr = ip.parse().unwrap();
    inventory.devices.iter().find(|device| device.addresses.iter().any(|address| address.ip == ip)).unwrap()
}

/// `kind:line by` of each place, in order.
fn places(device: &Device) -> Vec<String> {
    let shown =
        |place: &Location| format!("{}:{} {}", place.source.import_kind().unwrap(), place.line, place.joined_by.name());
    device.locations.iter().map(shown).collect()
}

const TWO: [(&str, Mac, u64); 2] = [("10.20.0.7", A, NOW), ("10.20.0.8", B, NOW)];

#[test]
fn a_port_is_told_of_the_device_whose_mac_address_is_there_and_the_rest_is_unmatched() {
    let table =
        "120 0000.5e00.5301 DYNAMIC Gi1/0/7\n120 0000.5e00.53ff DYNAMIC Gi1/0/8\n120 0000.5e00.530z DYNAMIC Gi1/0/9";
    let found = resolved(&network(&TWO), &Config::default(), &[("mac-table=ward-sw-3.txt", table)]);
    let place = &at(&found, "10.20.0.7").locations[0];
    assert_eq!(place.spot.switch.as_deref(), Some("ward-sw-3"));
    assert_eq!(place.spot.port.as_deref(), Some("Gi1/0/7"));
    assert_eq!((&*place.file, place.line, place.as_of), ("ward-sw-3.txt", 1, PacketTime(NOW)));
    assert!(at(&found, "10.20.0.8").locations.is_empty());
    let report = &found.imports[0];
    assert_eq!((report.lines, report.entries, report.refused), (3, 2, 1));
    assert_eq!((report.matched, report.unmatched, &report.unmatched_lines[..]), (Some(1), Some(1), &[2][..]));
}

#[test]
fn an_address_is_joined_to_whoever_had_it_at_the_time_and_never_against_its_mac_address() {
    let facts = network(&[("10.20.0.7", A, NOW - 9 * HOUR), ("10.20.0.7", B, NOW)]);
    let log = |hours: u64| {
        format!("{{\"ts\":{}.0,\"host\":\"10.20.0.7\",\"name\":\"x{hours}\"}}\n", (NOW - hours * HOUR) / 1_000_000_000)
    };
    let found = resolved(&facts, &Config::default(), &[("zeek-software=s.log", &(log(9) + &log(0)))]);
    let software = |mac| {
        let of = |device: &&Device| device.addresses[0].mac == Some(mac);
        let device = found.devices.iter().find(of).unwrap();
        device.software.iter().filter_map(|software| software.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!((software(A), software(B)), (vec!["x9".to_owned()], vec!["x0".to_owned()]));

    let other = "ip,mac,site\n10.20.0.7,00:00:5e:00:53:ff,North\n";
    let found = resolved(&network(&TWO), &Config::default(), &[("ipam=i.csv", other)]);
    assert!(at(&found, "10.20.0.7").locations.is_empty(), "the entry is about another, who had the address");
    // Behind a router, no MAC address speaks against it.
    let behind = network(&[("10.20.0.7", ROUTER, NOW), ("10.20.0.1", ROUTER, NOW)]);
    let found = resolved(&behind, &Config::default(), &[("ipam=i.csv", other)]);
    assert_eq!(places(at(&found, "10.20.0.7")), ["ipam:2 ip"]);
}

#[test]
fn a_lease_that_ended_before_the_device_came_is_not_its_own() {
    let lease = |ends: &str| format!("lease 10.20.0.7 {{\n  ends 2 {ends};\n  client-hostname \"old\";\n}}\n");
    for (ends, is_its) in [("2026/11/24 04:59:59", false), ("2026/11/24 05:00:00", true)] {
        let found = resolved(&network(&TWO), &Config::default(), &[("dhcp-isc=l", &lease(ends))]);
        assert_eq!(!at(&found, "10.20.0.7").hostnames.is_empty(), is_its, "{ends}");
    }
}

#[test]
fn of_several_networks_the_smallest_is_told_and_names_the_segment_where_the_configuration_does_not() {
    let plan = "network,segment,site\n10.0.0.0/8,all,North\n10.20.0.0/16,imaging,North\n10.99.0.0/16,none,South\n";
    let found = resolved(&network(&TWO), &Config::default(), &[("ipam=plan.csv", plan)]);
    let device = at(&found, "10.20.0.7");
    assert_eq!(places(device), ["ipam:3 network"]);
    assert_eq!(device.segment.as_deref(), Some("imaging"));
    assert_eq!(found.imports[0].unmatched_lines, [2, 4]);
    let segments = vec![(wardwatch_model::config::Segment::Net("10.0.0.0/8".parse().unwrap()), "ours".to_owned())];
    let found = resolved(&network(&TWO), &Config { segments, ..Config::default() }, &[("ipam=plan.csv", plan)]);
    assert_eq!(at(&found, "10.20.0.7").segment.as_deref(), Some("ours"));
}

#[test]
fn a_port_of_its_own_comes_before_one_that_leads_to_other_switches_and_both_before_a_network() {
    let core = "1 0000.5e00.5301 DYNAMIC Po1\n1 0000.5e00.5302 DYNAMIC Po1\n1 0000.5e00.5303 DYNAMIC Po1";
    let files = [
        ("ipam=plan.csv", "network,site\n10.0.0.0/8,North\n"),
        ("mac-table=core.txt", core),
        ("mac-table=ward.txt", "1 0000.5e00.5301 DYNAMIC Gi1/0/7"),
        ("wireless=w.csv", "mac,ap name\n00:00:5e:00:53:02,ap-4\n"),
    ];
    let found = resolved(&network(&TWO), &Config::default(), &files);
    let device = at(&found, "10.20.0.7");
    assert_eq!(places(device), ["mac-table:1 mac", "mac-table:1 mac", "ipam:2 network"]);
    assert_eq!((device.locations[0].port_macs, device.locations[1].port_macs), (Some(1), Some(3)));
    assert_eq!(places(at(&found, "10.20.0.8"))[0], "wireless:2 mac");
}

#[test]
fn names_of_files_are_hidden_as_those_of_the_wire_are() {
    let files = [
        ("dhcp-kea=k.csv", "address,hwaddr,hostname\n10.20.0.7,00:00:5e:00:53:01,ZQXVPH-MILLER\n"),
        ("wireless=w.csv", "mac,host name,user name,ap\n00:00:5e:00:53:01,ZQXVPH-MEYER,ZQXVPH-USER,ap-4\n"),
        ("ipam=i.csv", "ip,dns_name,description\n10.20.0.7,ZQXVPH-SMITH,ZQXVPH-NOTE\n"),
        ("zeek-dhcp=d.log", "{\"mac\":\"00:00:5e:00:53:01\",\"host_name\":\"ZQXVPH-JONES\"}"),
        ("zeek-ssl=s.log", "{\"id.resp_h\":\"10.20.0.7\",\"established\":true,\"server_name\":\"ZQXVPH-DOE\"}"),
    ];
    let kept = resolved(&network(&TWO), &Config::default(), &files);
    assert_eq!(at(&kept, "10.20.0.7").hostnames.len(), 5);
    assert!(
        !format!("{:?}", kept.devices).contains("ZQXVPH-USER")
            && !format!("{:?}", kept.devices).contains("ZQXVPH-NOTE")
    );
    let hidden = resolved(&network(&TWO), &Config { hostnames: Names::Hash, ..Config::default() }, &files);
    assert_eq!(at(&hidden, "10.20.0.7").hostnames.len(), 5);
    let told = format!("{:?}{:?}", hidden.devices, hidden.imports);
    assert!(!told.contains("ZQXVPH"), "{told}");
}

#[test]
fn a_place_is_as_old_as_its_entry_and_says_nothing_of_when_the_device_spoke() {
    let hosts = "{\"ts\":1795150800.0,\"mac\":\"00:00:5e:00:53:01\",\"host_name\":\"ct-1\"}";
    let files = [("mac-table=sw.txt", "1 0000.5e00.5301 DYNAMIC Gi1/0/7"), ("zeek-dhcp=d.log", hosts)];
    let mut found = resolved(&network(&TWO), &Config::default(), &files);
    for (date, days) in [("2026-11-24", 0), ("2026-11-25", 1), ("2027-11-24", 365), ("2020-01-01", 0)] {
        age(&mut found.devices, date);
        assert_eq!(at(&found, "10.20.0.7").locations[0].age_days, Some(days), "{date}");
    }
    assert_eq!(crate::reading::window(at(&found, "10.20.0.7")), Some((PacketTime(NOW), PacketTime(NOW))));
}

proptest! {
    // A catalogue takes its time.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_order_of_files_does_not_matter(order in Just([0, 1, 2, 3]).prop_shuffle()) {
        let files = [
            ("mac-table=a.txt", "1 0000.5e00.5301 DYNAMIC Gi1/0/1"),
            ("mac-table=b.txt", "1 0000.5e00.5301 DYNAMIC Gi1/0/1"),
            ("wireless=w.csv", "mac,ap\n00:00:5e:00:53:01,ap-4\n"),
            ("ipam=i.csv", "network,site,segment\n10.0.0.0/8,North,all\n"),
        ];
        let shown = |files: &[(&str, &str)]| {
            let found = resolved(&network(&TWO), &Config::default(), files);
            format!("{:?}", found.devices)
        };
        prop_assert_eq!(shown(&order.map(|file| files[file])), shown(&files));
    }
}
