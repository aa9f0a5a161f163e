//! What the engine costs per packet, on frames in memory: `cargo bench`. The figures that count are ratios to other tools on
//! whole files; these show where a change of them comes from.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark that cannot be built must stop")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::{hint::black_box, net::SocketAddr};
use wardwatch_agent::{
    Limits, Worker, assemble,
    source::{Frame, LinkType},
};
use wardwatch_hospital::{
    capture::{Packet, merge},
    dicom::{Answer, Association, Command, Context, DataSet, Request, Syntax, User, uid},
    end::End,
    hl7::{Framing, Header, Message},
    tcp::{Side, Tcp},
};
use wardwatch_model::PacketTime;

fn end(address: &str) -> End {
    let address: SocketAddr = address.parse().unwrap();
    let SocketAddr::V4(v4) = address else { unreachable!("addresses here are IPv4") };
    let [_, b, c, d] = v4.ip().octets();
    End { address, source: [2, 0, 0, b, c, d], next_hop: [2, 0, 0, 0, 0, 1], vlans: vec![20], ttl: 64 }
}

/// Frames that carry no flow: what reading and decoding alone cost.
fn undecided() -> Vec<Packet> {
    (0..10_000)
        .map(|n| end("10.0.0.1:0").packet(n, "10.0.0.2:0".parse().unwrap(), 1, 0, &[8, 0, 0, 0, 0, 0, 0, 0]))
        .collect()
}

/// A hundred thousand flows, one packet each, in an order that no cache likes.
fn scattered() -> Vec<Packet> {
    (0u32..100_000)
        .map(|n| {
            let mixed = n.wrapping_mul(2_654_435_761) % 100_000;
            let client = format!("10.{}.{}.{}:40000", 1 + mixed / 65_536, mixed / 256 % 256, mixed % 256);
            end(&client).datagram(n.into(), "10.0.0.2:9".parse().unwrap(), 0, b"x")
        })
        .collect()
}

/// An association that stores images of half a megabyte.
fn dicom_bulk(port: u16, images: u16) -> Vec<Packet> {
    let contexts = [Context { id: 1, abstract_syntax: uid::CT_IMAGE, transfer_syntaxes: &[uid::EXPLICIT_LITTLE] }];
    let user = User { max_pdu: 16_384, implementation_uid: "1.2.3", ..User::default() };
    let request = Request { called: "ARCHIVE", calling: "CT01", contexts: &contexts, user };
    let tcp = Tcp::open(end(&format!("10.0.0.11:{port}")), end("10.0.0.2:104"), 0);
    let mut association = Association::accepted(tcp, &request, &[(1, Answer::Accept(uid::EXPLICIT_LITTLE))], &user);
    let image = DataSet::new()
        .text(0x0008_0060, b"CS", "CT")
        .text(0x0008_0070, b"LO", "Imaging Works")
        .text(0x0010_0010, b"PN", "NAMESAKE^ANNA")
        .text(0x0018_1000, b"LO", "S-4711")
        .bytes(0x7fe0_0010, b"OW", &vec![0x55; 512 * 1024])
        .write(Syntax::ExplicitLittle);
    for n in 0..images {
        association.exchange(1, &Command::c_store_rq(n + 1, uid::CT_IMAGE, "1.2.3.4"), Some(&image));
    }
    association.release().packets()
}

/// A feed of results with acknowledgements.
fn hl7_chatter(port: u16, messages: u32) -> Vec<Packet> {
    let mut tcp = Tcp::open(end(&format!("10.0.0.21:{port}")), end("10.0.0.6:2575"), 0);
    for n in 0..messages {
        let control_id = n.to_string();
        let header = Header {
            sending_application: "MONITOR",
            sending_facility: "ICU",
            receiving_application: "ENGINE",
            message_type: "ORU^R01^ORU_R01",
            control_id: &control_id,
            version: "2.6",
            ..Header::default()
        };
        let mut message =
            Message::new(&header).segment("PID|1||4711^^^HOSP^MR||NAMESAKE^ANNA||19500101|F").segment("PV1|1|I|ICU");
        for item in 1..=6 {
            message = message.segment(&format!(
                "OBX|{item}|NM|8867-4^Heart rate^LN||72|/min|50-120|N|||F|||20260102030405||||00005EFFFE005301^^00005EFFFE005301^EUI-64"
            ));
        }
        tcp.client(&Framing::default().wrap(&message));
        tcp.server(&Framing::default().wrap(&Message::acknowledge(&header, "AA", &format!("A{n}"))));
    }
    tcp.close(Side::Client).packets()
}

fn mixed() -> Vec<Packet> {
    let images = (0..4).map(|n| dicom_bulk(50_000 + n, 3));
    let messages = (0..40).map(|n| hl7_chatter(51_000 + n, 40));
    let others = (0..40u16).map(|n| {
        let mut tcp = Tcp::open(end(&format!("10.0.1.{n}:52000")), end("10.0.0.9:80"), 0);
        tcp.client(b"GET / HTTP/1.1\r\nHost: intranet\r\n\r\n");
        tcp.server(&vec![b'x'; 100_000]);
        tcp.close(Side::Server).packets()
    });
    merge(images.chain(messages).chain(others))
}

fn frame(packet: &Packet) -> Frame<'_> {
    Frame {
        at: PacketTime(packet.at),
        bytes: &packet.bytes,
        wire_len: u32::try_from(packet.wire_length).unwrap(),
        link: LinkType::Ethernet,
        outer_vlan: None,
    }
}

fn run(packets: &[Packet]) {
    let mut worker = Worker::new(0, 1, &Limits::default());
    worker.frames(packets.iter().map(frame));
    black_box(assemble(worker.finish()));
}

fn engine(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.sample_size(20);
    for (name, packets) in [
        ("decode", undecided()),
        ("flow look-up", scattered()),
        ("DICOM bulk", dicom_bulk(50_000, 20)),
        ("HL7 chatter", hl7_chatter(51_000, 2_000)),
        ("mixed", mixed()),
    ] {
        group.throughput(Throughput::Elements(packets.len() as u64));
        group.bench_function(name, |bencher| bencher.iter_batched(|| (), |()| run(&packets), BatchSize::PerIteration));
    }
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
