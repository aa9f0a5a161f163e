//! Capabilities (capabilities(7)). Each thread has its own.

use caps::{CapSet, Capability, CapsHashSet};

/// Gives up every capability of this thread.
pub(super) fn drop_all() -> Result<(), String> {
    keep(&CapsHashSet::new())
}

/// Gives up every capability of this thread but the one to open packet sockets, if it has that.
pub(super) fn keep_only_net_raw() -> Result<(), String> {
    let mut kept = caps::read(None, CapSet::Permitted).map_err(|error| error.to_string())?;
    kept.retain(|capability| *capability == Capability::CAP_NET_RAW);
    keep(&kept)
}

fn keep(kept: &CapsHashSet) -> Result<(), String> {
    let give_up = || {
        // A kernel without ambient capabilities has none to give up.
        let _ = caps::clear(None, CapSet::Ambient);
        caps::set(None, CapSet::Effective, kept)?;
        caps::set(None, CapSet::Permitted, kept)?;
        caps::clear(None, CapSet::Inheritable)
    };
    give_up().map_err(|error| format!("capabilities cannot be given up: {error}"))
}
