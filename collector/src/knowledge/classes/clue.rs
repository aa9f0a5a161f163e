//! The kinds of clues, and when a value is the one a rule wants.

use crate::knowledge::fold;
use serde::Deserialize;
use std::{borrow::Cow, iter::successors};

/// A kind of clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clue {
    /// Transport and port of a service it answers at, `tcp/9100`.
    Answers,
    /// Code of the kind of device (IEEE 11073-10101).
    DeviceType,
    /// DHCP option 60.
    DhcpVendorClass,
    /// Class that its own words lead to, by a rule of `catalogue/fingerprints/`.
    Fingerprint,
    /// Another device whose images it passes on.
    Forwards,
    /// DICOM modality code (0008,0060).
    Modality,
    /// Model name.
    Model,
    /// HL7 application whose messages it receives and sends.
    PassesOn,
    /// DIMSE service it asks for.
    Performs,
    /// Message profile of messages it sends (MSH-21).
    Profile,
    /// SOP class it accepts as provider.
    Provides,
    /// Storage SOP class it accepts as provider.
    Receives,
    /// HL7 application it hears.
    ReceivesFrom,
    /// SOP class it asks for as user, and gets.
    Requests,
    /// Part it plays.
    Role,
    /// HL7 message type it sends (MSH-9).
    Sends,
    /// HL7 application it speaks as.
    SendsAs,
    /// DIMSE service it answers with success.
    Serves,
    /// Another device named in its messages.
    SpeaksFor,
    /// Host that stored objects with it.
    StoredBy,
    /// SOP class of objects it stores of its own account.
    Stores,
    /// Source of words in which it tells what it is.
    Tells,
}

impl Clue {
    /// Its name, as in the file.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// Whether it comes from a protocol of medical devices.
    pub(super) fn is_medical(self) -> bool {
        !matches!(self, Self::Answers | Self::DhcpVendorClass | Self::Fingerprint | Self::Role)
    }

    /// A value as it is compared with another: in words, where the words count. Many rules look at the same value.
    pub(super) fn form(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Model | Self::SendsAs => Cow::Owned([" ", &fold(value), " "].concat()),
            _ => Cow::Borrowed(value),
        }
    }

    /// Pieces of a value in its form: the first one of what a rule wants is among those of every value that
    /// [fits](Self::fits). None where a piece decides nothing.
    pub(super) fn pieces(self, value: &str) -> impl Iterator<Item = &str> {
        let separator = match self {
            Self::Model | Self::SendsAs => Some(' '),
            Self::DeviceType | Self::Profile => Some('^'),
            _ => None,
        };
        let parts = separator.into_iter().flat_map(|separator| value.split(separator));
        let whole = Some(value).filter(|_| separator.is_none() && self != Self::DhcpVendorClass);
        // The longest first.
        let beginnings = successors(whole, move |whole| match self {
            Self::Sends => whole.rsplit_once('^').map(|(beginning, _)| beginning),
            _ => None,
        });
        parts.chain(beginnings).filter(|piece| !piece.is_empty())
    }

    /// Whether a value from the wire is what a rule wants, both in their [form](Self::form).
    pub(super) fn fits(self, value: &str, wanted: &str) -> bool {
        match self {
            Self::DhcpVendorClass => {
                value.get(..wanted.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(wanted))
            }
            // Whole words, in this order.
            Self::Model | Self::SendsAs => value.contains(wanted),
            Self::DeviceType | Self::Profile => value.split('^').any(|component| component == wanted),
            // `ORU^R01` is `ORU^R01^ORU_R01`, too.
            Self::Sends => value.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('^')),
            _ => value == wanted,
        }
    }
}
