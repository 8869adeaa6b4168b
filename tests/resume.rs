//! Steps without a transaction: each statement once, whatever happened in between.

use std::time::Duration;

use hardtack::{StepError, UpgradeOptions};

use crate::support::{Folder, TestDatabase, hardtack, revisions};

/// A script that fails at its third statement until somebody fills the table `switch`.
const HALF: &str = "-- hardtack: no-transaction
set search_path = app;
create table log (line text);
insert into log select 'once' where exists (select from public.switch) or 1 / (select count(*) from public.switch) = 0;
insert into log values ('last');";

fn half() -> hardtack::RevisionSet {
    revisions(&[("V1__app.sql", "create schema app;"), ("V2__half.sql", HALF)])
}

#[tokio::test]
async fn a_run_goes_on_behind_the_statements_that_are_done() {
    let database = TestDatabase::empty().await;
    database.execute("create table switch ()").await;
    let migrator = database.migrator(&half());
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("V2__half.sql:4 (statement 3 of 4): division by zero"), "{error}");
    assert!(error.contains("its first 2 statements are done and recorded"), "{error}");
    assert_eq!(database.value("select done from hardtack.unfinished").await, "2");
    let status = migrator.status().await.unwrap();
    assert_eq!(status.unfinished.len(), 1);
    database.execute("insert into switch default values").await;
    // The session is new: the search path is set again.
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column("select line from app.log").await, ["once", "last"]);
    assert_eq!(database.value("select count(*) from hardtack.unfinished").await, "0");
    assert_eq!(database.applied().await, [1, 2]);
}

#[tokio::test]
async fn a_text_that_was_edited_behind_the_done_statements_goes_on_and_before_them_does_not() {
    let database = TestDatabase::empty().await;
    database.execute("create table switch ()").await;
    database.migrator(&half()).upgrade(UpgradeOptions::default()).await.unwrap_err();
    let edited = HALF.replace("line text", "line varchar");
    let set = revisions(&[("V1__app.sql", "create schema app;"), ("V2__half.sql", &edited)]);
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(matches!(&error, hardtack::Error::Step(StepError::EditedHalfWay { done: 2, .. })), "{error}");
    let mended = HALF.replace("or 1 / (select count(*) from public.switch) = 0", "or true");
    let set = revisions(&[("V1__app.sql", "create schema app;"), ("V2__half.sql", &mended)]);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column("select line from app.log").await, ["once", "last"]);
}

#[tokio::test]
async fn a_transaction_of_the_script_counts_as_one_statement() {
    let database = TestDatabase::empty().await;
    database.execute("create table switch ()").await;
    let text = "-- hardtack: no-transaction
create table a ();
begin;
create table b ();
select 1 / count(*) from switch;
commit;
begin;
create table c ();
rollback;
create table d ();";
    let migrator = database.migrator(&revisions(&[("V1__own.sql", text)]));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("its first 1 statements are done"), "{error}");
    assert_eq!(database.value("select to_regclass('b')").await, "null");
    database.execute("insert into switch default values").await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let tables =
        "select string_agg(relname, '' order by relname) from pg_class where relname in ('a', 'b', 'c', 'd')";
    assert_eq!(database.value(tables).await, "abd");
}

/// The server says only when it runs that a procedure commits by itself.
#[tokio::test]
async fn code_that_ends_transactions_runs_without_one() {
    let database = TestDatabase::empty().await;
    let text = "-- hardtack: no-transaction
create table batches (number int);
do $$ begin for i in 1..3 loop insert into batches values (i); commit; end loop; end $$;
vacuum batches;";
    let migrator = database.migrator(&revisions(&[("V1__batches.sql", text)]));
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select count(*) from batches").await, "3");
}

#[tokio::test]
async fn an_invalid_index_is_dropped_and_built_again_also_where_if_not_exists_would_hide_it() {
    for condition in ["", "if not exists "] {
        let database = TestDatabase::empty().await;
        let index = format!(
            "-- hardtack: no-transaction\ncreate unique index concurrently {condition}\"Only\" on things (id);"
        );
        let set = revisions(&[
            ("V1__things.sql", "create table things (id int); insert into things values (1), (1);"),
            ("V2__index.sql", &index),
        ]);
        let migrator = database.migrator(&set);
        let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        assert!(error.contains("could not create unique index"), "{error}");
        let valid = "select indisvalid from pg_index where indexrelid = '\"Only\"'::regclass";
        assert_eq!(database.value(valid).await, "f");
        database.execute("delete from things").await;
        migrator.upgrade(UpgradeOptions::default()).await.unwrap();
        assert_eq!(database.value(valid).await, "t");
        assert_eq!(database.applied().await, [1, 2]);
    }
}

/// `IF NOT EXISTS` is content with an index that somebody else has failed to build meanwhile.
#[tokio::test]
async fn an_index_that_somebody_else_failed_to_build_is_not_taken_for_built() {
    let database = TestDatabase::empty().await;
    let table = ("V1__things.sql", "create table things (id int);");
    database.migrator(&revisions(&[table])).upgrade(UpgradeOptions::default()).await.unwrap();
    let writer = database.connect().await;
    writer.client.batch_execute("begin; insert into things values (1), (1)").await.unwrap();
    let other = database.connect().await;
    let building = tokio::spawn(async move {
        other.client.batch_execute("create unique index concurrently things_id on things (id)").await
    });
    database.wait_for("select to_regclass('things_id') is not null").await;
    let text = "-- hardtack: no-transaction\ncreate unique index concurrently if not exists things_id on things (id);";
    let migrator = database.migrator(&revisions(&[table, ("V2__index.sql", text)]));
    let run = tokio::spawn({
        let migrator = migrator.clone();
        async move { migrator.upgrade(UpgradeOptions::default()).await }
    });
    let waiting = "select count(*) > 0 from pg_stat_activity where query like '%if not exists things_id%' \
                   and wait_event_type = 'Lock' and datname = current_database()";
    database.wait_for(waiting).await;
    writer.client.batch_execute("commit").await.unwrap();
    building.await.unwrap().unwrap_err();
    let error = run.await.unwrap().unwrap_err();
    assert!(matches!(&error, hardtack::Error::Step(StepError::IndexNotBuilt { .. })), "{error}");
    database.execute("delete from things").await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let valid = "select indisvalid from pg_index where indexrelid = 'things_id'::regclass";
    assert_eq!(database.value(valid).await, "t");
}

/// As a kill leaves it right behind the build: done, and recorded only as sent.
#[tokio::test]
async fn a_statement_that_was_done_and_not_heard_of_is_not_done_twice() {
    let database = TestDatabase::empty().await;
    let files = [
        ("V1__things.sql", "create table things (id int); create index old on things (id);"),
        (
            "V2__index.sql",
            "-- hardtack: no-transaction\ncreate index concurrently new on things (id);\ndrop index concurrently old;",
        ),
    ];
    let set = revisions(&files);
    database.migrator(&revisions(&files[..1])).upgrade(UpgradeOptions::default()).await.unwrap();
    for (sent, done) in
        [("create index concurrently new on things (id)", 0), ("drop index concurrently old", 1)]
    {
        let hash = hash_of(&set, done);
        database
            .execute(&format!(
                "insert into hardtack.unfinished (history_table, version, direction, done, done_hash, running)
                 values ('\"public\".\"refinery_schema_history\"', 2, 'up', {done}, '{hash}', '{sent}')
                 on conflict (history_table, version) do update set done = excluded.done,
                 done_hash = excluded.done_hash, running = excluded.running"
            ))
            .await;
        database.execute(sent).await;
    }
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.applied().await, [1, 2]);
    assert_eq!(
        database.value("select to_regclass('new') is not null and to_regclass('old') is null").await,
        "t"
    );
}

/// What tells the first statements of revision 2 from others.
fn hash_of(set: &hardtack::RevisionSet, done: usize) -> String {
    use std::hash::Hasher;
    let hardtack::Step::Sql(script) = &set.get(2).unwrap().up else { panic!("revision 2 is SQL") };
    let mut hasher = siphasher::sip::SipHasher13::new();
    for statement in script.statements().take(done) {
        hasher.write(statement.as_bytes());
        hasher.write_u8(0);
    }
    format!("{:016x}", hasher.finish())
}

#[tokio::test]
async fn a_statement_of_a_dead_run_that_still_works_is_waited_for() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__things.sql", "create table things (id int);"),
        ("V2__index.sql", "-- hardtack: no-transaction\ncreate index concurrently slow on things (id);"),
    ]);
    let first = folder.revisions();
    database
        .migrator(&revisions(&[("V1__things.sql", "create table things (id int);")]))
        .upgrade(UpgradeOptions::default())
        .await
        .unwrap();
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; insert into things values (1)").await.unwrap();
    let mut command = crate::support::hardtack_command(folder.path());
    let mut child =
        command.args(["upgrade", "--dir", "."]).env("DATABASE_URL", database.url()).spawn().unwrap();
    let building = "select exists (select from pg_stat_activity where query like 'create index concurrently slow%' \
                    and state = 'active' and datname = current_database() and pid <> pg_backend_pid())";
    database.wait_for(building).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(database.value(building).await, "t", "the server goes on without its client");
    let refused =
        hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", ".", "--lock-wait", "1s"]);
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("for a run that has died"), "{}", refused.stderr);
    let rest = database.migrator(&first).with_lock_wait(Duration::from_secs(60));
    let rest = tokio::spawn(async move { rest.upgrade(UpgradeOptions::default()).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    blocker.client.batch_execute("commit").await.unwrap();
    rest.await.unwrap().unwrap();
    assert_eq!(database.applied().await, [1, 2]);
    assert_eq!(
        database.value("select indisvalid from pg_index where indexrelid = 'slow'::regclass").await,
        "t"
    );
}
