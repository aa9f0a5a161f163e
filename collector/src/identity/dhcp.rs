//! What a DHCP client says of itself (RFC 2131, RFC 2132, RFC 8415): its name, its vendor class, what it asks for.

use super::{Premise, Workshop, own};
use std::sync::Arc;
use wardwatch_model::{Attribute, Description, DeviceText, Seen, Source};

/// Said by the client's own software.
const SELF_SAID: f64 = 0.9;

/// Adds what a client says, and the operating system that it leads to.
pub(super) fn client(workshop: &mut Workshop<'_>, index: usize, description: &Description, seen: &Seen) {
    own::words(workshop, index, description, seen, SELF_SAID);
    let get = |attribute| description.get(attribute).map(DeviceText::as_str);
    let (vendor_class, parameters) = (get(Attribute::DhcpVendorClass), get(Attribute::DhcpParameterList));
    if let Some(system) = workshop.catalogue.operating_system(vendor_class, parameters)
        && let Some(title) = DeviceText::new(&system.title)
        && let Some(draft) = workshop.draft(index)
    {
        draft.conclude(Attribute::OperatingSystem, &title, system.confidence, seen, || {
            let said = [(Attribute::DhcpVendorClass, vendor_class), (Attribute::DhcpParameterList, parameters)];
            let premise = |(attribute, words): (_, Option<&str>)| Some(Premise::of(attribute, words?, Source::Dhcp));
            (Arc::new(system.origin.clone()), said.into_iter().filter_map(premise).collect())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardwatch_model::{
        DeviceClass,
        analysis::{Device, Role},
        config::Names,
    };

    /// The device of a client that says this.
    fn device(attributes: &[(Attribute, &str)], hostnames: Names) -> Device {
        own::tests::device(Source::Dhcp, attributes, hostnames)
    }

    #[test]
    fn the_parameters_tell_the_operating_system() {
        let list = (Attribute::DhcpParameterList, "1,15,3,6,44,46,47,31,33,249,43");
        let device =
            device(&[(Attribute::Hostname, "ct-console"), (Attribute::DhcpVendorClass, "MSFT 5.0"), list], Names::Keep);
        let os = (device.os.name.as_deref(), device.os.version.as_deref());
        assert_eq!(os, (Some("Windows"), Some("XP or Server 2003")));
        assert_eq!(device.hostnames.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["ct-console"]);
        assert_eq!(device.class, DeviceClass::Workstation);
        let told = device.evidence.iter().find(|evidence| evidence.attribute == Attribute::OperatingSystem).unwrap();
        assert_eq!((told.value.as_str(), told.source), ("Windows XP or Server 2003", Source::Catalogue));
        assert!(!device.roles.contains(&Role::Router));
    }

    #[test]
    fn a_printer_tells_maker_model_and_serial_number_and_not_where_it_stands() {
        let class = "Mfg=Xerox;Typ=MFP;Mod=VersaLink C405;Ser=ABC123456;Loc=Room of Dr. Who";
        let device = device(&[(Attribute::DhcpVendorClass, class)], Names::Keep);
        assert_eq!(device.manufacturer.as_deref(), Some("Xerox"));
        assert_eq!(device.model.as_deref(), Some("VersaLink C405"));
        assert_eq!(device.serial_number.as_deref(), Some("ABC123456"));
        assert_eq!(device.class, DeviceClass::Printer);
    }

    #[test]
    fn telephones_and_cameras_tell_maker_and_model() {
        for (class, kind, maker, model) in [
            ("Cisco Systems, Inc. IP Phone CP-8841", DeviceClass::Phone, "Cisco", "CP-8841"),
            ("AXIS,Network Camera,P3225-LV Mk II,9.70.1.5", DeviceClass::Camera, "Axis", "P3225-LV Mk II"),
            (
                "Mfg=Hewlett Packard;Typ=Printer;Mod=HP LaserJet 400 M401n;Ser=X;",
                DeviceClass::Printer,
                "HP",
                "HP LaserJet 400 M401n",
            ),
        ] {
            let device = device(&[(Attribute::DhcpVendorClass, class)], Names::Keep);
            let told = (device.class, device.manufacturer.as_deref(), device.model.as_deref());
            assert_eq!(told, (kind, Some(maker), Some(model)));
        }
    }

    #[test]
    fn a_vendor_class_of_another_form_tells_no_maker() {
        for class in ["MSFT 5.0", "Model=X;Ser=1;Mfg=Y", "Mfg", "AXIS", "Cisco Systems, Inc.", "é"] {
            let device = device(&[(Attribute::DhcpVendorClass, class)], Names::Keep);
            assert_eq!((device.manufacturer, device.model), (None, None), "{class}");
        }
    }

    #[test]
    fn a_host_name_is_hidden_where_the_configuration_says_so() {
        let device = device(&[(Attribute::Hostname, "laptop-of-jones")], Names::Hash);
        assert!(!format!("{device:?}").contains("jones"));
        assert_eq!(device.hostnames.len(), 1);
    }
}
