//! Filters as text, and what tcpdump makes of them.

use super::super::{d17_malformed_pdu::RULE, testing::Network};
use std::{
    io::Write,
    process::{Command, Stdio},
};
use wardwatch_model::{End, Mac, Tunnel, TunnelKind, Tunnels, Violation, Vlans};

/// The filter for conversations of a client with these tags. `other_links`: not all of it came over Ethernet.
fn filter_on(other_links: bool, client: &str, servers: &[&str], tags: &[u16]) -> String {
    let mut vlans = Vlans::default();
    tags.iter().for_each(|id| vlans.push(*id));
    let network = servers.iter().fold(Network::of(&[client]), |network, server| {
        network.breaks(client, server, "dicom", End::Client, &[(Violation::DicomPduType, 1)])
    });
    let mut network = network;
    network.facts.capture.other_links = other_links;
    for (mut key, mut talk) in std::mem::take(&mut network.facts.conversations) {
        key.client_mac = Some(Mac([2, 0, 0, 0, 0, 1]));
        talk.vlans = [vlans].into();
        network.facts.conversations.insert(key, talk);
    }
    let filters: Vec<String> = network.found(&RULE).into_iter().map(|finding| finding.bpf_filter).collect();
    filters.join(" or ")
}

fn filter(client: &str, servers: &[&str], tags: &[u16]) -> String {
    filter_on(false, client, servers, tags)
}

/// What tcpdump prints, a line for each packet of a capture; none, and said so, where there is no tcpdump.
fn tcpdump(test: &str, arguments: &[&str], capture: &[u8]) -> Option<String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("tcpdump");
    command.env("PATH", path).args(["-n", "-t"]).args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = piped.spawn() else {
        // Past the test runner's capturing.
        let _ = writeln!(std::io::stderr(), "skipped: {test}: not installed: tcpdump");
        return None;
    };
    let (mut stdin, capture) = (child.stdin.take().unwrap(), capture.to_vec());
    // It may refuse the filter and read nothing.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&capture)));
    let run = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = |bytes: Vec<u8>| std::str::from_utf8(&bytes).unwrap().to_owned();
    assert!(run.status.success(), "{arguments:?}: {}", said(run.stderr));
    Some(said(run.stdout))
}

/// Link types of captures (the registry of pcap).
const ETHERNET: u32 = 1;
const COOKED: u32 = 113;
const COOKED_2: u32 = 276;

/// A TCP segment of two hosts, 10.0.0.1 to .2 or back, from or to port 104, in a frame with these tags.
fn frame(link: u32, tags: &[u16], back: bool) -> Vec<u8> {
    let types: Vec<u16> = tags.iter().map(|_| 0x8100).chain([0x0800]).collect();
    let mut frame = match link {
        ETHERNET => [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &types[0].to_be_bytes()].concat(),
        COOKED => [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0][..], &types[0].to_be_bytes()].concat(),
        _ => [&types[0].to_be_bytes()[..], &[0; 2], &[0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]].concat(),
    };
    for (tag, inner) in tags.iter().zip(&types[1..]) {
        frame.extend([tag.to_be_bytes(), inner.to_be_bytes()].concat());
    }
    let (from, to, ports) = if back { (2, 1, [0, 104, 195, 80]) } else { (1, 2, [195, 80, 0, 104]) };
    frame.extend([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    frame.extend(ports);
    frame.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]);
    frame
}

fn capture(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let header = [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 65_535, link];
    let mut bytes: Vec<u8> = header.iter().flat_map(|word| word.to_be_bytes()).collect();
    for frame in frames {
        let length = u32::try_from(frame.len()).unwrap();
        bytes.extend([1, 0, length, length].iter().flat_map(|word: &u32| word.to_be_bytes()));
        bytes.extend(frame);
    }
    bytes
}

#[test]
fn it_looks_behind_one_tag_more_than_were_seen() {
    let packets = "host 10.0.0.1 and host 10.0.0.2 and tcp port 104";
    let with = |tags| filter("10.0.0.1", &["10.0.0.2"], tags);
    let once = format!("({packets}) or (vlan and ({packets}))");
    assert_eq!(with(&[]), once);
    let twice = format!("({packets}) or (vlan and ({once}))");
    assert_eq!(with(&[7]), twice);
    assert_eq!(with(&[7, 8]), format!("({packets}) or (vlan and ({twice}))"));
    let sixth = filter("2001:db8::1", &["2001:db8::2"], &[]);
    assert!(sixth.starts_with("(host 2001:db8::1 and host 2001:db8::2 and tcp port 104) or "), "{sixth}");
}

#[test]
fn links_without_mac_addresses_have_no_tags_to_look_behind() {
    let network = Network::of(&["10.0.0.1"]).breaks(
        "10.0.0.1",
        "10.0.0.2",
        "dicom",
        End::Client,
        &[(Violation::DicomPduType, 1)],
    );
    assert_eq!(network.one(&RULE).bpf_filter, "host 10.0.0.1 and host 10.0.0.2 and tcp port 104");
}

#[test]
fn links_that_refuse_the_word_vlan_get_a_filter_without_it() {
    let packets = "host 10.0.0.1 and host 10.0.0.2 and tcp port 104";
    assert_eq!(filter_on(true, "10.0.0.1", &["10.0.0.2"], &[]), packets);
    assert!(!filter_on(true, "10.0.0.1", &["10.0.0.2"], &[7]).contains("vlan"));
}

#[test]
fn tcpdump_selects_the_packets_of_the_conversation_tagged_or_not() {
    let test = "tcpdump_selects_the_packets_of_the_conversation_tagged_or_not";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/captures/first-light.pcap");
    let capture = std::fs::read(path).unwrap();
    let Some(all) = tcpdump(test, &["-r", "-"], &capture) else { return };
    for (client, server) in [("10.20.0.11", "10.20.0.2"), ("10.30.0.40", "10.20.0.2")] {
        let is_of = |line: &&str| line.contains(&format!(" {client}.")) && line.contains(&format!(" {server}.104"));
        let wanted: Vec<&str> = all.lines().filter(is_of).collect();
        assert!(!wanted.is_empty());
        for (other_links, tags) in
            [(false, &[20][..]), (false, &[20, 30]), (false, &[20, 30, 40]), (true, &[20]), (true, &[20, 30])]
        {
            let filter = filter_on(other_links, client, &[server], tags);
            let selected = tcpdump(test, &["-r", "-", &filter], &capture).unwrap();
            assert_eq!(selected.lines().collect::<Vec<_>>(), wanted, "{other_links} {tags:?}");
        }
    }
}

#[test]
fn tcpdump_selects_priority_tagged_packets_and_tagged_ones_of_cooked_captures() {
    let test = "tcpdump_selects_priority_tagged_packets_and_tagged_ones_of_cooked_captures";
    for link in [ETHERNET, COOKED, COOKED_2] {
        // The tags that were seen, and those of the frames: one direction may have others than the other.
        let cases: &[(&[u16], &[&[u16]])] = match link {
            ETHERNET => &[(&[], &[&[], &[0]]), (&[20], &[&[], &[20], &[0], &[20, 0]])],
            _ => &[(&[], &[&[]]), (&[20], &[&[], &[20]]), (&[20, 30], &[&[20], &[20, 30]])],
        };
        for (seen, tags) in cases {
            let frames: Vec<_> =
                tags.iter().flat_map(|tags| [frame(link, tags, false), frame(link, tags, true)]).collect();
            let filters = |server| filter_on(link != ETHERNET, "10.0.0.1", &[server], seen);
            let bytes = capture(link, &frames);
            let Some(selected) = tcpdump(test, &["-r", "-", &filters("10.0.0.2")], &bytes) else { return };
            assert_eq!(selected.lines().count(), frames.len(), "link {link}, seen {seen:?}");
            let others = tcpdump(test, &["-r", "-", &filters("10.0.0.3")], &bytes).unwrap();
            assert_eq!(others, "", "link {link}, seen {seen:?}");
        }
    }
}

#[test]
fn tcpdump_takes_every_form_of_filter() {
    let many: Vec<String> = (0..40).map(|host| format!("10.9.0.{host}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for servers in [&many[..1], &many[..4], &many[..16], &many, &["10.0.0.1"], &["2001:db8::2"]] {
        for tags in [&[][..], &[1], &[1, 2], &[1, 2, 3]] {
            let client = if servers[0].contains(':') { "2001:db8::1" } else { "10.0.0.1" };
            for (links, other_links) in [("EN10MB", false), ("EN10MB", true), ("LINUX_SLL", true), ("RAW", true)] {
                let filter = filter_on(other_links, client, servers, tags);
                let arguments = ["-y", links, "-d", &filter];
                if tcpdump("tcpdump_takes_every_form_of_filter", &arguments, &[]).is_none() {
                    return;
                }
            }
        }
    }
}

/// Tunnels of every kind, by their ends where these tell.
fn tunnels() -> Vec<Tunnel> {
    let ends = |a: &str, b: &str| (a.parse().unwrap(), b.parse().unwrap());
    let one = |kind: &TunnelKind| {
        let ((a, b), (c, d)) = (ends("10.9.0.1", "10.9.0.2"), ends("2001:db8::1", "2001:db8::2"));
        [Tunnel::numbered(*kind, 7), Tunnel::between(*kind, None, a, b), Tunnel::between(*kind, Some(7), c, d)]
    };
    TunnelKind::ALL.iter().flat_map(one).collect()
}

/// The filter for a conversation in a tunnel.
fn filter_in(tunnel: Tunnel, other_links: bool) -> String {
    let mut network = Network::of(&["10.0.0.1"]).breaks(
        "10.0.0.1",
        "10.0.0.2",
        "dicom",
        End::Client,
        &[(Violation::DicomPduType, 1)],
    );
    network.facts.capture.other_links = other_links;
    let mut tunnels = Tunnels::none();
    tunnels.push(tunnel);
    for (mut key, talk) in std::mem::take(&mut network.facts.conversations) {
        key.tunnels = tunnels;
        network.facts.conversations.insert(key, talk);
    }
    for (mut place, sighting) in std::mem::take(&mut network.facts.sightings) {
        place.tunnels = tunnels;
        network.facts.sightings.insert(place, sighting);
    }
    network.one(&RULE).bpf_filter.clone()
}

#[test]
fn of_a_conversation_in_a_tunnel_it_takes_the_tunnel() {
    let vxlan = Tunnel::numbered(TunnelKind::Vxlan, 7);
    let ports = "udp port 4789 or udp port 4790 or udp port 8472";
    assert!(filter_in(vxlan, false).starts_with(&format!("({ports}) or (vlan and (({ports}) or ")));
    let gre = Tunnel::between(TunnelKind::Gre, None, "10.9.0.2".parse().unwrap(), "10.9.0.1".parse().unwrap());
    let packets = "host 10.9.0.1 and host 10.9.0.2 and (ip proto 47 or ip6 proto 47 or udp port 4754)";
    assert!(filter_in(gre, false).starts_with(&format!("({packets}) or ")));
}

#[test]
fn tcpdump_selects_the_packets_of_a_tunnel_tagged_or_not() {
    let test = "tcpdump_selects_the_packets_of_a_tunnel_tagged_or_not";
    for link in [ETHERNET, COOKED, COOKED_2] {
        let frames: Vec<Vec<u8>> = [&[][..], &[20]]
            .iter()
            .flat_map(|tags| {
                // VXLAN between 10.0.0.1 and 10.0.0.2, with nothing but its header in it.
                let mut frame = frame(link, tags, false);
                let ip = frame.len() - 40;
                frame[ip + 9] = 17;
                frame[ip + 20..ip + 28].copy_from_slice(&[195, 80, 0x12, 0xb5, 0, 20, 0, 0]);
                [frame]
            })
            .collect();
        let bytes = capture(link, &frames);
        let vxlan = filter_in(Tunnel::numbered(TunnelKind::Vxlan, 7), link != ETHERNET);
        let Some(selected) = tcpdump(test, &["-r", "-", &vxlan], &bytes) else { return };
        let headers = selected.lines().filter(|line| line.contains("VXLAN"));
        assert_eq!(headers.count(), frames.len(), "link {link}: {selected}");
        let other = filter_in(Tunnel::numbered(TunnelKind::IpInIp, 7), link != ETHERNET);
        assert_eq!(tcpdump(test, &["-r", "-", &other], &bytes).unwrap(), "", "link {link}");
    }
}

#[test]
fn tcpdump_takes_the_filter_of_every_kind_of_tunnel() {
    for tunnel in tunnels() {
        for (links, other_links) in [("EN10MB", false), ("EN10MB", true), ("LINUX_SLL", true)] {
            let filter = filter_in(tunnel, other_links);
            let arguments = ["-y", links, "-d", &filter];
            if tcpdump("tcpdump_takes_the_filter_of_every_kind_of_tunnel", &arguments, &[]).is_none() {
                return;
            }
        }
    }
}
