//! PDUs that another implementation wrote: dicom-rs 0.10.1.

use super::{build::*, drive::*};
use wardwatch_model::dicom::*;

const REQUEST: &[u8] =
    b"\x01\x00\x00\x00\x015\x00\x01\x00\x00ARCHIVE         MR02            \x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\
    \x151.2.840.10008.3.1.1.1 \x00\x00M\x01\x00\x00\x000\x00\x00\x191.2.840.10008.5.1.4.1.1.4@\x00\x00\x131.2\
    .840.10008.1.2.1@\x00\x00\x111.2.840.10008.1.2P\x00\x00\x83Q\x00\x00\x04\x00\x00\x80\x00R\x00\x00\x191.2.\
    826.0.1.3680043.8.498U\x00\x00\x05MR_V1T\x00\x00\x1d\x00\x191.2.840.10008.5.1.4.1.1.4\x01\x01V\x00\x00\
    \x1d\x00\x191.2.840.10008.5.1.4.1.1.4\x02\x00X\x00\x00\x0f\x02\x00\x00\x04anna\x00\x05horse";

const ACCEPTANCE: &[u8] =
    b"\x02\x00\x00\x00\x00\xb2\x00\x01\x00\x00ARCHIVE         MR02            \x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\
    \x00\x151.2.840.10008.3.1.1.1!\x00\x00\x19\x01\x00\x00\x00@\x00\x00\x111.2.840.10008.1.2P\x00\x004Q\x00\
    \x00\x04\x00\x00\x00\x00R\x00\x00\x071.2.3.4T\x00\x00\x1d\x00\x191.2.840.10008.5.1.4.1.1.4\x01\x00";

const MR_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.4";

#[test]
fn an_association_of_another_implementation_is_read_as_it_was_meant() {
    let connection = vec![(CLIENT, REQUEST.to_vec()), (SERVER, ACCEPTANCE.to_vec())];
    let expected = Association {
        calling_ae: Some(text("MR02")),
        called_ae: Some(text("ARCHIVE")),
        result: AssociationResult::Accepted,
        end: AssociationEnd::Open,
        rejection: None,
        abort: None,
        client_implementation_uid: Some(text("1.2.826.0.1.3680043.8.498")),
        client_implementation_version: Some(text("MR_V1")),
        client_max_pdu: Some(32768),
        server_implementation_uid: Some(text("1.2.3.4")),
        server_implementation_version: None,
        server_max_pdu: Some(0),
        user_identity_type: Some(2),
        async_operations: None,
        extended_negotiation: [text(MR_STORAGE)].into(),
        contexts: vec![PresentationContext {
            abstract_syntax: Some(text(MR_STORAGE)),
            proposed_transfer_syntaxes: vec![text(EXPLICIT), text(IMPLICIT)],
            transfer_syntax: Some(text(IMPLICIT)),
            scu_role: Some(true),
            scp_role: Some(false),
            result: ContextResult::Accepted,
        }],
    };
    assert_eq!(association(&connection).0, expected);
    assert_eq!(outcome(&connection).faults, 0);
}
