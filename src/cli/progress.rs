use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::{human, remark};
use super::progress_bar;
use crate::engine::Event;
#[cfg(feature = "backup")]
use crate::engine::deploy::{StageOutcome, StageReport};
use crate::revisions::{Direction, Progress};

/// What is quicker than this is not worth a second line; the history keeps every duration.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// How often the progress of a backup is worth a line, where no bar can be drawn.
const WORTH_A_LINE: Duration = Duration::from_secs(10);

/// Tells on standard error what a run does.
pub(super) fn tell(event: &Event<'_>) {
    match event {
        Event::StatementFinished { total: 1, .. } => {}
        Event::StepFinished { duration, .. } if *duration < WORTH_TELLING => {}
        Event::Progress { progress, .. } | Event::Backup { progress } if progress_bar::draw(progress) => {}
        Event::Backup { .. } if !is_time_for_a_line() => {}
        _ => {
            if let Some(text) = text(event) {
                remark(&text);
            }
        }
    }
}

/// Whether the last such line is some time ago; the first one is due after that time as well.
fn is_time_for_a_line() -> bool {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let since = last.get_or_insert_with(Instant::now).elapsed();
    if since >= WORTH_A_LINE {
        *last = Some(Instant::now());
    }
    since >= WORTH_A_LINE
}

fn text(event: &Event<'_>) -> Option<String> {
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
        _ => return None,
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

/// The same as events of the log.
pub(super) fn log(event: &Event<'_>) {
    match event {
        Event::WaitingForLock { holder, waited } => {
            let holder = holder.map(ToString::to_string);
            tracing::info!(holder, waited_ms = milliseconds(*waited), "waiting for another run");
        }
        Event::Planned { plan } => tracing::info!(steps = plan.steps.len(), from = plan.from, "planned"),
        Event::OutOfOrder { revision, newest_applied } => {
            tracing::warn!(revision = revision.stem(), newest_applied, "a revision runs late");
        }
        Event::StepStarted { revision, direction, position, total } => {
            let (revision, direction) = (revision.stem(), direction.name());
            tracing::info!(revision, direction, position, total, "step started");
        }
        Event::Resuming { revision, done, total } => {
            tracing::info!(revision = revision.stem(), done, total, "step resumed");
        }
        Event::WaitingForStatement { revision, holder, .. } => {
            let holder = holder.to_string();
            tracing::info!(revision = revision.stem(), holder, "waiting for a statement of a run that died");
        }
        Event::InvalidIndexDropped { revision, index } => {
            tracing::warn!(revision = revision.stem(), index, "invalid index dropped");
        }
        Event::Blocked { revision, blockers, waited } => {
            let (revision, waited_ms) = (revision.stem(), milliseconds(*waited));
            for blocker in *blockers {
                let (pid, query) = (blocker.pid, blocker.query.as_str());
                tracing::warn!(revision, waited_ms, pid, query, since = blocker.since, "waiting for a lock");
            }
        }
        Event::Retrying { revision, attempt, pause, .. } => {
            let (revision, pause_ms) = (revision.stem(), milliseconds(*pause));
            tracing::warn!(revision, attempt, pause_ms, "step did not get its locks, trying again");
        }
        Event::StatementFinished { revision, position, total } => {
            tracing::info!(revision = revision.stem(), position, total, "statement finished");
        }
        Event::StepFinished { revision, duration } => {
            let (revision, duration_ms) = (revision.stem(), milliseconds(*duration));
            tracing::info!(revision, duration_ms, "step finished");
        }
        _ => {
            log_work(event);
            log_comparison(event);
            #[cfg(feature = "backup")]
            log_stage(event);
        }
    }
}

/// What backfills and other long work tell.
pub(super) fn log_work(event: &Event<'_>) {
    match event {
        Event::Progress { revision, progress: Progress { work, done, total, held_back } } => {
            tracing::info!(revision = revision.stem(), work, done, total, held_back, "progress");
        }
        Event::Backup { progress: Progress { work, done, total, .. } } => {
            tracing::info!(work, done, total, "progress of a backup");
        }
        #[cfg(feature = "backup")]
        Event::BackupTaken { backup } => {
            let (bytes, rows) = (backup.manifest.bytes(), backup.manifest.rows());
            tracing::info!(path = backup.path, bytes, rows, "backup taken");
        }
        Event::BackupNotNeeded => tracing::info!("no backup taken: rows of no table can be lost"),
        Event::BackfillStarted { revision } => {
            tracing::info!(revision = revision.stem(), "backfill started");
        }
        Event::BackfillFinished { revision, duration } => {
            let (revision, duration_ms) = (revision.stem(), milliseconds(*duration));
            tracing::info!(revision, duration_ms, "backfill finished");
        }
        _ => {}
    }
}

/// What a deploy is at.
#[cfg(feature = "backup")]
fn log_stage(event: &Event<'_>) {
    match event {
        Event::DeployStageStarted { stage } => tracing::info!(stage = stage.name(), "deploy stage started"),
        Event::DeployStageFinished { stage: StageReport { stage, outcome, summary, duration } } => {
            let (stage, duration_ms) = (stage.name(), milliseconds(*duration));
            match outcome {
                StageOutcome::Passed => tracing::info!(stage, duration_ms, summary, "deploy stage passed"),
                StageOutcome::Failed => tracing::error!(stage, duration_ms, summary, "deploy stage failed"),
                StageOutcome::Skipped { reason } => tracing::info!(stage, reason, "deploy stage skipped"),
            }
        }
        _ => {}
    }
}

/// What a run finds out about the schema beside its steps.
fn log_comparison(event: &Event<'_>) {
    match event {
        Event::Drift { drift } => {
            for difference in &drift.differences {
                tracing::warn!(object = difference.object().to_string(), %difference, "the schema has drifted");
            }
        }
        Event::DriftNotCompared { reason } => {
            tracing::warn!(%reason, "whether the schema has drifted is not known");
        }
        Event::PassedOver { revision, failure } => {
            tracing::info!(revision = revision.stem(), failure, "a replay went without a Rust revision");
        }
        _ => {}
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
