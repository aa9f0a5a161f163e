//! One number over all records, kept beside them: whether anything is missing can be told at the next start.
//!
//! sled gives up what it cannot read, sometimes without a word. A sum of hashes that each commit moves on costs a look at the
//! records it changes, and shows every loss but that of whole commits at the end.

/// What all records of a store amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seal {
    /// Sum of the records' hashes, modulo 2^128.
    sum: u128,
    /// Number of records.
    pub(super) records: u64,
    /// Commits since the store was made.
    pub(super) commits: u64,
}

/// Bytes of a seal on disk.
const LENGTH: usize = 32;

impl Seal {
    /// Counts a record in.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.sum = self.sum.wrapping_add(hash(key, value));
        self.records = self.records.wrapping_add(1);
    }

    /// Counts a record out.
    pub(super) fn take(&mut self, key: &[u8], value: &[u8]) {
        self.sum = self.sum.wrapping_sub(hash(key, value));
        self.records = self.records.wrapping_sub(1);
    }

    /// Whether both stand for the same records.
    pub(super) fn has_the_records_of(&self, other: &Self) -> bool {
        (self.sum, self.records) == (other.sum, other.records)
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        [&self.sum.to_be_bytes()[..], &self.records.to_be_bytes(), &self.commits.to_be_bytes()].concat()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; LENGTH] = bytes.try_into().ok()?;
        let (sum, rest) = bytes.split_first_chunk()?;
        let (records, rest) = rest.split_first_chunk()?;
        let (commits, _) = rest.split_first_chunk()?;
        Some(Self {
            sum: u128::from_be_bytes(*sum),
            records: u64::from_be_bytes(*records),
            commits: u64::from_be_bytes(*commits),
        })
    }
}

fn hash(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    // The length tells apart where the key ends and the value begins.
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
    hasher.finalize().as_bytes().first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_depends_on_the_records_and_not_on_their_order() {
        let (mut one, mut other) = (Seal::default(), Seal::default());
        one.add(b"a", b"1");
        one.add(b"b", b"2");
        other.add(b"b", b"2");
        other.add(b"x", b"9");
        other.add(b"a", b"1");
        assert!(!one.has_the_records_of(&other));
        other.take(b"x", b"9");
        assert!(one.has_the_records_of(&other));
        assert_eq!(Seal::from_bytes(&one.to_bytes()), Some(one));
        assert_ne!(hash(b"ab", b"c"), hash(b"a", b"bc"));
    }
}
