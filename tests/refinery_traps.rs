//! What refinery does when it is used by hand, and what happens here instead.

use std::hash::{Hash, Hasher};

use hardtack::engine::RunOutcome;
use hardtack::{Error, UpgradeOptions};
use refinery_core::{Migration, Runner};
use siphasher::sip::SipHasher13;

use crate::support::{TestDatabase, revisions};

const TWO: [(&str, &str); 2] =
    [("V1__one.sql", "create table one (id int);\n"), ("V2__two.sql", "create table two (\n  id int\n);\n")];

/// Refinery with `set_abort_missing(false)` skips it and reports success.
#[tokio::test]
async fn an_out_of_order_revision_is_a_conflict_and_nothing_runs() {
    let database = TestDatabase::empty().await;
    let later =
        revisions(&[("V1__one.sql", "create table one ();"), ("V3__three.sql", "create table three ();")]);
    database.migrator(&later).upgrade(UpgradeOptions::default()).await.unwrap();
    let both = revisions(&[
        ("V1__one.sql", "create table one ();"),
        ("V2__two.sql", "create table two ();"),
        ("V3__three.sql", "create table three ();"),
        ("V4__four.sql", "create table four ();"),
    ]);
    let error = database.migrator(&both).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("revision 2 (two) was never applied, and is older than"), "{error}");
    assert_eq!(database.applied().await, [1, 3]);
    assert_eq!(database.value("select to_regclass('four')").await, "null");
}

/// Refinery takes an applied `U100` for the place in the order, and bars `V99`.
#[tokio::test]
async fn an_unversioned_revision_bars_nothing_and_may_come_late() {
    let database = TestDatabase::empty().await;
    let first = revisions(&[("U100__grants.sql", "create table grants ();")]);
    database.migrator(&first).upgrade(UpgradeOptions::default()).await.unwrap();
    let more = revisions(&[
        ("U3__late.sql", "create table late ();"),
        ("V5__five.sql", "create table five ();"),
        ("U100__grants.sql", "create table grants ();"),
    ]);
    let run = database.migrator(&more).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 2);
    let again = database.migrator(&more).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(again.outcome, RunOutcome::UpToDate);
    assert_eq!(database.applied().await, [3, 5, 100]);
}

/// Both change refinery's checksum, and make it refuse a history that is right.
#[tokio::test]
async fn a_history_by_32_bit_refinery_or_from_a_crlf_checkout_is_the_same_history() {
    let set = revisions(&TWO);
    for (crlf, narrow) in [(false, true), (true, false), (true, true)] {
        let database = TestDatabase::empty().await;
        database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
        for revision in &set {
            let text = if crlf { revision.text().replace('\n', "\r\n") } else { revision.text().to_owned() };
            let checksum = if narrow {
                refinery_checksum(&revision.name, i32::try_from(revision.version).unwrap(), &text)
            } else {
                refinery_checksum(&revision.name, revision.version, &text)
            };
            assert_ne!(checksum, revision.checksum);
            let version = revision.version;
            let update = "update refinery_schema_history set checksum";
            database.execute(&format!("{update} = '{checksum}' where version = {version}")).await;
        }
        let run = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
        assert_eq!(run.outcome, RunOutcome::NothingPending, "crlf {crlf}, 32 bits {narrow}");
        let more = revisions(&[TWO[0], TWO[1], ("V3__three.sql", "create table three ();")]);
        let run = database.migrator(&more).upgrade(UpgradeOptions::default()).await.unwrap();
        assert_eq!(run.applied.len(), 1, "refinery's runner accepts it too");
    }
}

fn refinery_checksum(name: &str, version: impl Hash, text: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    name.hash(&mut hasher);
    version.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

/// A `pg_dump` starts so, and refinery's next insert finds no table.
#[tokio::test]
async fn an_emptied_search_path_does_not_hide_the_history() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        (
            "V1__dump.sql",
            "select pg_catalog.set_config('search_path', '', false);\ncreate table public.dumped ();",
        ),
        ("V2__next.sql", "create table next ();"),
    ]);
    let run = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), 2);
    assert_eq!(database.value("select to_regclass('public.next')").await, "next");
}

/// With refinery, later objects land elsewhere, and a rerun makes a second history and applies everything again.
#[tokio::test]
async fn a_leaked_search_path_makes_no_second_history() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[
        ("V1__leak.sql", "create schema other;\nset search_path = other, public;\ncreate table leaked ();"),
        ("V2__next.sql", "create table next ();"),
    ]);
    let migrator = database.migrator(&set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(migrator.upgrade(UpgradeOptions::default()).await.unwrap().outcome, RunOutcome::UpToDate);
    let histories = "select count(*) from pg_class where relname = 'refinery_schema_history' \
                     and relnamespace <> 'hardtack'::regnamespace";
    assert_eq!(database.value(histories).await, "1");
    assert_eq!(
        database.value("select relnamespace::regnamespace from pg_class where relname = 'next'").await,
        "public"
    );
}

/// The way back to plain refinery stays open.
#[tokio::test]
async fn plain_refinery_reads_the_history_and_finds_nothing_to_do() {
    let database = TestDatabase::empty().await;
    let set = revisions(&TWO);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    let migrations: Vec<Migration> =
        set.iter().map(|revision| Migration::unapplied(&revision.stem(), revision.text()).unwrap()).collect();
    let mut client = plain_client(&database).await;
    let report = Runner::new(&migrations).run_async(&mut client).await.unwrap();
    assert!(report.applied_migrations().is_empty());
    let applied = Runner::new(&migrations).get_applied_migrations_async(&mut client).await.unwrap();
    assert_eq!(applied.len(), 2);
}

/// It stops, instead of recording what it did not do.
#[tokio::test]
async fn plain_refinery_stops_at_a_rust_revision() {
    let database = TestDatabase::empty().await;
    let set = &crate::migrations::REVISIONS;
    let migrations: Vec<Migration> =
        set.iter().map(|revision| Migration::unapplied(&revision.stem(), revision.text()).unwrap()).collect();
    let rust = set.iter().find(|revision| revision.is_rust()).unwrap();
    let mut client = plain_client(&database).await;
    let error = Runner::new(&migrations).run_async(&mut client).await.unwrap_err();
    let cause = format!("{error:?}");
    assert!(cause.contains(&format!("{} is a Rust revision", rust.stem())), "{cause}");
    assert_eq!(*database.applied().await.last().unwrap(), rust.version - 1);
}

/// A client as refinery's own driver wants it.
async fn plain_client(database: &TestDatabase) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_foreign_table_of_the_historys_name_is_refused() {
    let database = TestDatabase::empty().await;
    database.execute("create table refinery_schema_history (id int, what text)").await;
    let error = database.migrator(&revisions(&TWO)).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::History(_)), "{error}");
    assert!(error.to_string().contains("it is not a table of refinery's"), "{error}");
}
