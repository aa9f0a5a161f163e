//! What detections look at: conversations together with whose they are, joined once for all of them.

use crate::{identity::Inventory, knowledge::Catalogue};
use std::net::IpAddr;
use wardwatch_model::{
    Bounded, Conversation, ConversationKey, Detail, End, Facts, Violation, Violations, Vlans,
    analysis::Device,
    config::Config,
    dicom::{Association, AssociationActivity},
};

/// Everything there is to look at.
pub(crate) struct Scene<'a> {
    /// By key.
    pub(crate) talks: Vec<Talk<'a>>,
    /// What is known before any packet.
    pub(crate) catalogue: &'a Catalogue,
}

/// A conversation and its ends.
pub(crate) struct Talk<'a> {
    pub(crate) key: &'a ConversationKey,
    pub(crate) conversation: &'a Conversation,
    client: Party<'a>,
    server: Party<'a>,
}

/// An end of a conversation.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) ip: IpAddr,
    /// Id of the device, where it is one.
    pub(crate) device: Option<&'a str>,
    /// It is inside the internal ranges.
    pub(crate) is_internal: bool,
    /// Name of its segment.
    pub(crate) segment: Option<&'a str>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
        facts: &'a Facts,
        inventory: &'a Inventory,
        config: &'a Config,
        catalogue: &'a Catalogue,
    ) -> Self {
        let talk = |(key, conversation): (&'a ConversationKey, &'a Conversation)| {
            // Who had an address at the time is for the inventory to say, and asked here only.
            let (client, server) = inventory.ends(key, conversation);
            Talk {
                key,
                conversation,
                client: Party::new(key.client, client, inventory, config),
                server: Party::new(key.server, server, inventory, config),
            }
        };
        Self { talks: facts.conversations.iter().map(talk).collect(), catalogue }
    }

    /// Associations, each with the conversation it was in.
    pub(crate) fn associations(
        &'a self,
    ) -> impl Iterator<Item = (&'a Talk<'a>, &'a Association, &'a AssociationActivity)> {
        self.talks.iter().flat_map(|talk| {
            let entries = match &talk.conversation.detail {
                Detail::Dicom(Bounded { entries, .. }) => entries.as_slice(),
                Detail::Hl7(_) | Detail::Tls { .. } | Detail::Dhcp(_) | Detail::None => &[],
            };
            entries.iter().map(move |(association, activity)| (talk, association, activity))
        })
    }
}

impl<'a> Talk<'a> {
    /// One of the two.
    pub(crate) const fn end(&self, end: End) -> &Party<'a> {
        match end {
            End::Client => &self.client,
            End::Server => &self.server,
        }
    }

    /// How an end broke rules of the given kinds: all times, and the most of each kind in a flow added up.
    pub(crate) fn broken(&self, by: End, kinds: &[Violation]) -> Option<Violations> {
        let entries = self.conversation.violations.entries.iter();
        let of_kinds = entries.filter(|((end, kind), _)| *end == by && kinds.contains(kind)).map(|(_, times)| *times);
        of_kinds.reduce(|mut all, times| {
            all.seen.merge(&times.seen);
            all.most_in_a_flow = all.most_in_a_flow.saturating_add(times.most_in_a_flow);
            all
        })
    }
}

impl<'a> Party<'a> {
    fn new(ip: IpAddr, device: Option<&'a str>, inventory: &'a Inventory, config: &'a Config) -> Self {
        let find = |id: &str| inventory.devices.binary_search_by(|known| known.id.as_str().cmp(id)).ok();
        let device_entry = device.and_then(find).and_then(|index| inventory.devices.get(index));
        Self { ip, device, is_internal: config.is_internal(ip), segment: segment(ip, device_entry, config) }
    }

    /// What tells it apart from others: its device, else its address.
    pub(crate) fn name(&self) -> String {
        self.device.map_or_else(|| self.ip.to_string(), str::to_owned)
    }
}

/// By the address and the VLANs of its own frames, as those of a conversation are those of both ends; by the address alone
/// where no frame of its own was seen.
fn segment<'a>(ip: IpAddr, device: Option<&Device>, config: &'a Config) -> Option<&'a str> {
    let own = device.into_iter().flat_map(|device| &device.addresses).filter(|address| address.ip == ip);
    let by_frames = own.map(|address| address.vlan).find_map(|vlan| config.segment(ip, vlan));
    by_frames.or_else(|| config.segment(ip, Vlans::default()))
}

/// The end across.
pub(crate) const fn across(end: End) -> End {
    match end {
        End::Client => End::Server,
        End::Server => End::Client,
    }
}
