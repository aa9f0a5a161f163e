//! What nobody wants: passed over without being stored, each byte counted once, loss inside no gap.

use super::fixture::Direction;
use crate::stream::SKIP_ALL;

/// A direction whose reader does not want the `skip` bytes after the first three.
fn skipping(skip: u64) -> Direction {
    let mut direction = Direction::open(0);
    direction.log.skip = skip;
    direction.data(1, "abc");
    direction.log.skip = 0;
    direction
}

#[test]
fn skipped_bytes_are_counted_and_not_read() {
    let mut direction = skipping(4);
    direction.data(4, "..");
    direction.data(6, "..def");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abcdef", 10));
}

#[test]
fn loss_inside_a_skip_is_no_gap() {
    let mut direction = skipping(6);
    direction.data(6, "..");
    direction.data(10, "def");
    assert_eq!((direction.told().as_str(), direction.log.gaps), ("abcdef", 0));
    assert_eq!((direction.stream.seen(), direction.stream.stored()), (8, 0));
    direction.finish();
    assert_eq!(direction.stream.unread_gaps(), 0);
}

#[test]
fn bytes_that_come_late_into_a_skip_count_once() {
    let mut direction = skipping(6);
    direction.data(8, "..def");
    for _ in 0..2 {
        direction.data(4, "..");
        direction.data(5, "...");
        direction.data(4, "......");
    }
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abcdef", 12));
}

#[test]
fn a_hole_beyond_a_skip_is_waited_for() {
    let mut direction = skipping(6);
    direction.data(12, "f");
    direction.data(6, "....de");
    assert_eq!(direction.told(), "abcdef");
    let mut direction = skipping(6);
    direction.data(12, "f");
    direction.finish();
    assert_eq!(direction.told(), "abc<2>f");
    // Of the lost bytes the skipped ones may still come, and the others too.
    direction.data(1, "abc......de");
    assert_eq!(direction.stream.seen(), 12);
}

#[test]
fn cut_bytes_inside_a_skip_are_no_gap() {
    let mut direction = skipping(6);
    direction.cut(4, "..", 6);
    direction.data(12, "f");
    assert_eq!(direction.told(), "abc<2>f");
    assert_eq!((direction.stream.seen(), direction.log.gaps), (12, 2));
}

#[test]
fn a_direction_nobody_reads_is_only_counted_and_its_holes_are_gaps_at_the_end() {
    let mut direction = skipping(SKIP_ALL);
    for n in 0..100 {
        direction.data(14 + n * 10, "..........");
        direction.data(14 + n * 10, "..........");
    }
    direction.data(4, "....");
    direction.fin(1020);
    direction.finish();
    assert_eq!((direction.told().as_str(), direction.log.gaps), ("abc", 0));
    assert_eq!((direction.stream.seen(), direction.stream.stored()), (1007, 0));
    assert_eq!(direction.stream.unread_gaps(), 6 + 6);
}

#[test]
fn every_hole_of_a_direction_nobody_reads_counts_however_many() {
    let mut direction = skipping(SKIP_ALL);
    (0..1000).for_each(|n| direction.data(5 + n * 2, "x"));
    direction.finish();
    assert_eq!((direction.stream.seen(), direction.stream.unread_gaps()), (1003, 1000));
}

#[test]
fn reading_may_begin_again_while_the_other_side_speaks() {
    let mut direction = skipping(SKIP_ALL);
    direction.data(4, "....");
    direction.stream.skip(2);
    direction.data(8, "..def");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abcdef", 12));
}

#[test]
fn data_waiting_aside_is_passed_over_once_nobody_wants_it() {
    let mut direction = Direction::open(0);
    direction.data(1, "abc");
    direction.data(6, "..");
    direction.stream.skip(SKIP_ALL);
    direction.data(10, "..");
    direction.data(4, "..");
    direction.data(8, "..");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abc", 11));
    assert_eq!((direction.stream.stored(), direction.stream.unread_gaps()), (0, 0));
}

#[test]
fn a_skip_longer_than_the_circle_of_sequence_numbers_ends_where_it_should() {
    let block = vec![b'.'; 1 << 16];
    let length: u64 = (5 << 30) + 7;
    let mut direction = skipping(length);
    let (mut sequence, mut left) = (4_u32, length);
    let mut lost = 0;
    while left > 0 {
        let size = u32::try_from(left).unwrap_or(u32::MAX).min(1 << 16);
        // A block is lost now and then, so that holes stay far behind.
        if left >> 16 & 0x3fff == 9 {
            lost += u64::from(size);
        } else {
            direction.bytes(sequence, &block[..size as usize]);
        }
        sequence = sequence.wrapping_add(size);
        left -= u64::from(size);
    }
    direction.data(sequence, "def");
    direction.data(sequence.wrapping_sub(100), "....");
    assert_eq!(direction.told(), "abcdef");
    assert_eq!((direction.stream.seen(), direction.log.gaps), (length + 6 - lost, 0));
}

/// Every second one first leaves as many holes as any order of them can.
#[test]
fn of_many_segments_in_any_order_that_nobody_reads_each_byte_is_counted() {
    for skip in [SKIP_ALL, 1024] {
        let mut direction = Direction::open(0);
        direction.stream.skip(skip);
        let numbers = || (0..128u32).map(|number| 1 + number * 8);
        let (late, early): (Vec<_>, Vec<_>) = numbers().partition(|number| number % 16 == 1);
        early.into_iter().chain(late).for_each(|sequence| direction.bytes(sequence, &[b'x'; 8]));
        direction.finish();
        assert_eq!((direction.stream.seen(), direction.log.gaps, direction.stream.unread_gaps()), (1024, 0, 0));
    }
}
