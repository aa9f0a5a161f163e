//! Protocols that name devices and not patients: people's words stand in whatever else they carry.

use crate::support::pcap::{Ends, connection, each_second, udp, udp_v6};

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

    // NTP: references, and what else is read of a server.
    let variables = format!("version=\"ntpd 4.2.8p97\", refid=\"{}\", peer=\"{}\"", mark(), mark());
    let count = u16::try_from(variables.len()).unwrap().to_be_bytes();
    let mut answer = [&[0x16, 0x82, 0, 1, 0, 0, 0, 0, 0, 0][..], &count, variables.as_bytes()].concat();
    answer.resize(answer.len().next_multiple_of(4), 0);
    packets.push(udp(Ends { from: 23, to: 22, ports: (123, 50_001) }, &answer));
    told.push("ntpd 4.2.8p97");

    // FTP, SMTP, Telnet: users, passwords, addresses, files, screens.
    let talk = |server: u8, port: u16, lines: &[(bool, String)]| {
        let said: Vec<(bool, &[u8])> = lines.iter().map(|(is_client, line)| (*is_client, line.as_bytes())).collect();
        connection(Ends { from: 22, to: server, ports: (50_002, port) }, &said)
    };
    packets.extend(talk(
        24,
        21,
        &[
            (false, "220 ProFTPD 1.3.97 Server\r\n".to_owned()),
            (true, format!("USER {}\r\n", mark())),
            (false, format!("331 Password required for {}\r\n", mark())),
            (true, format!("PASS {}\r\n", mark())),
            (false, format!("230-Welcome {}\r\n230 done\r\n", mark())),
            (true, format!("STOR {}.pdf\r\n", mark())),
        ],
    ));
    told.push("ProFTPD 1.3.97 Server");
    packets.extend(talk(
        25,
        25,
        &[
            (false, "220 mail.ward97.example ESMTP Postfix\r\n".to_owned()),
            (true, format!("EHLO {}\r\n", mark())),
            (false, format!("250 hello {}\r\n", mark())),
            (true, format!("MAIL FROM:<{}@x>\r\nRCPT TO:<{}@x>\r\nDATA\r\n", mark(), mark())),
            (false, format!("250 {}\r\n354 go\r\n", mark())),
            (true, format!("Subject: {}\r\n\r\n{}\r\n.\r\n", mark(), mark())),
        ],
    ));
    told.push("mail.ward97.example");
    let screen = |text: String| text.into_bytes();
    let screens = [
        // Will echo, will suppress go ahead.
        (false, vec![255, 251, 1, 255, 251, 3]),
        (false, screen("\r\nWard OS 97.1\r\nlogin: ".to_owned())),
        (true, screen(format!("{}\r\n", mark()))),
        (false, screen(format!("{}\r\nPassword: ", mark()))),
        (true, screen(format!("{}\r\n", mark()))),
        (false, screen(format!("\r\nPatient {}\r\nlogin: ", mark()))),
    ];
    let screens: Vec<(bool, &[u8])> = screens.iter().map(|(is_client, text)| (*is_client, &text[..])).collect();
    packets.extend(connection(Ends { from: 22, to: 26, ports: (50_002, 23) }, &screens));
    told.push("Ward OS 97.1");

    (each_second(packets.iter().map(Vec::as_slice)), told)
}
