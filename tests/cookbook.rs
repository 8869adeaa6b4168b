//! The recipes of docs/cookbook.md, on rows as people have them, with the release before at work where a recipe bears it.

mod dedupe;
mod enum_change;
mod json_to_columns;
mod key_type;
mod merge_tables;
mod normalise;
mod page;
mod reencrypt;
mod split_column;
mod tenant_split;
mod timestamptz;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hardtack::{Back, DowngradeOptions, Migrator, RevisionSet, Target, UpgradeOptions};
use tokio::task::JoinHandle;

use crate::support::TestDatabase;

/// A database with a recipe's revisions.
struct Kitchen {
    database: TestDatabase,
    migrator: Migrator,
}

impl Kitchen {
    /// At version 1, with those rows.
    async fn new(revisions: &RevisionSet, rows: &str) -> Self {
        let database = TestDatabase::empty().await;
        let kitchen = Self { migrator: database.migrator(revisions), database };
        kitchen.up(1).await;
        kitchen.database.execute(rows).await;
        kitchen
    }

    async fn try_up(&self, version: i64) -> Result<(), String> {
        let options = UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
        self.migrator.upgrade(options).await.map(drop).map_err(|error| error.to_string())
    }

    async fn up(&self, version: i64) {
        self.try_up(version).await.unwrap_or_else(|error| panic!("up to {version}: {error}"));
    }

    async fn try_down(&self, version: i64) -> Result<(), String> {
        let options = DowngradeOptions { back: Back::To(version), agreed: None };
        self.migrator.downgrade(options).await.map(drop).map_err(|error| error.to_string())
    }

    async fn down(&self, version: i64) {
        self.try_down(version).await.unwrap_or_else(|error| panic!("down to {version}: {error}"));
    }

    /// Rows as the server writes a record: a null is nothing, an empty text is two quotation marks.
    async fn rows(&self, query: &str) -> Vec<String> {
        self.database.column(&format!("select row (found.*)::text from ({query}) as found")).await
    }

    async fn value(&self, query: &str) -> String {
        self.database.value(query).await
    }

    async fn execute(&self, statements: &str) {
        self.database.execute(statements).await;
    }

    /// What the server says to a statement that it has to refuse.
    async fn refused(&self, statement: &str) -> String {
        let connection = self.database.connect().await;
        let error = connection.client.batch_execute(statement).await.expect_err(statement);
        error.as_db_error().expect("the server refuses it").message().to_owned()
    }
}

/// A release at work: it runs one statement after the other, and none of them may fail.
struct Application {
    stop: Arc<AtomicBool>,
    work: JoinHandle<u64>,
}

impl Application {
    fn start(kitchen: &Kitchen, statement: impl Fn(u64) -> String + Send + 'static) -> Self {
        let (stop, options) = (Arc::new(AtomicBool::new(false)), kitchen.database.options.clone());
        let stopped = Arc::clone(&stop);
        let work = tokio::spawn(async move {
            let connection = hardtack::db::connect(&options, "application").await.unwrap();
            let mut number = 0;
            while !stopped.load(Ordering::Relaxed) {
                number += 1;
                let statement = statement(number);
                let ran = connection.client.batch_execute(&statement).await;
                ran.unwrap_or_else(|error| panic!("the application's {statement}: {error:?}"));
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
            number
        });
        Self { stop, work }
    }

    /// How many statements it ran.
    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.work.await.expect("no statement of the application fails")
    }
}

/// Each down gives the catalog back. The recipe that wants the application's keys is not here: its own test compares.
#[tokio::test]
async fn every_down_gives_the_schema_back() {
    use hardtack_cookbook as recipes;
    for (name, set) in [
        ("split_column", &recipes::split_column::REVISIONS),
        ("merge_tables", &recipes::merge_tables::REVISIONS),
        ("normalise", &recipes::normalise::REVISIONS),
        ("dedupe", &recipes::dedupe::REVISIONS),
        ("key_type", &recipes::key_type::REVISIONS),
        ("json_to_columns", &recipes::json_to_columns::REVISIONS),
        ("enum_change", &recipes::enum_change::REVISIONS),
        ("tenant_split", &recipes::tenant_split::REVISIONS),
        ("timestamptz", &recipes::timestamptz::REVISIONS),
    ] {
        assert_eq!(crate::stairway::faults(set).await, Vec::<String>::new(), "{name}");
    }
}
