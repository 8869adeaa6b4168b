//! What there is to back up, as one snapshot sees it.

use std::time::Duration;

use serde::Deserialize;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::{BackupError, ColumnEntry, Content, Manifest, SESSION, content::content_of_query};
use crate::catalog::{self, Catalog};
use crate::config::{HistoryTable, Role};
use crate::db::{
    ConnectOptions, Connection, DatabaseTraits, as_role, connect, first_value, quote_identifier,
    quote_literal, values_of,
};

/// A session that holds a snapshot, which others can read by.
pub(crate) struct Snapshot {
    connection: Connection,
    /// What others call it by.
    pub(super) id: String,
}

/// What the snapshot shows.
pub(super) struct Survey {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) system: Option<String>,
    pub(super) traits: DatabaseTraits,
    pub(super) catalog: Catalog,
    pub(super) tables: Vec<SurveyedTable>,
    /// Whether there are large objects.
    pub(super) has_large_objects: bool,
}

/// A table that holds rows.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SurveyedTable {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) bytes: u64,
    /// Its pages of 8 kB.
    pub(super) pages: u64,
    pub(super) columns: Vec<ColumnEntry>,
    /// Whether it belongs to an extension, which makes it, and rows in it, itself.
    pub(super) of_extension: bool,
}

/// Ordinary tables with rows of their own.
const TABLES: &str = "select coalesce(pg_catalog.jsonb_agg(t), '[]') from ( \
    select c.oid::pg_catalog.int8 as oid, n.nspname as schema, c.relname as name, \
        pg_catalog.pg_table_size(c.oid) as bytes, \
        pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8 as pages, \
        (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', a.attname, \
                'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]') \
            from pg_catalog.pg_attribute a \
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns, \
        exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
            and d.objid = c.oid and d.deptype = 'e') as of_extension \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and c.relpersistence in ('p', 'u') and n.nspname <> 'information_schema' \
        and not pg_catalog.starts_with(n.nspname, 'pg_') \
    order by n.nspname, c.relname) t";

const DATABASE: &str = "select pg_catalog.pg_database_size(pg_catalog.current_database()); \
    select exists (select from pg_catalog.pg_largeobject_metadata)";

/// Of each large object its number, and the hash of the hashes of its pieces of 1 MiB: one of 4 TB is in nobody's memory as a
/// whole. The last piece is the first that is shorter.
const LARGE_OBJECTS: &str = "select m.oid, ( \
        with recursive pieces (number, hash, bytes) as ( \
            select 0::pg_catalog.int8, pg_catalog.sha256(p.piece), pg_catalog.length(p.piece) \
                from pg_catalog.lo_get(m.oid, 0, 1048576) p (piece) \
            union all \
            select number + 1, pg_catalog.sha256(p.piece), pg_catalog.length(p.piece) \
                from pieces, pg_catalog.lo_get(m.oid, (number + 1) * 1048576, 1048576) p (piece) where bytes = 1048576) \
        select pg_catalog.encode(pg_catalog.sha256(pg_catalog.string_agg(hash, '' order by number)), 'hex') from pieces) \
    from pg_catalog.pg_largeobject_metadata m";

impl Snapshot {
    /// Takes one, in a transaction that reads and stays open.
    pub(super) async fn take(
        options: &ConnectOptions,
        role: Option<&Role>,
        lock_wait: Duration,
        application_name: &str,
    ) -> Result<Self, BackupError> {
        let connection = connect(options, application_name).await?;
        let text = format!(
            "begin isolation level repeatable read read only; {}{SESSION}; set local lock_timeout = {}; \
             select pg_catalog.pg_export_snapshot()",
            as_role(role),
            lock_wait.as_millis(),
        );
        let messages = connection.client.simple_query(&text).await.map_err(reading("take a snapshot"))?;
        let id = values_of(&messages).pop().unwrap_or_default();
        Ok(Self { connection, id })
    }

    /// Its session.
    pub(super) fn client(&self) -> &Client {
        &self.connection.client
    }

    /// The server's version, as `server_version_num` has it.
    pub(super) fn server_version(&self) -> u32 {
        self.connection.server_version_num()
    }

    /// Another session that sees the same.
    pub(super) async fn join(
        &self,
        options: &ConnectOptions,
        role: Option<&Role>,
        application_name: &str,
    ) -> Result<Connection, BackupError> {
        let connection = connect(options, application_name).await?;
        let text = format!(
            "begin isolation level repeatable read read only; set transaction snapshot {}; {}{SESSION}",
            quote_literal(&self.id),
            as_role(role)
        );
        connection.client.batch_execute(&text).await.map_err(reading("take up the snapshot"))?;
        Ok(connection)
    }

    /// Locks the tables against whoever would empty or rewrite them, which no snapshot is proof against; false where somebody
    /// has done so since the snapshot was taken.
    pub(super) async fn hold(&self, tables: &[SurveyedTable]) -> Result<bool, BackupError> {
        if tables.is_empty() {
            return Ok(true);
        }
        let names: Vec<String> = tables.iter().map(|table| format!("only {}", table.qualified())).collect();
        let lock = format!("lock table {} in access share mode", names.join(", "));
        match self.client().batch_execute(&lock).await {
            Ok(()) => {}
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(false),
            Err(error) => return Err(reading("lock the tables against being emptied")(error)),
        }
        // The function tells what there is now, the column what the snapshot sees.
        let oids: Vec<String> = tables.iter().map(|table| table.oid.to_string()).collect();
        let query = format!(
            "select pg_catalog.count(*) from pg_catalog.pg_class c where c.oid in ({}) \
             and c.relfilenode is distinct from pg_catalog.pg_relation_filenode(c.oid)",
            oids.join(", ")
        );
        let messages = self.client().simple_query(&query).await.map_err(reading("look at the tables"))?;
        Ok(first_value(&messages).as_deref() == Some("0"))
    }

    /// What there is.
    pub(super) async fn survey(&self, history: &HistoryTable) -> Result<Survey, BackupError> {
        let (traits, _, name) =
            DatabaseTraits::of(self.client()).await.map_err(reading("read what the database is like"))?;
        let catalog = catalog::introspect_within(&self.connection, history).await?;
        let messages = self.client().simple_query(TABLES).await.map_err(reading("list the tables"))?;
        let tables = first_value(&messages).unwrap_or_default();
        let tables = serde_json::from_str(&tables)
            .map_err(|error| catalog::CatalogError::Answer { query: "tables", reason: error.to_string() })?;
        let messages = self.client().simple_query(DATABASE).await.map_err(reading("measure the database"))?;
        let values = values_of(&messages);
        let bytes = values.first().and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
        let has_large_objects = values.get(1).is_some_and(|has| has == "t");
        let system = system_of(self.client()).await?;
        Ok(Survey { name, bytes, system, traits, catalog, tables, has_large_objects })
    }
}

impl SurveyedTable {
    /// Schema and name, quoted.
    pub(super) fn qualified(&self) -> String {
        format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.name))
    }
}

/// What stands for all large objects, as the session's transaction sees them.
pub(super) async fn large_objects(client: &Client) -> Result<Content, BackupError> {
    content_of_query(client, LARGE_OBJECTS).await.map_err(reading("read large objects"))
}

/// The number of the session's server; none where its role may not ask.
pub(crate) async fn system_of(client: &Client) -> Result<Option<String>, BackupError> {
    let asked = async |query| client.simple_query(query).await.map_err(reading("ask which server it is"));
    let may = "select pg_catalog.has_function_privilege(pg_catalog.to_regprocedure('pg_catalog.pg_control_system()'), 'execute')";
    if first_value(&asked(may).await?).as_deref() != Some("t") {
        return Ok(None);
    }
    Ok(first_value(&asked("select system_identifier from pg_catalog.pg_control_system()").await?))
}

/// An error of the server while nothing is written.
pub(super) fn reading(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> BackupError {
    move |source| BackupError::Server { action, left: "the database was only read", source }
}

impl Manifest {
    /// `orders-20261128T183120Z-v21-full`: sorts by time, and says what it is.
    pub(super) fn name_of(
        database: &str,
        at: time::OffsetDateTime,
        version: Option<i64>,
        strategy: super::Strategy,
    ) -> String {
        let plain = |letter: char| {
            if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' }
        };
        let database: String = database.chars().map(plain).collect();
        let version = version.map_or("empty".to_owned(), |version| format!("v{version}"));
        format!("{database}-{}-{version}-{strategy}", stamp(at))
    }
}

/// `20261128T183120Z`.
pub(super) fn stamp(at: time::OffsetDateTime) -> String {
    let (date, clock) = (at.date(), at.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
