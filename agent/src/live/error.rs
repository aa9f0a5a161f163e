//! Why an interface cannot be listened on, and what to do about it.

use std::io;
use thiserror::Error;

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
        let name = name.to_owned();
        if error.kind() != io::ErrorKind::PermissionDenied {
            return Self::Io { name, error };
        }
        let program =
            std::env::current_exe().map_or_else(|_| "wardwatch".to_owned(), |path| path.display().to_string());
        Self::NotPermitted { name, program }
    }
}
