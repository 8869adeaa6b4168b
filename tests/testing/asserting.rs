use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use hardtack::prelude::*;
use hardtack::testing::{Setup, TestDatabase};
use hardtack::{RevisionSet, Transaction};

use crate::migrations::REVISIONS;
use crate::support::{Folder, hardtack, revisions, rust_revisions};

async fn of(set: &RevisionSet, version: i64) -> TestDatabase {
    TestDatabase::create(&Setup::new(set).at(version)).await.unwrap()
}

/// Why an assertion fails.
async fn failure<T>(assertion: impl Future<Output = T>) -> String {
    let panic = AssertUnwindSafe(assertion).catch_unwind().await.err().expect("it fails");
    panic.downcast_ref::<String>().expect("with words").clone()
}

#[hardtack::test(REVISIONS)]
async fn the_reference_stands_up_to_all_of_it(db: TestDatabase) {
    db.assert_no_drift().await;
    db.assert_idempotent().await;
    let stairs = db.assert_reversible().await;
    assert_eq!(stairs.len(), REVISIONS.len());
}

#[tokio::test]
async fn a_down_that_leaves_something_is_named() {
    let set = revisions(&[
        ("V1__one.sql", "create table one (id int);"),
        ("V1__one.down.sql", "drop table one;"),
        ("V2__two.sql", "create table two (id int); create table three (id int);"),
        ("V2__two.down.sql", "drop table two;"),
    ]);
    let told = failure(of(&set, 0).await.assert_reversible()).await;
    assert!(told.contains("V2__two.down.sql") && told.contains("table public.three"), "{told}");
    assert!(!told.contains("V1__one"), "{told}");
}

#[tokio::test]
async fn drift_is_named() {
    let set = revisions(&[("V1__one.sql", "create table one (id int);")]);
    let db = of(&set, 1).await;
    db.assert_no_drift().await;
    db.execute("alter table one add column extra int").await;
    let told = failure(db.assert_no_drift()).await;
    assert!(told.contains("extra"), "{told}");
}

#[tokio::test]
async fn what_a_down_loses_is_named() {
    let set = revisions(&[
        ("V1__one.sql", "create table one (id int); create table kept (id int);"),
        ("V2__name.sql", "alter table one add column name text;"),
        ("V2__name.down.sql", "alter table one drop column name;"),
    ]);
    let db = of(&set, 2).await;
    db.execute("insert into kept values (1)").await;
    db.assert_lossless(1).await;
    db.execute("insert into one values (1, 'Ada')").await;
    let told = failure(db.assert_lossless(1)).await;
    assert!(told.contains("public.one: there are 1 rows as there were") && !told.contains("kept"), "{told}");
}

mod adds {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table if not exists made (id int); insert into made values (1)").await
    }
}

mod settles {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table if not exists made (id int primary key)").await?;
        context.batch_execute("insert into made values (1) on conflict do nothing").await
    }
}

#[tokio::test]
async fn what_does_something_else_the_second_time_is_named() {
    let sound = rust_revisions(&[(settles::__hardtack_up, Transaction::None)]);
    assert_eq!(of(&sound, 0).await.assert_idempotent().await, ["V1__rust"]);
    let unsound = rust_revisions(&[(adds::__hardtack_up, Transaction::None)]);
    let told = failure(of(&unsound, 0).await.assert_idempotent()).await;
    assert!(told.contains("V1__rust changes something when it runs again"), "{told}");
    assert!(told.contains("public.made: there are 2 rows, and there were 1"), "{told}");
    // In a transaction it cannot be run twice.
    let whole = rust_revisions(&[(adds::__hardtack_up, Transaction::PerRevision)]);
    assert_eq!(of(&whole, 0).await.assert_idempotent().await, Vec::<String>::new());
}

#[hardtack::test(REVISIONS, at = 7, fixtures("accounts.sql"))]
async fn an_older_backup_is_upgraded(db: TestDatabase) {
    let folder = Folder::new(&[]);
    let taken = hardtack(folder.path(), Some(db.url()), &["--format", "json", "backup"]);
    let taken: serde_json::Value = serde_json::from_str(&taken.stdout).expect(&taken.stderr);
    let path = folder.path().join(taken["path"].as_str().unwrap());
    let path = path.to_str().unwrap();
    db.assert_upgrade_from(path).await;
    // What is restored went, and this one is where it was.
    let beside = "select count(*) from pg_database where datname = current_database() || '_from'";
    assert_eq!(db.value(beside).await, "0");
    assert_eq!(db.value("select max(version) from refinery_schema_history").await, "7");
    let told = failure(db.assert_upgrade_from(&format!("{path}-of-yesterday"))).await;
    assert!(told.contains("of-yesterday"), "{told}");
}
