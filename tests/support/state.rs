use std::collections::BTreeMap;

use hardtack::{ConnectError, Error, Migrator};

use super::TestDatabase;

/// What a database holds, told by SQL of the server's own and by the catalog's fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) fingerprint: String,
    /// Of each ordinary table but hardtack's own: rows, and the sum of a hash of each.
    pub(crate) tables: BTreeMap<String, (u64, String)>,
}

const TABLES: &str = "select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and n.nspname not in ('hardtack', 'information_schema') and n.nspname not like 'pg\\_%' order by 1";

impl State {
    /// The rows of all tables.
    pub(crate) fn rows(&self) -> u64 {
        self.tables.values().map(|(rows, _)| rows).sum()
    }
}

impl TestDatabase {
    /// What it holds now.
    pub(crate) async fn state(&self, migrator: &Migrator) -> State {
        // A login in the very moment in which a killed restore still changes names is told that there is no such database.
        let mut catalog = migrator.catalog().await;
        while let Err(Error::Connect(ConnectError::DatabaseMissing { .. })) = catalog {
            catalog = migrator.catalog().await;
        }
        let fingerprint = catalog.expect("the catalog can be read").fingerprint();
        let mut tables = BTreeMap::new();
        for table in self.column(TABLES).await {
            let query = format!(
                "select count(*) || ' ' || coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint::numeric), 0) \
                 from only {table} t"
            );
            let found = self.value(&query).await;
            let (rows, hash) = found.split_once(' ').expect("two values");
            tables.insert(table, (rows.parse().expect("a number"), hash.to_owned()));
        }
        State { fingerprint, tables }
    }

    /// Puts up to so many rows into each table.
    pub(crate) async fn fill(&self, rows: u64) {
        self.execute(&include_str!("fill.sql").replace("{rows}", &rows.to_string())).await;
    }
}
