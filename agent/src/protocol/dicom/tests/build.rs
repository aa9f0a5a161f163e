//! Makes PDUs, commands and data sets, well-formed or not.

use crate::protocol::{Side, dicom::element::Syntax};

pub(super) const CLIENT: Side = Side::B;
pub(super) const SERVER: Side = Side::A;

pub(super) const VERIFICATION: &str = "1.2.840.10008.1.1";
pub(super) const CT_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
pub(super) const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
pub(super) const STUDY_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
pub(super) const PERFORMED_STEP: &str = "1.2.840.10008.3.1.2.3.3";
pub(super) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(super) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(super) const BIG: &str = "1.2.840.10008.1.2.2";
pub(super) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(super) const JPEG: &str = "1.2.840.10008.1.2.4.50";

/// What each side sent, in order.
pub(super) type Connection = Vec<(Side, Vec<u8>)>;

/// Message control of a fragment: command or data set, with more to come or the last.
pub(super) const DATA: u8 = 0;
pub(super) const COMMAND: u8 = 1;
pub(super) const LAST_DATA: u8 = 2;
pub(super) const LAST_COMMAND: u8 = 3;

pub(super) fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 0];
    bytes.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

pub(super) fn item(kind: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 0];
    bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    bytes.extend(value);
    bytes
}

/// A value behind its 16-bit length, as in the sub-items 54H to 58H.
pub(super) fn counted(value: &[u8]) -> Vec<u8> {
    [&u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

pub(super) fn application_context() -> Vec<u8> {
    item(0x10, b"1.2.840.10008.3.1.1.1")
}

pub(super) fn proposed(id: u8, class: &str, syntaxes: &[&str]) -> Vec<u8> {
    let mut value = vec![id, 0, 0, 0];
    value.extend(item(0x30, class.as_bytes()));
    syntaxes.iter().for_each(|syntax| value.extend(item(0x40, syntax.as_bytes())));
    item(0x20, &value)
}

pub(super) fn answered(id: u8, result: u8, syntax: &str) -> Vec<u8> {
    item(0x21, &[&[id, 0, result, 0], &item(0x40, syntax.as_bytes())[..]].concat())
}

pub(super) fn user_information(sub_items: &[Vec<u8>]) -> Vec<u8> {
    item(0x50, &sub_items.concat())
}

/// Maximum length, implementation class UID and version name.
pub(super) fn identity(max_pdu: u32, uid: &str, version: &str) -> Vec<Vec<u8>> {
    vec![item(0x51, &max_pdu.to_be_bytes()), item(0x52, uid.as_bytes()), item(0x55, version.as_bytes())]
}

/// An A-ASSOCIATE-RQ (1) or -AC (2).
pub(super) fn associate(kind: u8, called: &[u8; 16], calling: &[u8; 16], items: &[Vec<u8>]) -> Vec<u8> {
    pdu(kind, &[&[0, 1, 0, 0], &called[..], calling, &[0; 32], &items.concat()].concat())
}

pub(super) const CALLED: &[u8; 16] = b"ARCHIVE         ";
pub(super) const CALLING: &[u8; 16] = b"CT01            ";

pub(super) fn request(contexts: &[(u8, &str, &[&str])]) -> Vec<u8> {
    let mut items = vec![application_context()];
    items.extend(contexts.iter().map(|(id, class, syntaxes)| proposed(*id, class, syntaxes)));
    items.push(user_information(&identity(16384, "1.2.3", "CT_1")));
    associate(1, CALLED, CALLING, &items)
}

pub(super) fn acceptance(contexts: &[(u8, u8, &str)]) -> Vec<u8> {
    let mut items = vec![application_context()];
    items.extend(contexts.iter().map(|(id, result, syntax)| answered(*id, *result, syntax)));
    items.push(user_information(&identity(65536, "1.2.4", "PACS_1")));
    associate(2, CALLED, CALLING, &items)
}

/// Request and acceptance of one context.
pub(super) fn associated(id: u8, class: &str, syntax: &str) -> Connection {
    vec![(CLIENT, request(&[(id, class, &[syntax])])), (SERVER, acceptance(&[(id, 0, syntax)]))]
}

pub(super) fn rejection(result: u8, source: u8, reason: u8) -> Vec<u8> {
    pdu(3, &[0, result, source, reason])
}

pub(super) fn abort(source: u8, reason: u8) -> Vec<u8> {
    pdu(7, &[0, 0, source, reason])
}

pub(super) fn release() -> Connection {
    vec![(CLIENT, pdu(5, &[0; 4])), (SERVER, pdu(6, &[0; 4]))]
}

/// A P-DATA-TF PDU of PDVs: context, control, fragment.
pub(super) fn p_data(pdvs: &[(u8, u8, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (context, control, fragment) in pdvs {
        body.extend(u32::try_from(fragment.len() + 2).unwrap().to_be_bytes());
        body.extend([*context, *control]);
        body.extend(*fragment);
    }
    pdu(4, &body)
}

/// A command set: its field, whether a data set follows, and further elements in order.
pub(super) fn command(field: u16, has_data_set: bool, elements: &[(u16, &[u8])]) -> Vec<u8> {
    let kind: u16 = if has_data_set { 0 } else { 0x0101 };
    let (field, kind) = (field.to_le_bytes(), kind.to_le_bytes());
    let mut all: Vec<(u16, &[u8])> = vec![(0x0100, &field), (0x0110, &[7, 0]), (0x0800, &kind)];
    all.extend(elements);
    all.sort_by_key(|(element, _)| *element);
    let bytes = all
        .iter()
        .fold(Set::new(Syntax::ImplicitLittle), |set, (element, value)| set.put(u32::from(*element), b"", value));
    let length = u32::try_from(bytes.0.len()).unwrap().to_le_bytes();
    [Set::new(Syntax::ImplicitLittle).put(0, b"", &length).0, bytes.0].concat()
}

/// The PDU of a whole command.
pub(super) fn message(context: u8, field: u16, has_data_set: bool, elements: &[(u16, &[u8])]) -> Vec<u8> {
    p_data(&[(context, LAST_COMMAND, &command(field, has_data_set, elements))])
}

/// The PDU of a response.
pub(super) fn response(context: u8, field: u16, status: u16) -> Vec<u8> {
    message(context, field | 0x8000, false, &[(0x0900, &status.to_le_bytes())])
}

/// A C-STORE of a data set in one PDV, answered.
pub(super) fn stored(syntax: &str, data_set: &[u8]) -> Connection {
    let mut connection = associated(1, CT_STORAGE, syntax);
    connection.push((CLIENT, message(1, 0x0001, true, &[(0x0002, CT_STORAGE.as_bytes())])));
    connection.push((CLIENT, p_data(&[(1, LAST_DATA, data_set)])));
    connection.push((SERVER, response(1, 0x0001, 0)));
    connection
}

/// A data set, element by element.
#[derive(Clone)]
pub(super) struct Set(pub(super) Vec<u8>, Syntax);

impl Set {
    pub(super) const fn new(syntax: Syntax) -> Self {
        Self(Vec::new(), syntax)
    }

    fn numbers(&self, tag: u32) -> Vec<u8> {
        let (group, element) = (u16::try_from(tag >> 16).unwrap(), u16::try_from(tag & 0xffff).unwrap());
        match self.1 {
            Syntax::ExplicitBig => [group.to_be_bytes(), element.to_be_bytes()].concat(),
            _ => [group.to_le_bytes(), element.to_le_bytes()].concat(),
        }
    }

    fn length(&self, length: u32) -> [u8; 4] {
        if self.1 == Syntax::ExplicitBig { length.to_be_bytes() } else { length.to_le_bytes() }
    }

    /// A header with any length, `u32::MAX` for an undefined one. `vr`: empty where none is written.
    pub(super) fn header(mut self, tag: u32, vr: &[u8], length: u32) -> Self {
        self.0.extend(self.numbers(tag));
        let length = self.length(length);
        if self.1 == Syntax::ImplicitLittle || vr.is_empty() {
            self.0.extend(length);
        } else if matches!(vr, b"SQ" | b"UN" | b"OB" | b"OW" | b"UT" | b"UC" | b"UR" | b"OV" | b"ZZ") {
            self.0.extend([vr, &[0, 0], &length].concat());
        } else {
            let short = if self.1 == Syntax::ExplicitBig { &length[2..] } else { &length[..2] };
            self.0.extend([vr, short].concat());
        }
        self
    }

    pub(super) fn put(self, tag: u32, vr: &[u8], value: &[u8]) -> Self {
        self.header(tag, vr, u32::try_from(value.len()).unwrap()).raw(value)
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// A sequence of items, of defined or undefined lengths.
    pub(super) fn sequence(self, tag: u32, vr: &[u8], defined: bool, items: &[Vec<u8>]) -> Self {
        let syntax = if vr == b"UN" { Syntax::ImplicitLittle } else { self.1 };
        let inside = items.iter().fold(Self::new(syntax), |set, item| {
            if defined {
                set.put(0xfffe_e000, b"", item)
            } else {
                set.header(0xfffe_e000, b"", u32::MAX).raw(item).put(0xfffe_e00d, b"", b"")
            }
        });
        if defined {
            self.put(tag, vr, &inside.0)
        } else {
            self.header(tag, vr, u32::MAX).raw(&inside.put(0xfffe_e0dd, b"", b"").0)
        }
    }
}
