use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryRow};

use super::read::{rows, rows_within_reach};
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal, quote_or_null};
use crate::revisions::Direction;

/// A step without a transaction that was begun and has not ended: its process died, or a statement of it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The version.
    pub version: i64,
    /// Which way it was going.
    pub direction: Direction,
    /// How many of its statements are done.
    pub done: usize,
    /// Tells those statements from others.
    #[serde(skip)]
    pub(crate) done_hash: String,
    /// A statement that was sent and may be done as well.
    #[serde(skip)]
    pub(crate) running: Option<String>,
}

impl Unfinished {
    /// A step that has just begun.
    pub(crate) fn begun(version: i64, direction: Direction) -> Self {
        Self { version, direction, done: 0, done_hash: String::new(), running: None }
    }

    /// All of a history table. None where hardtack never wrote, or may not read.
    pub(crate) async fn read(
        client: &Client,
        table: &HistoryTable,
    ) -> Result<Vec<Self>, tokio_postgres::Error> {
        let query = format!("{}{}", as_role(table.role()), Self::query(table));
        Ok(rows_within_reach(client, &query).await?.iter().filter_map(Self::of).collect())
    }

    /// The one of a version and direction, read as `as_itself` says.
    pub(crate) async fn find(
        client: &Client,
        table: &HistoryTable,
        as_itself: &str,
        version: i64,
        direction: Direction,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let rows = rows(client, &format!("{as_itself}; {}", Self::query(table))).await?;
        let mut all = rows.iter().filter_map(Self::of);
        Ok(all.find(|found| found.version == version && found.direction == direction))
    }

    fn query(table: &HistoryTable) -> String {
        format!(
            "select version, direction, done, done_hash, running from hardtack.unfinished \
             where history_table = {} order by version",
            quote_literal(&table.to_string())
        )
    }

    /// The statement that records how far a step got.
    pub(crate) fn record(&self, table: &HistoryTable) -> String {
        format!(
            "insert into hardtack.unfinished (history_table, version, direction, done, done_hash, running) \
             values ({}, {}, '{}', {}, {}, {}) on conflict (history_table, version) do update set \
             direction = excluded.direction, done = excluded.done, done_hash = excluded.done_hash, \
             running = excluded.running",
            quote_literal(&table.to_string()),
            self.version,
            self.direction.name(),
            self.done,
            quote_literal(&self.done_hash),
            quote_or_null(self.running.as_deref()),
        )
    }

    /// The statement that forgets a step, because it has ended.
    pub(crate) fn forget(table: &HistoryTable, version: i64) -> String {
        let table = quote_literal(&table.to_string());
        format!("delete from hardtack.unfinished where history_table = {table} and version = {version}")
    }

    fn of(row: &SimpleQueryRow) -> Option<Self> {
        let text = |column: usize| row.get(column);
        Some(Self {
            version: text(0)?.parse().ok()?,
            direction: if text(1)? == Direction::Down.name() { Direction::Down } else { Direction::Up },
            done: text(2)?.parse().ok()?,
            done_hash: text(3)?.to_owned(),
            running: text(4).map(str::to_owned),
        })
    }
}
