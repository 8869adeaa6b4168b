//! One step: its statements or its function, its history row, its commit.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, TryStreamExt};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PgError, SimpleQueryStream};

use super::error::Left;
use super::hygiene::COMMIT_LATER;
use super::lock::LockGuard;
use super::run::RunSettings;
use super::{Error, Event, LockError, StepError};
use crate::history::{Direction, RunLog, StepRow};
use crate::revisions::{Context, Revision, RustStep, Script, Settings, StopSignal, Transaction, Up};

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
enum Wrap {
    /// The run's single one, opened before the first step and committed after the last.
    Run,
    /// The step's own.
    Step,
    /// None.
    None,
}

impl Worker<'_> {
    /// Runs one revision forward and records it with refinery's `insert`. A lost lock, or an operator who gives up,
    /// ends it.
    pub(super) async fn up(&self, revision: &Revision, insert: &str) -> Result<Duration, Error> {
        let started = Instant::now();
        let work = async {
            match &revision.up {
                Up::Sql(script) => self.sql(revision, script, insert, started).await,
                Up::Rust(step) => self.rust(revision, step, insert, started).await,
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = work => outcome,
            () = self.guard.lost() => Err(self.abandon(LockError::Lost).await),
            () = self.stop.given_up() => Err(self.abandon(StepError::Stopped).await),
        };
        let elapsed = started.elapsed();
        match outcome {
            Ok(()) => Ok(elapsed),
            Err(error) => {
                self.record_failure(revision, elapsed, &error).await;
                Err(error)
            }
        }
    }

    async fn sql(
        &self,
        revision: &Revision,
        script: &Script,
        insert: &str,
        started: Instant,
    ) -> Result<(), Error> {
        let wrap = self.wrap(&script.settings);
        match wrap {
            Wrap::Step => return self.pipelined(revision, script, insert).await,
            Wrap::Run => {
                self.open(revision, SAVEPOINT, wrap).await?;
                let streams = send_all(self.client, script.statements()).await;
                self.drain(revision, script, streams, wrap).await?;
            }
            Wrap::None => self.one_by_one(revision, script).await?,
        }
        self.record(revision, insert, started.elapsed(), wrap).await
    }

    /// A transactional SQL revision in one round trip, commit included: all messages are sent before the first
    /// answer is awaited. When a statement fails, the failed transaction refuses the rest; when the transaction is
    /// gone, so is its savepoint, and the last message is refused at its first word.
    async fn pipelined(&self, revision: &Revision, script: &Script, insert: &str) -> Result<(), Error> {
        let timeout = self.lock_timeout(&script.settings);
        let rows = self.rows(revision, insert, StepRow::InTransaction);
        let hygiene = &self.settings.hygiene;
        let first = format!("{}; {SAVEPOINT}", hygiene.begin(timeout));
        let last = format!("{RELEASE}; {}; {COMMIT_LATER}; {rows}; commit", hygiene.reset(revision, timeout));
        let opening = self.client.simple_query_raw(&first).await;
        let statements = send_all(self.client, script.statements()).await;
        let closing = self.client.simple_query_raw(&last).await;
        if let Err(source) = finished(opening).await {
            return Err(self.uncommitted(revision, source, Wrap::Step).await);
        }
        self.drain(revision, script, statements, Wrap::Step).await?;
        match finished(closing).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(revision, source, Wrap::Step).await),
        }
    }

    /// Awaits the answers to statements that were sent; rolls back at the first error.
    async fn drain(
        &self,
        revision: &Revision,
        script: &Script,
        streams: Vec<Result<SimpleQueryStream, PgError>>,
        wrap: Wrap,
    ) -> Result<(), Error> {
        for (index, stream) in streams.into_iter().enumerate() {
            if let Err(source) = finished(stream).await {
                if !self.roll_back_to_start().await {
                    return Err(ended_transaction(revision, &script.file));
                }
                let left = self.roll_back(&source, wrap.left_by_failure()).await;
                return Err(statement_error(revision, script, index, source, left).into());
            }
        }
        Ok(())
    }

    async fn one_by_one(&self, revision: &Revision, script: &Script) -> Result<(), Error> {
        let total = script.statements().len();
        let mut in_force = None;
        for (index, statement) in script.statements().enumerate() {
            let wanted = self.patience(script, statement);
            let run = async {
                let changed = wanted.filter(|_| wanted != in_force);
                if let Some(rules) = self.settings.hygiene.session(index == 0, changed) {
                    self.client.batch_execute(&rules).await?;
                }
                self.client.batch_execute(statement).await
            };
            let done = run.await;
            in_force = wanted;
            if let Err(source) = done {
                // The script may have opened a transaction of its own.
                let left = self.roll_back(&source, Left::Statements { done: index }).await;
                return Err(statement_error(revision, script, index, source, left).into());
            }
            self.settings.tell(&Event::StatementFinished { revision, position: index + 1, total });
        }
        Ok(())
    }

    async fn rust(
        &self,
        revision: &Revision,
        step: &RustStep,
        insert: &str,
        started: Instant,
    ) -> Result<(), Error> {
        let wrap = self.wrap(&step.settings);
        let timeout = self.lock_timeout(&step.settings);
        let opening = match wrap {
            Wrap::Step => format!("{}; {SAVEPOINT}", self.settings.hygiene.begin(timeout)),
            Wrap::Run => SAVEPOINT.to_owned(),
            Wrap::None => self.settings.hygiene.session(true, Some(timeout)).unwrap_or_default(),
        };
        self.open(revision, &opening, wrap).await?;
        self.call(revision, step, wrap).await?;
        self.record(revision, insert, started.elapsed(), wrap).await
    }

    async fn call(&self, revision: &Revision, step: &RustStep, wrap: Wrap) -> Result<(), Error> {
        let Some(run) = step.run else {
            self.roll_back_open().await;
            return Err(StepError::NoCode { revision: revision.stem(), file: step.file.to_string() }.into());
        };
        let around_calls = self.settings.hygiene.around_calls().filter(|_| wrap == Wrap::None);
        let mut context = Context::new(self.client, revision, self.stop, around_calls);
        let source = match AssertUnwindSafe(run(&mut context)).catch_unwind().await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(panic) => format!("panicked: {}", panic_message(panic.as_ref())).into(),
        };
        if wrap != Wrap::None && !self.roll_back_to_start().await {
            return Err(ended_transaction(revision, &step.file));
        }
        self.roll_back_open().await;
        if self.stop.is_requested() {
            tracing::info!(revision = revision.stem(), %source, "the revision stopped as asked");
            return Err(StepError::Stopped.into());
        }
        let left = wrap.left_by_failure();
        let (revision, file) = (revision.stem(), step.file.to_string());
        Err(StepError::Function { revision, file, source, left }.into())
    }

    async fn open(&self, revision: &Revision, opening: &str, wrap: Wrap) -> Result<(), Error> {
        match self.client.batch_execute(opening).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(revision, source, wrap).await),
        }
    }

    /// Records a step whose work is done. The commit is synchronous: a Rust step, or one without a
    /// transaction, may have acted outside the database or already be on disk.
    async fn record(
        &self,
        revision: &Revision,
        insert: &str,
        elapsed: Duration,
        wrap: Wrap,
    ) -> Result<(), Error> {
        let rows = self.rows(revision, insert, StepRow::After(elapsed));
        let hygiene = &self.settings.hygiene;
        let reset = hygiene.reset(revision, self.settings.lock_timeout);
        let text = match wrap {
            Wrap::Run => format!("{RELEASE}; {reset}; {rows}"),
            Wrap::Step => format!("{RELEASE}; {reset}; {rows}; commit"),
            Wrap::None => {
                format!("{}; {reset}; {rows}; commit", hygiene.begin(self.settings.lock_timeout))
            }
        };
        match self.client.batch_execute(&text).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(revision, source, wrap).await),
        }
    }

    fn rows(&self, revision: &Revision, insert: &str, row: StepRow<'_>) -> String {
        match self.log {
            Some(log) => format!("{insert}; {}", log.step(revision, Direction::Up, row)),
            None => insert.to_owned(),
        }
    }

    async fn uncommitted(&self, revision: &Revision, source: PgError, wrap: Wrap) -> Error {
        if wrap != Wrap::None && is_outside_transaction(&source) {
            self.roll_back_open().await;
            return ended_transaction(revision, revision.file());
        }
        let left = if wrap == Wrap::None { Left::Unrecorded } else { wrap.left_by_failure() };
        let left = self.roll_back(&source, left).await;
        StepError::Commit { revision: revision.stem(), source, left }.into()
    }

    /// Ends a failed transaction; says what is left, which nobody knows when the connection broke.
    async fn roll_back(&self, cause: &PgError, left: Left) -> Left {
        if cause.as_db_error().is_none() || self.client.is_closed() {
            return match left {
                Left::Statements { done } => Left::UnknownStatement { done },
                _ => Left::Unknown,
            };
        }
        self.roll_back_open().await;
        left
    }

    /// Goes back to the start of the step inside its transaction; false where that transaction is no more.
    async fn roll_back_to_start(&self) -> bool {
        match self.client.batch_execute("rollback to savepoint hardtack").await {
            Err(error) => !is_outside_transaction(&error),
            Ok(()) => true,
        }
    }

    pub(super) async fn roll_back_open(&self) {
        // Outside a transaction this is a warning; on a broken connection the server rolls back by itself.
        let _ = self.client.batch_execute("rollback").await;
    }

    /// Whatever runs now is to be rolled back, unless its commit was on its way already.
    async fn abandon(&self, why: impl Into<Error>) -> Error {
        self.settings.cancel().await;
        self.roll_back_open().await;
        why.into()
    }

    async fn record_failure(&self, revision: &Revision, elapsed: Duration, error: &Error) {
        let Some(log) = self.log.filter(|_| !self.client.is_closed()) else { return };
        let row = log.step(revision, Direction::Up, StepRow::Failed(elapsed, &error.to_string()));
        let (timeout, hygiene) = (self.settings.lock_timeout, &self.settings.hygiene);
        let text = format!("{}; {}; {row}; commit", hygiene.begin(timeout), hygiene.reset(revision, timeout));
        if let Err(error) = self.client.batch_execute(&text).await {
            self.roll_back_open().await;
            tracing::warn!(%error, "the failed step could not be written to the run log");
        }
    }

    fn wrap(&self, settings: &Settings) -> Wrap {
        match settings.transaction {
            Transaction::None => Wrap::None,
            Transaction::PerRevision if self.settings.single_transaction => Wrap::Run,
            Transaction::PerRevision => Wrap::Step,
        }
    }

    fn lock_timeout(&self, settings: &Settings) -> Duration {
        settings.lock_timeout.unwrap_or(self.settings.lock_timeout)
    }

    /// The lock timeout of one statement of a script without a transaction; none where a statement of the script
    /// sets its own.
    ///
    /// `CONCURRENTLY` waits for old transactions, not in a queue that holds up the application: a time-out there
    /// would only leave an invalid index.
    fn patience(&self, script: &Script, statement: &str) -> Option<Duration> {
        let set = |statement: &str| {
            says(statement, "set") && statement.to_ascii_lowercase().contains("lock_timeout")
        };
        match script.settings.lock_timeout {
            Some(own) => Some(own),
            None if script.statements().any(set) => None,
            None if statement.to_ascii_lowercase().contains("concurrently") => Some(Duration::ZERO),
            None => Some(self.settings.lock_timeout),
        }
    }
}

impl Wrap {
    fn left_by_failure(self) -> Left {
        match self {
            Self::Run => Left::AllRolledBack,
            Self::Step => Left::RolledBack,
            Self::None => Left::Unfinished,
        }
    }
}

/// Tells at the end of a step whether it is still in the transaction it was given.
const SAVEPOINT: &str = "savepoint hardtack";

const RELEASE: &str = "release savepoint hardtack";

fn says(statement: &str, word: &str) -> bool {
    statement.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn ended_transaction(revision: &Revision, file: &str) -> Error {
    StepError::EndedTransaction { revision: revision.stem(), file: file.to_owned() }.into()
}

async fn send_all<'s>(
    client: &Client,
    statements: impl Iterator<Item = &'s str>,
) -> Vec<Result<SimpleQueryStream, PgError>> {
    let mut streams = Vec::with_capacity(statements.size_hint().0);
    for statement in statements {
        streams.push(client.simple_query_raw(statement).await);
    }
    streams
}

/// Awaits all answers to one message; rows are read and dropped.
async fn finished(stream: Result<SimpleQueryStream, PgError>) -> Result<(), PgError> {
    stream?.try_for_each(async |_| Ok(())).await
}

fn statement_error(
    revision: &Revision,
    script: &Script,
    index: usize,
    source: PgError,
    left: Left,
) -> StepError {
    StepError::Statement {
        revision: revision.stem(),
        file: script.file.to_string(),
        line: script.line_of(index).unwrap_or(1),
        position: index + 1,
        total: script.statements().len(),
        source,
        left,
    }
}

fn is_outside_transaction(error: &PgError) -> bool {
    matches!(
        error.code(),
        Some(code) if *code == SqlState::NO_ACTIVE_SQL_TRANSACTION || *code == SqlState::S_E_INVALID_SPECIFICATION
    )
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
