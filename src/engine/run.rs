use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::Client;

use super::execute::execute;
use super::hygiene::Hygiene;
use super::lock::{LockGuard, Patience, answered};
use super::migrator::Sink;
use super::preflight::{Intent, preflight};
use super::step::Worker;
use super::{Error, Event, Migrator, StepError};
use crate::config::HistoryTable;
use crate::db::{Connection, ServerMessage};
use crate::history::{self, History, HistoryError, Outcome, RunLog, SYSTEM};
use crate::plan::{Conflict, Plan, PlanError, Target};
use crate::revisions::{Kind, Revision, StopSignal, Transaction, Up};

/// What an upgrade may be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpgradeOptions {
    /// Where to end.
    pub target: Target,
    /// Run all pending revisions and their history rows in one transaction: all or nothing.
    pub single_transaction: bool,
}

/// What an upgrade did.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// How it ended.
    pub outcome: RunOutcome,
    /// The newest applied version before; none in an empty history.
    pub from: Option<i64>,
    /// The newest applied version now.
    pub to: Option<i64>,
    /// The steps that were applied, in order.
    pub applied: Vec<StepReport>,
    /// How long the whole run took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
}

/// How an upgrade ended.
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
    /// A stop was asked for; it ended at a safe point, between two revisions.
    Stopped,
}

/// One step that was applied.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// The version.
    pub version: i64,
    /// The name behind it.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
}

/// The settings of one run that its steps look at.
pub(super) struct RunSettings {
    pub(super) lock_timeout: Duration,
    pub(super) single_transaction: bool,
    pub(super) hygiene: Hygiene,
    pub(super) sink: Sink,
    pub(super) cancel: crate::db::CancelHandle,
}

impl RunSettings {
    pub(super) fn tell(&self, event: &Event<'_>) {
        (self.sink)(event);
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
    let nothing =
        |outcome, at| Run { outcome, from: at, to: at, applied: Vec::new(), duration: started.elapsed() };
    if options.target == Target::Head {
        let at_head = history::at_head(client, table, revisions).await;
        if explained(migrator, connection, at_head).await? {
            return Ok(nothing(RunOutcome::UpToDate, revisions.digest().newest));
        }
    }
    let history = explained(migrator, connection, history::read(client, table).await).await?;
    let plan = Plan::upgrade(revisions, &history, options.target)?;
    if plan.is_empty() {
        return Ok(nothing(RunOutcome::NothingPending, plan.from));
    }
    if options.single_transaction {
        refuse_untransactional(&plan)?;
    }
    let untransactional = untransactional(&plan);
    let hygiene = preflight(connection, &Intent { table, rights: RIGHTS, untransactional }).await?;
    let sink = |event: &Event<'_>| migrator.tell(event);
    let guard = LockGuard::acquire(migrator.patience(), table, sink).await?;
    let outcome = locked(migrator, connection, &guard, options, hygiene, started).await;
    guard.release().await;
    outcome
}

/// What an upgrade does to rows of the history table.
const RIGHTS: &[&str] = &["SELECT", "INSERT"];

/// A history that may not be read may be a matter of rights, which the preflight names one by one.
async fn explained<T>(
    migrator: &Migrator,
    connection: &Connection,
    read: Result<T, HistoryError>,
) -> Result<T, Error> {
    if read.as_ref().is_err_and(HistoryError::is_refusal) {
        let intent = Intent { table: migrator.history_table(), rights: RIGHTS, untransactional: None };
        preflight(connection, &intent).await?;
    }
    Ok(read?)
}

/// The part under the lock: reads and plans again, for another process may have done the work meanwhile.
async fn locked(
    migrator: &Migrator,
    connection: &Connection,
    guard: &LockGuard,
    options: UpgradeOptions,
    hygiene: Hygiene,
    started: Instant,
) -> Result<Run, Error> {
    let (client, revisions, table) = (&connection.client, migrator.revisions(), migrator.history_table());
    let own = table.of_hardtack();
    let read = async { Ok::<_, Error>(history::read_many(client, table, &own).await?) };
    let (history, system) = answered(migrator.database(), read).await?;
    let plan = Plan::upgrade(revisions, &history, options.target)?;
    if plan.is_empty() {
        let (outcome, duration) = (RunOutcome::DoneByAnother, started.elapsed());
        return Ok(Run { outcome, from: plan.from, to: plan.from, applied: Vec::new(), duration });
    }
    migrator.tell(&Event::Planned { plan: &plan });
    prepare_state(migrator, connection, guard, &system).await?;
    let log = start_log(client, "upgrade", table).await?;
    let settings = migrator.run_settings(connection, options.single_transaction);
    let settings = RunSettings { hygiene, ..settings };
    let worker = Worker { client, guard, log: Some(&log), settings: &settings, stop: &migrator.stop };
    let mut applied = Vec::new();
    let result = execute(worker, revisions, &history, table, &plan, options.target, &mut applied).await;
    let outcome = finish(client, &log, result).await?;
    let newest = applied.iter().filter(|step| step.kind == Kind::Versioned).map(|step| step.version).max();
    Ok(Run { outcome, from: plan.from, to: newest.max(plan.from), applied, duration: started.elapsed() })
}

/// Begins the run's row.
pub(super) async fn start_log(client: &Client, command: &str, table: &HistoryTable) -> Result<RunLog, Error> {
    RunLog::start(client, command, table).await.map_err(|source| {
        let left =
            "no revision was run; the role needs USAGE on the schema hardtack and INSERT on its tables";
        Error::State { action: "begin the run log", left, source }
    })
}

/// Ends the run's row, which also brings every earlier commit to disk before anything is reported as done.
pub(super) async fn finish(
    client: &Client,
    log: &RunLog,
    result: Result<(), Error>,
) -> Result<RunOutcome, Error> {
    let (row, outcome) = match result {
        Ok(()) => (Outcome::Succeeded, RunOutcome::Upgraded),
        Err(Error::Step(StepError::Stopped)) => (Outcome::Stopped, RunOutcome::Stopped),
        Err(error) => {
            if let Err(source) = log.finish(client, Outcome::Failed, Some(&error.to_string())).await {
                tracing::warn!(error = %ServerMessage(&source), "the failed run could not be ended in the run log");
            }
            return Err(error);
        }
    };
    log.finish(client, row, None).await.map_err(|source| {
        let left = "every step that was reported is applied, but perhaps not yet on disk";
        Error::State { action: "end the run log", left, source }
    })?;
    Ok(outcome)
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
    guard.acquire_inner(Patience { stop: &stop, ..migrator.patience() }, &table).await?;
    let history = history::read(client, &table).await?;
    let plan = plan_state(&history)?;
    let settings = RunSettings { sink: Arc::new(|_| ()), ..migrator.run_settings(connection, false) };
    let worker = Worker { client, guard, log: None, settings: &settings, stop: &stop };
    let made = execute(worker, SYSTEM, &history, &table, &plan, Target::Head, &mut Vec::new()).await;
    guard.release_inner().await?;
    made
}

/// What hardtack's own tables lack. A newer release may have brought them further; it only ever adds to them.
fn plan_state(history: &History) -> Result<Plan<'static>, PlanError> {
    let ahead = |conflict: &Conflict| matches!(conflict, Conflict::Missing { ahead: true, .. });
    match Plan::upgrade(SYSTEM, history, Target::Head) {
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

/// The first step without a transaction.
fn untransactional<'a>(plan: &Plan<'a>) -> Option<&'a Revision> {
    let settings = |revision: &Revision| match &revision.up {
        Up::Sql(script) => script.settings,
        Up::Rust(step) => step.settings,
    };
    plan.steps.iter().find(|revision| settings(revision).transaction == Transaction::None).copied()
}

fn milliseconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1000.0)
}
