use std::fmt;
use std::time::Duration;

use crate::plan::Plan;
use crate::revisions::Revision;

/// What a run tells while it works. The library never prints; a sink that does is set with
/// [`Migrator::on_event`](super::Migrator::on_event).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another run holds the lock; told once a second at the most.
    WaitingForLock {
        /// Who holds it, where the server lets us see.
        holder: Option<&'a LockHolder>,
        /// For how long this run has waited.
        waited: Duration,
    },
    /// The lock is ours and the history was read again: these steps will run.
    Planned {
        /// The steps.
        plan: &'a Plan<'a>,
    },
    /// A step will run although a newer one is applied, and the policy wants that to be told.
    OutOfOrder {
        /// The revision.
        revision: &'a Revision,
        /// The newest applied version.
        newest_applied: Option<i64>,
    },
    /// A step is about to be sent.
    StepStarted {
        /// The revision.
        revision: &'a Revision,
        /// Its place in the plan, from 1.
        position: usize,
        /// The number of steps in the plan.
        total: usize,
    },
    /// A statement of a step without a transaction is done.
    StatementFinished {
        /// The revision.
        revision: &'a Revision,
        /// The statement's place in the revision, from 1.
        position: usize,
        /// The number of statements in the revision.
        total: usize,
    },
    /// A step is done, with its history row; in a single transaction, not yet committed.
    StepFinished {
        /// The revision.
        revision: &'a Revision,
        /// How long it took.
        duration: Duration,
    },
}

/// The session that holds the migration lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// The server process.
    pub pid: i32,
    /// The session's `application_name`.
    pub application_name: String,
    /// The client's address; none for a Unix socket.
    pub client_address: Option<String>,
    /// Since when, as the server writes it.
    pub since: String,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "server process {} ({}", self.pid, self.application_name)?;
        if let Some(address) = &self.client_address {
            write!(formatter, " from {address}")?;
        }
        write!(formatter, ") since {}", self.since)
    }
}
