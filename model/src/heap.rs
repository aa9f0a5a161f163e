//! How much memory facts take beyond themselves, about.

use crate::{
    Bounded, Conversation, Description, Detail, DeviceText, Moments, PacketTime,
    dicom::{Association, AssociationActivity, Dimse, Operations, PresentationContext},
    hl7::{Counts, Link, LinkActivity},
};

/// What an allocation takes beside what was asked for, bytes.
pub const ALLOCATION: usize = 16;

/// Memory of so many bytes in a tree, whose nodes are about two thirds full: half as much again.
pub const fn in_tree(bytes: usize) -> usize {
    bytes + bytes / 2
}

/// Memory of texts, beside that of the list they stand in.
pub fn texts<'a>(all: impl IntoIterator<Item = &'a DeviceText>) -> usize {
    all.into_iter().map(DeviceText::heap_bytes).sum()
}

/// Memory of texts in a tree.
pub fn text_set<'a>(all: impl IntoIterator<Item = &'a DeviceText>) -> usize {
    all.into_iter().map(|one| in_tree(size_of::<DeviceText>() + size_of::<u64>()) + one.heap_bytes()).sum()
}

impl DeviceText {
    /// Memory beyond itself, bytes, about: short ones take less.
    pub fn heap_bytes(&self) -> usize {
        self.len() + ALLOCATION
    }
}

impl<K: Ord, V> Bounded<K, V> {
    /// Memory beyond itself, bytes, about, given that of keys and values beyond themselves.
    pub fn heap_bytes(&self, key: impl Fn(&K) -> usize, value: impl Fn(&V) -> usize) -> usize {
        let room = self.entries.capacity() * size_of::<(K, V)>();
        room + self.entries.iter().map(|(k, v)| key(k) + value(v)).sum::<usize>()
    }
}

impl Description {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        let attributes: usize = self.attributes.iter().map(|one| size_of_val(one) + one.1.heap_bytes()).sum();
        texts(&self.speaks_as) + attributes + ALLOCATION
    }
}

impl Conversation {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        self.vlans.heap_bytes()
            + self.client_ports.heap_bytes()
            + self.detail.heap_bytes()
            + self.violations.heap_bytes(|_| 0, |_| 0)
    }
}

impl Detail {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::None | Self::Tls { .. } | Self::Dhcp(_) | Self::Snmp(_) => 0,
            Self::Notes(notes) => notes.heap_bytes() + ALLOCATION,
            Self::Dicom(all) => all.heap_bytes(Association::heap_bytes, AssociationActivity::heap_bytes),
            Self::Hl7(all) => all.heap_bytes(Link::heap_bytes, LinkActivity::heap_bytes),
        }
    }
}

impl Association {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        let named = [
            &self.calling_ae,
            &self.called_ae,
            &self.client_implementation_uid,
            &self.client_implementation_version,
            &self.server_implementation_uid,
            &self.server_implementation_version,
        ];
        texts(named.into_iter().flatten())
            + text_set(&self.extended_negotiation)
            + self.contexts.iter().map(PresentationContext::bytes).sum::<usize>()
    }
}

impl PresentationContext {
    /// Memory, bytes, about.
    fn bytes(&self) -> usize {
        let syntaxes = &self.proposed_transfer_syntaxes;
        size_of::<Self>()
            + texts(&self.abstract_syntax)
            + texts(&self.transfer_syntax)
            + size_of_val(syntaxes.as_slice())
            + texts(syntaxes)
            + ALLOCATION
    }
}

impl AssociationActivity {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        in_tree(self.operations.0.len() * size_of::<(Dimse, Operations)>())
            + text_set(&self.move_destinations)
            + text_set(&self.move_originators)
            + self.rejected_at.heap_bytes()
    }
}

impl Moments {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        self.iter().count() * size_of::<PacketTime>() + ALLOCATION
    }
}

impl Link {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        let named = [
            &self.sending_application,
            &self.sending_facility,
            &self.receiving_application,
            &self.receiving_facility,
            &self.version,
            &self.charset,
            &self.processing_id,
        ];
        texts(named.into_iter().flatten()) + text_set(&self.profiles)
    }
}

impl LinkActivity {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        self.message_types.heap_bytes() + self.acknowledgements.heap_bytes()
    }
}

impl Counts {
    /// Memory beyond itself, bytes, about.
    pub fn heap_bytes(&self) -> usize {
        self.kinds().map(|kind| size_of::<(DeviceText, u64)>() + kind.heap_bytes()).sum::<usize>() + ALLOCATION
    }
}
