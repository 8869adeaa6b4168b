use std::collections::HashMap;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::HistoryError;
use super::read::rows_within_reach;
use crate::config::HistoryTable;
use crate::db::{as_role, quote_literal};

/// Of applied versions beyond `newest`, the version that a binary must know at the least to work behind each; none in the map where the run log
/// does not have the version, so that nobody knows.
pub(crate) async fn read_breaks(
    client: &Client,
    table: &HistoryTable,
    newest: Option<i64>,
) -> Result<HashMap<i64, Option<i64>>, HistoryError> {
    let query = format!(
        "{}select distinct on (s.version) s.version, s.breaks_before \
         from hardtack.step s join hardtack.run r on r.id = s.run \
         where s.direction = 'up' and s.error is null and r.history_table = {} and s.version > {} \
         order by s.version, s.id desc",
        as_role(table.role()),
        quote_literal(&table.to_string()),
        newest.unwrap_or(i64::MIN)
    );
    let rows = match rows_within_reach(client, &query).await {
        // The run log of an earlier hardtack.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_COLUMN) => Vec::new(),
        read => read.map_err(HistoryError::unreadable("hardtack.step"))?,
    };
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    Ok(rows.iter().filter_map(|row| Some((number(row.get(0))?, number(row.get(1))))).collect())
}
