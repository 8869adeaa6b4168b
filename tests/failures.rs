//! What a failure leaves, and that the next run goes on from there.

use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::Duration;

use hardtack::engine::RunOutcome;
use hardtack::{StopSignal, UpgradeOptions};

use crate::support::{Folder, Proxy, SLEEPING, TestDatabase, cluster, hardtack, hardtack_command, revisions};

const SLOW: [(&str, &str); 4] = [
    ("V1__one.sql", "create table one ();"),
    ("V2__two.sql", "create table two (); select pg_sleep(3);"),
    (
        "V3__three.sql",
        "-- hardtack: no-transaction\ncreate table if not exists three (); select pg_sleep(1);",
    ),
    ("V4__four.sql", "create table four ();"),
];

#[tokio::test]
async fn a_failed_revision_is_rolled_back_and_named_with_its_line() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        ("V1__one.sql", "create table one ();"),
        ("V2__two.sql", "create table two ();\n\ncreate table\n  one ();\ncreate table never ();"),
    ]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("apply V2__two.sql:3 (statement 2 of 3): relation \"one\" already exists"),
        "{error}"
    );
    assert!(error.contains("rolled back"), "{error}");
    assert_eq!(database.applied().await, [1]);
    assert_eq!(database.value("select to_regclass('two')").await, "null");
    let log = "select error is not null from hardtack.step order by id desc limit 1";
    assert_eq!(database.value(log).await, "t");
    assert_eq!(database.value("select outcome from hardtack.run").await, "failed");
}

#[tokio::test]
async fn a_constraint_that_fails_at_commit_rolls_the_revision_back() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[(
        "V1__late.sql",
        "create table a (id int primary key);
         create table b (a int references a deferrable initially deferred);
         insert into b values (1);",
    )]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.starts_with("commit V1__late: "), "{error}");
    assert!(error.contains("foreign key") && error.contains("rolled back"), "{error}");
    assert_eq!(database.value("select to_regclass('a')").await, "null");
}

#[tokio::test]
async fn without_a_transaction_the_error_says_what_stays() {
    let database = TestDatabase::empty().await;
    let text = "-- hardtack: no-transaction\ncreate table one ();\ncreate table one ();";
    let set = revisions(&[("V1__one.sql", text)]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("its first statement is done and recorded"), "{error}");
    assert_eq!(database.value("select to_regclass('one')").await, "one");
}

#[tokio::test]
async fn a_single_transaction_is_all_or_nothing() {
    let database = TestDatabase::empty().await;
    let mut files = vec![("V1__one.sql", "create table one ();"), ("V2__two.sql", "create table one ();")];
    let options = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    let error = database.migrator(&revisions(&files)).upgrade(options.clone()).await.unwrap_err().to_string();
    assert!(error.contains("nothing was changed"), "{error}");
    assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
    files[1].1 = "create table two ();";
    let run = database.migrator(&revisions(&files)).upgrade(options).await.unwrap();
    assert_eq!(run.applied.len(), 2);
    assert_eq!(database.value("select count(distinct xmin::text) from refinery_schema_history").await, "1");
}

#[tokio::test]
async fn a_single_transaction_whose_session_is_lost_is_told_as_one() {
    let database = TestDatabase::empty().await;
    let text = "create table a (id int);
        create function ends() returns trigger language plpgsql as
            'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(30); return null; end';
        create constraint trigger ends after insert on a deferrable initially deferred
            for each row execute function ends();
        insert into a values (1);";
    let options = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    let migrator = database.migrator(&revisions(&[("V1__ends.sql", text)]));
    let error = migrator.upgrade(options).await.unwrap_err().to_string();
    assert!(error.contains("the single transaction is either wholly applied or not at all"), "{error}");
    assert_eq!(database.value("select to_regclass('a')").await, "null");
}

/// A row of the run log that is not there would be missed by its steps.
#[tokio::test]
async fn without_a_row_in_the_run_log_nothing_is_run() {
    let database = TestDatabase::empty().await;
    database.migrator(&revisions(&SLOW[..1])).upgrade(UpgradeOptions::default()).await.unwrap();
    let trigger = "create function skip() returns trigger language plpgsql as 'begin return null; end'; \
        create trigger skip before insert on hardtack.run for each row execute function skip()";
    database.execute(trigger).await;
    let set = revisions(&[SLOW[0], ("V2__two.sql", "create table two ();")]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.starts_with("begin the run log: hardtack.run took no row; no revision was run"), "{error}");
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn a_single_transaction_refuses_a_revision_that_cannot_run_in_one() {
    let database = TestDatabase::empty().await;
    let options = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    let error = database.migrator(&revisions(&SLOW)).upgrade(options).await.unwrap_err().to_string();
    assert!(
        error.contains(
            "V3__three runs without a transaction, or finishes a backfill first; nothing was changed"
        ),
        "{error}"
    );
    assert_eq!(database.value("select to_regclass('refinery_schema_history')").await, "null");
}

#[tokio::test]
async fn sigkill_in_mid_upgrade_leaves_whole_revisions_and_the_next_run_goes_on() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SLOW);
    let mut child = start(&folder, &database.url(), &["upgrade", "--dir", "."]);
    database.wait_for(SLEEPING).await;
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let output = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(database.applied().await, [1, 2, 3, 4]);
    let twice = "select count(*) from (select version from hardtack.step where error is null group by version \
                 having count(*) > 1) t";
    assert_eq!(database.value(twice).await, "0");
}

#[tokio::test]
async fn a_cut_connection_is_told_as_such_and_the_next_run_goes_on() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(cluster().socket(), Duration::ZERO).await;
    let folder = Folder::new(&SLOW);
    let url = format!("postgres://postgres@127.0.0.1:{}/{}", proxy.port, database.options.database());
    let child = start(&folder, &url, &["upgrade", "--dir", "."]);
    database.wait_for(SLEEPING).await;
    proxy.cut();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("lost") || stderr.contains("broke"), "{stderr}");
    let output = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(database.applied().await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn sigterm_stops_between_revisions_and_says_where() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SLOW);
    let child = start(&folder, &database.url(), &["upgrade", "--dir", "."]);
    database.wait_for(SLEEPING).await;
    signal(child.id());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(8), "{stdout}");
    assert!(
        stdout.contains("at version 2: stopped as asked, after 2 revisions; run again to go on"),
        "{stdout}"
    );
    assert_eq!(database.applied().await, [1, 2]);
    assert_eq!(database.value("select outcome from hardtack.run").await, "stopped");
}

/// The shipped path: a half-migrated schema is not reported as success.
#[tokio::test]
async fn sigterm_during_migrate_only_is_not_success() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&SLOW);
    let child = start(&folder, &database.url(), &["--migrate-only", "--dir", "."]);
    database.wait_for(SLEEPING).await;
    signal(child.id());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(8));
    assert_eq!(database.applied().await, [1, 2]);
}

#[tokio::test]
async fn a_second_signal_cancels_what_is_running() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one (); select pg_sleep(60);")]);
    let child = start(&folder, &database.url(), &["upgrade", "--dir", "."]);
    database.wait_for(SLEEPING).await;
    signal(child.id());
    tokio::time::sleep(Duration::from_millis(300)).await;
    signal(child.id());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(8), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        database
            .value(
                "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = \
        'active' and datname = current_database() and pid <> pg_backend_pid()"
            )
            .await,
        "0"
    );
    assert_eq!(database.value("select to_regclass('one')").await, "null");
}

/// Starts the binary on a database, and does not wait for it.
fn start(folder: &Folder, url: &str, arguments: &[&str]) -> Child {
    hardtack_command(folder.path()).args(arguments).env("DATABASE_URL", url).spawn().unwrap()
}

fn signal(process: u32) {
    let sent = std::process::Command::new("kill").args(["-TERM", &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn the_history_row_waits_for_a_lock_no_longer_than_a_step() {
    let database = TestDatabase::empty().await;
    database.migrator(&revisions(&SLOW[..1])).upgrade(UpgradeOptions::default()).await.unwrap();
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; lock table refinery_schema_history in share mode").await.unwrap();
    let set = revisions(&[SLOW[0], ("V2__two.sql", "create table two ();")]);
    let migrator = database.migrator(&set).with_lock_timeout(Duration::from_millis(200)).with_lock_retries(0);
    let started = std::time::Instant::now();
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("lock timeout"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_stop_asked_for_before_the_first_step_changes_nothing() {
    let database = TestDatabase::empty().await;
    let stop = StopSignal::new();
    stop.request();
    let migrator = database.migrator(&revisions(&SLOW)).with_stop(stop);
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.outcome, RunOutcome::Stopped);
    assert_eq!(database.applied().await, Vec::<i64>::new());
}

/// A failed transaction that the script itself heals goes on; what failed is an error all the same.
#[tokio::test]
async fn going_back_to_a_savepoint_hides_no_failure() {
    let database = TestDatabase::empty().await;
    let text = "create table a (id int primary key); savepoint s; insert into a values (1), (1); \
                rollback to savepoint s; create table b ();";
    let set = revisions(&[("V1__heals.sql", text)]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("duplicate key") && error.contains("it was rolled back"), "{error}");
    assert_eq!(database.applied().await, Vec::<i64>::new());
    assert_eq!(database.value("select to_regclass('a')").await, "null");
    let sound = text.replace("(1), (1)", "(1), (2)");
    let set = revisions(&[("V1__heals.sql", sound.as_str())]);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select count(*) from a").await, "0");
}
