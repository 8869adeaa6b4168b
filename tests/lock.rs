//! The migration lock: one run at a time, no deadlock with `CREATE INDEX CONCURRENTLY`, nothing left behind.

use std::time::{Duration, Instant};

use hardtack::engine::{LockError, RunOutcome};
use hardtack::{Error, UpgradeOptions};

use crate::support::{GATE, SLEEPING, TestDatabase, revisions};

const LONG: [(&str, &str); 2] =
    [("V1__one.sql", "create table one (id int);"), ("V2__two.sql", "select pg_sleep(1);")];

/// A waiter blocked inside `pg_advisory_lock` has a snapshot, for which the index build would wait for ever.
#[tokio::test]
async fn waiters_do_not_deadlock_with_a_concurrent_index() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        ("V1__one.sql", "create table one (id int); insert into one select generate_series(1, 200000);"),
        ("V2__wait.sql", "select pg_sleep(0.5);"),
        ("V3__index.sql", "-- hardtack: no-transaction\ncreate index concurrently one_id on one (id);"),
    ]);
    let migrator = database.migrator(&set);
    let runs = (0..6).map(|_| {
        let migrator = migrator.clone();
        tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await })
    });
    let limit = Duration::from_secs(30);
    let finished =
        tokio::time::timeout(limit, futures_util::future::join_all(runs)).await.expect("no deadlock");
    let outcomes: Vec<RunOutcome> = finished.into_iter().map(|run| run.unwrap().unwrap().outcome).collect();
    assert_eq!(
        outcomes.iter().filter(|outcome| **outcome == RunOutcome::Upgraded).count(),
        1,
        "{outcomes:?}"
    );
    assert_eq!(
        database.value("select indisvalid from pg_index where indexrelid = 'one_id'::regclass").await,
        "t"
    );
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_who_holds_the_lock() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&revisions(&[LONG[0], ("V2__two.sql", GATE)]));
    database.close_gate().await;
    let holder = tokio::spawn({
        let migrator = migrator.clone();
        async move { migrator.upgrade(UpgradeOptions::default()).await }
    });
    wait_for_lock(&database).await;
    let started = Instant::now();
    let impatient = migrator.clone().with_lock_wait(Duration::from_millis(200));
    let error = impatient.upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(20));
    let Error::Lock(LockError::Held { holder: Some(who), .. }) = &error else { panic!("{error}") };
    assert!(who.application_name.starts_with("hardtack"), "{who}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    database.open_gate().await;
    assert_eq!(holder.await.unwrap().unwrap().outcome, RunOutcome::Upgraded);
}

#[tokio::test]
async fn a_run_whose_lock_connection_dies_does_not_commit_its_step() {
    let database = TestDatabase::empty().await;
    let migrator =
        database.migrator(&revisions(&[("V1__one.sql", "create table one (); select pg_sleep(5);")]));
    let run = tokio::spawn({
        let migrator = migrator.clone();
        async move { migrator.upgrade(UpgradeOptions::default()).await }
    });
    database.wait_for(SLEEPING).await;
    // The worker, which sleeps, holds a lock too: its own.
    database
        .execute(&format!("select pg_terminate_backend(pid) from {HOLDER} where state like 'idle%'"))
        .await;
    let error = run.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Lock(LockError::Lost)), "{error}");
    assert_eq!(database.value("select to_regclass('one')").await, "null");
    assert_eq!(database.applied().await, Vec::<i64>::new());
}

#[tokio::test]
async fn the_lock_is_free_after_success_and_after_failure() {
    let database = TestDatabase::empty().await;
    let free = format!("select count(*) from {HOLDER}");
    database.migrator(&revisions(&LONG)).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value(&free).await, "0");
    let broken = revisions(&[LONG[0], LONG[1], ("V3__three.sql", "select 1/0;")]);
    database.migrator(&broken).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert_eq!(database.value(&free).await, "0");
}

/// A statement that waits for a table lock gives up before it holds the application's queue up for long.
#[tokio::test]
async fn a_statement_waits_for_a_lock_no_longer_than_it_may() {
    let database = TestDatabase::empty().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("create table busy ()").await.unwrap();
    blocker.client.batch_execute("begin; lock table busy").await.unwrap();
    let own = "-- hardtack: lock-timeout 100ms\nalter table busy add column a int;";
    let error = database
        .migrator(&revisions(&[("V1__busy.sql", own)]))
        .with_lock_retries(0)
        .upgrade(UpgradeOptions::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("lock timeout"), "{error}");
}

const HOLDER: &str = "(select l.pid, a.state from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' \
    and l.granted and a.datname = current_database()) holder";

async fn wait_for_lock(database: &TestDatabase) {
    database.wait_for(&format!("select count(*) > 0 from {HOLDER}")).await;
}
