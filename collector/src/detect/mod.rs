//! What is abnormal: one file for each detection.

use crate::{identity::Inventory, knowledge::Catalogue};
use wardwatch_model::{Facts, analysis::Finding, config::Config};

/// Everything that is found in facts, by rule, device and peer.
pub(crate) fn findings(
    _facts: &Facts,
    _inventory: &Inventory,
    _config: &Config,
    _catalogue: &Catalogue,
) -> Vec<Finding> {
    Vec::new()
}
