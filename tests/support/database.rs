use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hardtack::db::{self, Connection};
use hardtack::{ConnectOptions, Migrator, RevisionSet};

use super::{Cluster, cluster};

/// A database of this test's own. The cluster goes with the test binary, so nothing is dropped.
pub(crate) struct TestDatabase {
    pub(crate) options: ConnectOptions,
    cluster: &'static Cluster,
}

/// Says whether a revision sleeps in this database.
pub(crate) const SLEEPING: &str = "select exists (select from pg_stat_activity where query like '%pg_sleep%' \
    and state = 'active' and datname = current_database() and pid <> pg_backend_pid())";

/// A statement that lasts until the test [lets it go on](TestDatabase::open_gate), however slow the machine is.
pub(crate) const GATE: &str =
    "do $$ begin while exists (select from gate.closed) loop perform pg_sleep(0.02); end loop; end $$;";

/// How long the slowest machine may take for what a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Tries again and again until it is so; an attempt says what it found instead.
pub(crate) async fn patiently<T>(mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match attempt().await {
            Ok(found) => return found,
            Err(found) => assert!(started.elapsed() < PATIENCE, "{found}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// An empty database.
    pub(crate) async fn empty() -> Self {
        Self::with("template template0").await
    }

    /// The reference application's database at its head, cloned from a template that is migrated once.
    pub(crate) async fn reference() -> Self {
        static TEMPLATE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
        TEMPLATE
            .get_or_init(async || {
                cluster().admin("create database reference_template template template0").await;
                let options = cluster().options().with_database("reference_template");
                let migrator = Migrator::new(&crate::migrations::REVISIONS, options);
                migrator.upgrade(hardtack::UpgradeOptions::default()).await.expect("the reference upgrades");
            })
            .await;
        Self::with("template reference_template").await
    }

    /// A database made with those options.
    pub(crate) async fn with(options: &str) -> Self {
        Self::create_in(cluster(), options).await
    }

    /// A database in another cluster.
    pub(crate) async fn create_in(cluster: &'static Cluster, options: &str) -> Self {
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster.admin(&format!("create database {name} {options}")).await;
        Self { options: cluster.options().with_database(name), cluster }
    }

    /// Waits until the server takes connections again.
    pub(crate) async fn wait_until_up(&self) {
        let connected = async || db::connect(&self.options, "test").await;
        patiently(async || {
            connected().await.map_err(|error| format!("the server does not come back: {error}"))
        })
        .await;
    }

    /// Another database of the same cluster.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self { options: self.options.clone().with_database(name), cluster: self.cluster }
    }

    /// A migrator of those revisions on this database.
    pub(crate) fn migrator(&self, revisions: &RevisionSet) -> Migrator {
        Migrator::new(revisions, self.options.clone())
    }

    /// A connection.
    pub(crate) async fn connect(&self) -> Connection {
        db::connect(&self.options, "test").await.expect("the test's database is there")
    }

    /// Runs statements.
    pub(crate) async fn execute(&self, statements: &str) {
        self.connect().await.client.batch_execute(statements).await.expect(statements);
    }

    /// The text of a query's first column, row by row; null is "null".
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        let messages = self.connect().await.client.simple_query(query).await.expect(query);
        let rows = messages.into_iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("null").to_owned()),
            _ => None,
        });
        rows.collect()
    }

    /// The text of a query's only value.
    pub(crate) async fn value(&self, query: &str) -> String {
        self.column(query).await.into_iter().next().unwrap_or_else(|| panic!("no row: {query}"))
    }

    /// Polls until the query says true.
    pub(crate) async fn wait_for(&self, query: &str) {
        let is_so = async || self.value(query).await == "t";
        patiently(async || is_so().await.then_some(()).ok_or_else(|| format!("never came true: {query}")))
            .await;
    }

    /// To be called before [`GATE`] is met.
    pub(crate) async fn close_gate(&self) {
        self.execute("create schema gate create table closed (); insert into gate.closed default values")
            .await;
    }

    /// Lets what has come to [`GATE`] go on.
    pub(crate) async fn open_gate(&self) {
        self.execute("delete from gate.closed").await;
    }

    /// The versions in refinery's history.
    pub(crate) async fn applied(&self) -> Vec<i64> {
        let versions = self.column("select version from refinery_schema_history order by version").await;
        versions.iter().map(|version| version.parse().unwrap()).collect()
    }

    /// The URL, as a process is given it.
    pub(crate) fn url(&self) -> String {
        self.cluster.url(self.options.database())
    }
}
