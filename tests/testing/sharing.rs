use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use hardtack::db::embedded::Embedded;
use hardtack::testing::TestDatabase;

use super::test_alone;
use crate::migrations::REVISIONS;
use crate::support::TestDatabase as OwnDatabase;
use crate::support::{cluster, pg_bin};

/// A test of this binary in a process of its own, which tells a line and then waits.
fn process(test: &str, environment: &[(&str, &str)]) -> (Child, String) {
    let mut command = test_alone(test);
    let mut child = command
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.find_map(|line| Some(line.unwrap().split_once("told: ")?.1.to_owned()));
    (child, told.unwrap_or_default())
}

/// Until somebody kills it.
async fn wait() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[hardtack::test(REVISIONS, at = 7)]
#[ignore = "runs in a process of its own"]
async fn process_that_is_killed(db: TestDatabase) {
    println!("told: {}", db.options().database());
    wait().await;
}

/// On a server that was named, tests of several processes share one template, and what a killed one has left goes.
#[tokio::test]
async fn processes_share_a_template_and_clean_up_behind_each_other() {
    let beside = OwnDatabase::empty().await;
    let url = beside.url();
    let named = [("HARDTACK_TEST_DATABASE_URL", url.as_str())];
    let killed = || process("testing::sharing::process_that_is_killed", &named);
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(killed);
        (one.join().unwrap(), killed())
    });
    let databases = "select string_agg(datname, ' ' order by datname) from pg_database where starts_with(datname, 'hardtack_scratch_' \
        || (select oid from pg_database where datname = current_database()))";
    let mut names = [one.1, two.1];
    names.sort();
    assert!(names.iter().all(|name| !name.is_empty()), "{names:?}");
    assert_eq!(beside.value(databases).await, names.join(" "));
    let templates = "select count(*) from pg_database where starts_with(datname, 'hardtack_template_') and not datallowconn \
        and pg_get_userbyid(datdba) = current_user";
    assert_eq!(beside.value(templates).await, "1");
    for mut child in [one.0, two.0] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // Their sessions end when the server notices.
    beside
        .wait_for("select count(*) = 0 from pg_stat_activity where application_name = 'hardtack test'")
        .await;
    let (mut next, name) = killed();
    assert_eq!(beside.value(databases).await, name);
    next.kill().unwrap();
    next.wait().unwrap();
    let _ = cluster();
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn process_that_uses_the_shared_server() {
    let home = std::env::var("SHARED_HOME").unwrap();
    let server = Embedded::shared(home).bin_dir(pg_bin()).start().await.unwrap();
    println!("told: {} {}", server.was_started(), server.data_directory().display());
    wait().await;
}

/// The private server is one for all processes, and goes some seconds after the last has been killed.
#[test]
fn processes_share_a_server_which_goes_with_the_last() {
    let home = tempfile::TempDir::new().unwrap();
    let environment = [("SHARED_HOME", home.path().to_str().unwrap())];
    let user = || process("testing::sharing::process_that_uses_the_shared_server", &environment);
    let (mut one, started) = user();
    let (mut two, joined) = user();
    let (started, data) = started.split_once(' ').unwrap();
    assert_eq!((started, joined.as_str()), ("true", format!("false {data}").as_str()));
    let pid = Path::new(data).join("postmaster.pid");
    let first = std::fs::read_to_string(&pid).unwrap();
    one.kill().unwrap();
    one.wait().unwrap();
    // Longer than it stays when nobody uses it.
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(std::fs::read_to_string(&pid).unwrap(), first);
    two.kill().unwrap();
    two.wait().unwrap();
    let killed = Instant::now();
    while pid.exists() {
        assert!(killed.elapsed() < Duration::from_secs(30), "it is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    // It comes again for whoever is next, with what it had.
    let (mut three, again) = user();
    assert_eq!(again, format!("true {data}"));
    three.kill().unwrap();
    three.wait().unwrap();
}
