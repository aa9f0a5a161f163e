//! What holds for any bytes, cut in any way.

use super::{build::*, ct_image, drive::*, samples, worklist_keys};
use crate::protocol::{Side, dicom::element::Syntax};
use flate2::{Compression, write::DeflateEncoder};
use proptest::prelude::*;
use std::{io::Write, sync::LazyLock};

/// Connections that reach every part of the parser, malformed ones among them.
static CONNECTIONS: LazyLock<Vec<Connection>> = LazyLock::new(connections);

fn connections() -> Vec<Connection> {
    let mut all = samples();
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&ct_image(Syntax::ExplicitLittle)).unwrap();
    encoder.write_all(&[7; 200_000]).unwrap();
    let mut deflated = encoder.finish().unwrap();
    all.push(stored(DEFLATED, &deflated));
    let middle = deflated.len() / 2;
    deflated[middle] ^= 0xff;
    all.push(stored(DEFLATED, &deflated));
    let limit =
        Set::new(Syntax::ExplicitLittle).put(0x0009_1001, b"OB", &[0; 65_400]).put(0x0018_1020, b"LO", &[b'x'; 500]);
    all.push(stored(EXPLICIT, &limit.0));
    all.push(stored("1.2.840.113619.5.2", &worklist_keys(Syntax::ExplicitBig, false)));
    let long = [&command(1, true, &[])[..], &Set::new(Syntax::ImplicitLittle).put(9, b"", &[0; 8100]).0, &[0; 5000]];
    let mut spoilt = associated(1, CT_STORAGE, IMPLICIT);
    spoilt.push((CLIENT, p_data(&[(1, LAST_COMMAND, &long.concat())])));
    // Two beginnings of PDUs, one in the other.
    spoilt.push((
        CLIENT,
        [&[9, 4, 0, 0][..], &message(1, 0x0030, false, &[]), &[4, 0, 5, 0, 0, 0, 0, 4, 0, 0, 0, 0]].concat(),
    ));
    spoilt.push((CLIENT, [&[4, 0, 0, 0, 4, 0, 0, 0, 3, 0xfc][..], &message(1, 0x0030, false, &[])].concat()));
    spoilt.push((CLIENT, message(1, 0x0030, false, &[])));
    all.push(spoilt);
    all
}

/// The connection in portions of these sizes, over and over.
fn cut(connection: &Connection, sizes: &[usize]) -> Connection {
    let mut sizes = sizes.iter().cycle();
    let mut portions = Connection::new();
    for (side, bytes) in connection {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (head, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            portions.push((*side, head.to_vec()));
            rest = tail;
        }
    }
    portions
}

/// The connection with what one side says in one go joined, as far as the order of the sides allows.
fn merged(connection: &Connection) -> Connection {
    let mut portions = Connection::new();
    for (side, bytes) in connection {
        match portions.last_mut() {
            Some((last, whole)) if last == side => whole.extend(bytes),
            _ => portions.push((*side, bytes.clone())),
        }
    }
    portions
}

#[test]
fn one_byte_portions_and_whole_ones_give_the_same() {
    for (number, connection) in CONNECTIONS.iter().enumerate() {
        let expected = outcome(connection);
        assert_eq!(outcome(&cut(connection, &[1])), expected, "{number}");
        assert_eq!(outcome(&merged(connection)), expected, "{number}");
    }
}

#[test]
fn every_cut_of_every_sample_gives_the_same() {
    for connection in samples() {
        let expected = outcome(&connection);
        let longest = connection.iter().map(|(_, bytes)| bytes.len()).max().unwrap();
        for at in 1..longest {
            assert_eq!(outcome(&cut(&connection, &[at, usize::MAX])), expected, "{at}");
        }
    }
}

proptest! {
    #[test]
    fn any_partition_gives_the_same(sizes in proptest::collection::vec(1..400usize, 1..20), which in 0..10usize) {
        let connection = &CONNECTIONS[which % CONNECTIONS.len()];
        prop_assert_eq!(outcome(&cut(connection, &sizes)), outcome(connection));
    }

    #[test]
    fn any_partition_of_a_damaged_connection_gives_the_same(
        sizes in proptest::collection::vec(1..200usize, 1..10),
        which in 0..10usize,
        damage in proptest::collection::vec((0..3000usize, any::<u8>()), 1..6),
    ) {
        let mut connection = CONNECTIONS[which % CONNECTIONS.len()].clone();
        let parts = connection.len();
        for (at, byte) in damage {
            let bytes = &mut connection[at % parts].1;
            let place = at / parts % bytes.len();
            bytes[place] = byte;
        }
        // A damaged start may not be known for DICOM at all.
        prop_assert_eq!(outcome(&cut(&connection, &sizes)), outcome(&connection));
    }

    #[test]
    fn random_bytes_after_an_association_end_well(
        portions in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..300)), 0..30),
        gaps in proptest::collection::vec(0..30usize, 0..3),
    ) {
        let mut driver = Driver::new(false);
        associated(1, CT_STORAGE, EXPLICIT).iter().for_each(|(side, bytes)| driver.data(*side, bytes));
        for (number, (client, bytes)) in portions.iter().enumerate() {
            let side = if *client { CLIENT } else { SERVER };
            if gaps.contains(&number) {
                driver.gap(side, 7);
            }
            driver.data(side, bytes);
        }
        let sent: usize = portions.iter().map(|(_, bytes)| bytes.len()).sum();
        let outcome = driver.finish();
        prop_assert!(outcome.faults <= sent as u64);
    }

    #[test]
    fn random_pdus_and_elements_end_well(
        parts in proptest::collection::vec((1..8u8, any::<u8>(), 0..4u8, any::<u16>(), proptest::collection::vec(any::<u8>(), 0..80)), 0..40),
    ) {
        let mut connection: Vec<(Side, Vec<u8>)> = associated(1, CT_STORAGE, IMPLICIT);
        for (kind, context, control, field, bytes) in &parts {
            let side = if context & 2 == 0 { CLIENT } else { SERVER };
            connection.push((side, match kind {
                4 => p_data(&[(*context, *control, bytes)]),
                5 => message(1, *field, true, &[]),
                6 => p_data(&[(1, *control & 2, bytes)]),
                kind => pdu(*kind, bytes),
            }));
        }
        prop_assert_eq!(outcome(&cut(&connection, &[1])), outcome(&connection));
    }
}
