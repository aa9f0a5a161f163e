//! Files that are cut or changed at every byte: no panic, an end, and no frame lost before the damage.

use super::fixture::{Ng, Order, frame, pcap, read_bytes};
use crate::source::Fault;

/// Bytes of a small pcapng file, and where each block ends.
fn small_pcapng() -> (Vec<u8>, Vec<usize>) {
    let mut ng = Ng::new(Order::Little);
    let mut ends = vec![ng.bytes.len()];
    ng.interface(1, 64, &[(9, &[9]), (14, &1_i64.to_le_bytes())]);
    ends.push(ng.bytes.len());
    ng.enhanced(0, 1, &[1; 5], 9);
    ends.push(ng.bytes.len());
    ng.block(3, &[4, 0, 0, 0, 9, 9, 9, 9]);
    ends.push(ng.bytes.len());
    ng.section(Order::Big);
    ends.push(ng.bytes.len());
    ng.interface(101, 0, &[]);
    ends.push(ng.bytes.len());
    ng.obsolete(0, 2, &[2; 6], 6);
    ends.push(ng.bytes.len());
    (ng.bytes, ends)
}

#[test]
fn a_pcap_cut_at_any_byte_keeps_the_packets_before_the_cut() {
    for order in [Order::Little, Order::Big] {
        let frames = [frame(1_000_000, 1, 4), frame(2_000_000, 2, 0), frame(3_000_000, 3, 5)];
        let file = pcap(order, false, &frames);
        let ends = [24, 24 + 20, 24 + 36, 24 + 57];
        for cut in 0..=file.len() {
            let (read, errors) = read_bytes(&file[..cut]);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            assert_eq!(read, frames[..whole.saturating_sub(1)], "{cut}");
            if ends.contains(&cut) {
                assert!(errors.is_empty(), "{cut}");
                continue;
            }
            assert_eq!(errors.len(), 1, "{cut}");
            if cut == 0 {
                assert!(matches!(errors[0].fault(), Fault::Empty));
                continue;
            }
            let begin = whole.checked_sub(1).map_or(0, |last| ends[last]);
            assert_eq!(errors[0].offset(), u64::try_from(begin).unwrap(), "{cut}");
            assert!(matches!(errors[0].fault(), Fault::Cut(_)), "{cut}");
        }
    }
}

#[test]
fn a_pcapng_cut_at_any_byte_keeps_the_packets_before_the_cut() {
    let (file, ends) = small_pcapng();
    let (frames, errors) = read_bytes(&file);
    assert_eq!((frames.len(), errors.len()), (3, 0));
    let packets = [ends[2], ends[3], ends[6]];
    for cut in 1..file.len() {
        let (read, errors) = read_bytes(&file[..cut]);
        assert_eq!(read, frames[..packets.iter().filter(|end| **end <= cut).count()], "{cut}");
        if ends.contains(&cut) {
            assert!(errors.is_empty(), "{cut}");
            continue;
        }
        let begin = ends.iter().rev().find(|end| **end < cut).copied().unwrap_or(0);
        assert_eq!(errors.len(), 1, "{cut}");
        assert_eq!(errors[0].offset(), u64::try_from(begin).unwrap(), "{cut}");
        assert!(matches!(errors[0].fault(), Fault::Cut(_)), "{cut}");
    }
}

#[test]
fn any_byte_may_be_flipped() {
    let frames = [frame(1_000_000, 1, 4), frame(2_000_000, 2, 0), frame(3_000_000, 3, 5)];
    for file in [pcap(Order::Little, false, &frames), pcap(Order::Big, true, &frames), small_pcapng().0] {
        for at in 0..file.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = file.clone();
                damaged[at] ^= flip;
                let (frames, errors) = read_bytes(&damaged);
                assert!(frames.len() <= 3, "{at}");
                assert!(errors.len() <= 1, "{at}");
                assert!(frames.iter().all(|frame| frame.bytes.len() <= file.len()), "{at}");
            }
        }
    }
}
