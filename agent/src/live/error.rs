//! Why an interface cannot be listened on, and what to do about it.

use std::io;
use thiserror::Error;
use wardwatch_ring::RingError;

/// Why an interface cannot be listened on.
#[derive(Debug, Error)]
pub enum LiveError {
    /// There is none of this name.
    #[error("interface {name}: not found; there are: {}", known.join(", "))]
    NotFound {
        /// As asked for.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The process has no right to capture.
    #[error(
        "interface {name}: no right to capture. Grant it with `sudo setcap cap_net_raw+ep {program}`, with \
         `AmbientCapabilities=CAP_NET_RAW` in a systemd unit, or run as root"
    )]
    NotPermitted {
        /// The interface.
        name: String,
        /// Path of the program.
        program: String,
    },
    /// Its frames are of a kind that is not understood.
    #[error("interface {name}: link type {link_type} (ARPHRD) is not supported; Ethernet, loopback and raw IP are")]
    LinkType {
        /// The interface.
        name: String,
        /// As in /sys/class/net/NAME/type.
        link_type: u32,
    },
    /// There is no ring for it.
    #[error("interface {name}: {error}")]
    Ring {
        /// The interface.
        name: String,
        /// What the system says.
        error: RingError,
    },
    /// The system has no thread for a worker.
    #[error("cannot start a worker: {0}; fewer are needed with capture.workers")]
    Thread(io::Error),
    /// A thread must be restricted, and cannot be.
    #[error("{0}")]
    Restriction(String),
    /// Anything else.
    #[error("interface {name}: {error}")]
    Io {
        /// The interface.
        name: String,
        /// What the system says.
        error: io::Error,
    },
}

impl LiveError {
    pub(super) fn io(name: &str, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::PermissionDenied {
            return Self::not_permitted(name);
        }
        Self::Io { name: name.to_owned(), error }
    }

    pub(super) fn ring(name: &str, error: RingError) -> Self {
        if error.error.kind() == io::ErrorKind::PermissionDenied {
            return Self::not_permitted(name);
        }
        Self::Ring { name: name.to_owned(), error }
    }

    /// No other way to listen would be allowed either.
    pub(super) const fn is_about_rights(&self) -> bool {
        matches!(self, Self::NotPermitted { .. })
    }

    fn not_permitted(name: &str) -> Self {
        let program =
            std::env::current_exe().map_or_else(|_| "wardwatch".to_owned(), |path| path.display().to_string());
        Self::NotPermitted { name: name.to_owned(), program }
    }
}
