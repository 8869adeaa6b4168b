use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tracing::Instrument;

use super::execute::execute;
use super::hygiene::Hygiene;
use super::lock::{LockGuard, Patience};
use super::locked::{Ended, Locked};
use super::operations::{Passed, Probe, gate};
use super::preflight::{Intent, preflight};
use super::sink::Sink;
use super::worker::Worker;
use super::{Error, Event, Migrator};
use crate::config::HistoryTable;
use crate::db::{ConnectOptions, Connection};
use crate::history::{self, History, HistoryError, Opening, SYSTEM};
use crate::plan::{Conflict, OutOfOrder, Plan, PlanError, Target, Way};
use crate::revisions::{
    Direction, EffectKind, Kind, News, Revision, States, Step, StopSignal, Surroundings, Transaction,
};

/// What an upgrade may be told.
#[derive(Clone, Debug, Default)]
pub struct UpgradeOptions {
    /// Where to end.
    pub target: Target,
    /// Run all pending revisions and their history rows in one transaction: all or nothing.
    pub single_transaction: bool,
    /// The versions that somebody has agreed to apply. Where the history has changed since, so that there would be others, nothing
    /// is done; where there are fewer, those.
    pub agreed: Option<Vec<i64>>,
}

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// How it ended.
    pub outcome: RunOutcome,
    /// The newest applied version before; none in an empty history.
    pub from: Option<i64>,
    /// The newest applied version now.
    pub to: Option<i64>,
    /// The revisions that were applied, in order.
    pub applied: Vec<StepReport>,
    /// The revisions that were undone, in order.
    pub undone: Vec<StepReport>,
    /// How long the whole run took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "history::milliseconds")]
    pub duration: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunOutcome {
    /// Nothing was pending: one query, no lock, nothing written.
    UpToDate,
    /// Nothing was pending up to the target, as the whole history told: no lock, nothing written.
    NothingPending,
    /// Nothing was pending any more once the lock was had: another process had done the work.
    DoneByAnother,
    /// All steps up to the target were applied.
    Upgraded,
    /// Nothing was applied above the target: no lock, nothing written.
    NothingToUndo,
    /// All steps down to the target were undone.
    Downgraded,
    /// A stop was asked for; it ended at a safe point, between two revisions.
    Stopped,
}

/// One step that was applied, or undone.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// The version.
    pub version: i64,
    /// The name behind it.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "history::milliseconds")]
    pub duration: Duration,
}

/// The settings of one run that its steps look at.
pub(super) struct RunSettings {
    pub(super) database: ConnectOptions,
    pub(super) states: States,
    pub(super) table: HistoryTable,
    pub(super) lock_timeout: Duration,
    pub(super) lock_retries: u32,
    /// The longest wait for another run, or for what is left of one.
    pub(super) lock_wait: Duration,
    /// Versions of which a step was begun and has not ended.
    pub(super) unfinished: Vec<i64>,
    pub(super) single_transaction: bool,
    pub(super) hygiene: Hygiene,
    pub(super) out_of_order: OutOfOrder,
    pub(super) sink: Sink,
    /// Measures the steps, where they are a rehearsal.
    pub(super) probe: Option<Arc<Probe>>,
    /// Whether nothing that the steps do to a database stays.
    pub(super) is_rehearsal: bool,
    pub(super) cancel: crate::db::CancelHandle,
}

impl Run {
    /// A run so far without steps.
    pub(super) fn empty(outcome: RunOutcome, at: Option<i64>, started: Instant) -> Self {
        let duration = started.elapsed();
        Self { outcome, from: at, to: at, applied: Vec::new(), undone: Vec::new(), duration }
    }
}

impl RunSettings {
    /// What a function of an up gets to know, in a transaction.
    pub(super) fn surroundings<'a>(
        &'a self,
        tell: &'a (dyn Fn(&News<'_>) + Send + Sync),
    ) -> Surroundings<'a> {
        Surroundings {
            database: &self.database,
            table: &self.table,
            deferred: None,
            lock_timeout: self.lock_timeout,
            direction: Direction::Up,
            in_transaction: true,
            is_rehearsal: self.is_rehearsal,
            around_calls: None,
            states: &self.states,
            tell,
        }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.sink.tell(&self.database, event);
    }

    /// Tells what a revision's function says.
    pub(super) fn pass_on(&self, revision: &Revision, news: &News<'_>) {
        self.tell(&match news {
            News::Progress(progress) => Event::Progress { revision, progress },
            News::Backfill(name, news) => Event::Backfill { revision, name, news },
        });
    }

    /// Cancels whatever the server runs for this session.
    pub(super) async fn cancel(&self) {
        if let Err(error) = self.cancel.cancel().await {
            tracing::warn!(%error, "the running statement could not be cancelled");
        }
    }
}

impl StepReport {
    pub(super) fn new(revision: &Revision, duration: Duration) -> Self {
        let (version, name, kind) = (revision.version, revision.name.clone().into_owned(), revision.kind);
        Self { version, name, kind, duration }
    }
}

/// An upgrade on an open connection. See [`Migrator::upgrade`].
pub(super) async fn upgrade(
    migrator: &Migrator,
    connection: &Connection,
    options: UpgradeOptions,
) -> Result<Run, Error> {
    let started = Instant::now();
    let (client, revisions, table) = (&connection.client, migrator.revisions(), migrator.history_table());
    if options.target == Target::Head {
        let at_head = history::at_head(client, table, revisions).await;
        if explained(migrator, connection, at_head).await? {
            return Ok(Run::empty(RunOutcome::UpToDate, revisions.newest_versioned(), started));
        }
    }
    let history = explained(migrator, connection, history::read(client, table).await).await?;
    let plan = Plan::upgrade(revisions, &history, options.target, migrator.out_of_order)?;
    if plan.is_empty() {
        return Ok(Run::empty(RunOutcome::NothingPending, plan.from, started));
    }
    if options.single_transaction {
        refuse_untransactional(&plan)?;
    }
    let (untransactional, sets) = (untransactional(&plan), sets(&plan));
    let intent = Intent { table, rights: RIGHTS, untransactional, sets };
    let passed = gate::pass(migrator, connection, &history, (&plan, Way::Up(options.target))).await?;
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let outcome = upgrade_locked(migrator, &locked, &passed, &options, started).await;
    locked.release().await;
    outcome
}

/// What an upgrade does to rows of the history table.
pub(super) const RIGHTS: &[&str] = &["SELECT", "INSERT"];

/// A history that may not be read may be a matter of rights, which the preflight names one by one.
async fn explained<T>(
    migrator: &Migrator,
    connection: &Connection,
    read: Result<T, HistoryError>,
) -> Result<T, Error> {
    if read.as_ref().is_err_and(HistoryError::is_refusal) {
        let intent =
            Intent { table: migrator.history_table(), rights: RIGHTS, untransactional: None, sets: None };
        preflight(connection, &intent).await?;
    }
    Ok(read?)
}

/// The part under the lock, where another process may have done the work meanwhile.
async fn upgrade_locked(
    migrator: &Migrator,
    locked: &Locked<'_>,
    passed: &Passed,
    options: &UpgradeOptions,
    started: Instant,
) -> Result<Run, Error> {
    let (revisions, table, target) = (migrator.revisions(), migrator.history_table(), options.target);
    let plan = Plan::upgrade(revisions, &locked.history, target, migrator.out_of_order)?;
    if plan.is_empty() {
        return Ok(Run::empty(RunOutcome::DoneByAnother, plan.from, started));
    }
    if options
        .agreed
        .as_ref()
        .is_some_and(|agreed| plan.steps.iter().any(|step| !agreed.contains(&step.version)))
    {
        return Err(Error::PlanChanged);
    }
    if options.single_transaction {
        refuse_untransactional(&plan)?;
    }
    passed.covers(&plan)?;
    migrator.tell(&Event::Planned { plan: &plan });
    if migrator.out_of_order == OutOfOrder::Warn {
        for revision in plan.out_of_order() {
            migrator.tell(&Event::OutOfOrder { revision, newest_applied: plan.from });
        }
    }
    let consent = gate::before_run(migrator, locked, &plan).await?;
    let (note, evidence) = (consent.note(), consent.evidence(table, &plan));
    let opening = Opening { command: "upgrade", note: note.as_deref(), evidence };
    let run = locked.start(&opening, options.single_transaction).await?;
    let mut applied = Vec::new();
    let worker = locked.worker(&run);
    let result = execute(worker, revisions, &locked.history, table, &plan, target, &mut applied).await;
    let outcome = match locked.end(&run, result).await? {
        Ended::Finished => RunOutcome::Upgraded,
        Ended::Stopped => RunOutcome::Stopped,
    };
    let newest = applied.iter().filter(|step| step.kind == Kind::Versioned).map(|step| step.version).max();
    let to = newest.max(plan.from);
    Ok(Run { applied, to, from: plan.from, ..Run::empty(outcome, None, started) })
}

/// Brings hardtack's own tables up to date, by the same engine, without a log: they are the log.
///
/// Under a lock of their own, because histories of several names share them. Not to be stopped: it is short,
/// and the run that asked for it looks at the signal itself.
pub(super) async fn prepare_state(
    migrator: &Migrator,
    connection: &Connection,
    guard: &LockGuard,
    history: &History,
) -> Result<(), Error> {
    if plan_state(history)?.is_empty() {
        return Ok(());
    }
    let (client, stop) = (&connection.client, StopSignal::new());
    let table = migrator.history_table().of_hardtack();
    let guard = guard.acquire_inner(Patience { stop: &stop, ..migrator.patience() }, &table).await?;
    let history = history::read(client, &table).await?;
    let plan = plan_state(&history)?;
    let out_of_order = OutOfOrder::Reject;
    let settings = RunSettings {
        sink: Sink::silent(),
        out_of_order,
        probe: None,
        ..migrator.run_settings(connection, false)
    };
    let worker = Worker { client, guard: &guard, log: None, settings: &settings, stop: &stop };
    let mut done = Vec::new();
    let made = execute(worker, SYSTEM, &history, &table, &plan, Target::Head, &mut done);
    let made = Box::pin(made).instrument(tracing::info_span!("hardtack.prepare")).await;
    guard.release().await;
    made
}

/// What hardtack's own tables lack. A newer release may have brought them further; it only ever adds to them.
fn plan_state(history: &History) -> Result<Plan<'static>, PlanError> {
    let ahead = |conflict: &Conflict| matches!(conflict, Conflict::Missing { ahead: true, .. });
    match Plan::upgrade(SYSTEM, history, Target::Head, OutOfOrder::Reject) {
        Err(PlanError::Conflict(conflicts)) if conflicts.0.iter().all(ahead) => Ok(Plan::default()),
        planned => planned,
    }
}

fn refuse_untransactional(plan: &Plan<'_>) -> Result<(), Error> {
    match untransactional(plan) {
        Some(revision) => Err(Error::SingleTransaction { revision: revision.stem() }),
        None => Ok(()),
    }
}

/// The first step without a transaction, or before which a backfill has to be finished.
pub(super) fn untransactional<'a>(plan: &Plan<'a>) -> Option<&'a Revision> {
    let wants_none = |revision: &&&Revision| {
        let step = revision.step(plan.direction);
        let finishes_first = revision.around.requires.iter().any(|version| plan.awaited.contains(version));
        finishes_first || step.is_some_and(|step| step.settings().transaction == Transaction::None)
    };
    plan.steps.iter().find(wants_none).copied()
}

/// The first step without a transaction that changes its session's settings.
pub(super) fn sets<'a>(plan: &Plan<'a>) -> Option<&'a Revision> {
    let changes = |revision: &&&Revision| match revision.step(plan.direction) {
        Some(Step::Sql(script)) if script.settings.transaction == Transaction::None => {
            script.effects.iter().any(|effect| effect.kind == EffectKind::Sets)
        }
        _ => false,
    };
    plan.steps.iter().find(changes).copied()
}
