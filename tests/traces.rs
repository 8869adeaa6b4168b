//! The spans of a trace: their names, what they say, and what they are inside of.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};

use hardtack::backup::{Place, Strategy};
use hardtack::engine::BackupOptions;
use hardtack::prelude::*;
use hardtack::{Transaction, UpgradeOptions};
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context as LayerContext, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::support::{TestDatabase, revisions, rust_revisions};

/// A span as it was when it was closed.
#[derive(Clone, Debug, Default)]
struct Span {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

/// Keeps the spans of this thread that have been closed.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<Span>>>);

impl Visit for Span {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Captured {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: LayerContext<'_, S>) {
        let found = context.span(id).unwrap();
        let parent = found.parent().map(|parent| parent.name());
        let mut span = Span { name: found.name(), parent, ..Span::default() };
        attributes.record(&mut span);
        found.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: LayerContext<'_, S>) {
        let found = context.span(id).unwrap();
        values.record(found.extensions_mut().get_mut::<Span>().unwrap());
    }

    fn on_close(&self, id: Id, context: LayerContext<'_, S>) {
        let span = context.span(&id).unwrap().extensions().get::<Span>().unwrap().clone();
        self.0.lock().unwrap().push(span);
    }
}

impl Captured {
    fn here() -> (Self, DefaultGuard) {
        // Beside a single subscriber, what tests of other threads do first decides what is of interest to nobody.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Registry::default()));
        LazyLock::force(&SECOND);
        let captured = Self::default();
        let guard = tracing::subscriber::set_default(Registry::default().with(captured.clone()));
        (captured, guard)
    }

    /// The spans of ours with this name, in the order in which they were closed.
    fn named(&self, name: &str) -> Vec<Span> {
        self.0.lock().unwrap().iter().filter(|span| span.name == name).cloned().collect()
    }

    fn only(&self, name: &str) -> Span {
        let [span] = self.named(name).try_into().unwrap_or_else(|spans| panic!("{name}: {spans:#?}"));
        span
    }
}

impl Span {
    fn says(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Whether it says what OpenTelemetry's conventions want of a span about a database.
    fn assert_of(&self, database: &TestDatabase, operation: &str) {
        let (address, port) = database.options.address().unwrap();
        let expected = [
            ("otel.kind", "client"),
            ("db.system.name", "postgresql"),
            ("db.namespace", database.options.database()),
            ("db.operation.name", operation),
            ("server.address", address),
            ("server.port", &port.to_string()),
        ];
        for (field, value) in expected {
            assert_eq!(self.says(field), Some(value), "{field} of {self:#?}");
        }
    }

    fn assert_well(&self) {
        for field in ["error.type", "otel.status_code", "db.response.status_code"] {
            assert_eq!(self.says(field), None, "{self:#?}");
        }
    }
}

#[tokio::test]
async fn an_upgrade_is_a_span_with_one_for_the_lock_and_for_each_step() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[("V1__one.sql", "create table one ();"), ("V2__two.sql", "create table two ();")]);
    let (captured, _guard) = Captured::here();
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    let run = captured.only("hardtack.run");
    run.assert_of(&database, "upgrade");
    run.assert_well();
    assert_eq!(
        (run.says("hardtack.command"), run.says("hardtack.outcome")),
        (Some("upgrade"), Some("succeeded"))
    );
    let lock = captured.only("hardtack.lock");
    lock.assert_of(&database, "lock");
    assert_eq!(lock.parent, Some("hardtack.run"));
    // Those of hardtack's own tables are inside of a span of their own.
    let steps = captured.named("hardtack.step").into_iter();
    let steps: Vec<_> = steps.filter(|step| step.parent == Some("hardtack.run")).collect();
    assert_eq!(steps.len(), 2);
    for (step, (version, name)) in steps.iter().zip([("1", "one"), ("2", "two")]) {
        step.assert_of(&database, "apply");
        step.assert_well();
        assert_eq!(step.says("hardtack.revision.version"), Some(version));
        assert_eq!(step.says("hardtack.revision.name"), Some(name));
        assert_eq!(step.says("hardtack.direction"), Some("up"));
    }
}

#[tokio::test]
async fn a_failure_is_in_the_span_of_the_step_and_of_the_run() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[("V1__one.sql", "create table one (); create table one ();")]);
    let (captured, _guard) = Captured::here();
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err();
    let step = captured.named("hardtack.step").pop().unwrap();
    let run = captured.only("hardtack.run");
    assert_eq!(run.says("hardtack.outcome"), Some("failed"));
    for span in [step, run] {
        assert_eq!(span.says("error.type"), Some("42P07"), "the server's code: {span:#?}");
        assert_eq!(span.says("db.response.status_code"), Some("42P07"));
        assert_eq!(span.says("otel.status_code"), Some("ERROR"));
        assert!(!span.fields.values().any(|value| value.contains("already exists")), "no message: {span:#?}");
    }
    captured.only("hardtack.lock").assert_well();
}

#[tokio::test]
async fn what_the_server_has_no_code_for_has_a_word() {
    let database = TestDatabase::empty().await;
    let edited = |text| revisions(&[("V1__one.sql", text)]);
    database.migrator(&edited("create table one ();")).upgrade(UpgradeOptions::default()).await.unwrap();
    let (captured, _guard) = Captured::here();
    database
        .migrator(&edited("create table other ();"))
        .upgrade(UpgradeOptions::default())
        .await
        .unwrap_err();
    let run = captured.only("hardtack.run");
    assert_eq!(run.says("error.type"), Some("plan"));
    assert_eq!(run.says("db.response.status_code"), None);
}

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        twice TWICE "\"twice\"" "bigint" Option<i64>,
    }
}
use schema::items;

mod doubles {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let twice = context.backfill::<items::Row>("twice").workers(2);
        twice.set_sql(items::TWICE, "id * 2").run().await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_backfill_is_a_span_inside_of_its_function() {
    let database = TestDatabase::empty().await;
    database.execute("create table items (id bigint primary key, twice bigint)").await;
    let set = rust_revisions(&[(doubles::__hardtack_up, Transaction::None)]);
    let (captured, _guard) = Captured::here();
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    let function = captured.only("hardtack.function");
    assert_eq!(function.parent, Some("hardtack.step"));
    assert_eq!(function.says("hardtack.revision.version"), Some("1"));
    let backfill = captured.only("hardtack.backfill");
    backfill.assert_of(&database, "backfill");
    backfill.assert_well();
    assert_eq!(backfill.parent, Some("hardtack.function"));
    assert_eq!(backfill.says("hardtack.backfill.name"), Some("twice"));
    let workers = captured.named("hardtack.worker");
    assert!(workers.iter().all(|worker| worker.parent == Some("hardtack.backfill")), "{workers:#?}");
    assert_eq!(workers.len(), 2);
}

#[tokio::test]
async fn a_backup_is_a_span_inside_of_its_run() {
    let database = TestDatabase::reference().await;
    let folder = tempfile::TempDir::new().unwrap();
    let options = BackupOptions {
        tables: vec!["accounts".to_owned()],
        ..BackupOptions::new(Strategy::Tables, Place::Directory(folder.path().to_owned()))
    };
    let (captured, _guard) = Captured::here();
    database.migrator(&crate::migrations::REVISIONS).backup(&options).await.unwrap();
    let backup = captured.only("hardtack.backup");
    backup.assert_of(&database, "backup");
    backup.assert_well();
    assert_eq!(backup.parent, Some("hardtack.run"));
    assert_eq!(backup.says("hardtack.backup.strategy"), Some("tables"));
}
