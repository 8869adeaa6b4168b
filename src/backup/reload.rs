use tokio_postgres::Client;

use super::content::content_of_query;
use super::pulse::Pulse;
use super::put_back::load;
use super::verify::differs;
use super::{BackupError, ColumnEntry, SESSION, Stored, TableEntry};
use crate::config::Role;
use crate::db::{as_role, quote_identifier, quote_literal};
use crate::revisions::Progress;

/// The table of the session's own that a table's rows are read into.
const STAGE: &str = "pg_temp.hardtack_reload";

/// Reads the rows of each table into a temporary one of the same types, and compares what that holds with what was taken. The
/// transaction is rolled back.
pub(crate) async fn reload(
    client: &Client,
    role: Option<&Role>,
    stored: &Stored,
    tell: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<(), BackupError> {
    let begin = format!("begin read write; {}{SESSION}", as_role(role));
    client.batch_execute(&begin).await.map_err(trying("begin a transaction"))?;
    let faults = reload_all(client, stored, tell).await;
    // On a connection that broke the server rolls back by itself.
    let _ = client.batch_execute("rollback").await;
    let faults = faults?;
    let backup = stored.path.clone();
    if faults.is_empty() { Ok(()) } else { Err(BackupError::Unsound { backup, faults }) }
}

async fn reload_all(
    client: &Client,
    stored: &Stored,
    tell: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<Vec<String>, BackupError> {
    let tables = &stored.manifest.tables;
    let pulse = Pulse::new("reading rows back", tables.iter().map(|table| table.bytes).sum(), tell);
    let mut faults = Vec::new();
    for table in tables {
        make(client, table).await.map_err(trying("make a table of the types that a backup has"))?;
        load(client, STAGE, table, stored, &pulse).await?;
        let found = content_of_query(client, &format!("select * from {STAGE}")).await;
        let found = found.map_err(trying("compare the rows that were read back"))?;
        faults.extend(differs(&table.content, found).map(|how| format!("the rows of {table}: {how}")));
        client
            .batch_execute(&format!("drop table {STAGE}"))
            .await
            .map_err(trying("drop a temporary table"))?;
    }
    Ok(faults)
}

/// Makes the table. What the server does not take for a type, and nothing else, does not get into the statement, and the end of
/// its line ends whatever comment is in it.
async fn make(client: &Client, table: &TableEntry) -> Result<(), tokio_postgres::Error> {
    let types = table.columns.iter().map(|column| quote_literal(&column.sql_type));
    let types: Vec<String> = types.map(|name| format!("{name}::pg_catalog.regtype")).collect();
    client.batch_execute(&format!("select {}", types.join(", "))).await?;
    let column = |(place, column): (usize, &ColumnEntry)| {
        format!("{} {}\n", quote_identifier(&format!("column {place}")), column.sql_type)
    };
    let columns: Vec<String> = table.columns.iter().enumerate().map(column).collect();
    client.execute_typed(&format!("create table {STAGE} ({})", columns.join(", ")), &[]).await.map(drop)
}

fn trying(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> BackupError {
    move |source| BackupError::Server { action, left: "nothing was changed", source }
}
