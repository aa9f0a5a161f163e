//! Datagrams in parts: against a model that has all bytes, and within bounds.

use super::*;
use crate::decode::Of;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wardwatch_model::Tunnels;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn fragment(source: IpAddr, id: u32, offset: usize, more: bool, payload: &[u8]) -> Fragment<'_> {
    let datagram = Datagram { source, destination: source, id, of: Of::Ip(17), tunnels: Tunnels::default() };
    Fragment { datagram, hops_left: 64, depth: 0, offset: u32::try_from(offset).unwrap(), more, payload, is_cut: false }
}

fn empty() -> Fragments {
    Fragments::new(&Limits::default())
}

proptest! {
    #[test]
    fn fragments_in_any_order_and_sent_twice_make_the_datagram_they_were_cut_from(
        data in prop::collection::vec(any::<u8>(), 1..2000),
        units in prop::collection::vec(1usize..40, 1..30),
        order in any::<prop::sample::Index>(),
        repeat in any::<bool>(),
    ) {
        let mut cuts = Vec::new();
        let mut at = 0;
        for unit in units {
            let end = (at + unit * 8).min(data.len());
            cuts.push((at, end));
            at = end;
            if at == data.len() {
                break;
            }
        }
        if at < data.len() {
            cuts.push((at, data.len()));
        }
        let rotation = order.index(cuts.len());
        cuts.rotate_left(rotation);
        if rotation % 2 == 1 {
            cuts.reverse();
        }
        let mut fragments = empty();
        let mut whole = None;
        for (from, to) in &cuts {
            for _ in 0..=usize::from(repeat) {
                prop_assert_eq!(&whole, &None);
                let more = *to < data.len();
                whole = fragments.take(&fragment(V4, 1, *from, more, &data[*from..*to]), PacketTime(1));
                if whole.is_some() {
                    break;
                }
            }
        }
        prop_assert_eq!(whole, Some(data));
        prop_assert_eq!((fragments.stored, fragments.pending(), fragments.lost, fragments.conflicts), (0, 0, 0, 0));
    }

    #[test]
    fn whatever_comes_what_is_stored_is_what_is_counted(
        pieces in prop::collection::vec((0u32..4, 0usize..20, 0usize..5, any::<bool>(), any::<u8>(), any::<bool>()), 0..200),
    ) {
        let mut fragments = empty();
        let mut taken = 0;
        for (id, unit, units, more, fill, v6) in pieces {
            let payload = vec![fill; units * 8];
            taken += 1;
            let source = if v6 { V6 } else { V4 };
            let waiting = fragments.pending();
            // Far enough apart now and then to be no copies.
            let at = PacketTime(u64::from(fill) << 24);
            if fragments.take(&fragment(source, id, unit * 8, more, &payload), at).is_some() {
                taken -= waiting + 1 - fragments.pending();
            }
            let stored: usize = fragments.waiting.values().map(Partial::stored).sum();
            let told = fragments.pending() + fragments.lost + fragments.duplicates;
            prop_assert_eq!((fragments.stored, told), (stored, taken));
            for partial in fragments.waiting.values() {
                let ends = partial.pieces.iter().map(|(start, bytes)| start + bytes.len());
                prop_assert!(ends.zip(partial.pieces.iter().skip(1)).all(|(end, (start, _))| end <= *start));
            }
        }
    }
}

#[test]
fn the_first_data_counts_and_other_data_for_the_same_place_is_a_conflict() {
    let mut fragments = empty();
    assert_eq!(fragments.take(&fragment(V4, 1, 0, true, &[b'a'; 16]), PacketTime(1)), None);
    assert_eq!(fragments.take(&fragment(V4, 1, 8, true, &[b'b'; 16]), PacketTime(1)), None);
    let whole = fragments.take(&fragment(V4, 1, 24, false, b"end"), PacketTime(1)).unwrap();
    assert_eq!(whole, [&[b'a'; 16][..], &[b'b'; 8], b"end"].concat());
    assert_eq!((fragments.conflicts, fragments.lost), (1, 0));
}

#[test]
fn a_datagram_of_ipv6_with_conflicting_fragments_is_dropped_as_its_receiver_does() {
    let mut fragments = empty();
    fragments.take(&fragment(V6, 1, 0, true, &[b'a'; 16]), PacketTime(1));
    fragments.take(&fragment(V6, 1, 8, true, &[b'b'; 16]), PacketTime(1));
    assert_eq!((fragments.conflicts, fragments.lost, fragments.pending()), (1, 2, 0));
}

#[test]
fn an_identification_is_used_again_only_after_its_datagram_was_given_up() {
    let mut fragments = empty();
    fragments.take(&fragment(V4, 7, 0, true, &[1; 8]), PacketTime(0));
    assert_eq!(fragments.take(&fragment(V4, 7, 8, false, &[2; 8]), PacketTime(PATIENCE)), None);
    assert_eq!((fragments.lost, fragments.pending()), (1, 1), "what waited in vain is counted");
    let whole = fragments.take(&fragment(V4, 7, 0, true, &[3; 8]), PacketTime(PATIENCE)).unwrap();
    assert_eq!(whole, [[3; 8], [2; 8]].concat());
}

#[test]
fn what_no_receiver_would_take_is_left_out() {
    let mut fragments = empty();
    fragments.take(&fragment(V4, 1, 65_528, false, &[0; 100]), PacketTime(0));
    fragments.take(&fragment(V4, 2, 0, true, &[0; 7]), PacketTime(0));
    fragments.take(&Fragment { is_cut: true, ..fragment(V4, 3, 0, true, &[0; 8]) }, PacketTime(0));
    assert_eq!((fragments.lost, fragments.pending(), fragments.stored), (3, 0, 0));
}

#[test]
fn memory_is_bounded_however_small_the_fragments_and_every_one_lost_is_counted() {
    let mut fragments = Fragments::new(&Limits { reassembly_bytes: 1 << 20, ..Limits::default() });
    for id in 0..20_000 {
        fragments.take(&fragment(V4, id, 0, true, &[]), PacketTime(id.into()));
        assert!(fragments.stored <= fragments.limit);
        assert!(fragments.order.len() <= 2 * fragments.waiting.len() + MAX_PIECES + 1);
    }
    assert_eq!(fragments.lost + fragments.pending(), 20_000);
    // Pieces with holes between them do not pile up in one datagram either.
    let mut fragments = empty();
    for n in 0..1000 {
        fragments.take(&fragment(V4, 1, n * 16, true, &[0; 8]), PacketTime(0));
        assert!(fragments.waiting.values().all(|partial| partial.pieces.len() <= MAX_PIECES));
    }
}
