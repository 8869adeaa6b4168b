use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryRow};

use super::HistoryError;
use super::read::rows_within_reach;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal};

/// A run that has begun and not ended: it works, or its process died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenRun {
    /// `upgrade`, `downgrade` or what else was asked for.
    pub command: String,
    /// The machine that it began on.
    pub host: Option<String>,
    /// Its process there.
    pub process_id: Option<i64>,
    /// When it began, as the server writes it.
    pub started_at: String,
}

impl OpenRun {
    /// The newest; none where hardtack never wrote, or this role may not look.
    pub(crate) async fn read(client: &Client, table: &HistoryTable) -> Result<Option<Self>, HistoryError> {
        let query = format!(
            "{}select command, host, process_id, started_at from hardtack.run \
             where finished_at is null and history_table = {} order by id desc limit 1",
            as_role(table.role()),
            quote_literal(&table.to_string())
        );
        let rows = rows_within_reach(client, &query).await;
        Ok(rows.map_err(HistoryError::unreadable("hardtack.run"))?.first().map(Self::of))
    }

    fn of(row: &SimpleQueryRow) -> Self {
        let text = |column: usize| row.get(column).map(str::to_owned);
        Self {
            command: text(0).unwrap_or_default(),
            host: text(1),
            process_id: row.get(2).and_then(|id| id.parse().ok()),
            started_at: text(3).unwrap_or_default(),
        }
    }
}
