//! Telephones and their exchange.

use super::{
    habits,
    leases::Client,
    offices::PLAIN_PARAMETERS,
    site::VOICE,
    stage::{SECOND, Stage},
    truth::Device,
};

const SIP_TLS: u16 = 5_061;

/// They get their addresses and register.
pub(super) fn register(stage: &mut Stage) {
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
