//! What a client says of itself, as texts.

use super::options::Options;
use crate::{protocol::words, text::Charset};
use wardwatch_model::{Attribute, DeviceText};

/// Flag of a client FQDN in the encoding of the domain name system (RFC 4702, 2.1), else in ASCII.
const CANONICAL: u8 = 0x04;

/// Longest label of a domain name (RFC 1035, 2.3.4).
const LONGEST_LABEL: u8 = 63;

/// The client's words, by the numbers of their options.
pub(super) fn words(options: &Options<'_>) -> Vec<(Attribute, DeviceText)> {
    let host_name = options.host_name.and_then(text);
    let fqdn =
        options.fqdn.and_then(|(flags, name)| domain_name(flags, name)).filter(|fqdn| Some(fqdn) != host_name.as_ref());
    let said = [
        (Attribute::Hostname, host_name),
        (Attribute::DhcpParameterList, options.parameters.and_then(parameters)),
        (Attribute::DhcpVendorClass, options.vendor_class.and_then(text)),
        (Attribute::Hostname, fqdn),
    ];
    said.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect()
}

/// A text, without the NUL that some end it with (RFC 2132, 2).
fn text(value: &[u8]) -> Option<DeviceText> {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    Charset::Undeclared.decode(value.get(..end).unwrap_or(value))
}

/// Numbers with commas between them, as many as a text holds.
fn parameters(codes: &[u8]) -> Option<DeviceText> {
    let mut text = String::new();
    words::list(&mut text, ',', codes.iter().map(|code| u16::from(*code)));
    if let Some(end) = text.get(..=DeviceText::MAX_CHARS).and_then(|most| most.rfind(',')) {
        text.truncate(end);
    }
    DeviceText::new(&text)
}

/// A name as labels, each behind its length (RFC 1035, 3.1), or as a text. A name that was left unfinished is one of
/// fewer labels.
fn domain_name(flags: u8, name: &[u8]) -> Option<DeviceText> {
    if flags & CANONICAL == 0 {
        return text(name);
    }
    text(&labels(name).join(&b'.'))
}

/// The labels of a name, as far as they are whole.
pub(in crate::protocol) fn labels(name: &[u8]) -> Vec<&[u8]> {
    let mut labels: Vec<&[u8]> = Vec::new();
    let mut rest = name;
    while let [length @ 1..=LONGEST_LABEL, after @ ..] = rest
        && let Some((label, after)) = after.split_at_checked(usize::from(*length))
    {
        labels.push(label);
        rest = after;
    }
    labels
}
