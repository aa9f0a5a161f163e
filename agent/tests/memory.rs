//! What the engine keeps stays below what its limits announce, whatever is made up.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot be built must stop")]

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{alloc::System, net::SocketAddr};
use wardwatch_agent::{
    Limits, Worker, assemble,
    source::{Frame, LinkType},
};
use wardwatch_hospital::{
    capture::Packet,
    dicom::{Association, Context, Request, User},
    end::End,
    hl7::{Framing, Header, Message},
    tcp::Tcp,
};
use wardwatch_model::{Facts, PacketTime};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What the shards of a worker take before anything is kept: recent packets and recent bytes of each.
const WORKER: usize = 8 << 20;

fn end(address: &str) -> End {
    let address: SocketAddr = address.parse().unwrap();
    End { address, source: [2, 0, 0, 0, 0, 1], next_hop: [2, 0, 0, 0, 0, 2], vlans: vec![20], ttl: 64 }
}

fn tcp(connection: usize, port: u16) -> Tcp {
    Tcp::open(end(&format!("10.0.0.{}:50000", 10 + connection)), end(&format!("10.0.0.2:{port}")), 0)
}

/// Requests for an association one after the other, each by another name, for all that can be proposed at once.
fn associations(connection: usize) -> Vec<Packet> {
    let syntaxes: Vec<String> = (0..64).map(|n| format!("1.2.840.10008.1.2.4.{n:020}")).collect();
    let syntaxes: Vec<&str> = syntaxes.iter().map(String::as_str).collect();
    let context =
        |n: u8| Context { id: (2 * n) | 1, abstract_syntax: "1.2.840.10008.1.1", transfer_syntaxes: &syntaxes };
    let contexts: Vec<_> = (0..128u8).map(context).collect();
    let mut tcp = tcp(connection, 104);
    for n in 0..12 {
        let calling = format!("CT{n}");
        let request = Request { called: "ARCHIVE", calling: &calling, contexts: &contexts, user: User::default() };
        tcp = Association::accepted(tcp, &request, &[], &User::default()).into_tcp();
    }
    tcp.leave_open().packets()
}

/// Messages under as many names as are told apart, none of which is ever acknowledged.
fn applications(connection: usize) -> Vec<Packet> {
    let mut tcp = tcp(connection, 2575);
    for n in 0..1024 {
        let (application, facility) = (format!("{n:0>250}"), "F".repeat(250));
        let header = Header {
            sending_application: &application,
            sending_facility: &facility,
            receiving_application: &application,
            message_type: "ORU^R01^ORU_R01",
            control_id: "1",
            version: "2.6",
            ..Header::default()
        };
        tcp.client(&Framing::default().wrap(&Message::new(&header).segment(&format!("EQU|{application}"))));
    }
    tcp.leave_open().packets()
}

/// The most that is kept: of so many connections, then with what is told of those that are over and those that go on.
fn most_kept(connections: usize, limits: &Limits, packets: impl Fn(usize) -> Vec<Packet>) -> (usize, Facts) {
    let region = Region::new(ALLOCATOR);
    let kept = || {
        let change = region.change();
        change.bytes_allocated.saturating_sub(change.bytes_deallocated)
    };
    let mut worker = Worker::new(0, 1, limits);
    let mut most = 0;
    for connection in 0..connections {
        let packets = packets(connection);
        worker.frames(packets.iter().map(|packet| Frame {
            at: PacketTime(packet.at),
            bytes: &packet.bytes,
            wire_len: u32::try_from(packet.bytes.len()).unwrap(),
            link: LinkType::Ethernet,
            outer_vlan: None,
        }));
        drop(packets);
        most = most.max(kept());
    }
    let (mut told, open, _) = assemble(worker.cut());
    most = most.max(kept());
    told.merge(open);
    (most, told)
}

// One test: the allocator is counted for the whole process.
#[test]
fn what_is_made_up_takes_no_more_than_the_limits_announce() {
    let limits = Limits { flows: 640, reassembly_bytes: 4 << 20, devices: 200, conversations: 640, descriptions: 640 };
    let announced = usize::try_from(limits.worst_case_bytes()).unwrap() + WORKER;
    let (kept, told) = most_kept(12, &limits, associations);
    assert!(kept < announced, "{} KiB of {} are kept of associations", kept >> 10, announced >> 10);
    assert!(told.capture.losses["reassembly_evicted"] > 0);
    assert!(told.capture.losses["details_dropped"] > 0);
    let (kept, told) = most_kept(12, &limits, applications);
    assert!(kept < announced, "{} KiB of {} are kept of applications", kept >> 10, announced >> 10);
    assert!(told.capture.losses["reassembly_evicted"] > 0);
    assert!(told.capture.losses["descriptions_dropped"] > 0);
}
