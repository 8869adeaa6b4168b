//! Reading a live catalog: set-based queries in one message, of one moment, whatever the number of tables.

mod addresses;
mod deparsed;
mod query;
mod reader;

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::SimpleQueryMessage;

use super::Catalog;
use crate::config::HistoryTable;
use crate::db::{Connection, ServerMessage};

/// Why a catalog could not be read. The database is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The server refused a query.
    #[error("read the catalog: {}", ServerMessage(.0))]
    Server(#[from] tokio_postgres::Error),
    /// An answer is of another form than every known version's.
    #[error("read the catalog: unexpected answer to {query}: {reason}")]
    Answer {
        /// The query.
        query: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// One form of names, numbers, times and bytes, whatever server, database or role say; read only, and of one moment.
/// Compiling queries of this size would take longer than running them.
const SESSION: &str = "select pg_catalog.set_config(name, value, true) from (values ('search_path', 'pg_catalog, pg_temp'), \
        ('timezone', 'UTC'), ('datestyle', 'ISO, YMD'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'), \
        ('bytea_output', 'hex'), ('quote_all_identifiers', 'off'), ('jit', 'off')) as setting (name, value)";

/// Reads what a database holds, but for system schemas, what belongs to an extension, hardtack's own schema and the history
/// table. One round trip; the session must be outside a transaction.
pub(crate) async fn introspect(
    connection: &Connection,
    history: &HistoryTable,
) -> Result<Catalog, CatalogError> {
    between(connection, history, "begin isolation level repeatable read read only", "commit", "rollback")
        .await
}

/// The same inside the session's transaction, with what that has not yet committed.
pub(crate) async fn introspect_within(
    connection: &Connection,
    history: &HistoryTable,
) -> Result<Catalog, CatalogError> {
    let back = "rollback to savepoint hardtack_catalog";
    between(connection, history, "savepoint hardtack_catalog", back, back).await
}

async fn between(
    connection: &Connection,
    history: &HistoryTable,
    opening: &str,
    closing: &str,
    giving_up: &str,
) -> Result<Catalog, CatalogError> {
    let version = connection.server_version_num();
    let text = format!("{opening}; {SESSION};\n{};\n{closing}", query::all(version));
    let read = read(connection, &text, reader::Reader::new(version, history)).await;
    if read.is_err() {
        // On a connection that broke the server rolls back by itself.
        let _ = connection.client.batch_execute(giving_up).await;
    }
    Ok(read?.finish())
}

/// Takes each row in as it comes, while the server is at work on the next.
async fn read(
    connection: &Connection,
    text: &str,
    mut reader: reader::Reader,
) -> Result<reader::Reader, CatalogError> {
    let mut messages = pin!(connection.client.simple_query_raw(text).await?);
    // The first two answers are those of the session's preparation.
    let mut queries = query::QUERIES.iter();
    let mut query = None;
    let mut answers = 0;
    while let Some(message) = messages.try_next().await? {
        match (message, query) {
            (SimpleQueryMessage::CommandComplete(_), _) => {
                answers += 1;
                query = if answers < 2 { None } else { queries.next() };
            }
            (SimpleQueryMessage::Row(row), Some(&(name, _, rows))) => {
                reader.row(rows, &row).map_err(|reason| CatalogError::Answer { query: name, reason })?;
            }
            _ => {}
        }
    }
    Ok(reader)
}
