//! Judges what agents report.

pub mod knowledge;
