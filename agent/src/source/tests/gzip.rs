//! gzip, and what can be read only once.

use super::fixture::{Ng, Order, Seen, TempFile, frame, pcap, read, read_bytes, read_clean};
use crate::source::Fault;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Frames that do not compress well, so that a cut in the file is a cut in the packets.
fn noisy_frames() -> Vec<Seen> {
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (1..3000_u64)
        .map(|n| {
            let mut frame = frame(n * 1000, 0, 600);
            frame.bytes.fill_with(&mut noise);
            frame
        })
        .collect()
}

#[test]
fn a_gzip_capture_reads_like_the_plain_one() {
    let frames = noisy_frames();
    let plain = pcap(Order::Little, false, &frames);
    assert_eq!(read_clean(&gzip(&plain)), frames);

    let mut ng = Ng::new(Order::Big);
    ng.interface(1, 0, &[]);
    (1..500).for_each(|n| ng.enhanced(0, n, &[7; 77], 77));
    assert_eq!(read_clean(&gzip(&ng.bytes)), read_clean(&ng.bytes));
}

#[test]
fn a_gzip_file_may_have_several_members() {
    let frames = noisy_frames();
    let plain = pcap(Order::Big, true, &frames);
    let (first, second) = plain.split_at(plain.len() / 3);
    assert_eq!(read_clean(&[gzip(first), gzip(b""), gzip(second)].concat()), frames);
}

#[test]
fn a_gzip_stream_that_is_cut_keeps_the_frames_before_the_cut() {
    let frames = noisy_frames();
    let packed = gzip(&pcap(Order::Little, false, &frames));
    let (read, errors) = read_bytes(&packed[..packed.len() / 2]);
    assert!(read.len() > frames.len() * 2 / 5, "{}", read.len());
    assert_eq!(read, frames[..read.len()]);
    assert_eq!(errors.len(), 1);
    assert!(matches!(errors[0].fault(), Fault::GzipCut));
    let offset = 24 + 616 * read.len();
    assert_eq!(errors[0].offset(), u64::try_from(offset).unwrap());
    assert!(errors[0].to_string().contains(&format!(": offset {offset} of the decompressed data: ")));

    // Cut in the checksum: all frames are there, and the cut is told.
    let (read, errors) = read_bytes(&packed[..packed.len() - 3]);
    assert_eq!((read, errors.len()), (frames, 1));
}

#[test]
fn a_gzip_stream_that_is_damaged_keeps_the_frames_before_the_damage() {
    let frames = noisy_frames();
    let plain = pcap(Order::Little, false, &frames);
    let packed = gzip(&plain);
    let mut wrong_checksum = packed.clone();
    let end = wrong_checksum.len();
    wrong_checksum[end - 6] ^= 1;
    let (read, errors) = read_bytes(&wrong_checksum);
    assert_eq!(read, frames);
    assert!(matches!(errors[..], [ref error] if matches!(error.fault(), Fault::GzipDamaged)));

    // Rubbish in the place of a second member's body.
    let (first, second) = plain.split_at(plain.len() / 2);
    let mut damaged = [gzip(first), gzip(second)].concat();
    let body = gzip(first).len() + 10;
    damaged[body..body + 64].fill(0xff);
    let (read, errors) = read_bytes(&damaged);
    assert_eq!(read.len(), frames.len() / 2, "the first member is kept to its end");
    assert!(matches!(errors[..], [ref error] if matches!(error.fault(), Fault::GzipDamaged)));
}

#[test]
fn a_gzip_file_without_a_capture_in_it_is_told() {
    let fault = |bytes: &[u8]| read_bytes(bytes).1.remove(0).to_string();
    assert!(fault(&gzip(b"")).ends_with("is empty; check the program that wrote it"));
    assert!(fault(&gzip(b"a text")).contains("offset 0 of the decompressed data: is not a capture"));
    assert!(fault(&gzip(&gzip(b""))).contains("format not supported: gzip inside gzip"));
    assert!(fault(&[0x1f, 0x8b]).contains("the gzip stream ends in the middle"));
}

#[test]
fn a_named_pipe_reads_like_a_file() {
    let pipe = TempFile::name();
    let made = std::process::Command::new("mkfifo").arg(&pipe.0).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no mkfifo here");
        return;
    }
    let frames = noisy_frames();
    let file = TempFile::with(&pcap(Order::Little, false, &frames));
    for packed in [false, true] {
        let plain = pcap(Order::Little, false, &frames);
        let bytes = if packed { gzip(&plain) } else { plain };
        let to = pipe.0.clone();
        let writer = std::thread::spawn(move || std::fs::write(to, bytes).unwrap());
        let (read, errors) = read(&[&pipe, &file]);
        writer.join().unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(read.len(), 2 * frames.len());
        assert!(read.chunks(2).zip(&frames).all(|(pair, frame)| pair == [frame.clone(), frame.clone()]));
    }
}
