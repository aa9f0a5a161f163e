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
    // RDP: the cookie.
    let request =
        [&[3, 0, 0, 46, 41, 0xe0, 0, 0, 0, 0, 0][..], b"Cookie: mstshash=", mark().as_bytes(), b"\r\n"].concat();
    let request = [
        &request[..1],
        &[0, 0, u8::try_from(request.len()).unwrap()],
        &[u8::try_from(request.len() - 5).unwrap()],
        &request[5..],
    ]
    .concat();
    let confirm = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, 2, 0, 8, 0, 2, 0, 0, 0];
    let said: [(bool, &[u8]); 2] = [(true, &request), (false, &confirm)];
    packets.extend(connection(Ends { from: 22, to: 27, ports: (50_002, 3389) }, &said));
    told.push("CredSSP");

    // BACnet: names, places and values of objects; Modbus: registers, and names that users gave.
    let string = |text: &str| [&[0x75, u8::try_from(text.len() + 1).unwrap(), 0][..], text.as_bytes()].concat();
    let mut several = vec![1, 0, 0x30, 2, 14, 0x0c, 2, 0, 0, 7, 0x1e];
    for (property, text) in [(70, "Ward-AHU-97"), (77, &mark()), (58, &mark()), (28, &mark()), (85, &mark())] {
        several.extend([&[0x29, property, 0x4e][..], &string(text), &[0x4f]].concat());
    }
    several.push(0x1f);
    let length = u16::try_from(several.len() + 4).unwrap().to_be_bytes();
    packets.push(udp(Ends { from: 28, to: 22, ports: (47808, 47808) }, &[&[0x81, 10][..], &length, &several].concat()));
    told.push("Ward-AHU-97");
    let modbus = |message: &[u8]| [&[0, 1, 0, 0, 0, u8::try_from(message.len() + 1).unwrap(), 1][..], message].concat();
    let object = |number: u8, text: &str| [&[number, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
    let identity = [&[43, 14, 3, 0x83, 0, 0, 2][..], &object(5, "Ward-Gas-97"), &object(6, &mark())].concat();
    let registers = [&[3, 12][..], mark().as_bytes()].concat();
    let frames = [modbus(&[3, 0, 0, 0, 6]), modbus(&registers), modbus(&[43, 14, 3, 0]), modbus(&identity)];
    let said: Vec<(bool, &[u8])> =
        [true, false, true, false].into_iter().zip(frames.iter().map(|one| &one[..])).collect();
    packets.extend(connection(Ends { from: 22, to: 29, ports: (50_002, 502) }, &said));
    told.push("Ward-Gas-97");

    // SIP: who calls whom. VNC: names of desktops.
    packets.push(udp(
        Ends { from: 30, to: 22, ports: (5060, 5060) },
        format!(
            "REGISTER sip:{} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.30;branch={}\r\nFrom: \"{}\" <sip:{}@x>\r\nTo: <sip:{}@x>\r\n\
             Authorization: Digest username=\"{}\"\r\nCSeq: 1 REGISTER\r\nUser-Agent: Ward-Phone/97\r\n\r\n{}",
            mark(), mark(), mark(), mark(), mark(), mark(), mark()
        )
        .as_bytes(),
    ));
    told.push("Ward-Phone/97");
    let desktop = [&[0, 0, 0, 0][..], mark().as_bytes()].concat();
    let said: [(bool, &[u8]); 5] =
        [(false, b"RFB 003.097\n"), (true, b"RFB 003.008\n"), (false, &[1, 1]), (true, &[1]), (false, &desktop)];
    packets.extend(connection(Ends { from: 22, to: 31, ports: (50_002, 5900) }, &said));
    told.push("003.097");

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
