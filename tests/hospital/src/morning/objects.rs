//! DICOM objects: what stands in them about patient and equipment.

use super::{
    people::{DESCRIPTION, INSTANCES, INSTITUTION, OPERATOR, OTHER_MAKER, PHYSICIAN, Patient},
    stage::Stage,
};
use crate::{
    dicom::{
        DataSet, Lengths, Syntax,
        uid::{ECG_WAVEFORM, EXPLICIT_BIG, IMPLICIT_LITTLE},
    },
    noise::noise,
};

/// The device an object was made with, as it writes about itself.
#[derive(Clone, Debug)]
pub(super) struct Equipment {
    pub(super) modality: &'static str,
    /// Storage SOP class.
    pub(super) class: &'static str,
    pub(super) manufacturer: &'static str,
    pub(super) model: &'static str,
    pub(super) serial: String,
    pub(super) software: &'static str,
    /// Station name and AE title.
    pub(super) station: String,
    /// Transfer syntax of its objects.
    pub(super) syntax: &'static str,
}

/// An object that was made, and can be sent more than once.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) class: &'static str,
    pub(super) syntax: &'static str,
    pub(super) instance: String,
    pub(super) bytes: Vec<u8>,
}

/// An instance UID.
pub(super) fn instance(number: u32) -> String {
    format!("{INSTANCES}.{number}")
}

/// How a transfer syntax writes.
pub(super) fn writing(uid: &str) -> Syntax {
    match uid {
        IMPLICIT_LITTLE => Syntax::ImplicitLittle,
        EXPLICIT_BIG => Syntax::ExplicitBig,
        _ => Syntax::ExplicitLittle,
    }
}

/// What stands about a patient in each object and each worklist item.
pub(super) fn about(of: &Patient) -> DataSet {
    DataSet::new()
        .text(0x0008_0050, b"SH", &of.accession)
        .text(0x0008_0090, b"PN", PHYSICIAN)
        .text(0x0010_0010, b"PN", &of.name)
        .text(0x0010_0020, b"LO", &of.id)
        .text(0x0010_0030, b"DA", &of.birth_date)
        .text(0x0010_0040, b"CS", of.sex)
        .text(0x0010_1040, b"LO", &of.address.replace('^', " "))
        .text(0x0020_000d, b"UI", &instance(1))
}

/// An object of a device, with a few thousand bytes of pixels.
pub(super) fn object(stage: &mut Stage, of: &Patient, by: &Equipment) -> Object {
    let instance_uid = instance(stage.number());
    let side = stage.dice.between::<u16>(32, 56);
    let seed = stage.dice.roll();
    let samples = noise(seed, usize::from(side) * usize::from(side) * 2);
    let samples: Vec<u16> =
        samples.chunks(2).map(|pair| pair.iter().fold(0, |all, byte| (all << 8) | u16::from(*byte))).collect();
    let other = DataSet::new().text(0x0008_0070, b"LO", OTHER_MAKER).text(0x0018_1000, b"LO", "CPW-1");
    let set = about(of)
        .text(0x0008_0005, b"CS", "ISO_IR 100")
        .text(0x0008_0016, b"UI", by.class)
        .text(0x0008_0018, b"UI", &instance_uid)
        .text(0x0008_0020, b"DA", "20261102")
        .text(0x0008_0060, b"CS", by.modality)
        .text(0x0008_0070, b"LO", by.manufacturer)
        .text(0x0008_0080, b"LO", INSTITUTION)
        .text(0x0008_1010, b"SH", &by.station)
        .text(0x0008_1030, b"LO", DESCRIPTION)
        .text(0x0008_1070, b"PN", OPERATOR)
        .text(0x0008_1090, b"LO", by.model)
        .text(0x0018_1000, b"LO", &by.serial)
        .text(0x0018_1020, b"LO", by.software)
        .sequence(0x0018_a001, Lengths::Undefined, &[other])
        .text(0x0020_000e, b"UI", &instance(2));
    let set = if by.class == ECG_WAVEFORM {
        let channel = DataSet::new().numbers(0x5400_1010, b"OW", &samples);
        set.sequence(0x5400_0100, Lengths::Defined, &[channel])
    } else {
        set.numbers(0x0028_0010, b"US", &[side])
            .numbers(0x0028_0011, b"US", &[side])
            .numbers(0x0028_0100, b"US", &[16])
            .numbers(0x7fe0_0010, b"OW", &samples)
    };
    Object { class: by.class, syntax: by.syntax, instance: instance_uid, bytes: set.write(writing(by.syntax)) }
}
