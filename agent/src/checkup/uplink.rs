//! An uplink must not leave by an interface that is listened on: what Wardwatch says would be sent there.

use std::{io, net::IpAddr};
use thiserror::Error;
use wardwatch_ring::way_to;

/// Why an uplink is refused.
#[derive(Debug, Error)]
pub enum UplinkRefusal {
    /// It would be sent on an interface that is listened on.
    #[error(
        "uplink.endpoint: the route to {address} leaves by {interface}, which is listened on (capture.interfaces), and nothing \
         is sent there; route it another way: ip route replace {address} dev MANAGEMENT-INTERFACE"
    )]
    Monitored {
        /// Where it leads.
        address: IpAddr,
        /// The interface.
        interface: String,
    },
    /// The kernel does not tell, so nothing can be said to be sure.
    #[error("uplink.endpoint: the route to {address} cannot be looked up: {error}")]
    Unknown {
        /// Where it leads.
        address: IpAddr,
        /// What the system says.
        error: io::Error,
    },
}

/// Refuses an address whose route leaves by one of these interfaces. Answers the interface by which it leaves, `None` where
/// there is no route now. To be asked before each connection: routes change.
///
/// # Errors
///
/// When it is refused.
pub fn refuse_monitored_way(address: IpAddr, interfaces: &[String]) -> Result<Option<String>, UplinkRefusal> {
    match way_to(address) {
        // The loop leads back to this machine, whatever listens on it.
        Ok(Some(way)) if way != "lo" && interfaces.contains(&way) => {
            Err(UplinkRefusal::Monitored { address, interface: way })
        }
        Ok(way) => Ok(way),
        Err(error) => Err(UplinkRefusal::Unknown { address, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loop_is_a_way_even_where_it_is_listened_on() {
        let way = refuse_monitored_way("127.0.0.1".parse().unwrap(), &["lo".to_owned()]);
        assert_eq!(way.unwrap().as_deref(), Some("lo"));
    }
}
