//! Which device is meant? From the addresses, conversations and descriptions of a report to devices, each with the
//! evidence for what is said of it.

mod class;
mod dhcp;
mod draft;
mod holders;
mod hosts;
mod id;
mod imported;
mod named;
mod own;
mod reason;
mod speech;
#[cfg(test)]
mod tests;

use crate::knowledge::{Catalogue, Fingerprint};
use draft::Draft;
use foldhash::HashMap;
use holders::Holders;
pub use id::IdKey;
pub(crate) use imported::age;
use reason::Reasons;
pub use reason::{Premise, Reason};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    net::IpAddr,
    rc::Rc,
};
use wardwatch_model::{
    Attribute, Conversation, ConversationKey, DeviceText, Facts, ImportReport, Mac, PacketTime, Seen, Source, Tunnels,
    analysis::{Device, Role},
    config::{Config, Names},
};

/// The devices of a report, and whose an address is.
#[derive(Default)]
pub struct Inventory {
    /// By id.
    pub devices: Vec<Device>,
    /// Devices that found no room.
    pub dropped: u64,
    /// What became of each file that was imported.
    pub imports: Vec<ImportReport>,
    holders: Holders,
    /// Places among the devices by what the holders are known by; none of a device that found no room.
    places: Vec<Option<usize>>,
    /// By id, where there are some: ids of other keys under which the same device may have been listed while less was known
    /// of it.
    pub(crate) former: BTreeMap<String, BTreeSet<String>>,
    /// By id, if they were asked for: why rules concluded what they did.
    pub(crate) reasons: BTreeMap<String, Vec<Reason>>,
}

impl Inventory {
    /// The device that sent from an address, in tunnels, at a moment, in frames of a MAC address, which is a router's where
    /// one stands between. Whoever has no address yet is known by the MAC address alone.
    pub fn owner(&self, place: (IpAddr, Tunnels), mac: Option<Mac>, at: PacketTime) -> Option<&Device> {
        self.device(self.holders.owner(place, mac, at)?)
    }

    /// The ids of all devices that had an address, in no tunnel, in the order they came to it.
    pub fn holders(&self, ip: IpAddr) -> impl Iterator<Item = &str> {
        self.holders.of(ip, Tunnels::none()).filter_map(|device| self.device(device)).map(|device| device.id.as_str())
    }

    /// The ids of the devices at both ends of a conversation, which is theirs that were there when it began.
    pub fn ends(&self, key: &ConversationKey, conversation: &Conversation) -> (Option<&str>, Option<&str>) {
        let (client, server) = self.ends_at(key, conversation.seen.first);
        (client.map(|device| device.id.as_str()), server.map(|device| device.id.as_str()))
    }

    /// The devices at both ends of a conversation at a moment.
    pub(crate) fn ends_at(&self, key: &ConversationKey, at: PacketTime) -> (Option<&Device>, Option<&Device>) {
        let owner = |ip, mac| self.owner((ip, key.tunnels), mac, at);
        (owner(key.client, key.client_mac), owner(key.server, key.server_mac))
    }

    fn device(&self, holder: usize) -> Option<&Device> {
        self.devices.get((*self.places.get(holder)?)?)
    }

    /// Gives devices other ids; no two may get the same.
    pub(crate) fn rename(&mut self, names: &BTreeMap<String, String>) {
        let rename = |id: &mut String| {
            if let Some(name) = names.get(id) {
                id.clone_from(name);
            }
        };
        self.reasons = std::mem::take(&mut self.reasons)
            .into_iter()
            .map(|(mut id, reasons)| {
                rename(&mut id);
                (id, reasons)
            })
            .collect();
        for device in &mut self.devices {
            rename(&mut device.id);
            device.behind.iter_mut().for_each(rename);
        }
        let mut devices: Vec<(usize, Device)> = std::mem::take(&mut self.devices).into_iter().enumerate().collect();
        devices.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        let now: BTreeMap<usize, usize> = devices.iter().enumerate().map(|(now, (before, _))| (*before, now)).collect();
        self.places.iter_mut().for_each(|place| *place = place.and_then(|before| now.get(&before).copied()));
        self.devices = devices.into_iter().map(|(_, device)| device).collect();
    }
}

/// Resolves the identities of a report.
pub(crate) fn resolve(report: &Facts, config: &Config, catalogue: &Catalogue, ids: IdKey) -> Inventory {
    resolved(report, Workshop::new(report, config, catalogue, ids, false))
}

/// The same of a network whose devices were listed before, with the ids they may have had then.
pub(crate) fn resolve_again(report: &Facts, config: &Config, catalogue: &Catalogue, ids: IdKey) -> Inventory {
    resolved(report, Workshop::new(report, config, catalogue, ids, false).listed_before(report))
}

/// The same, with the reasons for what is concluded.
pub(crate) fn resolve_with_reasons(report: &Facts, config: &Config, catalogue: &Catalogue, ids: IdKey) -> Inventory {
    resolved(report, Workshop::new(report, config, catalogue, ids, true).listed_before(report))
}

fn resolved(report: &Facts, mut workshop: Workshop<'_>) -> Inventory {
    speech::conversations(&mut workshop, report);
    named::descriptions(&mut workshop, report);
    class::classes(&mut workshop, report);
    let imports = imported::imports(&mut workshop);
    Inventory { imports, ..workshop.finish() }
}

/// Drafts under construction.
struct Workshop<'a> {
    ids: IdKey,
    config: &'a Config,
    catalogue: &'a Catalogue,
    drafts: Vec<Draft>,
    holders: Holders,
    /// See [`Inventory::former`]; by draft. `None` where no device was listed before.
    former: Option<BTreeMap<usize, BTreeSet<String>>>,
    /// What words told so far: many devices say the same.
    fingerprints: HashMap<(Attribute, DeviceText), Rc<[Fingerprint]>>,
    /// Reasons are kept.
    explains: bool,
}

impl<'a> Workshop<'a> {
    fn new(report: &Facts, config: &'a Config, catalogue: &'a Catalogue, ids: IdKey, explains: bool) -> Self {
        let (drafts, holders, former, fingerprints) = (Vec::new(), Holders::default(), None, HashMap::default());
        let mut workshop = Self { ids, config, catalogue, drafts, holders, former, fingerprints, explains };
        let hosts = hosts::hosts(&report.sightings, config);
        workshop.drafts.reserve(hosts.len());
        for host in hosts {
            workshop.host(host);
        }
        workshop
    }

    /// Devices may have been listed before, under the ids that they had while less was known.
    fn listed_before(mut self, report: &Facts) -> Self {
        self.former = Some(BTreeMap::new());
        self.former_hosts(report);
        self
    }

    /// An empty box for reasons, if they are kept.
    fn reasons(&self) -> Option<Box<Reasons>> {
        self.explains.then(Box::default)
    }

    /// A host was known by its address while nobody had claimed that. And one behind a router, by the MAC address of the
    /// router, while that was not known to be one.
    fn former_hosts(&mut self, report: &Facts) {
        let Some(former) = &mut self.former else { return };
        for place in report.sightings.keys() {
            let mut holders = self.holders.of(place.ip, place.tunnels);
            // Several who had it one after the other were never one.
            let (Some(holder), None) = (holders.next(), holders.next()) else { continue };
            let Some(draft) = self.drafts.get(holder) else { continue };
            let key = match place.mac {
                _ if draft.mac.is_some() => Some(hosts::ip_key(place.ip, &place.tunnels)),
                Some(mac) => Some(hosts::mac_key(mac, &place.tunnels)),
                None => None,
            };
            if let Some(id) = key.map(|key| self.ids.id(&key)).filter(|id| *id != draft.id) {
                former.entry(holder).or_default().insert(id);
            }
        }
    }

    fn host(&mut self, host: hosts::Host) {
        let (id, reasons) = (self.ids.id(&host.key()), self.reasons());
        let mut draft = Draft { id, mac: host.mac, reasons, ..Draft::default() };
        draft.segment =
            host.addresses.iter().find_map(|address| self.config.segment(address.ip, address.vlan)).map(str::to_owned);
        let first = host.addresses.iter().map(|address| address.first_seen).min().unwrap_or_default();
        let last = host.addresses.iter().map(|address| address.last_seen).max().unwrap_or_default();
        let seen = Seen { first, last, count: 1 };
        let maker = host.mac.and_then(|mac| self.catalogue.organisation(mac.0));
        if let Some(name) = maker.and_then(DeviceText::new) {
            draft.add(Attribute::NicManufacturer, &name, Source::IeeeRegistry, 0.9, &seen);
        }
        if host.is_router {
            draft.play(Role::Router, if host.claimed { Source::Arp } else { Source::Frame }, &seen);
        }
        let index = self.drafts.len();
        if let Some(mac) = host.mac {
            self.holders.own((mac, host.tunnels), index);
        }
        for address in &host.addresses {
            self.holders.hold((address.ip, host.tunnels), index, address.first_seen, address.last_seen);
        }
        draft.addresses = host.addresses;
        self.drafts.push(draft);
    }

    /// The drafts of the devices at both ends of a conversation at a moment.
    fn ends(&self, key: &ConversationKey, at: PacketTime) -> (Option<usize>, Option<usize>) {
        let owner = |ip, mac| self.holders.owner((ip, key.tunnels), mac, at);
        (owner(key.client, key.client_mac), owner(key.server, key.server_mac))
    }

    fn draft(&mut self, index: usize) -> Option<&mut Draft> {
        self.drafts.get_mut(index)
    }

    /// Adds a device that only others named.
    fn behind(&mut self, gateway: usize, key: &str) -> Option<usize> {
        let gateway = self.drafts.get(gateway)?;
        let id = self.id_behind(&gateway.id, key);
        let (behind, reasons) = (Some(gateway.id.clone()), self.reasons());
        self.drafts.push(Draft { id, behind, reasons, ..Draft::default() });
        Some(self.drafts.len() - 1)
    }

    fn id_behind(&self, gateway: &str, key: &str) -> String {
        self.ids.id(&["behind ", gateway, " ", key].concat())
    }

    /// A device may have been listed as one behind a gateway, known by these keys there.
    fn was_behind<'k>(&mut self, device: usize, gateway: usize, keys: impl Iterator<Item = &'k str> + Clone) {
        let (Some(former), Some(draft)) = (&self.former, self.drafts.get(gateway)) else { return };
        let gateways = iter::once(&draft.id).chain(former.get(&gateway).into_iter().flatten());
        let mut ids: BTreeSet<String> =
            gateways.flat_map(|gateway| keys.clone().map(|key| self.id_behind(gateway, key))).collect();
        if let Some(draft) = self.drafts.get(device) {
            ids.remove(&draft.id);
        }
        if let Some(former) = self.former.as_mut().filter(|_| !ids.is_empty()) {
            former.entry(device).or_default().extend(ids);
        }
    }

    /// A name that may be a person's, as the configuration wants it shown.
    fn shown(&self, attribute: Attribute, value: &DeviceText) -> DeviceText {
        match (attribute, self.config.hostnames) {
            // A system's description of itself often has its name in it, and so has its certificate, which many sign
            // themselves.
            (
                Attribute::AstmSender
                | Attribute::CertificateIssuer
                | Attribute::CertificateSubject
                | Attribute::DeviceName
                | Attribute::Domain
                | Attribute::FtpServer
                | Attribute::Hostname
                | Attribute::SmtpServer
                | Attribute::SpeaksFor
                | Attribute::SystemDescription
                | Attribute::TelnetBanner,
                Names::Hash,
            ) => DeviceText::new(&self.ids.hidden(value)).unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        }
    }

    fn finish(self) -> Inventory {
        let ids = |(draft, former): (usize, _)| Some((self.drafts.get(draft)?.id.clone(), former));
        let former = self.former.into_iter().flatten().filter_map(ids).collect();
        let mut by_id: Vec<(&str, usize)> = self.drafts.iter().map(|draft| draft.id.as_str()).zip(0..).collect();
        by_id.sort_unstable();
        let mut order: Vec<usize> = by_id.into_iter().map(|(_, holder)| holder).collect();
        let dropped = order.len().saturating_sub(self.config.limits.devices) as u64;
        order.truncate(self.config.limits.devices);
        let mut drafts: Vec<Option<Draft>> = self.drafts.into_iter().map(Some).collect();
        let mut places = vec![None; drafts.len()];
        let (mut devices, mut reasons) = (Vec::with_capacity(order.len()), BTreeMap::new());
        for holder in order {
            if let (Some(draft), Some(place)) = (drafts.get_mut(holder).and_then(Option::take), places.get_mut(holder))
            {
                *place = Some(devices.len());
                let mut draft = draft;
                if let Some(all) = draft.reasons.take() {
                    reasons.insert(draft.id.clone(), all.into_list());
                }
                devices.push(draft.finish(self.catalogue));
            }
        }
        Inventory { devices, dropped, imports: Vec::new(), holders: self.holders, places, former, reasons }
    }
}
