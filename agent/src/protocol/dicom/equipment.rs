//! The devices that data sets of a connection are about, each once.

use super::{dataset::Kind, identity};
use crate::protocol::{Side, Spoken};
use wardwatch_model::{DeviceText, PacketTime, Seen, Source, heap::ALLOCATION};

/// Distinct devices named on a connection, at most [`Self::MAX`]: a forwarder names many, and goes on naming them on
/// its next connections.
#[derive(Clone, Default)]
pub(super) struct Equipment {
    named: Vec<Named>,
    /// Memory of those, about, bytes.
    pub(super) held: usize,
    /// Data sets that named a device for which there was no room.
    pub(super) dropped: u64,
}

#[derive(Clone)]
struct Named {
    side: Side,
    kind: Kind,
    calling: Option<DeviceText>,
    /// Allowed values as they stood in the data set.
    values: Box<[u8]>,
    seen: Seen,
}

impl Equipment {
    const MAX: usize = 256;

    /// A data set with these allowed values was sent.
    pub(super) fn note(&mut self, side: Side, kind: Kind, calling: Option<&DeviceText>, values: &[u8], at: PacketTime) {
        if values.is_empty() {
            return;
        }
        let same = |named: &&mut Named| {
            *named.values == *values && named.side == side && named.kind == kind && named.calling.as_ref() == calling
        };
        if let Some(named) = self.named.iter_mut().find(same) {
            named.seen.merge(&Seen::once(at));
        } else if self.named.len() < Self::MAX {
            let seen = Seen::once(at);
            // The list of them may be half empty.
            self.held += 2 * size_of::<Named>() + values.len() + ALLOCATION;
            self.named.push(Named { side, kind, calling: calling.cloned(), values: values.into(), seen });
        } else {
            self.dropped += 1;
        }
    }

    /// What was said, as texts.
    pub(super) fn finish(self) -> Vec<Spoken> {
        let mut spoken = Vec::new();
        for named in self.named {
            let source = match named.kind {
                Kind::Equipment => Source::DicomDataset,
                Kind::WorklistQuery => Source::DicomWorklist,
            };
            let [device, capture] = identity::describe(&named.values);
            for (source, attributes) in [(source, device), (Source::DicomSecondaryCapture, capture)] {
                if !attributes.is_empty() {
                    let speaks_as = named.calling.clone();
                    spoken.push(Spoken { side: named.side, source, speaks_as, attributes, seen: named.seen });
                }
            }
        }
        spoken
    }
}
