//! The relay trap.
