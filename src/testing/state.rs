use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::TestDatabase;
use super::database::fail;
use crate::catalog::{Catalog, differences};
use crate::db::{ServerMessage, first_value, quote_identifier, quote_literal};

/// What a database holds, for comparing: its catalog, and what is in each table. Of hardtack's own tables and the history there is
/// nothing, for they tell when something happened.
#[derive(Clone, Debug)]
pub struct DatabaseState {
    catalog: Catalog,
    /// By schema and name.
    pub tables: BTreeMap<String, TableState>,
}

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableState {
    /// How many rows.
    pub rows: u64,
    /// The sum of a hash of each; the order of rows has no part in it.
    pub hash: String,
}

impl DatabaseState {
    /// The fingerprint of the catalog, by which two of one server's version can be compared.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.catalog.fingerprint()
    }

    /// What another one has otherwise, a line for each object and each table.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut told = self.catalog_differences(other);
        told.extend(self.row_differences(other));
        told
    }

    pub(super) fn catalog_differences(&self, other: &Self) -> Vec<String> {
        differences(&self.catalog, &other.catalog).iter().map(ToString::to_string).collect()
    }

    /// Of the tables that both have, and those that one has not.
    pub(super) fn row_differences(&self, other: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> =
            self.tables.keys().chain(other.tables.keys()).collect();
        let told =
            names.into_iter().filter_map(|name| match (self.tables.get(name), other.tables.get(name)) {
                (Some(one), Some(two)) if one == two => None,
                (Some(one), Some(two)) if one.rows == two.rows => {
                    Some(format!("{name}: there are {} rows as there were, and some are others", one.rows))
                }
                (Some(one), Some(two)) => {
                    Some(format!("{name}: there are {} rows, and there were {}", two.rows, one.rows))
                }
                (Some(_), None) => Some(format!("{name}: the table is gone")),
                (None, _) => Some(format!("{name}: the table is new")),
            });
        told.collect()
    }
}

/// Tables with rows of their own, but hardtack's and the history.
const TABLES: &str = "select pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname) order by n.nspname, c.relname) \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and n.nspname not in ('hardtack', 'information_schema') and not pg_catalog.starts_with(n.nspname, 'pg_')";

impl TestDatabase {
    /// What it holds now. Reads every table.
    ///
    /// # Panics
    /// The server refuses a query, or answers what is no answer to it.
    pub async fn state(&self) -> DatabaseState {
        let catalog = self.migrator.catalog().await;
        let catalog = catalog.unwrap_or_else(|error| fail(&format!("failed to {error}")));
        let session = self.connect().await;
        let ask = async |query: &str| {
            let answered = session.client.simple_query(query).await;
            answered.unwrap_or_else(|error| {
                fail(&format!("failed to read what the database holds: {}: {query}", ServerMessage(&error)))
            })
        };
        let history = self.migrator.history_table();
        let query = format!(
            "{TABLES} and not (n.nspname = {} and c.relname = {})",
            quote_literal(history.schema()),
            quote_literal(history.table())
        );
        let listed = first_value(&ask(&query).await).unwrap_or_else(|| "[]".to_owned());
        let listed: Vec<(String, String)> = read(&listed, &query);
        let mut tables = BTreeMap::new();
        for (schema, name) in listed {
            let query = format!(
                "select pg_catalog.json_build_array(pg_catalog.count(*), \
                     coalesce(pg_catalog.sum(pg_catalog.hashtextextended(t::pg_catalog.text, 0)), 0)::pg_catalog.text) \
                 from only {}.{} t",
                quote_identifier(&schema),
                quote_identifier(&name)
            );
            let found = first_value(&ask(&query).await).unwrap_or_default();
            let (rows, hash) = read(&found, &query);
            tables.insert(format!("{schema}.{name}"), TableState { rows, hash });
        }
        DatabaseState { catalog, tables }
    }
}

/// What the server has answered; two answers that cannot be read must not pass for equal.
fn read<T: DeserializeOwned>(answer: &str, query: &str) -> T {
    serde_json::from_str(answer).unwrap_or_else(|error| {
        fail(&format!("failed to read what the database holds: {error}: {answer:?} was answered to {query}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_no_state() {
        let (rows, hash): (u64, String) = read("[2, \"7\"]", "select");
        assert_eq!((rows, hash.as_str()), (2, "7"));
        std::panic::catch_unwind(|| read::<(u64, String)>("", "select")).unwrap_err();
    }
}
