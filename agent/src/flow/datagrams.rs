//! A flow of datagrams of a protocol that is known: each is read for itself, and what it says is told at once, for a flow
//! such as that of all DHCP clients without an address has many speakers.

use super::shard::Envelope;
use crate::{
    ledger::Ledger,
    protocol::{Datagram, Outcome, Protocol, Reading, Side, Speaker},
    tally::Tally,
};
use wardwatch_model::{Description, Detail, Place, Seen, Sighting, Vlans};

/// What the datagrams of a flow were, in sum.
pub(crate) struct Datagrams {
    protocol: Protocol,
    client: Side,
    messages: u64,
    faults: u64,
    detail: Detail,
}

impl Datagrams {
    /// Takes the next datagram of a flow, of which the protocol is known if one before it told.
    pub(super) fn take(
        known: &mut Option<Box<Self>>,
        side: Side,
        packet: &Envelope,
        datagram: &Datagram<'_>,
        ledger: &mut Ledger,
        tally: &mut Tally,
    ) {
        let Some(protocol) = Protocol::of_datagram(datagram) else {
            // What the capture cut off is no one's fault.
            if let Some(known) = known.as_mut().filter(|_| !datagram.is_cut) {
                known.faults += 1;
            }
            return;
        };
        let Some(reading) = protocol.read_datagram(datagram) else { return };
        let here = known.get_or_insert_with(|| {
            let client = if reading.is_from_client { side } else { side.other() };
            Box::new(Self { protocol, client, messages: 0, faults: 0, detail: Detail::None })
        });
        here.messages += 1;
        here.faults += u64::from(reading.is_malformed && !datagram.is_cut);
        tell(&reading, packet, ledger, tally);
        here.detail.merge(reading.detail);
        if let Some(remark) = reading.remark {
            let (speaker, speaker_mac) = match remark.speaker {
                Speaker::Sender => (datagram.source.0, packet.mac),
                Speaker::Host { ip, mac } => (ip, mac),
            };
            let description = Description {
                speaker,
                tunnels: packet.tunnels,
                speaker_mac,
                source: remark.source,
                speaks_as: None,
                attributes: remark.attributes,
            };
            ledger.description(description, Seen::once(packet.at), tally);
        }
    }

    /// Takes the next packet of a tunnel. Where the flow was of another protocol before, it stays that.
    pub(super) fn carry(known: &mut Option<Box<Self>>, side: Side, protocol: Protocol) {
        let begin = || Box::new(Self { protocol, client: side, messages: 0, faults: 0, detail: Detail::None });
        let here = known.get_or_insert_with(begin);
        here.messages += u64::from(here.protocol == protocol);
    }

    /// The client, and what the flow was so far.
    pub(super) fn so_far(&self) -> (Side, (Protocol, Outcome)) {
        let outcome =
            Outcome { messages: self.messages, faults: self.faults, detail: self.detail.clone(), ..Outcome::default() };
        (self.client, (self.protocol, outcome))
    }
}

/// Whose an address is. The VLAN tags are those of the owner's network only where no relay agent stands between.
fn tell(reading: &Reading, packet: &Envelope, ledger: &mut Ledger, tally: &mut Tally) {
    if let Some(claim) = &reading.claim {
        let vlans = if claim.is_here { packet.vlans } else { Vlans::default() };
        let place = Place { vlans, ..packet.place(claim.ip, Some(claim.mac)) };
        ledger.sighting(place, Sighting::claim(packet.at), tally);
    }
}
