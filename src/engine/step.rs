//! One attempt at one step: its statements or its function, its history row, its commit.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PgError, SimpleQueryStream};

use super::hygiene::COMMIT_LATER;
use super::operations::Part;
use super::task::Task;
use super::worker::{Worker, Wrap};
use super::{Error, Left, StepError};
use crate::data::{close, close_above};
use crate::history::{DeferredBackfill, StepRow, Unfinished};
use crate::revisions::{Direction, News, RustStep, Script, Surroundings};

impl Worker<'_> {
    pub(super) async fn sql(&self, task: &Task<'_>, script: &Script, started: Instant) -> Result<(), Error> {
        let wrap = self.wrap(&script.settings);
        match wrap {
            Wrap::Step if task.around().is_none() && !may_heal(script) && self.settings.probe.is_none() => {
                return self.pipelined(task, script).await;
            }
            Wrap::Step | Wrap::Run => {
                self.open(task, &self.opening(task, wrap), wrap).await?;
                let left = wrap.left_by_failure();
                let values = self.before(task, wrap, left, false).await?;
                self.statements(task, script, wrap).await?;
                self.after(task, wrap, left, values).await?;
            }
            Wrap::None => self.one_by_one(task, script).await?,
        }
        self.record(task, started.elapsed(), wrap).await
    }

    /// A transactional SQL revision in one round trip, commit included: all messages are sent before the first
    /// answer is awaited. When a statement fails, the failed transaction refuses the rest; when the transaction is
    /// gone, so is its savepoint, and the last message is refused at its first word.
    async fn pipelined(&self, task: &Task<'_>, script: &Script) -> Result<(), Error> {
        let timeout = self.lock_timeout(&script.settings);
        let rows = self.rows(task, StepRow::InTransaction);
        let first = format!("{}; {}{SAVEPOINT}", self.begin(timeout), self.undoing(task));
        let reset = self.settings.hygiene.reset(task.text(), timeout);
        let last = format!("{RELEASE}; {reset}; {COMMIT_LATER}; {rows}; commit");
        let opening = self.client.simple_query_raw(&first).await;
        let statements = send_all(self.client, script.statements()).await;
        if statements.iter().any(Result::is_err) {
            // One of them was not sent at all; what is behind it must not be taken for all.
            return self.drain(task, script, statements, Wrap::Step).await;
        }
        let closing = self.client.simple_query_raw(&last).await;
        if let Err(source) = finished(opening).await {
            return Err(self.unopened(task, source, statements).await);
        }
        self.drain(task, script, statements, Wrap::Step).await?;
        match finished(closing).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(task, source, Wrap::Step, Left::RolledBack).await),
        }
    }

    /// The transaction was not opened. Where that was not for an error inside it, what was sent behind ran without one.
    async fn unopened(
        &self,
        task: &Task<'_>,
        source: PgError,
        statements: Vec<Result<SimpleQueryStream, PgError>>,
    ) -> Error {
        let mut ran = false;
        for statement in statements {
            ran |= finished(statement).await.is_ok();
        }
        if ran {
            ended_transaction(task, task.file())
        } else {
            self.uncommitted(task, source, Wrap::Step, Left::RolledBack).await
        }
    }

    /// The statements of a script inside its transaction: all at once, or in a rehearsal one by one.
    async fn statements(&self, task: &Task<'_>, script: &Script, wrap: Wrap) -> Result<(), Error> {
        if self.settings.probe.is_none() {
            let streams = send_all(self.client, script.statements()).await;
            return self.drain(task, script, streams, wrap).await;
        }
        for (index, statement) in script.statements().enumerate() {
            let part = Part::statement(script, index);
            if let Err(source) = self.measured(part, self.client.batch_execute(statement)).await {
                return Err(self.refused(task, script, index, source, wrap).await);
            }
        }
        self.deferred(task, wrap).await
    }

    /// What is deferred to the end of the step belongs to it, and to the time that it takes.
    async fn deferred(&self, task: &Task<'_>, wrap: Wrap) -> Result<(), Error> {
        if task.around().is_some() {
            // A hook comes first.
            return Ok(());
        }
        let started = Instant::now();
        self.open(task, "set constraints all immediate", wrap).await?;
        if let Some(probe) = &self.settings.probe {
            probe.prolong(started.elapsed());
        }
        Ok(())
    }

    /// Awaits the answers to statements that were sent; rolls back at the first error.
    async fn drain(
        &self,
        task: &Task<'_>,
        script: &Script,
        streams: Vec<Result<SimpleQueryStream, PgError>>,
        wrap: Wrap,
    ) -> Result<(), Error> {
        for (index, stream) in streams.into_iter().enumerate() {
            if let Err(source) = finished(stream).await {
                return Err(self.refused(task, script, index, source, wrap).await);
            }
        }
        Ok(())
    }

    /// Rolls back after a statement that failed.
    async fn refused(
        &self,
        task: &Task<'_>,
        script: &Script,
        index: usize,
        source: PgError,
        wrap: Wrap,
    ) -> Error {
        if !self.roll_back_to_start().await {
            return ended_transaction(task, task.file());
        }
        let left = self.roll_back(&source, wrap.left_by_failure()).await;
        statement_error(task, script, index, source, left).into()
    }

    pub(super) async fn rust(&self, task: &Task<'_>, step: &RustStep, started: Instant) -> Result<(), Error> {
        let wrap = self.wrap(&step.settings);
        self.open(task, &self.opening(task, wrap), wrap).await?;
        if wrap == Wrap::None {
            self.announce(task).await?;
        }
        let left = wrap.left_by_failure();
        let values = self.before(task, wrap, left, false).await?;
        self.call(task, step, wrap).await?;
        self.after(task, wrap, left, values).await?;
        self.record(task, started.elapsed(), wrap).await
    }

    async fn call(&self, task: &Task<'_>, step: &RustStep, wrap: Wrap) -> Result<(), Error> {
        let Some(run) = step.run else { return Ok(()) };
        let part = Part::function(&step.file);
        let Err(source) = self.measured(part, self.invoke(task, run, wrap)).await else { return Ok(()) };
        let (direction, revision, file) = (task.direction, task.revision.stem(), step.file.to_string());
        let left = wrap.left_by_failure();
        Err(self.failed(task, wrap, StepError::Function { direction, revision, file, source, left }).await)
    }

    pub(super) fn surroundings<'a>(
        &'a self,
        task: &Task<'_>,
        wrap: Wrap,
        tell: &'a (dyn Fn(&News<'_>) + Send + Sync),
    ) -> Surroundings<'a> {
        Surroundings {
            lock_timeout: self.lock_timeout(&task.step.settings()),
            direction: task.direction,
            in_transaction: wrap != Wrap::None,
            around_calls: self.settings.hygiene.around_calls().filter(|_| wrap == Wrap::None),
            ..self.settings.surroundings(tell)
        }
    }

    pub(super) fn opening(&self, task: &Task<'_>, wrap: Wrap) -> String {
        let timeout = self.lock_timeout(&task.step.settings());
        match wrap {
            Wrap::Step => format!("{}; {}{SAVEPOINT}", self.begin(timeout), self.undoing(task)),
            Wrap::Run => format!("{SAVEPOINT}; set local lock_timeout = {}", timeout.as_millis()),
            Wrap::None => self.settings.hygiene.session(true, Some(timeout)).unwrap_or_default(),
        }
    }

    /// Says of a down without a transaction that it has begun.
    async fn announce(&self, task: &Task<'_>) -> Result<(), Error> {
        let Some(announcement) = task.announcement(&self.settings.table) else { return Ok(()) };
        let begun = Unfinished::begun(task.revision.version, task.direction);
        let begun = begun.record(&self.settings.table);
        let as_itself = self.settings.hygiene.as_itself();
        let undoing = self.undoing(task);
        let text = format!("begin read write; {as_itself}; {undoing}{begun}; {announcement}; commit");
        self.open(task, &text, Wrap::None).await
    }

    pub(super) async fn open(&self, task: &Task<'_>, opening: &str, wrap: Wrap) -> Result<(), Error> {
        let left = if wrap == Wrap::None { Left::NotBegun } else { wrap.left_by_failure() };
        match self.client.batch_execute(opening).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(task, source, wrap, left).await),
        }
    }

    /// Records a step whose work is done. The commit is synchronous: a Rust step, or one without a
    /// transaction, may have acted outside the database or already be on disk.
    async fn record(&self, task: &Task<'_>, elapsed: Duration, wrap: Wrap) -> Result<(), Error> {
        let rows = self.rows(task, StepRow::After(elapsed));
        let reset = self.settings.hygiene.reset(task.text(), self.settings.lock_timeout);
        let text = match wrap {
            Wrap::Run => format!("{RELEASE}; {reset}; {rows}"),
            Wrap::Step => format!("{RELEASE}; {reset}; {rows}; commit"),
            Wrap::None => {
                let forget = Unfinished::forget(&self.settings.table, task.revision.version);
                let begin = self.begin(self.settings.lock_timeout);
                let close = close(&self.settings.table, task.revision.version);
                format!("{begin}; {reset}; {rows}; {forget}; {close}; commit")
            }
        };
        let left = if wrap == Wrap::None { Left::Unrecorded } else { wrap.left_by_failure() };
        match self.client.batch_execute(&text).await {
            Ok(()) => Ok(()),
            Err(source) => Err(self.uncommitted(task, source, wrap, left).await),
        }
    }

    fn rows(&self, task: &Task<'_>, row: StepRow<'_>) -> String {
        match self.log {
            Some(log) => {
                let logged = log.step((task.revision, task.direction), row, task.breaks_before());
                let version = task.revision.version;
                let left_over = self.settings.unfinished.contains(&version);
                let forget =
                    left_over.then(|| format!("; {}", Unfinished::forget(&self.settings.table, version)));
                let deferred = self.backfills(task).unwrap_or_default();
                format!("{}; {logged}{}{deferred}", task.record, forget.unwrap_or_default())
            }
            None => task.record.to_owned(),
        }
    }

    /// What says that the revision's backfill is still to come, or of a down that those behind it begin anew.
    fn backfills(&self, task: &Task<'_>) -> Option<String> {
        let (table, version) = (&self.settings.table, task.revision.version);
        if task.direction == Direction::Down {
            return Some(format!("; {}", close_above(table, version)));
        }
        task.revision.around.backfill()?;
        Some(format!("; {}", DeferredBackfill::record(table, version, task.is_awaited)))
    }

    /// What a down begins with where the revision's backfill may be at work: it waits for the batches under way, and no
    /// other begins. Before any lock on a table, for which such a batch might wait in turn.
    pub(super) fn undoing(&self, task: &Task<'_>) -> String {
        match task.direction {
            Direction::Down if task.revision.around.backfill().is_some() => {
                format!("{}; ", DeferredBackfill::undo(&self.settings.table, task.revision.version))
            }
            _ => String::new(),
        }
    }

    /// Rolls back where what comes between the parts of a step fails.
    pub(super) async fn uncommitted(
        &self,
        task: &Task<'_>,
        source: PgError,
        wrap: Wrap,
        left: Left,
    ) -> Error {
        if wrap != Wrap::None && is_outside_transaction(&source) {
            self.roll_back_open().await;
            return ended_transaction(task, task.file());
        }
        let left = self.roll_back(&source, left).await;
        let (direction, revision) = (task.direction, task.revision.stem());
        StepError::Commit { direction, revision, source, left }.into()
    }

    /// Goes back to the start of the step inside its transaction; false where that transaction is no more.
    pub(super) async fn roll_back_to_start(&self) -> bool {
        match self.client.batch_execute("rollback to savepoint hardtack").await {
            Err(error) => !is_outside_transaction(&error),
            Ok(()) => true,
        }
    }
}

/// Tells at the end of a step whether it is still in the transaction it was given.
const SAVEPOINT: &str = "savepoint hardtack";

const RELEASE: &str = "release savepoint hardtack";

/// Whether a transaction that has failed may go on within the script: one that goes back to a savepoint of its own.
/// Its record is sent only when every statement has answered.
fn may_heal(script: &Script) -> bool {
    script.statements().any(|statement| says(statement, "rollback"))
}

/// Whether a statement begins with a word, in whatever case.
pub(super) fn says(statement: &str, word: &str) -> bool {
    statement.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The file is the one that did it.
pub(super) fn ended_transaction(task: &Task<'_>, file: &str) -> Error {
    let (direction, revision, file) = (task.direction, task.revision.stem(), file.to_owned());
    StepError::EndedTransaction { direction, revision, file }.into()
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
pub(super) async fn finished(stream: Result<SimpleQueryStream, PgError>) -> Result<(), PgError> {
    stream?.try_for_each(async |_| Ok(())).await
}

pub(super) fn statement_error(
    task: &Task<'_>,
    script: &Script,
    index: usize,
    source: PgError,
    left: Left,
) -> StepError {
    StepError::Statement {
        direction: task.direction,
        revision: task.revision.stem(),
        file: script.file.to_string(),
        line: script.line_of(index).unwrap_or(1),
        position: index + 1,
        total: script.statements().len(),
        source,
        left,
    }
}

pub(super) fn is_outside_transaction(error: &PgError) -> bool {
    matches!(
        error.code(),
        Some(code) if *code == SqlState::NO_ACTIVE_SQL_TRANSACTION || *code == SqlState::S_E_INVALID_SPECIFICATION
    )
}

pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
