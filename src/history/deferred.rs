use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::config::HistoryTable;
use crate::db::{as_role, is_absent, quote_literal};

/// A deferred backfill that has not finished: its revision is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeferredBackfill {
    #[serde(skip)]
    pub(crate) id: i64,
    /// The revision's version.
    pub version: i64,
    /// Whether the run that recorded the revision finishes it itself, because a later revision of that run requires it.
    pub awaited: bool,
    /// Whether it waits for an operator: it has failed, or was cancelled.
    pub blocked: bool,
    /// Whether it was cancelled, so that not even a boot calls it.
    #[serde(skip)]
    pub(crate) cancelled: bool,
}

impl DeferredBackfill {
    /// All of a history table, in order of version. None where hardtack never wrote.
    pub(crate) async fn read(
        client: &Client,
        table: &HistoryTable,
    ) -> Result<Vec<Self>, tokio_postgres::Error> {
        let query = format!(
            "{}select id, version, awaited, error is not null or exists ( \
                 select from hardtack.backfill b where b.deferred = d.id and b.state in ('failed', 'cancelled')), \
                 exists (select from hardtack.backfill b where b.deferred = d.id and b.state = 'cancelled') \
             from hardtack.deferred d where {} and finished_at is null order by version",
            as_role(table.role()),
            current(table)
        );
        match client.simple_query(&query).await {
            Ok(messages) => Ok(messages.iter().filter_map(Self::of).collect()),
            Err(error) if is_absent(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn of(message: &SimpleQueryMessage) -> Option<Self> {
        let SimpleQueryMessage::Row(row) = message else { return None };
        Some(Self {
            id: row.get(0)?.parse().ok()?,
            version: row.get(1)?.parse().ok()?,
            awaited: row.get(2)? == "t",
            blocked: row.get(3)? == "t",
            cancelled: row.get(4)? == "t",
        })
    }

    /// The statements that record one together with its revision. What is left of an earlier application of the revision
    /// counts no more.
    pub(crate) fn record(table: &HistoryTable, version: i64, awaited: bool) -> String {
        format!(
            "{}; insert into hardtack.deferred (history_table, version, awaited) values ({}, {version}, {awaited})",
            Self::undo(table, version),
            quote_literal(&table.to_string()),
        )
    }

    /// The statement that ends one together with its revision: its workers see it at their next batch.
    pub(crate) fn undo(table: &HistoryTable, version: i64) -> String {
        format!(
            "update hardtack.deferred set undone_at = pg_catalog.clock_timestamp() where {} and version = {version}",
            current(table)
        )
    }

    /// The statement that says that nothing is left to do. It returns a row unless an operator has let a part begin anew.
    pub(crate) fn finish(&self) -> String {
        format!(
            "update hardtack.deferred set finished_at = coalesce(finished_at, pg_catalog.clock_timestamp()), error = null \
             where id = {id} and not exists ( \
                 select from hardtack.backfill b where b.deferred = {id} and b.state <> 'finished') returning id",
            id = self.id
        )
    }

    /// The statement that says why it does not go on.
    pub(crate) fn fail(&self, error: &str) -> String {
        format!(
            "update hardtack.deferred set error = {} where id = {} and finished_at is null",
            quote_literal(error),
            self.id
        )
    }
}

fn current(table: &HistoryTable) -> String {
    format!("history_table = {} and undone_at is null", quote_literal(&table.to_string()))
}
