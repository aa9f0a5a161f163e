//! What a shard counts: packets, protocols, and every loss with its reason.

use crate::{decode::Undecodable, protocol::Protocol};
use wardwatch_model::{CaptureFacts, Name, PacketTime, ProtocolFacts};

/// Declares the loss counters, their names and their meaning in one place.
macro_rules! losses {
    ($($(#[doc = $meaning:literal])+ $field:ident,)*) => {
        /// Counters of one shard.
        #[derive(Default)]
        pub(crate) struct Tally {
            pub(crate) packets: u64,
            pub(crate) bytes: u64,
            pub(crate) window: Option<(PacketTime, PacketTime)>,
            pub(crate) protocols: [ProtocolFacts; Protocol::COUNT],
            pub(crate) flows: u64,
            pub(crate) other_links: bool,
            pub(crate) flows_without_payload: u64,
            $($(#[doc = $meaning])+ pub(crate) $field: u64,)*
        }

        impl Tally {
            fn losses(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($field), self.$field),)*].into_iter()
            }
        }

        /// Every reason for which something is lost to us, as named in documents and metrics, and its meaning.
        pub const LOSS_REASONS: &[(&str, &str)] = &[$((stringify!($field), concat!($($meaning),+).trim_ascii()),)*];
    };
}

losses! {
    /// Frames of which the capture kept only the beginning.
    truncated_frames,
    /// Frames of a link type we do not know.
    link_type_unknown,
    /// Frames that end inside their link header or a VLAN tag.
    link_header_malformed,
    /// Packets whose IP header is cut or contradicts itself.
    ip_header_malformed,
    /// Packets whose TCP or UDP header is cut or contradicts itself.
    transport_header_malformed,
    /// ARP messages that are cut or contradict themselves.
    arp_malformed,
    /// Packets whose tunnel header is cut or contradicts itself; the tunnel itself is told.
    tunnel_header_malformed,
    /// Packets in more tunnels one in another than the eight that are followed; the outer ones are told.
    tunnels_too_deep,
    /// IP fragments whose datagrams did not become whole.
    ip_fragments,
    /// IP fragments that brought other data for a place in their datagram than one before; the first data counted.
    fragment_conflicts,
    /// Bytes of connections that never came, in directions whose bytes mattered.
    stream_gap_bytes,
    /// Payload bytes from outside of what their sender could be sending: of another connection, or forged.
    stray_bytes,
    /// Segments that brought other data under sequence numbers seen before; the first data counted.
    overlap_conflicts,
    /// Payload bytes of resets, which no receiver takes for data.
    reset_payload_bytes,
    /// Flows given up to make room for others.
    flows_evicted,
    /// Flows given up to free memory of reassembly.
    reassembly_evicted,
    /// Places of addresses that found no room.
    places_dropped,
    /// Conversations that found no room.
    conversations_dropped,
    /// Descriptions of devices that found no room.
    descriptions_dropped,
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
}

impl Tally {
    /// Counts a frame and, where the capture cut it, its loss.
    pub(crate) fn frame(&mut self, at: PacketTime, frame: Counted) {
        self.packets += 1;
        self.bytes += u64::from(frame.length);
        self.truncated_frames += u64::from(frame.is_cut);
        self.other_links |= !frame.is_ethernet;
        let (first, last) = self.window.unwrap_or((at, at));
        self.window = Some((first.min(at), last.max(at)));
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
        self.protocols.get_mut(protocol.index())
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
            protocols: Protocol::ALL.iter().zip(&self.protocols).map(named).collect(),
            other_links: self.other_links,
        });
    }
}
