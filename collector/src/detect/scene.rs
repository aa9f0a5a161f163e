//! What detections look at: conversations together with whose they are, joined once for all of them.

use super::draft::{Draft, Findings};
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
    /// Associations, each with its place in `speakers`.
    associations: Vec<(usize, &'a Association, &'a AssociationActivity)>,
    /// The conversations of associations, once for each two devices that were at the ends when an association began.
    speakers: Vec<Talk<'a>>,
    /// Which networks are the hospital's own, and what they are called.
    pub(crate) config: &'a Config,
    /// What is known before any packet.
    pub(crate) catalogue: &'a Catalogue,
}

/// A conversation and its ends.
pub(crate) struct Talk<'a> {
    pub(crate) key: &'a ConversationKey,
    pub(crate) conversation: &'a Conversation,
    client: Option<&'a Device>,
    server: Option<&'a Device>,
}

/// An end of a conversation.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) ip: IpAddr,
    device: Option<&'a Device>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
        facts: &'a Facts,
        inventory: &'a Inventory,
        config: &'a Config,
        catalogue: &'a Catalogue,
    ) -> Self {
        let talk = |key, conversation, (client, server)| Talk { key, conversation, client, server };
        let mut scene = Self { talks: Vec::new(), associations: Vec::new(), speakers: Vec::new(), config, catalogue };
        for (key, conversation) in &facts.conversations {
            // Who had an address at the time is for the inventory to say, and asked here only.
            scene.talks.push(talk(key, conversation, inventory.ends_at(key, conversation.seen.first)));
            let Detail::Dicom(Bounded { entries, .. }) = &conversation.detail else { continue };
            let first = scene.speakers.len();
            for (association, activity) in entries {
                let ends = inventory.ends_at(key, activity.seen(&conversation.seen).first);
                let known = scene.speakers.iter().skip(first).position(|talk| talk.is_between(ends));
                let place = known.map_or(scene.speakers.len(), |known| first + known);
                if known.is_none() {
                    scene.speakers.push(talk(key, conversation, ends));
                }
                scene.associations.push((place, association, activity));
            }
        }
        scene
    }

    /// Associations, each with the conversation it was in, between the devices that were there when it began.
    pub(crate) fn associations(
        &'a self,
    ) -> impl Iterator<Item = (&'a Talk<'a>, &'a Association, &'a AssociationActivity)> {
        let with_talk = |(place, association, activity): &(usize, _, _)| {
            Some((self.speakers.get(*place)?, *association, *activity))
        };
        self.associations.iter().filter_map(with_talk)
    }

    /// The ends that broke rules too often. Of each class: its kinds, which are alike, and how many of them in one flow are
    /// enough. All of one conversation come together.
    pub(crate) fn faults<const N: usize>(
        &'a self,
        classes: [(&'static [Violation], u64); N],
    ) -> impl Iterator<Item = Faults<'a>> {
        let ends = self.talks.iter().flat_map(|talk| End::ALL.iter().map(move |end| (talk, *end)));
        let judged = ends.flat_map(move |(talk, end)| classes.map(|class| (talk, end, class)));
        judged.filter_map(|(talk, end, (kinds, enough))| {
            let times = talk.broken(end, kinds).filter(|times| times.most_alike_in_a_flow >= enough)?;
            Some(Faults { talk, end, kinds, times })
        })
    }
}

/// How an end of a conversation broke rules.
pub(crate) struct Faults<'a> {
    talk: &'a Talk<'a>,
    end: End,
    /// Those of the class.
    pub(crate) kinds: &'static [Violation],
    /// All of them.
    pub(crate) times: Violations,
}

impl<'a> Faults<'a> {
    /// Who made them.
    pub(crate) const fn by(&self) -> Party<'a> {
        self.talk.end(self.end)
    }

    /// The finding on who made them, by who was across, with times and kinds told; none where it is no device.
    pub(crate) fn found<'f>(&self, findings: &'f mut Findings<'a>) -> Option<&'f mut Draft<'a>> {
        let draft = findings.on(self.talk, self.end, self.talk.end(across(self.end)).name())?;
        draft.seen(&self.times.seen).tell("device_is", self.end.name());
        for kind in self.kinds.iter().filter(|kind| self.talk.broken(self.end, &[**kind]).is_some()) {
            draft.tell("faults", kind.name());
        }
        Some(draft)
    }
}

impl<'a> Talk<'a> {
    /// One of the two.
    pub(crate) const fn end(&self, end: End) -> Party<'a> {
        match end {
            End::Client => Party { ip: self.key.client, device: self.client },
            End::Server => Party { ip: self.key.server, device: self.server },
        }
    }

    /// Whether these devices are at its ends.
    fn is_between(&self, (client, server): (Option<&Device>, Option<&Device>)) -> bool {
        let is_same = |one: Option<&Device>, other: Option<&Device>| {
            one.map(|device| &device.id) == other.map(|device| &device.id)
        };
        is_same(self.client, client) && is_same(self.server, server)
    }

    /// How an end broke rules of the given kinds, which are alike: all times, and the most in a flow.
    fn broken(&self, by: End, kinds: &[Violation]) -> Option<Violations> {
        let entries = self.conversation.violations.entries.iter();
        let of_kinds = entries.filter(|((end, kind), _)| *end == by && kinds.contains(kind)).map(|(_, times)| *times);
        of_kinds.reduce(|mut all, times| {
            all.merge(&times);
            all
        })
    }
}

impl<'a> Party<'a> {
    /// Id of the device, where it is one.
    pub(crate) fn device(&self) -> Option<&'a str> {
        self.device.map(|device| device.id.as_str())
    }

    /// Whether it is inside the internal ranges.
    pub(crate) fn is_internal(&self, config: &Config) -> bool {
        config.is_internal(self.ip)
    }

    /// Name of its segment: by the address and the VLANs of its own frames, as those of a conversation are those of both ends;
    /// by the address alone where no frame of its own was seen.
    pub(crate) fn segment<'c>(&self, config: &'c Config) -> Option<&'c str> {
        let own = self.device.into_iter().flat_map(|device| &device.addresses).filter(|address| address.ip == self.ip);
        let by_frames = own.map(|address| address.vlan).find_map(|vlan| config.segment(self.ip, vlan));
        by_frames.or_else(|| config.segment(self.ip, Vlans::default()))
    }

    /// What tells it apart from others: its device, else its address.
    pub(crate) fn name(&self) -> String {
        self.device().map_or_else(|| self.ip.to_string(), str::to_owned)
    }
}

/// The end across.
pub(crate) const fn across(end: End) -> End {
    match end {
        End::Client => End::Server,
        End::Server => End::Client,
    }
}
