use std::sync::Arc;
use std::time::Instant;

use super::look::Sizes;
use super::model::{Place, Rehearsed};
use super::probe::Probe;
use super::seen::{Seen, ended_by};
use crate::catalog::differences;
use crate::engine::operations::replaying::Replaying;
use crate::engine::operations::stage::Stage;
use crate::engine::{Error, Event, Migrator, StepError};
use crate::history::History;
use crate::plan::Plan;
use crate::revisions::{Direction, Revision};

/// Runs the steps on a scratch database, with all their commits, behind a replay of what is applied. It holds the schema and
/// no rows: what it shows is which locks are taken and what the schema becomes, not how long that takes. The database
/// itself is not touched. Dropped again on every path.
pub(super) async fn rehearse(migrator: &Migrator, history: &History, plan: &Plan<'_>) -> Result<Seen, Error> {
    let quiet = migrator.clone().on_event(|_| ());
    let mut stage = Stage::set_up(&quiet).await?;
    let seen = on((migrator, &quiet), &mut stage, history, plan).await;
    stage.clear(seen).await
}

async fn on(
    (migrator, quiet): (&Migrator, &Migrator),
    stage: &mut Stage,
    history: &History,
    plan: &Plan<'_>,
) -> Result<Seen, Error> {
    let is_applied = |revision: &&Revision| history.get(revision.version).is_some();
    let applied: Vec<&Revision> = migrator.revisions().iter().filter(is_applied).collect();
    let mut replaying = Replaying::new(quiet, stage);
    replaying.apply(&applied).await?;
    let applied = replaying.into_applied();
    let before = stage.catalog().await?;
    let probe = Arc::new(Probe::new(None, Sizes::new()));
    stage.measure(Arc::clone(&probe));
    let started = Instant::now();
    let outcomes = match plan.direction {
        Direction::Up => forward(migrator, Replaying::resume(quiet, stage, applied), plan).await?,
        Direction::Down => backward(migrator, stage, applied, plan).await?,
    };
    let duration = started.elapsed();
    let is_whole = outcomes.len() == plan.steps.len()
        && outcomes.iter().all(|(_, outcome)| !matches!(outcome, Rehearsed::Failed { .. }));
    let differences = if is_whole { Some(differences(&before, &stage.catalog().await?)) } else { None };
    Ok(Seen { place: Place::Scratch, duration, steps: probe.finish(), outcomes, differences })
}

type Outcomes = Vec<(i64, Rehearsed)>;

async fn forward(
    migrator: &Migrator,
    mut replaying: Replaying<'_>,
    plan: &Plan<'_>,
) -> Result<Outcomes, Error> {
    let mut outcomes = Vec::new();
    for (before, revision) in plan.steps.iter().enumerate() {
        tell(migrator, plan, (before, revision));
        let applied = replaying.apply(&[revision]).await;
        let is_there = replaying.applied().iter().any(|applied| applied.version == revision.version);
        let reason = "on a scratch database it finds neither the application's rows nor its state";
        let outcome = ran(applied)?.unwrap_or(match is_there {
            true => Rehearsed::Yes { place: Place::Scratch },
            false => Rehearsed::No { reason: reason.to_owned() },
        });
        let has_failed = matches!(outcome, Rehearsed::Failed { .. });
        outcomes.push((revision.version, outcome));
        if has_failed {
            break;
        }
    }
    Ok(outcomes)
}

async fn backward(
    migrator: &Migrator,
    stage: &Stage,
    mut applied: Vec<Revision>,
    plan: &Plan<'_>,
) -> Result<Outcomes, Error> {
    let mut outcomes = Vec::new();
    for (before, revision) in plan.steps.iter().enumerate() {
        tell(migrator, plan, (before, revision));
        let version = revision.version;
        if !applied.iter().any(|revision| revision.version == version) {
            let reason = "its up finds neither the application's rows nor its state on a scratch database";
            outcomes.push((version, Rehearsed::No { reason: reason.to_owned() }));
            continue;
        }
        let undone = stage.undo_newest(&applied).await;
        let outcome = ran(undone)?.unwrap_or(Rehearsed::Yes { place: Place::Scratch });
        let has_failed = matches!(outcome, Rehearsed::Failed { .. });
        outcomes.push((version, outcome));
        if has_failed {
            break;
        }
        applied.retain(|revision| revision.version != version);
    }
    Ok(outcomes)
}

/// Tells that a step is rehearsed, which comes behind so many others.
fn tell(migrator: &Migrator, plan: &Plan<'_>, (before, revision): (usize, &Revision)) {
    let (position, total) = (before + 1, plan.steps.len());
    migrator.tell(&Event::Rehearsing { revision, place: Place::Scratch, position, total });
}

/// What came of a step that failed; nothing to be said of one that did not.
fn ran(step: Result<(), Error>) -> Result<Option<Rehearsed>, Error> {
    match step {
        Ok(()) => Ok(None),
        Err(error @ Error::Step(StepError::Stopped)) => Err(error),
        Err(Error::Replay { source }) if matches!(*source, Error::Step(_)) => {
            Ok(Some(ended_by(Place::Scratch, &source)))
        }
        Err(error @ (Error::Step(_) | Error::NoFunction { .. })) => {
            Ok(Some(ended_by(Place::Scratch, &error)))
        }
        Err(error) => Err(error),
    }
}
