//! The allow-list: which fields of which segments are read. Everything else is passed over where it stands.

/// A segment that is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Message header (v2.5.1, 2.15.9).
    Msh,
    /// Message acknowledgement (2.15.8).
    Msa,
    /// Software (2.15.12).
    Sft,
    /// Observation or result (7.4.2); in IHE PCD also the containment tree of a device (IHE PCD TF-2, B.8).
    Obx,
    /// Participation (v2.7, 7.4.4; device fields since v2.8.2).
    Prt,
    /// Equipment detail (v2.5.1, 13.4.1).
    Equ,
    /// Device (v2.9).
    Dev,
}

/// What becomes of a wanted field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Kept, up to a limit.
    Keep,
    /// Only its digest is kept, to pair a message with its acknowledgement.
    Digest,
}

/// OBX-5, observation value: read only where OBX-3 names a device attribute.
pub(super) const OBX_VALUE: u8 = 5;

/// The first of the `wanted` fields from `number` on.
pub(super) fn first_from(wanted: u32, number: u8) -> Option<u8> {
    let from = wanted & u32::MAX.checked_shl(u32::from(number)).unwrap_or(0);
    u8::try_from(from.trailing_zeros()).ok().filter(|next| *next < 32)
}

impl Segment {
    /// The segment of a three-letter id.
    pub(super) fn of(id: [u8; 3]) -> Option<Self> {
        Some(match &id {
            b"MSA" => Self::Msa,
            b"SFT" => Self::Sft,
            b"OBX" => Self::Obx,
            b"PRT" => Self::Prt,
            b"EQU" => Self::Equ,
            b"DEV" => Self::Dev,
            _ => return None,
        })
    }

    /// The fields that are read, as bits.
    pub(super) const fn wanted(self) -> u32 {
        const fn bits(numbers: &[u8]) -> u32 {
            let mut bits = 0;
            let mut rest = numbers;
            while let [number, tail @ ..] = rest {
                bits |= 1 << *number;
                rest = tail;
            }
            bits
        }
        match self {
            // Sending and receiving application and facility, type, control id, processing id, version, character set,
            // profile (2.15.9.3 to .6, .9 to .12, .18, .21).
            Self::Msh => const { bits(&[3, 4, 5, 6, 9, 10, 11, 12, 18, 21]) },
            // Acknowledgement code, control id of the message it answers (2.15.8.1, .2).
            Self::Msa => const { bits(&[1, 2]) },
            // Vendor, version, product (2.15.12.1 to .3).
            Self::Sft => const { bits(&[1, 2, 3]) },
            // Identifier, sub-id, value, equipment instance (7.4.2.3, .4, .5, .18).
            Self::Obx => const { bits(&[3, 4, OBX_VALUE, 18]) },
            // Kind, device, and the parts of a UDI: identifier, manufacture and expiry date, lot, serial number; device type.
            Self::Prt => const { bits(&[4, 10, 16, 17, 18, 19, 20, 22]) },
            // Equipment instance (13.4.1.1).
            Self::Equ => const { bits(&[1]) },
            // UDI, type, manufacturer, brand, model, catalogue number, UDI-DI, lot, serial number, software version.
            Self::Dev => const { bits(&[2, 3, 5, 6, 7, 8, 9, 10, 11, 16]) },
        }
    }

    /// What becomes of a wanted field.
    pub(super) fn usage(self, number: u8) -> Use {
        match (self, number) {
            (Self::Msh, 10) | (Self::Msa, 2) => Use::Digest,
            _ => Use::Keep,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(segment: Segment) -> Vec<u8> {
        std::iter::successors(first_from(segment.wanted(), 0), |n| first_from(segment.wanted(), n + 1)).collect()
    }

    #[test]
    fn the_allow_list_is_walked_in_order() {
        assert_eq!(all(Segment::Msh), [3, 4, 5, 6, 9, 10, 11, 12, 18, 21]);
        assert_eq!(all(Segment::Obx), [3, 4, 5, 18]);
        assert_eq!(all(Segment::Prt), [4, 10, 16, 17, 18, 19, 20, 22]);
        assert_eq!(first_from(u32::MAX, u8::MAX), None);
    }

    #[test]
    fn segments_of_patients_and_orders_are_not_on_it() {
        for id in [b"PID", b"PV1", b"NK1", b"OBR", b"ORC", b"NTE", b"ZPD", b"MSH", b"obx"] {
            assert_eq!(Segment::of(*id), None, "{id:?}");
        }
    }
}
