use std::time::Duration;

use serde::Serialize;

use crate::engine::Event;
use crate::revisions::Direction;

/// What a process is at, as far as its schema goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Phase {
    /// It has not looked at the database yet.
    #[default]
    Starting,
    /// The database does not answer.
    WaitingForDatabase {
        /// Why not.
        reason: String,
        /// For how long it has waited, in milliseconds.
        waited_ms: u64,
    },
    /// Another process migrates.
    WaitingForLock {
        /// Who, where the server lets us see.
        holder: Option<String>,
        /// For how long it has waited, in milliseconds.
        waited_ms: u64,
    },
    /// Revisions are pending that somebody else is to apply.
    WaitingForRevisions {
        /// How many.
        pending: usize,
        /// For how long it has waited, in milliseconds.
        waited_ms: u64,
    },
    /// It migrates.
    Migrating(StepProgress),
    /// It is at something that is no step: it takes a backup, or rehearses.
    Working {
        /// What.
        work: String,
        /// How much of that is done.
        done: u64,
        /// Of how much, where that is known.
        of: Option<u64>,
    },
    /// The schema is right, and the application may serve.
    Ready,
    /// It was asked to end, and does when what is under way has stopped.
    Stopping,
    /// It does not start.
    Failed {
        /// Why not.
        error: String,
    },
}

/// The step that runs, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepProgress {
    /// The revision's stem.
    pub revision: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Its place in the plan, from 1.
    pub position: usize,
    /// The number of steps in the plan.
    pub total: usize,
    /// What it is at, where it says so.
    pub work: Option<String>,
    /// How much of that is done.
    pub done: Option<u64>,
    /// Of how much, where that is known.
    pub of: Option<u64>,
}

impl Phase {
    /// The phase behind an event; none where it tells nothing new.
    pub(crate) fn after(&self, event: &Event<'_>) -> Option<Self> {
        Some(match event {
            Event::WaitingForDatabase { reason, waited } => {
                Self::WaitingForDatabase { reason: reason.to_string(), waited_ms: milliseconds(*waited) }
            }
            Event::WaitingForLock { holder, waited } => Self::WaitingForLock {
                holder: holder.map(ToString::to_string),
                waited_ms: milliseconds(*waited),
            },
            Event::WaitingForRevisions { pending, waited } => {
                Self::WaitingForRevisions { pending: *pending, waited_ms: milliseconds(*waited) }
            }
            Event::StepStarted { revision, direction, position, total } => Self::Migrating(StepProgress {
                revision: revision.stem(),
                direction: *direction,
                position: *position,
                total: *total,
                ..StepProgress::default()
            }),
            Event::StatementFinished { position, total, .. } => {
                self.with_work("statements", *position as u64, Some(*total as u64))?
            }
            Event::Progress { progress, .. } => {
                self.with_work(progress.work, progress.done, progress.total)?
            }
            Event::Backup { progress } => self
                .with_work(progress.work, progress.done, progress.total)
                .or_else(|| self.working(progress.work.to_owned(), progress.done, progress.total))?,
            #[cfg(feature = "operations")]
            Event::Rehearsing { revision, position, total, .. } => {
                let work = format!("rehearsing {}", revision.stem());
                self.working(work, position.saturating_sub(1) as u64, Some(*total as u64))?
            }
            _ => return None,
        })
    }

    fn with_work(&self, work: &str, done: u64, of: Option<u64>) -> Option<Self> {
        let Self::Migrating(step) = self else { return None };
        Some(Self::Migrating(StepProgress {
            work: Some(work.to_owned()),
            done: Some(done),
            of,
            ..step.clone()
        }))
    }

    /// What a process does beside its serving makes it no less ready.
    fn working(&self, work: String, done: u64, of: Option<u64>) -> Option<Self> {
        let serves = matches!(self, Self::Ready | Self::Stopping | Self::Failed { .. });
        (!serves).then_some(Self::Working { work, done, of })
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
