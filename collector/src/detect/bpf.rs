//! The packets of a finding, as a filter that tcpdump, tshark and capture systems take (pcap-filter(7)).

use super::scene::Talk;
use std::{collections::BTreeSet, net::IpAddr};
use wardwatch_model::End;

/// Most services that are selected one by one.
const MAX_SERVICES: usize = 16;

/// The filter for conversations, each with the end where the device of the finding is. Beyond [`MAX_SERVICES`] it takes the
/// whole traffic of the device, and never misses a packet.
pub(super) fn filter(talks: &[(&Talk<'_>, End)]) -> String {
    let services: BTreeSet<_> = talks
        .iter()
        .map(|(talk, _)| (talk.key.client, talk.key.server, talk.key.transport.name(), talk.key.port))
        .collect();
    let packets = if services.len() <= MAX_SERVICES {
        any(services.iter().map(|(client, server, transport, port)| {
            let hosts =
                if client == server { format!("host {client}") } else { format!("host {client} and host {server}") };
            format!("{hosts} and {transport} port {port}")
        }))
    } else {
        let own: BTreeSet<IpAddr> = talks.iter().map(|(talk, end)| talk.end(*end).ip).collect();
        any(own.iter().map(|ip| format!("host {ip}")))
    };
    let tags = talks.iter().flat_map(|(talk, _)| &talk.conversation.vlans).map(|vlans| vlans.iter().count()).max();
    tagged(&packets, tags.unwrap_or(0))
}

fn any(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [one] => one.clone(),
        _ => parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" or "),
    }
}

/// A filter looks at untagged frames until `vlan` moves it past a tag, for all that follows. Links that carry no tags
/// refuse the word, so it stands only where tags were seen.
fn tagged(packets: &str, tags: usize) -> String {
    (0..tags).fold(packets.to_owned(), |inner, _| format!("({packets}) or (vlan and ({inner}))"))
}

#[cfg(test)]
mod tests {
    use super::super::{d17_malformed_pdu::RULE, testing::Network};
    use std::{io::Write, process::Command};
    use wardwatch_model::{End, Violation, Vlans};

    /// The filter for conversations of a client with these tags.
    fn filter(client: &str, servers: &[&str], tags: &[u16]) -> String {
        let mut vlans = Vlans::default();
        tags.iter().for_each(|id| vlans.push(*id));
        let network = servers.iter().fold(Network::of(&[client]), |network, server| {
            network.breaks(client, server, "dicom", End::Client, &[(Violation::DicomPduType, 1)])
        });
        let mut network = network;
        network.facts.conversations.values_mut().for_each(|talk| talk.vlans = [vlans].into());
        let filters: Vec<String> = network.found(&RULE).into_iter().map(|finding| finding.bpf_filter).collect();
        filters.join(" or ")
    }

    /// What tcpdump prints of our capture, a line for each packet; none, and said so, where there is no tcpdump.
    fn tcpdump(test: &str, arguments: &[&str]) -> Option<String> {
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/captures/first-light.pcap");
        let capture = std::fs::File::open(capture).unwrap();
        let mut command = Command::new("tcpdump");
        let Ok(run) = command.env("PATH", path).args(["-n", "-t", "-r", "-"]).args(arguments).stdin(capture).output()
        else {
            // Past the test runner's capturing.
            let _ = writeln!(std::io::stderr(), "skipped: {test}: not installed: tcpdump");
            return None;
        };
        let said = |bytes: Vec<u8>| std::str::from_utf8(&bytes).unwrap().to_owned();
        assert!(run.status.success(), "{arguments:?}: {}", said(run.stderr));
        Some(said(run.stdout))
    }

    #[test]
    fn tags_stand_where_tags_were_seen() {
        let packets = "host 10.0.0.1 and host 10.0.0.2 and tcp port 104";
        let with = |tags| filter("10.0.0.1", &["10.0.0.2"], tags);
        assert_eq!(with(&[]), packets);
        let once = format!("({packets}) or (vlan and ({packets}))");
        assert_eq!(with(&[7]), once);
        assert_eq!(with(&[7, 8]), format!("({packets}) or (vlan and ({once}))"));
        let sixth = filter("2001:db8::1", &["2001:db8::2"], &[]);
        assert_eq!(sixth, "host 2001:db8::1 and host 2001:db8::2 and tcp port 104");
    }

    #[test]
    fn tcpdump_selects_the_packets_of_the_conversation_tagged_or_not() {
        let test = "tcpdump_selects_the_packets_of_the_conversation_tagged_or_not";
        let Some(all) = tcpdump(test, &[]) else { return };
        for (client, server) in [("10.20.0.11", "10.20.0.2"), ("10.30.0.40", "10.20.0.2")] {
            let is_of = |line: &&str| line.contains(&format!(" {client}.")) && line.contains(&format!(" {server}.104"));
            let wanted: Vec<&str> = all.lines().filter(is_of).collect();
            assert!(!wanted.is_empty());
            for tags in [&[20][..], &[20, 30], &[20, 30, 40]] {
                let selected = tcpdump(test, &[&filter(client, &[server], tags)]).unwrap();
                assert_eq!(selected.lines().collect::<Vec<_>>(), wanted, "{tags:?}");
            }
        }
    }

    #[test]
    fn tcpdump_takes_every_form_of_filter() {
        let many: Vec<String> = (0..40).map(|host| format!("10.9.0.{host}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for servers in [&many[..1], &many[..16], &["10.0.0.1"], &["2001:db8::2"]] {
            for tags in [&[][..], &[1], &[1, 2], &[1, 2, 3]] {
                let client = if servers[0].contains(':') { "2001:db8::1" } else { "10.0.0.1" };
                if tcpdump("tcpdump_takes_every_form_of_filter", &["-d", &filter(client, servers, tags)]).is_none() {
                    return;
                }
            }
        }
    }
}
