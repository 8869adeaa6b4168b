//! Deferred backfills: behind the recorded schema step, in one process or several, before what requires them.

use std::time::Duration;

use clap::Parser;
use hardtack::cli::{Application, Boot, BootArgs};
use hardtack::data::BackfillControl;
use hardtack::engine::StepError;
use hardtack::prelude::*;
use hardtack::{Error, Migrator, RevisionSet, RunOutcome, StopSignal, Target, UpgradeOptions};

use crate::support::{Code, Folder, TestDatabase, with_code};

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        n N "\"n\"" "bigint not null" i64,
        twice TWICE "\"twice\"" "bigint" Option<i64>,
        thrice THRICE "\"thrice\"" "bigint" Option<i64>,
    }
}
use schema::items;

/// Two backfills, of which neither would bear to meet a row twice.
mod doubles {
    use super::*;
    #[hardtack::backfill]
    async fn backfill(context: &mut Context<'_>) -> Result<()> {
        let twice = context.backfill::<items::Row>("twice").workers(2).most_rows(100).rest(2.0);
        twice.set(items::TWICE, |row| row.twice.unwrap_or(row.n) + row.n).run().await?;
        let thrice = context.backfill::<items::Row>("thrice").most_rows(100).rest(2.0);
        thrice.set_sql(items::THRICE, "coalesce(thrice, n) + 2 * n").run().await?;
        Ok(())
    }
}

const RUST: &str = "#[hardtack::backfill] async fn a() {}";
const ADD: &str = "alter table items add column twice bigint, add column thrice bigint; \
                   alter table items add constraint doubled check (twice is not null) not valid;";
const DROP: &str = "alter table items drop column twice, drop column thrice;";
const VALIDATE: &str = "-- hardtack: requires V2\nalter table items validate constraint doubled;";
const DONE: &str = "select count(*) from items where twice = 2 * n and thrice = 3 * n";

/// A table, and a revision with a backfill.
fn first() -> Folder {
    let items = "create table items (id bigint primary key, n bigint not null);";
    Folder::new(&[
        ("V1__items.sql", items),
        ("V1__items.down.sql", "drop table items"),
        ("V2__columns.sql", ADD),
        ("V2__columns.down.sql", DROP),
        ("V2__columns.rs", RUST),
    ])
}

fn with_backfill(folder: &Folder) -> RevisionSet {
    let code = Code { backfill: Some(doubles::__hardtack_backfill), ..Code::default() };
    with_code(folder, 2, code)
}

/// And one that requires it.
fn both() -> RevisionSet {
    let folder = first();
    folder.write("V3__validate.sql", VALIDATE);
    with_backfill(&folder)
}

async fn database(rows: u32) -> TestDatabase {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&with_backfill(&first()));
    let options = UpgradeOptions { target: Target::Version(1), ..UpgradeOptions::default() };
    migrator.upgrade(options).await.unwrap();
    let fill = format!("insert into items select i, i * 10 from generate_series(1, {rows}) i; analyze items");
    database.execute(&fill).await;
    database
}

async fn upgrade(migrator: &Migrator) -> std::result::Result<Vec<i64>, Error> {
    let run = migrator.upgrade(UpgradeOptions::default()).await?;
    Ok(run.applied.iter().map(|step| step.version).collect())
}

/// Name and state of what is listed.
async fn listed(migrator: &Migrator) -> Vec<(String, String)> {
    let backfills = migrator.backfills().await.unwrap();
    backfills.into_iter().map(|backfill| (backfill.name, backfill.state)).collect()
}

#[tokio::test]
async fn the_schema_step_is_recorded_and_the_backfill_comes_behind_it() {
    let database = database(1_000).await;
    let migrator = database.migrator(&with_backfill(&first()));
    assert_eq!(upgrade(&migrator).await.unwrap(), [2]);
    assert_eq!(database.value("select count(*) from items where twice is null").await, "1000");
    assert_eq!(listed(&migrator).await, [("V2__columns".to_owned(), "waiting".to_owned())]);
    let again = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(again.outcome, RunOutcome::UpToDate, "the revision is applied");
    migrator.run_backfills().await.unwrap();
    assert_eq!(database.value(DONE).await, "1000");
    assert_eq!(listed(&migrator).await, []);
    migrator.run_backfills().await.unwrap();
    assert_eq!(database.value(DONE).await, "1000", "what has finished is not done again");
    assert_eq!(database.value("select finished_at is not null from hardtack.deferred").await, "t");
}

#[tokio::test]
async fn what_requires_it_is_refused_until_it_has_finished() {
    let database = database(1_000).await;
    upgrade(&database.migrator(&with_backfill(&first()))).await.unwrap();
    let migrator = database.migrator(&both());
    let refused = upgrade(&migrator).await.unwrap_err().to_string();
    assert!(
        refused.contains("V3__validate requires the backfill of version 2, which has not finished"),
        "{refused}"
    );
    assert_eq!(database.applied().await, [1, 2]);
    migrator.run_backfills().await.unwrap();
    assert_eq!(upgrade(&migrator).await.unwrap(), [3]);
}

#[tokio::test]
async fn a_run_that_has_both_finishes_it_in_line() {
    let database = database(1_000).await;
    let migrator = database.migrator(&both());
    let single = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    let refused = migrator.upgrade(single).await.unwrap_err();
    assert!(matches!(refused, Error::SingleTransaction { .. }), "{refused}");
    assert_eq!(upgrade(&migrator).await.unwrap(), [2, 3]);
    assert_eq!(database.value(DONE).await, "1000");
}

/// Lets a backfill fail at one row.
const REFUSE: &str = "create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'; \
    create trigger refuse before update on items for each row when (old.id = 700) execute function refuse()";

#[tokio::test]
async fn a_run_that_failed_over_it_is_gone_on_with() {
    let database = database(1_000).await;
    database.execute(REFUSE).await;
    let migrator = database.migrator(&both());
    let failed = upgrade(&migrator).await.unwrap_err().to_string();
    assert!(failed.contains("run the deferred backfill of V2__columns (V2__columns.rs)"), "{failed}");
    assert!(failed.contains("the revision stays applied"), "{failed}");
    assert_eq!(database.applied().await, [1, 2]);
    database.execute("drop trigger refuse on items").await;
    assert_eq!(upgrade(&migrator).await.unwrap(), [3]);
    assert_eq!(database.value(DONE).await, "1000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_an_application_one_that_fails_waits_for_an_operator() {
    let database = database(1_000).await;
    database.execute(REFUSE).await;
    let migrator = database.migrator(&with_backfill(&first()));
    upgrade(&migrator).await.unwrap();
    let follower = migrator.clone();
    let following = tokio::spawn(async move { follower.follow_backfills().await });
    database.wait_for("select exists (select from hardtack.backfill where state = 'failed')").await;
    database
        .wait_for("select exists (select from hardtack.deferred where error like '%: no (P0001)%')")
        .await;
    assert_eq!(listed(&migrator).await, [("twice".to_owned(), "failed".to_owned())]);
    database.execute("drop trigger refuse on items").await;
    migrator.control_backfill("twice", BackfillControl::Retry).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), following).await.expect("it goes on by itself").unwrap();
    assert_eq!(database.value(DONE).await, "1000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_cancelled_is_not_called_by_a_boot() {
    let database = database(1_000).await;
    database.execute(REFUSE).await;
    let begun = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counter = std::sync::Arc::clone(&begun);
    let migrator = database.migrator(&with_backfill(&first())).on_event(move |event| {
        if let hardtack::Event::BackfillStarted { .. } = event {
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    upgrade(&migrator).await.unwrap();
    migrator.run_backfills().await.unwrap_err();
    migrator.control_backfill("twice", BackfillControl::Cancel).await.unwrap();
    database.execute("drop trigger refuse on items; update hardtack.deferred set error = null").await;
    let follower = migrator.clone();
    let following = tokio::spawn(async move { follower.follow_backfills().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(begun.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(database.value("select error is null from hardtack.deferred").await, "t");
    migrator.control_backfill("twice", BackfillControl::Retry).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), following).await.expect("it goes on by itself").unwrap();
    assert_eq!(database.value(DONE).await, "1000");
}

mod loses_its_session {
    use super::*;
    #[hardtack::backfill]
    async fn backfill(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("select pg_terminate_backend(pg_backend_pid()), pg_sleep(30)").await
    }
}

#[tokio::test]
async fn a_lost_connection_is_no_failure_to_be_mended() {
    let database = database(10).await;
    let code = Code { backfill: Some(loses_its_session::__hardtack_backfill), ..Code::default() };
    let migrator = database.migrator(&with_code(&first(), 2, code));
    upgrade(&migrator).await.unwrap();
    let error = migrator.run_backfills().await.unwrap_err().to_string();
    assert!(error.contains("goes on by itself") && !error.contains("mend the cause"), "{error}");
    assert_eq!(database.value("select error is null from hardtack.deferred").await, "t");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_down_ends_it_and_another_up_begins_anew() {
    let database = database(3_000).await;
    let migrator = database.migrator(&with_backfill(&first()));
    upgrade(&migrator).await.unwrap();
    let running = migrator.clone();
    let run = tokio::spawn(async move { running.run_backfills().await });
    database.wait_for("select exists (select from hardtack.backfill_range where rows > 0)").await;
    let back = hardtack::DowngradeOptions { back: hardtack::plan::Back::Steps(1), agreed: None };
    migrator.downgrade(back).await.unwrap();
    let ended = run.await.unwrap().unwrap_err().to_string();
    // The worker hears of it at its next batch, or meets it in one that waited for the down.
    let ends = ["cancelled, or its revision undone", "column \"twice\" does not exist"];
    assert!(ends.iter().any(|end| ended.contains(end)), "{ended}");
    assert_eq!(listed(&migrator).await, []);
    upgrade(&migrator).await.unwrap();
    migrator.run_backfills().await.unwrap();
    assert_eq!(database.value(DONE).await, "3000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_boots_runs_it_in_the_background() {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        boot: BootArgs,
    }
    let database = database(2_000).await;
    let revisions: &'static RevisionSet = Box::leak(Box::new(with_backfill(&first())));
    let arguments = Arguments::parse_from(["app", "--database-url", &database.url()]);
    let application = Application::new(revisions);
    let Boot::Ready(ready) = application.boot(&arguments.boot, 1).await else { panic!("it boots") };
    assert_eq!(database.applied().await, [1, 2], "it serves while the backfill goes on");
    database.wait_for("select exists (select from hardtack.backfill_range where rows > 0)").await;
    // What is closed stops behind its batch, and the next process goes on.
    ready.close().await;
    let none = "select count(*) = 0 from pg_stat_activity where application_name like 'hardtack%' \
                and datname = current_database()";
    database.wait_for(none).await;
    assert_eq!(
        database.value("select finished_at is null and error is null from hardtack.deferred").await,
        "t"
    );
    let Boot::Ready(ready) = application.boot(&arguments.boot, 1).await else { panic!("it boots") };
    database.wait_for("select finished_at is not null from hardtack.deferred").await;
    ready.close().await;
    assert_eq!(database.value(DONE).await, "2000");
}

mod begins_late {
    use super::*;
    #[hardtack::backfill]
    async fn backfill(context: &mut Context<'_>) -> Result<()> {
        let _: String = context.query_one("select 'x' from ready", &[]).await?.get(0);
        context.backfill::<items::Row>("late").set_sql(items::TWICE, "2 * n").run().await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_failed_before_its_first_backfill_is_retried_by_its_revisions_name() {
    let database = database(100).await;
    let code = Code { backfill: Some(begins_late::__hardtack_backfill), ..Code::default() };
    let migrator = database.migrator(&with_code(&first(), 2, code));
    upgrade(&migrator).await.unwrap();
    let follower = migrator.clone();
    let following = tokio::spawn(async move { follower.follow_backfills().await });
    database.wait_for("select exists (select from hardtack.deferred where error like '%\"ready\"%')").await;
    let unknown = migrator.control_backfill("late", BackfillControl::Retry).await.unwrap_err().to_string();
    assert!(unknown.contains("none of that name was begun"), "{unknown}");
    database.execute("create table ready as select 1").await;
    migrator.control_backfill("V2__columns", BackfillControl::Retry).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), following).await.expect("it goes on by itself").unwrap();
    assert_eq!(database.value("select count(*) from items where twice = 2 * n").await, "100");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_is_begun_anew_while_another_runs_is_done_before_the_end() {
    let database = database(2_000).await;
    let migrator = database.migrator(&with_backfill(&first()));
    upgrade(&migrator).await.unwrap();
    let running = migrator.clone();
    let run = tokio::spawn(async move { running.run_backfills().await });
    database.wait_for("select exists (select from hardtack.backfill where name = 'thrice')").await;
    database
        .execute("alter table items drop constraint doubled; update items set twice = null where id < 100")
        .await;
    migrator.control_backfill("twice", BackfillControl::Restart).await.unwrap();
    run.await.unwrap().unwrap();
    assert_eq!(database.value("select count(*) from items where twice is null").await, "0");
    assert_eq!(listed(&migrator).await, []);
}

/// A down that commits row by row, and gives the workers time to undo what it did.
mod clears_slowly {
    use super::*;
    #[hardtack::down(transaction = "none")]
    async fn down(context: &mut Context<'_>) -> Result<()> {
        for _ in 0..20 {
            context.execute("update items set twice = null, thrice = null", &[]).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_down_without_a_transaction_ends_the_workers_before_it_begins() {
    let database = database(5_000).await;
    let folder = first();
    std::fs::remove_file(folder.path().join("V2__columns.down.sql")).unwrap();
    let down = "#[hardtack::down(transaction = \"none\")] async fn b() {}";
    folder.write("V2__columns.rs", &format!("{RUST}\n{down}"));
    let code = Code { backfill: Some(doubles::__hardtack_backfill), ..Code::default() };
    let mut revisions = with_code(&folder, 2, code).as_slice().to_vec();
    let hardtack::Down::Step(hardtack::Step::Rust(step)) = &mut revisions[1].down else {
        panic!("it is Rust")
    };
    step.run = Some(clears_slowly::__hardtack_down);
    let migrator = database.migrator(&RevisionSet::from_revisions(revisions));
    upgrade(&migrator).await.unwrap();
    database.execute("alter table items drop constraint doubled").await;
    let running = migrator.clone();
    let run = tokio::spawn(async move { running.run_backfills().await });
    database.wait_for("select exists (select from hardtack.backfill_range where rows > 0)").await;
    let back = hardtack::DowngradeOptions { back: hardtack::plan::Back::Steps(1), agreed: None };
    migrator.downgrade(back).await.unwrap();
    let ended = run.await.unwrap().unwrap_err().to_string();
    assert!(ended.contains("cancelled, or its revision undone"), "{ended}");
    assert_eq!(database.value("select count(*) from items where twice is not null").await, "0");
}

#[tokio::test]
async fn a_folder_alone_does_not_run_the_schema_step_of_one() {
    let database = database(10).await;
    let error = upgrade(&database.migrator(&first().revisions())).await.unwrap_err().to_string();
    assert!(error.contains("V2__columns.rs: Rust runs only from the binary it was baked into"), "{error}");
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn a_squash_wants_it_to_have_finished() {
    let database = database(10).await;
    let migrator = database.migrator(&with_backfill(&first()));
    upgrade(&migrator).await.unwrap();
    let squashed =
        "-- hardtack: replaces V1..V2\n-- hardtack: irreversible \"a test\"\ncreate table items (id bigint);";
    let folder = Folder::new(&[("V2__all.sql", squashed)]);
    std::fs::remove_file(folder.path().join("V2__all.down.sql")).unwrap();
    let squash = database.migrator(&folder.revisions());
    let refused = upgrade(&squash).await.unwrap_err().to_string();
    assert!(refused.contains("stands for V2 as well, whose backfill has not finished"), "{refused}");
    migrator.run_backfills().await.unwrap();
    upgrade(&squash).await.unwrap();
}

/// How to reach the database of a test whose work other processes do.
const CHILD: &str = "HARDTACK_TEST_DEFERRED";

/// Not a test of its own: what the next one starts four times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    Migrator::new(&with_backfill(&first()), options).run_backfills().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_share_one_and_the_rest_finish_it_when_one_is_killed() {
    let database = database(40_000).await;
    upgrade(&database.migrator(&with_backfill(&first()))).await.unwrap();
    let mut children: Vec<_> = (0..4)
        .map(|_| {
            tokio::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "deferred::child", "--nocapture"])
                .env(CHILD, database.url())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        })
        .collect();
    // All four have a session of a worker at it.
    let workers = "select count(*) >= 8 from pg_stat_activity \
                   where application_name = 'hardtack backfill' and datname = current_database()";
    database.wait_for(workers).await;
    database.wait_for("select sum(rows) > 1000 from hardtack.backfill_range").await;
    // SIGKILL.
    children.remove(0).kill().await.unwrap();
    let unfinished = "select exists (select from items where twice is null)";
    assert_eq!(database.value(unfinished).await, "t", "it was killed in the middle");
    for child in children {
        let output = child.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(database.value(DONE).await, "40000");
    assert_eq!(database.value("select count(*) from hardtack.backfill").await, "2");
}

#[tokio::test]
async fn a_stop_ends_it_between_two_batches_and_nothing_has_failed() {
    let database = database(2_000).await;
    let stop = StopSignal::new();
    let migrator = database.migrator(&with_backfill(&first())).with_stop(stop.clone());
    upgrade(&migrator).await.unwrap();
    let (ended, ()) = tokio::join!(migrator.run_backfills(), async {
        database.wait_for("select exists (select from hardtack.backfill_range where rows > 0)").await;
        stop.request();
    });
    assert!(matches!(ended.unwrap_err(), Error::Step(StepError::Stopped)));
    assert_eq!(database.value("select error is null from hardtack.deferred").await, "t");
    assert_eq!(listed(&migrator).await, [("twice".to_owned(), "running".to_owned())]);
    database.migrator(&with_backfill(&first())).run_backfills().await.unwrap();
    assert_eq!(database.value(DONE).await, "2000");
}

#[test]
fn what_no_revision_can_meet_is_found_at_compile_time() {
    for (requires, expected) in [
        ("V1", "requires the backfill of version 1, which has none"),
        ("V3", "requires its own backfill, which runs behind it"),
        ("V9", "requires version 9, which is not there"),
        ("V0", "requires version 0, which is not there"),
    ] {
        let folder = first();
        folder.write("V3__validate.sql", &VALIDATE.replace("V2", requires));
        let found = hardtack::revisions::resolve(folder.path()).unwrap_err().to_string();
        assert!(found.contains(expected) && found.contains("V3__validate.sql"), "{found}");
    }
}

#[tokio::test]
async fn a_backfill_without_a_schema_step_stands_beside_a_comment() {
    let database = database(1_000).await;
    let folder = first();
    for (file, text) in [("V3__rows.sql", "-- The columns are those of V2.\n"), ("V3__rows.rs", RUST)] {
        folder.write(file, text);
    }
    std::fs::remove_file(folder.path().join("V2__columns.rs")).unwrap();
    let code = Code { backfill: Some(doubles::__hardtack_backfill), ..Code::default() };
    let migrator = database.migrator(&with_code(&folder, 3, code));
    assert_eq!(upgrade(&migrator).await.unwrap(), [2, 3]);
    migrator.run_backfills().await.unwrap();
    assert_eq!(database.value(DONE).await, "1000");
}
