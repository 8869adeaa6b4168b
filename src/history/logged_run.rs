use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryRow};

use super::HistoryError;
use super::read::rows_within_reach;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal};

/// A run, as the run log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct LoggedRun {
    /// Its number: newer ones have higher ones.
    pub id: i64,
    /// `upgrade`, `downgrade` or what else was asked for.
    pub command: String,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// When it ended; none where it works, or its process died.
    pub finished_at: Option<String>,
    /// `succeeded`, `failed` or `stopped`.
    pub outcome: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The machine that it ran on.
    pub host: Option<String>,
    /// As which role of the database.
    pub database_role: String,
    /// What the operator said with it.
    pub note: Option<String>,
    /// Its steps in order, each with its way: `up 7`, `down 7`, `mark 7`, `repair 7`.
    pub steps: Vec<String>,
}

impl LoggedRun {
    /// The newest of a history table, at the most so many, older than the one of that number; none where hardtack never wrote.
    pub(crate) async fn read(
        client: &Client,
        table: &HistoryTable,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Self>, HistoryError> {
        let time = |column: &str| {
            format!("pg_catalog.to_char({column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        };
        let query = format!(
            "{}select r.id, r.command, {}, {}, r.outcome, r.error, r.host, r.database_role, r.note, \
                 (select pg_catalog.string_agg(s.direction || ' ' || s.version, ',' order by s.id) \
                     from hardtack.step s where s.run = r.id) \
             from hardtack.run r where r.history_table = {} and r.id < {} order by r.id desc limit {limit}",
            as_role(table.role()),
            time("r.started_at"),
            time("r.finished_at"),
            quote_literal(&table.to_string()),
            before.unwrap_or(i64::MAX)
        );
        let rows = rows_within_reach(client, &query).await;
        let rows = rows.map_err(HistoryError::unreadable("hardtack.run"))?;
        Ok(rows.iter().filter_map(Self::of).collect())
    }

    fn of(row: &SimpleQueryRow) -> Option<Self> {
        let text = |column: usize| row.get(column).map(str::to_owned);
        Some(Self {
            id: row.get(0)?.parse().ok()?,
            command: text(1)?,
            started_at: text(2)?,
            finished_at: text(3),
            outcome: text(4),
            error: text(5),
            host: text(6),
            database_role: text(7)?,
            note: text(8),
            steps: row.get(9).map(|steps| steps.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        })
    }
}
