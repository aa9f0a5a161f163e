//! What is told of DHCP conversations (RFC 2131).

use serde::{Deserialize, Serialize};

/// Messages by who they came from. Merging is commutative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dhcp {
    /// Of clients, or passed on for them.
    pub requests: u64,
    /// Of a server itself.
    pub replies: u64,
    /// Of a server, passed on by a relay agent, or by an end that may be one.
    pub relayed_replies: u64,
}

impl Dhcp {
    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.replies += other.replies;
        self.relayed_replies += other.relayed_replies;
    }
}
