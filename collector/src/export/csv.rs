//! One line for each device, for spreadsheets and asset lists.

use super::joined;
use crate::reading;
use std::io::{self, Write};
use wardwatch_model::{
    DeviceText, Spot,
    analysis::{Analysis, Device},
};

/// The columns. More may be added at the end.
const COLUMNS: [&str; 30] = [
    "id",
    "behind",
    "ip",
    "mac",
    "vlan",
    "segment",
    "class",
    "roles",
    "manufacturer",
    "model",
    "serial_number",
    "udi",
    "device_name",
    "ae_titles",
    "hl7_applications",
    "software",
    "confidence_manufacturer",
    "confidence_model",
    "lifecycle_stage",
    "first_seen",
    "last_seen",
    "confidence_class",
    "tunnel",
    "visibility",
    "site",
    "switch",
    "port",
    "access_point",
    "location_source",
    "location_as_of",
];

/// Writes the devices as RFC 4180 CSV with a header line. Several values in a cell are separated by `; `. A cell that a
/// spreadsheet would take for a formula gets an apostrophe in front, as its text came from the network.
pub fn write_csv(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for device in &analysis.devices {
        csv.write_record(cells(device).map(harmless))?;
    }
    csv.flush()
}

fn cells(device: &Device) -> [String; COLUMNS.len()] {
    let addresses = &device.addresses;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
    let window = reading::window(device);
    let place = device.locations.first();
    // Switch and port are of one entry; site and segment may be of another.
    let exact = |of: fn(&Spot) -> &Option<DeviceText>| text(place.and_then(|place| of(&place.spot).as_deref()));
    let software =
        device.software.iter().map(|software| joined([&software.name, &software.version].into_iter().flatten(), " "));
    let mut vlans: Vec<u16> = addresses.iter().flat_map(|address| address.vlan.iter().collect::<Vec<_>>()).collect();
    vlans.sort_unstable();
    let mut macs: Vec<_> = addresses.iter().filter_map(|address| address.mac).collect();
    macs.sort_unstable();
    [
        device.id.clone(),
        text(device.behind.as_deref()),
        joined(addresses.iter().map(|address| address.ip), "; "),
        joined(macs, "; "),
        joined(vlans, "; "),
        text(device.segment.as_deref()),
        device.class.name().to_owned(),
        joined(device.roles.iter().map(|role| role.name()), "; "),
        text(device.manufacturer.as_deref()),
        text(device.model.as_deref()),
        text(device.serial_number.as_deref()),
        text(device.udi.as_deref()),
        text(device.device_name.as_deref()),
        joined(&device.ae_titles, "; "),
        joined(&device.hl7_applications, "; "),
        joined(software, "; "),
        number(device.confidence.manufacturer),
        number(device.confidence.model),
        device.lifecycle.stage.name().to_owned(),
        window.map(|(first, _)| first.to_string()).unwrap_or_default(),
        window.map(|(_, last)| last.to_string()).unwrap_or_default(),
        number(device.confidence.class),
        // All addresses of a device are in the same one.
        addresses.first().map(|address| address.tunnel.to_string()).unwrap_or_default(),
        device.visibility.to_string(),
        text(reading::site(device).map(DeviceText::as_str)),
        exact(|spot| &spot.switch),
        exact(|spot| &spot.port),
        exact(|spot| &spot.access_point),
        text(place.map(|place| place.source.name())),
        place.map(|place| place.as_of.to_string()).unwrap_or_default(),
    ]
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)"] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
        assert_eq!(harmless("CT 1=2".to_owned()), "CT 1=2");
    }
}
