//! The collector at work: takes reports, keeps them, judges them, shows the picture.

use crate::{
    AgentView, Counters, ExplainError, Explanation, IdKey, Judgement, StoreHealth, View,
    explanation::pick,
    findings::{self, Findings},
    identity,
    import::{self, Imports},
    ingest::{IngestError, Ledger, Limits, Receipt, Standing},
    judgement::judge_inventory,
    knowledge::{Catalogue, OwnRules},
    known::{self, Known},
    store::{Changes, Store, StoreError},
    tables,
};
use std::sync::Arc;
use thiserror::Error;
use wardwatch_model::{PacketTime, Refusal, Report, config::Config};

/// How far the packets of a live capture may be ahead of the collector's clock, nanoseconds: a day, as clocks are set wrong
/// by time zones.
const MAX_AHEAD: u64 = 86_400_000_000_000;

/// Longest name of an agent, bytes.
const MAX_AGENT_NAME: usize = 64;

/// Name of the capture method that reads what was recorded at any time.
const REPLAY: &str = "replay";

/// Memory that one device takes in a picture beyond its evidence, bytes.
const DEVICE: u64 = 2 << 10;

/// Memory for what has a size of its own: caches of the store, findings, agents, streams.
const FIXED: u64 = 96 << 20;

/// A collector that cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store was written by a later version.
    #[error(
        "the store has version {found}, and this program knows {known}: use the version of Wardwatch that wrote it"
    )]
    NewerStore {
        /// Version of the store.
        found: u64,
        /// Latest version known.
        known: u64,
    },
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gives no random bytes for the key of the ids.
    #[error("no random bytes: {0}")]
    Random(String),
}

/// Facts, what is thought of them, and the store they are kept in.
pub struct Collector {
    config: Config,
    catalogue: Catalogue,
    store: Box<dyn Store>,
    ids: IdKey,
    ledger: Ledger,
    findings: Findings,
    known: Known,
    counters: Counters,
    health: StoreHealth,
}

impl Collector {
    /// Reads what the store holds, or begins with nothing.
    pub fn start(mut store: Box<dyn Store>, config: Config, catalogue: Catalogue) -> Result<Self, StartError> {
        let ids = tables::prepare(store.as_mut())?;
        let mut ledger = Ledger::new(&Limits::of(&config));
        let mut findings = Findings::default();
        let mut known = Known::default();
        let mut unreadable = ledger.load(store.as_ref())?;
        unreadable += findings.load(store.as_ref())?;
        unreadable += known.load(store.as_ref())?;
        let counters = tables::counters(store.as_ref())?;
        if unreadable > 0 {
            tracing::warn!(unreadable, "records of the store could not be understood and are left out");
        }
        let health = StoreHealth {
            devices_limit: config.limits.devices as u64,
            unreadable_records: unreadable,
            ..StoreHealth::default()
        };
        Ok(Self { config, catalogue, store, ids, ledger, findings, known, counters, health })
    }

    /// Memory that a collector may take at the worst, bytes.
    ///
    /// In multiples of the memory for facts: those that are over and those that go on (2), the two together while they are
    /// judged (2), a report that is as large as may be and its form on the way to the disk (6), evidence in the picture that is
    /// shown, in the next one, and in its drafts (3). And thrice every device there may be, and files to import.
    pub const fn worst_case_bytes(config: &Config) -> u64 {
        let facts = (config.store.facts_mib as u64) << 20;
        let devices = 3 * DEVICE * config.limits.devices as u64;
        // As much again as all else that is said of devices, for their places.
        let imports = if config.imports.is_empty() { 0 } else { import::MAX_MEMORY + devices };
        13 * facts + devices + FIXED + imports
    }

    /// Goes on with another configuration, a hospital's other rules and other imports, from the next evaluation on. What is kept stays what it
    /// was.
    pub fn reconfigure(&mut self, config: Config, own: OwnRules, imports: Imports) {
        self.catalogue.set_imports(imports);
        self.catalogue.set_own(own);
        self.health.devices_limit = config.limits.devices as u64;
        self.config = config;
    }

    /// Says that the store was damaged and made anew, for the picture.
    pub const fn note_rebuilt(&mut self) {
        self.health.is_rebuilt = true;
    }

    /// Makes the ids of a site instead of those of the store, so that two stores can be compared.
    pub fn fix_ids(&mut self, site: &str) {
        self.ids = IdKey::of_site(site);
    }

    /// Takes a report. When it returns, the report is on the disk, or it is as if it had never come. `now`: wall clock.
    pub fn report(&mut self, report: Report, now: PacketTime) -> Result<Receipt, IngestError> {
        let result = self.take(report, now);
        let refusal = match &result {
            Ok(Receipt::Accepted) => return result,
            Ok(Receipt::Duplicate) => Refusal::Duplicate,
            Err(error) => error.reason(),
        };
        *self.counters.rejected.entry(refusal.name()).or_default() += 1;
        result
    }

    fn take(&mut self, report: Report, now: PacketTime) -> Result<Receipt, IngestError> {
        let over = match self.ledger.standing(&report) {
            Standing::Next(over) => over,
            Standing::Duplicate => return Ok(Receipt::Duplicate),
            Standing::Refused(reason, expected) => return Err(IngestError::Refused { reason, expected }),
        };
        let refused = |reason| Err(IngestError::Refused { reason, expected: report.sequence });
        if !is_name(&report.agent) {
            return refused(Refusal::Schema);
        }
        if is_ahead(&report, now) {
            return refused(Refusal::Clock);
        }
        if !self.ledger.has_room(&report) {
            return refused(Refusal::TooLarge);
        }
        let staged = self.ledger.stage(report, over, now);
        let mut counters = self.counters.clone();
        counters.reports += 1;
        let (limit, retention) = staged.given_up();
        count(&mut counters, "limit", limit);
        count(&mut counters, "retention", retention);
        let mut changes = Changes::default();
        self.ledger.write(&staged, &mut changes)?;
        tables::put_counters(&counters, &mut changes)?;
        self.commit(&changes)?;
        self.ledger.apply(staged);
        self.counters = counters;
        Ok(Receipt::Accepted)
    }

    /// Judges all facts as of a date, `YYYY-MM-DD` in UTC, and lets the findings live on.
    ///
    /// When the store cannot be written, the picture is right all the same; what changed in it is written next time.
    pub fn evaluate(&mut self, date: &str) -> Arc<View> {
        let facts = self.ledger.merged();
        let mut inventory = identity::resolve_again(&facts, &self.config, &self.catalogue, self.ids);
        let discovered = self.known.stage(&inventory, self.config.limits.devices);
        // Before anything is said of devices, so that all of it is said under the ids they go by.
        inventory.rename(&discovered.names);
        let Judgement { inventory, findings, findings_dropped } =
            judge_inventory(inventory, &facts, &self.config, &self.catalogue, date);
        let latest = self.ledger.latest();
        let staged = self.findings.stage(findings, latest.unwrap_or_default(), self.ids, &discovered.renamed);
        let mut counters = self.counters.clone();
        counters.devices_forgotten += discovered.forgotten_devices;
        // Two that turn out to be one count as one again, but a counter never falls: those that come next fill it up.
        counters.devices_discovered = counters.devices_discovered.max(discovered.devices + counters.devices_forgotten);
        for (counted, into) in
            [(&staged.opened, &mut counters.findings_opened), (&staged.resolved, &mut counters.findings_resolved)]
        {
            for ((kind, severity), times) in counted {
                *into.entry((kind.as_str(), severity.name())).or_default() += times;
            }
        }
        count(&mut counters, "findings", staged.given_up + findings_dropped);
        let listed = match self.write_judged(&staged, &discovered, &counters) {
            Ok(()) => {
                self.findings.apply(staged);
                self.known.apply(discovered);
                self.counters = counters;
                self.findings.listed()
            }
            Err(error) => {
                tracing::error!(%error, "what became of the findings could not be written");
                self.findings.listed_with(&staged)
            }
        };
        self.health.devices = inventory.devices.len() as u64;
        self.health.bytes = self.store.bytes();
        Arc::new(View {
            site: self.config.site.clone(),
            evaluated_at: date.to_owned(),
            latest,
            devices: inventory.devices,
            imports: inventory.imports,
            aliases: self.known.aliases(),
            findings: listed,
            capture: facts.capture,
            agents: self.agents(),
            counters: self.counters.clone(),
            store: self.health,
            own_rules: self.catalogue.own_rules(),
        })
    }

    /// Explains a device that was shown, by any of the ids it was shown under, its address or name. What is known stays what it is.
    pub fn explain(&self, wanted: &str) -> Result<Explanation, ExplainError> {
        let facts = self.ledger.merged();
        let mut inventory = identity::resolve_with_reasons(&facts, &self.config, &self.catalogue, self.ids);
        let discovered = self.known.stage(&inventory, self.config.limits.devices);
        inventory.rename(&discovered.names);
        pick(inventory, &self.known.aliases(), wanted)
    }

    /// What is known beforehand.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Writes down what an evaluation changed, if it changed anything.
    fn write_judged(
        &mut self,
        staged: &findings::Staged,
        discovered: &known::Staged,
        counters: &Counters,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        Findings::write(staged, &mut changes)?;
        discovered.write(&mut changes)?;
        if changes.is_empty() && *counters == self.counters {
            return Ok(());
        }
        tables::put_counters(counters, &mut changes)?;
        self.commit(&changes)
    }

    /// Writes a snapshot to rebuild the store from: every few minutes, and at the end.
    pub fn snapshot(&mut self) -> Result<(), StoreError> {
        self.store.snapshot().inspect_err(|_| self.counters.store_write_failures += 1)?;
        self.health.snapshots += 1;
        Ok(())
    }

    fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let result = self.store.commit(changes);
        self.health.is_failing = result.is_err();
        self.counters.store_write_failures += u64::from(result.is_err());
        result
    }

    fn agents(&self) -> Vec<AgentView> {
        let view = |(name, agent): (&String, &crate::ingest::Agent)| AgentView {
            agent: name.clone(),
            stream: agent.stream,
            sequence: agent.sequence,
            reported_at: agent.reported_at,
            is_finished: agent.is_finished,
            health: agent.health.clone(),
        };
        self.ledger.agents().iter().map(view).collect()
    }
}

/// Counts what was given up.
fn count(counters: &mut Counters, reason: &'static str, times: u64) {
    if times > 0 {
        *counters.evicted.entry(reason).or_default() += times;
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_AGENT_NAME && !name.contains(char::is_control)
}

/// Whether a live capture claims packets of the future, which would end the quiet time of every finding.
fn is_ahead(report: &Report, now: PacketTime) -> bool {
    let last =
        [&report.finished, &report.open].into_iter().filter_map(|facts| facts.capture.window).map(|(_, last)| last);
    report.health.capture_method != REPLAY && last.max().is_some_and(|last| last.since(now) > MAX_AHEAD)
}
