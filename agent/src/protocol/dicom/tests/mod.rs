//! The parser held against the standard, connection by connection.

mod association;
mod build;
mod damage;
mod data_sets;
mod drive;
mod golden;
mod messages;
mod negotiation;
mod privacy;
mod properties;
mod sequences;
mod violations;

use self::build::*;
use super::{Dicom, element::Syntax};
use crate::protocol::Side;

/// Connections that every test of all protocols can use: a stored object, a worklist query, a rejected association, an
/// echo with release.
pub(crate) fn samples() -> Vec<Vec<(Side, Vec<u8>)>> {
    let mut store = stored(IMPLICIT, &ct_image(Syntax::ImplicitLittle));
    store.extend(release());
    let mut query = associated(3, WORKLIST, EXPLICIT);
    query.push((CLIENT, message(3, 0x0020, true, &[(0x0002, WORKLIST.as_bytes())])));
    query.push((CLIENT, p_data(&[(3, LAST_DATA, &worklist_keys(Syntax::ExplicitLittle, false))])));
    let found = Set::new(Syntax::ExplicitLittle).put(0x0010_0010, b"PN", b"DOE^JANE").0;
    let pending = command(0x8020, true, &[(0x0900, &[0, 0xff])]);
    query.push((SERVER, p_data(&[(3, LAST_COMMAND, &pending), (3, LAST_DATA, &found)])));
    query.push((SERVER, response(3, 0x0020, 0)));
    let rejected = vec![(CLIENT, request(&[(1, VERIFICATION, &[IMPLICIT])])), (SERVER, rejection(1, 1, 7))];
    let mut echo = associated(1, VERIFICATION, IMPLICIT);
    echo.push((CLIENT, message(1, 0x0030, false, &[(0x0002, VERIFICATION.as_bytes())])));
    echo.push((SERVER, response(1, 0x0030, 0)));
    echo.extend(release());
    vec![store, query, rejected, echo]
}

/// The beginning of a CT image, with what must not be read beside what may.
pub(super) fn ct_image(syntax: Syntax) -> Vec<u8> {
    Set::new(syntax)
        .put(0x0008_0005, b"CS", b"ISO_IR 100")
        .put(0x0008_0018, b"UI", b"1.2.3.4.5.6\0")
        .put(0x0008_0060, b"CS", b"CT")
        .put(0x0008_0070, b"LO", b"R\xf6ntgen AG")
        .put(0x0008_0090, b"PN", b"HOUSE^GREG")
        .put(0x0008_1010, b"SH", b"CT-ROOM-1 ")
        .put(0x0008_1090, b"LO", b"Cutter 64 ")
        .put(0x0010_0010, b"PN", b"DOE^JANE")
        .put(0x0010_0020, b"LO", b"MRN-4711")
        .put(0x0018_1000, b"LO", b"SN12345 ")
        .put(0x0018_1020, b"LO", b"VA40A\\P02 ")
        .put(0x0020_000d, b"UI", b"1.2.3.4\0")
        .put(0x7fe0_0010, b"OW", &[4; 600])
        .0
}

/// What a modality asks a worklist: the steps scheduled for itself.
pub(super) fn worklist_keys(syntax: Syntax, defined: bool) -> Vec<u8> {
    let step = Set::new(syntax)
        .put(0x0008_0060, b"CS", b"CT")
        .put(0x0040_0001, b"AE", b"CT01")
        .put(0x0040_0002, b"DA", b"20260101")
        .put(0x0040_0006, b"PN", b"")
        .put(0x0040_0010, b"SH", b"ROOM 1");
    Set::new(syntax)
        .put(0x0008_0060, b"CS", b"XX")
        .put(0x0010_0010, b"PN", b"DOE*")
        .sequence(0x0040_0100, b"SQ", defined, &[step.0])
        .0
}

#[test]
fn an_idle_connection_is_small() {
    let size = size_of::<Dicom>();
    assert!(size <= 768, "{size} bytes");
}
