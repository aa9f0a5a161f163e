//! Chance from a seed: the same seed throws the same.

use crate::frame::Mac;

/// A generator of numbers (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` up to and with `high`.
    pub(super) fn between<T: TryFrom<u64>>(&mut self, low: u64, high: u64) -> T {
        let number = low + self.roll() % (high - low + 1);
        T::try_from(number).unwrap_or_else(|_| panic!("{number} is no such number"))
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let last = u64::try_from(from.len()).expect("a count") - 1;
        from.get(self.between::<usize>(0, last)).expect("one of them")
    }

    /// So many digits, the first of them not zero.
    pub(super) fn digits(&mut self, count: u32) -> String {
        let low = 10_u64.pow(count - 1);
        self.between::<u64>(low, low * 10 - 1).to_string()
    }

    /// Hexadecimal digits, in upper case.
    pub(super) fn hex(&mut self, count: usize) -> String {
        (0..count).map(|_| *self.pick(b"0123456789ABCDEF")).map(char::from).collect()
    }

    /// A MAC address of a block.
    pub(super) const fn mac(&mut self, [a, b, c]: [u8; 3]) -> Mac {
        let [x, y, z, ..] = self.roll().to_le_bytes();
        [a, b, c, x, y, z]
    }
}
