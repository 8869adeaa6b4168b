use std::fmt;

use serde::Serialize;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::config::HistoryTable;
use crate::db::{ServerMessage, quote_literal};

/// Everything that a schema's history makes, object by object, in order of kind and identity.
///
/// Listed are schemas, extensions, tables, columns, constraints, indexes, views, functions, procedures, aggregates,
/// triggers, rules, policies, types, sequences and comments. Left out are system schemas, what belongs to an extension,
/// the history table and hardtack's own tables; and what differs between two databases of one history: owners and
/// grants, the order of columns, and where a sequence stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The objects.
    pub objects: Vec<Object>,
}

/// One object of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    /// What it is: `table`, `column`, `index` ..
    pub kind: String,
    /// Its name, qualified and quoted; a function's with its arguments, a trigger's after its table's.
    pub identity: String,
    /// What the server says of it, in one form whatever the session's settings.
    pub definition: String,
}

/// Why a catalog could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("list the catalog: {}", ServerMessage(.source))]
pub struct CatalogError {
    /// What the server said.
    #[from]
    source: tokio_postgres::Error,
}

/// One form of names, numbers, times and bytes, whatever server, database or role say; read only, and of one moment.
const SESSION: &str = "begin isolation level repeatable read read only; \
    select pg_catalog.set_config(name, value, true) from (values ('search_path', ''), ('timezone', 'UTC'), \
        ('datestyle', 'ISO, YMD'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'), \
        ('bytea_output', 'hex'), ('quote_all_identifiers', 'off')) as setting (name, value)";

/// Lists a catalog in one round trip. The session must be outside a transaction.
pub(crate) async fn list(client: &Client, table: &HistoryTable) -> Result<Listing, CatalogError> {
    let query = include_str!("listing.sql")
        .replace("{history_table}", &quote_literal(&table.to_string()))
        .replace("{history_schema}", &quote_literal(table.schema()));
    let messages = match client.simple_query(&format!("{SESSION};\n{query};\ncommit")).await {
        Ok(messages) => messages,
        Err(source) => {
            // On a connection that broke the server rolls back by itself.
            let _ = client.batch_execute("rollback").await;
            return Err(source.into());
        }
    };
    let mut objects: Vec<Object> = messages.iter().filter_map(object).collect();
    objects.sort();
    Ok(Listing { objects })
}

/// The rows of the settings have one column only.
fn object(message: &SimpleQueryMessage) -> Option<Object> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let text = |column| row.try_get(column).ok().map(|text| text.unwrap_or_default().to_owned());
    Some(Object { kind: text(0)?, identity: text(1)?, definition: text(2)? })
}

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.identity)
    }
}
