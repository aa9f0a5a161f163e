//! What is right and wrong with a machine that is to listen, and what to type about it. Only looks: nothing is changed, and
//! nothing is sent.

mod counters;
mod hardware;
mod link;
mod silence;
mod uplink;

pub use counters::{explain_capture, explain_drop};
pub use silence::{prepare, transmit_risks};
pub use uplink::{UplinkRefusal, refuse_monitored_way};

use crate::live::LiveError;
pub use wardwatch_ring::clock_is_synchronised;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It cannot be found out here.
    Unknown,
    /// Something may be lost, or seen less well.
    Warning,
    /// It does not work, or is not passive.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in a word or two.
    pub what: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found, and what that means.
    pub found: String,
    /// What to type, line by line.
    pub advice: Vec<String>,
}

impl Check {
    /// Nothing to do about it.
    pub fn new(what: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { what, verdict, found: found.into(), advice: Vec::new() }
    }

    /// With a line to type.
    #[must_use]
    pub fn advise(mut self, line: impl Into<String>) -> Self {
        self.advice.push(line.into());
        self
    }
}

/// Everything there is to know of an interface that is to be listened on.
///
/// # Errors
///
/// When there is none of this name, or its frames are of a kind that is not understood.
pub fn interface(name: &str) -> Result<Vec<Check>, LiveError> {
    let is_loopback = crate::live::is_loopback(name)?;
    let mut checks = link::checks(name);
    // A loop has no other end that could hear something.
    if !is_loopback {
        checks.extend(silence::checks(name));
        checks.extend(hardware::checks(name));
    }
    Ok(checks)
}
