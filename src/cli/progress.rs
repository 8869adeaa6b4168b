use std::time::Duration;

use super::output::{human, remark};
use crate::engine::Event;

/// What is quicker than this is not worth a second line; the history keeps every duration.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// Tells on standard error what a run does.
pub(super) fn tell(event: &Event<'_>) {
    match event {
        Event::WaitingForLock { holder: Some(holder), waited } => {
            remark(&format!("waiting for another run, for {}: {holder}", human(*waited)));
        }
        Event::WaitingForLock { holder: None, waited } => {
            remark(&format!("waiting for another run, for {}", human(*waited)));
        }
        Event::OutOfOrder { revision, newest_applied } => {
            let newest = newest_applied.unwrap_or_default();
            remark(&format!("warning: {} runs late: version {newest} is applied already", revision.stem()));
        }
        Event::StepStarted { revision, position, total } => {
            remark(&format!("[{position}/{total}] {}", revision.stem()));
        }
        Event::StatementFinished { position, total, .. } if *total > 1 => {
            remark(&format!("    statement {position} of {total} done"));
        }
        Event::StepFinished { duration, .. } if *duration >= WORTH_TELLING => {
            remark(&format!("    done in {}", human(*duration)));
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
        Event::StepStarted { revision, position, total } => {
            tracing::info!(revision = revision.stem(), position, total, "step started");
        }
        Event::StatementFinished { revision, position, total } => {
            tracing::info!(revision = revision.stem(), position, total, "statement finished");
        }
        Event::StepFinished { revision, duration } => {
            tracing::info!(
                revision = revision.stem(),
                duration_ms = milliseconds(*duration),
                "step finished"
            );
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
