//! Why there is no ring.

use std::io;
use thiserror::Error;

/// Why a ring cannot be had, or not any longer.
#[derive(Debug, Error)]
#[error("cannot {step}: {error}")]
pub struct RingError {
    /// What was asked of the kernel, as in "cannot ...".
    pub step: &'static str,
    /// What it said.
    pub error: io::Error,
}

impl RingError {
    pub(crate) const fn new(step: &'static str, error: io::Error) -> Self {
        Self { step, error }
    }

    /// What the last system call said.
    pub(crate) fn last(step: &'static str) -> Self {
        Self::new(step, io::Error::last_os_error())
    }
}
