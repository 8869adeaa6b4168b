use std::sync::Arc;
use std::time::Instant;

use tokio_postgres::error::SqlState;

use super::look::sizes;
use super::model::{Place, Rehearsed, Untouched};
use super::options::DryRunOptions;
use super::probe::{MeasuredStep, Probe};
use super::seen::{Seen, ended_by};
use crate::catalog::{self, Catalog, CatalogError, differences};
use crate::db::Connection;
use crate::engine::execute::execute;
use crate::engine::hygiene::Hygiene;
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::run::{self, RunSettings, untransactional};
use crate::engine::worker::Worker;
use crate::engine::{Error, Migrator, StepError, StepReport, downgrade};
use crate::history::{self, History};
use crate::plan::{Plan, Target, Way};
use crate::revisions::{Direction, EffectKind, Revision, RevisionSet, Step};

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
    let rehearsal = locked.rehearsal();
    let settings = RunSettings {
        lock_timeout: options.bounds.lock_timeout,
        lock_retries: 0,
        sink: rehearsal.sink.rehearsing(Place::Database),
        probe: Some(Arc::clone(&probe)),
        is_rehearsal: true,
        hygiene: Hygiene { limit: probe.limit(), ..rehearsal.hygiene },
        ..rehearsal
    };
    let started = Instant::now();
    let (target, part) = (target(&plan, &steps, options.way), Plan { steps, ..plan.clone() });
    let worker = locked.rehearsing(&settings);
    let (outcomes, after) =
        transaction(worker, &probe, migrator.revisions(), connection, locked, &part, target).await?;
    let duration = started.elapsed();
    let differences = after.map(|after| differences(&before, &after));
    let mut measured = probe.finish();
    measured.iter_mut().for_each(MeasuredStep::without_strangers);
    let seen = Seen { place: Place::Database, duration, steps: measured, outcomes, differences };
    let (catalog_after, history_after) = afterwards(migrator, connection).await?;
    let untouched = Untouched {
        fingerprint_before: before.fingerprint(),
        fingerprint_after: catalog_after.fingerprint(),
        history_before: history.applied.len(),
        history_after: history_after.applied.len(),
    };
    Ok(Some(OnDatabase { seen, untouched }))
}

/// Catalog and history once everything is rolled back, over another session where the server has ended the rehearsal's. A
/// request to cancel that came late may hit the first question.
async fn afterwards(migrator: &Migrator, connection: &Connection) -> Result<(Catalog, History), Error> {
    let fresh = if connection.closed().is_closed() { Some(migrator.connect().await?) } else { None };
    let (connection, table) = (fresh.as_ref().unwrap_or(connection), migrator.history_table());
    let catalog = match catalog::introspect(connection, table).await {
        Err(CatalogError::Server(error)) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
            catalog::introspect(connection, table).await?
        }
        looked => looked?,
    };
    Ok((catalog, history::read(&connection.client, table).await?))
}

/// The steps from the first on that can share a transaction. One whose text opens or ends a transaction would commit the rehearsal;
/// the build refuses it, and so does a run.
fn in_one_transaction<'a>(plan: &Plan<'a>) -> Vec<&'a Revision> {
    let end = untransactional(plan).map(|first| first.version);
    let ends_it = |step: &&Revision| controls_transaction(step, plan.direction);
    let fits = |step: &&Revision| Some(step.version) != end && !ends_it(step);
    plan.steps.iter().copied().take_while(fits).collect()
}

fn controls_transaction(revision: &Revision, direction: Direction) -> bool {
    let controls = [EffectKind::OpensTransaction, EffectKind::EndsTransaction];
    match revision.step(direction) {
        Some(Step::Sql(script)) => script.effects.iter().any(|effect| controls.contains(&effect.kind)),
        _ => false,
    }
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
    probe: &Probe,
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
        Ok(()) => probe.in_time(catalog::introspect_within(connection, table)).await.and_then(Result::ok),
        Err(_) => None,
    };
    if ran.is_ok() && after.is_none() {
        worker.settings.cancel().await;
    }
    worker.roll_back_open().await;
    let failed = match ran {
        Ok(()) => None,
        Err(error @ Error::Step(StepError::Stopped)) => return Err(error),
        Err(error @ Error::Step(_)) => Some(error),
        Err(error) => return Err(error),
    };
    // Those before the one that failed have run, whatever became of the transaction.
    let passed = match failed {
        Some(_) => probe.number_of_steps().saturating_sub(1),
        None => plan.steps.len(),
    };
    let outcome = |(index, version): (usize, i64)| match &failed {
        _ if index < passed => Some((version, Rehearsed::Yes { place: Place::Database })),
        Some(error) if index == passed => Some((version, ended_in(probe, error))),
        _ => None,
    };
    let versions = plan.steps.iter().map(|step| step.version);
    Ok((versions.enumerate().filter_map(outcome).collect(), after))
}

/// What became of a step that did not come to its end in the time of the rehearsal, or otherwise.
fn ended_in(probe: &Probe, error: &Error) -> Rehearsed {
    let place = Place::Database;
    match error {
        Error::Step(error) if probe.is_over() && error.is_for_want_of_time() => {
            let seconds = probe.limit().unwrap_or_default().as_secs_f64();
            let reason = format!(
                "it takes longer than the {seconds} s that a rehearsal on the database itself may (--hold), so that it was \
                 rolled back then; a full dry run on a clone shows how long"
            );
            Rehearsed::GaveUp { place, reason }
        }
        Error::Step(StepError::Blocked { .. }) => Rehearsed::GaveUp { place, reason: error.to_string() },
        error => ended_by(place, error),
    }
}

async fn backward(worker: Worker<'_>, plan: &Plan<'_>, done: &mut Vec<StepReport>) -> Result<(), Error> {
    let opening = worker.begin(worker.settings.lock_timeout);
    worker.client.batch_execute(&opening).await.map_err(|source| {
        let left = "nothing was changed";
        Error::State { action: "begin the rehearsal", left, source }
    })?;
    downgrade::undo(worker, &worker.settings.table, plan, done).await
}
