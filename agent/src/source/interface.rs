//! pcapng interfaces: link type and what a unit of time is (draft-ietf-opsawg-pcapng section 4.2).

use super::LinkType;
use super::order::ByteOrder;
use wardwatch_model::PacketTime;

const NANOS: u128 = 1_000_000_000;

/// Option codes of an Interface Description Block.
const END_OF_OPTIONS: u16 = 0;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;

/// What one Interface Description Block declares.
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// Captured bytes at most; 0 means no limit.
    pub(super) snaplen: u32,
    unit: Unit,
    /// Added to every time of the interface, in nanoseconds.
    offset: i128,
}

/// The length of one tick.
#[derive(Clone, Copy)]
enum Unit {
    /// So many nanoseconds.
    Nanos(u64),
    /// So small a part of a nanosecond.
    PartOfNano(u64),
    /// A second divided by two to this power.
    PowerOfTwo(u8),
}

impl Interface {
    /// `body`: the block without its type and lengths. `None` where it is too short to say anything.
    pub(super) fn new(order: ByteOrder, body: &[u8]) -> Option<Self> {
        let (link, rest) = body.split_first_chunk::<2>()?;
        let (_reserved, rest) = rest.split_first_chunk::<2>()?;
        let (snaplen, options) = rest.split_first_chunk::<4>()?;
        let mut interface = Self {
            link: LinkType::from_value(u32::from(order.u16(*link))),
            snaplen: order.u32(*snaplen),
            unit: Unit::of(6),
            offset: 0,
        };
        interface.read_options(order, options);
        Some(interface)
    }

    /// Options that make no sense end the list; what was read before them holds.
    fn read_options(&mut self, order: ByteOrder, mut options: &[u8]) {
        while let Some((head, rest)) = options.split_first_chunk::<4>() {
            let [code_a, code_b, length_a, length_b] = *head;
            let code = order.u16([code_a, code_b]);
            let length = usize::from(order.u16([length_a, length_b]));
            let Some(value) = rest.get(..length) else { return };
            match (code, value) {
                (END_OF_OPTIONS, _) => return,
                (IF_TSRESOL, [resolution, ..]) => self.unit = Unit::of(*resolution),
                (IF_TSOFFSET, _) => {
                    if let Some(seconds) = value.first_chunk::<8>() {
                        self.offset = i128::from(order.i64(*seconds)) * 1_000_000_000;
                    }
                }
                _ => {}
            }
            options = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    /// The moment `ticks` stands for, clamped to what can be told.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> PacketTime {
        match self.unit {
            // Nearly every capture: micro- or nanoseconds since 1970.
            Unit::Nanos(nanos) if self.offset == 0 => PacketTime(ticks.saturating_mul(nanos)),
            _ => self.rare_time(ticks),
        }
    }

    #[cold]
    fn rare_time(&self, ticks: u64) -> PacketTime {
        let ticks = u128::from(ticks);
        let nanos = match self.unit {
            Unit::Nanos(nanos) => ticks * u128::from(nanos),
            Unit::PartOfNano(parts) => ticks / u128::from(parts),
            Unit::PowerOfTwo(power) => (ticks * NANOS) >> power,
        };
        let shifted = i128::try_from(nanos).unwrap_or(i128::MAX).saturating_add(self.offset);
        PacketTime(u64::try_from(shifted.max(0)).unwrap_or(u64::MAX))
    }
}

impl Unit {
    /// By the value of if_tsresol: the most significant bit chooses the base, the others are the negative exponent.
    fn of(resolution: u8) -> Self {
        let exponent = resolution & 0x7f;
        if resolution & 0x80 != 0 {
            return Self::PowerOfTwo(exponent);
        }
        match exponent {
            0..=9 => Self::Nanos(10_u64.pow(u32::from(9 - exponent))),
            // Beyond 10^19 parts, 64 bits of ticks do not make up one nanosecond.
            _ => 10_u64.checked_pow(u32::from(exponent - 9)).map_or(Self::Nanos(0), Self::PartOfNano),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(resolution: u8, offset: i64, ticks: u64) -> u64 {
        let interface = Interface {
            link: LinkType::Ethernet,
            snaplen: 0,
            unit: Unit::of(resolution),
            offset: i128::from(offset) * 1_000_000_000,
        };
        interface.time(ticks).0
    }

    #[test]
    fn ticks_are_powers_of_ten_or_of_two() {
        assert_eq!(time(0, 0, 3), 3_000_000_000);
        assert_eq!(time(6, 0, 3), 3_000);
        assert_eq!(time(9, 0, 3), 3);
        assert_eq!(time(12, 0, 3_999), 3);
        assert_eq!(time(0x80, 0, 3), 3_000_000_000);
        assert_eq!(time(0x80 | 10, 0, 1536), 1_500_000_000);
        assert_eq!(time(0x80 | 32, 0, 1 << 31), 500_000_000);
    }

    #[test]
    fn times_are_clamped_and_never_wrap() {
        assert_eq!(time(0, 0, u64::MAX), u64::MAX);
        assert_eq!(time(0, i64::MAX, u64::MAX), u64::MAX);
        assert_eq!(time(0x80, i64::MIN, u64::MAX), u64::MAX);
        assert_eq!(time(6, i64::MIN, 5), 0);
        assert_eq!(time(6, -2, 5_000_000), 3_000_000_000);
        assert_eq!(time(0x7f, 0, u64::MAX), 0);
        assert_eq!(time(0xff, 0, u64::MAX), 0);
        assert_eq!(time(6, i64::MAX, 0), u64::MAX);
    }

    #[test]
    fn a_list_of_options_that_is_cut_keeps_those_before_the_cut() {
        // if_tsresol 9 (nanoseconds), then an option that claims more bytes than there are.
        let body = [1, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 1];
        let interface = Interface::new(ByteOrder::Little, &body).unwrap();
        assert_eq!(interface.time(7), PacketTime(7));
        assert_eq!(interface.snaplen, 0x4_0000);
        assert!(Interface::new(ByteOrder::Little, &[1, 0, 0]).is_none());
    }
}
