use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::remark;
use super::progress_bar;
use crate::engine::Event;
#[cfg(feature = "backup")]
use crate::engine::deploy::{StageOutcome, StageReport};
use crate::report::event_text;
use crate::revisions::Progress;

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
            if let Some(text) = event_text(event) {
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

/// The same of a start.
fn log_startup(event: &Event<'_>) {
    match event {
        Event::WaitingForDatabase { reason, waited } => {
            tracing::info!(%reason, waited_ms = milliseconds(*waited), "waiting for the database");
        }
        Event::WaitingForRevisions { pending, waited } => {
            tracing::info!(pending, waited_ms = milliseconds(*waited), "waiting for revisions to be applied");
        }
        Event::RevisionsPending { pending } => {
            tracing::warn!(?pending, "starting although revisions are pending");
        }
        Event::DatabaseAhead { ahead } => {
            let newer: Vec<_> = ahead.iter().map(|ahead| ahead.version).collect();
            tracing::warn!(?newer, "starting on a newer schema");
        }
        _ => {}
    }
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
        Event::StepFinished { revision, duration, .. } => {
            let (revision, duration_ms) = (revision.stem(), milliseconds(*duration));
            tracing::info!(revision, duration_ms, "step finished");
        }
        _ => {
            log_startup(event);
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
        Event::Rehearsing { revision, place, position, total } => {
            tracing::info!(revision = revision.stem(), %place, position, total, "rehearsing a step");
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
