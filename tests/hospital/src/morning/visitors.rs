//! Addresses that come and go, and things of which nobody can say what they are.

use super::{
    habits,
    leases::{Client, WINDOWS_10},
    site::{Host, OFFICE, SERVERS, WARDS},
    stage::{SECOND, Stage},
    truth::{Device, Os},
};

/// All of them. `time` is the host of the server for time, names and files.
pub(super) fn come_and_go(stage: &mut Stage, time: &Host) {
    reused_address(stage);
    guests(stage);
    strangers(stage, time);
    absent(stage, time);
}

/// A laptop leaves, and a tablet gets its address.
fn reused_address(stage: &mut Stage) {
    let laptop = stage.pooled(OFFICE, [0x3c, 0x52, 0x82], 128);
    let laptop = stage.device(laptop, Device::of("workstation"));
    let (comes, goes) = (stage.moment(1, 60), stage.moment(9, 60));
    Client::windows(&WINDOWS_10, "LAPTOP-7").visit(stage, &laptop, [comes, goes]);
    let names = stage.services;
    habits::name(stage, [&laptop, &names], "record.hospital.test", laptop.ip, comes + 30 * SECOND);
    // Locally administered: nobody's block.
    let tablet = Host { mac: stage.dice.mac([0x06, 0x7c, 0x31]), ttl: 64, ..laptop };
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
        let (comes, goes) = (stage.moment(comes, 60), stage.moment(goes, 60));
        Client::windows(&WINDOWS_10, &format!("GUEST-{number}")).visit(stage, &host, [comes, goes]);
        let names = stage.services;
        habits::name(stage, [&host, &names], "mail.test", names.ip, comes + 8 * SECOND);
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
    let client = Client {
        // The client of BusyBox.
        os: Some(Os { name: "Linux", versions: &[] }),
        ..Client::other("", "udhcp 1.36.1", &[1, 3, 6, 12, 15, 28, 42])
    };
    client.lease(stage, &module, at);
    habits::time(stage, &module, time, at + 5 * SECOND);

    // In another house, seen through the router only.
    for _ in 0..3 {
        let far = stage.elsewhere([10, 90, 0], 126);
        let far = stage.device(far, Device::default());
        let at = stage.moment(3, 1_800);
        habits::page(stage, [&far, time], 8_080, "/menu", at);
    }
}

/// What is only spoken to is no device: somebody who was taken away, and a log that nobody keeps any more.
fn absent(stage: &mut Stage, time: &Host) {
    let log = stage.fixed(SERVERS, [0xb8, 0xca, 0x3a], 64);
    let gone = stage.fixed(SERVERS, [0x9c, 0x93, 0x4e], 64);
    for minute in [8, 14, 27] {
        let at = stage.moment(minute, 60);
        stage.look_for(time, &gone, at);
        stage.send([time, &log], [514, 514], at, b"<14>1 - - clock - - - in step");
    }
}
