//! The test kit, as an application's tests use it.

mod asserting;
mod reusing;
mod sharing;

use std::process::Command;

use hardtack::Migrator;
use hardtack::testing::{DatabaseState, Setup, TestDatabase};

use crate::migrations::REVISIONS;

/// An ignored test of this binary, in a process of its own.
fn test_alone(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command
}

#[hardtack::test(REVISIONS)]
async fn a_test_has_a_database_at_the_head(db: TestDatabase) {
    let status = db.migrator().status().await.unwrap();
    assert_eq!((status.current, status.head), (REVISIONS.head(), REVISIONS.head()));
    assert_eq!(db.value("select count(*) from accounts").await, "0");
}

#[hardtack::test(REVISIONS, at = 7, fixtures("testing/accounts.sql", another))]
async fn a_test_begins_in_the_middle_of_history_with_rows(
    db: TestDatabase,
) -> Result<(), tokio_postgres::Error> {
    assert_eq!(db.value("select max(version) from refinery_schema_history").await, "7");
    let session = db.connect().await;
    let row = session.client.query_one("select count(*) from accounts", &[]).await?;
    assert_eq!(row.get::<_, i64>(0), 3);
    db.upgrade_to(8).await;
    assert_eq!(
        db.value("select string_agg(email, ' ' order by display_name) from accounts").await,
        "ada@example.com grace@example.com mary@example.com"
    );
    db.downgrade_to(6).await;
    assert_eq!(db.value("select max(version) from refinery_schema_history").await, "6");
    Ok(())
}

async fn another(db: &TestDatabase) {
    db.execute("insert into accounts (email, display_name) values ('MARY@example.com', 'Mary')").await;
}

#[hardtack::test(REVISIONS, at = 0)]
async fn a_test_may_begin_with_nothing(db: TestDatabase) {
    assert_eq!(
        db.value("select count(*) from pg_class where relname = 'refinery_schema_history'").await,
        "0"
    );
    db.upgrade().await;
    assert_eq!(db.value("select count(*) from accounts").await, "0");
}

fn in_another_table(migrator: Migrator) -> Migrator {
    migrator.with_history_table(hardtack::HistoryTable::new("public", "history").unwrap())
}

#[hardtack::test(REVISIONS, migrator = in_another_table)]
async fn the_applications_own_migrator_is_taken(db: TestDatabase) {
    let expected = REVISIONS.len().to_string();
    assert_eq!(db.value("select count(*) from history").await, expected);
}

#[hardtack::test(REVISIONS)]
#[should_panic = "relation \"nowhere\" does not exist"]
async fn what_the_server_says_fails_the_test(db: TestDatabase) {
    db.execute("select * from nowhere").await;
}

#[tokio::test]
async fn what_two_tests_write_the_other_does_not_see() {
    let setup = Setup::new(&REVISIONS);
    let (one, two) =
        (TestDatabase::create(&setup).await.unwrap(), TestDatabase::create(&setup).await.unwrap());
    let insert = "insert into accounts (email, display_name) values ('ada@example.com', 'Ada')";
    one.execute(insert).await;
    let (first, second): (DatabaseState, DatabaseState) = (one.state().await, two.state().await);
    assert_eq!(first.fingerprint(), second.fingerprint());
    let told = first.differences(&second);
    assert_eq!(told[0], "public.accounts: there are 0 rows, and there were 1");
    // A trigger writes there.
    assert!(told.len() == 2 && told[1].starts_with("public.audit_log:"), "{told:?}");
    two.execute(insert).await;
    two.execute("update accounts set created_at = '2026-01-01'").await;
    let told = first.differences(&two.state().await);
    assert_eq!(told[0], "public.accounts: there are 1 rows as there were, and some are others");
    two.execute("create table left_over ()").await;
    let told = first.differences(&two.state().await);
    assert!(told.iter().any(|line| line.contains("left_over")), "{told:?}");
}
