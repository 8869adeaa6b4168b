//! Runs one task: attempts, retries, and what becomes of a failed one.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error as PgError};
use tracing::Instrument;

use super::blockers::{Blocker, Blockers};
use super::lock::LockGuard;
use super::retry::Retries;
use super::run::RunSettings;
use super::task::Task;
use super::{Error, Event, Left, LockError, StepError};
use crate::db::{client_span, is_lost};
use crate::history::{RunLog, StepRow};
use crate::revisions::{Direction, Settings, Step, StopSignal, Transaction};

/// What every step of a run works with.
#[derive(Clone, Copy)]
pub(super) struct Worker<'a> {
    pub(super) client: &'a Client,
    pub(super) guard: &'a LockGuard,
    pub(super) log: Option<&'a RunLog>,
    pub(super) settings: &'a RunSettings,
    pub(super) stop: &'a StopSignal,
}

/// The transaction around a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    /// The run's single one, opened before the first step and committed after the last.
    Run,
    /// The step's own.
    Step,
    /// None.
    None,
}

impl Worker<'_> {
    /// Runs a task and records it, in a span of the trace.
    pub(super) async fn run(&self, task: &Task<'_>) -> Result<Duration, Error> {
        let (revision, direction, started) = (task.revision, task.direction, Instant::now());
        let operation = if direction == Direction::Up { "apply" } else { "undo" };
        let span = client_span!(
            "hardtack.step",
            &self.settings.database,
            operation,
            hardtack.revision.version = revision.version,
            hardtack.revision.name = &*revision.name,
            hardtack.direction = direction.name(),
        );
        let ran = Box::pin(self.attempts(task)).instrument(span.clone()).await;
        if let Err(error) = &ran {
            error.record(&span);
            let duration = started.elapsed();
            self.settings.tell(&Event::StepFailed { revision, direction, duration, error });
        }
        ran
    }

    /// A lock that was not had in time is tried for again, where that leaves nothing
    /// behind; a lost migration lock, or an operator who gives up, ends it.
    async fn attempts(&self, task: &Task<'_>) -> Result<Duration, Error> {
        let started = Instant::now();
        let mut retries = Retries::new(self.settings.lock_retries);
        let error = loop {
            let (error, blockers) = match self.attempt(task, started).await {
                Ok(()) => return Ok(started.elapsed()),
                Err(failed) => failed,
            };
            if !matches!(&error, Error::Step(error) if error.is_for_want_of_a_lock()) {
                break error;
            }
            let Some(pause) = retries.next().filter(|_| self.is_worth_another(task, &error)) else {
                break blocked(error, blockers, retries.attempts, started.elapsed());
            };
            let (revision, attempt) = (task.revision, retries.attempts);
            self.settings.tell(&Event::Retrying { revision, attempt, pause, blockers: &blockers });
            if let Err(error) = self.pause(pause).await {
                break error;
            }
        };
        self.record_failure(task, started.elapsed(), &error).await;
        Err(error)
    }

    async fn attempt(&self, task: &Task<'_>, started: Instant) -> Result<(), (Error, Vec<Blocker>)> {
        if let Some(probe) = &self.settings.probe {
            probe.begin(task, self.wrap(&task.step.settings()) != Wrap::None);
        }
        let blockers = Blockers::default();
        let tell = |blockers: &[Blocker], waited| {
            self.settings.tell(&Event::Blocked { revision: task.revision, blockers, waited });
        };
        let settings = task.step.settings();
        let (timeout, sessions) = (self.lock_timeout(&settings), self.sessions());
        let watch = async {
            match self.wrap(&settings) {
                Wrap::None => blockers.watch_apart(&self.settings.database, &sessions, timeout, tell).await,
                Wrap::Run | Wrap::Step => blockers.watch(self.guard.client(), &sessions, timeout, tell).await,
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = self.work(task, started) => outcome,
            () = self.guard.lost() => Err(self.abandon(LockError::Lost).await),
            () = self.stop.given_up() => Err(self.abandon(StepError::Stopped).await),
            () = self.rehearsed_long_enough() => Err(self.abandon(StepError::OutOfTime).await),
            never = watch => match never {},
        };
        outcome.map_err(|error| (error, blockers.into_inner()))
    }

    /// Resolves when a rehearsal has been in everybody's way for as long as it may.
    async fn rehearsed_long_enough(&self) {
        match &self.settings.probe {
            Some(probe) => probe.over().await,
            None => std::future::pending().await,
        }
    }

    /// The server processes of this run's worker, as a query: the one that holds the worker's lock, and through no pooler
    /// the session's own.
    pub(super) fn sessions(&self) -> String {
        let own = self.settings.hygiene.process_id.map_or("null".to_owned(), |pid| pid.to_string());
        format!("{} union all select {own}", self.guard.worker_processes())
    }

    async fn work(&self, task: &Task<'_>, started: Instant) -> Result<(), Error> {
        if let Some(file) = task.without_code() {
            let (direction, revision, file) = (task.direction, task.revision.stem(), file.to_owned());
            return Err(StepError::NoCode { direction, revision, file }.into());
        }
        match task.step {
            Step::Sql(script) => self.sql(task, script, started).await,
            Step::Rust(step) => self.rust(task, step, started).await,
        }
    }

    /// Whether a step that failed for a lock left nothing that a second attempt would meet again. A script without a
    /// transaction goes on at the statement that failed, unless that commits by itself; a function without one cannot.
    fn is_worth_another(&self, task: &Task<'_>, error: &Error) -> bool {
        match self.wrap(&task.step.settings()) {
            Wrap::Run => false,
            Wrap::Step => true,
            Wrap::None => {
                let part_is_done = matches!(
                    error,
                    Error::Step(StepError::Statement { left: Left::StatementsAndPart { .. }, .. })
                );
                matches!(task.step, Step::Sql(_)) && !part_is_done
            }
        }
    }

    async fn pause(&self, pause: Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.guard.lost() => Err(LockError::Lost.into()),
            () = self.stop.requested() => Err(StepError::Stopped.into()),
        }
    }

    /// The safe point: between revisions.
    pub(super) fn may_go_on(&self) -> Result<(), Error> {
        if self.guard.is_lost() {
            return Err(LockError::Lost.into());
        }
        if self.stop.is_requested() {
            return Err(StepError::Stopped.into());
        }
        Ok(())
    }

    /// Opens the transaction of a step, which then excludes every other worker of this history, also one whose run
    /// died while its server process still works.
    pub(super) fn begin(&self, lock_timeout: Duration) -> String {
        format!("{}; {}", self.settings.hygiene.begin(lock_timeout), self.guard.fence())
    }

    /// Ends a failed transaction; says what is left, which nobody knows when the connection broke.
    pub(super) async fn roll_back(&self, cause: &PgError, left: Left) -> Left {
        if !is_lost(cause) && self.client.batch_execute("rollback").await.is_ok() {
            return left;
        }
        match left {
            Left::Statements { done } | Left::StatementsAndPart { done } => Left::UnknownStatement { done },
            Left::NotBegun | Left::AroundStatements { .. } | Left::Unfinished => left,
            Left::AllRolledBack => Left::AllUnknown,
            Left::Unrecorded => Left::PerhapsRecorded,
            _ => Left::Unknown,
        }
    }

    pub(super) async fn roll_back_open(&self) {
        // Outside a transaction this is a warning; on a broken connection the server rolls back by itself.
        let _ = self.client.batch_execute("rollback").await;
    }

    /// Whatever runs now is to be rolled back, unless its commit was on its way already.
    pub(super) async fn abandon(&self, why: impl Into<Error>) -> Error {
        self.settings.cancel().await;
        self.roll_back_open().await;
        why.into()
    }

    async fn record_failure(&self, task: &Task<'_>, elapsed: Duration, error: &Error) {
        let Some(log) = self.log.filter(|_| !self.client.is_closed()) else { return };
        let error = error.to_string();
        let row =
            log.step((task.revision, task.direction), StepRow::Failed(elapsed, &error), task.breaks_before());
        let (timeout, hygiene) = (self.settings.lock_timeout, &self.settings.hygiene);
        let text =
            format!("{}; {}; {row}; commit", hygiene.begin(timeout), hygiene.reset(task.text(), timeout));
        if let Err(error) = self.client.batch_execute(&text).await {
            self.roll_back_open().await;
            tracing::warn!(%error, "the failed step could not be written to the run log");
        }
    }

    pub(super) fn wrap(&self, settings: &Settings) -> Wrap {
        match settings.transaction {
            Transaction::None => Wrap::None,
            Transaction::PerRevision if self.settings.single_transaction => Wrap::Run,
            Transaction::PerRevision => Wrap::Step,
        }
    }

    pub(super) fn lock_timeout(&self, settings: &Settings) -> Duration {
        let timeout = settings.lock_timeout.unwrap_or(self.settings.lock_timeout);
        self.settings.probe.as_ref().map_or(timeout, |probe| probe.lock_timeout(timeout))
    }
}

impl Wrap {
    pub(super) fn left_by_failure(self) -> Left {
        match self {
            Self::Run => Left::AllRolledBack,
            Self::Step => Left::RolledBack,
            Self::None => Left::Unfinished,
        }
    }
}

fn blocked(error: Error, blockers: Vec<Blocker>, attempts: u32, waited: Duration) -> Error {
    match error {
        Error::Step(source) => {
            let source = Box::new(source);
            StepError::Blocked { source, attempts, waited, blockers }.into()
        }
        other => other,
    }
}
