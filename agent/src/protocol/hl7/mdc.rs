//! The nomenclature of medical devices, MDC (IEEE 11073-10101), as far as observations name devices with it.

use super::identity::{Attributes, Entity, add, eui64, is_uuid};
use super::{reader::Reader, scan};
use wardwatch_model::{Attribute, DeviceText};

/// The attributes of a device (partitions 1 and 8) whose value, OBX-5, is read. The list is closed: OBX-5 of anything
/// else is never looked at.
const DEVICE_ATTRIBUTES: [(&[u8], DeviceAttribute); 10] = [
    (b"67880", DeviceAttribute::IdModel),                         // MDC_ATTR_ID_MODEL
    (b"67972", DeviceAttribute::SystemId),                        // MDC_ATTR_SYS_ID
    (b"531969", DeviceAttribute::Is(Attribute::Model)),           // MDC_ID_MODEL_NUMBER
    (b"531970", DeviceAttribute::Is(Attribute::Manufacturer)),    // MDC_ID_MODEL_MANUFACTURER
    (b"531972", DeviceAttribute::Is(Attribute::SerialNumber)),    // MDC_ID_PROD_SPEC_SERIAL
    (b"531973", DeviceAttribute::Is(Attribute::PartNumber)),      // MDC_ID_PROD_SPEC_PART
    (b"531974", DeviceAttribute::Is(Attribute::HardwareVersion)), // MDC_ID_PROD_SPEC_HW
    (b"531975", DeviceAttribute::Is(Attribute::SoftwareVersion)), // MDC_ID_PROD_SPEC_SW
    (b"531976", DeviceAttribute::Is(Attribute::FirmwareVersion)), // MDC_ID_PROD_SPEC_FW
    (b"531978", DeviceAttribute::Is(Attribute::Gmdn)),            // MDC_ID_PROD_SPEC_GMDN
];

/// An OBX-3 of the nomenclature: `code^MDC_…` or `code^…^MDC`. The number alone does not count, as another system may
/// use it for a finding of a patient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code<'a> {
    number: &'a [u8],
    /// Reference id, and what follows it.
    name: &'a [u8],
}

impl<'a> Code<'a> {
    /// A letter that every code has, and most other identifiers have not.
    pub(super) const LETTER: u8 = b'M';

    /// Reads an OBX-3.
    pub(super) fn read(id: &'a [u8], component: u8) -> Option<Self> {
        scan::position(id, Self::LETTER)?;
        let (number, name) = split_once(id, component)?;
        if name.starts_with(b"MDC") {
            return Some(Self { number, name });
        }
        let (name, rest) = split_once(name, component)?;
        let (system, _) = split_once(rest, component).unwrap_or((rest, b""));
        (system == b"MDC").then_some(Self { number, name })
    }

    /// Whether it is a kind of device or of part.
    pub(super) fn is_device(self) -> bool {
        self.name.starts_with(b"MDC_DEV_")
    }

    /// The attribute of a device that it is.
    pub(super) fn device_attribute(self) -> Option<DeviceAttribute> {
        DEVICE_ATTRIBUTES.iter().find_map(|(number, attribute)| (*number == self.number).then_some(*attribute))
    }
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at_checked(bytes.iter().position(|b| *b == at)?)?;
    Some((before, after.get(1..)?))
}

/// An attribute of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceAttribute {
    /// Maker and model in one value.
    IdModel,
    /// An entity identifier.
    SystemId,
    /// One attribute.
    Is(Attribute),
}

impl DeviceAttribute {
    /// Reads OBX-5.
    pub(super) fn read(self, to: &mut Attributes, reader: Reader, value: &str) {
        let (first, second) = (reader.component(value, 1), reader.component(value, 2));
        match self {
            Self::Is(attribute) => add(to, attribute, first.or(second)),
            Self::IdModel => {
                let labelled = first.as_deref().and_then(labelled);
                let (manufacturer, model) = match (labelled, second) {
                    (Some((manufacturer, model)), _) => (DeviceText::new(manufacturer), DeviceText::new(model)),
                    (None, Some(second)) => (first, Some(second)),
                    (None, None) => (None, first),
                };
                add(to, Attribute::Manufacturer, manufacturer);
                add(to, Attribute::Model, model);
            }
            Self::SystemId => {
                let Entity { eui64: address, entity, namespace } = Entity::read(reader, value);
                // Alone it is an EUI-64 without saying so (IEEE 11073-10201, system id).
                let bare = entity.as_deref().filter(|_| namespace.is_none()).and_then(eui64);
                add(to, Attribute::Eui64, address.clone().or(bare.clone()));
                if let Some(entity) = entity.filter(|_| bare.is_none()) {
                    let kind = if is_uuid(&entity) { Attribute::DeviceUid } else { Attribute::DeviceName };
                    add(to, kind, Some(entity));
                    // `number^model^address^EUI-64`
                    add(to, Attribute::Model, namespace.filter(|_| address.is_some()));
                }
            }
        }
    }
}

/// Maker and model of `manufacturer=… model=…`.
fn labelled(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("manufacturer=")?.split_once(" model=")
}

#[cfg(test)]
mod tests {
    use super::super::reader::tests::usual;
    use super::*;

    fn read(id: &str, value: &str) -> Vec<(Attribute, String)> {
        let mut said = Attributes::new();
        if let Some(attribute) = Code::read(id.as_bytes(), b'^').and_then(Code::device_attribute) {
            attribute.read(&mut said, usual(), value);
        }
        said.into_iter().map(|(attribute, value)| (attribute, value.to_string())).collect()
    }

    #[test]
    fn a_number_of_another_system_is_no_device_attribute() {
        for id in ["531972", "531972^Haemoglobin^L", "531972^Haemoglobin", "53197^MDC_X^MDC", "^MDC_X^MDC"] {
            assert!(read(id, "X").is_empty(), "{id}");
        }
        for id in ["531972^MDC_ID_PROD_SPEC_SERIAL", "531972^Serial number^MDC", "531972^^MDC^1^^L"] {
            assert_eq!(read(id, "X"), [(Attribute::SerialNumber, "X".into())], "{id}");
        }
    }

    #[test]
    fn maker_and_model_are_read_in_all_their_forms() {
        let both = [(Attribute::Manufacturer, "Pump Works".into()), (Attribute::Model, "Infuser 4".into())];
        assert_eq!(read("67880^MDC_ATTR_ID_MODEL^MDC", "manufacturer=Pump Works model=Infuser 4"), both);
        assert_eq!(read("67880^MDC_ATTR_ID_MODEL^MDC", "Pump Works^Infuser 4"), both);
        assert_eq!(read("67880^MDC_ATTR_ID_MODEL^MDC", "Infuser 4"), both[1..]);
    }

    #[test]
    fn a_system_id_is_an_address_or_a_uuid() {
        let address = (Attribute::Eui64, "00005E0000000002".to_owned());
        assert_eq!(read("67972^MDC_ATTR_SYS_ID^MDC", "00005e0000000002"), std::slice::from_ref(&address));
        assert_eq!(
            read("67972^MDC_ATTR_SYS_ID^MDC", "7^Infuser^00005e0000000002^EUI-64"),
            [address, (Attribute::DeviceName, "7".into()), (Attribute::Model, "Infuser".into()),]
        );
        let uuid = "11111111-2222-4333-8444-555555555555";
        assert_eq!(read("67972^MDC_ATTR_SYS_ID^MDC", uuid), [(Attribute::DeviceUid, uuid.into())]);
    }
}
