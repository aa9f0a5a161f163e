//! What is told of SNMP conversations (RFC 3411 and following).

use serde::{Deserialize, Serialize};

/// Messages by version. Those of versions 1 and 2c carry their community, which is a password, in clear. Merging is
/// commutative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snmp {
    /// Of version 1.
    pub v1: u64,
    /// Of version 2c.
    pub v2c: u64,
    /// Of version 3.
    pub v3: u64,
    /// With a community that agents come with: public, private.
    pub default_communities: u64,
}

impl Snmp {
    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.v1 += other.v1;
        self.v2c += other.v2c;
        self.v3 += other.v3;
        self.default_communities += other.default_communities;
    }
}
