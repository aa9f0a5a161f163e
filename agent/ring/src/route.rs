//! By which interface packets to an address leave: asked of the kernel, which looks at all of its tables and rules
//! (rtnetlink(7)). Nothing is sent.

use std::{
    ffi::CStr,
    fs::File,
    io::{self, Read, Write},
    net::IpAddr,
    os::fd::{FromRawFd, OwnedFd},
};

/// Message types (linux/rtnetlink.h, linux/netlink.h).
const NEW_ROUTE: u16 = 24;
const GET_ROUTE: u16 = 26;
const ERROR: u16 = 2;
const REQUEST: u16 = 1;

/// Attributes: the destination, the interface.
const DESTINATION: u16 = 1;
const INTERFACE: u16 = 4;

/// Lengths of struct nlmsghdr, struct rtmsg and struct rtattr.
const HEADER: usize = 16;
const ROUTE: usize = 12;
const ATTRIBUTE: usize = 4;

/// Name of the interface by which packets to an address would leave now; `None` where there is no way to it.
///
/// # Errors
///
/// When the kernel does not tell.
pub fn way_to(address: IpAddr) -> io::Result<Option<String>> {
    // SAFETY: no pointers are passed.
    let socket = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::NETLINK_ROUTE) };
    if socket < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just opened it for us, and nobody else knows of it.
    let mut socket = File::from(unsafe { OwnedFd::from_raw_fd(socket) });
    socket.write_all(&question(address))?;
    let mut answer = [0; 4096];
    let length = socket.read(&mut answer)?;
    match interface_in(answer.get(..length).unwrap_or_default()) {
        Ok(index) => name_of(index).map(Some),
        Err(Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::EACCES)) => Ok(None),
        Err(Some(code)) => Err(io::Error::from_raw_os_error(code)),
        Err(None) => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn question(address: IpAddr) -> Vec<u8> {
    /// Lengths of the whole message and of its attribute, for both versions of IP.
    const LENGTHS: [(u32, u16); 2] = [(36, 8), (48, 20)];
    let [v4, v6] = LENGTHS;
    let (family, bits, (length, attribute), destination) = match address.to_canonical() {
        IpAddr::V4(ip) => (2_u8, 32_u8, v4, ip.octets().to_vec()),
        IpAddr::V6(ip) => (10, 128, v6, ip.octets().to_vec()),
    };
    let mut message = Vec::with_capacity(48);
    message.extend(length.to_ne_bytes());
    message.extend(GET_ROUTE.to_ne_bytes());
    message.extend(REQUEST.to_ne_bytes());
    // Sequence number and port of the sender: one question, one answer.
    message.extend([0; 8]);
    message.extend([family, bits, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend(attribute.to_ne_bytes());
    message.extend(DESTINATION.to_ne_bytes());
    message.extend(destination);
    message
}

/// Number of the interface in an answer, or the error that the kernel told, if it did.
fn interface_in(answer: &[u8]) -> Result<u32, Option<i32>> {
    let word = |bytes: &[u8], at: usize| Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk::<4>()?));
    let half = |bytes: &[u8], at: usize| Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk::<2>()?));
    let body = answer.get(HEADER..).ok_or(None)?;
    match half(answer, 4) {
        Some(NEW_ROUTE) => {}
        Some(ERROR) => return Err(word(body, 0).map(|code| code.cast_signed().wrapping_neg())),
        _ => return Err(None),
    }
    let mut attributes = body.get(ROUTE..).ok_or(None)?;
    loop {
        let (length, kind) = half(attributes, 0).zip(half(attributes, 2)).ok_or(None)?;
        if kind == INTERFACE {
            return word(attributes, ATTRIBUTE).ok_or(None);
        }
        // Attributes begin at multiples of four; an empty one would be looked at for ever.
        let length = usize::from(length).max(ATTRIBUTE).next_multiple_of(4);
        attributes = attributes.get(length..).ok_or(None)?;
    }
}

fn name_of(index: u32) -> io::Result<String> {
    let mut name = [0_u8; libc::IF_NAMESIZE];
    // SAFETY: the pointer is to as many bytes as the longest name and its zero have.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) }.is_null() {
        return Err(io::Error::last_os_error());
    }
    let name = CStr::from_bytes_until_nul(&name).map_err(io::Error::other)?;
    name.to_str().map(str::to_owned).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_way_to_this_machine_is_the_loop() {
        for address in ["127.0.0.1", "127.9.9.9"] {
            assert_eq!(way_to(address.parse().unwrap()).unwrap().as_deref(), Some("lo"), "{address}");
        }
    }

    #[test]
    fn a_question_has_the_length_that_it_says() {
        for address in ["192.0.2.1", "2001:db8::1"] {
            let question = question(address.parse().unwrap());
            assert_eq!(question.first_chunk().map(|length| u32::from_ne_bytes(*length) as usize), Some(question.len()));
        }
    }

    #[test]
    fn the_error_of_the_kernel_is_told() {
        let mut answer = vec![0; HEADER];
        answer.get_mut(4..6).unwrap().copy_from_slice(&ERROR.to_ne_bytes());
        answer.extend((-101_i32).to_ne_bytes());
        assert_eq!(interface_in(&answer), Err(Some(101)));
    }

    proptest! {
        #[test]
        fn no_answer_confuses_it(mut answer in prop::collection::vec(any::<u8>(), 0..200), is_route: bool) {
            if let Some(kind) = answer.get_mut(4..6).filter(|_| is_route) {
                kind.copy_from_slice(&NEW_ROUTE.to_ne_bytes());
            }
            let _ = interface_in(&answer);
        }
    }
}
