use std::time::Instant;

use super::backup::{self, Taken};
use super::course::{Came, Course, Halt};
use super::model::{DeployOutcome, WentBack};
use super::proof::{self, PAUSE, Rows, Standing};
use crate::backup::{Proof, Strategy};
use crate::catalog::render::count;
use crate::engine::{Consent, DowngradeOptions, Error, Migrator, RunOutcome, StepError};
use crate::history::{DeployEnd, DeployRow, DeployStage, WayBack};
use crate::plan::Back;
use crate::safety::Gates;

/// Leads back from a deploy that has failed, and proves it. What goes wrong on the way stands in the report.
pub(super) async fn go_back(course: &mut Course<'_>) -> DeployOutcome {
    let started = Instant::now();
    let went = loop {
        let Some(row) = course.row.clone() else { return DeployOutcome::Failed };
        let went = by_its_way(course, row).await;
        // A server that goes away meanwhile, and comes back: the way back goes on where it was.
        if went.is_ok() || !course.lost_the_server() || started.elapsed() >= course.migrator.lock_wait {
            break went;
        }
        tokio::time::sleep(PAUSE).await;
    };
    if course.is_stopped() {
        return DeployOutcome::Stopped;
    }
    let (outcome, end) = match went {
        Ok(()) => (DeployOutcome::Reverted, DeployEnd::Reverted),
        Err(Halt) => (DeployOutcome::NotReverted, DeployEnd::NotReverted),
    };
    course.end_quietly(course.row.clone(), end).await;
    outcome
}

async fn by_its_way(course: &mut Course<'_>, mut row: DeployRow) -> Result<(), Halt> {
    let (migrator, options, started) = (course.migrator, course.options, Instant::now());
    let goes_on = row.is_going_back();
    if !goes_on {
        row.way_back = options.way_back;
        row.error = course.report.failure.as_ref().map(|failure| failure.message.clone());
    }
    course.report.way_back = Some(WentBack { way: row.way_back, kept: None, as_before: None });
    course.row = Some(row.clone());
    let found = async {
        let standing = proof::stand(migrator, &row).await?;
        let taken = match row.backup.clone().filter(|_| goes_on) {
            Some(path) => Some(backup::whole(migrator, options, path).await?),
            None => None,
        };
        Ok((standing, taken))
    };
    let (standing, found) = match found.await {
        Ok(found) => found,
        Err(error) => return Err(course.fail(DeployStage::AsBefore, started, error)),
    };
    course.taken = course.taken.take().or(found);
    let taken = course.taken.clone();
    let mut rows = Rows::Untouched;
    if goes_on || standing.may_have_left_something(migrator.revisions(), &row) {
        rows = match &taken {
            Some(taken) if row.way_back == WayBack::Restore && taken.manifest.strategy == Strategy::Full => {
                restore(course, taken).await?
            }
            taken => downgrade(course, &standing, taken.as_ref()).await?,
        };
    }
    let mut seen = None;
    let work = async {
        let as_before = proof::look(migrator, &row, (options, taken.as_ref()), rows).await?;
        let judged = as_before.judge();
        seen = Some(as_before);
        judged.map(|summary| Came::Passed(summary, ())).map_err(Error::from)
    };
    let proven = course.stage(DeployStage::AsBefore, work).await;
    if let Some(way_back) = &mut course.report.way_back {
        way_back.as_before = seen;
    }
    proven
}

/// Undoes what was applied, and puts the rows of a backup of tables back.
async fn downgrade(
    course: &mut Course<'_>,
    standing: &Standing,
    taken: Option<&Taken>,
) -> Result<Rows, Halt> {
    let (migrator, options) = (course.migrator, course.options);
    course.stage(DeployStage::Downgrade, undo(migrator, standing)).await?;
    let Some(taken) = taken.filter(|taken| taken.manifest.strategy == Strategy::Tables) else {
        return Ok(Rows::Unknown);
    };
    let work = async {
        let restored = backup::restore(migrator, options, taken).await?;
        let rows = Rows::Proven { tables: restored.tables.len(), rows: taken.manifest.rows() };
        let summary = format!("{} put back from {}", count(restored.tables.len(), "table"), taken.path);
        Ok(Came::Passed(summary, rows))
    };
    course.stage(DeployStage::Rows, work).await
}

/// Exactly the revisions of this deploy. That somebody chose this way is all the consent that it needs.
async fn undo(migrator: &Migrator, standing: &Standing) -> Result<Came, Error> {
    if standing.is_nothing() {
        return Ok(Came::Skipped("none of its revisions is applied".to_owned(), ()));
    }
    let migrator = migrator.clone().with_gates(Gates::default()).with_consent(Consent::default());
    let (back, agreed) = (Back::Steps(standing.applied.len()), Some(standing.applied.clone()));
    let run = migrator.downgrade(DowngradeOptions { back, agreed }).await?;
    if run.outcome == RunOutcome::Stopped {
        return Err(StepError::Stopped.into());
    }
    let at = run.to.map_or("empty".to_owned(), |version| format!("at version {version}"));
    Ok(Came::Passed(format!("{} undone, now {at}", count(run.undone.len(), "revision")), ()))
}

/// A full backup takes the database's place, with the row of this deploy as it was in the stage of the backup.
async fn restore(course: &mut Course<'_>, taken: &Taken) -> Result<Rows, Halt> {
    let (migrator, options) = (course.migrator, course.options);
    // Its session would be in the way of the change of names.
    if let Some(guard) = course.guard.take() {
        guard.release().await;
    }
    let work = async {
        let restored = backup::restore(migrator, options, taken).await?;
        let kept = restored.kept.as_ref().map_or(String::new(), |kept| format!("; the one before is {kept}"));
        Ok(Came::Passed(format!("{} has taken the database's place{kept}", taken.path), restored))
    };
    let restored = course.stage(DeployStage::Restore, work).await?;
    if let Some(way_back) = &mut course.report.way_back {
        way_back.kept = restored.kept;
    }
    let proven = |proof: Proof| Rows::Proven { tables: proof.tables, rows: proof.rows };
    Ok(restored.proof.map_or(Rows::Unknown, proven))
}
