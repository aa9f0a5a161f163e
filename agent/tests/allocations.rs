//! In the steady state the engine asks for no memory: not for a frame, not for a message.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot be built must stop")]

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{alloc::System, net::SocketAddr};
use wardwatch_agent::{
    Limits, Worker,
    source::{Frame, LinkType},
};
use wardwatch_hospital::{
    capture::Packet,
    dicom::{Answer, Association, Command, Context, DataSet, Request, Syntax, User, uid},
    end::End,
    hl7::{Framing, Header, Message},
    tcp::{Side, Tcp},
};
use wardwatch_model::PacketTime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn end(address: &str) -> End {
    let address: SocketAddr = address.parse().unwrap();
    End { address, source: [2, 0, 0, 0, 0, 1], next_hop: [2, 0, 0, 0, 0, 2], vlans: vec![20], ttl: 64 }
}

fn tcp(port: u16) -> Tcp {
    Tcp::open(end("10.0.0.11:50000"), end(&format!("10.0.0.2:{port}")), 0)
}

/// Images stored one after the other.
fn dicom() -> Vec<Packet> {
    let contexts = [Context { id: 1, abstract_syntax: uid::CT_IMAGE, transfer_syntaxes: &[uid::EXPLICIT_LITTLE] }];
    let user = User { max_pdu: 16_384, implementation_uid: "1.2.3", ..User::default() };
    let request = Request { called: "ARCHIVE", calling: "CT01", contexts: &contexts, user };
    let answers = [(1, Answer::Accept(uid::EXPLICIT_LITTLE))];
    let mut association = Association::accepted(tcp(104), &request, &answers, &user);
    let image = DataSet::new()
        .text(0x0008_0060, b"CS", "CT")
        .text(0x0008_0070, b"LO", "Imaging Works")
        .text(0x0018_1000, b"LO", "S-4711")
        .bytes(0x7fe0_0010, b"OW", &vec![0x55; 256 * 1024])
        .write(Syntax::ExplicitLittle);
    for n in 0..8 {
        association.exchange(1, &Command::c_store_rq(n + 1, uid::CT_IMAGE, "1.2.3.4"), Some(&image));
    }
    association.release().packets()
}

/// Results and their acknowledgements.
fn hl7() -> Vec<Packet> {
    let mut tcp = tcp(2575);
    for n in 0..400 {
        let control_id = format!("{n:08}");
        let header = Header {
            sending_application: "MONITOR",
            receiving_application: "ENGINE",
            message_type: "ORU^R01^ORU_R01",
            control_id: &control_id,
            version: "2.6",
            ..Header::default()
        };
        let message = Message::new(&header).segment("PID|1||4711||NAMESAKE^ANNA").segment(
            "OBX|1|NM|8867-4^Heart rate^LN||72|/min|50-120|N|||F|||20260102030405||||00005EFFFE005301^^00005EFFFE005301^EUI-64",
        );
        tcp.client(&Framing::default().wrap(&message));
        tcp.server(&Framing::default().wrap(&Message::acknowledge(&header, "AA", &format!("A{control_id}"))));
    }
    tcp.close(Side::Client).packets()
}

/// Something that no parser knows.
fn unknown() -> Vec<Packet> {
    let mut tcp = tcp(80);
    for _ in 0..50 {
        tcp.client(b"GET / HTTP/1.1\r\nHost: intranet\r\n\r\n");
        tcp.server(&[b'x'; 40_000]);
    }
    tcp.close(Side::Client).packets()
}

/// How often memory was asked for while the second half of the packets was taken.
fn allocations(packets: &[Packet]) -> usize {
    let frame = |packet: &Packet| (packet.at, packet.bytes.clone());
    let frames: Vec<(u64, Vec<u8>)> = packets.iter().map(frame).collect();
    let frames = frames.iter().map(|(at, bytes)| Frame {
        at: PacketTime(*at),
        bytes,
        wire_len: u32::try_from(bytes.len()).unwrap(),
        link: LinkType::Ethernet,
        outer_vlan: None,
    });
    let half = packets.len() / 2;
    let mut worker = Worker::new(0, 1, &Limits::default());
    worker.frames(frames.clone().take(half));
    let region = Region::new(ALLOCATOR);
    worker.frames(frames.skip(half).take(half - 20));
    let change = region.change();
    change.allocations + change.reallocations
}

// One test: the allocator is counted for the whole process.
#[test]
fn no_memory_is_asked_for_per_frame_or_message() {
    for (name, packets) in [("dicom", dicom()), ("hl7", hl7()), ("unknown", unknown())] {
        // The thread of the test harness may ask for memory at any time, but not each time.
        let allocations = (0..3).map(|_| allocations(&packets)).min().unwrap();
        assert_eq!(allocations, 0, "{name}, {} frames", packets.len() / 2);
    }
}
