//! From a transfer syntax to the way data sets are written (PS3.5 10, annex A).

use super::element::Syntax;

/// Those that are not written as plain explicit VR little endian.
const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const JPIP_DEFLATED: &str = "1.2.840.10008.1.2.4.95";
const JPIP_HTJ2K_DEFLATED: &str = "1.2.840.10008.1.2.4.205";

/// Start of all the others that the standard names, those with encapsulated pixels among them (annex A.4).
const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.";

/// How data sets of a presentation context are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As elements, in a syntax that may have to be guessed.
    Plain(Option<Syntax>),
    /// As a deflate stream of explicit little endian elements.
    Deflated,
}

impl Encoding {
    /// By the UID of the accepted transfer syntax, if that was seen. Private ones are written either way.
    pub(super) fn of(transfer_syntax: Option<&str>) -> Self {
        Self::Plain(match transfer_syntax {
            Some(DEFLATED | JPIP_DEFLATED | JPIP_HTJ2K_DEFLATED) => return Self::Deflated,
            Some(IMPLICIT_LITTLE) => Some(Syntax::ImplicitLittle),
            Some(EXPLICIT_BIG) => Some(Syntax::ExplicitBig),
            Some(standard) if standard.starts_with(EXPLICIT_LITTLE) => Some(Syntax::ExplicitLittle),
            Some(_) | None => None,
        })
    }
}
