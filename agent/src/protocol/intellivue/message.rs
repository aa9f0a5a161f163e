//! Which messages there are: the announcement, the control of associations, and the data.

use crate::protocol::Datagram;

/// How an announcement begins (Connect Indication Event): the nomenclature in its version 1.0, then an operation that is
/// invoked.
const ANNOUNCEMENT: [u8; 6] = [0, 0, 1, 0, 0, 1];

/// How data begins (Protocol Command Structure, SPpdu): the session, the context in it.
const DATA: [u8; 4] = [0xe1, 0, 0, 2];

/// First bytes of the control of associations (Association Control Protocol, SessionHeader): connect, accept, refuse, finish,
/// disconnect, abort.
const CONNECT: u8 = 0x0d;
const ACCEPT: u8 = 0x0e;
const REFUSE: u8 = 0x0c;
const FINISH: u8 = 0x09;
const DISCONNECT: u8 = 0x0a;
const ABORT: u8 = 0x19;

/// What follows the header of a request to associate, and of its acceptance (AssocReqSessionData).
const SESSION_DATA: [u8; 8] = [5, 8, 0x13, 1, 0, 0x16, 1, 2];

/// The port of the protocol, unless a monitor announces another (Transport Protocols).
const PORT: u16 = 24_105;

/// Operations (ROapdus): invoked, with a result, with an error, with a part of a result.
const INVOKE: u16 = 1;
const RESULT: u16 = 2;
const ERROR: u16 = 3;
const LINKED: u16 = 5;

/// Commands (ROIVapdu): reports of events, the second one to be confirmed. The others ask.
const EVENT_REPORTS: [u16; 2] = [0, 1];

/// Events whose attributes are the monitor's: it is there (NOM_NOTI_MDS_CONNECT_INDIC), it was associated with
/// (NOM_NOTI_MDS_CREAT).
const THERE: u16 = 0x0d17;
const CREATED: u16 = 0x0d06;

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// A monitor says that it is there.
    Announcement(Operation<'a>),
    /// An association comes or goes; whether a client says so.
    Control { is_from_client: bool },
    /// Something is asked, or told.
    Data(Operation<'a>),
}

/// What is asked or told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operation<'a> {
    kind: u16,
    command: u16,
    /// Of an event report: its type, and what it tells, as far as it is there.
    event: Option<(u16, &'a [u8])>,
}

impl<'a> Message<'a> {
    /// By the first bytes, and by the lengths, which a datagram must fill.
    pub(super) fn read(datagram: &Datagram<'a>) -> Option<Self> {
        let bytes = datagram.payload;
        match *bytes.first()? {
            0 if bytes.starts_with(&ANNOUNCEMENT) => {
                let operation = Operation::read(datagram)?;
                matches!(operation, Operation { command: 0, event: Some((THERE, _)), .. })
                    .then_some(Self::Announcement(operation))
            }
            0xe1 if bytes.starts_with(&DATA) => Operation::read(datagram).map(Self::Data),
            CONNECT | ACCEPT | REFUSE | FINISH | DISCONNECT | ABORT => control(datagram),
            _ => None,
        }
    }

    /// Who says it: a client asks, a monitor tells. An announcement is sent to whoever listens.
    pub(super) fn is_from_client(&self) -> bool {
        match self {
            Self::Announcement(_) => true,
            Self::Control { is_from_client } => *is_from_client,
            Self::Data(Operation { kind: INVOKE, command, .. }) => !EVENT_REPORTS.contains(command),
            // An event that was to be confirmed.
            Self::Data(Operation { kind: RESULT, command, .. }) => EVENT_REPORTS.contains(command),
            Self::Data(_) => false,
        }
    }

    /// The list of the monitor's attributes.
    pub(super) fn described(&self) -> Option<&'a [u8]> {
        match self {
            Self::Announcement(Operation { event: Some((_, list)), .. }) => Some(list),
            // MDSCreateInfo: the object (class, context, handle), then the list.
            Self::Data(Operation { event: Some((CREATED, info)), .. }) => Some(info.get(6..).unwrap_or_default()),
            _ => None,
        }
    }
}

impl<'a> Operation<'a> {
    /// 4 kind, 6 length of the rest; 8 invoke id, 10 command, 12 length (ROapdus, ROIVapdu, RORSapdu). A part of a result has
    /// its own state and count in front (ROLRSapdu), an error only its code (ROERapdu).
    #[cold]
    #[inline(never)]
    fn read(datagram: &Datagram<'a>) -> Option<Self> {
        let bytes = datagram.payload;
        let kind = word(bytes, 4)?;
        let is_filled = datagram.is_cut || usize::from(word(bytes, 6)?) + 8 == bytes.len();
        if !is_filled || !matches!(kind, INVOKE | RESULT | ERROR | LINKED) {
            return None;
        }
        let command = if kind == LINKED { word(bytes, 12)? } else { word(bytes, 10)? };
        let is_report = kind == INVOKE && EVENT_REPORTS.contains(&command);
        // EventReportArgument: 14 class, 16 context, 18 handle, 20 time, 24 type, 26 length.
        let event = match is_report {
            true => Some((word(bytes, 24)?, bytes.get(28..)?)),
            false => None,
        };
        Some(Self { kind, command, event })
    }
}

/// A header, a length of one byte or of two behind FF, then what belongs to its type.
#[cold]
#[inline(never)]
fn control<'a>(datagram: &Datagram<'_>) -> Option<Message<'a>> {
    let (kind, length, rest) = match datagram.payload {
        [kind, 0xff, high, low, rest @ ..] => (*kind, u16::from_be_bytes([*high, *low]).into(), rest),
        [kind, length, rest @ ..] => (*kind, usize::from(*length), rest),
        _ => return None,
    };
    let is_filled = datagram.is_cut || rest.len() == length;
    let is_it = match kind {
        // Clients are known to send more than they say.
        CONNECT | ACCEPT => rest.starts_with(&SESSION_DATA),
        // User data of presentation, all of the rest.
        FINISH | DISCONNECT => is_filled && matches!(rest, [0xc1, user, ..] if usize::from(*user) + 2 == length),
        // The transport is released, the reason, user data (AbortRequest).
        ABORT => is_filled && matches!(rest, [0x11, 1, _, 0xc1, ..]),
        // Nothing in it is its own.
        _ => is_filled && datagram.source.1 == PORT,
    };
    is_it.then_some(Message::Control { is_from_client: matches!(kind, CONNECT | FINISH) })
}

/// Two bytes at an offset, big-endian as all numbers are.
fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}
