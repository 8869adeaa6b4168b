//! SIGKILL in each stage, and the same command again.

use super::shop::{ENDED, Process, Shop, State};
use crate::support::SLEEPING;

/// What happens before the kill.
struct Killed {
    shop: Shop,
    before: State,
}

/// Starts a deploy, kills it in that stage once `at` is true there, and takes all traps away.
async fn kill(stage: &str, what: &[(&str, &str)], at: Option<&str>, arguments: &[&str]) -> Killed {
    let shop = Shop::new().await;
    let before = shop.state().await;
    for (stage, what) in what {
        shop.trap(stage, what).await;
    }
    let mut process: Process = shop.start(arguments);
    shop.reaches(stage).await;
    if let Some(at) = at {
        shop.database.wait_for(at).await;
    }
    process.kill().await;
    shop.untrap().await;
    Killed { shop, before }
}

impl Killed {
    /// The same command again, without what let it fail.
    fn again(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.shop.command(&[arguments, &["--lock-wait", "30s"]].concat());
        assert_eq!(output.code, code, "{}{}", output.stdout, output.stderr);
        output.stdout
    }

    async fn is_deployed(&self) {
        assert_eq!(self.shop.database.applied().await, [1, 2, 3]);
        assert_eq!(self.shop.database.column(ENDED).await, ["probe deployed"]);
        assert_eq!(self.shop.database.value("select count(*) from tags").await, "1");
    }

    async fn is_as_before(&self, stage: &str) {
        assert_eq!(self.shop.state().await, self.before);
        assert_eq!(self.shop.database.column(ENDED).await, [format!("{stage} reverted")]);
    }
}

/// Says whether a session waits for a lock on a table.
const WAITING: &str = "select exists (select from pg_locks where not granted and locktype = 'relation' and pid <> pg_backend_pid())";

#[tokio::test]
async fn while_it_looks_at_the_database() {
    let shop = Shop::new().await;
    let holder = shop.database.connect().await;
    holder.client.batch_execute("begin; lock table customers").await.unwrap();
    let mut process = shop.start(&["--lock-timeout", "60s"]);
    shop.database.wait_for(WAITING).await;
    process.kill().await;
    holder.client.batch_execute("rollback").await.unwrap();
    assert_eq!(shop.database.value("select to_regclass('hardtack.deploy')").await, "hardtack.deploy");
    assert_eq!(shop.database.column(ENDED).await, Vec::<String>::new());
    let killed = Killed { before: shop.state().await, shop };
    killed.again(0, &[]);
    killed.is_deployed().await;
}

#[tokio::test]
async fn while_it_rehearses() {
    let killed = kill("rehearse", &[("rehearse", "sleeps")], Some(SLEEPING), &[]).await;
    let text = killed.again(0, &[]);
    assert!(text.contains("ok       rehearsal"), "{text}");
    killed.is_deployed().await;
}

#[tokio::test]
async fn while_it_takes_a_backup() {
    let arguments = ["--skip-rehearsal", "--backup", "full"];
    let killed = kill("backup", &[], None, &arguments).await;
    let text = killed.again(0, &arguments);
    assert!(text.contains("ok       backup: full"), "{text}");
    killed.is_deployed().await;
    let left = std::fs::read_dir(killed.shop.folder.path().join("backups")).unwrap();
    let left: Vec<String> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn while_it_upgrades() {
    let killed = kill("upgrade", &[("upgrade", "sleeps")], Some(SLEEPING), &[]).await;
    let text = killed.again(0, &[]);
    for part in [
        "had come to its upgrade",
        "has gone through it",
        "which is whole",
        "ok       upgrade: 1 revision applied",
    ] {
        assert!(text.contains(part), "{part:?}: {text}");
    }
    killed.is_deployed().await;
}

#[tokio::test]
async fn while_it_upgrades_and_the_rest_fails() {
    let arguments = ["--on-failure", "downgrade"];
    let killed = kill("upgrade", &[("upgrade", "sleeps")], Some(SLEEPING), &arguments).await;
    killed.shop.trap("upgrade", "fails").await;
    let text = killed.again(9, &arguments);
    assert!(text.contains("is as before, at version 1"), "{text}");
    killed.is_as_before("rows").await;
}

#[tokio::test]
async fn while_it_asks_the_checks() {
    let killed = kill("checks", &[("checks", "sleeps")], Some(SLEEPING), &[]).await;
    killed.again(0, &[]);
    killed.is_deployed().await;
}

#[tokio::test]
async fn while_it_probes() {
    let arguments = ["--probe-command", "sleep 60", "--backup", "full", "--on-failure", "restore"];
    let killed = kill("probe", &[], None, &arguments).await;
    let arguments = [
        "--probe-command",
        "false",
        "--probe-timeout",
        "100ms",
        "--backup",
        "full",
        "--on-failure",
        "restore",
    ];
    let text = killed.again(9, &arguments);
    assert!(text.contains("had come to its probe"), "{text}");
    killed.is_as_before("restore").await;
}

const UNWELL: [&str; 6] =
    ["--on-failure", "downgrade", "--probe-command", "false", "--probe-timeout", "100ms"];

#[tokio::test]
async fn while_it_goes_back_by_downs() {
    let killed = kill("downgrade", &[("downgrade", "sleeps")], Some(SLEEPING), &UNWELL).await;
    let text = killed.again(9, &UNWELL);
    assert!(text.contains("was on its way back: find the application well"), "{text}");
    killed.is_as_before("rows").await;
}

#[tokio::test]
async fn while_rows_go_back() {
    let shop = Shop::new().await;
    let before = shop.state().await;
    // No revision wants this table, but rows that go back do.
    let holder = shop.database.connect().await;
    holder.client.batch_execute("begin; lock table orders in share mode").await.unwrap();
    let mut process = shop.start(&[&UNWELL[..], &["--lock-timeout", "60s"]].concat());
    shop.reaches("rows").await;
    shop.database.wait_for(WAITING).await;
    process.kill().await;
    holder.client.batch_execute("rollback").await.unwrap();
    let killed = Killed { shop, before };
    killed.again(9, &UNWELL);
    killed.is_as_before("rows").await;
}

#[tokio::test]
async fn while_it_goes_back_by_a_restore() {
    let arguments = [
        "--on-failure",
        "restore",
        "--backup",
        "full",
        "--probe-command",
        "false",
        "--probe-timeout",
        "100ms",
    ];
    let killed = kill("restore", &[], None, &arguments).await;
    let text = killed.again(9, &arguments);
    assert!(text.contains("was on its way back"), "{text}");
    killed.is_as_before("restore").await;
}

#[tokio::test]
async fn stopped_it_goes_on_as_well() {
    let shop = Shop::new().await;
    shop.trap("checks", "sleeps").await;
    let process = shop.start(&[]);
    shop.reaches("checks").await;
    shop.database.wait_for(SLEEPING).await;
    process.terminate();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    shop.untrap().await;
    assert_eq!(process.wait().await, 8);
    assert_eq!(shop.database.column(ENDED).await, ["checks open"]);
    assert_eq!(shop.command(&[]).code, 0);
    assert_eq!(shop.database.column(ENDED).await, ["probe deployed"]);
}
