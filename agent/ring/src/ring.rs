//! Rings: opening them, taking blocks, counting what is lost.

use crate::{
    Packets, RingError, device,
    mapping::Mapping,
    socket::{self, Socket},
};
use libc::c_int;
use std::{io, time::Duration};

/// How an interface is listened on.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Memory of the rings of one interface together, bytes; each gets at least [`Settings::LEAST`]. More bridges a
    /// longer moment in which nobody reads.
    pub bytes: usize,
    /// Number of rings, among which the kernel shares out the flows: both directions of one come to the same ring. At
    /// least 1, at most 255.
    pub rings: usize,
    /// Whether frames are seen that this machine sends itself.
    pub outgoing: bool,
}

/// Lengths of a block, bytes: whole pages, and more than the longest frame that is put together of several (64 KiB). A
/// reader is woken for each block, so large ones are cheaper.
const SMALLEST: usize = 128 << 10;
const LARGEST: usize = 1 << 20;

/// Blocks that a ring should have.
const BLOCKS: usize = 64;

/// How long a block that is not full waits for more packets. Where little comes, a ring is full after so many blocks times
/// this, so the shorter it is, the shorter a moment can be in which nobody reads.
const LINGER_MILLIS: u32 = 50;

impl Settings {
    /// The smallest ring, bytes.
    pub const LEAST: usize = 8 * SMALLEST;

    const fn rings(&self) -> usize {
        if self.rings == 0 { 1 } else { self.rings }
    }

    /// Length of a block, and number of blocks, of each ring.
    const fn shape(&self) -> (usize, usize) {
        let share = self.bytes / self.rings();
        let share = if share < Self::LEAST { Self::LEAST } else { share };
        let block = match share / BLOCKS {
            few if few < SMALLEST => SMALLEST,
            many if many > LARGEST => LARGEST,
            // A power of two is whole pages.
            between => 1 << between.ilog2(),
        };
        (block, share / block)
    }

    /// What the rings of one interface take, bytes.
    pub const fn memory(&self) -> usize {
        let (block, blocks) = self.shape();
        self.rings().saturating_mul(blocks).saturating_mul(block)
    }
}

/// A ring that receives what comes in on an interface, or a share of it.
pub struct Ring {
    // Before the socket, so that it is unmapped first.
    mapping: Mapping,
    socket: Socket,
    /// The block that the kernel hands over next.
    next: usize,
    losses: Losses,
}

/// What the kernel counted since a ring was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Packets that came, with those dropped.
    pub packets: u64,
    /// Packets that found no room.
    pub dropped: u64,
    /// How often there came to be no room.
    pub freezes: u64,
}

impl Ring {
    /// Opens the rings of an interface. It is put in promiscuous mode as long as they are open. Nothing is ever sent.
    ///
    /// # Errors
    ///
    /// When there is no such interface, no right to listen on it (CAP_NET_RAW), no memory, or no such ring in this kernel.
    pub fn open(interface: &str, settings: &Settings) -> Result<Vec<Self>, RingError> {
        let index = socket::index_of(interface)?;
        let mut rings: Vec<Self> = Vec::new();
        for _ in 0..settings.rings() {
            let ring = Self::closed(index, settings)?;
            if settings.rings > 1 {
                ring.join(rings.first(), settings)?;
            }
            rings.push(ring);
        }
        // All at once: as long as one is not in the group yet, it would get what another one gets as well.
        rings.iter().try_for_each(|ring| ring.socket.listen())?;
        Ok(rings)
    }

    /// A ring that lets nothing through yet.
    fn closed(interface: c_int, settings: &Settings) -> Result<Self, RingError> {
        let socket = Socket::open()?;
        socket.mute()?;
        // 2 is TPACKET_V3.
        socket.set(libc::PACKET_VERSION, &2, "have a ring of blocks (TPACKET_V3)")?;
        let (block, blocks) = settings.shape();
        socket.set(libc::PACKET_RX_RING, &request(block, blocks)?, "have memory for the ring (capture.ring_mib)")?;
        let mapping = Mapping::new(socket.descriptor(), block, blocks)?;
        if !settings.outgoing {
            socket.set(libc::PACKET_IGNORE_OUTGOING, &1, "leave out what this machine sends")?;
        }
        socket.bind(interface)?;
        let promiscuous =
            libc::packet_mreq { mr_ifindex: interface, mr_type: PROMISCUOUS, mr_alen: 0, mr_address: [0; 8] };
        socket.set(libc::PACKET_ADD_MEMBERSHIP, &promiscuous, "put the interface in promiscuous mode")?;
        Ok(Self { mapping, socket, next: 0, losses: Losses::default() })
    }

    /// Shares out the flows with others: with the ring given and those that joined it, or with those that will.
    fn join(&self, first: Option<&Self>, settings: &Settings) -> Result<(), RingError> {
        const STEP: &str = "share out flows among several rings (capture.workers)";
        // Fragments are put together first: those after the first one do not say whose they are.
        let mut mode = libc::PACKET_FANOUT_HASH | libc::PACKET_FANOUT_FLAG_DEFRAG;
        if !settings.outgoing {
            mode |= libc::PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
        }
        let group = match first {
            // The kernel chooses a number that nobody has.
            None => {
                mode |= libc::PACKET_FANOUT_FLAG_UNIQUEID;
                0
            }
            Some(first) => {
                first.socket.get::<c_int>(libc::SOL_PACKET, libc::PACKET_FANOUT, STEP)?.cast_unsigned() & 0xffff
            }
        };
        self.socket.set(libc::PACKET_FANOUT, &(group | mode << 16).cast_signed(), STEP)
    }

    /// The next block, if it is full or has waited long enough. One that was taken must be dropped before the next.
    pub fn next_block(&mut self) -> Option<Block<'_>> {
        self.mapping.block(self.next)?;
        Some(Block { ring: self })
    }

    /// What was lost up to now.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn losses(&mut self) -> Result<Losses, RingError> {
        let since: libc::tpacket_stats_v3 =
            self.socket.get(libc::SOL_PACKET, libc::PACKET_STATISTICS, "read what was lost")?;
        // The kernel forgets what it has told.
        self.losses.packets += u64::from(since.tp_packets);
        self.losses.dropped += u64::from(since.tp_drops);
        self.losses.freezes += u64::from(since.tp_freeze_q_cnt);
        Ok(self.losses)
    }

    /// What went wrong since it was asked for the last time, such as the interface having gone down. The ring goes on by
    /// itself when it comes up again, unless [`Ring::is_attached`] denies it.
    pub fn take_error(&self) -> Option<io::Error> {
        let code = self.socket.get::<c_int>(libc::SOL_SOCKET, libc::SO_ERROR, "ask what went wrong");
        match code {
            Ok(0) => None,
            Ok(code) => Some(io::Error::from_raw_os_error(code)),
            Err(error) => Some(error.error),
        }
    }

    /// Whether somebody set up the interface that has this name now.
    pub fn is_set_up(&self, interface: &str) -> bool {
        device::is_named_set_up(self.socket.descriptor(), interface)
    }

    /// Whether its interface is still there. If not, only a new ring can listen on the one that may come in its place.
    pub fn is_attached(&self) -> bool {
        self.socket.interface() > 0
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 1")]
const PROMISCUOUS: u16 = libc::PACKET_MR_PROMISC as u16;

/// What the kernel is asked for.
fn request(block: usize, blocks: usize) -> Result<libc::tpacket_req3, RingError> {
    /// A unit in which the kernel counts; packets are laid one after the other whatever it is.
    const FRAME: usize = 2048;
    let number = |number: usize| {
        u32::try_from(number)
            .map_err(|_| RingError::new("have so large a ring (capture.ring_mib)", io::ErrorKind::InvalidInput.into()))
    };
    Ok(libc::tpacket_req3 {
        tp_block_size: number(block)?,
        tp_block_nr: number(blocks)?,
        tp_frame_size: number(FRAME)?,
        tp_frame_nr: number((block / FRAME).saturating_mul(blocks))?,
        tp_retire_blk_tov: LINGER_MILLIS,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    })
}

/// A block of packets, handed back when dropped.
pub struct Block<'a> {
    ring: &'a mut Ring,
}

impl Block<'_> {
    /// Its packets.
    pub fn packets(&self) -> Packets<'_> {
        Packets::new(self.ring.mapping.block(self.ring.next).unwrap_or_default())
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        self.ring.mapping.hand_back(self.ring.next);
        self.ring.next = (self.ring.next + 1) % self.ring.mapping.blocks();
    }
}

/// Waits until one of the rings has a block or an error, at most so long.
///
/// # Errors
///
/// When the system cannot wait.
pub fn wait<'a>(rings: impl IntoIterator<Item = &'a Ring>, timeout: Duration) -> io::Result<()> {
    let one = |ring: &Ring| libc::pollfd { fd: ring.socket.raw(), events: libc::POLLIN, revents: 0 };
    let mut sockets: Vec<libc::pollfd> = rings.into_iter().map(one).collect();
    socket::wait(&mut sockets, timeout)
}

#[cfg(test)]
mod tests;
