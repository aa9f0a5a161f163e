//! Offices and nurses' stations: workstations, which read the patient record, fetch files and print.

use super::{
    habits,
    leases::{Client, WINDOWS_7, WINDOWS_8, WINDOWS_10, Windows},
    site::{Host, OFFICE, SERVERS, WARDS},
    stage::{SECOND, Stage},
    truth::{Device, Lifecycle},
};
use crate::tcp::Side;

const PRINTING: u16 = 9_100;

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
