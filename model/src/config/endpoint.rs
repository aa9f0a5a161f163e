//! Where an agent sends its reports.

use std::{fmt, net::IpAddr, str::FromStr};

/// A collector, as `https://HOST` or `https://HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name, or an address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// The port of a collector where none is said.
const PORT: u16 = 9848;

impl Endpoint {
    /// The address, where it is one and no name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be https://HOST:PORT, for example \"https://collector:9848\"";
        let rest = text.strip_prefix("https://").ok_or(WRONG)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        // Brackets part the colons of an IPv6 address from that of the port (RFC 3986 3.2.2).
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => {
                (host.parse::<std::net::Ipv6Addr>().map(|ip| ip.to_string()).map_err(|_| WRONG)?, port)
            }
            None => {
                let end = authority.find(':').unwrap_or(authority.len());
                let (host, port) = authority.split_at(end);
                (host.to_owned(), port)
            }
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(WRONG)?,
            None if port.is_empty() => PORT,
            None => return Err(WRONG),
        };
        if host.is_empty() || host.len() > 253 || !host.bytes().all(is_name) {
            return Err(WRONG);
        }
        Ok(Self { host, port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(IpAddr::V6(address)) => write!(f, "https://[{address}]:{}", self.port),
            _ => write!(f, "https://{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_back_as_it_is_shown() {
        for (text, shown) in [
            ("https://collector", "https://collector:9848"),
            ("https://10.0.0.5:443/", "https://10.0.0.5:443"),
            ("https://[2001:DB8::1]:9848", "https://[2001:db8::1]:9848"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), shown);
            assert_eq!(shown.parse(), Ok(endpoint));
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in [
            "collector:9848",
            "http://collector",
            "https://",
            "https://:9848",
            "https://collector:0",
            "https://collector:70000",
            "https://collector/path",
            "https://user@collector",
            "https://2001:db8::1",
            "https://[collector]:1",
            "https://[2001:db8::1]x",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
