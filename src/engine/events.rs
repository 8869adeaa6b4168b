use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio_postgres::SimpleQueryMessage;

#[cfg(feature = "backup")]
use super::TakenBackup;
#[cfg(feature = "backup")]
use super::deploy::StageReport;
use super::{Ahead, Blocker, DeferredError, Error, LockError, RunEnd};
#[cfg(feature = "operations")]
use super::{Drift, dry_run::Place};
use crate::db::ConnectError;
#[cfg(feature = "backup")]
use crate::history::DeployStage;
use crate::plan::Plan;
use crate::revisions::{BackfillNews, Direction, Progress, Revision};

/// What a run tells while it works. The library never prints; a sink that does is set with
/// [`Migrator::on_event`](super::Migrator::on_event).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An application that starts waits for a database that does not answer yet; told at growing intervals.
    WaitingForDatabase {
        /// What the last attempt said.
        reason: &'a ConnectError,
        /// For how long it has waited.
        waited: Duration,
    },
    /// An application that starts waits until somebody else has applied what is pending; told at growing intervals.
    WaitingForRevisions {
        /// How many revisions.
        pending: usize,
        /// For how long it has waited.
        waited: Duration,
    },
    /// An application starts although revisions are pending, and the policy wants that to be told.
    RevisionsPending {
        /// Their stems.
        pending: &'a [String],
    },
    /// An application starts on a schema that is newer than it.
    DatabaseAhead {
        /// What is newer.
        ahead: &'a [Ahead],
    },
    /// A command that may write begins. Those inside of it, as the upgrade of a deploy, tell the same of themselves.
    RunStarted {
        /// Its name, as of a method of [`Migrator`](super::Migrator): `upgrade`, `downgrade`, `backup` ..
        command: &'static str,
    },
    /// Such a command has ended, however it did.
    RunFinished {
        /// Its name.
        command: &'static str,
        /// How.
        end: RunEnd<'a>,
        /// How long it took.
        duration: Duration,
    },
    /// Another run holds the lock; told at growing intervals.
    WaitingForLock {
        /// Who holds it, where the server lets us see.
        holder: Option<&'a LockHolder>,
        /// For how long this run has waited.
        waited: Duration,
    },
    /// The migration lock is ours, or that of a deploy.
    LockAcquired {
        /// How long it took, with the connection that holds it.
        waited: Duration,
    },
    /// The lock was not had.
    LockNotAcquired {
        /// How long this run tried.
        waited: Duration,
        /// Why not.
        error: &'a LockError,
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
        /// Which way it goes.
        direction: Direction,
        /// Its place in the plan, from 1.
        position: usize,
        /// The number of steps in the plan.
        total: usize,
    },
    /// A rehearsal begins with a step. What it does is rolled back, or goes with the database on which it is done.
    #[cfg(feature = "operations")]
    Rehearsing {
        /// The revision.
        revision: &'a Revision,
        /// Where.
        place: Place,
        /// Its place among the steps that are rehearsed there, from 1.
        position: usize,
        /// The number of those steps.
        total: usize,
    },
    /// A step without a transaction goes on where an earlier run stopped.
    Resuming {
        /// The revision.
        revision: &'a Revision,
        /// How many of its statements are done.
        done: usize,
        /// The number of statements in the revision.
        total: usize,
    },
    /// A statement of an earlier run, whose process died, still runs on the server; told once.
    WaitingForStatement {
        /// The revision.
        revision: &'a Revision,
        /// The session that runs it.
        holder: &'a LockHolder,
        /// For how long this run has waited.
        waited: Duration,
    },
    /// An invalid index, which an earlier attempt left, was dropped; it is built again.
    InvalidIndexDropped {
        /// The revision.
        revision: &'a Revision,
        /// The index, qualified and quoted.
        index: &'a str,
    },
    /// A step waits for a lock that others hold; told when somebody new is in the way.
    Blocked {
        /// The revision.
        revision: &'a Revision,
        /// Who holds it.
        blockers: &'a [Blocker],
        /// For how long this attempt has run.
        waited: Duration,
    },
    /// A step did not get a lock in time and was rolled back; it is tried again after a pause.
    Retrying {
        /// The revision.
        revision: &'a Revision,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The pause before the next.
        pause: Duration,
        /// Who held the lock, as last seen.
        blockers: &'a [Blocker],
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
    /// A Rust revision tells how far it has come.
    Progress {
        /// The revision.
        revision: &'a Revision,
        /// How far.
        progress: &'a Progress<'a>,
    },
    /// A backfill tells what becomes of it.
    Backfill {
        /// The revision that it belongs to.
        revision: &'a Revision,
        /// Its name.
        name: &'a str,
        /// What.
        news: &'a BackfillNews<'a>,
    },
    /// A backup tells how far it, or its way back, has come.
    Backup {
        /// How far.
        progress: &'a Progress<'a>,
    },
    /// A run that was to take a backup before anything else has taken it.
    #[cfg(feature = "backup")]
    BackupTaken {
        /// Which.
        backup: &'a TakenBackup,
    },
    /// A run that was to take a backup before anything else has taken none: it can lose rows of no table.
    BackupNotNeeded,
    /// A deferred backfill is about to run, in this process among others.
    BackfillStarted {
        /// The revision that it belongs to.
        revision: &'a Revision,
    },
    /// A deferred backfill has finished, here or in another process.
    BackfillFinished {
        /// The revision that it belongs to.
        revision: &'a Revision,
        /// How long this process was at it.
        duration: Duration,
    },
    /// A deferred backfill does not go on. What its batches did stays done.
    BackfillFailed {
        /// The revision that it belongs to.
        revision: &'a Revision,
        /// Why.
        error: &'a DeferredError,
    },
    /// A replay on a scratch database goes without a Rust revision, which does not say that it changes the schema.
    #[cfg(feature = "operations")]
    PassedOver {
        /// The revision.
        revision: &'a Revision,
        /// What its function said; none where there is no function.
        failure: Option<&'a str>,
    },
    /// An upgrade is done, and the schema is not what the revisions make of it.
    #[cfg(feature = "operations")]
    Drift {
        /// What is different.
        drift: &'a Drift,
    },
    /// An upgrade is done, and whether the schema has drifted cannot be told.
    #[cfg(feature = "operations")]
    DriftNotCompared {
        /// Why not.
        reason: &'a Error,
    },
    /// A stage of a deploy begins.
    #[cfg(feature = "backup")]
    DeployStageStarted {
        /// Which.
        stage: DeployStage,
    },
    /// A stage of a deploy has ended.
    #[cfg(feature = "backup")]
    DeployStageFinished {
        /// How.
        stage: &'a StageReport,
    },
    /// A step is done, with its history row; in a single transaction, not yet committed.
    StepFinished {
        /// The revision.
        revision: &'a Revision,
        /// Which way it went.
        direction: Direction,
        /// How long it took.
        duration: Duration,
    },
    /// A step failed, however often it was tried, or was stopped.
    StepFailed {
        /// The revision.
        revision: &'a Revision,
        /// Which way it went.
        direction: Direction,
        /// From its first attempt's start to its last one's end.
        duration: Duration,
        /// Why.
        error: &'a Error,
    },
}

/// A session of another run: the one that holds the migration lock, or one that still works for a dead process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

impl LockHolder {
    /// From a row of pid, application name, address and time.
    pub(super) fn of(message: &SimpleQueryMessage) -> Option<Self> {
        let SimpleQueryMessage::Row(row) = message else { return None };
        Some(Self {
            pid: row.get(0)?.parse().ok()?,
            application_name: row.get(1)?.to_owned(),
            client_address: row.get(2).map(str::to_owned),
            since: row.get(3).unwrap_or("an unknown time").to_owned(),
        })
    }
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
