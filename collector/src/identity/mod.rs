//! Which device is meant? From the addresses, conversations and descriptions of a report to devices, each with the
//! evidence for what is said of it.

mod class;
mod dhcp;
mod draft;
mod hosts;
mod id;
mod named;
mod speech;

use crate::knowledge::Catalogue;
use draft::Draft;
use foldhash::HashMap;
pub use id::IdKey;
use std::net::IpAddr;
use wardwatch_model::{
    Attribute, DeviceText, Facts, Mac, Seen, Source,
    analysis::{Device, Role},
    config::{Config, Names},
};

/// The devices of a report, and whose an address is.
pub struct Inventory {
    /// By id.
    pub devices: Vec<Device>,
    /// Devices that found no room.
    pub dropped: u64,
    by_ip: HashMap<IpAddr, String>,
}

impl Inventory {
    /// The id of the device that has an address.
    pub fn owner(&self, ip: IpAddr) -> Option<&str> {
        self.by_ip.get(&ip).map(String::as_str)
    }
}

/// Resolves the identities of a report.
pub(crate) fn resolve(report: &Facts, config: &Config, catalogue: &Catalogue, ids: IdKey) -> Inventory {
    let mut workshop = Workshop::new(report, config, catalogue, ids);
    speech::conversations(&mut workshop, report);
    named::descriptions(&mut workshop, report);
    class::classes(&mut workshop, report);
    workshop.finish()
}

/// Drafts under construction.
struct Workshop<'a> {
    ids: IdKey,
    config: &'a Config,
    catalogue: &'a Catalogue,
    drafts: Vec<Draft>,
    by_ip: HashMap<IpAddr, usize>,
    by_mac: HashMap<Mac, usize>,
}

impl<'a> Workshop<'a> {
    fn new(report: &Facts, config: &'a Config, catalogue: &'a Catalogue, ids: IdKey) -> Self {
        let mut workshop =
            Self { ids, config, catalogue, drafts: Vec::new(), by_ip: HashMap::default(), by_mac: HashMap::default() };
        for host in hosts::hosts(&report.sightings, config) {
            workshop.host(host);
        }
        workshop
    }

    fn host(&mut self, host: hosts::Host) {
        let mut draft = Draft { id: self.ids.id(&host.key()), macs: host.macs.clone(), ..Draft::default() };
        draft.segment =
            host.addresses.iter().find_map(|address| self.config.segment(address.ip, address.vlan)).map(str::to_owned);
        let first = host.addresses.iter().map(|address| address.first_seen).min().unwrap_or_default();
        let last = host.addresses.iter().map(|address| address.last_seen).max().unwrap_or_default();
        let seen = Seen { first, last, count: 1 };
        for mac in &host.macs {
            if let Some(name) = self.catalogue.organisation(mac.0).and_then(DeviceText::new) {
                draft.add(Attribute::NicManufacturer, &name, Source::IeeeRegistry, 0.9, &seen);
            }
        }
        if host.is_router {
            draft.play(Role::Router, if host.claimed { Source::Arp } else { Source::Frame }, &seen);
        }
        let index = self.drafts.len();
        self.by_mac.extend(host.macs.iter().map(|mac| (*mac, index)));
        for address in &host.addresses {
            // An address that two MACs claim is the one's that had it first.
            let known = self.by_ip.entry(address.ip).or_insert(index);
            let earliest =
                |draft: &Draft| draft.addresses.iter().filter(|a| a.ip == address.ip).map(|a| a.first_seen).min();
            if *known != index
                && self.drafts.get(*known).and_then(earliest).is_some_and(|first| address.first_seen < first)
            {
                *known = index;
            }
        }
        draft.addresses = host.addresses;
        self.drafts.push(draft);
    }

    /// The draft of the device that has an address.
    fn at(&self, ip: IpAddr) -> Option<usize> {
        self.by_ip.get(&ip).copied()
    }

    /// The draft of the device that has a MAC address.
    fn with_mac(&self, mac: Mac) -> Option<usize> {
        self.by_mac.get(&mac).copied()
    }

    fn draft(&mut self, index: usize) -> Option<&mut Draft> {
        self.drafts.get_mut(index)
    }

    /// Adds a device that only others named.
    fn behind(&mut self, gateway: usize, key: &str) -> Option<usize> {
        let gateway = self.drafts.get(gateway)?;
        let id = self.ids.id(&format!("behind {} {key}", gateway.id));
        let (behind, segment) = (Some(gateway.id.clone()), None);
        self.drafts.push(Draft { id, behind, segment, ..Draft::default() });
        Some(self.drafts.len() - 1)
    }

    /// A name that may be a person's, as the configuration wants it shown.
    fn shown(&self, attribute: Attribute, value: &DeviceText) -> DeviceText {
        match (attribute, self.config.hostnames) {
            (Attribute::DeviceName | Attribute::Hostname | Attribute::SpeaksFor, Names::Hash) => {
                DeviceText::new(&self.ids.hidden(value)).unwrap_or_else(|| value.clone())
            }
            _ => value.clone(),
        }
    }

    fn finish(self) -> Inventory {
        let catalogue = self.catalogue;
        let ids: Vec<String> = self.drafts.iter().map(|draft| draft.id.clone()).collect();
        let by_ip = self.by_ip.into_iter().filter_map(|(ip, index)| Some((ip, ids.get(index)?.clone()))).collect();
        let mut devices: Vec<Device> = self.drafts.into_iter().map(|draft| draft.finish(catalogue)).collect();
        devices.sort_by_cached_key(|device| device.id.clone());
        let dropped = devices.len().saturating_sub(self.config.limits.devices) as u64;
        devices.truncate(self.config.limits.devices);
        let mut by_ip: HashMap<IpAddr, String> = by_ip;
        if dropped > 0 {
            // Ids of devices that are not listed would lead nowhere.
            by_ip.retain(|_, id| devices.binary_search_by(|device| device.id.cmp(id)).is_ok());
        }
        Inventory { devices, dropped, by_ip }
    }
}
