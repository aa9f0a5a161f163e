//! From bytes to the parts of an SNMP message that are looked at. Pure.

use crate::protocol::ber::{INTEGER, OCTET_STRING, SEQUENCE, element, expect};
use wardwatch_model::snmp::Snmp as Activity;

/// Communities that agents come with.
const DEFAULTS: [&[u8]; 2] = [b"private", b"public"];

/// Bits of msgFlags (RFC 3412, 6.4): encrypted; an answer is expected.
const PRIVACY: u8 = 0x02;
const REPORTABLE: u8 = 0x04;

/// The only security model that is looked into (RFC 3414).
const USM: [u8; 1] = [3];

/// Kinds of messages by the tag of their PDU (RFC 3416, 3; RFC 1157, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asks or sets.
    Request,
    /// Answers, or reports why not.
    Answer,
    /// Tells of itself: a trap of version 1.
    TrapV1,
    /// The same of the later versions.
    Notification,
}

impl Kind {
    const fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0xa0 | 0xa1 | 0xa3 | 0xa5 => Self::Request,
            0xa2 | 0xa8 => Self::Answer,
            0xa4 => Self::TrapV1,
            0xa6 | 0xa7 => Self::Notification,
            _ => return None,
        })
    }
}

/// What the messages of a version begin with.
enum Version {
    /// 1 and 2c.
    WithCommunity { is_first: bool, is_default: bool },
    /// 3.
    Three { is_reportable: bool },
}

/// A message.
pub(super) struct Message<'a> {
    version: Version,
    /// The engine that is asked or tells (RFC 3414, 2.4), where told.
    pub(super) engine: Option<&'a [u8]>,
    /// None where it is encrypted.
    pub(super) kind: Option<Kind>,
    /// What is in the PDU; empty where it is encrypted.
    pub(super) pdu: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message as far as its PDU; none where it is not one.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (message, _) = expect(SEQUENCE, bytes)?;
        match expect(INTEGER, message)? {
            ([version @ (0 | 1)], rest) => {
                let (community, rest) = expect(OCTET_STRING, rest)?;
                let (tag, pdu, _) = element(rest)?;
                let kind = Kind::of(tag)?;
                let is_default = DEFAULTS.contains(&community);
                let version = Version::WithCommunity { is_first: *version == 0, is_default };
                Some(Self { version, engine: None, kind: Some(kind), pdu })
            }
            ([3], rest) => Self::read_v3(rest),
            _ => None,
        }
    }

    fn read_v3(rest: &'a [u8]) -> Option<Self> {
        let (header, rest) = expect(SEQUENCE, rest)?;
        // msgID, msgMaxSize, msgFlags, msgSecurityModel (RFC 3412, 6).
        let (_, header) = expect(INTEGER, header)?;
        let (_, header) = expect(INTEGER, header)?;
        let (flags, header) = expect(OCTET_STRING, header)?;
        let (model, _) = expect(INTEGER, header)?;
        let [flags] = *flags else { return None };
        let (security, rest) = expect(OCTET_STRING, rest)?;
        let engine = if model == USM {
            let (parameters, _) = expect(SEQUENCE, security)?;
            Some(expect(OCTET_STRING, parameters)?.0).filter(|engine| !engine.is_empty())
        } else {
            None
        };
        let version = Version::Three { is_reportable: flags & REPORTABLE != 0 };
        if flags & PRIVACY != 0 {
            expect(OCTET_STRING, rest)?;
            return Some(Self { version, engine, kind: None, pdu: &[] });
        }
        // contextEngineID, contextName, PDU (RFC 3412, 6.8).
        let (scoped, _) = expect(SEQUENCE, rest)?;
        let (_, scoped) = expect(OCTET_STRING, scoped)?;
        let (_, scoped) = expect(OCTET_STRING, scoped)?;
        let (tag, pdu, _) = element(scoped)?;
        Some(Self { version, engine, kind: Some(Kind::of(tag)?), pdu })
    }

    /// Whether it asks, or tells without being asked.
    pub(super) fn is_from_client(&self) -> bool {
        match (self.kind, &self.version) {
            (Some(kind), _) => kind != Kind::Answer,
            (None, Version::Three { is_reportable }) => *is_reportable,
            (None, Version::WithCommunity { .. }) => false,
        }
    }

    /// Whether the engine named in it is its sender's: the one that answers, or that tells what nobody has to confirm.
    pub(super) fn is_of_engine(&self) -> bool {
        match (self.kind, &self.version) {
            (Some(kind), _) => kind == Kind::Answer,
            (None, Version::Three { is_reportable }) => !is_reportable,
            (None, Version::WithCommunity { .. }) => false,
        }
    }

    /// For the conversation.
    pub(super) fn activity(&self) -> Activity {
        match self.version {
            Version::WithCommunity { is_first, is_default } => Activity {
                v1: u64::from(is_first),
                v2c: u64::from(!is_first),
                default_communities: u64::from(is_default),
                ..Activity::default()
            },
            Version::Three { .. } => Activity { v3: 1, ..Activity::default() },
        }
    }
}
