//! Where an uplink would leave.

use crate::setup::{Way, uplink};
use wardwatch_agent::checkup::{Check, Verdict};
use wardwatch_model::config::Config;

pub(super) fn check(config: &Config) -> Option<Check> {
    let (verdict, found) = match uplink(config).transpose()? {
        Ok(Way::Known(interface)) => (Verdict::Good, format!("leaves by {interface}, which is not listened on")),
        Ok(Way::Unknown(why)) => (Verdict::Unknown, why),
        Err(problem) => (Verdict::Bad, problem),
    };
    Some(Check::new("uplink", verdict, found))
}
