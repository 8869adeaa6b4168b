//! What a revision does to its session reaches neither the next revision nor the history insert.

use hardtack::UpgradeOptions;

use crate::support::{Folder, TestDatabase, cluster};

/// Leaks everything a session can leak, then the next revision writes down what it finds.
const LEAK: &str = "
    set search_path = pg_catalog;
    set time zone 'Pacific/Auckland';
    set default_transaction_isolation = 'serializable';
    set statement_timeout = '1h';
    set application_name = 'leaked';
    create temporary table hidden (id int);
    select pg_advisory_lock(4711);
    listen leaked;
    set role nobody_special;
    set default_transaction_read_only = on;
";

const LOOK: &str = "create table found as select
    current_setting('search_path') as search_path, current_setting('TimeZone') as time_zone,
    current_setting('transaction_read_only') as read_only, current_setting('transaction_isolation') as isolation,
    current_setting('statement_timeout') as statement_timeout, current_user::text as role,
    (select count(*) from pg_class where relname = 'hidden') as temporary,
    (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
    (select count(*) from pg_listening_channels()) as channels;";

async fn leaks(first_line: &str, single_transaction: bool) {
    let database = TestDatabase::empty().await;
    cluster()
        .admin("do $$ begin create role nobody_special; exception when duplicate_object or unique_violation then end $$")
        .await;
    database.execute("grant all on schema public to nobody_special").await;
    let folder = Folder::new(&[]);
    folder.write("V1__leak.sql", &format!("{first_line}\n{LEAK}"));
    folder.write("V2__look.sql", LOOK);
    let options = UpgradeOptions { single_transaction, ..UpgradeOptions::default() };
    let run = database.migrator(&folder.revisions()).upgrade(options).await.unwrap();
    assert_eq!(run.applied.len(), 2);
    let found = database.value("select found::text from found").await;
    let time_zone = database.value("show time zone").await;
    // The one advisory lock is the worker's own.
    assert_eq!(
        found,
        format!("(\"\"\"$user\"\", public\",{time_zone},off,\"read committed\",0,postgres,0,1,0)")
    );
}

#[tokio::test]
async fn a_transactional_revision_leaks_nothing() {
    leaks("-- leaks", false).await;
}

#[tokio::test]
async fn a_revision_without_a_transaction_leaks_nothing() {
    leaks("-- hardtack: no-transaction", false).await;
}

#[tokio::test]
async fn a_single_transaction_leaks_nothing_from_step_to_step() {
    leaks("-- leaks", true).await;
}

/// They belong to the revision: its `search_path` says which table they mean.
#[tokio::test]
async fn deferred_triggers_fire_before_the_session_is_reset() {
    let database = TestDatabase::empty().await;
    let text = "create schema app; create table app.log (id int); create table public.log (id int);
        create table app.things (id int);
        create function app.note() returns trigger language plpgsql as
            $$ begin insert into log values (new.id); return null; end $$;
        create constraint trigger note after insert on app.things deferrable initially deferred
            for each row execute function app.note();
        set search_path = app;
        insert into things values (1);
        create temporary table parents (id int primary key);
        create temporary table children (id int references parents deferrable initially deferred);
        insert into children values (1); insert into parents values (1);";
    let folder = Folder::new(&[("V1__things.sql", text)]);
    database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select count(*) from app.log").await, "1");
    assert_eq!(database.value("select count(*) from public.log").await, "0");
}

#[tokio::test]
async fn a_prepared_statement_does_not_reach_the_next_revision() {
    let database = TestDatabase::empty().await;
    let text = "prepare q as select 1; execute q;";
    let folder = Folder::new(&[("V1__one.sql", text), ("V2__two.sql", text)]);
    let run = database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 2);
}

#[tokio::test]
async fn a_database_that_is_read_only_by_default_is_migrated_all_the_same() {
    let database = TestDatabase::empty().await;
    let name = database.options.database().to_owned();
    cluster().admin(&format!("alter database {name} set default_transaction_read_only = on")).await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let run = database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 1);
}
