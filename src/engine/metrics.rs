//! Events as numbers. Nothing happens where the application has no recorder.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ::metrics::{counter, gauge, histogram};

use super::{Event, LockError, RunEnd, StepError};
use crate::data::BackfillStatus;
use crate::metrics::{
    BACKFILL_FAILED, BACKFILL_REMAINING, BACKFILL_ROWS, CURRENT_VERSION, EXPECTED_VERSION, LAST_FAILURE,
    LAST_SUCCESS, LOCK_WAIT, LOCK_WAITING, PENDING, REVISION_DURATION, REVISION_LAST_DURATION, RUN_DURATION,
    RUNS, RUNS_ACTIVE, SCHEMA_READY, STEP_RETRIES,
};
use crate::revisions::{BackfillNews, Direction, Revision};

/// Where a database stands against the revisions of this program.
pub(crate) fn record_status(
    database: &str,
    pending: usize,
    (current, expected): (Option<i64>, Option<i64>),
    is_right: bool,
) {
    let set = |name: &'static str, value: f64| gauge!(name, "database" => database.to_owned()).set(value);
    set(PENDING.name, pending as f64);
    set(CURRENT_VERSION.name, current.unwrap_or_default() as f64);
    set(EXPECTED_VERSION.name, expected.unwrap_or_default() as f64);
    set(SCHEMA_READY.name, f64::from(is_right));
}

/// What is left of backfills, of all processes that work on them. Nothing is left of one that is no longer among them.
pub(super) fn record_backfills(database: &str, backfills: &[BackfillStatus]) {
    for BackfillStatus { name, state, rows, total, error, .. } in backfills {
        if let Some(total) = total {
            remaining(database, name, total.saturating_sub(*rows));
        }
        failed(database, name, state == "failed" || error.is_some());
    }
    let is_open = |name: &str| backfills.iter().any(|backfill| backfill.name == name);
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for (_, name) in told.iter().filter(|(of, name)| of == database && !is_open(name)) {
        remaining(database, name, 0);
        failed(database, name, false);
    }
}

/// The backfills of databases of which something was told that another process may make untrue.
static TOLD: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// What an event says of a database.
pub(super) fn record(database: &str, event: &Event<'_>) {
    match event {
        Event::RunStarted { command } => active(database, command).increment(1.0),
        Event::RunFinished { command, end, duration } => run(database, command, *end, *duration),
        Event::WaitingForLock { waited, .. } => waiting(database, *waited),
        Event::LockAcquired { waited } => lock(database, "acquired", *waited),
        Event::LockNotAcquired { waited, error: LockError::Stopped } => lock(database, "stopped", *waited),
        Event::LockNotAcquired { waited, .. } => lock(database, "failed", *waited),
        Event::Retrying { .. } => {
            counter!(STEP_RETRIES.name, "database" => database.to_owned()).increment(1);
        }
        Event::StepFinished { revision, direction, duration } => {
            step(database, revision, *direction, "succeeded", *duration);
        }
        Event::StepFailed { revision, direction, duration, error } => {
            let stopped = matches!(error, super::Error::Step(StepError::Stopped));
            step(database, revision, *direction, if stopped { "stopped" } else { "failed" }, *duration);
        }
        Event::Backfill { name, news, .. } => backfill(database, name, news),
        Event::BackfillFinished { revision, .. } => failed(database, &revision.stem(), false),
        Event::BackfillFailed { revision, .. } => failed(database, &revision.stem(), true),
        _ => {}
    }
}

fn run(database: &str, command: &'static str, end: RunEnd<'_>, duration: Duration) {
    let (database, outcome) = (database.to_owned(), end.name());
    active(&database, command).decrement(1.0);
    if matches!(end, RunEnd::Abandoned) {
        // Perhaps while it waited for the lock.
        waiting(&database, Duration::ZERO);
    }
    counter!(RUNS.name, "database" => database.clone(), "command" => command, "outcome" => outcome)
        .increment(1);
    histogram!(RUN_DURATION.name, "database" => database.clone(), "command" => command, "outcome" => outcome)
        .record(duration);
    let last = match end {
        RunEnd::Succeeded | RunEnd::NothingToDo => LAST_SUCCESS,
        RunEnd::Failed { .. } => LAST_FAILURE,
        RunEnd::Stopped | RunEnd::Abandoned => return,
    };
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    gauge!(last.name, "database" => database, "command" => command).set(now);
}

fn active(database: &str, command: &'static str) -> ::metrics::Gauge {
    gauge!(RUNS_ACTIVE.name, "database" => database.to_owned(), "command" => command)
}

fn waiting(database: &str, waited: Duration) {
    gauge!(LOCK_WAITING.name, "database" => database.to_owned()).set(waited);
}

fn lock(database: &str, outcome: &'static str, waited: Duration) {
    waiting(database, Duration::ZERO);
    histogram!(LOCK_WAIT.name, "database" => database.to_owned(), "outcome" => outcome).record(waited);
}

fn step(
    database: &str,
    revision: &Revision,
    direction: Direction,
    outcome: &'static str,
    duration: Duration,
) {
    let (database, direction) = (database.to_owned(), direction.name());
    histogram!(
        REVISION_DURATION.name,
        "database" => database.clone(), "direction" => direction, "outcome" => outcome
    )
    .record(duration);
    let (version, name) = (revision.version.to_string(), revision.name.clone().into_owned());
    gauge!(
        REVISION_LAST_DURATION.name,
        "database" => database, "direction" => direction, "version" => version, "name" => name
    )
    .set(duration);
}

fn backfill(database: &str, name: &str, news: &BackfillNews<'_>) {
    let left = |rows: u64| remaining(database, name, rows);
    let done = |rows: u64| {
        counter!(BACKFILL_ROWS.name, "database" => database.to_owned(), "backfill" => name.to_owned())
            .increment(rows);
    };
    match *news {
        BackfillNews::Started { remaining: rows } => {
            // From here on, so that the first batch shows as growth.
            done(0);
            rows.into_iter().for_each(left);
        }
        BackfillNews::Batch { rows, remaining: rows_left, .. } => {
            done(rows);
            rows_left.into_iter().for_each(left);
            failed(database, name, false);
        }
        BackfillNews::Finished => {
            left(0);
            failed(database, name, false);
        }
        BackfillNews::Stopped => {}
        BackfillNews::Failed { .. } => failed(database, name, true),
    }
}

fn remaining(database: &str, name: &str, rows: u64) {
    told(database, name);
    gauge!(BACKFILL_REMAINING.name, "database" => database.to_owned(), "backfill" => name.to_owned())
        .set(rows as f64);
}

fn failed(database: &str, name: &str, has_failed: bool) {
    told(database, name);
    gauge!(BACKFILL_FAILED.name, "database" => database.to_owned(), "backfill" => name.to_owned())
        .set(f64::from(has_failed));
}

fn told(database: &str, name: &str) {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.insert((database.to_owned(), name.to_owned()));
}
