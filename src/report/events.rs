//! What a run tells, as text.

use super::human;
use crate::catalog::render::count;
use crate::engine::Event;
#[cfg(feature = "backup")]
use crate::engine::deploy::StageOutcome;
use crate::revisions::{Direction, Progress};
use crate::words::revisions_are;

/// What happens, as a line or more of a log for people; none where it is not worth one.
#[must_use]
pub fn event_text(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::WaitingForLock { holder, waited } => {
            let holder = holder.map_or(String::new(), |holder| format!(": {holder}"));
            format!("waiting for another run, for {}{holder}", human(*waited))
        }
        Event::OutOfOrder { revision, newest_applied } => {
            let newest = newest_applied.unwrap_or_default();
            format!("warning: {} runs late: version {newest} is applied already", revision.stem())
        }
        Event::StepStarted { revision, direction, position, total } => {
            let undo = if *direction == Direction::Down { "undo " } else { "" };
            format!("[{position}/{total}] {undo}{}", revision.stem())
        }
        Event::Rehearsing { revision, place, position, total } => {
            format!("rehearsing [{position}/{total}] {} {place}", revision.stem())
        }
        Event::Resuming { done, total, .. } => {
            format!("    an earlier run did {done} of {total} statements; going on behind them")
        }
        Event::WaitingForStatement { holder, .. } => {
            format!("    waiting for a statement of a run that died: {holder}")
        }
        Event::InvalidIndexDropped { index, .. } => {
            format!("    dropped {index}, which an earlier attempt left invalid; building it again")
        }
        Event::Blocked { blockers, waited, .. } => {
            let blockers: Vec<_> = blockers.iter().map(ToString::to_string).collect();
            format!("    waiting for a lock, for {}: {} in the way", human(*waited), blockers.join(", "))
        }
        Event::Retrying { attempt, pause, .. } => {
            format!("    attempt {attempt} did not get its locks; again in {}", human(*pause))
        }
        Event::StatementFinished { position, total, .. } => {
            format!("    statement {position} of {total} done")
        }
        Event::StepFinished { duration, .. } => format!("    done in {}", human(*duration)),
        _ => return beside_steps(event),
    })
}

/// What an application that starts tells.
fn at_startup(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::WaitingForDatabase { reason, waited } => {
            format!("waiting for the database, for {}: failed to {reason}", human(*waited))
        }
        Event::WaitingForRevisions { pending, waited } => format!(
            "waiting for {} to be applied by another process, for {}",
            count(*pending, "revision"),
            human(*waited)
        ),
        Event::RevisionsPending { pending } => {
            format!(
                "warning: starting although {} pending: {}",
                revisions_are(pending.len()),
                pending.join(", ")
            )
        }
        Event::DatabaseAhead { ahead } => {
            let newer: Vec<_> = ahead.iter().map(|ahead| ahead.version.to_string()).collect();
            format!("starting on a schema that is newer than this program, by {}", newer.join(", "))
        }
        _ => return None,
    })
}

/// What a run tells of all else but its steps.
fn beside_steps(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Progress { progress, .. } | Event::Backup { progress } => format!("    {}", of_work(progress)),
        #[cfg(feature = "backup")]
        Event::BackupTaken { backup } => format!("backup taken: {}", backup.path),
        Event::BackupNotNeeded => {
            "no backup taken: the pending revisions can lose rows of no table".to_owned()
        }
        Event::BackfillStarted { revision } => format!("backfill of {}", revision.stem()),
        Event::BackfillFinished { revision, duration } => {
            format!("backfill of {} finished after {}", revision.stem(), human(*duration))
        }
        Event::Drift { drift } => format!("warning: the schema has drifted:{drift}"),
        Event::DriftNotCompared { reason } => format!("warning: failed to {reason}"),
        Event::PassedOver { revision, failure } => passed_over(&revision.stem(), *failure),
        #[cfg(feature = "backup")]
        Event::DeployStageStarted { stage } => format!("deploy: {stage}"),
        #[cfg(feature = "backup")]
        Event::DeployStageFinished { stage } => match &stage.outcome {
            StageOutcome::Skipped { reason } => format!("    skipped: {reason}"),
            _ => format!("    {}", stage.summary),
        },
        _ => return at_startup(event),
    })
}

fn of_work(progress: &Progress<'_>) -> String {
    let Progress { work, done, total, held_back } = progress;
    let share = match (total, progress.percent()) {
        (Some(total), Some(percent)) => format!("{done} of {total}, {percent:.0} %"),
        _ => format!("{done}"),
    };
    let held_back = held_back.map_or(String::new(), |why| format!("; held back: {why}"));
    format!("{work}: {share}{held_back}")
}

fn passed_over(revision: &str, failure: Option<&str>) -> String {
    let why = failure.map_or("its function is not at hand".to_owned(), |failure| {
        format!("on an empty database its function fails: {failure}")
    });
    format!(
        "passed over {revision}: {why}; it does not say that it changes the schema (#[hardtack::up(alters_schema)])"
    )
}
