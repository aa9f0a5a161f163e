//! What a connection says about devices, merged and bounded. What repeats is recognised by its bytes.

use super::device;
use super::header::Header;
use super::identity::Attributes;
use super::line::Notes;
use crate::protocol::{Side, Spoken, words::said_bytes};
use foldhash::fast::{FixedState, RandomState};
use hashbrown::HashMap;
use std::hash::BuildHasher;
use wardwatch_model::{
    DeviceText, PacketTime, Seen, Source,
    heap::{ALLOCATION, texts},
};

/// The descriptions given on a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptions {
    spoken: Vec<Spoken>,
    /// How many of them are of headers.
    headers: usize,
    /// By header and notes of a message: which descriptions they came to.
    known: HashMap<u64, Box<[usize]>, FixedState>,
    state: RandomState,
    /// Memory of all that, about, bytes.
    pub(super) held: usize,
    /// Messages and headers that said something for which there was no room.
    pub(super) dropped: u64,
}

impl Descriptions {
    /// Most descriptions of senders by themselves kept, and most of other devices.
    pub(super) const MAX: usize = 256;
    /// Most messages remembered by their bytes.
    const MAX_KNOWN: usize = 1024;

    /// A message is over. `row` stands for its header.
    pub(super) fn message(
        &mut self,
        row: usize,
        notes: &Notes,
        at: PacketTime,
        sender: impl FnOnce() -> Option<(Side, Header)>,
    ) {
        let key = self.state.hash_one((row, notes));
        if let Some(known) = self.known.get(&key) {
            for spoken in known.iter().copied() {
                if let Some(spoken) = self.spoken.get_mut(spoken) {
                    spoken.seen.merge(&Seen::once(at));
                }
            }
            return;
        }
        // With no room for another description there is no use in reading one.
        if self.spoken.len() - self.headers >= Self::MAX {
            self.dropped += 1;
            return;
        }
        let Some((side, Header { reader, speaks_as, of_one_instrument, .. })) = sender() else { return };
        let all = device::describe(reader, notes, of_one_instrument).into_iter();
        let mut positions: Vec<usize> =
            all.filter_map(|(source, said)| self.describe(side, source, &speaks_as, said, at)).collect();
        positions.sort_unstable();
        positions.dedup();
        if self.known.len() < Self::MAX_KNOWN {
            // The table of them may be half empty.
            self.held += 2 * size_of::<(u64, Box<[usize]>)>() + size_of_val(positions.as_slice()) + ALLOCATION;
            self.known.insert(key, positions.into());
        }
    }

    /// Takes a description; its position, unless it found no room.
    pub(super) fn describe(
        &mut self,
        side: Side,
        source: Source,
        speaks_as: &Option<DeviceText>,
        attributes: Attributes,
        at: PacketTime,
    ) -> Option<usize> {
        let equal = |spoken: &Spoken| {
            spoken.side == side
                && spoken.source == source
                && spoken.speaks_as == *speaks_as
                && spoken.attributes == attributes
        };
        if let Some(position) = self.spoken.iter().position(equal) {
            self.again(position, &Seen::once(at));
            return Some(position);
        }
        let of_header = source == Source::Hl7Header;
        let alike = if of_header { self.headers } else { self.spoken.len() - self.headers };
        if alike >= Self::MAX {
            self.dropped += 1;
            return None;
        }
        self.headers += usize::from(of_header);
        if self.spoken.is_empty() {
            self.spoken.reserve_exact(1);
        }
        // The list of them may be half empty.
        self.held += 2 * size_of::<Spoken>() + texts(speaks_as) + said_bytes(&attributes) + ALLOCATION;
        self.spoken.push(Spoken { side, source, speaks_as: speaks_as.clone(), attributes, seen: Seen::once(at) });
        Some(self.spoken.len() - 1)
    }

    /// A known description was given again.
    pub(super) fn again(&mut self, position: usize, seen: &Seen) {
        if let Some(spoken) = self.spoken.get_mut(position) {
            spoken.seen.merge(seen);
        }
    }

    /// All of them.
    pub(super) fn finish(self) -> Vec<Spoken> {
        self.spoken
    }
}
