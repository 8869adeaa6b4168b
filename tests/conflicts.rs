//! Where history and revisions disagree: all of it is told at once, and nothing runs.

use hardtack::config::HistoryTable;
use hardtack::{Conflict, Error, Target, UpgradeOptions};

use crate::support::{Folder, TestDatabase, revisions};

#[tokio::test]
async fn every_conflict_is_told_at_once_with_what_to_do() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__one.sql", "create table one ();"),
        ("V2__two.sql", "create table two ();"),
        ("V4__four.sql", "create table four ();"),
    ]);
    database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    folder.write("V1__one.sql", "create table one (id int);");
    folder.remove("V2__two");
    folder.write("V3__three.sql", "create table three ();");
    let migrator = database.migrator(&folder.revisions());
    let status = migrator.status().await.unwrap();
    assert!(matches!(
        status.conflicts.as_slice(),
        [
            Conflict::Divergent { version: 1, .. },
            Conflict::Missing { version: 2, ahead: false, .. },
            Conflict::OutOfOrder { version: 3, newest_applied: 4, .. }
        ]
    ));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err();
    let text = error.to_string();
    for part in
        ["nothing was changed", "was edited", "is not known here", "was never applied", "restore the file"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(database.applied().await, [1, 2, 4]);
}

#[tokio::test]
async fn an_older_binary_sees_that_the_database_is_ahead() {
    let database = TestDatabase::empty().await;
    let newer = revisions(&[("V1__one.sql", "select 1;"), ("V2__two.sql", "select 2;")]);
    database.migrator(&newer).upgrade(UpgradeOptions::default()).await.unwrap();
    let older = revisions(&[("V1__one.sql", "select 1;")]);
    let error = database.migrator(&older).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("run the newer release's binary"), "{error}");
}

#[tokio::test]
async fn an_upgrade_stops_at_its_target_and_never_goes_back() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        ("V1__one.sql", "select 1;"),
        ("V2__two.sql", "select 2;"),
        ("V3__three.sql", "select 3;"),
    ]);
    let migrator = database.migrator(&set);
    let to = |version| UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
    let run = migrator.upgrade(to(2)).await.unwrap();
    assert_eq!((run.from, run.to, run.applied.len()), (None, Some(2), 2));
    let again = migrator.upgrade(to(2)).await.unwrap();
    assert_eq!((again.outcome, again.applied.len()), (hardtack::RunOutcome::NothingPending, 0));
    let behind = migrator.upgrade(to(1)).await.unwrap_err().to_string();
    assert!(behind.contains("past 1"), "{behind}");
    let unknown = migrator.upgrade(to(9)).await.unwrap_err().to_string();
    assert!(unknown.contains("no revision of version 9; the newest is 3"), "{unknown}");
    assert_eq!(database.applied().await, [1, 2]);
}

#[tokio::test]
async fn the_history_may_have_another_name_in_another_schema() {
    let database = TestDatabase::empty().await;
    let table = HistoryTable::new("Change \"log\"", "what's applied").unwrap();
    let set = revisions(&[("V1__one.sql", "create table one ();")]);
    let migrator = database.migrator(&set).with_history_table(table.clone());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value(&format!("select count(*) from {table}")).await, "1");
    assert_eq!(database.value("select to_regclass('public.refinery_schema_history')").await, "null");
    let again = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert!(again.applied.is_empty());
    assert!(migrator.status().await.unwrap().applied[0].row.duration.is_some());
}

/// They share hardtack's own tables, and make them under a lock of their own.
#[tokio::test]
async fn histories_of_several_names_boot_together_on_an_empty_database() {
    let database = TestDatabase::empty().await;
    let runs = (0..8).map(|number| {
        let table = HistoryTable::new(format!("app_{number}"), "history").unwrap();
        let create = format!("create table of_{number} ();");
        let migrator =
            database.migrator(&revisions(&[("V1__one.sql", create.as_str())])).with_history_table(table);
        tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await })
    });
    for run in futures_util::future::join_all(runs).await {
        assert_eq!(run.unwrap().unwrap().applied.len(), 1);
    }
    assert_eq!(database.value("select count(*) from hardtack.run where outcome = 'succeeded'").await, "8");
}

#[tokio::test]
async fn a_newer_releases_own_tables_do_not_bar_an_older_binary() {
    let database = TestDatabase::empty().await;
    let one = ("V1__one.sql", "create table one ();");
    database.migrator(&revisions(&[one])).upgrade(UpgradeOptions::default()).await.unwrap();
    database
        .execute(
            "insert into hardtack.refinery_schema_history values (99, 'newer', '2027-01-01T00:00:00Z', '1')",
        )
        .await;
    let set = revisions(&[one, ("V2__two.sql", "create table two ();")]);
    assert_eq!(database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap().applied.len(), 1);
}

#[tokio::test]
async fn a_role_that_may_not_read_the_history_is_told_which_grant_it_wants() {
    let database = TestDatabase::reference().await;
    database
        .execute("do $$ begin create role reader_without_rights login; exception when duplicate_object then end $$")
        .await;
    let options = database.options.clone().with_user("reader_without_rights");
    let migrator = hardtack::Migrator::new(&crate::migrations::REVISIONS, options);
    let error = migrator.status().await.unwrap_err();
    assert!(matches!(error, Error::History(_)));
    assert!(error.to_string().contains("grant it USAGE on the schema and SELECT on the table"), "{error}");
}
