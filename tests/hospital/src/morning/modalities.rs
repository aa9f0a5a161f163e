//! The modalities of the equipment list come in.

use super::{
    applications::{Entity, Software},
    equipment::{Address, ROWS, Row},
    leases::Client,
    objects::Equipment,
    site::IMAGING,
    stage::Stage,
    truth::{Device, Lifecycle},
};

/// A modality of the hospital.
#[derive(Clone, Debug)]
pub(super) struct Modality {
    pub(super) entity: Entity,
    pub(super) equipment: Equipment,
    /// It asks for a worklist and reports its steps.
    pub(super) is_scheduled: bool,
}

/// Brings them in.
pub(super) fn arrive(stage: &mut Stage) -> Vec<Modality> {
    ROWS.iter().map(|row| modality(stage, row)).collect()
}

fn modality(stage: &mut Stage, row: &Row) -> Modality {
    let serial = format!("{}{}", row.serial, stage.dice.digits(6));
    let [wire, trade] = row.maker;
    let truth = Device::of(row.class).made(trade, row.model, &serial);
    let host = match row.address {
        Address::Fixed => {
            let host = stage.fixed(IMAGING, row.block, 128);
            stage.device(host, truth)
        }
        Address::Windows(windows) => {
            let host = stage.pooled(IMAGING, row.block, 128);
            let name = format!("{}-{}", row.model.replace(' ', ""), stage.dice.digits(3));
            let end = Lifecycle { stage: "end-of-support", legacy: true };
            let lifecycle = windows.has_ended.then_some(end);
            let host = stage.device(host, Device { lifecycle, ..truth });
            let at = stage.moment(0, 40);
            Client::windows(windows, &name).lease(stage, &host, at);
            host
        }
    };
    let [uid, version] = row.implementation;
    let software = Software { uid, version, max_pdu: *stage.dice.pick(&[16_384, 32_768, 65_536]) };
    Modality {
        entity: Entity { host, title: row.title.to_owned(), port: 104, software },
        equipment: Equipment {
            modality: row.modality,
            class: row.storage,
            manufacturer: wire,
            model: row.model,
            serial,
            software: row.software,
            station: row.title.to_owned(),
            syntax: row.syntax,
        },
        is_scheduled: row.is_scheduled,
    }
}
