//! A packet socket, one function for each thing that is asked of it.

use crate::RingError;
use libc::{c_int, c_void, socklen_t};
use std::{
    ffi::CString,
    io, mem,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    time::Duration,
};

pub(crate) struct Socket(OwnedFd);

/// Every kind of frame. The kernel wants it in network byte order.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ETH_P_ALL is 3")]
const ALL: u16 = (libc::ETH_P_ALL as u16).to_be();

impl Socket {
    /// A socket that receives nothing yet.
    pub(crate) fn open() -> Result<Self, RingError> {
        // SAFETY: no pointers are passed.
        let socket = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        if socket < 0 {
            return Err(RingError::last("open a packet socket"));
        }
        // SAFETY: the kernel just opened it for us, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(socket) }))
    }

    pub(crate) const fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Sets an option of the packet layer.
    pub(crate) fn set<T: Plain>(&self, option: c_int, value: &T, step: &'static str) -> Result<(), RingError> {
        self.set_at(libc::SOL_PACKET, option, value, step)
    }

    fn set_at<T: Plain>(&self, level: c_int, option: c_int, value: &T, step: &'static str) -> Result<(), RingError> {
        let value: *const c_void = (&raw const *value).cast();
        // SAFETY: the pointer is to a value of the length given, which is only read.
        let answer = unsafe { libc::setsockopt(self.raw(), level, option, value, length::<T>()) };
        if answer == 0 { Ok(()) } else { Err(RingError::last(step)) }
    }

    /// Reads an option.
    pub(crate) fn get<T: Plain>(&self, level: c_int, option: c_int, step: &'static str) -> Result<T, RingError> {
        // SAFETY: `Plain` types are plain numbers, for which zeros are a value.
        let mut value: T = unsafe { mem::zeroed() };
        let mut length = length::<T>();
        // SAFETY: both pointers are to values of ours, and the kernel writes at most as many bytes as the length says.
        let answer = unsafe { libc::getsockopt(self.raw(), level, option, (&raw mut value).cast(), &raw mut length) };
        if answer == 0 { Ok(value) } else { Err(RingError::last(step)) }
    }

    /// Lets no frame through until [`Self::listen`].
    pub(crate) fn mute(&self) -> Result<(), RingError> {
        // One instruction: return 0, bytes to keep of a frame.
        #[allow(clippy::cast_possible_truncation, reason = "0x06 and 0x00")]
        let mut keep_nothing = libc::sock_filter { code: (libc::BPF_RET | libc::BPF_K) as u16, jt: 0, jf: 0, k: 0 };
        let program = libc::sock_fprog { len: 1, filter: &raw mut keep_nothing };
        self.set_at(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program, "hold frames back")
    }

    /// Lets every frame through.
    pub(crate) fn listen(&self) -> Result<(), RingError> {
        self.set_at(libc::SOL_SOCKET, libc::SO_DETACH_FILTER, &0, "let frames through")
    }

    /// Receives the frames of an interface.
    pub(crate) fn bind(&self, interface: c_int) -> Result<(), RingError> {
        // SAFETY: an address is plain numbers, for which zeros are a value.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        address.sll_family = FAMILY;
        address.sll_protocol = ALL;
        address.sll_ifindex = interface;
        let address: *const libc::sockaddr_ll = &raw const address;
        // SAFETY: the pointer is to an address of the length given, which is only read.
        let answer = unsafe { libc::bind(self.raw(), address.cast(), length::<libc::sockaddr_ll>()) };
        if answer == 0 { Ok(()) } else { Err(RingError::last("listen on the interface")) }
    }

    /// Number of the interface that it is bound to; -1 once that is gone.
    pub(crate) fn interface(&self) -> c_int {
        // SAFETY: as in `bind`.
        let mut address: libc::sockaddr_ll = unsafe { mem::zeroed() };
        let mut length = length::<libc::sockaddr_ll>();
        let place: *mut libc::sockaddr_ll = &raw mut address;
        // SAFETY: both pointers are to values of ours, and the kernel writes at most as many bytes as the length says.
        let answer = unsafe { libc::getsockname(self.raw(), place.cast(), &raw mut length) };
        if answer == 0 { address.sll_ifindex } else { -1 }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "AF_PACKET is 17")]
const FAMILY: u16 = libc::AF_PACKET as u16;

/// Types that the kernel reads and writes as options: numbers only, so that any bytes are a value.
///
/// # Safety
///
/// All bytes zero must be a value.
pub(crate) unsafe trait Plain {}
// SAFETY: numbers only.
unsafe impl Plain for c_int {}
// SAFETY: numbers only.
unsafe impl Plain for libc::tpacket_req3 {}
// SAFETY: numbers only.
unsafe impl Plain for libc::packet_mreq {}
// SAFETY: numbers only.
unsafe impl Plain for libc::tpacket_stats_v3 {}
// SAFETY: a number and a pointer that may be null.
unsafe impl Plain for libc::sock_fprog {}

#[allow(clippy::cast_possible_truncation, reason = "the structures have some tens of bytes")]
const fn length<T>() -> socklen_t {
    mem::size_of::<T>() as socklen_t
}

/// Number of an interface.
pub(crate) fn index_of(interface: &str) -> Result<c_int, RingError> {
    const STEP: &str = "find the interface";
    let name = CString::new(interface).map_err(|error| RingError::new(STEP, error.into()))?;
    // SAFETY: the name ends with a zero, and is only read.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    match c_int::try_from(index) {
        Ok(index) if index > 0 => Ok(index),
        _ => Err(RingError::last(STEP)),
    }
}

/// Waits until one of the sockets has something to tell, at most so long.
pub(crate) fn wait(sockets: &mut [libc::pollfd], timeout: Duration) -> io::Result<()> {
    let millis = c_int::try_from(timeout.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: the pointer is to as many entries as the length says.
    let answer = unsafe { libc::poll(sockets.as_mut_ptr(), sockets.len() as libc::nfds_t, millis) };
    match io::Error::last_os_error() {
        _ if answer >= 0 => Ok(()),
        // A signal came.
        error if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        error => Err(error),
    }
}
