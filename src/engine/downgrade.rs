use std::time::Instant;

use super::locked::{Ended, Locked};
use super::operations::{Passed, gate};
use super::preflight::Intent;
use super::run::{sets, untransactional};
use super::task::Task;
use super::worker::Worker;
use super::{Error, Event, Migrator, Run, RunOutcome, StepReport};
use crate::config::HistoryTable;
use crate::db::Connection;
use crate::history::{self, Opening};
use crate::plan::{self, Back, Plan, Way};

/// What a downgrade may be told.
#[derive(Clone, Debug)]
pub struct DowngradeOptions {
    /// Where to end.
    pub back: Back,
    /// The versions that somebody has agreed to undo, in falling order. Where the history has changed since, nothing is
    /// undone. None agrees to whatever the plan says.
    pub agreed: Option<Vec<i64>>,
}

/// A downgrade on an open connection. See [`Migrator::downgrade`].
pub(super) async fn downgrade(
    migrator: &Migrator,
    connection: &Connection,
    options: &DowngradeOptions,
) -> Result<Run, Error> {
    let started = Instant::now();
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let plan = Plan::downgrade(migrator.revisions(), &history, options.back)?;
    if plan.is_empty() {
        return Ok(Run::empty(RunOutcome::NothingToUndo, plan.from, started));
    }
    let (untransactional, sets) = (untransactional(&plan), sets(&plan));
    let intent = Intent { table: migrator.history_table(), rights: RIGHTS, untransactional, sets };
    let passed = gate::pass(migrator, connection, &history, (&plan, Way::Down(options.back))).await?;
    let locked = Locked::acquire(migrator, connection, &intent).await?;
    let outcome = downgrade_locked(migrator, &locked, &passed, options, started).await;
    locked.release().await;
    outcome
}

/// What a downgrade does to rows of the history table; a down without a transaction announces itself there.
pub(super) const RIGHTS: &[&str] = &["SELECT", "UPDATE", "DELETE"];

async fn downgrade_locked(
    migrator: &Migrator,
    locked: &Locked<'_>,
    passed: &Passed,
    options: &DowngradeOptions,
    started: Instant,
) -> Result<Run, Error> {
    let (revisions, history) = (migrator.revisions(), &locked.history);
    let plan = Plan::downgrade(revisions, history, options.back)?;
    let versions: Vec<_> = plan.steps.iter().map(|revision| revision.version).collect();
    if options.agreed.as_ref().is_some_and(|agreed| *agreed != versions) {
        return Err(Error::PlanChanged);
    }
    passed.covers(&plan)?;
    migrator.tell(&Event::Planned { plan: &plan });
    let consent = gate::before_run(migrator, locked, &plan).await?;
    let (note, evidence) = (consent.note(), consent.evidence(migrator.history_table(), &plan));
    let opening = Opening { command: "downgrade", note: note.as_deref(), evidence };
    let run = locked.start(&opening, false).await?;
    let mut undone = Vec::new();
    let result = undo(locked.worker(&run), migrator.history_table(), &plan, &mut undone).await;
    let outcome = match locked.end(&run, result).await? {
        Ended::Finished => RunOutcome::Downgraded,
        Ended::Stopped => RunOutcome::Stopped,
    };
    let gone: Vec<i64> = undone.iter().map(|step| step.version).collect();
    let to = plan::newest_left(revisions, history, &gone);
    Ok(Run { from: plan.from, to, undone, ..Run::empty(outcome, None, started) })
}

/// Runs the downs. Steps that are done stand in `done` also when a later one fails.
pub(super) async fn undo(
    worker: Worker<'_>,
    table: &HistoryTable,
    plan: &Plan<'_>,
    done: &mut Vec<StepReport>,
) -> Result<(), Error> {
    for (revision, position) in plan.steps.iter().zip(1..) {
        // The plan has no revision without a down.
        let Some(step) = revision.step(plan.direction) else { continue };
        worker.may_go_on()?;
        let (direction, total) = (plan.direction, plan.steps.len());
        worker.settings.tell(&Event::StepStarted { revision, direction, position, total });
        let delete = format!("delete from {table} where version = {}", revision.version);
        let duration = worker.run(&Task::down(revision, step, &delete)).await?;
        worker.settings.tell(&Event::StepFinished { revision, direction, duration });
        done.push(StepReport::new(revision, duration));
    }
    Ok(())
}
