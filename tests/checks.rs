//! Checks: what must hold around an up, what is left when it does not, and asking again later.

use hardtack::config::Role;
use hardtack::engine::{CheckOutcome, DataCheck};
use hardtack::prelude::*;
use hardtack::revisions::{CheckFn, RustFn};
use hardtack::{RevisionSet, StepError, UpgradeOptions};
use serde_json::Value;

use crate::hooks::documented;
use crate::support::{Code, Folder, Proxy, TestDatabase, cluster, hardtack, revisions, with_code};

const TABLE: (&str, &str) =
    ("V1__t.sql", "create table t (id int primary key, email text); insert into t values (1, 'A')");

/// Two revisions; the second has these headers and statements.
fn second(text: &str) -> RevisionSet {
    revisions(&[TABLE, ("V2__x.sql", text)])
}

#[tokio::test]
async fn checks_that_hold_let_the_revision_pass() {
    let database = TestDatabase::empty().await;
    let set = second(
        "-- hardtack: check-before \"upper case\" select exists (select from t where email <> lower(email))\n\
         -- hardtack: check \"lower case\" select not exists (select from t where email <> lower(email))\n\
         -- hardtack: unchanged \"rows\" select count(*), sum(id) from t\n\
         -- hardtack: unchanged \"nothing\" select max(id) from t where false\n\
         update t set email = lower(email) where email <> lower(email);",
    );
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.value("select email from t").await, "a");
}

#[tokio::test]
async fn a_check_that_fails_is_named_with_what_was_found_and_nothing_is_left() {
    for (text, expected) in [
        (
            "-- hardtack: check \"no a\" select not exists (select from t where email = 'a')\nupdate t set email = 'a' where id > 0",
            "the check \"no a\" (after the up, V2__x.sql): expected true, found false; it was rolled back",
        ),
        (
            "-- hardtack: check \"n\" select null::bool\ndelete from t where id > 0",
            "found null; it was rolled back",
        ),
        (
            "-- hardtack: check \"n\" select true from t\ndelete from t where id > 0",
            "expected true, found no row; it was",
        ),
        ("-- hardtack: check \"n\" select 5\ndelete from t where id > 0", "expected true or false, found 5"),
        ("-- hardtack: check \"n\" select 5, 6\ndelete from t where id > 0", "expected one column, found 2"),
        (
            "-- hardtack: check \"n\" select nonsense\ndelete from t where id > 0",
            "column \"nonsense\" does not exist",
        ),
        (
            "-- hardtack: check-before \"two\" select count(*) = 2 from t\ndelete from nonsense where id > 0",
            "the check \"two\" (before the up, V2__x.sql): expected true, found false; it was rolled back",
        ),
        (
            "-- hardtack: unchanged \"rows\" select count(*) from t\ninsert into t values (2), (3)",
            "the check \"rows\" (unchanged by the up, V2__x.sql): expected no change, found 1 before and 3 after; it was",
        ),
        (
            "-- hardtack: unchanged \"sums\" select count(*), max(email) from t\nupdate t set email = null where id > 0",
            "found (1, A) before and (1, null) after",
        ),
        (
            "-- hardtack: unchanged \"v\" select id from t\ndelete from t where id > 0",
            "expected a value, found no row",
        ),
    ] {
        let database = TestDatabase::empty().await;
        let error = database.migrator(&second(text)).upgrade(UpgradeOptions::default()).await.unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("apply V2__x: the check \"") && error.contains(expected), "{error}");
        assert_eq!(database.column("select email from t").await, ["A"], "{text}");
        assert_eq!(database.applied().await, [1]);
    }
}

#[tokio::test]
async fn in_a_single_transaction_a_check_that_fails_takes_all_back() {
    let database = TestDatabase::empty().await;
    let set = second("-- hardtack: check \"never\" select false\ndelete from t where id > 0");
    let options = UpgradeOptions { single_transaction: true, ..UpgradeOptions::default() };
    let error = database.migrator(&set).upgrade(options).await.unwrap_err().to_string();
    assert!(error.contains("the single transaction was rolled back and nothing was changed"), "{error}");
    assert_eq!(database.value("select to_regclass('t')").await, "null");
}

/// Neither the settings of the SQL reach a check, nor what is deferred escapes it, nor can it write.
#[tokio::test]
async fn checks_see_the_database_as_everybody_does() {
    let database = TestDatabase::empty().await;
    let set = second(
        "-- hardtack: unchanged \"rows\" select count(*) from t\n\
         create schema other; create table other.t (); set search_path = other; set role pg_monitor; reset role;",
    );
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();

    let database = TestDatabase::empty().await;
    let deferred = "create function doubled() returns trigger language plpgsql as \
                    $$ begin insert into t values (new.id + 1); return null; end $$; \
                    create constraint trigger later after update on t deferrable initially deferred \
                    for each row execute function doubled(); update t set email = 'x' where id > 0";
    let set = second(&format!("-- hardtack: unchanged \"rows\" select count(*) from t\n{deferred}"));
    let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("found 1 before and 2 after"), "{error}");

    let database = TestDatabase::empty().await;
    let writing =
        "-- hardtack: check \"w\" with gone as (delete from t returning 1) select true from gone\nselect 1";
    let error = database.migrator(&second(writing)).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("in a read-only transaction"), "{error}");
}

#[tokio::test]
async fn without_a_transaction_the_error_says_what_stands() {
    let database = TestDatabase::empty().await;
    let set = second(
        "-- hardtack: no-transaction\n\
         -- hardtack: check-before \"upper case\" select exists (select from t where email = 'A')\n\
         -- hardtack: check \"valid\" select not exists (select from t where email = 'bad')\n\
         update t set email = 'bad' where id > 0;\ncreate index concurrently by_email on t (email);",
    );
    let migrator = database.migrator(&set);
    let error = migrator.upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
    let expected = "the check \"valid\" (after the up, V2__x.sql): expected true, found false; the revision has no \
                    transaction: its first 2 statements are done and recorded";
    assert!(error.contains(expected), "{error}");
    assert_eq!(database.applied().await, [1]);
    // What held before is not asked again, for half of it is done.
    database.execute("update t set email = 'good'").await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(database.applied().await, [1, 2]);
}

mod functions {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("insert into t values (2, 'b')").await
    }
    pub(super) mod empties {
        use super::*;
        #[hardtack::up]
        async fn up(context: &mut Context<'_>) -> Result<()> {
            context.batch_execute("delete from t").await
        }
    }
    #[hardtack::check(before)]
    async fn has_rows(context: &Context<'_>) -> Result<Check> {
        context.holds("select exists (select from t)").await
    }
    #[hardtack::check(after)]
    async fn answers(context: &Context<'_>) -> Result<Check> {
        let emails: Vec<String> =
            context.query("select email from t", &[]).await?.iter().map(|row| row.get(0)).collect();
        match emails.iter().find(|email| email.as_str() == "bad") {
            Some(_) => Ok(Check::Fails("somebody has a bad address".to_owned())),
            None if emails.is_empty() => panic!("nobody is left"),
            None => Ok(Check::Holds),
        }
    }
    #[hardtack::check(unchanged)]
    async fn rows(context: &Context<'_>) -> Result<Check> {
        let count: i64 = context.query_one("select count(*) from t", &[]).await?.get(0);
        Ok(Check::value(count))
    }
    #[hardtack::check(after)]
    async fn has_rows_with_a_value(context: &Context<'_>) -> Result<Check> {
        context.value("select 7").await
    }
}

#[tokio::test]
async fn functions_are_checks_as_well() {
    let file = "#[hardtack::check(before)] async fn has_rows() {}\n#[hardtack::check(after)] async fn answers() {}\n\
                #[hardtack::check(unchanged)] async fn rows() {}";
    let code = Code {
        checks: &[
            functions::__hardtack_check_has_rows,
            functions::__hardtack_check_answers,
            functions::__hardtack_check_rows,
        ],
        ..Code::default()
    };
    for (sql, expected) in [
        ("update t set email = 'a' where id > 0", None),
        (
            "update t set email = 'bad' where id > 0",
            Some("the check \"answers\" (after the up, V2__x.rs): somebody has a bad address; it"),
        ),
        (
            "delete from t where id > 0",
            Some("the check \"answers\" (after the up, V2__x.rs): panicked: nobody is left; it was"),
        ),
        (
            "insert into t values (2, 'b')",
            Some("the check \"rows\" (unchanged by the up, V2__x.rs): expected no change, found 1"),
        ),
    ] {
        let database = TestDatabase::empty().await;
        let folder = Folder::new(&[TABLE, ("V2__x.sql", sql), ("V2__x.rs", file)]);
        let upgraded =
            database.migrator(&with_code(&folder, 2, code)).upgrade(UpgradeOptions::default()).await;
        match expected {
            None => assert_eq!(upgraded.unwrap().applied.len(), 2),
            Some(expected) => {
                let error = upgraded.unwrap_err();
                assert!(matches!(error, hardtack::Error::Step(StepError::Check { .. })), "{error}");
                assert!(error.to_string().contains(expected), "{error}");
                assert_eq!(database.column("select email from t").await, ["A"]);
            }
        }
    }
}

#[tokio::test]
async fn a_rust_revision_has_checks_too() {
    let checks =
        "#[hardtack::check(before)] async fn has_rows() {}\n#[hardtack::check(unchanged)] async fn rows() {}";
    const CHECKS: &[CheckFn] = &[functions::__hardtack_check_has_rows, functions::__hardtack_check_rows];
    for (settings, up, left, rows) in [
        ("", functions::__hardtack_up as RustFn, "found 1 before and 2 after; it was rolled back", "1"),
        (
            "transaction = \"none\", ",
            functions::empties::__hardtack_up,
            "found 1 before and 0 after; the revision has no transaction: what it did before stays",
            "0",
        ),
    ] {
        let database = TestDatabase::empty().await;
        let text =
            format!("#[hardtack::up({settings}irreversible = \"a test\")] async fn up() {{}}\n{checks}");
        let folder = Folder::new(&[TABLE, ("V2__x.rs", &text)]);
        let set = with_code(&folder, 2, Code { up: Some(up), checks: CHECKS, ..Code::default() });
        let error = database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err().to_string();
        let expected =
            "apply V2__x: the check \"rows\" (unchanged by the up, V2__x.rs): expected no change, ";
        assert!(error.starts_with(expected) && error.contains(left), "{error}");
        assert_eq!(database.value("select count(*) from t").await, rows);
        assert_eq!(database.applied().await, [1]);
    }
}

#[tokio::test]
async fn an_answer_of_the_wrong_kind_does_not_pass() {
    let database = TestDatabase::empty().await;
    let file = "#[hardtack::check(after)] async fn has_rows_with_a_value() {}\n";
    let folder = Folder::new(&[TABLE, ("V2__x.sql", "select 1"), ("V2__x.rs", file)]);
    let code = Code { checks: &[functions::__hardtack_check_has_rows_with_a_value], ..Code::default() };
    let error = database.migrator(&with_code(&folder, 2, code)).upgrade(UpgradeOptions::default()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("expected whether it holds, found the value 7"), "{error}");
}

/// A revision without checks still goes in one round trip, also beside one that has some.
#[tokio::test]
async fn only_revisions_with_checks_pay_for_them() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(cluster().socket(), std::time::Duration::ZERO).await;
    let name = database.options.database();
    let url = format!("postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable", proxy.port);
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let folder = Folder::new(&[TABLE]);
    let mut counts = Vec::new();
    for (checked, plain) in [(2, 3..=4), (5, 6..=27)] {
        folder.write(&format!("V{checked}__c.sql"), "-- hardtack: check \"c\" select true\nselect 1");
        for version in plain {
            folder.write(&format!("V{version}__p.sql"), "select 1; select 2;");
        }
        let before = proxy.round_trips.load(std::sync::atomic::Ordering::Relaxed);
        let migrator = hardtack::Migrator::new(&folder.revisions(), options.clone());
        migrator.upgrade(UpgradeOptions::default()).await.unwrap();
        counts.push(proxy.round_trips.load(std::sync::atomic::Ordering::Relaxed) - before);
    }
    // The first run also makes hardtack's own tables.
    let setting_up = counts[0].saturating_sub(counts[1] - 20);
    assert!(setting_up < 15, "{counts:?}");
    assert!(counts[1] < 22 + 25, "{counts:?}");
}

fn outcomes(checks: &[DataCheck]) -> Vec<(&str, &CheckOutcome)> {
    checks.iter().map(|check| (check.check.as_str(), &check.outcome)).collect()
}

#[tokio::test]
async fn the_checks_of_applied_revisions_are_asked_again() {
    let database = TestDatabase::empty().await;
    let (_folder, set) = documented();
    let migrator = database.migrator(&set);
    assert!(migrator.check_data().await.unwrap().is_empty(), "nothing is applied");
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let holds = &CheckOutcome::Holds;
    let all = ["every account has a first name", "nothing_is_lost"];
    let asked = migrator.check_data().await.unwrap();
    assert_eq!(outcomes(&asked), all.map(|check| (check, holds)));
    assert_eq!(asked[0].revision, "V2__split_names");

    database.execute("insert into accounts (full_name) values ('Ada Lovelace')").await;
    let asked = migrator.check_data().await.unwrap();
    let reasons = ["expected true, found false", "the name of account 1 is split wrongly"];
    let expected = reasons.map(|reason| CheckOutcome::Fails(reason.to_owned()));
    assert_eq!(outcomes(&asked), [(all[0], &expected[0]), (all[1], &expected[1])]);

    database.execute("alter table accounts drop column first_name").await;
    for check in migrator.check_data().await.unwrap() {
        let CheckOutcome::NoLongerApplies(reason) = &check.outcome else { panic!("{check:?}") };
        assert!(reason.contains("column \"first_name\" does not exist"), "{reason}");
    }
}

#[tokio::test]
async fn verify_data_tells_by_its_exit_code_and_writes_nothing() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        TABLE,
        (
            "V2__x.sql",
            "-- hardtack: check \"lower case\" select bool_and(email = lower(email)) from t\nupdate t set email = 'a' where id > 0",
        ),
        (
            "V3__y.sql",
            "-- hardtack: check \"there\" select exists (select from u)\ncreate table u as select 1 as a",
        ),
    ]);
    let url = database.url();
    assert_eq!(hardtack(folder.path(), Some(&url), &["upgrade", "--dir", "."]).code, 0);
    let verify = |more: &[&str]| {
        hardtack(folder.path(), Some(&url), &[&["verify", "--data", "--dir", "."], more].concat())
    };
    let written = "select max(xmin::text::bigint) from (select xmin from hardtack.step union all select xmin from hardtack.run \
                   union all select xmin from refinery_schema_history union all select xmin from t) as all_rows";
    let before = database.value(written).await;
    let output = verify(&[]);
    assert_eq!(output.code, 0, "{}", output.stdout);
    assert!(
        output.stdout.contains("2 checks asked again, none fails:\n  V2__x  lower case: holds"),
        "{}",
        output.stdout
    );
    assert_eq!(database.value(written).await, before);

    database.execute("update t set email = 'B'; drop table u").await;
    let output = verify(&[]);
    assert_eq!(output.code, 7, "{}", output.stdout);
    assert!(output.stdout.contains("1 of 2 checks asked again fail:"), "{}", output.stdout);
    let fails = "V2__x  lower case: fails: expected true, found false";
    let gone = "V3__y  there: no longer applies: relation \"u\" does not exist";
    assert!(output.stdout.contains(fails) && output.stdout.contains(gone), "{}", output.stdout);
    let report: Value = serde_json::from_str(&verify(&["--format", "json"]).stdout).unwrap();
    let found =
        ["revision", "check", "outcome", "reason"].map(|key| report["checks"][0][key].as_str().unwrap());
    assert_eq!(found, ["V2__x", "lower case", "fails", "expected true, found false"]);
    assert_eq!(report["checks"][1]["outcome"], "no_longer_applies");
    database.execute("update t set email = 'b'").await;
    assert_eq!(verify(&[]).code, 0);
}

/// A check is asked as the role that the revisions work as, also where the up has taken another.
#[tokio::test]
async fn checks_are_asked_as_the_role() {
    let database = TestDatabase::empty().await;
    database.execute("create role checker superuser; create role other superuser").await;
    let set = second("-- hardtack: check \"as the role\" select current_user = 'checker'\nset role other");
    let migrator = database.migrator(&set).with_role(Role::new("checker").unwrap());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let holds = |checks: Vec<DataCheck>| checks[0].outcome == CheckOutcome::Holds;
    assert!(holds(migrator.check_data().await.unwrap()));
    assert!(!holds(database.migrator(&set).check_data().await.unwrap()));
}

/// A program that has the folder alone says what it did not ask.
#[tokio::test]
async fn functions_that_are_not_at_hand_are_told() {
    let database = TestDatabase::empty().await;
    let (folder, set) = documented();
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    let asked = database.migrator(&folder.revisions()).check_data().await.unwrap();
    assert_eq!(outcomes(&asked)[1], ("nothing_is_lost", &CheckOutcome::NotRun));
    let output = hardtack(folder.path(), Some(&database.url()), &["verify", "--data", "--dir", "."]);
    assert!(output.stdout.contains("nothing_is_lost: not run: its function is in"), "{}", output.stdout);
}
