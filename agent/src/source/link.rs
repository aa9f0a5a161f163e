//! Link types, as both formats number them.

/// A LINKTYPE_ value of tcpdump.org: how the bytes of a frame begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// Ethernet II or 802.3.
    Ethernet,
    /// BSD loopback: the address family in the byte order of the capturing host, then the packet.
    Null,
    /// OpenBSD loopback: as `Null`, in network byte order.
    Loop,
    /// IPv4 or IPv6 without anything before it.
    Raw,
    /// IPv4 without anything before it.
    Ipv4,
    /// IPv6 without anything before it.
    Ipv6,
    /// Linux "cooked" capture.
    LinuxSll,
    /// Linux "cooked" capture, version 2.
    LinuxSll2,
    /// Any other, by its number.
    Other(u32),
}

impl LinkType {
    /// By LINKTYPE_ value. 12 and 14 are what BSD and OpenBSD kernels call raw IP (DLT_RAW); some programs write them.
    pub const fn from_value(value: u32) -> Self {
        match value {
            0 => Self::Null,
            1 => Self::Ethernet,
            12 | 14 | 101 => Self::Raw,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }
}
