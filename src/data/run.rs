//! A run of a backfill: its workers, their progress, and its end.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::{JoinError, JoinSet};
use tokio_postgres::Client;
use tracing::Instrument;

use super::BackfillError;
use super::answers::{answers, transaction};
use super::ranges::Goal;
use super::store::{Identity, Registered, State, Store};
use super::work::Spec;
use super::worker::{Shared, Told, Worker, unexpected};
use crate::db::as_role;
use crate::revisions::{BackfillNews, Context, Progress};

/// What a run of a backfill did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BackfillReport {
    /// The rows that this run worked on.
    pub rows: u64,
    /// The rows that earlier runs had worked on.
    pub rows_before: u64,
    /// The rows that this run skipped.
    pub skipped: u64,
    /// The batches of this run.
    pub batches: u64,
    /// The longest that a batch held its row locks.
    pub longest_batch: Duration,
}

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(
    context: &Context<'_>,
    spec: Arc<Spec>,
    identity: &Identity,
    workers: usize,
    verify: Option<&str>,
) -> Result<BackfillReport, BackfillError> {
    let total = estimate(context.client(), &spec).await?;
    let registered = identity.register(context.client(), &spec.text(), total).await?;
    let mut report = BackfillReport { rows_before: registered.done, ..BackfillReport::default() };
    match registered.state {
        State::Finished => return Ok(report),
        State::Cancelled => return Err(BackfillError::Cancelled { name: identity.name.clone() }),
        State::Running | State::Paused | State::Failed => {}
    }
    context.backfill_news(&identity.name, BackfillNews::Started { remaining: registered.remaining(0) });
    let store = Store { id: registered.id };
    let goal = Arc::default();
    let whole = async {
        loop {
            work(context, &spec, &registered, workers, &goal, &mut report).await?;
            // Somebody may have let it begin anew behind the last batch.
            if end(context, identity, store, verify).await? {
                return Ok::<_, BackfillError>(());
            }
        }
    };
    let ended = whole.await;
    if let Err(error) = &ended {
        fail(context, identity, store, error).await;
    }
    ended.map(|()| report)
}

/// Works until nothing is left for anybody.
async fn work(
    context: &Context<'_>,
    spec: &Arc<Spec>,
    registered: &Registered,
    workers: usize,
    goal: &Arc<Mutex<Goal>>,
    report: &mut BackfillReport,
) -> Result<(), BackfillError> {
    let (tell, told) = unbounded_channel();
    let shared = Shared {
        spec: Arc::clone(spec),
        store: Store { id: registered.id },
        database: context.surroundings().database.clone(),
        stop: context.stop().clone(),
        tell,
        goal: Arc::clone(goal),
    };
    // Dropped with this future, which closes the workers' sessions.
    let mut tasks = JoinSet::new();
    for worker in 1..=workers {
        let shared = shared.clone();
        let span = tracing::info_span!("hardtack.worker", hardtack.backfill.worker = worker);
        tasks.spawn(async move { Worker::new(shared).await?.run().await }.instrument(span));
    }
    drop(shared);
    watch(context, spec, registered, tasks, told, report).await
}

/// How many rows of a table are looked at to tell how many a filter lets through.
const SAMPLE: f64 = 20_000.0;

/// About how many rows there are to work on: what a sample tells, because the planner knows nothing of a column that is new, nor
/// of a table that is.
async fn estimate(client: &Client, spec: &Spec) -> Result<Option<u64>, BackfillError> {
    let query = format!("explain (format json) select from {}", spec.table);
    let answered = answers(client, "estimate the number of rows", &query).await?;
    let plan = answered.last().and_then(|rows| serde_json::from_str::<Value>(rows.first()?.get(0)?).ok());
    let Some(rows) = plan.and_then(|plan| plan[0]["Plan"]["Plan Rows"].as_f64()) else { return Ok(None) };
    let percent = (100.0 * SAMPLE / rows.max(1.0)).min(100.0);
    let estimate = match &spec.filter {
        None if percent < 100.0 => rows,
        filter => sampled(client, spec, filter.as_deref().unwrap_or("true"), percent).await?.unwrap_or(rows),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
    Ok(Some(estimate.round() as u64))
}

/// The rows that a filter lets through, as a sample of so many percent of the pages tells.
async fn sampled(
    client: &Client,
    spec: &Spec,
    filter: &str,
    percent: f64,
) -> Result<Option<f64>, BackfillError> {
    let query = format!(
        "select pg_catalog.count(*) filter (where {filter}) from {} tablesample system ({percent})",
        spec.table
    );
    let answered = answers(client, "estimate the number of rows", &query).await?;
    let matched: Option<f64> = answered.last().and_then(|rows| rows.first()?.get(0)?.parse().ok());
    Ok(matched.map(|matched| matched * 100.0 / percent))
}

/// Tells progress until all workers have ended, or one has failed.
async fn watch(
    context: &Context<'_>,
    spec: &Spec,
    registered: &Registered,
    mut tasks: JoinSet<Result<(), BackfillError>>,
    mut told: UnboundedReceiver<Told>,
    report: &mut BackfillReport,
) -> Result<(), BackfillError> {
    let mut teller = Teller { context, spec, registered, last: Instant::now(), held_back: None };
    loop {
        tokio::select! {
            biased;
            Some(one) = told.recv() => teller.take(one, report),
            ended = tasks.join_next() => match ended {
                Some(ended) => ended.unwrap_or_else(|error| Err(panicked(&error)))?,
                None => break,
            },
        }
    }
    teller.tell(report);
    Ok(())
}

fn panicked(error: &JoinError) -> BackfillError {
    BackfillError::Worker(error.to_string())
}

struct Teller<'a> {
    context: &'a Context<'a>,
    spec: &'a Spec,
    registered: &'a Registered,
    last: Instant,
    held_back: Option<String>,
}

impl Teller<'_> {
    fn take(&mut self, told: Told, report: &mut BackfillReport) {
        match told {
            Told::Batch { rows, rejected: skipped, took: duration } => {
                report.rows += rows;
                report.skipped += skipped;
                report.batches += 1;
                report.longest_batch = report.longest_batch.max(duration);
                let remaining = self.registered.remaining(report.rows);
                let news = BackfillNews::Batch { rows, skipped, remaining, duration };
                self.context.backfill_news(&self.spec.name, news);
                if self.last.elapsed() >= EVERY {
                    self.tell(report);
                }
            }
            Told::HeldBack(reason) => {
                let is_news = self.held_back != reason;
                self.held_back = reason;
                if is_news {
                    self.tell(report);
                }
            }
        }
    }

    fn tell(&mut self, report: &BackfillReport) {
        self.last = Instant::now();
        self.context.progress(&Progress {
            total: self.registered.total.filter(|total| *total >= self.registered.done + report.rows),
            held_back: self.held_back.as_deref(),
            ..Progress::new(&self.spec.name, self.registered.done + report.rows)
        });
    }
}

/// Verifies, and ends the backfill: durably, so that what was committed before is on disk as well. False where there is
/// something to do again.
async fn end(
    context: &Context<'_>,
    identity: &Identity,
    store: Store,
    verify: Option<&str>,
) -> Result<bool, BackfillError> {
    const ACTION: &str = "end the backfill";
    let (client, role) = (context.client(), as_role(identity.table.role()));
    if let Some(query) = verify {
        let statements = format!("begin read only; {role}set local row_security = off; {query}; commit");
        let answered = tokio::select! {
            answered = transaction(client, "verify the backfill", &statements) => answered?,
            () = context.stop().requested() => return Err(BackfillError::Stopped),
        };
        if answered.last().and_then(|rows| rows.first()?.get(0)) != Some("t") {
            return Err(BackfillError::Unverified { name: identity.name.clone(), query: query.to_owned() });
        }
    }
    // A range that was handed out before the frontier was locked is seen by the statement behind that.
    let statements = [store.frontier_query(), store.finish(), store.state_query()].join("; ");
    let statements = format!("begin isolation level read committed read write; {role}{statements}; commit");
    let answered = transaction(client, ACTION, &statements).await?;
    let [.., finished, state] = answered.as_slice() else { return Err(unexpected(ACTION)) };
    if !finished.is_empty() {
        return Ok(true);
    }
    match Store::state(state)? {
        State::Running | State::Paused => Ok(false),
        State::Finished => Ok(true),
        State::Cancelled => Err(BackfillError::Cancelled { name: identity.name.clone() }),
        State::Failed => Err(BackfillError::FailedElsewhere { name: identity.name.clone() }),
    }
}

/// Records why it did not come to its end; what is only stopped goes on later, and what a lost connection stopped in others.
async fn fail(context: &Context<'_>, identity: &Identity, store: Store, error: &BackfillError) {
    let is_told = matches!(
        error,
        BackfillError::Stopped | BackfillError::Cancelled { .. } | BackfillError::FailedElsewhere { .. }
    );
    if is_told || error.is_of_connection() {
        return;
    }
    let role = as_role(identity.table.role());
    let statements = format!("begin read write; {role}{}; commit", store.fail(&error.to_string()));
    if let Err(error) = transaction(context.client(), "record that the backfill failed", &statements).await {
        tracing::warn!(%error, "that the backfill failed could not be recorded");
    }
}
