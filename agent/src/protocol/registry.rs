//! The list of protocols. A line here is what makes a parser part of the product.

use super::{
    Datagram, DatagramParser, LinkFrame, LinkParser, LinkReading, Outcome, Probe, Reading, Side, Step, StreamParser,
};
use wardwatch_model::PacketTime;

macro_rules! protocols {
    (
        stream { $($(#[doc = $doc:literal])+ $stream:ident = $stream_name:literal => $parser:ty,)* }
        datagram { $($(#[doc = $datagram_doc:literal])+ $datagram:ident = $datagram_name:literal => $reader:ty,)* }
        link { $($(#[doc = $link_doc:literal])+ $link:ident = $link_name:literal => $announcer:ty,)* }
        tunnel { $($(#[doc = $tunnel_doc:literal])+ $tunnel:ident = $tunnel_name:literal,)* }
        other { $($(#[doc = $other_doc:literal])+ $other:ident = $other_name:literal,)* }
    ) => {
        /// Every protocol that is told apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Protocol {
            $($(#[doc = $doc])+ $stream,)*
            $($(#[doc = $datagram_doc])+ $datagram,)*
            $($(#[doc = $link_doc])+ $link,)*
            $($(#[doc = $tunnel_doc])+ $tunnel,)*
            $($(#[doc = $other_doc])+ $other,)*
        }

        impl Protocol {
            /// Every protocol, in the order of the registry.
            pub const ALL: &'static [Self] = &[$(Self::$stream,)* $(Self::$datagram,)* $(Self::$link,)* $(Self::$tunnel,)* $(Self::$other,)*];

            /// Those that carry packets of others; what carries them is told, and they themselves.
            pub const TUNNELS: &'static [Self] = &[$(Self::$tunnel,)*];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in documents, metrics and configuration.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$stream => $stream_name,)*
                    $(Self::$datagram => $datagram_name,)*
                    $(Self::$link => $link_name,)*
                    $(Self::$tunnel => $tunnel_name,)*
                    $(Self::$other => $other_name,)*
                }
            }

            /// What it is, in a line.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$stream => concat!($($doc),+).trim_ascii(),)*
                    $(Self::$datagram => concat!($($datagram_doc),+).trim_ascii(),)*
                    $(Self::$link => concat!($($link_doc),+).trim_ascii(),)*
                    $(Self::$tunnel => concat!($($tunnel_doc),+).trim_ascii(),)*
                    $(Self::$other => concat!($($other_doc),+).trim_ascii(),)*
                }
            }

            /// Position in [`Self::ALL`].
            pub(crate) const fn index(self) -> usize {
                self as usize
            }

            /// Asks every protocol of datagrams whether one is its own.
            pub(crate) fn of_datagram(datagram: &Datagram<'_>) -> Option<Self> {
                $(if <$reader>::recognise(datagram) {
                    return Some(Self::$datagram);
                })*
                None
            }

            /// What a datagram of this protocol says.
            pub(crate) fn read_datagram(self, datagram: &Datagram<'_>) -> Option<Reading> {
                match self {
                    $(Self::$datagram => <$reader>::read(datagram),)*
                    _ => None,
                }
            }

            /// What an announcement on a link says.
            pub(crate) fn read_link(frame: &LinkFrame<'_>) -> Option<(Self, LinkReading)> {
                $(if frame.kind == <$announcer>::KIND {
                    return Some((Self::$link, <$announcer>::read(frame)));
                })*
                None
            }

            /// Every protocol's announcements.
            #[cfg(test)]
            pub(crate) fn link_samples() -> Vec<(Self, super::LinkKind, Vec<u8>)> {
                let mut samples = Vec::new();
                $(samples.extend(<$announcer>::samples().into_iter().map(|sample| {
                    (Self::$link, <$announcer>::KIND, sample)
                }));)*
                samples
            }

            /// Every protocol's datagrams.
            #[cfg(test)]
            pub(crate) fn datagram_samples() -> Vec<(Self, super::battery::DatagramSample)> {
                let mut samples = Vec::new();
                $(samples.extend(<$reader>::samples().into_iter().map(|sample| (Self::$datagram, sample)));)*
                samples
            }
        }

        /// The parser of a connection, once its protocol is known.
        #[allow(clippy::large_enum_variant, reason = "always boxed, one for each connection under inspection")]
        pub(crate) enum StreamParsers { $($stream($parser),)* }

        impl StreamParsers {
            /// Asks every parser about the first bytes of a direction: the one that is certain, or whether more bytes
            /// could help.
            pub(crate) fn probe(head: &[u8]) -> Result<Self, Probe> {
                let mut verdict = Probe::No;
                $(match <$parser>::probe(head) {
                    Probe::Certain => return Ok(Self::$stream(<$parser>::default())),
                    Probe::NeedMore => verdict = Probe::NeedMore,
                    Probe::No => {}
                })*
                Err(verdict)
            }

            /// Asks every parser for the first message in a direction joined somewhere; the earliest wins.
            pub(crate) fn find_start(bytes: &[u8]) -> Option<(usize, Self)> {
                let mut best: Option<(usize, Self)> = None;
                $(if let Some(at) = <$parser>::find_start(bytes) {
                    if best.as_ref().is_none_or(|(known, _)| at < *known) {
                        best = Some((at, Self::$stream(<$parser>::default())));
                    }
                })*
                best
            }

            /// Every protocol's samples.
            #[cfg(test)]
            pub(crate) fn samples() -> Vec<(Protocol, super::battery::Sample)> {
                let mut samples = Vec::new();
                $(samples.extend(<$parser>::samples().into_iter().map(|sample| (Protocol::$stream, sample)));)*
                samples
            }

            pub(crate) fn protocol(&self) -> Protocol {
                match self { $(Self::$stream(_) => Protocol::$stream,)* }
            }

            pub(crate) fn prefetch(&self) {
                match self { $(Self::$stream(parser) => parser.prefetch(),)* }
            }

            pub(crate) fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
                match self { $(Self::$stream(parser) => parser.feed(side, at, bytes),)* }
            }

            pub(crate) fn gap(&mut self, side: Side) {
                match self { $(Self::$stream(parser) => parser.gap(side),)* }
            }

            pub(crate) fn joined(&mut self, side: Side) {
                match self { $(Self::$stream(parser) => parser.joined(side),)* }
            }

            pub(crate) fn client(&self) -> Option<Side> {
                match self { $(Self::$stream(parser) => parser.client(),)* }
            }

            pub(crate) fn held(&self) -> usize {
                match self { $(Self::$stream(parser) => parser.held(),)* }
            }

            pub(crate) fn so_far(&self) -> Outcome {
                match self { $(Self::$stream(parser) => parser.so_far(),)* }
            }

            pub(crate) fn finish(self) -> Outcome {
                match self { $(Self::$stream(parser) => parser.finish(),)* }
            }
        }
    };
}

protocols! {
    stream {
        /// DICOM upper layer and message exchange (PS3.7, PS3.8).
        Dicom = "dicom" => super::dicom::Dicom,
        /// HL7 version 2 over MLLP.
        Hl7 = "hl7" => super::hl7::Hl7,
        /// SSL 3.0 and TLS, up to where it is encrypted (RFC 6101, RFC 5246, RFC 8446).
        Tls = "tls" => super::tls::Tls,
        /// SSH, up to where it is encrypted (RFC 4253).
        Ssh = "ssh" => super::ssh::Ssh,
        /// HTTP/1 in clear (RFC 9112).
        Http = "http" => super::http::Http,
        /// SMB, all versions, up to the end of the session setup (MS-CIFS, MS-SMB2, MS-NLMP).
        Smb = "smb" => super::smb::Smb,
        /// Device messages of point-of-care testing (CLSI POCT1-A2).
        Poct1a = "poct1-a" => super::poct1a::Poct1a,
        /// Results of analysers (ASTM E1394, CLSI LIS2-A2) in frames of ASTM E1381 or without.
        Astm = "astm" => super::astm::Astm,
        /// RDP, up to where it is encrypted (MS-RDPBCGR).
        Rdp = "rdp" => super::rdp::Rdp,
        /// Modbus over TCP (MODBUS Application Protocol 1.1b3).
        Modbus = "modbus" => super::modbus::Modbus,
        /// VNC, up to the choice of security (RFC 6143).
        Vnc = "vnc" => super::vnc::Vnc,
        /// Control connections of FTP, up to the login (RFC 959, RFC 4217).
        Ftp = "ftp" => super::ftp::Ftp,
        /// SMTP, up to the first message (RFC 5321, RFC 3207).
        Smtp = "smtp" => super::smtp::Smtp,
        /// Telnet, up to the password (RFC 854).
        Telnet = "telnet" => super::telnet::Telnet,
    }
    datagram {
        /// DHCP for IPv4 (RFC 2131).
        Dhcp = "dhcp" => super::dhcp::Dhcp,
        /// Multicast DNS and the discovery of services by it (RFC 6762, RFC 6763).
        Mdns = "mdns" => super::names::Mdns,
        /// Link-local multicast name resolution (RFC 4795).
        Llmnr = "llmnr" => super::names::Llmnr,
        /// NetBIOS name service (RFC 1002).
        Nbns = "nbns" => super::names::Nbns,
        /// NetBIOS datagrams, and in them announcements to the Windows browser service (RFC 1002, MS-BRWS).
        Browser = "browser" => super::names::Browser,
        /// SNMP, versions 1, 2c and 3 (RFC 1157, RFC 3416, RFC 3412).
        Snmp = "snmp" => super::snmp::Snmp,
        /// Data export of Philips IntelliVue monitors over UDP.
        Intellivue = "intellivue" => super::intellivue::Intellivue,
        /// WS-Discovery: medical devices of IEEE 11073 SDC, printers, scanners, cameras, computers.
        WsDiscovery = "ws-discovery" => super::wsd::Wsd,
        /// DHCP for IPv6 (RFC 8415).
        Dhcpv6 = "dhcpv6" => super::dhcpv6::Dhcpv6,
        /// BACnet/IP (ASHRAE 135, annex J).
        Bacnet = "bacnet" => super::bacnet::Bacnet,
        /// NTP, versions 1 to 4, and its control messages (RFC 5905, RFC 9327).
        Ntp = "ntp" => super::ntp::Ntp,
        /// SIP in datagrams (RFC 3261).
        Sip = "sip" => super::sip::Sip,
        /// SSDP, by which UPnP devices find one another (UPnP Device Architecture 2.0).
        Ssdp = "ssdp" => super::ssdp::Ssdp,
    }
    link {
        /// LLDP and LLDP-MED (IEEE 802.1AB, ANSI/TIA-1057).
        Lldp = "lldp" => super::link::Lldp,
        /// Cisco discovery protocol.
        Cdp = "cdp" => super::link::Cdp,
    }
    tunnel {
        /// Tags between the ports of a bridge: VN-Tag and E-Tag (IEEE 802.1BR).
        BridgePort = "bridge-port",
        /// Data between Wi-Fi access points and their controller (RFC 5415).
        Capwap = "capwap",
        /// Frames that a switch copied from its ports, ERSPAN of type I, II and III.
        Erspan = "erspan",
        /// Geneve (RFC 8926).
        Geneve = "geneve",
        /// Generic routing encapsulation (RFC 2784, RFC 2890), PPTP (RFC 2637) included.
        Gre = "gre",
        /// User plane of GTP (3GPP TS 29.281).
        GtpU = "gtp-u",
        /// IPv4 or IPv6 in IPv4 or IPv6 (RFC 2003, RFC 2473, RFC 4213).
        IpInIp = "ip-in-ip",
        /// Label switching (RFC 3032), pseudowires (RFC 4448) included.
        Mpls = "mpls",
        /// Provider backbone bridging (IEEE 802.1ah).
        Pbb = "pbb",
        /// PPP over Ethernet (RFC 2516).
        Pppoe = "pppoe",
        /// IPv6 through address translators (RFC 4380).
        Teredo = "teredo",
        /// VXLAN (RFC 7348).
        Vxlan = "vxlan",
    }
    other {
        /// Address resolution (RFC 826).
        Arp = "arp",
        /// Payload that no parser knows.
        Unknown = "unknown",
    }
}
