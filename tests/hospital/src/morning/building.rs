//! The building: cameras and their recorder, ventilation and heating.

use super::{
    leases::Client,
    offices::PLAIN_PARAMETERS,
    site::BUILDING,
    stage::{SECOND, Stage},
    truth::Device,
};
use crate::{bacnet, tcp::Side};

const RTSP: u16 = 554;

/// Everything that happens there.
pub(super) fn work(stage: &mut Stage) {
    cameras(stage);
    ventilation(stage);
}

fn cameras(stage: &mut Stage) {
    let recorder = stage.fixed(BUILDING, [0x00, 0x19, 0x99], 64);
    let recorder = stage.device(recorder, Device::default());
    for (model, firmware) in [("M1065-L", "9.80.1"), ("M1065-L", "9.80.1"), ("P3225-LV Mk II", "9.70.1.5")] {
        let host = stage.pooled(BUILDING, [0xac, 0xcc, 0x8e], 64);
        let truth =
            Device { manufacturer: Some("Axis".to_owned()), model: Some(model.to_owned()), ..Device::of("camera") };
        let host = stage.device(host, truth);
        let name = format!("axis-{}", host.mac.map(|octet| format!("{octet:02x}")).concat());
        let at = stage.moment(0, 110);
        let class = format!("AXIS,Network Camera,{model},{firmware}");
        Client::other(&name, &class, PLAIN_PARAMETERS).lease(stage, &host, at);
        let mut tcp = stage.connect(&recorder, &host, RTSP, at + 20 * SECOND);
        tcp.client(format!("OPTIONS rtsp://{}/media.amp RTSP/1.0\r\nCSeq: 1\r\n\r\n", host.ip).as_bytes());
        tcp.server(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n");
        stage.keep(tcp.close(Side::Client));
    }
}

/// Three controllers, of which each looks who is there and asks its neighbour how warm it is.
fn ventilation(stage: &mut Stage) {
    let controllers = [7, 7, 5].map(|vendor| {
        let host = stage.fixed(BUILDING, [0x00, 0x20, 0x4a], 64);
        let host = stage.device(host, Device::of("building-control"));
        (host, stage.dice.between::<u32>(1_000, 9_000), vendor)
    });
    let [first, second, third] = &controllers;
    for (minute, [(asking, ..), (asked, ..)]) in [(4, [first, second]), (16, [second, third]), (29, [third, first])] {
        let at = stage.moment(minute, 120);
        stage.broadcast(asking, bacnet::PORT, at, &bacnet::who_is());
        for (number, (host, instance, vendor)) in (1..).zip(&controllers) {
            stage.broadcast(host, bacnet::PORT, at + number * 80_000_000, &bacnet::i_am(*instance, *vendor));
        }
        let invocation = stage.dice.between(1, 255);
        let said = [bacnet::read(invocation), bacnet::value(invocation, 21.5)];
        let [question, answer] = &said;
        stage.ask([asking, asked], [bacnet::PORT; 2], at + SECOND, [question, answer]);
    }
}
