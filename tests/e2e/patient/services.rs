//! Protocols that name devices and not patients: people's words stand in whatever else they carry.

use crate::support::pcap::{Ends, each_second, udp, udp_v6};

/// A mark for each place where a person's words may stand.
struct Marks(u32);

impl Marks {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("ZQXVPH{:05}", 97_000 + self.0)
    }
}

/// A capture with all of them, and what must come out of it.
pub(super) fn capture() -> (Vec<u8>, Vec<&'static str>) {
    let mut marks = Marks(0);
    let mut mark = || marks.next();
    let (mut packets, mut told) = (Vec::new(), Vec::new());

    // UPnP: pages, services, what is looked for.
    let group = Ends { from: 21, to: 255, ports: (1900, 1900) };
    packets.push(udp(
        group,
        format!(
            "NOTIFY * HTTP/1.1\r\nHOST: {}\r\nLOCATION: http://10.0.0.21/{}.xml?name={}\r\nSERVER: Linux/4.9 UPnP/1.0 Ward-TV/2\r\n\
             NT: uuid:{}\r\nUSN: uuid:{}\r\nX-User: {}\r\n\r\n{}",
            mark(), mark(), mark(), mark(), mark(), mark(), mark()
        )
        .as_bytes(),
    ));
    packets.push(udp(
        Ends { from: 22, ports: (50_000, 1900), ..group },
        format!("M-SEARCH * HTTP/1.1\r\nST: urn:{}:device:{}:1\r\nMX: {}\r\n\r\n", mark(), mark(), mark()).as_bytes(),
    ));
    told.push("Ward-TV/2");

    // DHCPv6: user class, vendor information, what only the owner of an identifier knows.
    let option =
        |code: u8, value: &[u8]| [&[0, code][..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat();
    let options = [
        option(1, &[&b"\0\x02\0\0\0\x09"[..], mark().as_bytes()].concat()),
        option(15, mark().as_bytes()),
        option(16, b"\0\0\x01\x37\0\x0eward-viewer 12"),
        option(17, mark().as_bytes()),
        option(37, mark().as_bytes()),
    ];
    packets.push(udp_v6((546, 547), &[&[1, 0, 0, 1][..], &options.concat()].concat()));
    told.push("ward-viewer 12");

    (each_second(packets.iter().map(Vec::as_slice)), told)
}
