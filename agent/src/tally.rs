//! What a shard counts: packets, protocols, every loss with its reason, and the conditions of the capture.

use crate::{decode::Undecodable, protocol::Protocol};
use wardwatch_model::{CaptureFacts, Name, PacketTime, ProtocolFacts};

/// Counters of each protocol, in the order of the registry.
pub(crate) struct ByProtocol([ProtocolFacts; Protocol::COUNT]);

impl Default for ByProtocol {
    fn default() -> Self {
        Self(std::array::from_fn(|_| ProtocolFacts::default()))
    }
}

/// Declares the counters in one place: of which stage each is, its name, what it counts, how much of it is usual, in percent of
/// what it happens to, and what to do about more.
macro_rules! counters {
    ($($(#[doc = $all:literal])+ $kind:ident, $list:ident { $($stage:literal: { $($(#[doc = $meaning:literal])+ $field:ident ($usual:literal of $whole:ident) = $advice:literal,)* })* })*) => {
        /// Counters of one shard.
        #[derive(Default)]
        pub(crate) struct Tally {
            pub(crate) packets: u64,
            pub(crate) bytes: u64,
            pub(crate) window: Option<(PacketTime, PacketTime)>,
            pub(crate) protocols: ByProtocol,
            pub(crate) flows: u64,
            pub(crate) other_links: bool,
            pub(crate) flows_without_payload: u64,
            /// Payload bytes of TCP connections, each once.
            pub(crate) stream_bytes: u64,
            $($($($(#[doc = $meaning])+ pub(crate) $field: u64,)*)*)*
        }

        impl Tally {
            $(
                fn $kind(&self) -> impl Iterator<Item = (&'static str, u64)> {
                    [$($((stringify!($field), self.$field),)*)*].into_iter()
                }
            )*
        }

        $(
            $(#[doc = $all])+
            pub const $list: &[(&str, &str)] = &[$($((stringify!($field), concat!($($meaning),+).trim_ascii()),)*)*];
        )*

        /// Every counter of what an agent lost and of the conditions it captured under.
        pub const COUNTERS: &[Counter] = &[$($($(
            Counter {
                kind: stringify!($kind),
                stage: $stage,
                name: stringify!($field),
                meaning: concat!($($meaning),+).trim_ascii(),
                whole: Whole::$whole,
                usual: $usual,
                advice: $advice,
            },
        )*)*)*];
    };
}

/// A counter, for those who read it.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// `losses` or `conditions`.
    pub kind: &'static str,
    /// Where on a packet's way it counts.
    pub stage: &'static str,
    /// As in documents and metrics.
    pub name: &'static str,
    /// What it counts.
    pub meaning: &'static str,
    /// What it happens to.
    pub whole: Whole,
    /// How much of that is nothing to worry about, percent: of 0 none is, of 100 any.
    pub usual: u8,
    /// What it points to, and what to do.
    pub advice: &'static str,
}

/// What a counter happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Frames read.
    Frames,
    /// Flows seen.
    Flows,
    /// TCP connections with payload.
    Connections,
    /// Payload of TCP connections, with what is known to be lost of it.
    StreamBytes,
}

impl Whole {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Flows => "flows",
            Self::Connections => "TCP connections",
            Self::StreamBytes => "bytes of TCP connections",
        }
    }
}

counters! {
    /// Every reason for which something is lost to us, as named in documents and metrics, and its meaning.
    losses, LOSS_REASONS {
        "capture": {
            /// Frames of which the capture kept only the beginning.
            truncated_frames (0 of Frames) = "Capture whole frames: `tcpdump -s 0`; a mirror session of a switch may cut them, too.",
        }
        "decode": {
            /// Frames of a link type we do not know.
            link_type_unknown (0 of Frames) = "Capture on one interface of Ethernet or IP, not on `any`; `capinfos` tells the link type of a file.",
            /// Frames that end inside their link header or a VLAN tag.
            link_header_malformed (0 of Frames) = "Runts on the wire or a damaged file: look at the error counters of the mirror port and of the card, `ethtool -S IF`.",
            /// Packets whose IP header is cut or contradicts itself.
            ip_header_malformed (0 of Frames) = "A few are scans or fuzzing, many a snapshot length that is too short or a damaged file.",
            /// Packets whose TCP or UDP header is cut or contradicts itself.
            transport_header_malformed (0 of Frames) = "As for IP headers; `ethtool -S IF` counts frames that were damaged on their way here.",
            /// ARP messages that are cut or contradict themselves.
            arp_malformed (0 of Frames) = "A broken or hostile device: look for the sender with a filter on ARP.",
            /// Packets whose tunnel header is cut or contradicts itself; the tunnel itself is told.
            tunnel_header_malformed (0 of Frames) = "A snapshot length that is too short, or a port of a tunnel used for something else.",
            /// Packets in more tunnels one in another than the eight that are followed; the outer ones are told.
            tunnels_too_deep (0 of Frames) = "No network is built like that: look who sends it.",
        }
        "fragments": {
            /// IP fragments whose datagrams did not become whole.
            ip_fragments (0 of Frames) = "The capture loses packets, or sees one of several paths; a device that sends fragments only may attack. Those of IPv6 may come to different workers of a live capture: `--workers 1` where they matter.",
            /// IP fragments that brought other data for a place in their datagram than one before; the first data counted.
            fragment_conflicts (0 of Frames) = "Nobody sends this by mistake: somebody may try to hide from monitors.",
        }
        "stream": {
            /// Bytes of connections that never came, in directions whose bytes mattered.
            stream_gap_bytes (0 of StreamBytes) = "The mirror port loses packets: compare its speed with what it mirrors, look at its drops, at `ethtool -S IF` and at `reason=kernel`.",
            /// Payload bytes from outside of what their sender could be sending: of another connection, or forged.
            stray_bytes (0 of StreamBytes) = "A few follow lost packets or a restart; many from one place are an attempt to inject data.",
            /// Segments that brought other data under sequence numbers seen before; the first data counted.
            overlap_conflicts (0 of Frames) = "A middlebox that changes data, or an attempt to hide from monitors or to inject data.",
            /// Payload bytes of resets, which no receiver takes for data.
            reset_payload_bytes (100 of StreamBytes) = "Harmless: the reason that a reset gives.",
        }
        "flow": {
            /// Flows given up to make room for others.
            flows_evicted (0 of Flows) = "Raise `limits.flows`, or look who opens so many: a scan or a flood.",
            /// Flows given up to free memory of reassembly.
            reassembly_evicted (0 of Flows) = "Raise `limits.reassembly_mib`; many holes at once mean that the capture loses packets.",
        }
        "ledger": {
            /// Places of addresses that found no room.
            places_dropped (0 of Frames) = "Raise `limits.devices`, or look who sends under so many addresses.",
            /// Conversations that found no room.
            conversations_dropped (0 of Flows) = "More went on between two reports than there may be: raise `limits.conversations`, or look who speaks with so many.",
            /// Associations and links of conversations that found no room in memory.
            details_dropped (0 of Flows) = "Somebody makes up DICOM associations or HL7 applications: look who speaks with so many, or raise `limits.conversations`.",
            /// Descriptions of devices that found no room.
            descriptions_dropped (0 of Flows) = "A gateway that speaks for very many devices, or one that makes them up: raise `limits.descriptions`, or look which.",
        }
    }
    /// Every condition of a capture by which nothing is lost but which tells how well it sees, and its meaning.
    conditions, CONDITIONS {
        "capture": {
            /// Packets that were captured more than once; each counts once.
            duplicate_packets (10 of Frames) = "Both ends of a path are mirrored. Harmless but for the room that copies take on the mirror port: mirror one direction of each port, or one end of each path.",
            /// Packets that are longer than networks carry them, or do not say how long they are: a network card or a driver put them together.
            offloaded_packets (0 of Frames) = "Read, but packets of the wire cannot be told apart: `ethtool -K IF gro off lro off tso off` on the capturing machine.",
            /// Packets whose IPv4 or TCP checksum is 0: it was left to a network card.
            zero_checksums (100 of Frames) = "Harmless. They were captured on the machine that sent them, not on the wire.",
        }
        "stream": {
            /// TCP segments that brought bytes again, copies of packets not counted.
            retransmitted_segments (1 of Frames) = "The network loses packets, or copies come too late to be known as such.",
            /// TCP segments that came after others that follow them.
            out_of_order_segments (1 of Frames) = "Many mean that the capture mixes packets up: several queues of a network card without a symmetric hash, or two files with different clocks.",
            /// SYNs inside of a live connection that nobody believed.
            stray_syns (1 of Connections) = "A device that restarted and gave up, or an attempt to cut a connection: look who sends them.",
            /// Resets from outside of what their sender could be sending, which nobody believes.
            stray_resets (1 of Connections) = "An attempt to cut a connection, or the answer to one.",
            /// TCP connections with payload of which one direction was captured only.
            one_sided_flows (5 of Connections) = "Mirror both directions; a path that goes and comes back by different routers needs a mirror port on each.",
            /// TCP connections with payload whose opening was not captured.
            joined_flows (50 of Connections) = "Those that were open when the capture began. More of them later: the capture loses packets.",
        }
    }
}

/// What is counted of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Bytes on the wire.
    pub(crate) length: u32,
    /// The capture has only its beginning.
    pub(crate) is_cut: bool,
    /// It came over Ethernet.
    pub(crate) is_ethernet: bool,
    /// It is longer than networks carry it, or does not say how long it is.
    pub(crate) is_offloaded: bool,
    /// A checksum in it is 0.
    pub(crate) is_unsummed: bool,
}

impl Tally {
    /// Counts a frame and, where the capture cut it, its loss.
    pub(crate) fn frame(&mut self, at: PacketTime, frame: Counted) {
        self.packets += 1;
        self.bytes += u64::from(frame.length);
        self.truncated_frames += u64::from(frame.is_cut);
        self.other_links |= !frame.is_ethernet;
        self.offloaded_packets += u64::from(frame.is_offloaded);
        self.zero_checksums += u64::from(frame.is_unsummed);
        let (first, last) = self.window.unwrap_or((at, at));
        self.window = Some((first.min(at), last.max(at)));
    }

    /// Counts a SYN of which nothing came, where it was one.
    pub(crate) fn unanswered(&mut self, is_one: bool) {
        self.flows += u64::from(is_one);
        self.flows_without_payload += u64::from(is_one);
    }

    /// Counts a frame that could not be decoded.
    pub(crate) fn undecodable(&mut self, reason: Undecodable) {
        *match reason {
            Undecodable::LinkType => &mut self.link_type_unknown,
            Undecodable::LinkHeader => &mut self.link_header_malformed,
            Undecodable::IpHeader => &mut self.ip_header_malformed,
            Undecodable::Fragment => &mut self.ip_fragments,
            Undecodable::TransportHeader => &mut self.transport_header_malformed,
            Undecodable::Arp => &mut self.arp_malformed,
            Undecodable::Tunnel => &mut self.tunnel_header_malformed,
            Undecodable::TooDeep => &mut self.tunnels_too_deep,
        } += 1;
    }

    /// Counts a message that belongs to no flow.
    pub(crate) fn message(&mut self, protocol: Protocol) {
        if let Some(facts) = self.protocol(protocol) {
            facts.messages += 1;
        }
    }

    /// The facts of a protocol.
    pub(crate) fn protocol(&mut self, protocol: Protocol) -> Option<&mut ProtocolFacts> {
        self.protocols.0.get_mut(protocol.index())
    }

    /// Adds this shard's counters to facts.
    pub(crate) fn add_to(&self, facts: &mut CaptureFacts) {
        let named = |(protocol, facts): (&Protocol, &ProtocolFacts)| (Name::new(protocol.name()), *facts);
        facts.merge(&CaptureFacts {
            packets: self.packets,
            bytes: self.bytes,
            flows: self.flows,
            flows_without_payload: self.flows_without_payload,
            window: self.window,
            losses: self.losses().map(|(reason, count)| (Name::new(reason), count)).collect(),
            conditions: self.conditions().map(|(condition, count)| (Name::new(condition), count)).collect(),
            stream_bytes: self.stream_bytes,
            protocols: Protocol::ALL.iter().zip(&self.protocols.0).map(named).collect(),
            other_links: self.other_links,
        });
    }
}
