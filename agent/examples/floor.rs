//! The floor that Wardwatch is measured against: reads a capture in blocks, looks at the headers of each packet and does
//! nothing else. `floor FILE.pcap`, a classic pcap of Ethernet frames in the byte order of this machine's kind.

use std::{
    env,
    fs::File,
    io::{self, Read},
    process::ExitCode,
};

/// Bytes read at once.
const BLOCK: usize = 1 << 20;
/// Of the file and of each packet (draft-ietf-opsawg-pcap, 4 and 5).
const FILE_HEADER: usize = 24;
const PACKET_HEADER: usize = 16;
/// Of Ethernet up to the ether type, and of an 802.1Q tag.
const ADDRESSES: usize = 12;
const TAG: usize = 4;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool that tells its caller what it found")]
fn main() -> ExitCode {
    let Some(file) = env::args().nth(1) else {
        eprintln!("usage: floor FILE.pcap");
        return ExitCode::from(2);
    };
    match floor(&file) {
        Ok((packets, seen)) => {
            println!("{packets} packets, {seen:#x}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Counts packets, and folds their headers into a number, so that looking at them cannot be left out.
fn floor(file: &str) -> io::Result<(u64, u64)> {
    let mut file = File::open(file)?;
    let mut header = [0; FILE_HEADER];
    file.read_exact(&mut header)?;
    let (mut block, mut filled) = (vec![0; BLOCK], 0);
    let (mut packets, mut seen) = (0, 0);
    loop {
        let read = file.read(block.get_mut(filled..).unwrap_or_default())?;
        if read == 0 {
            return Ok((packets, seen));
        }
        filled += read;
        let mut at = 0;
        while let Some(packet) = packet(block.get(at..filled).unwrap_or_default()) {
            packets += 1;
            seen ^= headers(packet).unwrap_or(0);
            at += PACKET_HEADER + packet.len();
        }
        if at == 0 && filled == block.len() {
            return Err(io::Error::other("a packet longer than a block, or no pcap of this byte order"));
        }
        block.copy_within(at..filled, 0);
        filled -= at;
    }
}

/// The next packet, where the whole of it was read.
fn packet(bytes: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
    bytes.get(PACKET_HEADER..PACKET_HEADER.checked_add(usize::try_from(length).ok()?)?)
}

/// Addresses, protocol and ports of an IPv4 packet, behind any number of tags.
fn headers(frame: &[u8]) -> Option<u64> {
    let mut rest = frame.get(ADDRESSES..)?;
    while let [0x81, 0x00, ..] | [0x88, 0xa8, ..] = rest {
        rest = rest.get(TAG..)?;
    }
    let ip = match rest {
        [0x08, 0x00, ip @ ..] => ip,
        _ => return None,
    };
    let header = usize::from(ip.first()? & 0x0f) * 4;
    let addresses = u64::from_be_bytes(*ip.get(12..)?.first_chunk()?);
    let ports = u32::from_be_bytes(*ip.get(header..)?.first_chunk()?);
    Some(addresses ^ u64::from(ports) << 8 ^ u64::from(*ip.get(9)?))
}
