//! Hooks: what runs around an SQL up, and what is left when it fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hardtack::engine::Source;
use hardtack::prelude::*;
use hardtack::{Error, RevisionSet, UpgradeOptions};
use refinery_core::{Migration, Runner};

use crate::support::{Code, Folder, Pooler, TestDatabase, hardtack, with_code};

const ACCOUNTS: &str = include_str!("fixtures/hooks/V1__accounts.sql");
const SPLIT_SQL: &str = include_str!("fixtures/hooks/V2__split_names.sql");
const SPLIT: &str = include_str!("fixtures/hooks/V2__split_names.rs");

#[path = "fixtures/hooks/V2__split_names.rs"]
mod split_names;

/// The folder that the documentation shows, and its code.
pub(crate) fn documented() -> (Folder, RevisionSet) {
    let files =
        [("V1__accounts.sql", ACCOUNTS), ("V2__split_names.sql", SPLIT_SQL), ("V2__split_names.rs", SPLIT)];
    let folder = Folder::new(&files);
    let code = Code {
        after: Some(split_names::__hardtack_after),
        checks: &[split_names::__hardtack_check_nothing_is_lost],
        ..Code::default()
    };
    let revisions = with_code(&folder, 2, code);
    (folder, revisions)
}

#[tokio::test]
async fn the_documented_revision_works_as_documented() {
    let page = include_str!("../docs/hooks.md");
    for text in [SPLIT_SQL, SPLIT] {
        assert!(page.contains(text), "docs/hooks.md shows another text than\n{text}");
    }
    let database = TestDatabase::empty().await;
    let (_folder, revisions) = documented();
    let migrator = database.migrator(&revisions);
    let first = UpgradeOptions { target: hardtack::Target::Version(1), ..UpgradeOptions::default() };
    migrator.upgrade(first).await.unwrap();
    database
        .execute("insert into accounts (full_name) values ('Ada Lovelace'), ('Dr. Max von  Laue'), ('Plato')")
        .await;
    assert_eq!(migrator.upgrade(UpgradeOptions::default()).await.unwrap().applied.len(), 1);
    let names = "select concat_ws('|', first_name, last_name) from accounts order by id";
    assert_eq!(database.column(names).await, ["Ada|Lovelace", "Max|von  Laue", "Plato"]);
}

const HOOKS: &str = "#[hardtack::before] async fn a() {}\n#[hardtack::after] async fn b() {}";
const TELLS: &str = "insert into told values (default, 'sql', txid_current())";

/// A table that everybody tells what they do.
fn telling(sql: &str, rust: &str) -> Folder {
    let told = "create table told (id int generated always as identity, who text, transaction bigint)";
    Folder::new(&[("V1__told.sql", told), ("V2__x.sql", sql), ("V2__x.rs", rust)])
}

async fn tell(context: &Context<'_>, who: &str) -> Result<()> {
    context.execute("insert into told values (default, $1, txid_current())", &[&who]).await?;
    Ok(())
}

mod tells {
    use super::*;
    #[hardtack::before]
    async fn before(context: &mut Context<'_>) -> Result<()> {
        tell(context, "before").await
    }
    #[hardtack::after]
    async fn after(context: &mut Context<'_>) -> Result<()> {
        tell(context, "after").await
    }
    pub(super) const CODE: Code = Code {
        up: None,
        down: None,
        before: Some(__hardtack_before),
        after: Some(__hardtack_after),
        backfill: None,
        checks: &[],
    };
}

const TOLD: &str = "select who from told order by id";

#[tokio::test]
async fn hooks_run_around_the_sql_in_its_transaction() {
    let database = TestDatabase::empty().await;
    let revisions = with_code(&telling(TELLS, HOOKS), 2, tells::CODE);
    database.migrator(&revisions).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);
    let one = "select count(distinct t) from (select transaction as t from told union all \
               select xmin::text::bigint from refinery_schema_history where version = 2) as transactions";
    assert_eq!(database.value(one).await, "1", "the history row commits with them");
}

#[tokio::test]
async fn hooks_run_in_a_single_transaction_with_others_too() {
    let database = TestDatabase::empty().await;
    let revisions = with_code(&telling(TELLS, HOOKS), 2, tells::CODE);
    let options = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    database.migrator(&revisions).upgrade(options).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);
}

mod fails {
    use super::*;
    #[hardtack::after]
    async fn after(context: &mut Context<'_>) -> Result<()> {
        tell(context, "after").await?;
        Err("account 7 has no address".into())
    }
}

mod panics {
    use super::*;
    #[hardtack::before]
    async fn before(context: &mut Context<'_>) -> Result<()> {
        tell(context, "before").await?;
        panic!("index out of bounds");
    }
}

mod commits {
    use super::*;
    #[hardtack::before]
    async fn before(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("commit").await
    }
}

mod swallows {
    use super::*;
    #[hardtack::before]
    async fn before(context: &mut Context<'_>) -> Result<()> {
        let _ = context.batch_execute("select 1 / 0").await;
        Ok(())
    }
}

#[tokio::test]
async fn a_failed_hook_rolls_all_back_and_is_named() {
    for (code, expected) in [
        (
            Code { after: Some(fails::__hardtack_after), ..tells::CODE },
            "apply V2__x: the after hook in V2__x.rs: account 7 has no address; it was rolled back",
        ),
        (
            Code { before: Some(panics::__hardtack_before), ..tells::CODE },
            "apply V2__x: the before hook in V2__x.rs: panicked: index out of bounds; it was rolled back",
        ),
        (
            Code { before: Some(commits::__hardtack_before), ..tells::CODE },
            "apply V2__x.rs: it ended the transaction it was given",
        ),
        (
            Code { before: Some(swallows::__hardtack_before), ..tells::CODE },
            "commit V2__x: current transaction is aborted",
        ),
    ] {
        let database = TestDatabase::empty().await;
        let revisions = with_code(&telling(TELLS, HOOKS), 2, code);
        let error = database.migrator(&revisions).upgrade(UpgradeOptions::default()).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(database.column(TOLD).await, Vec::<String>::new());
        assert_eq!(database.applied().await, [1]);
        let logged = "select count(*) from hardtack.step where version = 2 and error is not null";
        assert_eq!(database.value(logged).await, "1");
    }
}

static IS_WELL: AtomicBool = AtomicBool::new(false);

mod recovers {
    use super::*;
    #[hardtack::after]
    async fn after(context: &mut Context<'_>) -> Result<()> {
        tell(context, "after").await?;
        if IS_WELL.load(Ordering::Relaxed) { Ok(()) } else { Err("not yet".into()) }
    }
}

/// Hooks run anew; statements that are done do not. What the SQL sets on its session does not reach a hook.
#[tokio::test]
async fn without_a_transaction_the_next_run_goes_on() {
    let database = TestDatabase::empty().await;
    let sql = format!(
        "-- hardtack: no-transaction\nset search_path = pg_catalog; insert into public.{}",
        &TELLS[12..]
    );
    let code = Code { after: Some(recovers::__hardtack_after), ..tells::CODE };
    let revisions = with_code(&telling(&sql, HOOKS), 2, code);
    let migrator = database.migrator(&revisions);
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    let left = "the after hook in V2__x.rs: not yet; the revision has no transaction: its first 2 statements are done \
                and recorded, and what its hooks did stays; mend the cause and run again: hooks run anew";
    assert!(error.contains(left), "{error}");
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);
    assert_eq!(database.applied().await, [1]);
    IS_WELL.store(true, Ordering::Relaxed);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after", "before", "after"]);
    assert_eq!(database.applied().await, [1, 2]);
    assert_eq!(database.value("select count(*) from hardtack.unfinished").await, "0");
}

mod loses_its_session {
    use super::*;
    #[hardtack::before]
    async fn before(context: &mut Context<'_>) -> Result<()> {
        let _ = context.batch_execute("select pg_terminate_backend(pg_backend_pid()), pg_sleep(30)").await;
        Ok(())
    }
}

#[tokio::test]
async fn without_a_transaction_a_hook_that_loses_its_session_is_not_taken_for_the_whole() {
    let database = TestDatabase::empty().await;
    let code = Code { before: Some(loses_its_session::__hardtack_before), ..tells::CODE };
    let folder = telling(&format!("-- hardtack: no-transaction\n{TELLS}"), HOOKS);
    let migrator = database.migrator(&with_code(&folder, 2, code));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    let left = "none of its statements is done and recorded, and what its hooks did stays";
    assert!(error.starts_with("commit V2__x: ") && error.contains(left), "{error}");
    database.migrator(&with_code(&folder, 2, tells::CODE)).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);
}

/// As any step: it was rolled back, and is tried again as a whole.
#[tokio::test]
async fn a_hook_that_waits_for_a_lock_names_who_holds_it() {
    let database = TestDatabase::empty().await;
    let revisions = with_code(&telling(TELLS, HOOKS), 2, tells::CODE);
    let migrator =
        database.migrator(&revisions).with_lock_timeout(Duration::from_secs(1)).with_lock_retries(1);
    let first = UpgradeOptions { target: hardtack::Target::Version(1), ..UpgradeOptions::default() };
    migrator.upgrade(first).await.unwrap();
    let holder = database.connect().await;
    holder.client.batch_execute("begin; lock table told in exclusive mode").await.unwrap();
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(
        error
            .starts_with("apply V2__x: the before hook in V2__x.rs: canceling statement due to lock timeout"),
        "{error}"
    );
    assert!(error.contains("this step; it was tried 2 times") && error.contains("in the way: "), "{error}");
    holder.client.batch_execute("rollback").await.unwrap();
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);
}

/// A pooler may hand each transaction to another server session.
#[tokio::test]
async fn hooks_and_checks_work_through_a_pooler() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, "transaction", 5, "postgres", "").await else { return };
    let sql = format!(
        "-- hardtack: no-transaction\n-- hardtack: check \"told\" select count(*) = 3 from told\n{TELLS}"
    );
    let revisions = with_code(&telling(&sql, HOOKS), 2, tells::CODE);
    pooler.migrator(&revisions).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.column(TOLD).await, ["before", "sql", "after"]);

    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, "transaction", 5, "postgres", "").await else { return };
    let (_folder, revisions) = documented();
    pooler.migrator(&revisions).upgrade(UpgradeOptions::default()).await.unwrap();
    for _ in 0..3 {
        let asked = pooler.migrator(&revisions).check_data().await.unwrap();
        assert!(
            asked.iter().all(|check| check.outcome == hardtack::engine::CheckOutcome::Holds),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_down_has_no_hooks() {
    let database = TestDatabase::empty().await;
    let revisions = with_code(&telling(TELLS, HOOKS), 2, tells::CODE);
    let migrator = database.migrator(&revisions);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let down = hardtack::DowngradeOptions { back: hardtack::Back::Steps(1), agreed: None };
    migrator.downgrade(down).await.unwrap();
    assert_eq!(database.applied().await, [1]);
    assert_eq!(database.column(TOLD).await.len(), 3);
}

#[tokio::test]
async fn a_folder_alone_runs_nothing_of_it() {
    let database = TestDatabase::empty().await;
    let folder = telling(TELLS, HOOKS);
    let error = database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap_err();
    let expected = "apply V2__x.rs: Rust runs only from the binary it was baked into; nothing of it was run";
    assert_eq!(error.to_string(), expected);
    assert_eq!(database.applied().await, [1]);
}

/// Plain refinery stops, instead of running the SQL without its hooks.
#[tokio::test]
async fn plain_refinery_stops_at_a_revision_with_hooks() {
    let database = TestDatabase::empty().await;
    let folder = telling(TELLS, HOOKS);
    let migrations: Vec<Migration> = folder
        .revisions()
        .iter()
        .map(|revision| Migration::unapplied(&revision.stem(), revision.text()).unwrap())
        .collect();
    let (mut client, connection) =
        tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let error = Runner::new(&migrations).run_async(&mut client).await.unwrap_err();
    let cause = format!("{error:?}");
    assert!(cause.contains("V2__x has hooks or checks in Rust: run it with the application"), "{cause}");
    assert_eq!(database.column(TOLD).await, Vec::<String>::new());

    // And what we have applied is nothing that it would do again.
    database.migrator(&with_code(&folder, 2, tells::CODE)).upgrade(UpgradeOptions::default()).await.unwrap();
    let report = Runner::new(&migrations).run_async(&mut client).await.unwrap();
    assert!(report.applied_migrations().is_empty());
}

/// Both files are one revision: whoever edits either has another one.
#[tokio::test]
async fn an_edit_of_either_file_is_found_out() {
    let database = TestDatabase::empty().await;
    let folder = telling(TELLS, HOOKS);
    database.migrator(&with_code(&folder, 2, tells::CODE)).upgrade(UpgradeOptions::default()).await.unwrap();
    for (sql, rust) in [(TELLS, HOOKS.replace("fn b", "fn c")), (&*format!("{TELLS} -- x"), HOOKS.to_owned())]
    {
        let edited = telling(sql, &rust);
        let error =
            database.migrator(&edited.revisions()).upgrade(UpgradeOptions::default()).await.unwrap_err();
        assert!(
            matches!(error, Error::Plan(_)) && error.to_string().contains("revision 2 (x) was edited"),
            "{error}"
        );
    }
    // What changes nothing is no edit.
    let formatted = telling(TELLS, &HOOKS.replace("() {}", "( ) {\n}"));
    let run = database.migrator(&formatted.revisions()).upgrade(UpgradeOptions::default()).await.unwrap();
    assert!(run.applied.is_empty());
}

mod makes_a_table {
    use super::*;
    #[hardtack::after]
    async fn after(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table by_hook ()").await
    }
}

/// A replay has neither the application's rows nor its state. What the SQL makes is there all the same.
#[tokio::test]
async fn a_replay_runs_the_sql_and_the_hooks_that_change_the_schema() {
    let database = TestDatabase::empty().await;
    let folder = telling("create table by_sql ()", HOOKS);
    let failing = Code { after: Some(fails::__hardtack_after), ..tells::CODE };
    for revisions in [folder.revisions(), with_code(&folder, 2, failing)] {
        let source = Source::Revisions(Box::new(database.migrator(&revisions)));
        let catalog = source.read().await.unwrap().catalog;
        assert!(catalog.objects.keys().any(|name| name.to_string() == "table public.by_sql"));
    }
    let folder = telling("create table by_sql ()", &HOOKS.replace("after", "after(alters_schema)"));
    let code = Code { after: Some(makes_a_table::__hardtack_after), ..tells::CODE };
    let snapshots = database.migrator(&with_code(&folder, 2, code)).snapshots().await.unwrap();
    assert_eq!(snapshots.before[0].0, "V2__x");
    for catalog in [&snapshots.before[0].1.catalog, &snapshots.head.catalog] {
        let names: Vec<_> = catalog.objects.keys().map(ToString::to_string).collect();
        for table in ["table public.by_sql", "table public.by_hook"] {
            assert!(names.iter().any(|name| name == table), "{names:?}");
        }
    }
    let output = hardtack(folder.path(), Some(&database.url()), &["snapshot", "--dir", "."]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    assert!(output.stderr.contains("replay V2__x: it changes the schema by Rust"), "{}", output.stderr);
}
