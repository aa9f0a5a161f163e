//! Takes reports: checks them, adds them to what is known, and writes both down before the agent may forget them.

mod ledger;
mod room;
mod shelf;
mod streams;
mod weight;

pub(crate) use ledger::{Ledger, Limits};
pub(crate) use streams::{Agent, Standing};

use crate::store::StoreError;
use thiserror::Error;
use wardwatch_model::Refusal;

/// What became of a report that the agent need not send again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It counts, and is on the disk.
    Accepted,
    /// It was taken before, and changed nothing.
    Duplicate,
}

/// A report that does not count.
#[derive(Debug, Error)]
pub enum IngestError {
    /// It is not taken. Only after a gap and a failed write is there use in sending it again.
    #[error("report refused: {}; report {expected} is the next of this stream", reason.name())]
    Refused {
        /// Why.
        reason: Refusal,
        /// Sequence number that the stream goes on with.
        expected: u64,
    },
    /// It could not be written, and is as if it had never come. To be sent again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IngestError {
    /// Why, as an item of the closed list.
    pub const fn reason(&self) -> Refusal {
        match self {
            Self::Refused { reason, .. } => *reason,
            Self::Store(_) => Refusal::Store,
        }
    }
}
