//! Classic pcap.

use super::fixture::{Order, Seen, frame, pcap, pcap_header, pcap_record, read, read_bytes, read_clean};
use crate::source::{Fault, LinkType};
use std::path::Path;

const SECOND: u64 = 1_000_000_000;

#[test]
fn both_byte_orders_and_resolutions_read_back() {
    for order in [Order::Little, Order::Big] {
        for nanos in [false, true] {
            let fraction = if nanos { 123_456_789 } else { 123_456_000 };
            let frames = [
                frame(1_795_478_400 * SECOND + fraction, 1, 60),
                frame(u64::from(u32::MAX) * SECOND + 7_000, 2, 1),
                frame(5 * SECOND, 3, 1514),
            ];
            assert_eq!(read_clean(&pcap(order, nanos, &frames)), frames);
        }
    }
}

#[test]
fn a_file_larger_than_the_buffer_reads_back() {
    let frames: Vec<Seen> = (0..4000_u64)
        .map(|n| frame(n * 1000, u8::try_from(n % 251).unwrap(), usize::try_from(n * 37 % 1515).unwrap()))
        .skip(1) // all zeros would be a record that was never written
        .chain([frame(5 * SECOND, 9, 256 * 1024)])
        .collect();
    assert_eq!(read_clean(&pcap(Order::Little, false, &frames)), frames);
}

#[test]
fn the_link_type_is_the_lower_half_of_the_network_field() {
    let with = |network| {
        let file = [pcap_header(Order::Big, false, network), pcap_record(Order::Big, false, &frame(SECOND, 1, 4))];
        read_clean(&file.concat())[0].link
    };
    // A frame check sequence of four bytes.
    assert_eq!(with(0x2400_0001), LinkType::Ethernet);
    assert_eq!(with(276), LinkType::LinuxSll2);
    assert_eq!([with(12), with(14), with(101)], [LinkType::Raw; 3]);
    assert_eq!(with(147), LinkType::Other(147));
}

#[test]
fn the_wire_length_is_at_least_the_captured_length() {
    let mut cut = frame(SECOND, 1, 96);
    cut.wire_len = 1514;
    let mut odd = frame(SECOND, 2, 60);
    odd.wire_len = 0;
    let frames = read_clean(&pcap(Order::Little, true, &[cut, odd]));
    assert_eq!(frames.iter().map(|frame| frame.wire_len).collect::<Vec<_>>(), [1514, 60]);
}

#[test]
fn a_header_alone_is_a_capture_without_packets() {
    assert!(read_clean(&pcap(Order::Big, true, &[])).is_empty());
}

#[test]
fn rubbish_behind_the_packets_is_told_with_its_offset() {
    let frames = [frame(SECOND, 1, 60), frame(SECOND, 2, 70)];
    let good = pcap(Order::Little, false, &frames);
    let end = u64::try_from(good.len()).unwrap();

    let (read, errors) = read_bytes(&[&good[..], &[0; 4096]].concat());
    assert_eq!(read, frames);
    assert_eq!((errors.len(), errors[0].offset()), (1, end));
    assert!(matches!(errors[0].fault(), Fault::Zeros));

    let (read, errors) = read_bytes(&[&good[..], &[0xff; 4096]].concat());
    assert_eq!(read, frames);
    assert_eq!((errors.len(), errors[0].offset()), (1, end));
    assert!(matches!(errors[0].fault(), Fault::Oversized(u32::MAX)));
}

#[test]
fn a_minor_version_does_not_matter_a_major_one_does() {
    let mut file = pcap(Order::Little, false, &[frame(SECOND, 1, 60)]);
    file[6] = 3;
    assert_eq!(read_clean(&file).len(), 1);
    file[4] = 9;
    let (_, errors) = read_bytes(&file);
    assert!(matches!(errors[0].fault(), Fault::Unsupported { .. }));
}

#[test]
fn what_is_no_capture_is_told_without_stopping_the_others() {
    let empty = super::fixture::TempFile::with(b"");
    let text = super::fixture::TempFile::with(b"MSH|^~\\&|a text");
    let good = super::fixture::TempFile::with(&pcap(Order::Little, false, &[frame(SECOND, 1, 60)]));
    let directory = std::env::temp_dir();
    let paths = [Path::new("/no/such/file"), &empty.0, &directory, &text.0, &good.0];
    let (frames, errors) = read(&paths);
    assert_eq!(frames.len(), 1);
    let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let expected = [
        "/no/such/file: offset 0: no such file or directory (os error 2); check the name".to_owned(),
        format!("{}: offset 0: is empty; check the program that wrote it", empty.0.display()),
        format!("{}: offset 0: is a directory; name the capture files in it", directory.display()),
        format!(
            "{}: offset 0: is not a capture (pcap or pcapng, plain or gzip); check that it is the file you meant",
            text.0.display()
        ),
    ];
    assert_eq!(told, expected);
}
