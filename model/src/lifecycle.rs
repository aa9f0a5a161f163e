//! Where a device stands in its life, and the records that say so.

use crate::attribute::closed_list;
use serde::Serialize;
use std::collections::BTreeMap;

closed_list! {
    /// Stage of the life cycle, from the best to the worst but for `unknown`, which is no stage and never stands for
    /// `supported`.
    Stage {
        /// Nothing is known, or several stages are possible.
        Unknown = "unknown",
        /// Whoever can say so says that it is supported, and names no end.
        Supported = "supported",
        /// Supported, and an end is known.
        EolAnnounced = "eol-announced",
        /// Some support has ended, some remains.
        LimitedSupport = "limited-support",
        /// All support for everyone has ended.
        EndOfSupport = "end-of-support",
    }
}

closed_list! {
    /// What a life-cycle record is about.
    Scope {
        /// What gives the device its function.
        Application = "application",
        /// A library inside of something.
        Component = "component",
        /// The operating system.
        Os = "os",
    }
}

/// Where a device stands in its life.
#[derive(Clone, Debug, Serialize)]
pub struct Lifecycle {
    /// The stage; unknown where several are possible.
    pub stage: Stage,
    /// The best that is possible.
    pub best: Option<Stage>,
    /// The worst that is possible.
    pub worst: Option<Stage>,
    /// It cannot reasonably be protected against current threats (IMDRF N60).
    pub legacy: bool,
    /// The rules that led here, each with its id and what it found.
    pub reasons: Vec<String>,
    /// The records that were judged.
    pub records: Vec<LifecycleRecord>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        let (reasons, records) = (Vec::new(), Vec::new());
        Self { stage: Stage::Unknown, best: None, worst: None, legacy: false, reasons, records }
    }
}

/// What is known of the life of a product's release, and its stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LifecycleRecord {
    /// What it is about.
    pub scope: Scope,
    /// Product and release.
    pub name: String,
    /// Stage on the day of the judgement.
    pub stage: Stage,
    /// Last days by what ends, `YYYY-MM-DD` or `tba`.
    pub dates: BTreeMap<&'static str, String>,
    /// The release that took its place, where that is known.
    pub superseded_by: Option<String>,
    /// Who says so: manufacturer, community, inferred.
    pub authority: &'static str,
    /// Name of the source.
    pub source: String,
    /// Where it stands.
    pub url: String,
    /// When it was read, `YYYY-MM-DD`.
    pub retrieved: String,
    /// Under which licence the facts were taken.
    pub licence: String,
}
