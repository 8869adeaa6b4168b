//! A batch whose rows go through a function: read, computed, written back with `COPY` and one `UPDATE`.

use std::pin::pin;
use std::time::Instant;

use futures_util::TryStreamExt;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use super::BackfillError;
use super::key::Position;
use super::work::{RowWork, Spec, Value};
use crate::revisions::types::{Parameter, Raw, by_reference};

/// Where the new values wait for the update, in the session's own schema.
const BATCH: &str = "pg_temp.hardtack_batch";

/// What tells a row's version: where it is, which transaction wrote it, and the partition.
const VERSION: &str = "ctid, xmin, tableoid";

const NO_PARAMETERS: [(&str, Type); 0] = [];

/// What became of the rows of a batch.
#[derive(Debug)]
pub(super) struct Written {
    /// Since when rows are locked.
    pub(super) locked: Instant,
    /// The rows that the function was called for.
    pub(super) read: u64,
    /// The rows that were written.
    pub(super) rows: u64,
    /// The rows that the function did not take, and why.
    pub(super) rejected: Vec<(Position, String)>,
}

impl Written {
    /// Nothing yet, and no row is locked.
    pub(super) fn nothing() -> Self {
        Self { locked: Instant::now(), read: 0, rows: 0, rejected: Vec::new() }
    }

    /// Whether somebody else changed a row between reading and writing; a trigger may keep one from being written as well.
    pub(super) fn missed(&self) -> bool {
        self.rows + self.rejected.len() as u64 != self.read
    }
}

/// A row to be written.
struct Change {
    version: [Raw; 3],
    values: Vec<Value>,
}

impl Change {
    fn parameters(&self) -> Vec<Parameter<'_>> {
        let version = self.version.iter().map(|value| value as &(dyn ToSql + Sync));
        let values = self.values.iter().map(|value| &**value as &(dyn ToSql + Sync));
        version.chain(values).map(Parameter).collect()
    }
}

/// Works on the rows of a range, inside a transaction. Without `locking` a row that is changed between reading and writing is
/// not written, and counts as missed.
pub(super) async fn write(
    client: &Client,
    spec: &Spec,
    work: &dyn RowWork,
    condition: &str,
    locking: bool,
) -> Result<Written, Failure> {
    let lock = if locking { " for no key update" } else { "" };
    let (columns, texts) = (work.read().join(", "), spec.key.texts());
    let query = format!("select {columns}, {VERSION}, {texts} from {} where {condition}{lock}", spec.table);
    let mut written = Written::nothing();
    let changes = changes(client, &query, spec, work, &mut written).await?;
    if !changes.is_empty() {
        copy(client, spec, work, &changes).await?;
        if !locking {
            written.locked = Instant::now();
        }
        written.rows = client.execute_typed(&update(spec, work), &[]).await?;
    }
    Ok(written)
}

/// Lets the driver ask for the types that it does not know: enums, composite types, types of extensions. Otherwise it asks when it
/// sees the head of an answer, on the same connection, and waits for ever where more rows stand before its own answer than it
/// has room for. Once a connection is enough.
pub(super) async fn learn_types(client: &Client, spec: &Spec, work: &dyn RowWork) -> Result<(), Error> {
    let query = format!("select {} from {} limit 0", work.read().join(", "), spec.table);
    client.query_typed(&query, &[]).await.map(drop)
}

/// Why a batch failed.
pub(super) enum Failure {
    Server(Error),
    Other(BackfillError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

/// Reads the rows, and calls the function on each while the server still sends others.
async fn changes(
    client: &Client,
    query: &str,
    spec: &Spec,
    work: &dyn RowWork,
    written: &mut Written,
) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    let behind = work.read().len();
    let mut rows = pin!(client.query_typed_raw(query, NO_PARAMETERS).await?);
    while let Some(row) = rows.try_next().await? {
        written.read += 1;
        match work.values(&row) {
            Ok(values) => {
                let version = [row.try_get(behind)?, row.try_get(behind + 1)?, row.try_get(behind + 2)?];
                changes.push(Change { version, values });
            }
            Err(source) => {
                let key = (0..spec.key.len()).map(|column| row.try_get(behind + 3 + column));
                let key = Position::new(key.collect::<Result<_, _>>()?);
                if spec.may_skip == 0 {
                    return Err(Failure::Other(BackfillError::Row { key, source }));
                }
                written.rejected.push((key, source.to_string()));
            }
        }
    }
    Ok(changes)
}

async fn copy(client: &Client, spec: &Spec, work: &dyn RowWork, changes: &[Change]) -> Result<(), Error> {
    let columns: Vec<String> =
        work.written().iter().enumerate().map(|(place, column)| format!("{column} as c{place}")).collect();
    let at_commit = if spec.pooled { "drop" } else { "delete rows" };
    client
        .batch_execute(&format!(
            "set local client_min_messages = warning; create temporary table if not exists hardtack_batch \
             on commit {at_commit} as select ctid as at, xmin as by, tableoid as part, {} from {} with no data",
            columns.join(", "),
            spec.table
        ))
        .await?;
    let names: Vec<String> = (0..columns.len()).map(|place| format!("c{place}")).collect();
    let statement =
        client.prepare(&format!("select at, by, part, {} from {BATCH}", names.join(", "))).await?;
    let types: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
    let sink = client
        .copy_in(&format!("copy {BATCH} (at, by, part, {}) from stdin (format binary)", names.join(", ")))
        .await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for change in changes {
        let parameters = change.parameters();
        writer.as_mut().write(&by_reference(&parameters)).await?;
    }
    writer.finish().await.map(drop)
}

fn update(spec: &Spec, work: &dyn RowWork) -> String {
    let written =
        work.written().into_iter().enumerate().map(|(place, column)| format!("{column} = batch.c{place}"));
    let set: Vec<String> = written.chain(work.assignments().iter().cloned()).collect();
    format!(
        "update {} as {ALIAS} set {} from {BATCH} as batch \
         where {ALIAS}.ctid = batch.at and {ALIAS}.xmin = batch.by and {ALIAS}.tableoid = batch.part",
        spec.table,
        set.join(", ")
    )
}

/// No table of a user's is meant.
const ALIAS: &str = "hardtack_row";
