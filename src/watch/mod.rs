//! `wardwatch watch`.
mod capture;
pub(crate) fn run(_options: &crate::cli::Watch) -> u8 {
    let _ = (capture::from_files, capture::from_interfaces);
    crate::FAILED
}
