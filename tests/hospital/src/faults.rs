//! What goes wrong between a conversation and its capture. Positions are those of the packets as they stand when the
//! fault is applied; the handshake is 0, 1, 2.

use crate::tcp::{Conversation, Sent, Side};

impl Conversation {
    /// Positions of a side's packets that carry data.
    pub fn data(&self, side: Side) -> Vec<usize> {
        let carries = |sent: &Sent| sent.from == side && sent.data > 0;
        self.0.iter().enumerate().filter(|(_, sent)| carries(sent)).map(|(at, _)| at).collect()
    }

    /// The capture misses packets that arrived.
    #[must_use]
    pub fn lose(self, positions: &[usize]) -> Self {
        let kept = self.0.into_iter().enumerate().filter(|(at, _)| !positions.contains(at));
        Self(kept.map(|(_, sent)| sent).collect())
    }

    /// Packets are sent a second time, some nanoseconds later. With [`Self::lose`] of the first: only the second is
    /// seen.
    #[must_use]
    pub fn retransmit(mut self, positions: &[usize], later: u64) -> Self {
        let mut again: Vec<_> =
            self.0.iter().enumerate().filter(|(at, _)| positions.contains(at)).map(|(_, sent)| sent.clone()).collect();
        again.iter_mut().for_each(|sent| sent.packet.at += later);
        self.0.extend(again);
        self.0.sort_by_key(|sent| sent.packet.at);
        self
    }

    /// A packet and the one behind it change places; their times stay in order.
    #[must_use]
    pub fn swap(mut self, positions: &[usize]) -> Self {
        for &at in positions {
            if let Some([first, second]) = self.0.get_mut(at..).and_then(|rest| rest.get_mut(..2)) {
                std::mem::swap(&mut first.packet.at, &mut second.packet.at);
                self.0.swap(at, at + 1);
            }
        }
        self
    }

    /// The capture begins later.
    #[must_use]
    pub fn without_start(self, packets: usize) -> Self {
        Self(self.0.into_iter().skip(packets).collect())
    }

    /// The mirror shows one direction only.
    #[must_use]
    pub fn only(self, side: Side) -> Self {
        Self(self.0.into_iter().filter(|sent| sent.from == side).collect())
    }

    /// Packets are cut.
    #[must_use]
    pub fn snaplen(mut self, bytes: usize) -> Self {
        self.0.iter_mut().for_each(|sent| sent.packet.cut(bytes));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{end::End, tcp::Tcp};

    fn conversation() -> Conversation {
        let end = |address: &str, mac| End {
            address: address.parse().unwrap(),
            source: [mac; 6],
            next_hop: [mac ^ 6; 6],
            vlans: vec![],
            ttl: 64,
        };
        let mut tcp = Tcp::open(end("10.0.0.1:40000", 2), end("10.0.0.2:104", 4), 0);
        tcp.client(&[1; 4000]);
        tcp.server(&[2; 500]);
        tcp.close(Side::Client)
    }

    #[test]
    fn data_travels_in_segments_and_every_second_one_is_acknowledged() {
        // SYN, SYN ACK, ACK; two segments, ACK, one segment; the answer, its ACK; FIN, FIN, ACK.
        let lengths: Vec<usize> = conversation().0.iter().map(|sent| sent.data).collect();
        assert_eq!(lengths, [0, 0, 0, 1460, 1460, 0, 1080, 500, 0, 0, 0, 0]);
        assert_eq!(conversation().data(Side::Client), [3, 4, 6]);
        assert_eq!(conversation().data(Side::Server), [7]);
    }

    #[test]
    fn faults_hit_what_they_are_told_to() {
        let whole = conversation();
        assert_eq!(whole.clone().lose(&[3]).0.len(), 11);
        assert_eq!(whole.clone().without_start(3).0[0], whole.0[3]);
        assert!(whole.clone().only(Side::Server).0.iter().all(|sent| sent.from == Side::Server));
        let swapped = whole.clone().swap(&[3]);
        assert_eq!(swapped.0[3].packet.bytes, whole.0[4].packet.bytes);
        assert_eq!(swapped.0[3].packet.at, whole.0[3].packet.at);
        let late = whole.clone().retransmit(&[3], 1_000_000).lose(&[3]);
        assert_eq!(late.0.len(), whole.0.len());
        assert_eq!(late.0.iter().position(|sent| sent.packet.bytes == whole.0[3].packet.bytes), Some(6));
        assert!(whole.clone().snaplen(60).0.iter().all(|sent| sent.packet.bytes.len() <= 60));
    }
}
