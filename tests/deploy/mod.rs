//! Deploys: the whole procedure, each way back after each kind of failure, and what a killed one is taken up as.

mod killed;
mod refused;
mod shop;
mod way_back;

use hardtack::backup::Strategy;
use hardtack::engine::deploy::{DeployOptions, DeployOutcome, Probe, StageOutcome};
use hardtack::history::{DeployStage, WayBack};
use hardtack::{Back, DowngradeOptions};
use serde_json::Value;

use shop::{ENDED, Shop, outcomes};

#[tokio::test]
async fn a_deploy_goes_through_all_its_stages() {
    let shop = Shop::new().await;
    let probe = Probe::Command("true".to_owned());
    let options = DeployOptions {
        probe: Some(probe),
        way_back: WayBack::Restore,
        ..shop.options(Some(Strategy::Full))
    };
    let deploy = shop.deploy(&options).await;
    assert_eq!(deploy.outcome, DeployOutcome::Deployed, "{deploy:#?}");
    assert_eq!((deploy.from, deploy.to), (Some(1), Some(3)));
    let expected =
        ["verify ok", "gates skipped", "rehearse ok", "backup ok", "upgrade ok", "checks ok", "probe ok"];
    assert_eq!(outcomes(&deploy), expected);
    assert_eq!(shop.database.applied().await, [1, 2, 3]);
    assert_eq!(shop.database.column(ENDED).await, ["probe deployed"]);
    let evidence = "select string_agg(kind, ' ' order by id) from hardtack.evidence";
    assert_eq!(shop.database.value(evidence).await, "rehearsal backup");
    let runs =
        "select string_agg(command || ' ' || outcome, ', ' order by id) from hardtack.run where id > 1";
    assert_eq!(shop.database.value(runs).await, "deploy succeeded, record succeeded, upgrade succeeded");
    // The next one has nothing to do, and asks all the same.
    let again = shop.deploy(&options).await;
    assert_eq!(again.outcome, DeployOutcome::UpToDate, "{again:#?}");
    assert_eq!(outcomes(&again)[4..], ["upgrade skipped", "checks ok", "probe ok"]);
    assert_eq!(shop.database.column(ENDED).await.len(), 1);
}

#[tokio::test]
async fn what_was_rehearsed_a_moment_ago_is_not_rehearsed_again() {
    let shop = Shop::new().await;
    shop.trap("upgrade", "fails").await;
    let options = shop.options(None);
    let failed = shop.deploy(&options).await;
    assert_eq!(failed.outcome, DeployOutcome::Failed, "{failed:#?}");
    assert_eq!(shop.database.applied().await, [1, 2]);
    shop.untrap().await;
    // What is left is another plan; the same plan again is not rehearsed.
    let back = DowngradeOptions { back: Back::To(1), agreed: None };
    shop.database.migrator(&shop.revisions()).downgrade(back).await.unwrap();
    let deploy = shop.deploy(&options).await;
    assert_eq!(deploy.outcome, DeployOutcome::Deployed, "{deploy:#?}");
    let rehearsal = deploy.stages.iter().find(|stage| stage.stage == DeployStage::Rehearse).unwrap();
    let StageOutcome::Skipped { reason } = &rehearsal.outcome else { panic!("{rehearsal:?}") };
    assert!(reason.starts_with("this very plan was rehearsed "), "{reason}");
}

#[tokio::test]
async fn a_plan_shows_the_stages_and_writes_nothing() {
    let shop = Shop::new().await;
    shop.database.execute("drop schema hardtack cascade").await;
    let before = shop.state().await;
    let output = shop.command(&["--plan", "--probe-url", "http://localhost:1/", "--on-failure", "downgrade"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    for part in [
        "from 1 to 3",
        "ok       the database: 1 revision applied, 2 pending",
        "skipped  backup: would take the rows of the tables that the plan can lose some of, to backups",
        "skipped  upgrade: would apply 2 revisions, up to version 3",
        "skipped  probe of the application: would ask http://localhost:1/, for 60s at the most",
        "nothing was done",
    ] {
        assert!(output.stdout.contains(part), "{part:?}: {}", output.stdout);
    }
    assert_eq!(shop.state().await, before);
    assert_eq!(
        shop.database.value("select count(*) from pg_namespace where nspname = 'hardtack'").await,
        "0"
    );
}

#[tokio::test]
async fn the_report_has_every_form() {
    let shop = Shop::new().await;
    shop.trap("upgrade", "fails").await;
    let file = shop.folder.path().join("deploy.html");
    let output =
        shop.command(&["--on-failure", "downgrade", "--format", "html", "-o", file.to_str().unwrap()]);
    assert_eq!(output.code, 9, "{}{}", output.stdout, output.stderr);
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("ay back: as before") && page.contains("trapped"), "{page}");
    for stage in ["deploy: rehearse", "deploy: upgrade", "deploy: as-before"] {
        assert!(output.stderr.contains(stage), "{}", output.stderr);
    }
    let junit = shop.command(&["--on-failure", "downgrade", "--format", "junit"]);
    assert!(junit.code == 9 && junit.stdout.contains("name=\"upgrade\""), "{}", junit.stdout);
    let json = shop.command(&["--on-failure", "downgrade", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["outcome"], &json["failure"]["stage"]), (&"reverted".into(), &"upgrade".into()));
    assert_eq!(json["way_back"]["as_before"]["faults"], Value::Array(Vec::new()));
    assert_eq!(json["sections"].as_array().unwrap().len(), json["stages"].as_array().unwrap().len());
}

#[tokio::test]
async fn two_deploys_do_not_mix() {
    let shop = Shop::new().await;
    let first = shop.start(&["--probe-command", "sleep 60", "--probe-timeout", "60s"]);
    shop.reaches("probe").await;
    let second = shop.command(&["--lock-wait", "1s"]);
    assert_eq!(second.code, 5, "{}{}", second.stdout, second.stderr);
    first.terminate();
    assert_eq!(first.wait().await, 8);
    let third = shop.command(&[]);
    assert_eq!(third.code, 0, "{}{}", third.stdout, third.stderr);
    assert!(third.stdout.contains("had come to its probe"), "{}", third.stdout);
    assert_eq!(shop.database.column(ENDED).await, ["probe deployed"]);
}

#[tokio::test]
async fn another_plan_abandons_a_deploy_that_has_not_ended() {
    let shop = Shop::new().await;
    let mut first = shop.start(&["--probe-command", "sleep 60", "--probe-timeout", "60s"]);
    shop.reaches("probe").await;
    first.kill().await;
    shop.folder.write("V4__more.sql", "create table more (id int);");
    let second = shop.command(&[]);
    assert_eq!(second.code, 0, "{}{}", second.stdout, second.stderr);
    assert!(second.stdout.contains("was of another plan: abandoned"), "{}", second.stdout);
    assert_eq!(shop.database.column(ENDED).await, ["probe abandoned", "probe deployed"]);
}

#[tokio::test]
async fn a_check_that_failed_before_is_nobodys_fault() {
    let shop = Shop::new().await;
    shop.database.execute("insert into customers values (0, 'nobody')").await;
    let deploy = shop.deploy(&shop.options(None)).await;
    assert_eq!(deploy.outcome, DeployOutcome::Deployed, "{deploy:#?}");
    assert!(
        deploy.stages[0].summary.ends_with("1 check of what is applied fails already, and is not counted")
    );
    // Where nothing is deployed, it is told.
    let again = shop.deploy(&shop.options(None)).await;
    assert_eq!(again.outcome, DeployOutcome::Failed, "{again:#?}");
    assert!(again.failure.unwrap().message.contains("V1__shop: nobody"));
}
