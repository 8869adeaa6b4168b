//! Rows that refer to what would go.

use std::fmt;

use serde::Serialize;
use tokio_postgres::Client;

use super::foreign_key::ForeignKey;
use super::{PutBackError, Table};
use crate::db::first_value;
use crate::words;

/// Rows that refer to rows that would be deleted, or get another key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The table that refers.
    pub table: String,
    /// Its foreign key.
    pub constraint: String,
    /// The table that is referred to.
    pub refers_to: String,
    /// How many of its rows.
    pub rows: u64,
}

/// Refuses where rows of other tables refer to what would be deleted or get another key, whatever the foreign key does
/// then: it would change a table of which the backup has nothing, or fail.
pub(super) async fn by_others(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
) -> Result<(), PutBackError> {
    let oids: Vec<_> = tables.iter().map(|table| table.live.oid.to_string()).collect();
    // To the planner no row passes a plain comparison with `tableoid`, and it would take nested loops through millions.
    let is_other = format!(
        "case when c.tableoid operator(pg_catalog.=) any ('{{{}}}'::pg_catalog.oid[]) then false else true end",
        oids.join(", ")
    );
    let mut references = Vec::new();
    for key in keys.iter().filter(|key| key.has_outside(tables)) {
        let Some(table) = tables.iter().find(|table| table.live.oid == key.refers_to) else { continue };
        let from = format!("{} c join only {} t on {}", key.from(), table.name(), key.refers("c", "t"));
        let mut rows = count(client, &format!("{from} where {is_other} and {}", table.doomed("t"))).await?;
        if let Some((same, differ)) = changes(table, key) {
            let stage = table.stage();
            rows += count(client, &format!("{from} join {stage} s on {same} where {is_other} and {differ}"))
                .await?;
        }
        references.extend(Reference::of(key, table, rows));
    }
    refuse(references)
}

/// Refuses where deleting from a table would reach rows of the others by a foreign key: those stay, and are not for it to
/// change.
pub(super) async fn by_own(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
    table: &Table<'_>,
) -> Result<(), PutBackError> {
    let mut references = Vec::new();
    let acts = |key: &&ForeignKey| key.refers_to == table.live.oid && key.on_delete != "a";
    for key in keys.iter().filter(acts) {
        let mut rows = 0;
        for (_, own) in key.inside(tables) {
            let from =
                format!("only {} c join only {} t on {}", own.name(), table.name(), key.refers("c", "t"));
            let query = format!("{from} where {} and not ({})", table.doomed("t"), own.doomed("c"));
            rows += count(client, &query).await?;
        }
        references.extend(Reference::of(key, table, rows));
    }
    refuse(references)
}

/// Whether rows that differ from the backup's cannot be deleted for a moment: because others refer to them by a key that does
/// not wait, or because there is no telling which they are.
pub(super) async fn by_any(
    client: &Client,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
    table: &Table<'_>,
) -> Result<bool, PutBackError> {
    let Some(same) = table.same("t") else { return Ok(true) };
    let acts = |key: &&ForeignKey| {
        let waits = key.on_delete == "a" && !key.has_outside(tables);
        key.refers_to == table.live.oid && !waits
    };
    for key in keys.iter().filter(acts) {
        let query = format!(
            "{} c join only {} t on {} join {} s on {same} where {}",
            key.from(),
            table.name(),
            key.refers("c", "t"),
            table.stage(),
            table.differs("t")
        );
        if count(client, &query).await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// That two rows are the same, and that the columns which are referred to differ; none where the backup has not all of them.
fn changes(table: &Table<'_>, key: &ForeignKey) -> Option<(String, String)> {
    let columns: Vec<&str> = key.columns.iter().map(|pair| &*pair.key).collect();
    let are_taken = columns.iter().all(|column| table.can_set(column));
    let same = table.same("t").filter(|_| are_taken)?;
    Some((same, Table::differ("t", &columns)))
}

/// How many rows there are.
pub(super) async fn count(client: &Client, from: &str) -> Result<u64, PutBackError> {
    let query = format!("select pg_catalog.count(*) from {from}");
    let messages = client.simple_query(&query).await;
    let messages = messages.map_err(PutBackError::server("look for rows that refer to others"))?;
    Ok(first_value(&messages).and_then(|rows| rows.parse().ok()).unwrap_or_default())
}

fn refuse(references: Vec<Reference>) -> Result<(), PutBackError> {
    if references.is_empty() { Ok(()) } else { Err(PutBackError::Referred { references }) }
}

impl Reference {
    fn of(key: &ForeignKey, table: &Table<'_>, rows: u64) -> Option<Self> {
        let (from, constraint) = (format!("{}.{}", key.schema, key.table), key.root.name.clone());
        let refers_to = table.entry.to_string();
        (rows > 0).then_some(Self { table: from, constraint, refers_to, rows })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, constraint, refers_to, rows } = self;
        let rows = words::counted(*rows, "row", "rows");
        write!(
            formatter,
            "by {constraint}, {rows} of {table} refer to rows of {refers_to} that the backup has not, or has with another key"
        )
    }
}
