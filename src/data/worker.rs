//! One worker of a backfill: takes a range of keys, goes through it batch by batch, takes the next.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio_postgres::{Error as PgError, SimpleQueryMessage};

use super::BackfillError;
use super::answers::{Row, answers};
use super::batch_size::BatchSize;
use super::key::Position;
use super::ranges::{Goal, Taken};
use super::rows::{self, Failure, Written};
use super::store::{Range, State, Store};
use super::throttle::Throttles;
use super::work::{Spec, Work};
use crate::db::{ConnectOptions, Connection, connect};
use crate::revisions::StopSignal;

/// What a worker tells the run.
#[derive(Debug)]
pub(super) enum Told {
    /// A batch is committed.
    Batch { rows: u64, rejected: u64, took: Duration },
    /// It waits, and why; none when it goes on.
    HeldBack(Option<String>),
}

/// What the workers of a run share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) spec: Arc<Spec>,
    pub(super) store: Store,
    pub(super) database: ConnectOptions,
    pub(super) stop: StopSignal,
    pub(super) tell: UnboundedSender<Told>,
    /// Read and set under the lock of the frontier only.
    pub(super) goal: Arc<Mutex<Goal>>,
}

impl Shared {
    pub(super) fn goal(&self) -> Goal {
        self.goal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_goal(&self, goal: Goal) {
        *self.goal.lock().unwrap_or_else(PoisonError::into_inner) = goal;
    }
}

/// The share of a batch's time that one of its statements may take before it is cancelled; the commit takes some as well.
const LIMIT: f64 = 0.8;

/// How often a batch that lost a race for locks, or its connection, is sent again.
const ATTEMPTS: u32 = 10;

/// How long a worker without a range waits for those of others.
const IDLE: Duration = Duration::from_millis(200);

/// How often a worker that is held back looks again.
const HELD_BACK: Duration = Duration::from_millis(500);

pub(super) struct Worker {
    pub(super) shared: Shared,
    pub(super) connection: Connection,
    /// Whether the connection has met the types of the columns that a function reads.
    knows_types: bool,
    pub(super) size: BatchSize,
    throttles: Throttles,
    /// Attempts at the batch that failed last.
    failed: u32,
    /// Whether the next batch locks its rows before it reads them.
    locking: bool,
    held_back: bool,
}

/// What became of an attempt at a batch.
enum Batch {
    /// It is committed: everything up to this key is done.
    Done(Position),
    /// Another worker has the range, or has had it.
    Lost,
    /// A row was changed between reading and writing.
    Missed,
    /// An operator paused the backfill.
    Paused,
}

impl Worker {
    pub(super) async fn new(shared: Shared) -> Result<Self, BackfillError> {
        let connection = connect(&shared.database, APPLICATION_NAME).await?;
        let size = BatchSize::new(shared.spec.target, shared.spec.most_rows);
        let throttles = Throttles::new(&shared.spec.throttles);
        let (knows_types, failed, locking, held_back) = (false, 0, false, false);
        Ok(Self { shared, connection, knows_types, size, throttles, failed, locking, held_back })
    }

    /// Works until nothing is left for anybody.
    pub(super) async fn run(mut self) -> Result<(), BackfillError> {
        let mut range = None;
        loop {
            if self.shared.stop.is_requested() {
                return Err(BackfillError::Stopped);
            }
            match self.go_on(&mut range).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => self.after(error).await?,
            }
        }
    }

    /// One batch of its range, or another range; false where nothing is left. After an error it has the same range.
    async fn go_on(&mut self, range: &mut Option<Range>) -> Result<bool, BackfillError> {
        if !self.may_go_on().await? {
            return Ok(true);
        }
        if let Some(taken) = range.clone() {
            *range = self.go_through(taken).await?;
            return Ok(true);
        }
        match self.take().await? {
            Taken::Range(taken) => *range = Some(taken),
            Taken::Finished => return Ok(false),
            Taken::Nothing if self.is_complete().await? => return Ok(false),
            Taken::Nothing => tokio::time::sleep(IDLE).await,
        }
        // Whoever waits for others loses more races than those who work.
        self.failed = 0;
        Ok(true)
    }

    /// One batch of a range; what is left of it.
    async fn go_through(&mut self, range: Range) -> Result<Option<Range>, BackfillError> {
        let started = Instant::now();
        match self.batch(&range, started).await {
            Ok(Batch::Done(position)) => {
                (self.failed, self.locking) = (0, false);
                if std::mem::take(&mut self.held_back) {
                    let _ = self.shared.tell.send(Told::HeldBack(None));
                }
                self.rest(started.elapsed()).await;
                Ok((position != range.upto).then_some(Range { after: Some(position), ..range }))
            }
            Ok(Batch::Lost) => Ok(None),
            Ok(Batch::Missed) => {
                self.locking = true;
                Ok(Some(range))
            }
            Ok(Batch::Paused) => {
                let resume = format!("an operator paused it; `backfills resume {}`", self.shared.spec.name);
                self.hold_back(&resume).await;
                Ok(Some(range))
            }
            Err(error) if error.is_timeout() && self.size.shrink() => Ok(Some(range)),
            Err(error) if error.is_of_rows() && self.shared.spec.may_skip > 0 => {
                if self.size.shrink() {
                    Ok(Some(range))
                } else {
                    self.skip(range, &error).await
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn batch(&mut self, range: &Range, started: Instant) -> Result<Batch, BackfillError> {
        let outcome = self.open_batch(range, started).await;
        if !matches!(outcome, Ok(Batch::Done(_))) {
            self.roll_back().await;
        }
        outcome
    }

    async fn open_batch(&mut self, range: &Range, started: Instant) -> Result<Batch, BackfillError> {
        const ACTION: &str = "begin a batch";
        let (spec, store) = (Arc::clone(&self.shared.spec), self.shared.store);
        let rows = self.size.rows();
        let opening = format!(
            "{}; {}; {}; {}",
            spec.begin,
            store.state_query(),
            store.lock_query(range),
            spec.bound_query(range.after.as_ref(), Some(&range.upto), rows)
        );
        let opened = answers(&self.connection.client, ACTION, &opening).await?;
        let [.., state, locked, bound] = opened.as_slice() else { return Err(unexpected(ACTION)) };
        match Store::state(state)? {
            State::Running => {}
            State::Paused => return Ok(Batch::Paused),
            State::Finished => return Ok(Batch::Lost),
            State::Cancelled => return Err(BackfillError::Cancelled { name: spec.name.clone() }),
            State::Failed => return Err(BackfillError::FailedElsewhere { name: spec.name.clone() }),
        }
        if locked.is_empty() {
            return Ok(Batch::Lost);
        }
        let bound = key_of(bound, spec.key.len());
        let is_full = bound.is_some();
        let upto = bound.unwrap_or_else(|| range.upto.clone());
        let written = self.work(&spec, range, &upto, rows).await?;
        if written.missed() && !self.locking && matches!(spec.work, Work::Rows(_)) {
            return Ok(Batch::Missed);
        }
        self.commit(range, &upto, &written).await?;
        if is_full {
            self.size.took(started.elapsed());
        }
        let took = written.locked.elapsed();
        tracing::debug!(%upto, rows = written.rows, took_ms = took.as_millis(), "batch committed");
        let _ = self.shared.tell.send(Told::Batch {
            rows: written.rows,
            rejected: written.rejected.len() as u64,
            took,
        });
        Ok(Batch::Done(upto))
    }

    /// The work itself, which may not take longer than a batch should, unless it is of one row.
    async fn work(
        &mut self,
        spec: &Spec,
        range: &Range,
        upto: &Position,
        rows: u64,
    ) -> Result<Written, BackfillError> {
        let client = &self.connection.client;
        let limit = if rows > 1 { spec.target.mul_f64(LIMIT).as_millis().max(1) } else { 0 };
        let condition = spec.condition(range.after.as_ref(), Some(upto));
        let refused = |source: PgError| {
            let (after, upto) = (range.after.clone(), upto.clone());
            BackfillError::Batch { after, upto, source }
        };
        match &spec.work {
            Work::Statement { head, tail } => {
                let statement = format!(
                    "set local statement_timeout = {limit}; {head} where {condition} {tail}; \
                     set local statement_timeout = 0"
                );
                let written = Written::nothing();
                let messages = client.simple_query(&statement).await.map_err(refused)?;
                let counts = messages.iter().filter_map(|message| match message {
                    SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
                    _ => None,
                });
                let rows = counts.max().unwrap_or_default();
                Ok(Written { read: rows, rows, ..written })
            }
            Work::Rows(work) => {
                let opening = format!("set local statement_timeout = {limit}; {ALONG_THE_KEY}");
                client.batch_execute(&opening).await.map_err(refused)?;
                if !self.knows_types {
                    rows::learn_types(client, spec, &**work).await.map_err(refused)?;
                    self.knows_types = true;
                }
                let written = rows::write(client, spec, &**work, &condition, self.locking).await;
                written.map_err(|failure| match failure {
                    Failure::Server(source) => refused(source),
                    Failure::Other(error) => error,
                })
            }
        }
    }

    async fn commit(&self, range: &Range, upto: &Position, written: &Written) -> Result<(), BackfillError> {
        self.reject(&written.rejected).await?;
        let checkpoint = self.shared.store.advance(range, upto, written.rows);
        let statements = format!("set local statement_timeout = 0; {checkpoint}; commit");
        self.send("commit a batch with its checkpoint", &statements).await
    }

    /// Records rows that are skipped, inside the batch's transaction.
    async fn reject(&self, rejected: &[(Position, String)]) -> Result<(), BackfillError> {
        let limit = self.shared.spec.may_skip;
        for (key, reason) in rejected {
            let statements = self.shared.store.reject(key, reason);
            let counted = answers(&self.connection.client, "record a skipped row", &statements).await?;
            let count = counted.last().and_then(|rows| rows.first()?.get(0)?.parse::<u64>().ok());
            if count.is_none_or(|count| count > limit) {
                return Err(BackfillError::TooManyRejects {
                    key: key.clone(),
                    reason: reason.clone(),
                    limit,
                });
            }
        }
        Ok(())
    }

    /// Skips the row that a batch of one row failed at.
    async fn skip(&mut self, range: Range, error: &BackfillError) -> Result<Option<Range>, BackfillError> {
        let reason = match error {
            BackfillError::Batch { source, .. } => crate::db::ServerMessage(source).to_string(),
            other => other.to_string(),
        };
        let (spec, store) = (Arc::clone(&self.shared.spec), self.shared.store);
        let opening = format!(
            "{}; {}; {}",
            spec.begin,
            store.lock_query(&range),
            spec.bound_query(range.after.as_ref(), Some(&range.upto), 1)
        );
        let opened = answers(&self.connection.client, "begin to skip a row", &opening).await?;
        let [.., locked, bound] = opened.as_slice() else { return Err(unexpected("begin to skip a row")) };
        let key = key_of(bound, spec.key.len()).filter(|_| !locked.is_empty());
        let Some(key) = key else {
            self.roll_back().await;
            return Ok(None);
        };
        let mut written = Written::nothing();
        written.rejected.push((key.clone(), reason));
        if let Err(error) = self.commit(&range, &key, &written).await {
            self.roll_back().await;
            return Err(error);
        }
        let _ = self.shared.tell.send(Told::Batch { rows: 0, rejected: 1, took: Duration::ZERO });
        Ok((key != range.upto).then_some(Range { after: Some(key), ..range }))
    }

    /// Waits where something stands against the next batch; false after a wait.
    async fn may_go_on(&mut self) -> Result<bool, BackfillError> {
        match self.throttles.reason(&self.connection.client, &self.shared.spec.begin).await? {
            Some(reason) => {
                self.hold_back(&reason).await;
                Ok(false)
            }
            None => Ok(true),
        }
    }

    async fn hold_back(&mut self, reason: &str) {
        self.held_back = true;
        let _ = self.shared.tell.send(Told::HeldBack(Some(reason.to_owned())));
        self.wait(HELD_BACK).await;
    }

    /// Leaves the server alone for a while in proportion to a batch.
    async fn rest(&self, batch: Duration) {
        if self.shared.spec.rest > 0.0 {
            self.wait(batch.mul_f64(self.shared.spec.rest)).await;
        }
    }

    async fn wait(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.shared.stop.requested() => {}
        }
    }

    /// Waits before another attempt, where the error may pass; otherwise it is returned.
    async fn after(&mut self, error: BackfillError) -> Result<(), BackfillError> {
        let is_broken = self.connection.client.is_closed();
        self.failed += 1;
        if self.failed > ATTEMPTS || !(is_broken || error.is_transient()) {
            return Err(error);
        }
        tracing::debug!(%error, attempt = self.failed, "a batch is sent again");
        let pause = Duration::from_millis(50) * 2_u32.pow(self.failed.min(7));
        self.wait(pause.mul_f64(0.5 + fastrand::f64())).await;
        if is_broken {
            // What the batch's transaction came to is told by its range.
            match connect(&self.shared.database, APPLICATION_NAME).await {
                Ok(connection) => (self.connection, self.knows_types) = (connection, false),
                // The next attempt finds the connection closed, and counts.
                Err(error) => tracing::debug!(%error, "no connection yet"),
            }
        } else {
            self.roll_back().await;
        }
        Ok(())
    }

    pub(super) async fn roll_back(&self) {
        // On a connection that broke the server rolls back by itself.
        let _ = self.connection.client.batch_execute("rollback").await;
    }

    pub(super) async fn send(&self, action: &'static str, statements: &str) -> Result<(), BackfillError> {
        let sent = self.connection.client.batch_execute(statements).await;
        sent.map_err(|source| BackfillError::Server { action, source })
    }
}

/// Whatever the statistics say, rows are found by their keys and their places.
const ALONG_THE_KEY: &str =
    "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off";

/// How the server shows workers.
pub(super) const APPLICATION_NAME: &str = "hardtack backfill";

pub(super) fn key_of(rows: &[Row], columns: usize) -> Option<Position> {
    let row = rows.first()?;
    let values: Option<Vec<String>> = (0..columns).map(|column| row.get(column).map(str::to_owned)).collect();
    values.map(Position::new)
}

pub(super) fn unexpected(action: &'static str) -> BackfillError {
    BackfillError::Answer { action, reason: "fewer answers than statements".to_owned() }
}
