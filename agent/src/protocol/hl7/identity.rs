//! What an identifier says by its shape. A value goes where its shape is certain, else it is only a name.

use super::reader::Reader;
use wardwatch_model::{Attribute, DeviceText};

/// What is said of one device.
pub(super) type Attributes = Vec<(Attribute, DeviceText)>;

/// Whether a text names something: separators and other punctuation alone, as fields that are filled up have them, do not.
pub(super) fn names_something(text: &DeviceText) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Adds what names something and is not there yet.
pub(super) fn add(to: &mut Attributes, attribute: Attribute, value: Option<DeviceText>) {
    /// Most attributes of a device.
    const MAX: usize = 32;
    if let Some(value) = value.filter(names_something)
        && to.len() < MAX
        && !to.iter().any(|(name, known)| *name == attribute && *known == value)
    {
        to.push((attribute, value));
    }
}

/// Type of an identifier (table 0301) that is an IEEE EUI-64.
fn is_eui64_type(text: &str) -> bool {
    text.eq_ignore_ascii_case("EUI-64") || text.eq_ignore_ascii_case("EUI64")
}

/// An EUI-64 in upper case without separators. A block of a maker with nothing after it is no device: some senders put
/// their maker's block there as if it were a namespace.
pub(super) fn eui64(text: &str) -> Option<DeviceText> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ':' | '.')).collect();
    let (_, device) = digits.split_at_checked(6)?;
    let valid = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    (valid && device.bytes().any(|b| b != b'0')).then(|| DeviceText::new(&digits.to_ascii_uppercase())).flatten()
}

/// An EUI-64 made of a MAC address (`FFFE` or `FFFF` in the middle), which is recognised without being declared.
fn eui64_of_mac(text: &str) -> Option<DeviceText> {
    eui64(text).filter(|eui| matches!(eui.get(6..10), Some("FFFE" | "FFFF")))
}

/// The EUI-64 of a hierarchic designator (2.A.33): `namespace^universal id^type`.
pub(super) fn eui64_of_designator(reader: Reader, field: &str) -> Option<DeviceText> {
    reader.component(field, 3).filter(|kind| is_eui64_type(kind))?;
    eui64(&reader.component(field, 2)?)
}

/// An entity identifier (2.A.28), `entity^namespace^universal id^type`, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entity {
    pub(super) eui64: Option<DeviceText>,
    /// The entity where it is not the EUI-64 again.
    pub(super) entity: Option<DeviceText>,
    pub(super) namespace: Option<DeviceText>,
}

/// An instrument named as IHE LAW has it (PaLM TF-2b, OBX-18): model and maker, then serial number and maker. The maker
/// stands in the namespace of both, which tells this from a list of several devices.
pub(super) fn instrument(named: &[Entity]) -> Option<Attributes> {
    let [model, serial] = named else { return None };
    let maker = model.namespace.clone().filter(|maker| serial.namespace.as_ref() == Some(maker))?;
    let (model, serial) = (model.entity.clone()?, serial.entity.clone()?);
    let mut said = Attributes::new();
    add(&mut said, Attribute::Manufacturer, Some(maker));
    add(&mut said, Attribute::Model, Some(model));
    add(&mut said, Attribute::SerialNumber, Some(serial));
    Some(said)
}

impl Entity {
    pub(super) fn read(reader: Reader, field: &str) -> Self {
        let entity = reader.component(field, 1);
        let declared = reader.component(field, 4).is_some_and(|kind| is_eui64_type(&kind));
        let of_entity = entity.as_deref().and_then(if declared { eui64 } else { eui64_of_mac });
        let of_universal = reader.component(field, 3).filter(|_| declared).and_then(|id| eui64(&id));
        let entity = entity.filter(|_| of_entity.is_none());
        Self { eui64: of_universal.or(of_entity), entity, namespace: reader.component(field, 2) }
    }

    /// What it says of the equipment it names. `part`: it names a module, not a whole device.
    pub(super) fn describe(&self, part: bool) -> Attributes {
        let mut said = Attributes::new();
        add(&mut said, Attribute::Eui64, self.eui64.clone());
        match &self.entity {
            Some(entity) if part && is_module_serial(entity) => {
                add(&mut said, Attribute::SerialNumber, Some(entity.clone()));
            }
            Some(entity) if is_udi(entity) => add(&mut said, Attribute::Udi, Some(entity.clone())),
            Some(entity) => describe_name(&mut said, entity),
            None => add(&mut said, Attribute::DeviceName, self.namespace.clone()),
        }
        said
    }
}

/// A name given by a monitor may be `<id of the run>-<model> - <part number>`: the id says nothing of the device.
fn describe_name(said: &mut Attributes, name: &str) {
    let Some((_, name)) = split_uuid(name) else { return add(said, Attribute::DeviceName, DeviceText::new(name)) };
    match name.strip_prefix('-').unwrap_or(name).rsplit_once(" - ") {
        Some((model, part)) if is_part_number(part) => {
            add(said, Attribute::Model, DeviceText::new(model));
            add(said, Attribute::PartNumber, DeviceText::new(part));
        }
        _ => add(said, Attribute::DeviceName, DeviceText::new(name.trim_start_matches('-'))),
    }
}

/// A UUID at the beginning of a text, and what follows.
fn split_uuid(text: &str) -> Option<(&str, &str)> {
    let (uuid, rest) = text.split_at_checked(36)?;
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let valid = uuid.bytes().enumerate().all(|(at, b)| if dash(at) { b == b'-' } else { b.is_ascii_hexdigit() });
    valid.then_some((uuid, rest))
}

/// Whether the whole text is a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    matches!(split_uuid(text), Some((_, "")))
}

/// Six digits, as 866064.
fn is_part_number(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Two letters and eight digits, as XW25200213.
fn is_module_serial(text: &str) -> bool {
    text.split_at_checked(2).is_some_and(|(letters, digits)| {
        letters.bytes().all(|b| b.is_ascii_uppercase())
            && digits.len() == 8
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A unique device identifier in the form of GS1, HIBCC or ICCBBA.
fn is_udi(text: &str) -> bool {
    text.starts_with("(01)") || text.starts_with("=/") || text.starts_with('+') && is_device_identifier(text)
}

/// The fixed part of a UDI: letters, digits and signs without blanks, digits among them.
pub(super) fn is_device_identifier(text: &str) -> bool {
    (6..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::super::reader::tests::usual;
    use super::*;
    use Attribute::{DeviceName, Eui64, Model, PartNumber, SerialNumber, Udi};

    fn said(field: &str, part: bool) -> Vec<(Attribute, String)> {
        let said = Entity::read(usual(), field).describe(part);
        said.into_iter().map(|(attribute, value)| (attribute, value.to_string())).collect()
    }

    fn expect(field: &str, part: bool, expected: &[(Attribute, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(a, v)| (*a, (*v).to_owned())).collect();
        assert_eq!(said(field, part), expected, "{field}");
    }

    #[test]
    fn equipment_identifiers_are_read_by_their_shape() {
        expect("00005EFFFE005301^MON_X", false, &[(Eui64, "00005EFFFE005301"), (DeviceName, "MON_X")]);
        expect("P123^Pump^00005e0000000001^EUI-64", false, &[(Eui64, "00005E0000000001"), (DeviceName, "P123")]);
        expect(
            "0123456789ABCDEF^Vendor_X^0123456789ABCDEF^EUI-64",
            false,
            &[(Eui64, "0123456789ABCDEF"), (DeviceName, "Vendor_X")],
        );
        expect("00-00-5E-FF-FE-00-53-02^^^EUI-64", false, &[(Eui64, "00005EFFFE005302")]);
        expect("ANALYZER 1^LAB", false, &[(DeviceName, "ANALYZER 1")]);
        expect("(01)00643169007222(21)BLC2", false, &[(Udi, "(01)00643169007222(21)BLC2")]);
    }

    #[test]
    fn a_name_made_of_run_model_and_part_is_taken_apart() {
        let name = "11111111-2222-4333-8444-555555555555-Monitor X5 - 866001";
        expect(name, false, &[(Model, "Monitor X5"), (PartNumber, "866001")]);
        expect("11111111-2222-4333-8444-555555555555-Ward 3", false, &[(DeviceName, "Ward 3")]);
        expect("11111111-2222-4333-8444-555555555555", false, &[]);
        expect("Monitor X5 - 866001", false, &[(DeviceName, "Monitor X5 - 866001")]);
    }

    #[test]
    fn only_a_module_has_a_bare_serial_number() {
        expect("XW12345678", true, &[(SerialNumber, "XW12345678")]);
        expect("XW12345678", false, &[(DeviceName, "XW12345678")]);
    }

    #[test]
    fn separators_and_punctuation_alone_name_nothing() {
        for field in ["&".repeat(300), "^---".into(), "...^^^".into(), "11111111-2222-4333-8444-555555555555-&&".into()]
        {
            expect(&field, false, &[]);
        }
        expect("-7-", false, &[(DeviceName, "-7-")]);
        expect("\u{6a5f}", false, &[(DeviceName, "\u{6a5f}")]);
    }

    #[test]
    fn what_only_looks_like_an_address_is_none() {
        assert_eq!(eui64("0012210000000000"), None);
        assert_eq!(eui64("123456789012345"), None);
        assert_eq!(eui64("00005EFFFE00530G"), None);
        expect("1234567890123456", false, &[(DeviceName, "1234567890123456")]);
        expect("P1^^0012210000000000^EUI-64", false, &[(DeviceName, "P1")]);
    }
}
