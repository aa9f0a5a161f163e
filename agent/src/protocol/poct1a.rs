//! POCT1-A, the device messages of point-of-care testing (CLSI POCT1-A2, appendix B: DML): what a device says it is when it
//! greets its data manager.
//!
//! A conversation is a row of XML documents, bare or between MLLP frame bytes. Only the first one is read, HEL.R01, and of it
//! only the start tags of the DEV object; results, patients and operators come in others.

use super::{Outcome, PerSide, Probe, Side, Spoken, Step, StreamParser, words::Words};
use quick_xml::{Reader, XmlVersion, events::Event};
use wardwatch_model::{Attribute, Detail, PacketTime, Seen, Source};

/// The root of the message in which a device greets, and how the roots of all messages look: three letters, a revision.
const HELLO: &[u8] = b"<HEL.R01";
const ROOT: &[u8; 8] = b"<AAA.A00";

/// What ends the device's description, or the message where it is not described.
const ENDS: [&[u8]; 2] = [b"</DEV>", b"</HEL.R01>"];

/// Longest XML declaration, and most bytes of a greeting that are read.
const LONGEST_DECLARATION: usize = 256;
const LONGEST_HELLO: usize = 16 * 1024;

/// Elements of the DEV object, whose values stand in an attribute. In their contents some makers write where the device is.
const ELEMENTS: [(&str, Attribute); 6] = [
    ("DEV.device_id", Attribute::DeviceUid),
    ("DEV.device_name", Attribute::DeviceName),
    ("DEV.hw_version", Attribute::HardwareVersion),
    ("DEV.model_id", Attribute::Model),
    ("DEV.serial_id", Attribute::SerialNumber),
    ("DEV.sw_version", Attribute::SoftwareVersion),
];

/// The maker, in words and as a code; makers add their own components to the code.
const MAKER: &str = "DEV.manufacturer_name";
const VENDOR: &str = "DEV.vendor_id";

/// A conversation of a device.
#[derive(Clone, Default)]
pub(crate) struct Poct1a {
    sides: PerSide<Sender>,
    messages: u64,
    faults: u64,
}

/// What one side says.
#[derive(Clone, Default)]
struct Sender {
    is_over: bool,
    words: Words,
    seen: Option<Seen>,
}

impl StreamParser for Poct1a {
    fn probe(head: &[u8]) -> Probe {
        match root(head) {
            Root::At(_) => Probe::Certain,
            Root::Unfinished => Probe::NeedMore,
            Root::Other => Probe::No,
        }
    }

    /// Devices greet when they connect.
    fn find_start(_: &[u8]) -> Option<usize> {
        None
    }

    fn feed(&mut self, side: Side, at: PacketTime, bytes: &[u8]) -> Step {
        let sender = self.sides.get_mut(side);
        if sender.is_over {
            return Step::Opaque;
        }
        let head = bytes.get(..LONGEST_HELLO).unwrap_or(bytes);
        let message = match root(head) {
            Root::Unfinished => return Step::NeedMore,
            Root::Other => None,
            Root::At(message) => Some(message),
        };
        if let Some(hello) = message.filter(|message| message.starts_with(HELLO)) {
            match ENDS.iter().filter_map(|end| memchr::memmem::find(hello, end)).min() {
                Some(end) => {
                    let is_whole = sender.greet(hello.get(..end).unwrap_or_default());
                    sender.seen = Some(Seen::once(at));
                    self.faults += u64::from(!is_whole);
                }
                None if bytes.len() < LONGEST_HELLO => return Step::NeedMore,
                None => self.faults += 1,
            }
        }
        sender.is_over = true;
        self.messages += u64::from(message.is_some());
        Step::Opaque
    }

    fn gap(&mut self, side: Side) {
        self.sides.get_mut(side).is_over = true;
    }

    /// Devices connect to their manager, and some managers to their devices.
    fn held(&self) -> usize {
        self.sides.a.words.held() + self.sides.b.words.held()
    }

    fn client(&self) -> Option<Side> {
        None
    }

    fn so_far(&self) -> Outcome {
        let spoken = |side| {
            let Sender { words, seen, .. } = self.sides.get(side).clone();
            let attributes = words.told();
            let seen = seen.filter(|_| !attributes.is_empty())?;
            Some(Spoken { side, source: Source::Poct1a, speaks_as: None, attributes, seen })
        };
        Outcome {
            messages: self.messages,
            faults: self.faults,
            detail: Detail::None,
            descriptions: Side::BOTH.into_iter().filter_map(spoken).collect(),
            ..Outcome::default()
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<super::battery::Sample> {
        tests::samples()
    }
}

impl Sender {
    /// Reads the start tags of a greeting; whether all of it is XML.
    fn greet(&mut self, hello: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(hello) else { return false };
        let mut reader = Reader::from_str(text);
        let (mut maker, mut vendor) = (None, None);
        let is_whole = loop {
            let tag = match reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag)) => tag,
                Ok(Event::Eof) => break true,
                Ok(_) => continue,
                Err(_) => break false,
            };
            let Ok(Some(value)) = tag.try_get_attribute("V") else { continue };
            let Ok(value) = value.normalized_value(XmlVersion::Implicit1_0) else { continue };
            match tag.name().into_inner() {
                MAKER => maker = Some(value.into_owned()),
                VENDOR => vendor = value.split('^').next().map(str::to_owned),
                name => {
                    if let Some((_, attribute)) = ELEMENTS.iter().find(|(known, _)| *known == name) {
                        self.words.say(*attribute, value.as_bytes());
                    }
                }
            }
        };
        if let Some(maker) = maker.filter(|maker| !maker.trim().is_empty()).or(vendor) {
            self.words.say(Attribute::Manufacturer, maker.as_bytes());
        }
        is_whole
    }
}

/// Where a message begins.
enum Root<'a> {
    /// From its root on.
    At(&'a [u8]),
    /// More bytes are needed to tell.
    Unfinished,
    /// It is no message.
    Other,
}

/// Behind a start byte of MLLP, a byte order mark, blanks, an XML declaration.
fn root(head: &[u8]) -> Root<'_> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    const DECLARATION: &[u8] = b"<?xml ";
    let begins = |bytes: &[u8], word: &[u8]| {
        let length = bytes.len().min(word.len());
        bytes.get(..length) == word.get(..length)
    };
    let mut rest = head.strip_prefix(b"\x0b").unwrap_or(head);
    rest = rest.strip_prefix(MARK).unwrap_or(rest).trim_ascii_start();
    if rest.is_empty() || (rest.len() < MARK.len() && begins(rest, MARK)) {
        return if head.len() <= LONGEST_DECLARATION { Root::Unfinished } else { Root::Other };
    }
    if rest.starts_with(DECLARATION) {
        let declaration = rest.get(..LONGEST_DECLARATION).unwrap_or(rest);
        match memchr::memmem::find(declaration, b"?>") {
            Some(end) => rest = rest.get(end + 2..).unwrap_or_default().trim_ascii_start(),
            None if rest.len() < LONGEST_DECLARATION => return Root::Unfinished,
            None => return Root::Other,
        }
    } else if begins(rest, DECLARATION) && rest.len() > 1 {
        return Root::Unfinished;
    }
    let is_root = rest.iter().zip(ROOT).all(|(byte, shape)| match shape {
        b'A' => byte.is_ascii_uppercase(),
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    });
    match (is_root, rest.len() < ROOT.len()) {
        (true, false) => Root::At(rest),
        (true, true) if head.len() <= 2 * LONGEST_DECLARATION => Root::Unfinished,
        _ => Root::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::battery::{MARK, Sample};

    fn hello() -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<HEL.R01>\n <HDR><HDR.message_type V=\"HEL.R01\" SN=\"POCT1\"/>\
             <HDR.control_id V=\"{MARK}\"/><HDR.version_id V=\"POCT1\"/></HDR>\n <DEV>\
             <DEV.device_id V=\"EX^Meter 5^0001-EX\">{MARK}^{MARK}</DEV.device_id><DEV.vendor_id V=\"EX^5^7\"/>\
             <DEV.model_id V=\"Meter &amp; Dock 5\"/><DEV.serial_id V=\"0001-EX\" /><DEV.hw_version V=\"K1\"/>\
             <DEV.sw_version V=\"2.0.5.10\">2.0.5.10_it-IT</DEV.sw_version><DEV.operator V=\"{MARK}\"/>\
             <DEV.manufacturer_name V='Example Medical'/><DCP><DCP.application_timeout V=\"60\"/></DCP></DEV></HEL.R01>"
        )
    }

    fn acknowledgement() -> String {
        format!("<ACK.R01><HDR><HDR.control_id V=\"1\"/></HDR><ACK><ACK.note_txt V=\"{MARK}\"/></ACK></ACK.R01>")
    }

    fn results() -> String {
        format!("<OBS.R01><HDR/><PT><PT.name V=\"{MARK}\"/></PT><DEV><DEV.serial_id V=\"{MARK}\"/></DEV></OBS.R01>")
    }

    pub(super) fn samples() -> Vec<Sample> {
        let bare = [(Side::B, hello()), (Side::A, acknowledgement()), (Side::B, results())];
        let framed = bare.clone().map(|(side, text)| (side, format!("\x0b{text}\x1c\r")));
        [bare, framed].map(|sample| sample.map(|(side, text)| (side, text.into_bytes())).to_vec()).to_vec()
    }

    fn told(message: &str) -> (Vec<(Attribute, String)>, Outcome) {
        let mut parser = Poct1a::default();
        assert_eq!(Poct1a::probe(message.as_bytes()), Probe::Certain);
        assert_eq!(parser.feed(Side::A, PacketTime(0), message.as_bytes()), Step::Opaque);
        let outcome = parser.finish();
        let words = outcome.descriptions.iter().flat_map(|spoken| spoken.attributes.clone());
        (words.map(|(attribute, text)| (attribute, text.to_string())).collect(), outcome)
    }

    #[test]
    fn a_device_that_greets_tells_what_it_is_and_not_where() {
        let expected = [
            (Attribute::DeviceUid, "EX^Meter 5^0001-EX"),
            (Attribute::HardwareVersion, "K1"),
            (Attribute::Manufacturer, "Example Medical"),
            (Attribute::Model, "Meter & Dock 5"),
            (Attribute::SerialNumber, "0001-EX"),
            (Attribute::SoftwareVersion, "2.0.5.10"),
        ];
        assert_eq!(told(&hello()).0, expected.map(|(attribute, text)| (attribute, text.to_owned())));
    }

    #[test]
    fn where_no_maker_is_named_its_code_is_told() {
        let message = "<HEL.R01><DEV><DEV.vendor_id V=\"EX^x\"/><DEV.manufacturer_name V=\" \"/></DEV></HEL.R01>";
        assert_eq!(told(message).0, [(Attribute::Manufacturer, "EX".to_owned())]);
    }

    #[test]
    fn other_messages_are_counted_and_not_read() {
        let (words, outcome) = told(&results());
        assert_eq!((words, outcome.messages, outcome.faults), (vec![], 1, 0));
    }

    #[test]
    fn what_is_no_xml_or_has_no_end_is_a_fault() {
        assert_eq!(told("<HEL.R01><HDR></HEL></DEV>").1.faults, 1);
        assert_eq!(told(&format!("<HEL.R01>{}", "x".repeat(LONGEST_HELLO))).1.faults, 1);
    }

    #[test]
    fn other_documents_are_not_taken_for_it() {
        let long = format!("<?xml {}", " ".repeat(LONGEST_DECLARATION));
        for other in
            ["<?xml version='1.0'?><stream:stream>", "<HEL>", "<html>", "\x0bMSH|", "POST / HTTP/1.1\r\n", &long]
        {
            assert_eq!(Poct1a::probe(other.as_bytes()), Probe::No, "{other}");
        }
        for unfinished in ["\x0b", "\u{feff}", "<", "<?x", "<?xml version=\"1.0\"", "<?xml ?>\r\n", "<HEL.R"] {
            assert_eq!(Poct1a::probe(unfinished.as_bytes()), Probe::NeedMore, "{unfinished}");
        }
    }
}
