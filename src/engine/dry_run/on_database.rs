use std::sync::Arc;
use std::time::Instant;

use super::look::sizes;
use super::model::{Place, Rehearsed, Untouched};
use super::options::{DryRunOptions, Way};
use super::probe::Probe;
use super::seen::{Seen, ended_by};
use crate::catalog::{self, Catalog, CatalogError, differences};
use crate::config::HistoryTable;
use crate::db::Connection;
use crate::engine::execute::execute;
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::run::{self, RunSettings, untransactional};
use crate::engine::worker::Worker;
use crate::engine::{Error, Migrator, StepError, downgrade};
use crate::history;
use crate::plan::{Plan, Target};
use crate::revisions::{Direction, Revision, RevisionSet};
use tokio_postgres::error::SqlState;

/// A rehearsal on the database itself, and how it left that.
pub(super) struct OnDatabase {
    pub(super) seen: Seen,
    pub(super) untouched: Untouched,
}

/// Runs the steps on the database itself, under the migration lock, in one transaction that is rolled back; as far as
/// they can run in one. None where not even the first can.
pub(super) async fn rehearse(
    migrator: &Migrator,
    connection: &Connection,
    options: &DryRunOptions,
) -> Result<Option<OnDatabase>, Error> {
    let rights = match options.way {
        Way::Up(_) => run::RIGHTS,
        Way::Down(_) => downgrade::RIGHTS,
    };
    let intent = Intent { table: migrator.history_table(), rights, untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let rehearsed = rehearse_locked(migrator, connection, &locked, options).await;
    locked.release().await;
    rehearsed
}

async fn rehearse_locked(
    migrator: &Migrator,
    connection: &Connection,
    locked: &Locked<'_>,
    options: &DryRunOptions,
) -> Result<Option<OnDatabase>, Error> {
    let (history, table) = (&locked.history, migrator.history_table());
    let plan = super::planned(migrator, history, options.way)?;
    let steps = in_one_transaction(&plan);
    if steps.is_empty() {
        return Ok(None);
    }
    let before = catalog::introspect(connection, table).await?;
    let sizes = sizes(&connection.client, options.bounds.lock_timeout).await;
    let sizes = sizes.map_err(CatalogError::from)?;
    let probe = Arc::new(Probe::new(Some(options.bounds), sizes));
    let settings = RunSettings {
        lock_timeout: options.bounds.lock_timeout,
        lock_retries: 0,
        sink: Arc::new(|_| ()),
        probe: Some(Arc::clone(&probe)),
        is_rehearsal: true,
        ..locked.rehearsal()
    };
    let started = Instant::now();
    let (target, part) = (target(&plan, &steps, options.way), Plan { steps, ..plan.clone() });
    let worker = locked.rehearsing(&settings);
    let (outcomes, after) =
        transaction(worker, migrator.revisions(), connection, locked, &part, target).await?;
    let duration = started.elapsed();
    let differences = after.map(|after| differences(&before, &after));
    let mut measured = probe.finish();
    measured.iter_mut().for_each(super::probe::MeasuredStep::without_strangers);
    let seen = Seen { place: Place::Database, duration, steps: measured, outcomes, differences };
    let untouched = Untouched {
        fingerprint_before: before.fingerprint(),
        fingerprint_after: after_all(connection, table).await?.fingerprint(),
        history_before: history.applied.len(),
        history_after: history::read(&connection.client, table).await?.applied.len(),
    };
    Ok(Some(OnDatabase { seen, untouched }))
}

/// The catalog once everything is rolled back. A request to cancel that came late may hit the first question.
async fn after_all(connection: &Connection, table: &HistoryTable) -> Result<Catalog, CatalogError> {
    match catalog::introspect(connection, table).await {
        Err(CatalogError::Server(error)) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
            catalog::introspect(connection, table).await
        }
        looked => looked,
    }
}

/// The steps from the first on that can share a transaction.
fn in_one_transaction<'a>(plan: &Plan<'a>) -> Vec<&'a Revision> {
    let end = untransactional(plan).map(|first| first.version);
    plan.steps.iter().copied().take_while(|step| Some(step.version) != end).collect()
}

/// Where an upgrade ends that runs these steps only.
fn target(plan: &Plan<'_>, steps: &[&Revision], way: Way) -> Target {
    match (steps.last(), way) {
        (Some(last), _) if steps.len() < plan.steps.len() => Target::Version(last.version),
        (_, Way::Up(target)) => target,
        (_, Way::Down(_)) => Target::Head,
    }
}

type Outcomes = Vec<(i64, Rehearsed)>;

/// Runs the steps, looks at what they have made, and rolls back. A step that fails is an outcome; whatever else goes wrong
/// is an error.
async fn transaction(
    worker: Worker<'_>,
    revisions: &RevisionSet,
    connection: &Connection,
    locked: &Locked<'_>,
    plan: &Plan<'_>,
    target: Target,
) -> Result<(Outcomes, Option<Catalog>), Error> {
    let table = &worker.settings.table;
    let mut done = Vec::new();
    let ran = match plan.direction {
        Direction::Up => execute(worker, revisions, &locked.history, table, plan, target, &mut done).await,
        Direction::Down => backward(worker, plan, &mut done).await,
    };
    let after = match &ran {
        Ok(()) => catalog::introspect_within(connection, table).await.map(Some),
        Err(_) => Ok(None),
    };
    worker.roll_back_open().await;
    let failed = match ran {
        Ok(()) => None,
        Err(error @ Error::Step(StepError::Stopped)) => return Err(error),
        Err(error @ Error::Step(_)) => Some(error),
        Err(error) => return Err(error),
    };
    // Those before the one that failed have run, whatever became of the transaction.
    let begun = worker.settings.probe.as_ref().map_or(0, |probe| probe.number_of_steps());
    let passed = if failed.is_some() { begun.saturating_sub(1) } else { plan.steps.len() };
    let outcome = |(index, version): (usize, i64)| match &failed {
        _ if index < passed => Some((version, Rehearsed::Yes { place: Place::Database })),
        Some(error) if index == passed => Some((version, ended_by(Place::Database, error))),
        _ => None,
    };
    let versions = plan.steps.iter().map(|step| step.version);
    Ok((versions.enumerate().filter_map(outcome).collect(), after?))
}

async fn backward(
    worker: Worker<'_>,
    plan: &Plan<'_>,
    done: &mut Vec<crate::engine::StepReport>,
) -> Result<(), Error> {
    let opening = worker.begin(worker.settings.lock_timeout);
    worker.client.batch_execute(&opening).await.map_err(|source| {
        let left = "nothing was changed";
        Error::State { action: "begin the rehearsal", left, source }
    })?;
    downgrade::undo(worker, &worker.settings.table, plan, done).await
}
