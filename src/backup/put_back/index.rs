//! Indexes by which the server finds what refers to a row, for as long as rows are deleted.

use tokio_postgres::Client;

use super::foreign_key::ForeignKey;
use super::{PutBackError, Table, held};
use crate::db::quote_identifier;

/// With so many rows that are deleted an index is worth it: for each of them the server looks for rows that refer to it, and
/// reads the whole table where no index finds them.
const MANY: u64 = 100;

/// Builds those that are missing on the tables themselves; their names. They come before any row is written, because an index
/// that is built behind changes of its own transaction may not be used in it.
pub(super) async fn build(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
) -> Result<Vec<String>, PutBackError> {
    let mut built = Vec::new();
    for table in tables {
        let referring = keys.iter().filter(|key| key.refers_to == table.live.oid);
        let missing: Vec<(&ForeignKey, &Table<'_>)> = referring
            .flat_map(|key| key.inside(tables).map(move |(_, own)| (key, own)))
            .filter(|(key, own)| key.unindexed.contains(&own.live.oid))
            .collect();
        if missing.is_empty() || !loses_many(client, table).await? {
            continue;
        }
        for (key, own) in missing {
            let name = format!("hardtack_put_back_{}_{}", own.live.oid, built.len());
            let columns: Vec<_> = key.columns.iter().map(|pair| quote_identifier(&pair.column)).collect();
            let create = format!("create index {name} on only {} ({})", own.name(), columns.join(", "));
            if attempt(client, &create).await? {
                built.push(format!("{}.{name}", quote_identifier(&own.entry.schema)));
            }
        }
    }
    Ok(built)
}

/// Drops them again.
pub(super) async fn drop(client: &Client, names: &[String]) -> Result<(), PutBackError> {
    if names.is_empty() {
        return Ok(());
    }
    let dropped = client.batch_execute(&format!("drop index {}", names.join(", "))).await;
    dropped.map_err(PutBackError::server("drop indexes that were built for this alone"))
}

async fn loses_many(client: &Client, table: &Table<'_>) -> Result<bool, PutBackError> {
    let doomed = format!("only {} t where {}", table.name(), table.doomed("t"));
    Ok(held::count(client, &format!("(select from {doomed} limit {MANY}) d")).await? >= MANY)
}

/// Whether it was done. A role may own a table and not be allowed to create in its schema; then it takes longer.
async fn attempt(client: &Client, statement: &str) -> Result<bool, PutBackError> {
    let failed = || PutBackError::server("build an index");
    client.batch_execute("savepoint hardtack_index").await.map_err(failed())?;
    let is_done = match client.batch_execute(statement).await {
        Ok(()) => true,
        Err(error) if error.as_db_error().is_some() => {
            client.batch_execute("rollback to savepoint hardtack_index").await.map_err(failed())?;
            false
        }
        Err(error) => return Err(failed()(error)),
    };
    client.batch_execute("release savepoint hardtack_index").await.map_err(failed())?;
    Ok(is_done)
}
