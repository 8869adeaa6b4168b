use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use hardtack::db::embedded::{Embedded, EmbeddedServer};
use hardtack::db::{connect, quote_literal};
use hardtack::{Migrator, RevisionSet};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::SimpleQueryMessage;

use crate::Result;

/// A private cluster for the report.
#[derive(Debug)]
pub(crate) struct Cluster {
    runtime: Runtime,
    server: EmbeddedServer,
}

impl Cluster {
    /// On disk, as durable as PostgreSQL is by default.
    pub(crate) fn durable(home: &Path) -> Result<Self> {
        Self::start(Embedded::new(home))
    }

    /// Without flushes, to see what is left of a time.
    pub(crate) fn without_flushes() -> Result<Self> {
        Self::start(Embedded::scratch())
    }

    fn start(server: Embedded) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // It would wake up in the midst of some runs.
        let server = runtime.block_on(server.setting("autovacuum", "off").start())?;
        Ok(Self { runtime, server })
    }

    pub(crate) fn stop(self) -> Result<()> {
        self.runtime.block_on(self.server.stop())?;
        Ok(())
    }

    pub(crate) fn version(&self) -> &str {
        self.server.version()
    }

    /// The socket itself.
    pub(crate) fn socket(&self) -> PathBuf {
        let (directory, port) = self.server.options().address().unwrap_or(("/tmp", 5432));
        Path::new(directory).join(format!(".s.PGSQL.{port}"))
    }

    /// A database's URL over the unix socket.
    pub(crate) fn url(&self, database: &str) -> String {
        let (directory, port) = self.server.options().address().unwrap_or(("/tmp", 5432));
        let directory = directory.replace('%', "%25").replace('/', "%2F");
        format!("postgres://{}@{directory}:{port}/{database}", self.user())
    }

    /// A database's URL through a proxy's port.
    pub(crate) fn url_through(&self, port: u16, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{port}/{database}?sslmode=disable", self.user())
    }

    pub(crate) fn user(&self) -> &str {
        self.server.options().user()
    }

    /// A new and empty database.
    pub(crate) fn create(&self, database: &str) -> Result<()> {
        self.drop(database)?;
        self.admin(&format!("create database {database} template template0"))
    }

    /// A copy of a database that nobody is in.
    pub(crate) fn copy(&self, database: &str, template: &str) -> Result<()> {
        self.admin(&format!("create database {database} template {template} strategy file_copy"))
    }

    pub(crate) fn drop(&self, database: &str) -> Result<()> {
        self.admin(&format!("drop database if exists {database} with (force)"))
    }

    /// Removes the databases that the test kit keeps.
    pub(crate) fn drop_kept_by_tests(&self) -> Result<()> {
        let list = "select string_agg(datname, ' ') from pg_database where datname ~ '^hardtack_(template|idle|scratch)_'";
        let kept = self.value("postgres", list)?.unwrap_or_default();
        kept.split_whitespace().try_for_each(|database| self.drop(database))
    }

    /// Writes what is dirty now, so that it is not written within a run.
    pub(crate) fn checkpoint(&self) -> Result<()> {
        self.admin("checkpoint")
    }

    fn admin(&self, statement: &str) -> Result<()> {
        self.value("postgres", statement).map(drop)
    }

    /// Runs statements as one message, and so as one transaction.
    pub(crate) fn execute(&self, database: &str, statements: &str) -> Result<()> {
        self.value(database, statements).map(drop)
    }

    /// Connects, reads the catalog, and says how many objects it has.
    pub(crate) fn objects(&self, database: &str) -> Result<usize> {
        let options = self.server.options().clone().with_database(database);
        let migrator = Migrator::new(&RevisionSet::from_revisions(Vec::new()), options);
        let catalog = self.runtime.block_on(migrator.catalog())?;
        Ok(catalog.objects.len())
    }

    /// Fails unless a run did what it was measured for.
    pub(crate) fn expect_rows(&self, database: &str, table: &str, expected: impl Display) -> Result<()> {
        let rows = self.count(database, table)?;
        if rows == expected.to_string() {
            return Ok(());
        }
        Err(format!("{database}: {table} has {} rows instead of {expected}", quote_literal(&rows)).into())
    }

    /// The number of rows, in digits.
    pub(crate) fn count(&self, database: &str, table: &str) -> Result<String> {
        let query = format!("select count(*)::text from {table}");
        Ok(self.value(database, &query)?.unwrap_or_default())
    }

    /// The transactions that a database has seen so far.
    pub(crate) fn transactions(&self, database: &str) -> Result<i64> {
        let query = format!(
            "select (xact_commit + xact_rollback)::text from pg_stat_database where datname = {}",
            quote_literal(database)
        );
        Ok(self.value("postgres", &query)?.unwrap_or_default().parse()?)
    }

    /// Runs a statement in a transaction and leaves that open and idle for a time. Tells when the statement is done.
    pub(crate) fn hold(
        &self,
        database: &str,
        statement: &str,
        time: Duration,
        open: &Sender<()>,
    ) -> Result<()> {
        let options = self.server.options().clone().with_database(database);
        self.runtime.block_on(async {
            let connection = connect(&options, "reader").await?;
            connection.client.batch_execute(&format!("begin; {statement}")).await?;
            open.send(())?;
            tokio::time::sleep(time).await;
            connection.client.batch_execute("commit").await?;
            connection.close().await;
            Ok(())
        })
    }

    fn value(&self, database: &str, statement: &str) -> Result<Option<String>> {
        let options = self.server.options().clone().with_database(database);
        self.runtime.block_on(async {
            let connection = connect(&options, "bench").await?;
            let messages = connection.client.simple_query(statement).await?;
            connection.close().await;
            Ok(messages.into_iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            }))
        })
    }
}
