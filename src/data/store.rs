//! The rows of hardtack's own tables that say how far a backfill has come.

use tokio_postgres::Client;

use super::BackfillError;
use super::answers::{Row, transaction};
use super::key::Position;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal};
use crate::revisions::Direction;

/// Which backfill: of a revision's step, by its name.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) table: HistoryTable,
    pub(super) version: i64,
    /// The row of the deferred backfill that it is part of; none in a step.
    pub(super) deferred: Option<i64>,
    pub(super) direction: Direction,
    pub(super) name: String,
}

/// What an operator, or the work itself, has made of a backfill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Paused,
    Cancelled,
    Failed,
    Finished,
}

/// A backfill's own row, as a run finds it.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) id: i64,
    pub(super) state: State,
    /// Rows that were worked on so far.
    pub(super) done: u64,
    /// An estimate of all rows.
    pub(super) total: Option<u64>,
}

impl Registered {
    /// An estimate of what there is still to do, once so many more rows are done.
    pub(super) fn remaining(&self, rows: u64) -> Option<u64> {
        self.total.map(|total| total.saturating_sub(self.done + rows))
    }
}

/// A range of keys that nobody else works on just now.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) number: i64,
    /// Keys up to and with this one are done.
    pub(super) after: Option<Position>,
    pub(super) upto: Position,
}

impl State {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "running" => Self::Running,
            "paused" => Self::Paused,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            "finished" => Self::Finished,
            _ => return None,
        })
    }
}

impl Identity {
    fn is(&self) -> String {
        format!(
            "history_table = {} and version = {} and direction = '{}' and name = {} and not recorded \
             and deferred is not distinct from {}",
            quote_literal(&self.table.to_string()),
            self.version,
            self.direction.name(),
            quote_literal(&self.name),
            self.deferred(),
        )
    }

    fn deferred(&self) -> String {
        self.deferred.map_or("null".to_owned(), |id| id.to_string())
    }

    /// Finds the backfill, or begins it; one that failed goes on.
    ///
    /// `work` says what it does, so that another one is not taken for its continuation.
    pub(super) async fn register(
        &self,
        client: &Client,
        work: &str,
        total: Option<u64>,
    ) -> Result<Registered, BackfillError> {
        const ACTION: &str = "register the backfill";
        let own = self.is();
        // What was undone meanwhile must not begin anew.
        let is_due = self.deferred.map_or("true".to_owned(), |id| {
            format!("exists (select from hardtack.deferred d where d.id = {id} and d.undone_at is null)")
        });
        let statements = format!(
            "begin isolation level read committed read write; {}\
             insert into hardtack.backfill (history_table, version, direction, name, work, total, deferred) \
             select {}, {}, '{}', {}, {work}, {total}, {deferred} where {is_due} \
             on conflict (history_table, version, direction, name, coalesce(deferred, 0)) where not recorded do nothing; \
             update hardtack.backfill set work = {work}, total = {total} where {own} and work = '' and {is_due}; \
             update hardtack.backfill set state = 'running', error = null \
             where {own} and state = 'failed' and work = {work} and {is_due}; \
             select id, state, work = {work}, total, \
                 (select coalesce(pg_catalog.sum(rows), 0) from hardtack.backfill_range r where r.backfill = b.id) \
             from hardtack.backfill b where {own} and {is_due}; commit",
            as_role(self.table.role()),
            quote_literal(&self.table.to_string()),
            self.version,
            self.direction.name(),
            quote_literal(&self.name),
            work = quote_literal(work),
            total = total.map_or("null".to_owned(), |total| total.to_string()),
            deferred = self.deferred(),
        );
        let found = transaction(client, ACTION, &statements).await?;
        let unexpected = |reason: &str| BackfillError::Answer { action: ACTION, reason: reason.to_owned() };
        let Some(row) = found.last().and_then(|rows| rows.first()) else {
            return Err(BackfillError::Undone { name: self.name.clone() });
        };
        if row.get(2) == Some("f") {
            return Err(BackfillError::Edited { name: self.name.clone() });
        }
        Ok(Registered {
            id: number(row, 0).ok_or_else(|| unexpected("no number"))?,
            state: row.get(1).and_then(State::named).ok_or_else(|| unexpected("an unknown state"))?,
            done: number(row, 4).unwrap_or_default(),
            total: number(row, 3),
        })
    }
}

/// The backfill's row, by its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    pub(super) id: i64,
}

impl Store {
    /// A query for the state; one whose revision was undone is cancelled. A down that begins waits for the batches that have
    /// asked, and those that ask wait for it.
    pub(super) fn state_query(self) -> String {
        format!(
            "select case when (select d.undone_at from hardtack.deferred d where d.id = b.deferred for share) is null \
             then b.state else 'cancelled' end from hardtack.backfill b where b.id = {}",
            self.id
        )
    }

    /// The state out of the answer to [`state_query`](Self::state_query) or [`frontier_query`](Self::frontier_query).
    pub(super) fn state(rows: &[Row]) -> Result<State, BackfillError> {
        let state = rows.first().and_then(|row| row.get(0)).and_then(State::named);
        state.ok_or_else(|| BackfillError::Answer {
            action: "read the backfill's state",
            reason: "it is not there any more".to_owned(),
        })
    }

    /// A query for an unfinished range that no worker holds, which locks it.
    pub(super) fn abandoned_query(self) -> String {
        format!(
            "select number, after, upto from hardtack.backfill_range where backfill = {} and not finished \
             order by number limit 1 for update skip locked",
            self.id
        )
    }

    /// A query that locks a range as it was last seen; no row where another worker has it, or has had it.
    pub(super) fn lock_query(self, range: &Range) -> String {
        let after = range.after.as_ref().map_or("null".to_owned(), Position::literal);
        format!(
            "select number, after, upto from hardtack.backfill_range where backfill = {} and number = {} \
             and not finished and after is not distinct from {after}::pg_catalog.jsonb for update skip locked",
            self.id, range.number
        )
    }

    /// A query for the state and the frontier, which only one worker moves at a time.
    pub(super) fn frontier_query(self) -> String {
        format!("select state, frontier from hardtack.backfill where id = {} for no key update", self.id)
    }

    /// Statements that hand out the keys behind the frontier.
    pub(super) fn hand_out(self, frontier: Option<&Position>, upto: &Position) -> String {
        let after = frontier.map_or("null".to_owned(), Position::literal);
        let (id, upto) = (self.id, upto.literal());
        format!(
            "update hardtack.backfill set frontier = {upto}, exhausted = false where id = {id}; \
             insert into hardtack.backfill_range (backfill, after, upto) values ({id}, {after}, {upto}) \
             returning number, after, upto"
        )
    }

    /// The statement that says that nothing is behind the frontier.
    pub(super) fn exhaust(self) -> String {
        format!("update hardtack.backfill set exhausted = true where id = {} and not exhausted", self.id)
    }

    /// The statement that records a batch of a range.
    pub(super) fn advance(self, range: &Range, to: &Position, rows: u64) -> String {
        let finished = *to == range.upto;
        format!(
            "update hardtack.backfill_range set after = {}, rows = rows + {rows}, finished = {finished}, \
             changed_at = pg_catalog.clock_timestamp() where backfill = {} and number = {}",
            to.literal(),
            self.id,
            range.number
        )
    }

    /// The statement that records a row that is skipped, and a query for the number of all.
    pub(super) fn reject(self, key: &Position, reason: &str) -> String {
        format!(
            "insert into hardtack.backfill_reject (backfill, key, reason) values ({id}, {}, {}) \
             on conflict (backfill, key) do update set reason = excluded.reason; \
             select pg_catalog.count(*) from hardtack.backfill_reject where backfill = {id}",
            key.literal(),
            quote_literal(reason),
            id = self.id
        )
    }

    /// A query for whether everything was handed out, and is done.
    pub(super) fn completion_query(self) -> String {
        format!(
            "select exhausted and not exists (select from hardtack.backfill_range where backfill = {id} and not finished) \
             from hardtack.backfill where id = {id}",
            id = self.id
        )
    }

    /// The statement that says that all is done; it returns a row where that is still so.
    pub(super) fn finish(self) -> String {
        format!(
            "update hardtack.backfill set state = 'finished', error = null, \
             finished_at = pg_catalog.clock_timestamp() where id = {id} and state in ('running', 'paused') and exhausted \
             and not exists (select from hardtack.backfill_range where backfill = {id} and not finished) returning id",
            id = self.id
        )
    }

    /// The statement that says why it failed.
    pub(super) fn fail(self, error: &str) -> String {
        format!(
            "update hardtack.backfill set state = 'failed', error = {}, \
             finished_at = pg_catalog.clock_timestamp() where id = {} and state in ('running', 'paused')",
            quote_literal(error),
            self.id
        )
    }
}

impl Range {
    /// Out of an answer with number, lower and upper end.
    pub(super) fn of(row: &Row) -> Result<Self, BackfillError> {
        let position = |column: usize| row.get(column).map(serde_json::from_str).transpose();
        let read =
            || Some(Self { number: number(row, 0)?, after: position(1).ok()?, upto: position(2).ok()?? });
        read().ok_or_else(|| BackfillError::Answer {
            action: "read a range of the backfill",
            reason: "it is no range".to_owned(),
        })
    }
}

/// The frontier out of the answer to [`frontier_query`](Store::frontier_query); none where no range was handed out yet.
pub(super) fn frontier(rows: &[Row]) -> Result<Option<Position>, BackfillError> {
    let read = rows.first().and_then(|row| row.get(1)).map(serde_json::from_str).transpose();
    read.map_err(|error| BackfillError::Answer { action: "read a position", reason: error.to_string() })
}

fn number<T: std::str::FromStr>(row: &Row, column: usize) -> Option<T> {
    row.get(column)?.parse().ok()
}

/// The statement that closes what was begun of later revisions, and not deferred: its rows were those of a schema that a down
/// has just changed, so it begins anew.
pub(crate) fn close_above(table: &HistoryTable, version: i64) -> String {
    format!(
        "update hardtack.backfill set recorded = true where history_table = {} and version > {version} \
         and direction = 'up' and deferred is null and not recorded",
        quote_literal(&table.to_string())
    )
}

/// The statement that closes the backfills of a step once it is recorded, so that a later run of the step begins anew.
pub(crate) fn close(table: &HistoryTable, version: i64) -> String {
    format!(
        "update hardtack.backfill set recorded = true where history_table = {} and version = {version} and not recorded",
        quote_literal(&table.to_string())
    )
}
