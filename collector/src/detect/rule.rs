//! What a detection is.

use super::{draft::Findings, scene::Scene};
use crate::knowledge::Catalogue;
use wardwatch_model::{
    analysis::Severity,
    config::{Form, RuleConfig, Setting},
};

/// A detection. What it means to people stands in `catalogue/detections.toml`.
pub struct Rule {
    /// Stable key, such as `D05`.
    pub id: &'static str,
    /// Name in documents and metrics.
    pub kind: &'static str,
    /// How bad its findings are, the mildest first; which of them is said in the page of detections.
    pub severities: &'static [Severity],
    /// What can be configured, beside `enabled` and `severity`.
    pub settings: &'static [Setting],
    /// Finds. A pure function of what it is given.
    pub(super) detect: for<'s> fn(&'s Scene<'s>, &RuleConfig, &mut Findings<'s>),
}

impl Rule {
    /// Its row in the page of detections.
    pub fn row(&self, catalogue: &Catalogue) -> String {
        let severities: Vec<&str> = self.severities.iter().map(|severity| severity.name()).collect();
        let title = catalogue.detection(self.id).map_or("", |texts| &texts.title);
        format!("| {} | `{}` | {} | {title} |", self.id, self.kind, severities.join(", "))
    }

    /// The rows of its settings there.
    pub fn setting_rows(&self) -> impl Iterator<Item = String> {
        self.settings.iter().map(|setting| {
            let default = match setting.form {
                Form::Number { default, least, most } => format!("`{default}` ({least} to {most})"),
                Form::Nets => "none".to_owned(),
                Form::SegmentPairs => "not said".to_owned(),
            };
            format!("| `detect.{}.{}` | {} | {default} |", self.id, setting.key, setting.meaning)
        })
    }
}
