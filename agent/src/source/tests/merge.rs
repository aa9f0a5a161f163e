//! Several files as one.

use super::fixture::{Order, Seen, TempFile, frame, pcap, read};
use crate::source::Captures;
use proptest::prelude::*;

fn file(frames: &[Seen]) -> TempFile {
    TempFile::with(&pcap(Order::Little, true, frames))
}

fn fills(frames: &[Seen]) -> Vec<u8> {
    frames.iter().map(|frame| frame.bytes[0]).collect()
}

#[test]
fn frames_of_several_files_come_in_the_order_of_time() {
    let a = file(&[frame(10, 1, 60), frame(30, 3, 60), frame(50, 5, 60)]);
    let b = file(&[frame(20, 2, 60), frame(40, 4, 60), frame(60, 6, 60)]);
    let c = file(&[frame(70, 7, 60)]);
    assert_eq!(fills(&read(&[&c, &b, &a]).0), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn at_equal_times_the_file_that_began_first_then_the_command_line_decides() {
    let a = file(&[frame(10, 1, 60), frame(30, 2, 60), frame(30, 3, 60)]);
    let b = file(&[frame(20, 4, 60), frame(30, 5, 60)]);
    let c = file(&[frame(20, 6, 60), frame(30, 7, 60)]);
    assert_eq!(fills(&read(&[&b, &c, &a]).0), [1, 4, 6, 2, 3, 5, 7]);
    assert_eq!(fills(&read(&[&c, &b, &a]).0), [1, 6, 4, 2, 3, 7, 5]);
}

#[test]
fn a_file_keeps_its_own_order_where_its_time_goes_backwards() {
    let a = file(&[frame(10, 1, 60), frame(50, 2, 60), frame(20, 3, 60), frame(60, 4, 60)]);
    assert_eq!(fills(&read(&[&a]).0), [1, 2, 3, 4]);
    let b = file(&[frame(30, 5, 60), frame(55, 6, 60)]);
    assert_eq!(fills(&read(&[&a, &b]).0), [1, 5, 2, 3, 6, 4]);
}

#[test]
fn the_same_file_twice_gives_every_frame_twice() {
    let a = file(&[frame(10, 1, 60), frame(20, 2, 60)]);
    assert_eq!(fills(&read(&[&a, &a]).0), [1, 1, 2, 2]);
}

#[test]
fn files_that_follow_each_other_are_open_one_at_a_time() {
    let files: Vec<_> = (0..64).map(|n| file(&[frame(u64::from(n) * 10 + 1, n, 60)])).collect();
    let (mut captures, errors) = Captures::open(&files);
    assert!(errors.is_empty());
    // A file that is not open yet can be replaced: the new content is what is read.
    std::fs::write(&files[63], pcap(Order::Little, true, &[frame(700, 99, 60)])).unwrap();
    std::fs::remove_file(&files[62]).unwrap();
    let mut read = Vec::new();
    while let Some(batch) = captures.next_batch() {
        read.extend(batch.into_iter().map(|frame| frame.bytes[0]));
    }
    assert_eq!(read, (0..62).chain([99]).collect::<Vec<_>>());
    assert_eq!(captures.take_errors().len(), 1);
    assert!(captures.take_errors().is_empty());
}

#[test]
fn a_run_holds_all_frames_up_to_the_head_of_the_next_file() {
    let a = file(&(1..=5).map(|n| frame(n, 1, 60)).collect::<Vec<_>>());
    let b = file(&[frame(4, 2, 60)]);
    let (mut captures, _) = Captures::open(&[&b, &a]);
    let mut runs = Vec::new();
    while let Some(batch) = captures.next_batch() {
        runs.push(batch.len());
    }
    assert_eq!(runs, [4, 1, 1], "the file that began first goes first at equal times");
}

/// Frames in the order of time; gaps of 0 give equal times.
fn capture() -> impl Strategy<Value = Vec<Seen>> {
    prop::collection::vec((0_u64..3, 1_usize..200, any::<u8>()), 1..60).prop_map(|shapes| {
        let mut at = 1_000_000_000;
        shapes
            .into_iter()
            .map(|(gap, len, fill)| {
                at += gap;
                frame(at, fill, len)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_capture_split_in_two_reads_like_the_whole(frames in capture(), cut in any::<prop::sample::Index>()) {
        let (first, second) = frames.split_at(cut.index(frames.len()));
        // Where a whole part lies in the moment the other begins, only the command line tells which is which.
        let told_apart = first.first().map(|frame| frame.at) != second.first().map(|frame| frame.at);
        let (first, second) = (file(first), file(second));
        prop_assert_eq!(&read(&[&first, &second]).0, &frames);
        if told_apart {
            prop_assert_eq!(&read(&[&second, &first]).0, &frames);
        }
    }

    #[test]
    fn merging_keeps_every_frame_and_the_order_of_time(a in capture(), b in capture(), c in capture()) {
        let mut expected: Vec<_> = [&a[..], &b, &c].concat().iter().map(|frame| frame.at).collect();
        expected.sort_unstable();
        let (read, errors) = read(&[file(&a), file(&b), file(&c)]);
        prop_assert!(errors.is_empty());
        prop_assert_eq!(read.iter().map(|frame| frame.at).collect::<Vec<_>>(), expected);
    }
}
