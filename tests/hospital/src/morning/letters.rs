//! HL7 messages between applications, and the connections they travel on.

use super::{
    BEGIN,
    people::{CONTROL, Patient},
    site::Host,
    stage::{SECOND, Stage},
};
use crate::{
    hl7::{Framing, Header, Message},
    tcp::{Conversation, Side},
};

/// Port of most receivers.
pub(super) const MLLP: u16 = 2_575;
/// Profile of device reports (IHE PCD-01).
pub(super) const PCD_01: &str = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO";
/// Profile of results of analysers (IHE LAB-29).
pub(super) const LAB_29: &str = "LAB-29^IHE";

/// An application at a facility, MSH-3 and MSH-4.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) host: Host,
    pub(super) name: String,
    pub(super) facility: String,
}

impl Application {
    pub(super) fn new(host: Host, name: &str, facility: &str) -> Self {
        Self { host, name: name.to_owned(), facility: facility.to_owned() }
    }
}

/// A message without its header.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// MSH-9.
    pub(super) kind: &'static str,
    pub(super) segments: Vec<String>,
}

/// How messages of a connection are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// MSH-12.
    pub(super) version: &'static str,
    /// MSH-18.
    pub(super) charset: &'static str,
    /// MSH-21.
    pub(super) profile: &'static str,
    /// Framing of the message at each position; the last one's of all further ones.
    pub(super) framing: &'static [Framing],
    /// Most seconds between two messages.
    pub(super) pause: u64,
}

const PLAIN: Framing = Framing { start: true, end: true, carriage_return: true, segment_end: "\r" };
/// Without the start block character.
pub(super) const NO_START: Framing = Framing { start: false, ..PLAIN };
/// Without the carriage return behind the end block character.
pub(super) const NO_RETURN: Framing = Framing { carriage_return: false, ..PLAIN };

/// As most systems write.
pub(super) const USUAL: Style = Style { version: "2.5.1", charset: "", profile: "", framing: &[PLAIN], pause: 20 };
/// Two messages without their beginning, the others whole.
pub(super) const ALMOST: Style = Style { framing: &[NO_START, NO_START, PLAIN], ..USUAL };

/// The patient of a message.
pub(super) fn pid(of: &Patient) -> String {
    format!("PID|1||{}^^^SYNTH^MR||{}||{}|{}|||{}||{}", of.id, of.name, of.birth_date, of.sex, of.address, of.phone)
}

/// A time as HL7 writes it. The scenario ends on the day it begins.
pub(super) fn written(at: u64) -> String {
    /// The scenario begins at half past seven.
    const BEGINS: u64 = (7 * 60 + 30) * 60;
    let second = BEGINS + (at - BEGIN) / SECOND;
    format!("20261102{:02}{:02}{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// Sends messages on one connection; each is acknowledged.
pub(super) fn send(
    stage: &mut Stage,
    [from, to]: [&Application; 2],
    port: u16,
    style: Style,
    letters: &[Letter],
    at: u64,
) -> Conversation {
    for application in [from, to] {
        if let Some(truth) = stage.truth(&application.host) {
            // Of a name with an identifier the name.
            let name = application.name.split('^').next().unwrap_or_default();
            truth.hl7_applications.insert(format!("{name}^{}", application.facility));
        }
    }
    let mut tcp = stage.connect(&from.host, &to.host, port, at);
    for (position, letter) in letters.iter().enumerate() {
        let [control_id, answer_id] = [0, 1].map(|_| format!("{CONTROL}{}", stage.number()));
        let header = Header {
            sending_application: &from.name,
            sending_facility: &from.facility,
            receiving_application: &to.name,
            receiving_facility: &to.facility,
            time: &written(tcp.now()),
            message_type: letter.kind,
            control_id: &control_id,
            version: style.version,
            charset: style.charset,
            profile: style.profile,
        };
        let segments: Vec<&str> = letter.segments.iter().map(String::as_str).collect();
        let message = Message::new(&header).segments(&segments);
        let framing = style.framing.get(position).or(style.framing.last()).copied().unwrap_or_default();
        tcp.client(&framing.wrap(&message));
        tcp.server(&Message::acknowledge(&header, "AA", &answer_id).framed());
        tcp.wait(stage.dice.between::<u64>(SECOND / 4, (style.pause * SECOND).max(SECOND / 2)));
    }
    tcp.close(Side::Client)
}
