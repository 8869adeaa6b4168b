use std::collections::HashMap;
use std::time::Duration;

use futures_util::{
    TryStreamExt,
    future::{try_join, try_join3},
};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::{Applied, DeferredBackfill, History, Unfinished};
use crate::config::HistoryTable;
use crate::db::{ServerMessage, as_role, is_absent};
use crate::revisions::{Digest, RevisionSet};

/// Why a history could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The server refused the query.
    #[error("read the history table {table}{}: {}", reason(.source), ServerMessage(.source))]
    Unreadable {
        /// The table, quoted.
        table: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The table is not one of refinery's.
    #[error(
        "read the history table {table}: {found}; refinery's table has version, name, applied_on, checksum"
    )]
    Malformed {
        /// The table, quoted.
        table: String,
        /// What was found in it.
        found: String,
    },
}

impl HistoryError {
    /// What makes one of the server's refusal.
    pub(super) fn unreadable(table: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Unreadable { table: table.into(), source }
    }

    /// Whether it may be a matter of rights, or of a role that is not there.
    pub(crate) fn is_refusal(&self) -> bool {
        let Self::Unreadable { source, .. } = self else { return false };
        let refusals = [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_PARAMETER_VALUE];
        source.code().is_some_and(|code| refusals.contains(code))
    }
}

/// Whether the database is exactly where the set ends: one query, whose cost hardly grows with history.
///
/// Compares number, newest version and sum of checksums; a checksum covers version, name and text. Any
/// difference, also one of form only, is left to [`read`].
pub(crate) async fn at_head(
    client: &Client,
    table: &HistoryTable,
    revisions: &RevisionSet,
) -> Result<bool, HistoryError> {
    let query = format!(
        "{}select pg_catalog.count(*), pg_catalog.max(version), pg_catalog.sum(checksum::pg_catalog.numeric) \
         from {table}",
        as_role(table.role())
    );
    let rows = match rows(client, &query).await {
        Ok(rows) => rows,
        Err(error) if is_absent(&error) || error.code() == Some(&SqlState::INVALID_TEXT_REPRESENTATION) => {
            return Ok(false);
        }
        Err(source) => return Err(HistoryError::Unreadable { table: table.to_string(), source }),
    };
    let Digest { count, newest, checksums } = revisions.digest();
    let expected =
        [count.to_string(), newest.map_or(String::new(), |newest| newest.to_string()), checksums.to_string()];
    Ok(rows.first().is_some_and(|row| (0..3).all(|column| row.get(column) == Some(&expected[column]))))
}

/// Reads a whole history in one round trip.
pub(crate) async fn read(client: &Client, table: &HistoryTable) -> Result<History, HistoryError> {
    let unfinished = async {
        let read = Unfinished::read(client, table).await;
        read.map_err(HistoryError::unreadable("hardtack.unfinished"))
    };
    let deferred = async {
        match DeferredBackfill::read(client, table).await {
            // Whoever upgrades is told of missing rights before anything runs; others may look at the rest.
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Ok(Vec::new()),
            read => read.map_err(HistoryError::unreadable("hardtack.deferred")),
        }
    };
    let ((exists, applied), unfinished, deferred) =
        try_join3(read_rows(client, table), unfinished, deferred).await?;
    Ok(History { exists, applied, unfinished, deferred })
}

/// Whether the table is there, and its rows.
async fn read_rows(client: &Client, table: &HistoryTable) -> Result<(bool, Vec<Applied>), HistoryError> {
    let role = as_role(table.role());
    let query = format!("{role}select version, name, applied_on, checksum from {table} order by version");
    match rows(client, &query).await {
        Ok(rows) => {
            let applied = rows.iter().map(|row| applied(row, table)).collect::<Result<_, _>>()?;
            Ok((true, applied))
        }
        Err(error) if is_absent(&error) => Ok((false, Vec::new())),
        Err(source) => Err(HistoryError::Unreadable { table: table.to_string(), source }),
    }
}

/// Reads two histories in one round trip.
pub(crate) async fn read_many(
    client: &Client,
    first: &HistoryTable,
    second: &HistoryTable,
) -> Result<(History, History), HistoryError> {
    try_join(read(client, first), read(client, second)).await
}

/// How long each revision took, from the newest successful forward step of the run log. Empty where hardtack
/// never wrote.
pub(crate) async fn read_durations(
    client: &Client,
    table: &HistoryTable,
) -> Result<HashMap<i64, Duration>, HistoryError> {
    let query = format!(
        "{}select distinct on (s.version) s.version, \
             extract(epoch from s.finished_at - s.started_at)::pg_catalog.float8 \
         from hardtack.step s join hardtack.run r on r.id = s.run \
         where s.direction = 'up' and s.error is null and r.history_table = {} \
         order by s.version, s.id desc",
        as_role(table.role()),
        crate::db::quote_literal(&table.to_string())
    );
    let rows = rows_within_reach(client, &query).await.map_err(HistoryError::unreadable("hardtack.step"))?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let seconds: f64 = row.get(1)?.parse().ok()?;
            Some((row.get(0)?.parse().ok()?, Duration::try_from_secs_f64(seconds).ok()?))
        })
        .collect())
}

/// The rows of a query without parameters.
pub(super) async fn rows(client: &Client, query: &str) -> Result<Vec<SimpleQueryRow>, tokio_postgres::Error> {
    client
        .simple_query_raw(query)
        .await?
        .try_filter_map(async |message| match message {
            SimpleQueryMessage::Row(row) => Ok(Some(row)),
            _ => Ok(None),
        })
        .try_collect()
        .await
}

/// The same of hardtack's own tables: none where hardtack never wrote, or this role may not read.
pub(super) async fn rows_within_reach(
    client: &Client,
    query: &str,
) -> Result<Vec<SimpleQueryRow>, tokio_postgres::Error> {
    match rows(client, query).await {
        Err(error) if is_absent(&error) || error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            Ok(Vec::new())
        }
        read => read,
    }
}

fn applied(row: &SimpleQueryRow, table: &HistoryTable) -> Result<Applied, HistoryError> {
    let text = |column: usize| row.get(column).unwrap_or_default().to_owned();
    let version =
        row.get(0).and_then(|version| version.parse().ok()).ok_or_else(|| HistoryError::Malformed {
            table: table.to_string(),
            found: format!("a version {:?}", row.get(0).unwrap_or("null")),
        })?;
    Ok(Applied { version, name: text(1), applied_at: text(2), checksum: text(3), duration: None })
}

fn reason(error: &tokio_postgres::Error) -> &'static str {
    match error.code() {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            ": the role may not; grant it USAGE on the schema and SELECT on the table, and to take another role, \
             membership in that"
        }
        Some(code) if *code == SqlState::UNDEFINED_COLUMN => {
            ": it is not a table of refinery's; name another with --history-table"
        }
        _ => "",
    }
}
