//! Small streams in every way they can be cut and shuffled.

use super::fixture::{Direction, pattern};

const INITIALS: [u32; 3] = [0, u32::MAX - 10, 1 << 31];

fn feed(direction: &mut Direction, stream: &[u8], ranges: &[(usize, usize)]) {
    for (from, to) in ranges {
        let sequence = direction.first.wrapping_add(u32::try_from(*from).unwrap());
        direction.bytes(sequence, &stream[*from..*to]);
    }
}

fn check(initial: u32, stream: &[u8], ranges: &[(usize, usize)]) {
    let mut direction = Direction::open(initial);
    feed(&mut direction, stream, ranges);
    let told: Vec<u8> = direction.log.pieces(direction.first).flat_map(|(_, bytes)| bytes.to_vec()).collect();
    assert_eq!(told, stream, "{initial} {ranges:?}");
    assert_eq!((direction.stream.seen(), direction.stream.stored()), (stream.len() as u64, 0));
    assert_eq!((direction.log.gaps, direction.log.conflicts, direction.log.strays), (0, 0, 0));
}

#[test]
fn every_split_point_in_both_orders() {
    let stream = pattern(200);
    for initial in INITIALS {
        for split in 1..stream.len() {
            check(initial, &stream, &[(0, split), (split, 200)]);
            check(initial, &stream, &[(split, 200), (0, split)]);
            check(initial, &stream, &[(split, 200), (0, 200)]);
            check(initial, &stream, &[(split / 2, split), (0, 200)]);
        }
    }
}

#[test]
fn one_byte_segments_in_both_orders() {
    let stream = pattern(300);
    let mut ranges: Vec<_> = (0..300).map(|at| (at, at + 1)).collect();
    for initial in INITIALS {
        check(initial, &stream, &ranges);
        ranges.reverse();
        check(initial, &stream, &ranges);
    }
}

#[test]
fn every_permutation_of_up_to_six_segments() {
    let stream = pattern(29);
    for count in 1..=6 {
        // Segments of different length, the last one up to the end, each overlapping the next by a byte or not.
        for overlap in [0, 1, 4] {
            let cut = |n: usize| if n == count { 29 } else { n * (n + 3) / 2 };
            let mut ranges: Vec<_> = (0..count).map(|n| (cut(n), (cut(n + 1) + overlap).min(29))).collect();
            permute(&mut ranges, 0, &mut |ranges| check(u32::MAX - 10, &stream, ranges));
        }
    }
}

fn permute(ranges: &mut [(usize, usize)], from: usize, check: &mut impl FnMut(&[(usize, usize)])) {
    if from == ranges.len() {
        return check(ranges);
    }
    for other in from..ranges.len() {
        ranges.swap(from, other);
        permute(ranges, from + 1, check);
        ranges.swap(from, other);
    }
}

#[test]
fn every_permutation_of_a_direction_joined_somewhere() {
    let stream = pattern(20);
    let mut ranges = [(0, 3), (3, 7), (7, 8), (8, 15), (15, 20)];
    permute(&mut ranges, 0, &mut |ranges| {
        let mut direction = Direction { first: u32::MAX - 10, ..Direction::unseen() };
        feed(&mut direction, &stream, ranges);
        direction.acknowledged(direction.first.wrapping_add(20));
        let told: Vec<u8> = direction.log.pieces(direction.first).flat_map(|(_, bytes)| bytes.to_vec()).collect();
        assert_eq!(told, stream, "{ranges:?}");
        assert_eq!(direction.stream.seen(), 20);
    });
}
