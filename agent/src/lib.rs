//! Capture, decode and the protocol parsers.

pub mod source;
