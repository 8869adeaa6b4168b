//! Locks that are not to be had: who holds them, how often it is tried, what the application feels.

use std::time::{Duration, Instant};

use hardtack::{Event, StepError, UpgradeOptions};

use crate::support::{TestDatabase, revisions};

const TABLE: [(&str, &str); 1] = [("V1__busy.sql", "create table busy (id int);")];

async fn busy() -> TestDatabase {
    let database = TestDatabase::empty().await;
    database.migrator(&revisions(&TABLE)).upgrade(UpgradeOptions::default()).await.unwrap();
    database
}

fn widened() -> hardtack::RevisionSet {
    revisions(&[TABLE[0], ("V2__wide.sql", "alter table busy add column wide text;")])
}

#[tokio::test]
async fn who_holds_the_lock_is_named() {
    let database = busy().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let pid = blocker.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get::<_, i32>(0);
    let migrator =
        database.migrator(&widened()).with_lock_timeout(Duration::from_secs(2)).with_lock_retries(1);
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err();
    let text = error.to_string();
    let hardtack::Error::Step(StepError::Blocked { blockers, attempts: 2, .. }) = &error else {
        panic!("{text}");
    };
    assert_eq!(blockers.iter().map(|blocker| blocker.pid).collect::<Vec<_>>(), [pid]);
    assert_eq!(blockers[0].state, "idle in transaction");
    assert!(text.contains("lock timeout") && text.contains("tried 2 times"), "{text}");
    assert!(text.contains(&format!("pg_terminate_backend({pid})")), "{text}");
    assert!(text.contains("it was rolled back"), "{text}");
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn a_lock_that_becomes_free_is_had_at_a_later_attempt() {
    let database = busy().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let (sender, mut retries) = tokio::sync::mpsc::unbounded_channel();
    let migrator =
        database.migrator(&widened()).with_lock_timeout(Duration::from_millis(200)).on_event(move |event| {
            if let Event::Retrying { attempt, .. } = event {
                sender.send(*attempt).unwrap();
            }
        });
    let run = tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await });
    assert_eq!(retries.recv().await, Some(1));
    blocker.client.batch_execute("commit").await.unwrap();
    run.await.unwrap().unwrap();
    assert_eq!(database.applied().await, [1, 2]);
    let log =
        "select string_agg((error is null)::text, ' ' order by id) from hardtack.step where version = 2";
    assert_eq!(database.value(log).await, "true");
}

/// Whatever queues behind a waiting ALTER TABLE is let through when its lock timeout ends.
#[tokio::test]
async fn the_application_is_held_up_no_longer_than_the_lock_timeout() {
    let database = busy().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let timeout = Duration::from_millis(500);
    let migrator = database.migrator(&widened()).with_lock_timeout(timeout).with_lock_retries(1);
    let run = tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await });
    let application = database.connect().await;
    let mut longest = Duration::ZERO;
    while !run.is_finished() {
        let started = Instant::now();
        application.client.batch_execute("select count(*) from busy").await.unwrap();
        longest = longest.max(started.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.await.unwrap().unwrap_err();
    assert!(longest > timeout / 2, "the application did queue: {longest:?}");
    // Two cores and a whole test suite beside it.
    assert!(longest < timeout + Duration::from_secs(5), "{longest:?}");
}

#[tokio::test]
async fn a_stop_ends_the_pause_between_attempts() {
    let database = busy().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let stop = hardtack::StopSignal::new();
    let asked = stop.clone();
    let migrator =
        database.migrator(&widened()).with_lock_timeout(Duration::from_millis(100)).with_stop(stop).on_event(
            move |event| {
                if matches!(event, Event::Retrying { .. }) {
                    asked.request();
                }
            },
        );
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.outcome, hardtack::RunOutcome::Stopped);
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn statements_without_a_transaction_are_tried_again_one_by_one() {
    let database = busy().await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let text = "-- hardtack: no-transaction\ncreate table first ();\nalter table busy add column wide text;";
    let set = revisions(&[TABLE[0], ("V2__wide.sql", text)]);
    let (sender, mut retries) = tokio::sync::mpsc::unbounded_channel();
    let migrator =
        database.migrator(&set).with_lock_timeout(Duration::from_millis(200)).on_event(move |event| {
            if let Event::Resuming { done, .. } = event {
                sender.send(*done).unwrap();
            }
        });
    let run = tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await });
    assert_eq!(retries.recv().await, Some(1), "the second attempt begins behind the first statement");
    blocker.client.batch_execute("commit").await.unwrap();
    run.await.unwrap().unwrap();
    assert_eq!(database.applied().await, [1, 2]);
}
