use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::source::Cells;
use super::{ForeignRow, Tool};
use crate::config::Role;
use crate::db::{ServerMessage, as_role, quote_identifier, quote_literal};
use crate::history::read::rows;

/// A table in which another tool keeps its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForeignTable {
    /// Whose it is, by its columns.
    pub tool: Tool,
    /// The schema, unquoted.
    pub schema: String,
    /// The table, unquoted.
    pub table: String,
}

/// Why another tool's history could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// The catalog could not be asked for such tables.
    #[error("look for another tool's history: {}; nothing was changed", ServerMessage(.source))]
    Search {
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The server refused the query.
    #[error(
        "read the history table {table}: {}; nothing was changed{}",
        ServerMessage(.source),
        if .source.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            "; grant the role USAGE on the schema and SELECT on the table"
        } else {
            ""
        }
    )]
    Unreadable {
        /// The table, quoted.
        table: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
}

impl fmt::Display for ForeignTable {
    /// The qualified, quoted name for SQL.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", quote_identifier(&self.schema), quote_identifier(&self.table))
    }
}

/// Finds the history tables of other tools by name and columns, in one query of the catalog. Without a `table` the
/// names are those that the tools give; `schema` and `table` are unquoted.
pub(crate) async fn find(
    client: &Client,
    schema: Option<&str>,
    table: Option<&str>,
) -> Result<Vec<ForeignTable>, ForeignError> {
    let names: Vec<&str> = match table {
        Some(table) => vec![table],
        None => Tool::ALL.iter().flat_map(|tool| tool.source().tables).copied().collect(),
    };
    let names = names.into_iter().map(quote_literal).collect::<Vec<_>>().join(", ");
    let in_schema =
        schema.map_or_else(String::new, |schema| format!("and n.nspname = {}", quote_literal(schema)));
    let query = format!(
        "select n.nspname, c.relname, a.attname, t.typname from pg_catalog.pg_class c \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
         join pg_catalog.pg_type t on t.oid = a.atttypid \
         where c.relkind in ('r', 'p') and c.relname in ({names}) {in_schema} \
           and n.nspname <> 'information_schema' and pg_catalog.left(n.nspname, 3) <> 'pg_'",
    );
    let rows = cells(client, &query).await.map_err(|source| ForeignError::Search { source })?;
    let mut columns: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for row in rows {
        columns.entry((row.text(0), row.text(1))).or_default().push((row.text(2), row.text(3)));
    }
    let found = columns.into_iter().flat_map(|((schema, name), columns)| {
        let owners = Tool::ALL.into_iter().filter(move |tool| tool.source().owns(&columns));
        // Under a tool's usual name the table is that tool's; dbmate's one column could be anybody's.
        let owners = owners.filter(|tool| table.is_some() || tool.source().tables.contains(&name.as_str()));
        let of = |tool| ForeignTable { tool, schema: schema.clone(), table: name.clone() };
        owners.map(of).collect::<Vec<_>>()
    });
    Ok(found.collect())
}

/// Reads a whole history, as that role where one is given.
pub(crate) async fn read(
    client: &Client,
    table: &ForeignTable,
    role: Option<&Role>,
) -> Result<Vec<ForeignRow>, ForeignError> {
    let source = table.tool.source();
    let query = format!("{}select {} from {table} order by {}", as_role(role), source.select, source.order);
    let rows = cells(client, &query).await;
    let rows = rows.map_err(|source| ForeignError::Unreadable { table: table.to_string(), source })?;
    Ok((source.rows)(&rows))
}

async fn cells(client: &Client, query: &str) -> Result<Vec<Cells>, tokio_postgres::Error> {
    Ok(rows(client, query).await?.iter().map(Cells::of).collect())
}
