//! Backfills: each row once, whatever happens meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use hardtack::config::Role;
use hardtack::data::{BackfillControl, Position};
use hardtack::db::connect;
use hardtack::prelude::*;
use hardtack::revisions::RustFn;
use hardtack::{BackfillReport, Migrator, RevisionSet, Throttle, Transaction, UpgradeOptions};

use crate::support::{SLEEPING, Standby, TestDatabase, patiently, rust_revisions};

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        n N "\"n\"" "bigint not null" i64,
        label LABEL "\"label\"" "text" Option<String>,
    }
    hardtack::__table! {
        pairs "\"public\".\"pairs\"";
        tenant TENANT "\"tenant\"" "text not null" String,
        at AT "\"at\"" "timestamp with time zone not null" ::hardtack::types::time::OffsetDateTime,
        n N "\"n\"" "bigint not null" i64,
    }
    hardtack::__table! {
        moods "\"public\".\"moods\"";
        id ID "\"id\"" "bigint not null" i64,
        mood MOOD "\"mood\"" "public.mood not null" super::Mood,
    }
    hardtack::__enum! { Mood "mood";
        Sad "sad",
        Glad "glad",
    }
}
use schema::{Mood, items, moods, pairs};

/// So many items, `n` is 10 times the id.
async fn database(rows: u32) -> TestDatabase {
    let database = TestDatabase::empty().await;
    database
        .execute(&format!(
            "create table items (id bigint primary key, n bigint not null, label text); \
             insert into items select i, i * 10, 'Label ' || i from generate_series(1, {rows}) i; analyze items"
        ))
        .await;
    database
}

fn migrator(database: &TestDatabase, run: RustFn) -> Migrator {
    database.migrator(&rust_revisions(&[(run, Transaction::None)]))
}

async fn upgrade(migrator: &Migrator) -> std::result::Result<(), String> {
    migrator.upgrade(UpgradeOptions::default()).await.map(drop).map_err(|error| error.to_string())
}

/// What a backfill reported, for its test to see.
#[derive(Clone, Default)]
struct Reports(Arc<std::sync::Mutex<Vec<BackfillReport>>>);

impl Reports {
    fn push(&self, report: BackfillReport) {
        self.0.lock().unwrap().push(report);
    }

    fn rows(&self) -> Vec<(u64, u64, u64)> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .map(|report| (report.rows, report.rows_before, report.skipped))
            .collect()
    }
}

mod by_the_server {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let backfill = context.backfill::<items::Row>("labels").set_sql(items::LABEL, "lower(label)");
        let report = backfill
            .set_sql(items::N, "n + 1")
            .verify("select bool_and(n % 10 = 1) from items")
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test]
async fn an_expression_reaches_every_row_once() {
    let database = database(10_000).await;
    let reports = Reports::default();
    let migrator = migrator(&database, by_the_server::__hardtack_up).with_state(reports.clone());
    upgrade(&migrator).await.unwrap();
    assert_eq!(reports.rows(), [(10_000, 0, 0)]);
    assert_eq!(
        database.value("select count(*) from items where n = id * 10 + 1 and label = 'label ' || id").await,
        "10000"
    );
    let state = "select state || ' ' || recorded || ' ' || total from hardtack.backfill";
    assert_eq!(database.value(state).await, "finished true 10000");
    // A revision that is undone and applied again does its work again.
    database.execute("delete from refinery_schema_history").await;
    upgrade(&migrator).await.unwrap_err();
    database.execute("update items set n = n - 1").await;
    upgrade(&migrator).await.unwrap();
    assert_eq!(database.value("select count(*) from items where n = id * 10 + 1").await, "10000");
}

/// Whoever followed each new row would never end here: each row that is worked on makes another one behind all of them.
#[tokio::test]
async fn rows_that_come_as_fast_as_it_works_do_not_keep_it_from_ending() {
    let database = database(1_000).await;
    database
        .execute(
            "create function grow() returns trigger language plpgsql as $$ begin \
             insert into items select max(id) + 1, 0 from items; return null; end $$; \
             create trigger grow after update on items for each row execute function grow()",
        )
        .await;
    let migrator = migrator(&database, grows::__hardtack_up);
    tokio::time::timeout(Duration::from_secs(60), upgrade(&migrator)).await.expect("it ends").unwrap();
    // Those that were there, and those that came while it worked on them; not those that came after that.
    let rows = "select count(*) || ' ' || count(*) filter (where n % 10 = 1) from items";
    assert_eq!(database.value(rows).await, "3000 2000");
    let state = "select state || ' ' || exhausted || ' ' || (frontier ->> 0) from hardtack.backfill";
    assert_eq!(database.value(state).await, "finished true 2000");
}

mod grows {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("grows").set_sql(items::N, "n + 1").run().await?;
        Ok(())
    }
}

mod ended_elsewhere {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let backfill = context.backfill::<items::Row>("ended").set_sql(items::N, "n + 1");
        backfill.throttle(Throttle::while_true("select another_process_ends_it()")).run().await?;
        Ok(())
    }
}

/// A worker that comes when another process has just ended the backfill leaves rows that came since to the application.
#[tokio::test]
async fn what_another_process_has_ended_is_ended() {
    let database = database(10).await;
    database
        .execute(
            "create function another_process_ends_it() returns boolean language plpgsql as $$ begin \
             update hardtack.backfill set state = 'finished', exhausted = true; return false; end $$",
        )
        .await;
    let migrator = migrator(&database, ended_elsewhere::__hardtack_up);
    tokio::time::timeout(Duration::from_secs(60), upgrade(&migrator)).await.expect("it ends").unwrap();
    assert_eq!(database.value("select count(*) from items where n % 10 = 1").await, "0");
    assert_eq!(database.value("select count(*) from hardtack.backfill_range").await, "0");
}

mod by_a_function {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let report = context
            .backfill::<items::Row>("count")
            .set(items::N, |row| row.n + 1)
            .set(items::LABEL, |row| row.label.as_deref().map(str::to_uppercase))
            .filter("id % 10 <> 0")
            .most_rows(700)
            .workers(2)
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_reaches_every_row_once() {
    let database = database(10_000).await;
    let reports = Reports::default();
    upgrade(&migrator(&database, by_a_function::__hardtack_up).with_state(reports.clone())).await.unwrap();
    assert_eq!(reports.rows(), [(9_000, 0, 0)]);
    let done = "select count(*) from items where n = id * 10 + 1 and label = 'LABEL ' || id and id % 10 <> 0";
    assert_eq!(database.value(done).await, "9000");
    let left = "select count(*) from items where n = id * 10 and label = 'Label ' || id and id % 10 = 0";
    assert_eq!(database.value(left).await, "1000");
}

mod of_a_type_of_its_own {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<moods::Row>("moods").set(moods::MOOD, |_| Mood::Glad).run().await?;
        Ok(())
    }
}

/// The driver asks for a type that it does not know while the rows are on their way.
#[tokio::test]
async fn many_rows_of_a_type_that_the_driver_has_to_ask_for_are_read() {
    let database = TestDatabase::empty().await;
    let table = "create type mood as enum ('sad', 'glad'); create table moods (id bigint primary key, mood mood not null); \
                 insert into moods select i, 'sad' from generate_series(1, 20000) i";
    database.execute(table).await;
    let migrator = migrator(&database, of_a_type_of_its_own::__hardtack_up);
    let ended = tokio::time::timeout(Duration::from_secs(60), upgrade(&migrator)).await;
    ended.expect("it does not wait for ever").unwrap();
    assert_eq!(database.value("select count(*) from moods where mood = 'glad'").await, "20000");
}

/// The owner under a policy sees no row, and an update of no row is no error.
#[tokio::test]
async fn rows_that_a_policy_hides_are_not_passed_over_in_silence() {
    let database = database(10).await;
    let name = database.value("select current_database()").await;
    database
        .execute(&format!(
            "create role restricted; grant all on database {name} to restricted; grant all on schema public to restricted; \
             alter table items owner to restricted; create policy none on items using (n = 0); \
             alter table items enable row level security; alter table items force row level security"
        ))
        .await;
    let migrator = migrator(&database, by_the_server::__hardtack_up).with_state(Reports::default());
    let error = upgrade(&migrator.with_role(Role::new("restricted").unwrap())).await.unwrap_err();
    assert!(error.contains("row-level security policy for table \"items\""), "{error}");
    assert_eq!(database.value("select count(*) from items where n = id * 10").await, "10");
}

mod along_two_columns {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let backfill = context.backfill::<pairs::Row>("server").set_sql(pairs::N, "n + 1").most_rows(13);
        context.state::<Reports>()?.push(backfill.run().await?);
        let backfill =
            context.backfill::<pairs::Row>("function").set(pairs::N, |row| row.n + 100).most_rows(17);
        context.state::<Reports>()?.push(backfill.along(&(pairs::TENANT, pairs::AT)).run().await?);
        Ok(())
    }
}

#[tokio::test]
async fn a_key_of_several_columns_of_any_type_is_gone_along() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create table pairs (tenant text not null, at timestamptz not null, n bigint not null, other text unique, \
                 unique (tenant, at)); \
             insert into pairs select 'tenant '' ' || i % 7, '2026-01-01'::timestamptz + i * interval '1 ms', i \
             from generate_series(1, 500) i",
        )
        .await;
    let reports = Reports::default();
    upgrade(&migrator(&database, along_two_columns::__hardtack_up).with_state(reports.clone()))
        .await
        .unwrap();
    assert_eq!(reports.rows(), [(500, 0, 0), (500, 0, 0)]);
    let done = "select count(*) from pairs where n = 101 + (extract(epoch from at - '2026-01-01'::timestamptz) * 1000)::int";
    assert_eq!(database.value(done).await, "500");
}

mod without_a_key {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("keyless").set_sql(items::N, "1").run().await?;
        Ok(())
    }
}

mod sets_its_key {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("key").set_sql(items::ID, "id + 1").run().await?;
        Ok(())
    }
}

mod inside_a_transaction {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("inside").set_sql(items::N, "1").run().await?;
        Ok(())
    }
}

mod without_work {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("idle").run().await?;
        Ok(())
    }
}

mod deletes_and_sets {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("both").delete().set(items::N, |row| row.n).run().await?;
        Ok(())
    }
}

mod deletes_and_inserts {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("both").delete().insert_into("items (id)", "id").run().await?;
        Ok(())
    }
}

mod along_no_key {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let labels = context.backfill::<items::Row>("labels").set_sql(items::LABEL, "''");
        labels.along(&(items::N, items::ID)).run().await?;
        Ok(())
    }
}

#[tokio::test]
async fn what_cannot_be_begun_says_why() {
    let database = database(1).await;
    for (run, transaction, expected) in [
        (sets_its_key::__hardtack_up as RustFn, Transaction::None, "\"id\", which is part of the key"),
        (inside_a_transaction::__hardtack_up, Transaction::PerRevision, "write `transaction = \"none\"`"),
        (without_work::__hardtack_up, Transaction::None, "nothing says what to do"),
        (deletes_and_sets::__hardtack_up, Transaction::None, "it says more than one thing to do"),
        (deletes_and_inserts::__hardtack_up, Transaction::None, "it says more than one thing to do"),
        (
            along_no_key::__hardtack_up,
            Transaction::None,
            "find the key \"n\", \"id\" of \"public\".\"items\"",
        ),
    ] {
        let error = upgrade(&database.migrator(&rust_revisions(&[(run, transaction)]))).await.unwrap_err();
        assert!(error.contains(expected) && error.contains("nothing was begun"), "{error}");
    }
    database.execute("alter table items drop constraint items_pkey").await;
    let error = upgrade(&migrator(&database, without_a_key::__hardtack_up)).await.unwrap_err();
    assert!(error.contains("find a key of \"public\".\"items\""), "{error}");
}

mod moves_rows {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let odd = context
            .backfill::<items::Row>("copy")
            .insert_into("archive (id, n)", "id, n")
            .filter("id % 2 = 1");
        context.state::<Reports>()?.push(odd.run().await?);
        let delete = context.backfill::<items::Row>("delete").delete().filter("id % 2 = 1");
        context.state::<Reports>()?.push(delete.run().await?);
        Ok(())
    }
}

#[tokio::test]
async fn rows_are_moved_to_another_table() {
    let database = database(5_000).await;
    database
        .execute("create table archive (id bigint primary key, n bigint); insert into archive values (1, 10)")
        .await;
    let reports = Reports::default();
    upgrade(&migrator(&database, moves_rows::__hardtack_up).with_state(reports.clone())).await.unwrap();
    assert_eq!(reports.rows(), [(2_499, 0, 0), (2_500, 0, 0)]);
    assert_eq!(database.value("select count(*) from archive where n = id * 10 and id % 2 = 1").await, "2500");
    assert_eq!(database.value("select count(*) from items where id % 2 = 0").await, "2500");
    assert_eq!(database.value("select count(*) from items").await, "2500");
}

mod archives {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.backfill::<items::Row>("archive").insert_into("archive (id, n)", "id, n").run().await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_or_deleted_while_it_is_copied_is_waited_for() {
    let database = database(10).await;
    database.execute("create table archive (id bigint primary key, n bigint)").await;
    let application = connect(&database.options, "test").await.unwrap();
    let changes = "begin; delete from items where id = 3; update items set n = 7 where id = 5";
    application.client.batch_execute(changes).await.unwrap();
    let migrator = migrator(&database, archives::__hardtack_up);
    let run = tokio::spawn(async move { upgrade(&migrator).await });
    let waits = "select exists (select from pg_stat_activity where application_name = 'hardtack backfill' \
                 and wait_event_type = 'Lock' and datname = current_database())";
    database.wait_for(waits).await;
    application.client.batch_execute("commit").await.unwrap();
    run.await.unwrap().unwrap();
    assert_eq!(database.value("select count(*) from archive").await, "9");
    assert_eq!(database.value("select n from archive where id = 5").await, "7");
}

/// The row that a function refuses.
struct Refused(AtomicI64);

static REFUSED: Refused = Refused(AtomicI64::new(7_777));

mod fails_half_way {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let report = context
            .backfill::<items::Row>("fails")
            .try_set(items::N, |row| {
                if row.id == REFUSED.0.load(Ordering::SeqCst) {
                    Err("it is odd".into())
                } else {
                    Ok(row.n + 1)
                }
            })
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test]
async fn a_run_goes_on_behind_the_last_batch() {
    let database = database(10_000).await;
    let reports = Reports::default();
    let migrator = migrator(&database, fails_half_way::__hardtack_up).with_state(reports.clone());
    let error = upgrade(&migrator).await.unwrap_err();
    assert!(error.contains("work on the row with key 7777: it is odd; its batch was rolled back"), "{error}");
    let failed = "select state || ': ' || error from hardtack.backfill";
    assert!(database.value(failed).await.starts_with("failed: work on the row with key 7777"));
    let done: u64 = database.value("select count(*) from items where n = id * 10 + 1").await.parse().unwrap();
    assert!((1..7_777).contains(&done), "{done}");
    REFUSED.0.store(0, Ordering::SeqCst);
    migrator.control_backfill("fails", BackfillControl::Cancel).await.unwrap();
    let error = upgrade(&migrator).await.unwrap_err();
    assert!(
        error.contains(
            "it was cancelled, or its revision undone; `backfills retry` lets a cancelled one go on"
        ),
        "{error}"
    );
    migrator.control_backfill("fails", BackfillControl::Retry).await.unwrap();
    upgrade(&migrator).await.unwrap();
    assert_eq!(reports.rows(), [(10_000 - done, done, 0)]);
    assert_eq!(database.value("select count(*) from items where n = id * 10 + 1").await, "10000");
}

mod skips {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let report = context
            .backfill::<items::Row>("skips")
            .try_set(items::N, |row| if row.id % 1_000 == 0 { Err("round".into()) } else { Ok(row.n + 1) })
            .skip(5)
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        let report = context
            .backfill::<items::Row>("divides")
            .set_sql(items::N, "n + 0 / (id - 1234)")
            .skip(1)
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test]
async fn bad_rows_are_skipped_up_to_a_limit_and_kept_with_the_reason() {
    let database = database(5_000).await;
    let reports = Reports::default();
    upgrade(&migrator(&database, skips::__hardtack_up).with_state(reports.clone())).await.unwrap();
    assert_eq!(reports.rows(), [(4_995, 0, 5), (4_999, 0, 1)]);
    assert_eq!(database.value("select count(*) from items where n = id * 10 and id % 1000 = 0").await, "5");
    let rejects = database
        .column("select key ->> 0 || ': ' || reason from hardtack.backfill_reject order by backfill, key")
        .await;
    assert_eq!(rejects[..2], ["1000: round", "2000: round"]);
    assert_eq!(rejects[5], "1234: division by zero (22012)");

    let database = crate::backfill::database(6_000).await;
    let error =
        upgrade(&migrator(&database, skips::__hardtack_up).with_state(Reports::default())).await.unwrap_err();
    assert!(error.contains("skip the row with key 6000 (round): 5 rows are skipped already"), "{error}");
}

/// Calls of a function, so that another session can act at a certain one.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Whether it has acted.
static CHANGED: AtomicBool = AtomicBool::new(false);

mod meets_changes {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let report = context
            .backfill::<items::Row>("meets")
            .set(items::N, |row| {
                if CALLS.fetch_add(1, Ordering::SeqCst) == 10 {
                    tokio::task::block_in_place(|| {
                        while !CHANGED.load(Ordering::SeqCst) {
                            std::thread::sleep(Duration::from_millis(5));
                        }
                    });
                }
                row.n + 1
            })
            .target(Duration::from_secs(5))
            .run()
            .await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_changes_between_reading_and_writing_loses_nothing() {
    let database = database(1_000).await;
    let reports = Reports::default();
    let migrator = migrator(&database, meets_changes::__hardtack_up).with_state(reports.clone());
    let upgraded = tokio::spawn(async move { upgrade(&migrator).await });
    while CALLS.load(Ordering::SeqCst) <= 10 {
        assert!(!upgraded.is_finished());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    database.execute("update items set n = n + 1000000 where id = 3").await;
    CHANGED.store(true, Ordering::SeqCst);
    upgraded.await.unwrap().unwrap();
    assert_eq!(database.value("select n from items where id = 3").await, "1000031");
    assert_eq!(database.value("select count(*) from items where n = id * 10 + 1").await, "999");
    // The batch was read again, under locks.
    assert!(CALLS.load(Ordering::SeqCst) > 1_000);
    assert_eq!(reports.rows(), [(1_000, 0, 0)]);
}

mod held_back {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let busy = Throttle::while_true("select exists (select from busy)");
        context.backfill::<items::Row>("waits").set_sql(items::N, "n + 1").throttle(busy).run().await?;
        Ok(())
    }
}

/// Waits until a run says that it is held back by this.
async fn is_told(told: &std::sync::Mutex<Vec<(u64, Option<String>)>>, reason: &str) {
    patiently(async || match told.lock().unwrap().last() {
        Some((_, Some(last))) if last == reason => Ok(()),
        last => Err(format!("{last:?}")),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_waits_while_it_is_held_back_or_paused() {
    let database = database(2_000).await;
    database.execute("create table busy (); insert into busy default values").await;
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let migrator = migrator(&database, held_back::__hardtack_up).on_event(move |event| {
        if let hardtack::Event::Progress { progress, .. } = event {
            sink.lock().unwrap().push((progress.done, progress.held_back.map(str::to_owned)));
        }
    });
    let operator = migrator.clone();
    let upgraded = tokio::spawn(async move { upgrade(&migrator).await });
    database.wait_for("select to_regclass('hardtack.backfill') is not null").await;
    database.wait_for("select exists (select from hardtack.backfill)").await;
    let reason = "this is true: select exists (select from busy)";
    is_told(&told, reason).await;
    assert_eq!(*told.lock().unwrap(), [(0, Some(reason.to_owned()))]);
    assert_eq!(database.value("select count(*) from items where n = id * 10").await, "2000");
    operator.control_backfill("waits", BackfillControl::Pause).await.unwrap();
    database.execute("delete from busy").await;
    let reason = "an operator paused it; `backfills resume waits`";
    is_told(&told, reason).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(database.value("select count(*) from items where n = id * 10").await, "2000");
    assert_eq!(told.lock().unwrap().last().unwrap().1.as_deref(), Some(reason));
    let listed = operator.backfills().await.unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].state.as_str(), listed[0].rows), ("waits", "paused", 0));
    let again = operator.control_backfill("waits", BackfillControl::Pause).await.unwrap_err().to_string();
    assert_eq!(again, "make the backfill \"waits\" paused: it is paused; nothing was changed");
    let unknown = operator.control_backfill("weights", BackfillControl::Pause).await.unwrap_err().to_string();
    assert!(unknown.starts_with("find the backfill \"weights\": none of that name was begun"), "{unknown}");
    operator.control_backfill("waits", BackfillControl::Resume).await.unwrap();
    upgraded.await.unwrap().unwrap();
    assert_eq!(database.value("select count(*) from items where n = id * 10 + 1").await, "2000");
    assert_eq!(told.lock().unwrap().last().unwrap(), &(2_000, None));
    assert_eq!(operator.backfills().await.unwrap(), []);
}

#[tokio::test]
async fn a_name_that_several_revisions_have_says_nothing_by_itself() {
    let database = database(1).await;
    let migrator = migrator(&database, by_the_server::__hardtack_up).with_state(Reports::default());
    upgrade(&migrator).await.unwrap();
    let begun = "insert into hardtack.backfill (history_table, version, direction, name, work) \
        select '\"public\".\"refinery_schema_history\"', version, 'up', 'x', '' from unnest('{5,9}'::bigint[]) version";
    database.execute(begun).await;
    let states = "select version || ' ' || state from hardtack.backfill where name = 'x' order by version";
    for wish in [BackfillControl::Pause, BackfillControl::Cancel, BackfillControl::Restart] {
        let error = migrator.control_backfill("x", wish).await.unwrap_err().to_string();
        let told = "versions 5 and 9 have one of that name each; nothing was changed; say which is meant, such as \"5/x\"";
        assert!(error.starts_with("make the backfill \"x\" ") && error.ends_with(told), "{error}");
        assert_eq!(database.column(states).await, ["5 running", "9 running"]);
    }
    migrator.control_backfill("9/x", BackfillControl::Pause).await.unwrap();
    assert_eq!(database.column(states).await, ["5 running", "9 paused"]);
    // Only one of them can be meant.
    migrator.control_backfill("x", BackfillControl::Pause).await.unwrap();
    assert_eq!(database.column(states).await, ["5 paused", "9 paused"]);
    let listed = migrator.backfills().await.unwrap();
    assert!(listed[0].is_called("x") && listed[0].is_called("5/x") && !listed[0].is_called("9/x"));
}

mod verifies_slowly {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let backfill = context.backfill::<items::Row>("slow").set_sql(items::N, "n + 1").most_rows(300);
        let report = backfill.verify("select true from pg_sleep(2)").run().await?;
        context.state::<Reports>()?.push(report);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_begun_anew_or_cancelled_while_it_is_verified_is_not_taken_for_finished() {
    for (wish, rows, state) in
        [(BackfillControl::Restart, 2, "finished"), (BackfillControl::Cancel, 1, "cancelled")]
    {
        let database = database(1_000).await;
        let reports = Reports::default();
        let migrator = migrator(&database, verifies_slowly::__hardtack_up).with_state(reports.clone());
        let operator = migrator.clone();
        let run = tokio::spawn(async move { upgrade(&migrator).await });
        database.wait_for(SLEEPING).await;
        operator.control_backfill("slow", wish).await.unwrap();
        let ended = run.await.unwrap();
        if wish == BackfillControl::Restart {
            ended.unwrap();
            assert_eq!(reports.rows(), [(2_000, 0, 0)]);
        } else {
            let error = ended.unwrap_err();
            assert!(error.contains("go on with the backfill \"slow\": it was cancelled"), "{error}");
        }
        let done = format!("select count(*) from items where n = id * 10 + {rows}");
        assert_eq!(database.value(&done).await, "1000");
        assert_eq!(database.value("select state from hardtack.backfill").await, state);
    }
}

mod follows_a_replica {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let behind = Throttle::replica_bytes_behind(1 << 20);
        let backfill = context.backfill::<items::Row>("follows").set_sql(items::N, "n + 1").throttle(behind);
        backfill.most_rows(2_000).rest(3.0).run().await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_waits_for_a_replica_that_is_behind() {
    let Some(standby) = Standby::start(&RevisionSet::from_revisions(Vec::new())).await else { return };
    let primary = connect(standby.primary(), "test").await.unwrap();
    let replica = connect(&standby.options(), "test").await.unwrap();
    replica.client.batch_execute("select pg_wal_replay_pause()").await.unwrap();
    // More than the backfill allows a replica, before it begins: however fast it is, it does not end first.
    let items = "create table items (id bigint primary key, n bigint not null, label text); \
        insert into items select i, i * 10, repeat('x', 100) from generate_series(1, 50000) i; analyze items";
    primary.client.batch_execute(items).await.unwrap();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let set = rust_revisions(&[(follows_a_replica::__hardtack_up, Transaction::None)]);
    let migrator = Migrator::new(&set, standby.primary().clone()).on_event(move |event| {
        if let hardtack::Event::Progress { progress, .. } = event {
            sink.lock().unwrap().extend(progress.held_back.map(str::to_owned));
        }
    });
    let upgraded = tokio::spawn(async move { upgrade(&migrator).await });
    let is_held_back = async || loop {
        if told
            .lock()
            .unwrap()
            .iter()
            .any(|why: &String| why.starts_with("replica ") && why.ends_with(" bytes behind"))
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    tokio::time::timeout(Duration::from_secs(60), is_held_back()).await.expect("it is held back");
    let done = async || {
        let query = "select count(*) from items where n = id * 10 + 1";
        primary.client.query_one(query, &[]).await.unwrap().get::<_, i64>(0)
    };
    let before = done().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(done().await, before);
    assert!(before < 50_000, "{before}");
    replica.client.batch_execute("select pg_wal_replay_resume()").await.unwrap();
    upgraded.await.unwrap().unwrap();
    assert_eq!(done().await, 50_000);
}

/// It receives WAL as a replica does, and has no position of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_does_not_wait_for_what_replays_nothing() {
    let Some(standby) = Standby::start(&RevisionSet::from_revisions(Vec::new())).await else { return };
    let primary = connect(standby.primary(), "test").await.unwrap();
    let items = "create table items (id bigint primary key, n bigint not null, label text); \
        insert into items select i, i * 10 from generate_series(1, 1000) i";
    primary.client.batch_execute(items).await.unwrap();
    let Some(_receiving) = standby.receive_wal() else { return };
    let streams = "select exists (select from pg_stat_replication \
        where application_name = 'pg_receivewal' and state = 'streaming' and replay_lsn is null)";
    for attempt in 0.. {
        if primary.client.query_one(streams, &[]).await.unwrap().get(0) {
            break;
        }
        assert!(attempt < 500, "it does not stream");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let set = rust_revisions(&[(follows_a_replica::__hardtack_up, Transaction::None)]);
    let migrator = Migrator::new(&set, standby.primary().clone());
    let ended = tokio::time::timeout(Duration::from_secs(60), upgrade(&migrator)).await;
    ended.expect("it is not waited for").unwrap();
}

mod speaks {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        tracing::info!("here we go");
        context.backfill::<items::Row>("speaks").set_sql(items::N, "n + 1").run().await?;
        Ok(())
    }
}

/// Not a test of its own: the next one reads its log, which is the process's.
#[tokio::test]
async fn speaking_child() {
    let Ok(url) = std::env::var(CHILD) else { return };
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("info,hardtack::data=debug")
        .with_writer(std::io::stderr)
        .init();
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let migrator = Migrator::new(&rust_revisions(&[(speaks::__hardtack_up, Transaction::None)]), options);
    upgrade(&migrator).await.unwrap();
}

#[tokio::test]
async fn what_a_revision_and_its_workers_log_names_them() {
    let database = database(100).await;
    let output = child_process("backfill::speaking_child", &database).output().await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let line = |part: &str| text.lines().find(|line| line.contains(part)).expect(part).to_owned();
    let span = "hardtack.function{hardtack.revision.version=1 hardtack.revision.name=\"rust\" hardtack.direction=\"up\"}:";
    assert!(line("here we go").contains(span), "{text}");
    let batch = line("batch committed");
    assert!(batch.contains(&format!("{span}hardtack.backfill{{")), "{text}");
    assert!(batch.contains("hardtack.backfill.name=\"speaks\""), "{text}");
    assert!(batch.contains(":hardtack.worker{hardtack.backfill.worker=1}:"), "{text}");
    assert!(batch.contains("rows=100"), "{text}");
}

#[test]
fn a_position_reads_as_people_write_it() {
    let position: Position = serde_json::from_str(r#"["a","1"]"#).unwrap();
    assert_eq!(position.to_string(), "(a, 1)");
}

/// A backfill in two parts, of which the second fails at first.
mod fails_late {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context
            .backfill::<items::Row>("first")
            .set_sql(items::N, "0")
            .filter("n is distinct from 0")
            .run()
            .await?;
        context.execute("select 1 / (select count(*) from mended)", &[]).await?;
        Ok(())
    }
}

/// What was begun stands on the revisions before it: where they are undone and come again, so does it.
#[tokio::test]
async fn a_checkpoint_does_not_outlive_the_undoing_of_an_earlier_revision() {
    let database = TestDatabase::empty().await;
    let items = "create table items (id bigint primary key, n bigint not null, label text); \
                 insert into items select i, i from generate_series(1, 100) i; create table mended ();";
    let folder = crate::support::Folder::new(&[
        ("V1__items.sql", items),
        ("V1__items.down.sql", "drop table items, mended;"),
    ]);
    let mut revisions = folder.revisions().as_slice().to_vec();
    let late = rust_revisions(&[(fails_late::__hardtack_up as RustFn, Transaction::None); 2]);
    revisions.push(late.as_slice()[1].clone());
    let migrator = database.migrator(&RevisionSet::from_revisions(revisions));
    upgrade(&migrator).await.unwrap_err();
    assert_eq!(database.value("select count(*) from items where n = 0").await, "100");
    let back = hardtack::DowngradeOptions { back: hardtack::plan::Back::Steps(1), agreed: None };
    migrator.downgrade(back).await.unwrap();
    assert!(migrator.backfills().await.unwrap().is_empty());
    upgrade(&migrator).await.unwrap_err();
    assert_eq!(database.value("select count(*) from items where n = 0").await, "100");
}

/// A filter on a column of which the planner knows nothing.
mod fills_labels {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let labels = context.backfill::<items::Row>("labels").filter("label is null").most_rows(1_000);
        labels.set_sql(items::LABEL, "'x'").run().await?;
        Ok(())
    }
}

#[tokio::test]
async fn the_number_of_rows_is_told_of_a_new_column_too() {
    let database = database(50_000).await;
    database.execute("alter table items drop column label; alter table items add column label text").await;
    let totals = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&totals);
    let migrator = migrator(&database, fills_labels::__hardtack_up).on_event(move |event| {
        if let hardtack::Event::Progress { progress, .. } = event {
            sink.lock().unwrap().push(progress.total);
        }
    });
    upgrade(&migrator).await.unwrap();
    let told = totals.lock().unwrap().clone();
    assert!(
        !told.is_empty()
            && told.iter().all(|total| total.is_none_or(|total| (30_000..70_000).contains(&total))),
        "{told:?}"
    );
    // A sample of a few hundred pages: some seven per cent off is usual.
    assert_eq!(database.value("select total between 30000 and 70000 from hardtack.backfill").await, "t");
}

/// How to reach the database of a test whose work another process does.
const CHILD: &str = "HARDTACK_TEST_BACKFILL";

/// A test of this binary in a process of its own.
fn child_process(test: &str, database: &TestDatabase) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, database.url());
    command.stdout(std::process::Stdio::null()).kill_on_drop(true);
    command
}

mod counts {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let backfill = context.backfill::<items::Row>("function").set(items::N, |row| row.n + 1).workers(2);
        backfill.most_rows(40).rest(1.0).run().await?;
        let backfill = context.backfill::<items::Row>("expression").set_sql(items::N, "n + 1").workers(2);
        backfill.most_rows(40).rest(1.0).run().await?;
        Ok(())
    }
}

/// Not a test of its own: what the next one starts, and kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let migrator = Migrator::new(&rust_revisions(&[(counts::__hardtack_up, Transaction::None)]), options);
    upgrade(&migrator).await.unwrap();
}

/// Fifty kills: `HARDTACK_BACKFILL_KILLS=50 cargo test --test integration backfill::`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_leaves_each_row_done_once_or_not_at_all() {
    let wanted: u32 = std::env::var("HARDTACK_BACKFILL_KILLS").map_or(8, |kills| kills.parse().unwrap());
    let mut kills = 0;
    while kills < wanted {
        let database = database(10_000).await;
        loop {
            let mut child = child_process("backfill::child", &database)
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            // The last one lives as long as it needs.
            let life = if kills < wanted { fastrand::u64(100..900) } else { 120_000 };
            let life = Duration::from_millis(life);
            if let Ok(status) = tokio::time::timeout(life, child.wait()).await {
                assert!(status.unwrap().success());
                break;
            }
            // SIGKILL.
            child.kill().await.unwrap();
            kills += 1;
        }
        let twice = "select count(*) from items where n = id * 10 + 2";
        assert_eq!(database.value(twice).await, "10000", "after {kills} kills");
        let ranges = "select count(*) from hardtack.backfill_range where not finished";
        assert_eq!(database.value(ranges).await, "0");
    }
}
