//! Where a direction begins and ends: SYN, joining, FIN, keep-alives, strays.

use super::fixture::{Direction, SECOND};

#[test]
fn a_direction_joined_without_its_syn_waits_a_little_for_reordered_data() {
    let mut direction = Direction::unseen();
    direction.data(1005, "fgh");
    direction.data(1000, "abcde");
    assert_eq!(direction.told(), "");
    direction.now = SECOND / 5;
    direction.data(1008, "i");
    assert_eq!(direction.told(), "abcdefghi");
    assert!(direction.log.joined);
    assert_eq!(direction.stream.seen(), 9);
}

#[test]
fn an_acknowledgement_ends_the_wait() {
    let mut direction = Direction::unseen();
    direction.data(1000, "abc");
    direction.acknowledged(999);
    assert_eq!(direction.told(), "");
    direction.acknowledged(1003);
    assert_eq!(direction.told(), "abc");
    direction.data(1003, "def");
    assert_eq!(direction.told(), "abcdef");
}

#[test]
fn enough_bytes_end_the_wait() {
    let mut direction = Direction::unseen();
    (0..20).for_each(|n| direction.bytes(n * 1000, &[b'x'; 1000]));
    assert!(direction.told().len() >= 16_000);
    assert_eq!(direction.stream.seen(), direction.told().len() as u64);
}

#[test]
fn data_that_comes_too_late_after_joining_is_counted_once_and_not_read() {
    let mut direction = Direction::unseen();
    direction.data(1000, "abc");
    direction.acknowledged(1003);
    direction.data(990, "0123456789");
    direction.data(990, "0123456789");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abc", 13));
    assert_eq!((direction.log.gaps, direction.log.strays), (0, 0));
}

#[test]
fn a_late_syn_says_where_a_joined_direction_begins() {
    let mut direction = Direction::unseen();
    direction.data(104, "def");
    assert!(direction.syn(100));
    direction.data(101, "abc");
    assert_eq!(direction.told(), "abcdef");
    assert!(!direction.log.joined);
    // Later still it changes nothing.
    let mut direction = Direction::unseen();
    direction.data(104, "def");
    direction.acknowledged(107);
    assert!(direction.syn(100));
    assert!(!direction.syn(5_000_000));
    assert!(!direction.syn(106));
    direction.data(107, "ghi");
    assert_eq!(direction.told(), "defghi");
}

#[test]
fn a_syn_sent_again_is_known_at_any_time_and_another_one_is_a_new_connection() {
    let mut direction = Direction::open(u32::MAX);
    assert!(direction.syn(u32::MAX));
    assert!(!direction.syn(77));
    direction.data(0, "abc");
    direction.data(5, "fgh");
    direction.now = 4 * SECOND;
    direction.data(8, "i");
    assert_eq!(direction.told(), "abc<2>fghi");
    assert!(direction.syn(u32::MAX), "after a gap");
    for other in [0, 3, 8, 1_000_000, 1 << 31] {
        assert!(!direction.syn(other) && !direction.syn_ack(other), "{other}");
    }
    assert_eq!(direction.stream.seen(), 7);
}

#[test]
fn of_several_answers_to_a_syn_the_last_before_any_data_counts() {
    let mut direction = Direction::unseen();
    assert!(direction.syn_ack(100) && direction.syn_ack(9000));
    direction.data(9001, "abc");
    assert_eq!((direction.told().as_str(), direction.log.joined), ("abc", false));
    assert!(!direction.syn_ack(100));
}

#[test]
fn data_that_does_not_fit_a_syn_joins_where_it_goes_on() {
    for elsewhere in [50, 4_000_000, 1 << 31, u32::MAX - 5] {
        let mut direction = Direction::open(100);
        direction.data(elsewhere, "left out ");
        direction.data(elsewhere.wrapping_add(9), "gone on ");
        direction.data(elsewhere.wrapping_add(17), "with");
        direction.finish();
        assert_eq!(direction.told(), "<0>gone on with", "{elsewhere}");
        assert_eq!((direction.log.strays, direction.stream.seen()), (9, 12));
    }
}

#[test]
fn one_forged_segment_far_away_changes_nothing() {
    for far in [1 << 31, 3 << 30, (1 << 30) + 100, 1 << 29, u32::MAX - 100] {
        let mut direction = Direction::open(0);
        direction.data(1, "abc");
        direction.data(far, "forged");
        for n in 0..10 {
            direction.now += SECOND;
            direction.data(4 + n, "x");
        }
        assert_eq!(direction.told(), "abcxxxxxxxxxx", "{far}");
        // It waits aside where a window could reach it, else it is counted at once.
        assert_eq!(direction.log.strays, if far == 1 << 29 { 0 } else { 6 });
    }
}

#[test]
fn a_stream_that_goes_on_beyond_every_window_is_joined_again() {
    let mut direction = Direction::open(0);
    direction.data(1, "before");
    let far = 0x6000_0000;
    for n in 0..4 {
        direction.data(far + n * 4, "more");
    }
    direction.finish();
    assert_eq!(direction.told(), "before<0>moremoremore");
    assert_eq!((direction.log.strays, direction.stream.seen()), (4, 18));
}

#[test]
fn a_keep_alive_is_no_data_and_no_repetition() {
    let mut direction = Direction::open(0);
    direction.data(0, "\0");
    direction.data(1, "abc");
    for byte in ["", "\0", "c"] {
        direction.data(3, byte);
    }
    direction.data(4, "def");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abcdef", 6));
    assert!(direction.log.repeated.is_empty() && direction.log.strays == 0);
}

#[test]
fn a_zero_window_probe_is_a_byte_of_data_that_may_come_again() {
    let mut direction = Direction::open(0);
    direction.data(1, "abc");
    direction.data(4, "d");
    direction.data(4, "d");
    direction.data(4, "def");
    assert_eq!((direction.told().as_str(), direction.stream.seen()), ("abcdef", 6));
}

#[test]
fn a_connection_may_be_silent_for_days() {
    let mut direction = Direction::open(0);
    direction.data(1, "abc");
    direction.now = 30 * 86_400 * SECOND;
    direction.data(4, "def");
    assert_eq!(direction.told(), "abcdef");
}

#[test]
fn a_fin_with_data_ends_after_the_data_even_out_of_order() {
    let mut direction = Direction::open(0);
    direction.data(4, "def");
    direction.fin(7);
    assert!(!direction.stream.is_finished());
    direction.data(1, "abc");
    assert!(direction.stream.is_finished());
    assert_eq!(direction.told(), "abcdef");
}

#[test]
fn a_fin_of_a_silent_side_ends_it() {
    let mut direction = Direction::unseen();
    assert!(!direction.stream.is_finished());
    direction.fin(77);
    assert!(direction.stream.is_finished());
    direction.finish();
    assert_eq!(direction.told(), "");
}

#[test]
fn a_forged_fin_does_not_end_what_goes_on_and_makes_no_gap() {
    let mut direction = Direction::open(0);
    direction.data(1, "abcdef");
    for forged in [3, 0x5000_0000, 0xf000_0000] {
        direction.fin(forged);
        assert!(!direction.stream.is_finished());
    }
    direction.fin(7);
    assert!(direction.stream.is_finished());
    direction.data(7, "ghi");
    assert!(!direction.stream.is_finished());
    direction.fin(10);
    direction.finish();
    assert!(direction.stream.is_finished());
    assert_eq!((direction.told().as_str(), direction.log.gaps), ("abcdefghi", 0));
}

#[test]
fn time_that_goes_backwards_gives_nothing_up() {
    let mut direction = Direction::open(0);
    direction.now = 100 * SECOND;
    direction.data(4, "456");
    direction.now = 0;
    direction.data(7, "7");
    direction.data(1, "123");
    assert_eq!(direction.told(), "1234567");
}
