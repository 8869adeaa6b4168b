//! One revision for a range of old ones: databases of either past accept it.

use std::fs;
use std::path::Path;

use hardtack::catalog::differences;
use hardtack::{Conflict, RunOutcome, UpgradeOptions};

use crate::support::{Folder, Output, TestDatabase, hardtack_command, output_of};

const OLD: [(&str, &str); 4] = [
    (
        "V1__users.sql",
        "create table users (id bigint generated always as identity primary key, name text not null);\n\
         insert into users (name) values ('it''s\\ root'), ('ada');\n\
         create function greet(who text) returns text language sql as 'select ''hello '' || who from users';",
    ),
    ("U2__view.sql", "create view names as select name from users;"),
    (
        "V3__kind.sql",
        "create type kind as enum ('a', 'b'); create table things (id int, kind kind default 'a');",
    ),
    (
        "V4__comment.sql",
        "comment on table users is 'who';\ncreate schema app; create table app.log (line text);",
    ),
];

/// Runs the binary, with the `pg_dump` of the server that the tests run on.
fn run(database: &TestDatabase, folder: &Folder, arguments: &[&str]) -> Output {
    let programs =
        std::env::var_os("HARDTACK_TEST_PG_BIN").filter(|bin| Path::new(bin).join("pg_dump").exists());
    let mut command = hardtack_command(folder.path());
    command.env("DATABASE_URL", database.url()).args(["--dir", "."]).args(arguments);
    output_of(command.envs(programs.map(|bin| ("HARDTACK_PG_BIN", bin))))
}

fn files(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The old revisions and one that comes after them, locked as shipped.
async fn old_folder(database: &TestDatabase) -> Folder {
    let folder = Folder::new(&OLD);
    folder.write("V5__later.sql", "create table later (id int);");
    let lock = run(database, &folder, &["lock", "--shipped"]);
    assert_eq!(lock.code, 0, "{}", lock.stderr);
    folder
}

async fn squashed(database: &TestDatabase) -> Folder {
    let folder = old_folder(database).await;
    let output = run(database, &folder, &["squash", "--to", "4", "--name", "base"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    folder
}

#[tokio::test]
async fn databases_of_both_pasts_accept_a_squash() {
    let (old, fresh) = (TestDatabase::empty().await, TestDatabase::empty().await);
    let before = old_folder(&old).await;
    let to_head = UpgradeOptions::default();
    old.migrator(&before.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    let folder = squashed(&fresh).await;
    assert_eq!(files(&folder), ["V4__base.sql", "V5__later.down.sql", "V5__later.sql", "hardtack.lock"]);
    let lock = fs::read_to_string(folder.path().join("hardtack.lock")).unwrap();
    assert_eq!(lock.lines().filter(|line| line.contains("__")).count(), 2, "{lock}");
    folder.write("V6__latest.sql", "create table latest (id int);");
    let set = folder.revisions();
    let (of_old, of_fresh) = (old.migrator(&set), fresh.migrator(&set));
    assert_eq!(of_fresh.upgrade(to_head.clone()).await.unwrap().applied.len(), 3);
    let run = of_old.upgrade(to_head.clone()).await.unwrap();
    assert_eq!((run.from, run.to, run.applied.len()), (Some(5), Some(6), 1));
    for migrator in [&of_old, &of_fresh] {
        let status = migrator.status().await.unwrap();
        assert_eq!((status.conflicts.len(), status.pending.len(), status.current), (0, 0, Some(6)));
        let again = migrator.upgrade(to_head.clone()).await.unwrap().outcome;
        assert!(matches!(again, RunOutcome::UpToDate | RunOutcome::NothingPending), "{again:?}");
    }
    let (one, other) = (of_old.catalog().await.unwrap(), of_fresh.catalog().await.unwrap());
    assert_eq!(differences(&one, &other), []);
    let rows = "select string_agg(id || name, ',' order by id) from users";
    assert_eq!(fresh.value(rows).await, old.value(rows).await);
    assert_eq!(old.applied().await, [1, 2, 3, 4, 5, 6]);
    assert_eq!(fresh.applied().await, [4, 5, 6]);
    assert_eq!(of_old.compare(6).await.unwrap(), []);
    let back = of_old.plan_downgrade(hardtack::plan::Back::To(0)).await.unwrap_err().to_string();
    assert!(back.contains("irreversible: it stands for V1 to V4"), "{back}");
}

#[tokio::test]
async fn a_database_inside_the_range_needs_the_last_release_before_it() {
    let database = TestDatabase::empty().await;
    let (before, folder) = (old_folder(&database).await, squashed(&database).await);
    let old = database.migrator(&before.revisions());
    let to_three = UpgradeOptions { target: hardtack::Target::Version(3), ..UpgradeOptions::default() };
    old.upgrade(to_three).await.unwrap();
    let migrator = database.migrator(&folder.revisions());
    let conflicts = migrator.status().await.unwrap().conflicts;
    assert!(matches!(
        conflicts.as_slice(),
        [Conflict::InsideSquash { version: 4, first: 1, newest_applied: 3, .. }]
    ));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("run the last release before the squash first"), "{error}");
    assert_eq!(database.applied().await, [1, 2, 3]);
    old.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(migrator.status().await.unwrap().conflicts, []);
}

#[tokio::test]
async fn a_squash_can_be_squashed() {
    let (old, fresh) = (TestDatabase::empty().await, TestDatabase::empty().await);
    old.migrator(&old_folder(&old).await.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    let folder = squashed(&fresh).await;
    fresh.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    let again = run(&fresh, &folder, &["squash", "--to", "5", "--format", "json"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let report: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&report["first"], &report["file"]), (&1.into(), &"V5__baseline.sql".into()));
    for database in [&old, &fresh] {
        let status = database.migrator(&folder.revisions()).status().await.unwrap();
        assert_eq!((status.conflicts.len(), status.pending.len()), (0, 0));
    }
}

/// Whatever goes wrong, the folder is as it was, and no scratch database stays.
#[tokio::test]
async fn a_squash_that_cannot_be_leaves_everything_as_it_was() {
    let database = TestDatabase::empty().await;
    let folder = old_folder(&database).await;
    // A dump does not take away what every new database has.
    folder.write("V6__bare.sql", "-- hardtack: allow ban-drop-extension \"unused\"\ndrop extension plpgsql;");
    let before = files(&folder);
    for (arguments, code, part) in [
        (&["squash", "--to", "6"][..], 6, "extra      extension plpgsql"),
        (&["squash", "--to", "4", "--name", "comment"], 2, "give another --name"),
        (&["squash", "--to", "2"], 2, "it is unversioned"),
        (&["squash", "--to", "1"], 2, "it is the first one"),
        (&["squash", "--to", "9"], 2, "there is no revision of that version"),
    ] {
        let output = run(&database, &folder, arguments);
        assert_eq!(output.code, code, "{}", output.stderr);
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
        assert_eq!(files(&folder), before);
    }
    let scratch = format!(
        "select count(*) from pg_shdescription where description = 'scratch of hardtack, beside {}'",
        database.options.database()
    );
    assert_eq!(database.value(&scratch).await, "0");
}

#[tokio::test]
async fn without_a_pg_dump_a_squash_says_what_is_missing() {
    let database = TestDatabase::empty().await;
    let folder = old_folder(&database).await;
    let mut command = hardtack_command(folder.path());
    command.env("DATABASE_URL", database.url()).env("HARDTACK_PG_BIN", folder.path());
    let text = output_of(command.args(["--dir", ".", "squash", "--to", "4"])).stderr;
    assert!(text.contains("find a pg_dump of PostgreSQL") && text.contains("HARDTACK_PG_BIN"), "{text}");
}
