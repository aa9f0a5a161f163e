//! HL7 v2 messages and the minimal lower layer protocol (MLLP).

/// Characters that separate the parts of a message (HL7 v2.5.1, 2.5.4): MSH-1 and MSH-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the standard's names")]
pub struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub subcomponent: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' }
    }
}

/// What stands around a message, and between its segments. Everything can be left out, as some senders do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// The start block character, 0B.
    pub start: bool,
    /// The end block character, 1C.
    pub end: bool,
    /// The carriage return behind it.
    pub carriage_return: bool,
    /// What ends a segment: a carriage return, though others are seen.
    pub segment_end: &'static str,
}

impl Default for Framing {
    fn default() -> Self {
        Self { start: true, end: true, carriage_return: true, segment_end: "\r" }
    }
}

impl Framing {
    /// Puts a message into its frame.
    pub fn wrap(&self, message: &Message) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.start {
            bytes.push(0x0b);
        }
        for segment in &message.segments {
            bytes.extend(message.delimited(segment).bytes());
            bytes.extend(self.segment_end.bytes());
        }
        if self.end {
            bytes.push(0x1c);
        }
        if self.carriage_return {
            bytes.push(b'\r');
        }
        bytes
    }
}

/// The fields of the message header that scenarios choose. Components with the usual delimiters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header<'a> {
    /// MSH-3.
    pub sending_application: &'a str,
    /// MSH-4.
    pub sending_facility: &'a str,
    /// MSH-5.
    pub receiving_application: &'a str,
    /// MSH-6.
    pub receiving_facility: &'a str,
    /// MSH-7.
    pub time: &'a str,
    /// MSH-9.
    pub message_type: &'a str,
    /// MSH-10.
    pub control_id: &'a str,
    /// MSH-12.
    pub version: &'a str,
    /// MSH-18.
    pub charset: &'a str,
    /// MSH-21.
    pub profile: &'a str,
}

/// A message: segments written with the usual delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    segments: Vec<String>,
    delimiters: Delimiters,
}

impl Message {
    /// A message of this header, for production.
    pub fn new(header: &Header<'_>) -> Self {
        let h = header;
        let all = [
            r"MSH|^~\&",
            h.sending_application,
            h.sending_facility,
            h.receiving_application,
            h.receiving_facility,
            h.time,
            "",
            h.message_type,
            h.control_id,
            "P",
            h.version,
            "",
            "",
            "",
            "",
            "",
            h.charset,
            "",
            "",
            h.profile,
        ];
        let msh = all.join("|").trim_end_matches('|').to_owned();
        Self { segments: vec![msh], delimiters: Delimiters::default() }
    }

    /// The acknowledgement (MSA-1 `code`) of a message with this header.
    pub fn acknowledge(header: &Header<'_>, code: &str, control_id: &str) -> Self {
        let trigger = header.message_type.split('^').nth(1).unwrap_or_default();
        let answer = Header {
            sending_application: header.receiving_application,
            sending_facility: header.receiving_facility,
            receiving_application: header.sending_application,
            receiving_facility: header.sending_facility,
            message_type: &format!("ACK^{trigger}^ACK"),
            control_id,
            profile: "",
            ..*header
        };
        Self::new(&answer).segment(&format!("MSA|{code}|{}", header.control_id))
    }

    /// Adds a segment.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        self.segments.push(segment.to_owned());
        self
    }

    /// Adds segments.
    #[must_use]
    pub fn segments(mut self, segments: &[&str]) -> Self {
        self.segments.extend(segments.iter().map(|segment| (*segment).to_owned()));
        self
    }

    /// The same message with other delimiters.
    #[must_use]
    pub const fn delimiters(mut self, delimiters: Delimiters) -> Self {
        self.delimiters = delimiters;
        self
    }

    /// The message in a complete MLLP frame.
    pub fn framed(&self) -> Vec<u8> {
        Framing::default().wrap(self)
    }

    fn delimited(&self, segment: &str) -> String {
        let with = self.delimiters;
        let replaced = segment.chars().map(|character| match character {
            '|' => with.field,
            '^' => with.component,
            '~' => with.repetition,
            '\\' => with.escape,
            '&' => with.subcomponent,
            other => other,
        });
        replaced.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header<'static> = Header {
        sending_application: "MON",
        sending_facility: "ICU",
        receiving_application: "ENGINE",
        receiving_facility: "HOSP",
        time: "20260302080000",
        message_type: "ORU^R01^ORU_R01",
        control_id: "C1",
        version: "2.6",
        charset: "",
        profile: "",
    };

    #[test]
    fn a_message_stands_in_its_frame() {
        let message = Message::new(&HEADER).segment("OBX|1||1^A&B~2");
        let msh = r"MSH|^~\&|MON|ICU|ENGINE|HOSP|20260302080000||ORU^R01^ORU_R01|C1|P|2.6";
        assert_eq!(message.framed(), format!("\x0b{msh}\rOBX|1||1^A&B~2\r\x1c\r").into_bytes());
        let bare = Framing { start: false, end: false, carriage_return: false, segment_end: "\n" };
        assert_eq!(bare.wrap(&message), format!("{msh}\nOBX|1||1^A&B~2\n").into_bytes());
    }

    #[test]
    fn delimiters_are_replaced_everywhere() {
        let other = Delimiters { field: '#', component: '*', repetition: '+', escape: '!', subcomponent: '%' };
        let message = Message::new(&HEADER).segment("OBX|1||1^A&B~2").delimiters(other);
        let text = message.framed();
        assert!(text.starts_with(b"\x0bMSH#*+!%#MON#ICU"));
        assert!(text.ends_with(b"OBX#1##1*A%B+2\r\x1c\r"));
    }

    #[test]
    fn an_acknowledgement_goes_back_and_names_its_message() {
        let ack = Message::acknowledge(&HEADER, "AA", "A1").framed();
        let expected = "\x0bMSH|^~\\&|ENGINE|HOSP|MON|ICU|20260302080000||ACK^R01^ACK|A1|P|2.6\rMSA|AA|C1\r\x1c\r";
        assert_eq!(ack, expected.as_bytes());
    }
}
