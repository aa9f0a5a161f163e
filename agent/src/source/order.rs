//! Byte order: a capture is written in that of the machine that made it.

/// The byte order of one file or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The order in which `bytes` read as `value`, if there is one.
    pub(super) fn of(bytes: [u8; 4], value: u32) -> Option<Self> {
        [Self::Little, Self::Big].into_iter().find(|order| order.u32(bytes) == value)
    }

    pub(super) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) const fn i64(self, bytes: [u8; 8]) -> i64 {
        match self {
            Self::Little => i64::from_le_bytes(bytes),
            Self::Big => i64::from_be_bytes(bytes),
        }
    }

    /// The 32-bit words from `at` on; `None` where the bytes end before the last of them.
    #[inline]
    pub(super) fn words<const N: usize>(self, bytes: &[u8], at: usize) -> Option<[u32; N]> {
        let (words, _) = bytes.get(at..)?.as_chunks::<4>();
        words.first_chunk::<N>().map(|words| words.map(|word| self.u32(word)))
    }
}
