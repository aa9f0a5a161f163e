//! Rings on the loopback interface of a network of its own. They need root; without it there is nothing to test.

use super::*;
use std::{net::UdpSocket, thread};

const SETTINGS: Settings = Settings { bytes: Settings::LEAST, rings: 1, outgoing: false };

/// Runs a test in a new network namespace, which ends with its thread. Nothing else is heard there.
fn alone(test: impl FnOnce() + Send + 'static) {
    let run = move || {
        // SAFETY: no pointers are passed; only this thread moves.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
            return println!("skipped: no right to make a network namespace");
        }
        set_loopback(true);
        test();
    };
    thread::spawn(run).join().unwrap();
}

/// Sets the loopback interface up or down, as ip(8) would: in the namespace of this thread.
fn set_loopback(is_up: bool) {
    // SAFETY: no pointers are passed.
    let socket = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    assert!(socket >= 0);
    // SAFETY: plain numbers and a union of such, for which zeros are a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[..2].copy_from_slice(&[b'l'.cast_signed(), b'o'.cast_signed()].map(libc::c_char::from));
    request.ifr_ifru.ifru_flags = if is_up { libc::c_short::try_from(libc::IFF_UP).unwrap() } else { 0 };
    // SAFETY: the request is one of flags, and lives until the call returns.
    assert_eq!(unsafe { libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw mut request) }, 0);
    // SAFETY: opened above, and used by nobody else.
    unsafe { libc::close(socket) };
}

/// Sends datagrams to ports from 1 on, each with its number in it.
fn send(numbers: std::ops::Range<u16>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for number in numbers {
        socket.send_to(&number.to_be_bytes(), ("127.0.0.1", 1 + number % 1000)).unwrap();
        // Nobody listens there, which is told by the next call.
        let _ = socket.take_error();
    }
}

/// Numbers in the datagrams that a ring received.
fn received(ring: &mut Ring) -> Vec<u16> {
    let mut numbers = Vec::new();
    for _ in 0..10 {
        wait([&*ring], Duration::from_millis(60)).unwrap();
        while let Some(block) = ring.next_block() {
            let mut packets = block.packets();
            for packet in packets.by_ref() {
                assert!(packet.nanos > 1_600_000_000_000_000_000 && !packet.is_outgoing && packet.vlan.is_none());
                assert_eq!(packet.wire_len as usize, packet.bytes.len());
                // Ethernet, IPv4, UDP; errors of ICMP come back as well.
                if packet.bytes[23] == 17 {
                    numbers.push(u16::from_be_bytes([packet.bytes[42], packet.bytes[43]]));
                }
            }
            assert_eq!(packets.left(), 0);
        }
    }
    numbers
}

#[test]
fn every_packet_comes_once_in_order_and_the_kernel_says_so() {
    alone(|| {
        let mut ring = Ring::open("lo", &SETTINGS).unwrap().pop().unwrap();
        send(0..500);
        assert_eq!(received(&mut ring), (0..500).collect::<Vec<_>>());
        let losses = ring.losses().unwrap();
        assert!(losses.packets >= 500 && losses.dropped == 0 && losses.freezes == 0, "{losses:?}");
    });
}

#[test]
fn what_finds_no_room_is_counted_and_what_comes_later_is_received() {
    alone(|| {
        let mut ring = Ring::open("lo", &SETTINGS).unwrap().pop().unwrap();
        send(0..20_000);
        let numbers = received(&mut ring);
        let losses = ring.losses().unwrap();
        // The kernel counts answers of ICMP as well.
        assert!(numbers.len() < 20_000 && losses.dropped > 0 && losses.freezes > 0, "{losses:?}");
        assert!(losses.packets - losses.dropped >= numbers.len() as u64);
        send(0..10);
        assert_eq!(received(&mut ring), (0..10).collect::<Vec<_>>());
        let later = ring.losses().unwrap();
        assert!(later.packets >= losses.packets + 10 && later.dropped == losses.dropped, "{losses:?} {later:?}");
    });
}

#[test]
fn several_rings_get_each_flow_whole_and_together_everything() {
    alone(|| {
        let settings = Settings { rings: 3, ..SETTINGS };
        let mut rings = Ring::open("lo", &settings).unwrap();
        send(0..3000);
        let shares: Vec<Vec<u16>> = rings.iter_mut().map(received).collect();
        let mut all = shares.concat();
        all.sort_unstable();
        assert!(all == (0..3000).collect::<Vec<_>>(), "{} of 3000", all.len());
        for port in 0..1000 {
            let holders = shares.iter().filter(|share| share.iter().any(|number| number % 1000 == port));
            assert_eq!(holders.count(), 1, "port {port}");
        }
        assert!(shares.iter().all(|share| share.len() > 300));
    });
}

#[test]
fn an_interface_that_was_down_is_heard_again_by_the_same_ring() {
    alone(|| {
        let mut ring = Ring::open("lo", &SETTINGS).unwrap().pop().unwrap();
        assert!(ring.take_error().is_none() && ring.is_attached());
        set_loopback(false);
        wait([&ring], Duration::from_secs(5)).unwrap();
        assert_eq!(ring.take_error().and_then(|error| error.raw_os_error()), Some(libc::ENETDOWN));
        assert!(ring.take_error().is_none() && ring.is_attached());
        set_loopback(true);
        send(0..5);
        assert_eq!(received(&mut ring), [0, 1, 2, 3, 4]);
    });
}

#[test]
fn what_cannot_be_opened_says_which_step_failed() {
    let error = Ring::open("wardwatch-none", &SETTINGS).err().unwrap();
    assert_eq!(error.step, "find the interface");
    assert!(Ring::open("l\0o", &SETTINGS).is_err());
}

#[test]
fn the_memory_of_the_rings_is_what_was_asked_for_and_never_less_than_works() {
    let memory = |bytes, rings| Settings { bytes, rings, outgoing: true }.memory();
    assert_eq!(memory(64 << 20, 1), 64 << 20);
    assert_eq!(memory(64 << 20, 4), 64 << 20);
    assert_eq!(memory(4095 << 20, 1), 4095 << 20);
    assert!((60 << 20..=64 << 20).contains(&memory(64 << 20, 3)));
    assert_eq!(memory(1 << 20, 2), 2 * Settings::LEAST);
    assert_eq!(memory(0, 0), Settings::LEAST);
}
