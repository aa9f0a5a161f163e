//! What became of some frames that came together, for whoever knows where they came from.

use crate::tally::Counted;

/// Declares what is counted, and its names in one place.
macro_rules! passage {
    ($($(#[doc = $meaning:literal])+ $field:ident,)*) => {
        /// What became of frames that were taken together.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Passage {
            $($(#[doc = $meaning])+ pub $field: u64,)*
        }

        impl Passage {
            /// Names of what is counted.
            pub const NAMES: &[&str] = &[$(stringify!($field)),*];

            /// How many of each, in the order of [`Self::NAMES`].
            pub fn counts(&self) -> impl Iterator<Item = u64> {
                [$(self.$field),*].into_iter()
            }
        }
    };
}

passage! {
    /// Frames of which the capture kept only the beginning.
    truncated_frames,
    /// Frames that could not be decoded.
    undecodable_frames,
    /// Packets that were captured more than once.
    duplicate_packets,
    /// Packets that a network card or a driver put together.
    offloaded_packets,
    /// Packets with a checksum of 0.
    zero_checksums,
}

impl Passage {
    pub(super) fn frame(&mut self, counted: &Counted) {
        self.truncated_frames += u64::from(counted.is_cut);
        self.offloaded_packets += u64::from(counted.is_offloaded);
        self.zero_checksums += u64::from(counted.is_unsummed);
    }
}
