//! Offices and nurses' stations: workstations, printers, telephones, a file server; addresses that come and go.

use super::{
    habits,
    leases::{Client, WINDOWS_7, WINDOWS_8, WINDOWS_10, Windows, release},
    site::{Host, OFFICE, SERVERS, VOICE, WARDS},
    stage::{SECOND, Stage},
    truth::{Device, Lifecycle, Os},
};
use crate::tcp::Side;

const PRINTING: u16 = 9_100;
const SIP_TLS: u16 = 5_061;

/// What workstations of several versions look like, and where they stand.
const WORKSTATIONS: [(&Windows, u16); 16] = [
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_7, OFFICE),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_10, WARDS),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_8, OFFICE),
    (&WINDOWS_10, WARDS),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_7, WARDS),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_10, OFFICE),
    // Those of the administrators are in the network of the server, which hears them without a relay agent.
    (&WINDOWS_10, SERVERS),
    (&WINDOWS_10, OFFICE),
    (&WINDOWS_10, SERVERS),
];

/// Printers: manufacturer, model, option 60 with a place for the serial number, block of MAC addresses.
const PRINTERS: [(&str, &str, &str, [u8; 3]); 5] = [
    ("Xerox", "VersaLink C405", "Mfg=Xerox;Typ=MFP;Mod=VersaLink C405;Ser=#;Loc=Ward 3", [0x9c, 0x93, 0x4e]),
    ("Xerox", "AltaLink C8055", "Mfg=Xerox;Typ=MFP;Mod=AltaLink C8055;Ser=#", [0x9c, 0x93, 0x4e]),
    (
        "HP",
        "HP LaserJet 400 M401dne",
        "Mfg=Hewlett Packard;Typ=Printer;Mod=HP LaserJet 400 M401dne;Ser=#;",
        [0x3c, 0x52, 0x82],
    ),
    (
        "HP",
        "HP LaserJet 400 M401dne",
        "Mfg=Hewlett Packard;Typ=Printer;Mod=HP LaserJet 400 M401dne;Ser=#;",
        [0x3c, 0x52, 0x82],
    ),
    ("Lexmark", "Lexmark MX410de", "Mfg=LEXMARK;Typ=MFP;Mod=Lexmark MX410de;Ser=#;", [0x00, 0x20, 0x00]),
];

/// What printers, telephones and cameras ask for.
pub(super) const PLAIN_PARAMETERS: &[u8] = &[1, 3, 6, 12, 15, 42, 66, 150];

/// Everything that happens there. `record` is the host of the patient record, `time` that of the server for time, names and files.
pub(super) fn work(stage: &mut Stage, record: &Host, time: &Host) {
    let printers: Vec<Host> = PRINTERS.iter().map(|printer| self::printer(stage, *printer)).collect();
    for (number, (windows, vlan)) in (1_u64..).zip(WORKSTATIONS) {
        let host = workstation(stage, windows, vlan, number);
        let at = stage.moment(2 + 2 * number, 90);
        let names = if number.is_multiple_of(5) { *time } else { stage.services };
        habits::name(stage, [&host, &names], "record.hospital.test", record.ip, at);
        let exchanges = stage.dice.between(1, 4);
        let page = habits::secure(stage, [&host, record], 443, "record.hospital.test", exchanges, at + SECOND);
        stage.keep(page);
        habits::time(stage, &host, time, at + 20 * SECOND);
        if number.is_multiple_of(2) {
            let files = habits::files(stage, &host, time, at + 30 * SECOND);
            // Some of it comes in another order than it was sent.
            let late: Vec<usize> = files.data(Side::Server).into_iter().take(1).collect();
            stage.keep(files.swap(&late));
        }
        if number.is_multiple_of(3) {
            let printer = *stage.dice.pick(&printers);
            print(stage, &host, &printer, at + 45 * SECOND);
        }
    }
    reused_address(stage);
    guests(stage);
    strangers(stage, time);
    telephones(stage);
}

fn workstation(stage: &mut Stage, windows: &Windows, vlan: u16, number: u64) -> Host {
    let block = *stage.dice.pick(&[[0xf8, 0xb1, 0x56], [0xd8, 0x9e, 0xf3], [0xe4, 0x11, 0x5b]]);
    let host = stage.pooled(vlan, block, 128);
    let lifecycle = windows.has_ended.then_some(Lifecycle { stage: "end-of-support", legacy: true });
    let host = stage.device(host, Device { lifecycle, ..Device::of("workstation") });
    let client = Client::windows(windows, &format!("PC-{}{number:02}", stage.dice.digits(3)));
    let at = stage.moment(0, 110);
    // Some are switched on now, some have been on for a while.
    if number.is_multiple_of(4) {
        client.renew(stage, &host, at);
    } else {
        client.lease(stage, &host, at);
    }
    host
}

fn printer(stage: &mut Stage, (maker, model, option, block): (&str, &str, &str, [u8; 3])) -> Host {
    let host = stage.pooled(OFFICE, block, 64);
    let serial = format!("{}{}", stage.dice.hex(3), stage.dice.digits(6));
    let host = stage.device(host, Device::of("printer").made(maker, model, &serial));
    let name = format!("PRN-{}", stage.dice.hex(6));
    let at = stage.moment(0, 100);
    Client::other(&name, &option.replace('#', &serial), PLAIN_PARAMETERS).lease(stage, &host, at);
    host
}

/// A page of a printer language, of which nobody looks at anything but the beginning.
fn print(stage: &mut Stage, from: &Host, to: &Host, at: u64) {
    let mut tcp = stage.connect(from, to, PRINTING, at);
    tcp.client(b"\x1b%-12345X@PJL SET COPIES=1\r\n@PJL ENTER LANGUAGE=PCLXL\r\n");
    let (seed, bytes) = (stage.dice.roll(), stage.dice.between(3_000, 9_000));
    tcp.client(&crate::noise::noise(seed, bytes));
    tcp.client(b"\x1b%-12345X");
    let job = tcp.close(Side::Client);
    // The mirror misses a segment.
    let lost: Vec<usize> = job.data(Side::Client).into_iter().skip(3).take(1).collect();
    stage.keep(job.lose(&lost));
}

/// A laptop leaves, and a tablet gets its address.
fn reused_address(stage: &mut Stage) {
    let laptop = stage.pooled(OFFICE, [0x3c, 0x52, 0x82], 128);
    let laptop = stage.device(laptop, Device::of("workstation"));
    let at = stage.moment(1, 60);
    Client::windows(&WINDOWS_10, "LAPTOP-7").lease(stage, &laptop, at);
    let names = stage.services;
    habits::name(stage, [&laptop, &names], "record.hospital.test", laptop.ip, at + 30 * SECOND);
    let at = stage.moment(9, 60);
    release(stage, &laptop, at);
    let mac = stage.dice.mac([0x9c, 0x93, 0x4e]);
    let tablet = Host { mac: [0x06, mac[1], mac[2], mac[3], mac[4], mac[5]], ttl: 64, ..laptop };
    let tablet = stage.device(tablet, Device::default());
    let client = Client {
        os: Some(Os { name: "Android", versions: &["13"] }),
        ..Client::other("", "android-dhcp-13", &[1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114, 108])
    };
    let at = stage.moment(19, 60);
    client.lease(stage, &tablet, at);
    habits::name(stage, [&tablet, &names], "clock.hospital.test", tablet.ip, at + 10 * SECOND);
}

/// Laptops that come and go.
fn guests(stage: &mut Stage) {
    for (number, [comes, goes]) in (1..).zip([[4, 23], [11, 30], [18, 37]]) {
        let host = stage.pooled(OFFICE, [0x6c, 0x0b, 0x5e], 128);
        let host = stage.device(host, Device::of("workstation"));
        let at = stage.moment(comes, 60);
        Client::windows(&WINDOWS_10, &format!("GUEST-{number}")).lease(stage, &host, at);
        let names = stage.services;
        habits::name(stage, [&host, &names], "mail.test", names.ip, at + 8 * SECOND);
        let at = stage.moment(goes, 60);
        release(stage, &host, at);
    }
}

/// Things of which nobody can say what they are.
fn strangers(stage: &mut Stage, time: &Host) {
    let quiet = stage.fixed(OFFICE, [0x00, 0x0c, 0x29], 64);
    let quiet = stage.device(quiet, Device::default());
    let at = stage.moment(6, 600);
    stage.announce(&quiet, at);

    let module = stage.pooled(WARDS, [0x00, 0x20, 0x4a], 64);
    let module = stage.device(module, Device::default());
    let at = stage.moment(0, 100);
    Client::other("", "udhcp 1.36.1", &[1, 3, 6, 12, 15, 28, 42]).lease(stage, &module, at);
    habits::time(stage, &module, time, at + 5 * SECOND);

    // In another house, seen through the router only.
    for _ in 0..3 {
        let far = stage.elsewhere([10, 90, 0], 126);
        let far = stage.device(far, Device::default());
        let at = stage.moment(3, 1_800);
        habits::page(stage, [&far, time], 8_080, "/menu", at);
    }

    // What is only spoken to is no device: somebody who was taken away, and a log that nobody keeps any more.
    let gone = stage.fixed(OFFICE, [0x9c, 0x93, 0x4e], 64);
    let log = stage.fixed(SERVERS, [0xb8, 0xca, 0x3a], 64);
    for minute in [8, 14, 27] {
        let at = stage.moment(minute, 60);
        stage.look_for(&quiet, &gone, at);
        stage.send([&module, &log], [514, 514], at, b"<14>serial: link up");
    }
}

fn telephones(stage: &mut Stage) {
    let exchange = stage.fixed(VOICE, [0x00, 0x50, 0x56], 64);
    let exchange = stage.device(exchange, Device::default());
    for model in ["CP-8841", "CP-8841", "CP-8841", "CP-7841", "CP-8841", "CP-7841", "CP-8841"] {
        let host = stage.pooled(VOICE, [0x00, 0xde, 0xfb], 64);
        let truth =
            Device { manufacturer: Some("Cisco".to_owned()), model: Some(model.to_owned()), ..Device::of("phone") };
        let host = stage.device(host, truth);
        let name = format!("SEP{}", host.mac.map(|octet| format!("{octet:02X}")).concat());
        let at = stage.moment(0, 110);
        let class = format!("Cisco Systems, Inc. IP Phone {model}");
        Client::other(&name, &class, PLAIN_PARAMETERS).lease(stage, &host, at);
        let line = habits::secure(stage, [&host, &exchange], SIP_TLS, "exchange.hospital.test", 1, at + 5 * SECOND);
        stage.keep(line);
    }
}
