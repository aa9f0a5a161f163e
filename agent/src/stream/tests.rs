//! Tests of one direction. What a reader was told is written down as words: bytes as they are, `<3>` for a gap of three.

mod edges;
mod exhaustive;
mod fixture;
mod model;
mod skipping;

use super::ahead::Ahead;
use fixture::{Direction, SECOND, pattern};

#[test]
fn bytes_in_order_are_handed_on_as_they_come() {
    let mut direction = Direction::open(100);
    direction.data(101, "one ");
    direction.data(105, "two ");
    assert_eq!(direction.told(), "one two ");
    assert_eq!((direction.stream.seen(), direction.stream.stored()), (8, 0));
}

#[test]
fn data_ahead_waits_for_the_hole_to_close() {
    let mut direction = Direction::open(0);
    direction.data(4, "456");
    direction.data(8, "89");
    assert_eq!(direction.told(), "");
    direction.data(1, "123");
    assert_eq!(direction.told(), "123456");
    direction.data(7, "7");
    assert_eq!(direction.told(), "123456789");
    assert_eq!((direction.stream.seen(), direction.stream.stored()), (9, 0));
}

#[test]
fn sequence_numbers_come_round_again() {
    for before in 0..6 {
        let mut direction = Direction::open(u32::MAX - before);
        direction.after(3, "def");
        direction.after(0, "abc");
        direction.after(6, "ghi");
        assert_eq!(direction.told(), "abcdefghi", "{before}");
    }
}

#[test]
fn retransmitted_bytes_count_once_and_are_shown_for_comparison() {
    let mut direction = Direction::open(0);
    direction.data(1, "hello");
    direction.data(1, "hello");
    direction.data(4, "lo, you");
    assert_eq!(direction.told(), "hello, you");
    assert_eq!(direction.log.repeated, [(1, b"hello".to_vec()), (4, b"lo".to_vec())]);
    assert_eq!((direction.stream.seen(), direction.log.conflicts), (10, 0));
}

#[test]
fn of_overlapping_data_ahead_the_first_wins_and_a_difference_is_a_conflict() {
    // Exact, partial head, partial tail, contained, containing; same bytes and others.
    for (sequence, other) in [(5, "567"), (4, "45"), (7, "789"), (6, "6"), (3, "3456789")] {
        for same in [true, false] {
            let mut direction = Direction::open(0);
            direction.data(5, "567");
            let bytes = if same { other.to_owned() } else { "x".repeat(other.len()) };
            direction.data(sequence, &bytes);
            assert_eq!(direction.log.conflicts, usize::from(!same), "{other}");
            direction.data(1, "1234");
            assert!(direction.told().contains("567"), "{other}: {}", direction.told());
        }
    }
}

#[test]
fn what_waits_aside_came_first_and_beats_what_closes_the_hole() {
    let mut direction = Direction::open(0);
    direction.data(4, "BBB");
    direction.data(1, "aaaaaaaaa");
    assert_eq!(direction.told(), "aaaBBBaaa");
    assert_eq!((direction.log.conflicts, direction.stream.seen()), (1, 9));
}

#[test]
fn a_hole_is_given_up_once_nothing_came_for_three_seconds() {
    let mut direction = Direction::open(0);
    direction.data(4, "456");
    direction.now = 3 * SECOND;
    direction.data(7, "7");
    assert_eq!(direction.told(), "");
    direction.now += 1;
    direction.data(8, "8");
    assert_eq!(direction.told(), "<3>45678");
    assert_eq!((direction.log.gaps, direction.stream.seen()), (3, 5));
}

#[test]
fn a_hole_that_gets_smaller_is_waited_for() {
    let mut direction = Direction::open(0);
    direction.data(4, "4");
    for sequence in 1..=3 {
        direction.now += 2 * SECOND;
        direction.data(sequence, &sequence.to_string());
        direction.data(4 + sequence, &(4 + sequence).to_string());
    }
    assert_eq!((direction.told().as_str(), direction.log.gaps), ("1234567", 0));
}

#[test]
fn bytes_that_come_after_their_hole_was_given_up_are_counted_and_not_read() {
    let mut direction = Direction::open(0);
    direction.data(4, "456");
    direction.now = 4 * SECOND;
    direction.data(7, "7");
    direction.data(1, "123");
    direction.data(1, "123");
    assert_eq!(direction.told(), "<3>4567");
    assert_eq!(direction.stream.seen(), 7);
}

#[test]
fn too_many_bytes_or_pieces_give_the_hole_up() {
    let big = vec![b'x'; 1000];
    let mut direction = Direction::open(0);
    for n in 0..300 {
        direction.bytes(1_001 + n * 1000, &big);
        assert!(direction.stream.stored() <= Ahead::MAX_BYTES);
    }
    assert_eq!((direction.log.gaps, direction.stream.seen()), (1000, 300_000));

    let mut direction = Direction::open(0);
    for n in 0..2000 {
        direction.data(2 + n * 2, "x");
        assert!(direction.stream.stored() <= Ahead::MAX_BYTES);
    }
    direction.finish();
    assert_eq!((direction.log.gaps, direction.stream.seen()), (2000, 2000));
}

#[test]
fn small_pieces_are_charged_for_the_memory_they_really_take() {
    let mut direction = Direction::open(0);
    (0..100).for_each(|n| direction.data(2 + n * 2, "x"));
    assert!(direction.stream.stored() > 100 * 64);
    direction.finish();
    assert_eq!(direction.stream.stored(), 0);
}

#[test]
fn bytes_that_the_capture_cut_off_are_a_gap() {
    let mut direction = Direction::open(0);
    direction.cut(1, "12", 3);
    direction.data(6, "67");
    assert_eq!(direction.told(), "12<3>67");
    assert_eq!((direction.stream.seen(), direction.log.gaps), (7, 3));
}

#[test]
fn cut_segments_wait_aside_like_others() {
    let mut direction = Direction::open(0);
    direction.cut(6, "67", 3);
    direction.cut(11, "", 2);
    direction.cut(1, "", 5);
    assert_eq!(direction.told(), "<5>67<3><2>");
    assert_eq!((direction.stream.seen(), direction.log.gaps), (12, 10));
}

#[test]
fn at_the_end_what_waits_is_handed_on_with_its_gaps() {
    let mut direction = Direction::open(0);
    direction.data(3, "34");
    direction.data(7, "7");
    direction.fin(10);
    direction.finish();
    assert_eq!(direction.told(), "<2>34<2>7<2>");
    assert!(direction.stream.is_finished());
}

#[test]
fn every_order_of_a_long_stream_with_losses_keeps_its_place() {
    let stream = pattern(10_000);
    let mut direction = Direction::open(u32::MAX - 5000);
    for (n, chunk) in stream.chunks(100).enumerate().filter(|(n, _)| n % 10 != 3) {
        direction.bytes(direction.first.wrapping_add(u32::try_from(n).unwrap() * 100), chunk);
    }
    direction.finish();
    assert_eq!((direction.log.gaps, direction.stream.seen()), (1000, 9000));
    for (offset, bytes) in direction.log.pieces(direction.first) {
        assert_eq!(bytes, &stream[offset..offset + bytes.len()]);
    }
}
