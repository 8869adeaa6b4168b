use std::time::Duration;

use hardtack::backup::Strategy;
use hardtack::engine::deploy::{DeployOptions, DeployOutcome, Probe};
use hardtack::history::{DeployStage, WayBack};
use hardtack::prelude::*;
use hardtack::{Down, RevisionSet};

use super::shop::{ENDED, Shop, outcomes};
use crate::support::{CRASHES, Code, Folder, TestDatabase, crashing_cluster, hardtack, with_code};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Sql,
    Hook,
    Check,
    Probe,
}

const FAULTS: [Fault; 4] = [Fault::Sql, Fault::Hook, Fault::Check, Fault::Probe];

mod fails {
    use super::*;
    #[hardtack::after]
    async fn after(context: &mut Context<'_>) -> Result<()> {
        let in_earnest =
            "select exists (select from hardtack.deploy where stage = 'upgrade' and finished_at is null)";
        if context.query_one(in_earnest, &[]).await?.get::<_, bool>(0) {
            return Err("the hook fails in earnest".into());
        }
        Ok(())
    }
    pub(super) const CODE: Code = Code {
        up: None,
        down: None,
        before: None,
        after: Some(__hardtack_after),
        backfill: None,
        checks: &[],
    };
}

/// Lets the deploy fail so, and tells which stage does.
async fn arm(shop: &Shop, fault: Fault, options: &mut DeployOptions) -> (RevisionSet, DeployStage) {
    match fault {
        Fault::Sql => {
            shop.trap("upgrade", "fails").await;
            (shop.revisions(), DeployStage::Upgrade)
        }
        Fault::Hook => {
            shop.folder.write("V3__tags.rs", "#[hardtack::after] async fn b() {}");
            (with_code(&shop.folder, 3, fails::CODE), DeployStage::Upgrade)
        }
        Fault::Check => {
            shop.trap("checks", "fails").await;
            (shop.revisions(), DeployStage::Checks)
        }
        Fault::Probe => {
            options.probe = Some(Probe::Command("echo no such page >&2; false".to_owned()));
            options.probe_timeout = Duration::from_millis(100);
            (shop.revisions(), DeployStage::Probe)
        }
    }
}

async fn goes_back(fault: Fault, way_back: WayBack, strategy: Strategy, stages: &[&str]) {
    let shop = Shop::new().await;
    let before = shop.state().await;
    let mut options = DeployOptions { way_back, ..shop.options(Some(strategy)) };
    let (set, stage) = arm(&shop, fault, &mut options).await;
    let deploy = shop.database.migrator(&set).deploy(&options).await.unwrap();
    let about = format!("{fault:?} {way_back} {strategy}: {deploy:#?}");
    assert_eq!(deploy.outcome, DeployOutcome::Reverted, "{about}");
    assert_eq!(deploy.failure.as_ref().unwrap().stage, stage, "{about}");
    let went = outcomes(&deploy);
    let behind = went.iter().position(|one| *one == format!("{stage} failed")).unwrap() + 1;
    assert_eq!(went[behind..], *stages, "{about}");
    let way = deploy.way_back.unwrap();
    let proof = way.as_before.unwrap();
    assert!(
        proof.is_proven() && proof.tables.is_some_and(|tables| tables > 0) && proof.rows >= 500,
        "{proof:?}"
    );
    assert_eq!(shop.state().await, before, "{fault:?} {way_back} {strategy}");
    let last = stages[stages.len() - 2].split(' ').next().unwrap();
    assert_eq!(shop.database.column(ENDED).await, [format!("{last} reverted")]);
    if let Some(kept) = way.kept {
        let there = format!("select exists (select from pg_database where datname = '{kept}')");
        assert_eq!(shop.database.value(&there).await, "t");
    }
}

#[tokio::test]
async fn by_downs_and_the_rows_that_were_lost() {
    for fault in FAULTS {
        let stages = ["downgrade ok", "rows ok", "as-before ok"];
        goes_back(fault, WayBack::Downgrade, Strategy::Tables, &stages).await;
    }
}

#[tokio::test]
async fn by_a_full_backup_in_the_place_of_the_database() {
    for fault in FAULTS {
        goes_back(fault, WayBack::Restore, Strategy::Full, &["restore ok", "as-before ok"]).await;
    }
}

#[tokio::test]
async fn a_restore_of_rows_is_a_downgrade_with_them() {
    let stages = ["downgrade ok", "rows ok", "as-before ok"];
    goes_back(Fault::Probe, WayBack::Restore, Strategy::Tables, &stages).await;
}

#[tokio::test]
async fn with_stop_it_is_left_where_it_is() {
    let shop = Shop::new().await;
    shop.trap("checks", "fails").await;
    let output = shop.command(&[]);
    assert_eq!(output.code, 1, "{}{}", output.stdout, output.stderr);
    for part in [
        "1 check fails",
        "V3__tags: not trapped",
        "is left where it is",
        "deploy again once the cause is mended",
    ] {
        assert!(output.stdout.contains(part), "{part:?}: {}", output.stdout);
    }
    assert_eq!(shop.database.applied().await, [1, 2, 3]);
    assert_eq!(shop.database.column(ENDED).await, ["checks failed"]);
}

#[tokio::test]
async fn where_the_first_revision_fails_nothing_is_to_be_undone_or_restored() {
    for (way_back, strategy) in [(WayBack::Downgrade, Strategy::Tables), (WayBack::Restore, Strategy::Full)] {
        let shop = Shop::new().await;
        shop.folder.remove("V2__forget_notes");
        shop.trap("upgrade", "fails").await;
        let before = shop.state().await;
        let backup = hardtack::engine::BackupOptions {
            tables: vec!["customers".to_owned()],
            ..shop.options(Some(strategy)).backup.unwrap()
        };
        let options = DeployOptions { way_back, backup: Some(backup), ..DeployOptions::default() };
        let deploy = shop.deploy(&options).await;
        assert_eq!(deploy.outcome, DeployOutcome::Reverted, "{deploy:#?}");
        assert_eq!(outcomes(&deploy)[4..], ["upgrade failed", "as-before ok"]);
        assert_eq!(deploy.way_back.unwrap().kept, None);
        assert_eq!(shop.state().await, before);
    }
}

#[tokio::test]
async fn a_way_back_that_fails_is_told() {
    let shop = Shop::new().await;
    shop.trap("downgrade", "fails").await;
    let output =
        shop.command(&["--on-failure", "downgrade", "--probe-command", "exit 7", "--probe-timeout", "2s"]);
    assert_eq!(output.code, 10, "{}{}", output.stdout, output.stderr);
    for part in
        ["exit status: 7", "undo V3__tags", "FAILED   way back: downgrade", "NOT known to be as before"]
    {
        assert!(output.stdout.contains(part) || output.stderr.contains(part), "{part:?}: {}", output.stdout);
    }
    assert_eq!(shop.database.column(ENDED).await, ["downgrade not-reverted"]);
    assert_eq!(shop.database.applied().await, [1, 2, 3]);
}

#[tokio::test]
async fn a_way_back_that_leads_elsewhere_is_not_taken_for_one() {
    let shop = Shop::new().await;
    // Another type than there was.
    shop.folder.write("V2__forget_notes.down.sql", "alter table customers add column note varchar(9);");
    shop.trap("upgrade", "fails").await;
    let output = shop.command(&["--on-failure", "downgrade", "--backup", "none"]);
    assert_eq!(output.code, 10, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("the catalog's fingerprint is "), "{}", output.stdout);
    assert_eq!(shop.database.applied().await, [1]);
}

#[tokio::test]
async fn without_a_backup_only_the_schema_is_proven_and_that_is_said() {
    let shop = Shop::new().await;
    shop.trap("upgrade", "fails").await;
    let output = shop.command(&["--on-failure", "downgrade", "--backup", "none"]);
    assert_eq!(output.code, 9, "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("rows were not compared, for no backup has them"), "{}", output.stdout);
}

#[tokio::test]
async fn only_the_revisions_of_the_deploy_are_undone() {
    let shop = Shop::new().await;
    let set = shop.revisions();
    assert!(set.iter().all(|revision| matches!(revision.down, Down::Step(_))), "V1 could be undone too");
    let options = DeployOptions {
        way_back: WayBack::Downgrade,
        target: hardtack::Target::Version(2),
        ..shop.options(None)
    };
    let first = DeployOptions {
        probe: Some(Probe::Command("false".to_owned())),
        probe_timeout: Duration::from_millis(100),
        ..options
    };
    assert_eq!(shop.deploy(&first).await.outcome, DeployOutcome::Reverted);
    assert_eq!(shop.database.applied().await, [1]);
}

#[tokio::test]
async fn the_first_deploy_of_all_leads_back_to_nothing() {
    let database = TestDatabase::empty().await;
    let owner = format!("owner_{}", database.options.database());
    let name = database.options.database().to_owned();
    let grants =
        format!("grant create on schema public to {owner}; grant create on database {name} to {owner}");
    database.execute(&format!("create role {owner}; {grants}")).await;
    let folder = Folder::new(&[("V1__one.sql", "create table one (id int);")]);
    std::fs::write(folder.path().join("V1__one.down.sql"), "drop table one;").unwrap();
    let migrator = database.migrator(&folder.revisions());
    let table = hardtack::HistoryTable::new("ops", "history").unwrap();
    let before = migrator.clone().with_history_table(table).catalog().await.unwrap().fingerprint();
    let arguments = ["deploy", "--dir", ".", "--history-table", "ops.history", "--role", &owner];
    let failing = ["--on-failure", "downgrade", "--probe-command", "false", "--probe-timeout", "100ms"];
    let output = hardtack(folder.path(), Some(&database.url()), &[&arguments[..], &failing].concat());
    assert_eq!(output.code, 9, "{}{}", output.stdout, output.stderr);
    let table = hardtack::HistoryTable::new("ops", "history").unwrap();
    let after = migrator.with_history_table(table).catalog().await.unwrap().fingerprint();
    assert_eq!(after, before);
    assert_eq!(database.value("select to_regclass('one')").await, "null");
    let of = "select pg_get_userbyid(relowner) from pg_class where oid = 'hardtack.deploy'::regclass";
    assert_eq!(database.value(of).await, owner);
    assert_eq!(database.column(ENDED).await, ["downgrade reverted"]);
}

/// Upgrades fail with the server, and the way back waits for it.
#[tokio::test]
async fn a_server_that_crashes_is_waited_for() {
    let _alone = CRASHES.lock().await;
    let shop = Shop::with(TestDatabase::create_in(crashing_cluster(), "template template0").await).await;
    let before = shop.state().await;
    shop.trap("upgrade", "sleeps").await;
    let deploy = shop.start(&["--on-failure", "downgrade", "--backup", "none", "--lock-wait", "30s"]);
    shop.reaches("upgrade").await;
    shop.database.wait_for(crate::support::SLEEPING).await;
    let pid = shop
        .database
        .value(
            "select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
        )
        .await;
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    let code = deploy.wait().await;
    shop.database.wait_until_up().await;
    let column =
        shop.database.column("select concat_ws('|', stage, outcome, error) from hardtack.deploy").await;
    assert_eq!(code, 9, "{column:?}");
    let state = shop.state().await;
    assert_eq!(state.fingerprint, before.fingerprint);
}

/// A revision without a transaction that fails half-way.
async fn half_way(shop: &Shop) -> super::shop::State {
    shop.folder.remove("V3__tags");
    let text = "-- hardtack: no-transaction\ncreate table more (id int);\ninsert into more values (1), (1);\n\
        create unique index concurrently more_id on more (id);";
    shop.folder.write("V4__more.sql", text);
    shop.folder.write("V4__more.down.sql", "drop table more;");
    shop.state().await
}

#[tokio::test]
async fn from_the_middle_of_a_revision_without_a_transaction_a_restore_leads_back() {
    let shop = Shop::new().await;
    let before = half_way(&shop).await;
    let arguments = ["--skip-rehearsal", "--backup", "full", "--on-failure", "restore"];
    let output = shop.command(&arguments);
    assert_eq!(output.code, 9, "{}{}", output.stdout, output.stderr);
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn from_there_no_downgrade_does_which_is_said_before() {
    let shop = Shop::new().await;
    half_way(&shop).await;
    let output = shop.command(&["--skip-rehearsal", "--on-failure", "downgrade"]);
    assert_eq!(output.code, 10, "{}{}", output.stdout, output.stderr);
    for part in
        ["V4__more has no transaction: where it fails half-way, a full restore leads back", "is half applied"]
    {
        assert!(output.stdout.contains(part), "{part:?}: {}", output.stdout);
    }
    // Mended, the next one goes on behind what is done.
    shop.database.execute("delete from more").await;
    let output = shop.command(&["--skip-rehearsal"]);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
}

mod leaves_something {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table left_over (id int)").await?;
        Err("it fails when it has done half".into())
    }
    #[hardtack::down]
    async fn down(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("drop table left_over").await
    }
    pub(super) const CODE: Code = Code {
        up: Some(__hardtack_up),
        down: Some(__hardtack_down),
        before: None,
        after: None,
        backfill: None,
        checks: &[],
    };
}

#[tokio::test]
async fn what_code_without_a_transaction_leaves_is_found_out() {
    for (way_back, strategy, outcome) in [
        (WayBack::Downgrade, Strategy::Tables, DeployOutcome::NotReverted),
        (WayBack::Restore, Strategy::Full, DeployOutcome::Reverted),
    ] {
        let shop = Shop::new().await;
        shop.folder.remove("V3__tags");
        let text =
            "#[hardtack::up(transaction = \"none\")] async fn up() {}\n#[hardtack::down] async fn down() {}";
        shop.folder.write("V4__code.rs", text);
        let before = shop.state().await;
        let set = with_code(&shop.folder, 4, leaves_something::CODE);
        let options = DeployOptions { way_back, rehearsal: None, ..shop.options(Some(strategy)) };
        let deploy = shop.database.migrator(&set).deploy(&options).await.unwrap();
        assert_eq!(deploy.outcome, outcome, "{deploy:#?}");
        assert_eq!(shop.state().await == before, outcome == DeployOutcome::Reverted);
        assert_eq!(shop.database.applied().await, [1]);
    }
}

/// Lets the probe fail once an application has written to both tables.
async fn written_meanwhile(shop: &Shop, arguments: &[&str]) {
    shop.folder.remove("V3__tags");
    let probe = ["--probe-command", "sleep 3; false", "--probe-timeout", "3500ms"];
    let process = shop.start(&[&probe[..], arguments].concat());
    shop.reaches("probe").await;
    shop.database
        .execute("insert into customers values (501, 'new'); insert into orders values (501, 1, 1)")
        .await;
    assert_eq!(process.wait().await, 9, "{:?}", shop.database.column(ENDED).await);
}

const NEW: &str = "select concat_ws(' ', (select count(*) from customers where id = 501), \
    (select count(*) from orders where id = 501), (select count(*) from customers where note is not null))";

#[tokio::test]
async fn what_is_written_meanwhile_stays_but_in_tables_whose_rows_are_put_back() {
    let shop = Shop::new().await;
    written_meanwhile(&shop, &["--on-failure", "downgrade"]).await;
    assert_eq!(shop.database.value(NEW).await, "0 1 500");
}

#[tokio::test]
async fn what_is_written_meanwhile_is_in_the_database_that_is_kept() {
    let shop = Shop::new().await;
    written_meanwhile(&shop, &["--on-failure", "restore", "--backup", "full"]).await;
    assert_eq!(shop.database.value(NEW).await, "0 0 500");
    let name = shop.database.options.database().to_owned();
    let kept = format!("select datname from pg_database where datname like '{name}\\_before\\_%'");
    let kept = shop.database.value(&kept).await;
    let options = shop.database.options.clone().with_database(kept);
    let there = hardtack::db::connect(&options, "test").await.unwrap();
    let row = there.client.query_one("select count(*) from orders where id = 501", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}
