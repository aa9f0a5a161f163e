//! What a network card and its driver say of themselves (ethtool(8), netdevice(7)). Nothing is changed.

use std::{ffi::c_ulong, io, mem, os::fd::AsRawFd, os::unix::net::UnixDatagram};

/// SIOCETHTOOL and SIOCGIFFLAGS of linux/sockios.h.
const ETHTOOL: c_ulong = 0x8946;
const FLAGS: c_ulong = 0x8913;

/// Commands of linux/ethtool.h.
const GET_RING: u32 = 0x10;
const GET_PAUSE: u32 = 0x12;
const GET_FLAGS: u32 = 0x25;
const GET_GRO: u32 = 0x2b;
const GET_CHANNELS: u32 = 0x3c;
const GET_RSS: u32 = 0x46;

/// ETH_FLAG_LRO.
const LRO: u32 = 1 << 15;

/// Most words of a table and key of receive-side scaling; no driver has near as many.
const MOST_WORDS: usize = 1 << 16;

/// How much there is of something, and how much there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Now.
    pub now: u32,
    /// At most; 0 where it cannot be chosen.
    pub most: u32,
}

/// How a card spreads flows over its receive queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spreading {
    /// The key of the Toeplitz hash.
    pub key: Vec<u8>,
    /// The card makes both directions alike before it hashes (RXH_XFRM_SYM_XOR, RXH_XFRM_SYM_OR_XOR).
    pub is_made_symmetric: bool,
}

impl Spreading {
    /// Whether both directions of a flow come to the same queue: where the key repeats after 16 bits, exchanging addresses
    /// and ports changes nothing (Woo and Park, Scalable TCP Session Monitoring with Symmetric Receive-side Scaling, 2012).
    pub fn is_symmetric(&self) -> bool {
        let (pairs, rest) = self.key.as_chunks::<2>();
        let repeats = pairs.first().is_some_and(|first| pairs.iter().all(|pair| pair == first)) && rest.is_empty();
        self.is_made_symmetric || repeats
    }
}

/// A network interface, to be asked about its hardware.
pub struct Device {
    socket: UnixDatagram,
    name: Name,
}

impl Device {
    /// The interface of a name, which need not exist.
    ///
    /// # Errors
    ///
    /// When the name is too long for one, or the system has no socket to ask by.
    pub fn new(name: &str) -> io::Result<Self> {
        Ok(Self { socket: UnixDatagram::unbound()?, name: padded(name)? })
    }

    /// Descriptors of the receive ring.
    ///
    /// # Errors
    ///
    /// When the driver has no such thing (`Unsupported`), as virtual interfaces.
    pub fn receive_ring(&self) -> io::Result<Amount> {
        // struct ethtool_ringparam: cmd, rx_max, rx_mini_max, rx_jumbo_max, tx_max, rx, rx_mini, rx_jumbo, tx.
        let [_, most, _, _, _, now, ..] = self.ask::<9>(GET_RING)?;
        Ok(Amount { now, most })
    }

    /// Receive queues, those shared with sending included.
    ///
    /// # Errors
    ///
    /// As of [`Self::receive_ring`].
    pub fn receive_queues(&self) -> io::Result<Amount> {
        // struct ethtool_channels: cmd, max_rx, max_tx, max_other, max_combined, rx, tx, other, combined.
        let [_, max_rx, _, _, max_combined, rx, _, _, combined] = self.ask::<9>(GET_CHANNELS)?;
        Ok(Amount { now: rx.saturating_add(combined), most: max_rx.max(max_combined) })
    }

    /// Whether the card may send pause frames (IEEE 802.3 annex 31B) when its ring is full.
    ///
    /// # Errors
    ///
    /// As of [`Self::receive_ring`].
    pub fn sends_pause(&self) -> io::Result<bool> {
        // struct ethtool_pauseparam: cmd, autoneg, rx_pause, tx_pause.
        self.ask::<4>(GET_PAUSE).map(|[.., send]| send != 0)
    }

    /// Whether the kernel puts segments together before they are seen (generic receive offload).
    ///
    /// # Errors
    ///
    /// As of [`Self::receive_ring`].
    pub fn generic_receive_offload(&self) -> io::Result<bool> {
        self.ask::<2>(GET_GRO).map(|[_, is_on]| is_on != 0)
    }

    /// Whether the card does (large receive offload).
    ///
    /// # Errors
    ///
    /// As of [`Self::receive_ring`].
    pub fn large_receive_offload(&self) -> io::Result<bool> {
        self.ask::<2>(GET_FLAGS).map(|[_, flags]| flags & LRO != 0)
    }

    /// Whether somebody set it up (IFF_UP).
    ///
    /// # Errors
    ///
    /// When there is no interface of this name.
    pub fn is_set_up(&self) -> io::Result<bool> {
        is_set_up(&self.socket, self.name)
    }

    /// How flows are spread over the receive queues.
    ///
    /// # Errors
    ///
    /// As of [`Self::receive_ring`].
    pub fn spreading(&self) -> io::Result<Spreading> {
        /// struct ethtool_rxfh: cmd, context, entries of the table, bytes of the key, hash function and transformation, one
        /// reserved; then the table and the key.
        const HEAD: usize = 6;
        let [_, _, entries, key_len, ..] = self.ask::<HEAD>(GET_RSS)?;
        let (entries, key_len) = (entries as usize, key_len as usize);
        let words = HEAD.saturating_add(entries).saturating_add(key_len.div_ceil(4));
        if words > MOST_WORDS {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut answer = vec![0_u32; words];
        let head = [GET_RSS, 0, to_u32(entries), to_u32(key_len), 0, 0];
        answer.iter_mut().zip(head).for_each(|(word, value)| *word = value);
        self.exchange(&mut answer)?;
        let [_, input_transformation, ..] = answer.get(4).copied().unwrap_or_default().to_ne_bytes();
        let key = answer.iter().skip(HEAD + entries).flat_map(|word| word.to_ne_bytes()).take(key_len).collect();
        // RXH_XFRM_NO_CHANGE says that nothing is known to set.
        Ok(Spreading { key, is_made_symmetric: matches!(input_transformation, 1..=3) })
    }

    /// Asks with a structure of so many words of 32 bits, of which the first is the command.
    fn ask<const WORDS: usize>(&self, command: u32) -> io::Result<[u32; WORDS]> {
        let mut words = [0; WORDS];
        if let Some(first) = words.first_mut() {
            *first = command;
        }
        self.exchange(&mut words)?;
        Ok(words)
    }

    /// `words` is the whole structure of its command, with room for what its numbers ask for.
    fn exchange(&self, words: &mut [u32]) -> io::Result<()> {
        // SAFETY: a request is plain numbers and a pointer, for which zeros are a value.
        let mut request: libc::ifreq = unsafe { mem::zeroed() };
        request.ifr_name = self.name;
        request.ifr_ifru.ifru_data = words.as_mut_ptr().cast();
        // SAFETY: the request names an interface and points to a structure of ours, as long as its command wants it; the
        // kernel reads and writes no more than that.
        let answer = unsafe { libc::ioctl(self.socket.as_raw_fd(), ETHTOOL as _, &raw mut request) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// Whether the interface of a name is set up, asked by a socket that there is already.
pub(crate) fn is_named_set_up(socket: &impl AsRawFd, name: &str) -> bool {
    padded(name).and_then(|name| is_set_up(socket, name)).unwrap_or(false)
}

/// Asks by any socket for the flags of an interface.
fn is_set_up(socket: &impl AsRawFd, name: Name) -> io::Result<bool> {
    // SAFETY: as in `exchange`.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    request.ifr_name = name;
    // SAFETY: the request names an interface; the kernel writes its flags into it.
    if unsafe { libc::ioctl(socket.as_raw_fd(), FLAGS as _, &raw mut request) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just wrote the flags.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    Ok(libc::c_int::from(flags) & libc::IFF_UP != 0)
}

/// A name with the zeros that the kernel wants behind it.
type Name = [libc::c_char; libc::IFNAMSIZ];

fn padded(name: &str) -> io::Result<Name> {
    let mut padded = [0; libc::IFNAMSIZ];
    if name.is_empty() || name.len() >= padded.len() || name.contains('\0') {
        return Err(io::ErrorKind::NotFound.into());
    }
    padded.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from.cast_signed() as libc::c_char);
    Ok(padded)
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_repeats_sends_both_directions_to_one_queue() {
        let spreading = |key: &[u8], is_made_symmetric| Spreading { key: key.to_vec(), is_made_symmetric };
        assert!(spreading(&[0x6d, 0x5a].repeat(20), false).is_symmetric());
        assert!(!spreading(&[0x6d, 0x5a, 0x56, 0xda], false).is_symmetric());
        assert!(!spreading(&[0x6d, 0x5a, 0x6d], false).is_symmetric());
        assert!(!spreading(&[], false).is_symmetric(), "nothing is known of it");
        assert!(spreading(&[1, 2, 3, 4], true).is_symmetric());
    }

    #[test]
    fn the_loop_is_up_and_has_no_hardware() {
        assert!(Device::new("wardwatch-none").unwrap().is_set_up().is_err());
        let lo = Device::new("lo").unwrap();
        assert!(lo.is_set_up().unwrap());
        assert!(lo.receive_ring().is_err() && lo.receive_queues().is_err() && lo.spreading().is_err());
        assert!(lo.generic_receive_offload().is_ok());
    }

    #[test]
    fn names_that_no_interface_can_have_are_not_asked_for() {
        for name in ["", "sixteen-letters-", "a\0b"] {
            assert_eq!(Device::new(name).err().unwrap().kind(), io::ErrorKind::NotFound, "{name:?}");
        }
    }
}
