//! SOAP envelopes of WS-Discovery, as far as they tell what is there.

use crate::protocol::xml::{Element, Visitor, walk};
use quick_xml::name::{Namespace, NamespaceResolver, QName, ResolveResult};

/// Namespaces of discovery: OASIS WS-Discovery 1.1 (1.6), and the edition of 2005.
const DISCOVERY: [&str; 2] =
    ["http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", "http://schemas.xmlsoap.org/ws/2005/04/discovery"];

/// How far into a datagram its namespaces stand.
const LONGEST_HEAD: usize = 2048;

/// Most targets of an answer.
const MAX_TARGETS: usize = 16;

/// Types that are told, by namespace and name, and how: all others are anyone's words. DPWS 1.1 and its edition of 2006; IEEE
/// 11073-20702; ONVIF; Windows.
const TYPES: [(&str, &str, &str); 8] = [
    ("http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", "Device", "dpws:Device"),
    ("http://schemas.xmlsoap.org/ws/2006/02/devprof", "Device", "dpws:Device"),
    ("http://standards.ieee.org/downloads/11073/11073-20702-2016", "MedicalDevice", "mdpws:MedicalDevice"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device", "onvif:Device"),
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter", "onvif:NetworkVideoTransmitter"),
    ("http://schemas.microsoft.com/windows/pub/2005/07", "Computer", "pub:Computer"),
    ("http://schemas.microsoft.com/windows/2006/08/wdp/print", "PrintDeviceType", "wprt:PrintDeviceType"),
    ("http://schemas.microsoft.com/windows/2006/08/wdp/scan", "ScanDeviceType", "wscn:ScanDeviceType"),
];

/// A message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Of those there are.
    pub(super) kind: Option<Kind>,
    /// What it tells of, the first ones.
    pub(super) targets: Vec<Target>,
    /// All of it could be read.
    pub(super) is_whole: bool,
}

/// What a message does (WS-Discovery 1.1, 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hello,
    Bye,
    Probe,
    ProbeMatches,
    Resolve,
    ResolveMatches,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Hello" => Self::Hello,
            "Bye" => Self::Bye,
            "Probe" => Self::Probe,
            "ProbeMatches" => Self::ProbeMatches,
            "Resolve" => Self::Resolve,
            "ResolveMatches" => Self::ResolveMatches,
            _ => return None,
        })
    }
}

/// A target service.
#[derive(Debug, Default)]
pub(super) struct Target {
    /// Its endpoint reference: a name that stays.
    pub(super) endpoint: String,
    /// Its types, of those that are known.
    pub(super) types: Vec<&'static str>,
    /// Its scopes, and its transport addresses, with blanks between them.
    pub(super) scopes: String,
    pub(super) addresses: String,
}

/// Whether a datagram is a message: an element or a declaration first, and a namespace of discovery.
#[cold]
#[inline(never)]
pub(super) fn is_message(datagram: &[u8]) -> bool {
    let datagram = datagram.strip_prefix(b"\xef\xbb\xbf").unwrap_or(datagram);
    let head = datagram.get(..LONGEST_HEAD).unwrap_or(datagram);
    matches!(head, [b'<', b'?' | b'a'..=b'z' | b'A'..=b'Z', ..])
        && DISCOVERY.iter().any(|namespace| memchr::memmem::find(head, namespace.as_bytes()).is_some())
}

impl Message {
    /// As far as it can be read.
    pub(super) fn read(datagram: &[u8]) -> Self {
        let mut message = Self::default();
        message.is_whole = walk(datagram, &DISCOVERY, &mut message);
        message
    }
}

impl Visitor for Message {
    /// The message itself begins below the body, or a match of an answer.
    fn enter(&mut self, path: &[Element], element: &Element) {
        if !element.is_known {
            return;
        }
        let name = element.name.as_str();
        match path {
            [_, body] if body.name == "Body" => {
                self.kind = Kind::of(name);
                if self.kind == Some(Kind::Hello) {
                    self.targets.push(Target::default());
                }
            }
            // Whoever answers for more is a proxy.
            [_, _, _] if matches!(name, "ProbeMatch" | "ResolveMatch") && self.targets.len() == MAX_TARGETS => {
                self.kind = None;
            }
            [_, _, _] if matches!(name, "ProbeMatch" | "ResolveMatch") => self.targets.push(Target::default()),
            _ => {}
        }
    }

    fn leave(&mut self, path: &[Element], content: &str, names: &NamespaceResolver) {
        let is_match = matches!(path, [_, _, _, of, ..] if matches!(of.name.as_str(), "ProbeMatch" | "ResolveMatch"));
        let inside = match (self.kind, path) {
            (Some(Kind::Hello), [_, _, _, inside @ ..]) => inside,
            (Some(Kind::ProbeMatches | Kind::ResolveMatches), [_, _, _, _, inside @ ..]) if is_match => inside,
            _ => return,
        };
        let Some(target) = self.targets.last_mut() else { return };
        match inside {
            [reference, address] if reference.name == "EndpointReference" && address.name == "Address" => {
                content.clone_into(&mut target.endpoint);
            }
            [element] if element.is_known => match element.name.as_str() {
                "Types" => {
                    target.types = content.split_ascii_whitespace().filter_map(|name| known(name, names)).collect()
                }
                "Scopes" => content.clone_into(&mut target.scopes),
                "XAddrs" => content.clone_into(&mut target.addresses),
                _ => {}
            },
            _ => {}
        }
    }
}

/// A type by its qualified name.
fn known(name: &str, names: &NamespaceResolver) -> Option<&'static str> {
    let (space, local) = names.resolve(QName(name), true);
    let ResolveResult::Bound(Namespace(space)) = space else { return None };
    let known = TYPES.iter().find(|(of, name, _)| *of == space && *name == local.into_inner());
    known.map(|(.., told)| *told)
}
