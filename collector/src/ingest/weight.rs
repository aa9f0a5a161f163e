//! How much memory facts take, about: their own size, what they point to, and their share of a tree's nodes.

use std::mem::size_of;
use wardwatch_model::{
    Bounded, Conversation, ConversationKey, Description, Detail, DeviceText, Moments, PacketTime, Place, Seen,
    Sighting,
    dicom::{Association, AssociationActivity, Dimse, Operations, PresentationContext},
    hl7::{Counts, Link, LinkActivity},
};

/// What an allocation takes beside what was asked for.
const ALLOCATION: usize = 16;

/// A tree's nodes are about two thirds full: half as much again as the entries.
const fn in_tree(bytes: usize) -> usize {
    bytes + bytes / 2
}

/// Bytes of memory, about.
pub(super) trait Weight {
    /// Of a value in a tree, with all it points to.
    fn weight(&self) -> usize;
}

impl Weight for Place {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Sighting {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Seen {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for ConversationKey {
    fn weight(&self) -> usize {
        in_tree(size_of::<Self>())
    }
}

impl Weight for Description {
    fn weight(&self) -> usize {
        let attributes: usize = self.attributes.iter().map(|one| size_of_val(one) + text(&one.1)).sum();
        in_tree(size_of::<Self>()) + texts(&self.speaks_as) + attributes + ALLOCATION
    }
}

impl Weight for Box<Conversation> {
    fn weight(&self) -> usize {
        let detail = match &self.detail {
            Detail::None | Detail::Tls { .. } | Detail::Dhcp(_) | Detail::Snmp(_) => 0,
            Detail::Notes(notes) => notes.heap_bytes() + ALLOCATION,
            Detail::Dicom(associations) => bounded(associations, association, activity),
            Detail::Hl7(links) => bounded(links, link, said),
        };
        let sets = self.vlans.heap_bytes() + self.client_ports.heap_bytes();
        in_tree(size_of::<Self>())
            + size_of::<Conversation>()
            + ALLOCATION
            + sets
            + detail
            + bounded(&self.violations, |_| 0, |_| 0)
    }
}

/// What the entries take beyond the struct.
fn bounded<K: Ord, V>(map: &Bounded<K, V>, key: impl Fn(&K) -> usize, value: impl Fn(&V) -> usize) -> usize {
    let room = map.entries.capacity() * size_of::<(K, V)>();
    room + map.entries.iter().map(|(k, v)| key(k) + value(v)).sum::<usize>()
}

fn text(text: &DeviceText) -> usize {
    text.len() + ALLOCATION
}

fn texts<'a>(all: impl IntoIterator<Item = &'a DeviceText>) -> usize {
    all.into_iter().map(text).sum()
}

/// Texts in a tree.
fn text_set<'a>(all: impl IntoIterator<Item = &'a DeviceText>) -> usize {
    all.into_iter().map(|one| in_tree(size_of::<DeviceText>() + size_of::<u64>()) + text(one)).sum::<usize>()
}

fn association(association: &Association) -> usize {
    let named = [
        &association.calling_ae,
        &association.called_ae,
        &association.client_implementation_uid,
        &association.client_implementation_version,
        &association.server_implementation_uid,
        &association.server_implementation_version,
    ];
    texts(named.into_iter().flatten())
        + text_set(&association.extended_negotiation)
        + association.contexts.iter().map(context).sum::<usize>()
}

fn context(context: &PresentationContext) -> usize {
    let syntaxes = &context.proposed_transfer_syntaxes;
    size_of::<PresentationContext>()
        + texts(&context.abstract_syntax)
        + texts(&context.transfer_syntax)
        + size_of_val(syntaxes.as_slice())
        + texts(syntaxes)
        + ALLOCATION
}

fn activity(activity: &AssociationActivity) -> usize {
    in_tree(activity.operations.0.len() * size_of::<(Dimse, Operations)>())
        + text_set(&activity.move_destinations)
        + text_set(&activity.move_originators)
        + moments(&activity.rejected_at)
}

fn moments(moments: &Moments) -> usize {
    moments.iter().count() * size_of::<PacketTime>() + ALLOCATION
}

fn link(link: &Link) -> usize {
    let named = [
        &link.sending_application,
        &link.sending_facility,
        &link.receiving_application,
        &link.receiving_facility,
        &link.version,
        &link.charset,
        &link.processing_id,
    ];
    texts(named.into_iter().flatten()) + text_set(&link.profiles)
}

fn counts(counts: &Counts) -> usize {
    counts.kinds().map(|kind| size_of::<(DeviceText, u64)>() + text(kind)).sum::<usize>() + ALLOCATION
}

fn said(activity: &LinkActivity) -> usize {
    counts(&activity.message_types) + counts(&activity.acknowledgements)
}
