//! The rows of the backup, beside those that are there.

use std::pin::pin;

use futures_util::{SinkExt, StreamExt};
use tokio_postgres::Client;

use super::{PutBackError, Table};
use crate::backup::pulse::Pulse;
use crate::backup::{Rows, TableEntry};
use crate::revisions::Progress;

/// Copies the rows of each table into a table of the session's own, which goes with the transaction. No more than a few
/// pieces of them are in memory.
pub(super) async fn fill(
    client: &Client,
    tables: &[Table<'_>],
    rows: &dyn Rows,
    tell: &(dyn Fn(&Progress<'_>) + Send + Sync),
) -> Result<(), PutBackError> {
    let total = tables.iter().map(|table| table.entry.bytes).sum();
    let pulse = Pulse::new("putting rows back", total, tell);
    for table in tables {
        let (stage, name, columns) = (table.stage(), table.name(), table.columns(""));
        // As the table has them, with collations.
        let create = format!(
            "create temporary table {stage} on commit drop as select {columns} from only {name} with no data"
        );
        client.batch_execute(&create).await.map_err(PutBackError::server("make room for the rows"))?;
        load(client, &stage, table.entry, rows, &pulse).await?;
        let analyze = format!("analyze {stage}");
        client.batch_execute(&analyze).await.map_err(PutBackError::server("look at the rows"))?;
    }
    Ok(())
}

/// Copies the rows of a table into another one.
pub(in crate::backup) async fn load(
    client: &Client,
    stage: &str,
    entry: &TableEntry,
    rows: &dyn Rows,
    pulse: &Pulse<'_>,
) -> Result<(), PutBackError> {
    let copying = || PutBackError::server("copy the rows to the server");
    let statement = format!("copy {stage} from stdin");
    let mut sink = pin!(client.copy_in(&statement).await.map_err(copying())?);
    let mut pieces = rows.open(entry);
    while let Some(piece) = pieces.next().await {
        // The copying ends with an error when the sink is dropped.
        let unreadable = |source| PutBackError::Unreadable { table: entry.to_string(), source };
        let piece = piece.map_err(unreadable)?;
        pulse.add(piece.len() as u64);
        sink.send(piece).await.map_err(copying())?;
    }
    sink.finish().await.map_err(copying())?;
    Ok(())
}
