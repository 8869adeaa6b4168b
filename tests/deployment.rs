//! The shapes in which databases are met: a standby, few rights, a role to work as, encodings, odd defaults.

use std::sync::atomic::{AtomicU32, Ordering};

use hardtack::config::{HistoryTable, Role};
use hardtack::engine::PreflightError;
use hardtack::{Error, Migrator, RunOutcome, UpgradeOptions};

use crate::support::{Folder, Pooler, Standby, TestDatabase, cluster, hardtack, revisions};

const ONE: [(&str, &str); 1] = [("V1__one.sql", "create table one (id int);")];

/// A role of this test's own: the cluster's roles are for all its databases.
async fn role(kind: &str, options: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("Role {kind} {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    cluster().admin(&format!("create role \"{name}\" {options}")).await;
    name
}

/// As PostgreSQL 15 has it; before that everybody may create in `public`.
const CLOSED: &str = "revoke create on schema public from public";

/// A migrator that logs in as a role.
fn login(database: &TestDatabase, name: &str, revisions: &hardtack::RevisionSet) -> Migrator {
    Migrator::new(revisions, database.options.clone().with_user(name))
}

async fn refusal(migrator: &Migrator) -> PreflightError {
    match migrator.upgrade(UpgradeOptions::default()).await {
        Err(Error::Preflight(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_standby_is_refused_and_a_boot_with_nothing_to_do_is_served() {
    let Some(standby) = Standby::start(&crate::migrations::REVISIONS).await else { return };
    let migrator = Migrator::new(&crate::migrations::REVISIONS, standby.options());
    let boot = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(boot.outcome, RunOutcome::UpToDate);
    let status = migrator.status().await.unwrap();
    assert_eq!((status.current, status.pending.len()), (status.head, 0));
    let more = Migrator::new(&revisions(&ONE), standby.options())
        .with_history_table(HistoryTable::new("public", "other").unwrap());
    assert!(matches!(refusal(&more).await, PreflightError::Standby));
    assert_eq!(more.status().await.unwrap().pending.len(), 1);
}

/// Follows the messages to the letter, and ends with a migrated database.
#[tokio::test]
async fn every_missing_right_is_named_and_what_is_named_is_enough() {
    let database = TestDatabase::empty().await;
    database.execute(CLOSED).await;
    let name = role("few rights", "login").await;
    let table = HistoryTable::new("Ops \"1\"", "the history").unwrap();
    let mut rounds = Vec::new();
    let mut set = revisions(&[ONE[0]]);
    // The second round is on tables of another owner, the third on a schema that is there without them.
    for round in 0..3 {
        if round == 1 {
            database.execute(&format!("reassign owned by \"{name}\" to postgres")).await;
            set = revisions(&[ONE[0], ("V2__two.sql", "create table two ();")]);
        }
        if round == 2 {
            let drop = "drop table \"Ops \"\"1\"\"\".\"the history\", hardtack.step, hardtack.run, hardtack.evidence, hardtack.deploy, hardtack.unfinished,
                hardtack.deferred, hardtack.backfill, hardtack.backfill_range, hardtack.backfill_reject, hardtack.token, hardtack.audit, hardtack.refinery_schema_history, one, two";
            database.execute(drop).await;
        }
        let migrator = login(&database, &name, &set).with_history_table(table.clone());
        let run = loop {
            match migrator.upgrade(UpgradeOptions::default()).await {
                Ok(run) => break run,
                Err(Error::Preflight(error @ PreflightError::MissingRights { .. })) => {
                    let PreflightError::MissingRights { role, grants } = &error else { unreachable!() };
                    assert_eq!(*role, format!("\"{name}\""));
                    assert!(error.to_string().contains("nothing was changed"), "{error}");
                    for grant in grants {
                        assert!(error.to_string().contains(grant), "{error}");
                        database.execute(grant).await;
                    }
                    rounds.push(grants.join("\n"));
                }
                // The application's own objects are no business of the preflight.
                Err(error) if error.to_string().contains("schema public") => {
                    database.execute(&format!("grant create on schema public to \"{name}\"")).await;
                }
                Err(error) => panic!("round {round}: {error}"),
            }
        };
        assert!(!run.applied.is_empty());
    }
    let all = rounds.join("\n");
    for part in [
        "GRANT CREATE ON DATABASE",
        "GRANT USAGE ON SCHEMA \"Ops \"\"1\"\"\" TO \"Role few rights",
        "GRANT CREATE ON SCHEMA hardtack TO",
        "GRANT INSERT, SELECT ON TABLE \"Ops \"\"1\"\"\".\"the history\" TO",
        "GRANT INSERT, SELECT, UPDATE ON TABLE hardtack.run TO",
    ] {
        assert!(all.contains(part), "{part} is not in:\n{all}");
    }
}

/// A login that owns nothing, a role that owns the schema.
async fn owner_and_login(database: &TestDatabase) -> (Role, String) {
    let owner = role("owner", "nologin").await;
    let login = role("login", "login noinherit").await;
    let name = database.options.database();
    database.execute(&format!("{CLOSED}; grant create on schema public to \"{owner}\"")).await;
    database.execute(&format!("grant create on database {name} to \"{owner}\"")).await;
    (Role::new(owner).unwrap(), login)
}

const OWNED: [(&str, &str); 4] = [
    ONE[0],
    // It leaves the role, and does not come back.
    ("V2__two.sql", "create table two (); reset role; set local search_path = pg_temp; set time zone 'UTC';"),
    (
        "V3__three.sql",
        "-- hardtack: no-transaction\ncreate table three (id int);\ncreate index concurrently three_id on three (id);",
    ),
    ("V4__four.sql", "create table four ();"),
];

/// Who owns what is there.
const OWNERS: &str = "select distinct pg_get_userbyid(relowner)::text from pg_class c join pg_namespace n on n.oid = relnamespace \
    where nspname in ('public', 'hardtack')";

#[tokio::test]
async fn everything_is_done_as_the_role_and_belongs_to_it() {
    let database = TestDatabase::empty().await;
    let (owner, name) = owner_and_login(&database).await;
    let set = revisions(&OWNED);
    let migrator = login(&database, &name, &set).with_role(owner.clone());
    let error = refusal(&migrator).await;
    let PreflightError::NotAMember { grant, .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains(grant.as_str()), "{error}");
    database.execute(grant).await;
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), OWNED.len());
    assert_eq!(database.column(OWNERS).await, [owner.as_str()]);
    // The login itself may read nothing, and is nobody's member by inheritance.
    let boot = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(boot.outcome, RunOutcome::UpToDate);
    assert_eq!(migrator.status().await.unwrap().applied.len(), OWNED.len());
    assert!(login(&database, &name, &set).status().await.is_err());
}

#[tokio::test]
async fn the_reference_with_its_rust_revisions_runs_as_the_role() {
    let database = TestDatabase::empty().await;
    let (owner, name) = owner_and_login(&database).await;
    database.execute(&format!("grant {owner} to \"{name}\"")).await;
    let migrator = login(&database, &name, &crate::migrations::REVISIONS).with_role(owner.clone());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(OWNERS).await, [owner.as_str()]);
}

#[tokio::test]
async fn a_role_goes_through_a_transaction_pooler_but_not_for_a_session() {
    let database = TestDatabase::empty().await;
    let (owner, name) = owner_and_login(&database).await;
    database.execute(&format!("grant {owner} to \"{name}\"")).await;
    let Some(pooler) = Pooler::start(&database, "transaction", 4, &format!("'{name}'"), "").await else {
        return;
    };
    let without = [OWNED[0], OWNED[1], ("V4__four.sql", "create table four ();")];
    let migrator = pooler.migrator(&revisions(&without)).with_role(owner.clone());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(OWNERS).await, [owner.as_str()]);
    let session = "-- hardtack: no-transaction\ncreate table five ();";
    let set = revisions(&[OWNED[0], OWNED[1], OWNED[3], ("V5__five.sql", session)]);
    let error = refusal(&pooler.migrator(&set).with_role(owner)).await;
    let PreflightError::SharedSession { revision, .. } = &error else { panic!("{error}") };
    assert_eq!(revision, "V5__five");
}

#[tokio::test]
async fn a_role_that_is_not_there_is_named() {
    let database = TestDatabase::empty().await;
    let nobody = Role::new("No Such").unwrap();
    let error = refusal(&database.migrator(&revisions(&ONE)).with_role(nobody)).await;
    assert!(matches!(&error, PreflightError::NoSuchRole { role } if role == "\"No Such\""), "{error}");
}

#[tokio::test]
async fn the_role_is_set_by_flag_and_variable() {
    let database = TestDatabase::empty().await;
    let (owner, _) = owner_and_login(&database).await;
    let folder = Folder::new(&ONE);
    let url = database.url();
    let (path, flag) = (folder.path().to_owned(), owner.as_str().to_owned());
    let run = move |arguments: &[&str]| hardtack(&path, Some(&url), arguments);
    let output = tokio::task::spawn_blocking(move || {
        let shown = run(&["status", "--dir", ".", "--role", &flag, "--show-config"]);
        assert!(shown.stdout.contains(&flag) && shown.stdout.contains("--role"), "{}", shown.stdout);
        let none = run(&["upgrade", "--dir", ".", "--role", "none"]);
        assert_eq!(none.code, 2, "{}", none.stderr);
        run(&["upgrade", "--dir", ".", "--role", &flag])
    });
    let output = output.await.unwrap();
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(database.column(OWNERS).await, [owner.as_str()]);
}

/// What a database, and a login in it, may set for every session.
#[tokio::test]
async fn hostile_defaults_of_a_database_and_a_login_change_nothing() {
    let database = TestDatabase::empty().await;
    let name = database.options.database().to_owned();
    let owner = role("default", "nologin").await;
    let hostile = role("hostile", &format!("login noinherit in role \"{owner}\"")).await;
    database
        .execute(&format!(
            "create schema evil; create table evil.refinery_schema_history (version text);
             create function evil.count() returns text language sql as 'select ''evil''::text';
             create function evil.lower(text) returns text language sql as 'select ''evil''::text';
             alter role \"{hostile}\" in database {name} set search_path = evil, pg_temp;
             alter role \"{hostile}\" in database {name} set role = \"{owner}\";
             alter role \"{hostile}\" in database {name} set default_transaction_read_only = on;
             alter database {name} set default_transaction_isolation = 'serializable';
             alter database {name} set default_transaction_deferrable = on;
             alter database {name} set standard_conforming_strings = off;
             alter database {name} set datestyle = 'German, DMY';
             alter database {name} set lock_timeout = '1ms';
             alter database {name} set idle_in_transaction_session_timeout = '1s';
             alter database {name} set client_min_messages = 'error';
             alter database {name} set bytea_output = 'escape';
             grant all on database {name} to \"{owner}\"; grant all on schema public, evil to \"{owner}\""
        ))
        .await;
    let set = revisions(&[
        ("V1__one.sql", "create table public.one (name text default 'C:\\temp');"),
        ("V2__two.sql", "create table two ();"),
        ("V3__three.sql", "-- hardtack: no-transaction\nset transaction_read_only = off;\nselect 1;"),
    ]);
    let migrator = login(&database, &hostile, &set);
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 3);
    let boot = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(boot.outcome, RunOutcome::UpToDate);
    assert_eq!(database.applied().await, [1, 2, 3]);
    assert_eq!(database.value("select count(*) from evil.refinery_schema_history").await, "0");
    // An unqualified name is the revision's own affair: it means what the login's search_path says.
    assert_eq!(database.value("select to_regclass('evil.two')").await, "evil.two");
    assert_eq!(
        database.value("select pg_get_userbyid(relowner) from pg_class where relname = 'run'").await,
        owner
    );
}

/// A database in another encoding, with one that nobody else may have made there.
async fn encoded(encoding: &str) -> TestDatabase {
    TestDatabase::with(&format!("template template0 encoding '{encoding}' locale 'C'")).await
}

const REPRESENTABLE: (&str, &str) = (
    "V1__grusse.sql",
    "create table \"Grüße\" (name text default 'Ærø'); insert into \"Grüße\" default values;",
);
const FOREIGN: (&str, &str) =
    ("V2__foreign.sql", "create table other (name text); insert into other values ('日本語');");

#[tokio::test]
async fn in_latin1_what_it_can_hold_is_kept_and_what_it_cannot_is_refused() {
    let database = encoded("LATIN1").await;
    let migrator = database.migrator(&revisions(&[REPRESENTABLE, FOREIGN]));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(
        error.contains("V2__foreign.sql:1") && error.contains("has no equivalent in encoding"),
        "{error}"
    );
    assert!(error.contains("rolled back"), "{error}");
    assert_eq!(database.applied().await, [1]);
    assert_eq!(database.value("select name from \"Grüße\"").await, "Ærø");
    assert_eq!(database.value("select to_regclass('other')").await, "null");
    // The failure itself is in the run log, though its message shows the text that failed.
    assert_eq!(database.value("select outcome from hardtack.run").await, "failed");
    assert_eq!(database.value("select count(*) from hardtack.step where error is not null").await, "1");
}

#[tokio::test]
async fn in_sql_ascii_every_byte_is_kept() {
    let database = encoded("SQL_ASCII").await;
    let migrator = database.migrator(&revisions(&[REPRESENTABLE, FOREIGN]));
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 2);
    assert_eq!(database.value("select name from other").await, "日本語");
    assert_eq!(migrator.status().await.unwrap().conflicts.len(), 0);
}
