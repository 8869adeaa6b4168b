//! `--migrate-only` as it ships.

use std::time::Duration;

use crate::support::{Folder, Proxy, TestDatabase, cluster, hardtack, hardtack_command};

#[tokio::test]
async fn sixteen_processes_boot_together_and_each_revision_runs_once() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[]);
    let children: Vec<_> = (0..16)
        .map(|_| {
            hardtack_command(folder.path())
                .arg("--migrate-only")
                .env("DATABASE_URL", database.url())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let revisions = crate::migrations::REVISIONS.len();
    assert_eq!(database.applied().await.len(), revisions);
    assert_eq!(database.value("select count(*) from hardtack.step").await, revisions.to_string());
    assert_eq!(database.value("select count(*) from hardtack.run").await, "1");
}

#[tokio::test]
async fn a_second_boot_is_one_query_and_says_so() {
    let database = TestDatabase::reference().await;
    let before = database.value("select count(*) from hardtack.run").await;
    let proxy = Proxy::start(cluster().socket(), Duration::ZERO).await;
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
        proxy.port,
        database.options.database()
    );
    let folder = Folder::new(&[]);
    let output =
        tokio::task::spawn_blocking(move || hardtack(folder.path(), Some(&url), &["--migrate-only"]));
    let output = output.await.unwrap();
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(
        output.stdout.contains("up to date, at version 21: one query, no lock taken, nothing written"),
        "{}",
        output.stdout
    );
    // The start-up message, the query, and the farewell, which has no answer.
    let round_trips = proxy.round_trips.load(std::sync::atomic::Ordering::Relaxed);
    assert!((2..=3).contains(&round_trips), "{round_trips}");
    assert_eq!(database.value("select count(*) from hardtack.run").await, before);
}

/// A transactional SQL revision costs one round trip, commit included.
#[tokio::test]
async fn a_revision_costs_one_round_trip() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(cluster().socket(), Duration::ZERO).await;
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
        proxy.port,
        database.options.database()
    );
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let mut counts = Vec::new();
    let folder = Folder::new(&[("V1__first.sql", "create table first ();")]);
    for batch in [1..=1, 2..=21, 22..=61] {
        for version in batch {
            let text = format!("create table t{version} (id int); create index on t{version} (id);");
            folder.write(&format!("V{}__t.sql", version + 1), &text);
        }
        let before = proxy.round_trips.load(std::sync::atomic::Ordering::Relaxed);
        let migrator = hardtack::Migrator::new(&folder.revisions(), options.clone());
        migrator.upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
        counts.push(proxy.round_trips.load(std::sync::atomic::Ordering::Relaxed) - before);
    }
    assert_eq!(counts[2] - counts[1], 20, "{counts:?}");
}

#[tokio::test]
async fn without_a_database_a_private_server_does_the_job_and_keeps_the_data() {
    let folder = Folder::new(&[]);
    let first = hardtack(folder.path(), None, &["--migrate-only"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("using a private PostgreSQL"), "{}", first.stderr);
    assert!(first.stdout.contains("21 revisions applied"), "{}", first.stdout);
    let second = hardtack(folder.path(), None, &["--migrate-only"]);
    assert!(second.stdout.contains("up to date"), "{}", second.stdout);
}

#[test]
fn a_server_that_is_kept_runs_on_until_it_is_ended() {
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let run = |keep: &str| {
        let output = hardtack(folder.path(), None, &["upgrade", "--dir", ".", keep]);
        assert_eq!(output.code, 0, "{}", output.stderr);
    };
    let pid = folder.path().join(".hardtack/data/postmaster.pid");
    run("--keep-server");
    assert!(pid.exists());
    run("--keep-server=false");
    assert!(!pid.exists());
}

#[test]
fn a_forgotten_database_in_production_is_refused() {
    let folder = Folder::new(&[]);
    let output = hardtack(folder.path(), None, &["--migrate-only", "--env", "production"]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    assert!(!folder.path().join(".hardtack").exists());
}
