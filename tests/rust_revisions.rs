//! Rust revisions: what they get, and what is left when they fail.

use hardtack::prelude::*;
use hardtack::revisions::RustFn;
use hardtack::{
    Back, Down, DowngradeOptions, RevisionSet, RustStep, Step, Target, Transaction, UpgradeOptions,
};

use crate::support::{Folder, TestDatabase, rust_revisions};

/// A set of one Rust revision, made of a function with the attribute.
fn set(run: RustFn, transaction: Transaction) -> RevisionSet {
    rust_revisions(&[(run, transaction)])
}

mod works {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int)").await?;
        let insert = context.prepare("insert into made values ($1)").await?;
        for id in 0..10_i32 {
            context.client().execute(&insert, &[&id]).await?;
        }
        let count: i64 = context.query_one("select count(*) from made", &[]).await?.get(0);
        if count == 10 { Ok(()) } else { Err(format!("{count} rows").into()) }
    }
}

mod fails {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int)").await?;
        Err("the address of account 7 is no address".into())
    }
}

mod panics {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int)").await?;
        panic!("index out of bounds");
    }
}

mod commits {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int); commit").await
    }
}

mod reopens {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int); commit; begin").await
    }
}

mod commits_and_fails {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table made (id int); commit").await?;
        Err("and then it failed".into())
    }
}

mod looks_at_its_lock_timeout {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let timeout: String = context.query_one("show lock_timeout", &[]).await?.get(0);
        if timeout == "5s" { Ok(()) } else { Err(timeout.into()) }
    }
}

#[tokio::test]
async fn the_lock_timeout_holds_with_and_without_a_transaction() {
    for transaction in [Transaction::PerRevision, Transaction::None] {
        let database = TestDatabase::empty().await;
        let migrator = database.migrator(&set(looks_at_its_lock_timeout::__hardtack_up, transaction));
        migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_rust_revision_commits_with_its_history_row() {
    for transaction in [Transaction::PerRevision, Transaction::None] {
        let database = TestDatabase::empty().await;
        let run = database
            .migrator(&set(works::__hardtack_up, transaction))
            .upgrade(UpgradeOptions::default())
            .await
            .unwrap();
        assert_eq!(run.applied.len(), 1);
        assert_eq!(database.value("select count(*) from made").await, "10");
        assert_eq!(database.applied().await, [1]);
    }
}

#[tokio::test]
async fn an_error_or_a_panic_rolls_it_back_and_is_told() {
    for (run, message) in [
        (
            fails::__hardtack_up as RustFn,
            "apply V1__rust.rs: the address of account 7 is no address; it was rolled back",
        ),
        (panics::__hardtack_up, "apply V1__rust.rs: panicked: index out of bounds; it was rolled back"),
    ] {
        let database = TestDatabase::empty().await;
        let migrator = database.migrator(&set(run, Transaction::PerRevision));
        let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
        assert_eq!(database.value("select to_regclass('made')").await, "null");
        assert_eq!(database.applied().await, Vec::<i64>::new());
        assert_eq!(database.value("select count(*) from hardtack.step where error is not null").await, "1");
    }
}

#[tokio::test]
async fn without_a_transaction_the_error_says_that_work_stays() {
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&set(fails::__hardtack_up, Transaction::None));
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("what it did before stays"), "{error}");
    assert_eq!(database.value("select to_regclass('made')").await, "made");
}

/// Refuses each row of the history table that is written in this way, or ends the session with it.
async fn in_the_way(database: &TestDatabase, moment: &str, body: &str) {
    let trigger = format!(
        "create function in_the_way() returns trigger language plpgsql as 'begin {body}; return new; end'; \
         create trigger in_the_way before {moment} on refinery_schema_history for each row \
         execute function in_the_way()"
    );
    database.execute(&trigger).await;
}

const ENDS: &str = "perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(30)";

#[tokio::test]
async fn work_without_a_transaction_stays_whatever_becomes_of_its_row() {
    for (body, left) in [
        ("raise exception $$no$$", "all of it is done, but not its history row"),
        (ENDS, "all of it is done, and perhaps its history row as well"),
    ] {
        let database = TestDatabase::empty().await;
        let steps = [looks_at_its_lock_timeout::__hardtack_up as RustFn, works::__hardtack_up];
        let migrator = database.migrator(&rust_revisions(&steps.map(|run| (run, Transaction::None))));
        let first = UpgradeOptions { target: Target::Version(1), ..UpgradeOptions::default() };
        migrator.upgrade(first).await.unwrap();
        in_the_way(&database, "insert", body).await;
        let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        assert!(error.starts_with("commit V2__rust: ") && error.contains(left), "{error}");
        assert_eq!(database.value("select count(*) from made").await, "10");
    }
}

mod undoes {
    use super::*;
    #[hardtack::down(transaction = "none")]
    async fn down(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("drop table made").await
    }
}

#[tokio::test]
async fn a_down_that_could_not_be_announced_has_not_begun() {
    for body in ["raise exception $$no$$", ENDS] {
        let database = TestDatabase::empty().await;
        let mut revisions = set(works::__hardtack_up, Transaction::None).as_slice().to_vec();
        let Step::Rust(up) = revisions[0].up.clone() else { panic!("it is Rust") };
        revisions[0].down = Down::Step(Step::Rust(RustStep { run: Some(undoes::__hardtack_down), ..up }));
        let migrator = database.migrator(&RevisionSet::from_revisions(revisions));
        migrator.upgrade(UpgradeOptions::default()).await.unwrap();
        in_the_way(&database, "update", body).await;
        let back = || DowngradeOptions { back: Back::Steps(1), agreed: None };
        let error = migrator.downgrade(back()).await.unwrap_err().to_string();
        assert!(error.starts_with("commit the down of V1__rust: "), "{error}");
        assert!(error.ends_with("; nothing of the revision was run; mend it and run again"), "{error}");
        assert_eq!(database.value("select count(*) from made").await, "10");
        database.execute("drop trigger in_the_way on refinery_schema_history").await;
        migrator.downgrade(back()).await.unwrap();
        assert_eq!(database.applied().await, Vec::<i64>::new());
    }
}

/// With refinery a COMMIT leaves tables without a history row, and nobody is told.
#[tokio::test]
async fn ending_the_transaction_is_found_out() {
    for run in [commits::__hardtack_up as RustFn, reopens::__hardtack_up, commits_and_fails::__hardtack_up] {
        let database = TestDatabase::empty().await;
        let migrator = database.migrator(&set(run, Transaction::PerRevision));
        let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        assert!(error.contains("it ended the transaction it was given"), "{error}");
        assert_eq!(database.applied().await, Vec::<i64>::new());
    }
}

#[tokio::test]
async fn a_folder_cannot_run_rust() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let text = "use hardtack::prelude::*;\n#[hardtack::up(irreversible = \"a test\")]\nasync fn up(context: &mut \
                Context<'_>) -> Result<()> { Ok(()) }\n";
    folder.write("V2__rust.rs", text);
    let error = database.migrator(&folder.revisions()).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("runs only from the binary it was baked into"), "{error}");
    assert_eq!(database.applied().await, [1]);
}
