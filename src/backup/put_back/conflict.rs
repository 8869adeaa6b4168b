//! Rows that exchange a value that must be unique.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PgError};

use super::foreign_key::ForeignKey;
use super::rewrite::run;
use super::{PutBackError, Table, held};

/// How rows that differ were changed.
pub(super) enum Changed {
    /// As they are.
    InPlace(u64),
    /// They are deleted, and wait for being inserted anew.
    Deleted(u64),
}

/// Changes the rows that differ. A unique constraint is checked row by row, and so fails where two rows exchange their
/// values; then they are deleted and inserted, unless others refer to them.
pub(super) async fn update(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
    table: &Table<'_>,
) -> Result<Changed, PutBackError> {
    let Some(statement) = table.update() else { return Ok(Changed::InPlace(0)) };
    let savepoint = async |text: &str| {
        let done = client.batch_execute(text).await;
        done.map_err(PutBackError::server("write the rows"))
    };
    savepoint("savepoint hardtack_update").await?;
    match run(client, table, &statement).await {
        Err(error @ PutBackError::Unique { .. }) => {
            savepoint("rollback to savepoint hardtack_update; release savepoint hardtack_update").await?;
            let is_held = held::by_any(client, tables, keys, table).await?;
            let deletion = table.other_deletion();
            match deletion.filter(|_| !is_held) {
                Some(deletion) => Ok(Changed::Deleted(run(client, table, &deletion).await?)),
                None => Err(error),
            }
        }
        changed => {
            let rows = changed?;
            savepoint("release savepoint hardtack_update").await?;
            Ok(Changed::InPlace(rows))
        }
    }
}

/// Whether a value was in the way of another one.
pub(super) fn is_conflict(error: &PgError) -> bool {
    let conflicts = [SqlState::UNIQUE_VIOLATION, SqlState::EXCLUSION_VIOLATION];
    error.code().is_some_and(|code| conflicts.contains(code))
}
