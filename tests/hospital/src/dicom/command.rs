//! Command sets of DIMSE messages (PS3.7, annex E): always implicit VR little endian.

use crate::length;
use std::collections::BTreeMap;

/// A command set under construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(BTreeMap<u16, Vec<u8>>);

impl Command {
    /// Makes a response of a request's command field.
    const RESPONSE: u16 = 0x8000;
    /// What (0000,0800) says where no data set follows.
    const NO_DATA_SET: u16 = 0x0101;

    /// A command with its field (0000,0100).
    pub fn new(field: u16) -> Self {
        Self(BTreeMap::new()).number(0x0100, field)
    }

    /// A number of two bytes.
    #[must_use]
    pub fn number(mut self, element: u16, value: u16) -> Self {
        self.0.insert(element, value.to_le_bytes().to_vec());
        self
    }

    /// A UID, padded with a zero.
    #[must_use]
    pub fn uid(self, element: u16, value: &str) -> Self {
        self.padded(element, value, 0)
    }

    /// An AE title or other text, padded with a blank.
    #[must_use]
    pub fn text(self, element: u16, value: &str) -> Self {
        self.padded(element, value, b' ')
    }

    /// C-ECHO-RQ.
    pub fn c_echo_rq(message: u16) -> Self {
        Self::request(0x0030, message, super::uid::VERIFICATION)
    }

    /// C-STORE-RQ.
    pub fn c_store_rq(message: u16, class: &str, instance: &str) -> Self {
        Self::request(0x0001, message, class).number(0x0700, 0).uid(0x1000, instance)
    }

    /// Adds on whose behalf an object is stored: AE title and message of the C-MOVE.
    #[must_use]
    pub fn moved_for(self, title: &str, message: u16) -> Self {
        self.text(0x1030, title).number(0x1031, message)
    }

    /// C-FIND-RQ.
    pub fn c_find_rq(message: u16, class: &str) -> Self {
        Self::request(0x0020, message, class).number(0x0700, 0)
    }

    /// C-MOVE-RQ.
    pub fn c_move_rq(message: u16, class: &str, destination: &str) -> Self {
        Self::request(0x0021, message, class).number(0x0700, 0).text(0x0600, destination)
    }

    /// N-CREATE-RQ.
    pub fn n_create_rq(message: u16, class: &str, instance: &str) -> Self {
        Self::request(0x0140, message, class).uid(0x1000, instance)
    }

    /// N-SET-RQ, which names a requested class and instance.
    pub fn n_set_rq(message: u16, class: &str, instance: &str) -> Self {
        Self::new(0x0120).uid(0x0003, class).number(0x0110, message).uid(0x1001, instance)
    }

    /// N-ACTION-RQ of action type 1.
    pub fn n_action_rq(message: u16, class: &str, instance: &str) -> Self {
        Self::new(0x0130).uid(0x0003, class).number(0x0110, message).uid(0x1001, instance).number(0x1008, 1)
    }

    /// N-EVENT-REPORT-RQ of event type 1.
    pub fn n_event_report_rq(message: u16, class: &str, instance: &str) -> Self {
        Self::request(0x0100, message, class).uid(0x1000, instance).number(0x1002, 1)
    }

    /// The response to this request.
    #[must_use]
    pub fn response(&self, status: u16) -> Self {
        let number = |element| match self.0.get(&element).map(Vec::as_slice) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        };
        let mut response =
            Self::new(number(0x0100) | Self::RESPONSE).number(0x0120, number(0x0110)).number(0x0900, status);
        for (requested, affected) in [(0x0002, 0x0002), (0x0003, 0x0002), (0x1000, 0x1000), (0x1001, 0x1000)] {
            if let Some(value) = self.0.get(&requested) {
                response.0.insert(affected, value.clone());
            }
        }
        response
    }

    /// Counts of a C-MOVE response: remaining, completed, failed, warning.
    #[must_use]
    pub fn progress(self, [remaining, completed, failed, warning]: [u16; 4]) -> Self {
        self.number(0x1020, remaining).number(0x1021, completed).number(0x1022, failed).number(0x1023, warning)
    }

    /// The command set, with its group length and with what it says of a data set.
    pub fn bytes(&self, has_data_set: bool) -> Vec<u8> {
        let command = self.clone().number(0x0800, if has_data_set { 1 } else { Self::NO_DATA_SET });
        let elements: Vec<u8> = command.0.iter().flat_map(|(number, value)| element(*number, value)).collect();
        [element(0, &length::<u32>(elements.len()).to_le_bytes()), elements].concat()
    }

    fn request(field: u16, message: u16, class: &str) -> Self {
        Self::new(field).uid(0x0002, class).number(0x0110, message)
    }

    fn padded(mut self, element: u16, value: &str, padding: u8) -> Self {
        let mut bytes = value.as_bytes().to_vec();
        if !bytes.len().is_multiple_of(2) {
            bytes.push(padding);
        }
        self.0.insert(element, bytes);
        self
    }
}

fn element(number: u16, value: &[u8]) -> Vec<u8> {
    [&[0, 0][..], &number.to_le_bytes(), &length::<u32>(value.len()).to_le_bytes(), value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_written_byte_for_byte() {
        let expected = [
            &[0, 0, 0, 0, 4, 0, 0, 0, 56, 0, 0, 0][..],
            &[0, 0, 2, 0, 18, 0, 0, 0],
            b"1.2.840.10008.1.1\0",
            &[0, 0, 0, 1, 2, 0, 0, 0, 0x30, 0],
            &[0, 0, 0x10, 1, 2, 0, 0, 0, 7, 0],
            &[0, 0, 0, 8, 2, 0, 0, 0, 1, 1],
        ];
        assert_eq!(Command::c_echo_rq(7).bytes(false), expected.concat());
    }

    #[test]
    fn a_response_answers_the_request_and_names_what_was_affected() {
        let response = Command::n_set_rq(9, "1.2", "3.4").response(0);
        let expected = Command::new(0x8120).uid(0x0002, "1.2").number(0x0120, 9).number(0x0900, 0).uid(0x1000, "3.4");
        assert_eq!(response, expected);
    }
}
