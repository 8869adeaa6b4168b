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
    assert!(error.contains("its first statement is done"), "{error}");
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

/// The server has made its name up, so that nobody can look for it.
#[tokio::test]
async fn an_index_without_a_name_is_neither_taken_for_built_nor_built_again() {
    let database = TestDatabase::empty().await;
    let table = ("V1__things.sql", "create table things (id int);");
    let text = "-- hardtack: no-transaction\ncreate index concurrently on things (id);";
    let set = revisions(&[table, ("V2__index.sql", text)]);
    database.migrator(&revisions(&[table])).upgrade(UpgradeOptions::default()).await.unwrap();
    let sent = "create index concurrently on things (id)";
    let unheard = format!(
        "insert into hardtack.unfinished (history_table, version, direction, done, done_hash, running)
         values ('\"public\".\"refinery_schema_history\"', 2, 'up', 0, '{}', '{sent}')",
        hash_of(&set, 0)
    );
    database.execute(&unheard).await;
    database.execute(sent).await;
    for _ in 0..2 {
        let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        let told = "apply V2__index.sql:2: nobody can tell whether the index on things was built";
        assert!(error.starts_with(told) && error.contains("drop the one"), "{error}");
        let number = "select count(*) from pg_index where indrelid = 'things'::regclass";
        assert_eq!(database.value(number).await, "1");
    }
    database.execute("drop index things_id_idx").await;
    let named = text.replace("on things", "named on things");
    let set = revisions(&[table, ("V2__index.sql", &named)]);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select to_regclass('named')").await, "named");
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

/// The session of a second attempt is the first one's, with the role that the script took.
#[tokio::test]
async fn a_script_that_takes_a_role_goes_on_after_a_lock_timeout() {
    let database = TestDatabase::empty().await;
    let role = format!("clerk_{}", database.options.database());
    let table = ("V1__busy.sql", "create table busy (id int); create table log (line text);");
    database.migrator(&revisions(&[table])).upgrade(UpgradeOptions::default()).await.unwrap();
    database
        .execute(&format!(
            "create role {role}; grant all on log, busy to {role}; alter table busy owner to {role}"
        ))
        .await;
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let text = format!(
        "-- hardtack: no-transaction\nset role {role};\ninsert into log values ('once');\n\
         alter table busy add column wide text;"
    );
    let (sender, mut retries) = tokio::sync::mpsc::unbounded_channel();
    let migrator = database
        .migrator(&revisions(&[table, ("V2__wide.sql", &text)]))
        .with_lock_timeout(Duration::from_millis(200))
        .on_event(move |event| {
            if let hardtack::Event::Retrying { attempt, .. } = event {
                sender.send(*attempt).unwrap();
            }
        });
    let run = tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await });
    assert_eq!(retries.recv().await, Some(1));
    blocker.client.batch_execute("commit").await.unwrap();
    run.await.unwrap().unwrap();
    assert_eq!(database.column("select line from log").await, ["once"]);
}

/// What commits by itself is not tried again: part of it may be done.
#[tokio::test]
async fn code_that_commits_by_itself_is_not_tried_again() {
    let database = TestDatabase::empty().await;
    let table = ("V1__busy.sql", "create table busy (id int); create table log (line int);");
    database.migrator(&revisions(&[table])).upgrade(UpgradeOptions::default()).await.unwrap();
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select count(*) from busy").await.unwrap();
    let text = "-- hardtack: no-transaction
do $$ begin insert into log values (1); commit; execute 'lock table busy'; end $$;";
    let migrator = database
        .migrator(&revisions(&[table, ("V2__batches.sql", text)]))
        .with_lock_timeout(Duration::from_millis(200));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("tried once") && error.contains("this one commits by itself"), "{error}");
    assert_eq!(database.value("select count(*) from log").await, "1");
}

/// Somebody finished by hand and said so; what was half done is forgotten with it.
#[tokio::test]
async fn a_mark_and_a_transactional_down_forget_what_was_half_done() {
    let database = TestDatabase::empty().await;
    database.execute("create table switch ()").await;
    let text = "-- hardtack: no-transaction\ncreate table a ();\nselect 1 / count(*) from switch;\ncreate table b ();";
    let set = revisions(&[("V1__half.sql", text), ("V1__half.down.sql", "drop table a; drop table b;")]);
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap_err();
    database.execute("create table b ()").await;
    let folder = Folder::new(&[("V1__half.sql", text), ("V1__half.down.sql", "drop table a; drop table b;")]);
    let arguments = ["baseline", "--to", "1", "--yes", "--without-comparison", "by hand", "--dir", "."];
    let marked = hardtack(folder.path(), Some(&database.url()), &arguments);
    assert_eq!(marked.code, 0, "{}", marked.stderr);
    assert!(migrator.status().await.unwrap().unfinished.is_empty());
    let back = hardtack::DowngradeOptions { back: hardtack::Back::To(0), agreed: None };
    migrator.downgrade(back).await.unwrap();
    database.execute("insert into switch default values").await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(
        database.value("select to_regclass('a') is not null and to_regclass('b') is not null").await,
        "t"
    );
}

/// Its second phase was cut short: the partition is neither in nor out.
#[tokio::test]
async fn a_detachment_that_was_cancelled_is_finished() {
    let database = TestDatabase::empty().await;
    if database.connect().await.server_version_num() < 140_000 {
        eprintln!("skipped: the server cannot detach concurrently");
        return;
    }
    let table = (
        "V1__parts.sql",
        "create table parts (id int) partition by range (id);
         create table parts_1 partition of parts for values from (0) to (9);",
    );
    database.migrator(&revisions(&[table])).upgrade(UpgradeOptions::default()).await.unwrap();
    let reader = database.connect().await;
    reader
        .client
        .batch_execute("begin isolation level repeatable read; select count(*) from parts")
        .await
        .unwrap();
    let text = "-- hardtack: no-transaction\nalter table parts detach partition parts_1 concurrently;";
    let migrator = database.migrator(&revisions(&[table, ("V2__detach.sql", text)]));
    let run = tokio::spawn({
        let migrator = migrator.clone();
        async move { migrator.upgrade(UpgradeOptions::default()).await }
    });
    database.wait_for("select coalesce(bool_or(inhdetachpending), false) from pg_inherits").await;
    database
        .execute(
            "select pg_cancel_backend(pid) from pg_stat_activity
             where query like 'alter table parts detach%' and datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;
    run.await.unwrap().unwrap_err();
    reader.client.batch_execute("commit").await.unwrap();
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select count(*) from pg_inherits").await, "0");
    assert_eq!(database.applied().await, [1, 2]);
}
