//! How do we know? A device and the chain from what was read to what is said of it.

use crate::{
    identity::{IdKey, Inventory, Reason, resolve_with_reasons},
    knowledge::Catalogue,
    reading,
};
use std::collections::BTreeMap;
use thiserror::Error;
use wardwatch_model::{Attribute, Facts, analysis::Device, config::Config};

/// From this confidence on evidence can contradict other evidence.
pub(crate) const FIRM: f64 = 0.5;

/// Attributes of which a device has one value.
pub(crate) const SINGLE: [Attribute; 6] = [
    Attribute::Class,
    Attribute::DeviceName,
    Attribute::Manufacturer,
    Attribute::Model,
    Attribute::OperatingSystem,
    Attribute::SerialNumber,
];

/// Shortest beginning of an id that stands for it.
const MIN_ID: usize = 6;

/// A device and why it is said to be what it is.
pub struct Explanation {
    /// The device, with its evidence.
    pub device: Device,
    /// Why rules concluded what is evidence of the source `catalogue`.
    pub reasons: Vec<Reason>,
}

/// That it is not clear which device is meant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExplainError {
    /// None is known so.
    #[error("no device has the id, address, name, AE title or serial number {0:?}")]
    Unknown(String),
    /// Several are.
    #[error("{wanted:?} may be several devices; give the id of one:\n{}", list(.devices))]
    Several {
        /// What was asked for.
        wanted: String,
        /// Ids, and what the devices are called.
        devices: Vec<(String, String)>,
    },
}

fn list(devices: &[(String, String)]) -> String {
    devices.iter().map(|(id, title)| format!("{id}  {title}")).collect::<Vec<_>>().join("\n")
}

/// Explains a device of what was seen, with the ids of the site. It may be asked for by id or the beginning of one, address, MAC
/// address, name, AE title or serial number; case does not matter.
pub fn explain(
    facts: &Facts,
    config: &Config,
    catalogue: &Catalogue,
    wanted: &str,
) -> Result<Explanation, ExplainError> {
    let inventory = resolve_with_reasons(facts, config, catalogue, IdKey::of_site(&config.site));
    pick(inventory, &BTreeMap::new(), wanted)
}

/// The device that is meant; `aliases`: other ids, and those that devices go by.
pub(crate) fn pick(
    mut inventory: Inventory,
    aliases: &BTreeMap<String, String>,
    wanted: &str,
) -> Result<Explanation, ExplainError> {
    let id = aliases.get(wanted).map_or(wanted, String::as_str);
    let place = match inventory.devices.iter().position(|device| device.id == id) {
        Some(place) => place,
        None => {
            let all = inventory.devices.iter().enumerate();
            let meant: Vec<usize> =
                all.filter(|(_, device)| is_meant(device, wanted)).map(|(place, _)| place).collect();
            match meant.as_slice() {
                [] => return Err(ExplainError::Unknown(wanted.to_owned())),
                [place] => *place,
                several => {
                    let devices = several.iter().filter_map(|place| inventory.devices.get(*place));
                    let devices = devices.map(|device| (device.id.clone(), reading::title(device))).collect();
                    return Err(ExplainError::Several { wanted: wanted.to_owned(), devices });
                }
            }
        }
    };
    let device = inventory.devices.swap_remove(place);
    let reasons = inventory.reasons.remove(&device.id).unwrap_or_default();
    Ok(Explanation { device, reasons })
}

fn is_meant(device: &Device, wanted: &str) -> bool {
    let is = |text: &str| text.eq_ignore_ascii_case(wanted);
    let names = device.hostnames.iter().chain(&device.ae_titles);
    let names = names.chain(&device.device_name).chain(&device.serial_number);
    let address = |address: &wardwatch_model::analysis::Address| {
        is(&address.ip.to_string()) || address.mac.is_some_and(|mac| is(&mac.to_string()))
    };
    device.addresses.iter().any(address)
        || names.map(|name| name.as_str()).any(is)
        || (wanted.len() >= MIN_ID && device.id.starts_with(&wanted.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
