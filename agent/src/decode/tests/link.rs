//! Link layers and tags.

use super::{super::TransportPacket, *};

/// The IP packet of a frame without its Ethernet header.
fn bare(captured: &Captured) -> Vec<u8> {
    captured.bytes[14..].to_vec()
}

fn v4() -> Vec<u8> {
    bare(&tcp(end(1, 1), end(2, 2), 0).data("data").at(0))
}

fn v6() -> Vec<u8> {
    bare(&tcp(end_v6(1, 1), end_v6(2, 2), 0).data("data").at(0))
}

/// An Ethernet frame with `tags` (type, identifier with priority) before `ether_type`.
fn tagged(tags: &[(u16, u16)], ether_type: u16, payload: &[u8]) -> Captured {
    let mut bytes = [[0x02, 0, 0, 0, 0, 1], [0, 0, 0x5e, 0, 0x53, 1]].concat();
    for (kind, tag) in tags {
        bytes.extend(kind.to_be_bytes());
        bytes.extend(tag.to_be_bytes());
    }
    bytes.extend(ether_type.to_be_bytes());
    Captured::new(LinkType::Ethernet, [&bytes[..], payload].concat())
}

#[test]
fn tags_of_every_kind_are_followed_and_the_outermost_comes_first() {
    let tags = [(0x88a8, 100), (0x8100, 200), (0x9100, 300), (0x9200, 400)];
    for count in 0..=4 {
        let captured = tagged(&tags[..count], 0x0800, &v4());
        assert_eq!(payload(&captured).0, b"data");
        assert_eq!(vlans(&captured), [100, 200, 300][..count.min(3)]);
    }
}

#[test]
fn a_priority_tag_is_no_vlan_and_priority_is_no_part_of_one() {
    let captured = tagged(&[(0x8100, 0xe000), (0x8100, 0xb00a)], 0x86dd, &v6());
    assert_eq!((vlans(&captured), payload(&captured).0), (vec![10], &b"data"[..]));
}

#[test]
fn tags_are_not_followed_for_ever() {
    let captured = tagged(&[(0x8100, 1); 20], 0x0800, &v4());
    assert_eq!(decoded(&captured).unwrap().body, Body::Other);
}

#[test]
fn a_frame_that_ends_in_a_tag_is_malformed() {
    let whole = tagged(&[(0x88a8, 1), (0x8100, 2)], 0x0800, &v4());
    for length in 14..22 {
        assert_eq!(decoded(&whole.clone().cut(length)), Err(Undecodable::LinkHeader), "{length}");
    }
}

#[test]
fn llc_with_snap_carries_an_ether_type_and_other_llc_nothing_of_ours() {
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &v4()].concat();
    let length = u16::try_from(snap.len()).unwrap();
    assert_eq!(payload(&tagged(&[], length, &snap)).0, b"data");
    assert_eq!(payload(&tagged(&[(0x8100, 7)], length, &snap)).0, b"data");
    for other in [&[0x42, 0x42, 3, 0, 0][..], &[0xaa, 0xaa, 3, 0, 0, 12, 1, 0], &[0xaa], &[]] {
        assert_eq!(decoded(&tagged(&[], length, other)).unwrap().body, Body::Other);
    }
}

#[test]
fn other_ether_types_are_no_error() {
    for ether_type in [0x88e5, 0x8100 + 1, 0x8892, 0x05dd] {
        assert_eq!(decoded(&tagged(&[], ether_type, &[0; 46])).unwrap().body, Body::Other);
    }
}

#[test]
fn cooked_captures_tell_the_sender_where_it_has_a_mac() {
    let mac = [0, 0, 0x5e, 0, 0x53, 1];
    for (length, expected) in [(6_u8, Mac::known(mac)), (0, None), (8, None), (4, None)] {
        let v1 = [&[0, 0, 0, 1, 0, length][..], &mac, &[0, 0], &[8, 0], &v4()].concat();
        let v2 = [&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, length][..], &mac, &[0, 0], &v4()].concat();
        for captured in [Captured::new(LinkType::LinuxSll, v1), Captured::new(LinkType::LinuxSll2, v2)] {
            assert_eq!(decoded(&captured).unwrap().mac, expected, "{length}");
            assert_eq!(payload(&captured).0, b"data");
        }
    }
}

#[test]
fn cooked_captures_of_any_device_and_with_tags_are_read() {
    for device in [1_u16, 772, 778, 65534, 824, 803] {
        let head = [&[0, 4][..], &device.to_be_bytes(), &[0; 10], &[0x81, 0, 0, 5, 0x86, 0xdd]].concat();
        let captured = Captured::new(LinkType::LinuxSll, [&head[..], &v6()].concat());
        if matches!(device, 778 | 824 | 803) {
            // Of these, the protocol field is no ether type.
            assert!(decoded(&captured).is_ok(), "{device}");
            continue;
        }
        assert_eq!((vlans(&captured), payload(&captured).0), (vec![5], &b"data"[..]), "{device}");
    }
    for length in 0..20 {
        for link in [LinkType::LinuxSll, LinkType::LinuxSll2] {
            let captured = Captured::new(link, vec![0; length]);
            let short = length < if link == LinkType::LinuxSll { 16 } else { 20 };
            assert_eq!(decoded(&captured).is_err(), short, "{length}");
        }
    }
}

#[test]
fn raw_packets_tell_their_version_themselves() {
    for link in [LinkType::Raw, LinkType::Ipv4, LinkType::Ipv6] {
        for bytes in [v4(), v6()] {
            let captured = Captured::new(link, bytes);
            assert_eq!((payload(&captured).0, decoded(&captured).unwrap().mac), (&b"data"[..], None));
        }
        assert_eq!(decoded(&Captured::new(link, vec![0x75; 40])).unwrap().body, Body::Other);
        assert_eq!(decoded(&Captured::new(link, vec![])), Err(Undecodable::LinkHeader));
    }
}

#[test]
fn loopback_families_are_known_in_both_byte_orders() {
    for link in [LinkType::Null, LinkType::Loop] {
        for (families, packet) in [(&[2_u32][..], v4()), (&[10, 24, 28, 30], v6())] {
            for family in families {
                for head in [family.to_be_bytes(), family.to_le_bytes()] {
                    let captured = Captured::new(link, [&head[..], &packet].concat());
                    assert_eq!(payload(&captured).0, b"data", "{family}");
                }
            }
        }
        let mismatched = Captured::new(link, [&30_u32.to_be_bytes()[..], &v4()].concat());
        assert_eq!(decoded(&mismatched).unwrap().body, Body::Other);
        for short in 0..=4 {
            assert_eq!(decoded(&Captured::new(link, vec![0; short])), Err(Undecodable::LinkHeader));
        }
    }
}

#[test]
fn the_transport_of_a_tagged_frame_is_that_of_an_untagged_one() {
    let plain = tagged(&[], 0x0800, &v4());
    let with_tag = tagged(&[(0x8100, 9)], 0x0800, &v4());
    let TransportPacket::Tcp(one) = ip_packet(&plain).transport else { panic!() };
    let TransportPacket::Tcp(other) = ip_packet(&with_tag).transport else { panic!() };
    assert_eq!(one, other);
}
