use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::support::{exists, one, open_directory, options, value};
use crate::db::connect;
use crate::db::embedded::{Embedded, EmbeddedError, Runner};

fn home() -> (TempDir, PathBuf) {
    let directory = open_directory();
    let home = directory.path().join(".hardtack");
    (directory, home)
}

async fn is_running(url: &str) -> bool {
    connect(&options(url), "test").await.is_ok()
}

#[tokio::test]
async fn the_last_to_leave_stops_it_and_the_data_stays() {
    let (_directory, home) = home();
    let first = Embedded::new(&home).database("odd \"name\"").start().await.unwrap();
    assert!(first.was_started() && first.version().starts_with(|digit: char| digit.is_ascii_digit()));
    let second = Embedded::new(&home).database("odd \"name\"").start().await.unwrap();
    assert!(!second.was_started());
    let url = second.url();
    let connection = connect(&options(&url), "test").await.unwrap();
    connection.client.batch_execute("create table kept as select 7 as it").await.unwrap();
    connection.close().await;
    assert!(!first.stop().await.unwrap());
    assert!(is_running(&url).await);
    assert!(second.stop().await.unwrap());
    assert!(!is_running(&url).await);

    let again = Embedded::new(&home).database("odd \"name\"").start().await.unwrap();
    assert!(again.was_started());
    let connection = connect(again.options(), "test").await.unwrap();
    assert_eq!(value(&connection, "select it from kept").await, "7");
    assert_eq!(value(&connection, "show listen_addresses").await, "");
    assert_eq!(fs::read_to_string(home.join(".gitignore")).unwrap(), "*\n");
    drop(connection);
    drop(again);
    assert!(!is_running(&url).await, "dropping stops it as well");
}

#[tokio::test]
async fn several_start_at_once() {
    let (_directory, home) = home();
    let start = || Embedded::new(home.clone()).start();
    let (a, b, c) = tokio::join!(start(), start(), start());
    let servers = [a.unwrap(), b.unwrap(), c.unwrap()];
    assert_eq!(servers.iter().filter(|server| server.was_started()).count(), 1);
    let mut stopped = 0;
    for server in servers {
        stopped += u32::from(server.stop().await.unwrap());
    }
    assert_eq!(stopped, 1);
}

#[tokio::test]
async fn kept_running_until_told() {
    let (_directory, home) = home();
    let server = Embedded::new(&home).keep_running(true).start().await.unwrap();
    let url = server.url();
    assert!(!server.stop().await.unwrap());
    let joined = Embedded::new(&home).start().await.unwrap();
    assert!(!joined.was_started());
    assert!(!joined.stop().await.unwrap());
    assert!(is_running(&url).await);
    assert!(Embedded::new(&home).stop_kept().await.unwrap());
    assert!(!is_running(&url).await);
}

#[tokio::test]
async fn left_behind_by_a_killed_process_it_is_found() {
    let (_directory, home) = home();
    let mut killed = Embedded::new(&home).start().await.unwrap();
    // What the kernel does for a killed process: the locks go, and nobody stops the server.
    drop(killed.lock.take());
    drop(killed);
    let found = Embedded::new(&home).start().await.unwrap();
    assert!(!found.was_started());
    assert!(found.stop().await.unwrap());
}

#[tokio::test]
async fn half_made_clusters_are_made_again() {
    let (_directory, home) = home();
    fs::create_dir_all(home.join("data.partial/base")).unwrap();
    fs::write(home.join("data.partial/PG_VERSION"), "15").unwrap();
    let server = Embedded::new(&home).start().await.unwrap();
    assert_eq!(one(&connect(server.options(), "test").await.unwrap()).await, 1);
    assert!(!exists(&home.join("data.partial")));
    assert!(server.stop().await.unwrap());
}

#[tokio::test]
async fn where_the_server_may_not_enter_the_data_lies_elsewhere() {
    let directory = open_directory();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let home = directory.path().join("deep/.hardtack");
    let is_root = fs::metadata(directory.path()).unwrap().uid() == 0;
    let server = Embedded::new(&home).start().await.unwrap();
    let url = server.url();
    let data = server.data_directory().to_owned();
    assert!(server.stop().await.unwrap());
    if is_root {
        assert_eq!(fs::read_link(home.join("data")).unwrap(), data);
        assert_eq!(fs::metadata(data.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let again = Embedded::new(&home).start().await.unwrap();
    assert_eq!((again.data_directory(), again.url()), (data.as_path(), url));
    assert!(again.stop().await.unwrap());
    if is_root {
        fs::remove_dir_all(data.parent().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_long_path_has_its_socket_elsewhere() {
    let (_directory, home) = home();
    let home = home.join("x".repeat(90));
    let server = Embedded::new(&home).start().await.unwrap();
    let sockets = PathBuf::from(server.options().address().unwrap().0);
    assert!(sockets.starts_with("/tmp") && sockets.as_os_str().len() < 60);
    assert!(server.stop().await.unwrap());
    fs::remove_dir_all(sockets).unwrap();
}

#[tokio::test]
async fn data_of_another_version_is_refused() {
    let (_directory, home) = home();
    let server = Embedded::new(&home).start().await.unwrap();
    let data = server.data_directory().to_owned();
    server.stop().await.unwrap();
    fs::write(data.join("PG_VERSION"), "9.6\n").unwrap();
    let error = Embedded::new(&home).start().await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::OtherVersion { data, .. } if data == "9.6"), "{error}");
}

#[tokio::test]
async fn a_server_that_dies_shows_its_log() {
    let error = Embedded::scratch().setting("work_mem", "nonsense").start().await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::Died { tail, .. } if tail.contains("work_mem")), "{error}");
}

#[tokio::test]
async fn production_is_refused_before_anything_is_made() {
    let (_directory, home) = home();
    for name in ["prod", "Production", " LIVE "] {
        let error = Embedded::new(&home).environment(Some(name)).start().await.unwrap_err();
        assert!(matches!(error, EmbeddedError::Production { .. }), "{error}");
    }
    assert!(!exists(&home));
}

#[tokio::test]
async fn named_programs_must_be_there() {
    let (directory, home) = home();
    let error = Embedded::new(&home).bin_dir(Some(directory.path().to_owned())).start().await.unwrap_err();
    assert!(matches!(error, EmbeddedError::Programs { .. }), "{error}");
}

#[tokio::test]
async fn scratch_clusters_leave_nothing() {
    let server = Embedded::scratch().start().await.unwrap();
    let container = server.data_directory().parent().unwrap().to_owned();
    assert!(exists(&container));
    assert!(server.stop().await.unwrap());
    assert!(!exists(&container));
}

/// The process of the next test: owns a scratch cluster until it is killed.
#[tokio::test]
#[ignore = "started by another test"]
async fn scratch_owner() {
    let server = Embedded::scratch().start().await.unwrap();
    println!("\ndata={}", server.data_directory().display());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn scratch_clusters_go_with_a_killed_owner() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["db::tests::embedded::scratch_owner", "--exact", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let data = lines.filter_map(|line| line.strip_prefix("data=").map(PathBuf::from)).next().unwrap();
    let container: &Path = data.parent().unwrap();
    assert!(exists(container));
    owner.kill().unwrap();
    owner.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while exists(container) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!exists(container));
}

/// Only root has somebody else to be, and to be led astray by.
fn account() -> Option<Runner> {
    Some(Runner::for_data(None).unwrap()).filter(Runner::drops)
}

#[tokio::test]
async fn a_link_for_a_log_leads_root_nowhere() {
    let Some(runner) = account() else { return };
    let (directory, home) = home();
    let server = Embedded::new(&home).start().await.unwrap();
    let data = server.data_directory().to_owned();
    server.stop().await.unwrap();
    let secret = directory.path().join("secret");
    fs::write(&secret, "hunter2").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let log = data.join("server.log");
    fs::remove_file(&log).unwrap();
    std::os::unix::fs::symlink(&secret, &log).unwrap();
    let error = Embedded::new(&home).start().await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::Died { tail, .. } if !tail.contains("hunter2")), "{error}");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "hunter2");
    assert_eq!(runner.end_of(&log), "");
}

fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

#[tokio::test]
async fn stopping_a_killed_server_is_immediate() {
    let (_directory, home) = home();
    let server = Embedded::new(&home).start().await.unwrap();
    let text = fs::read_to_string(pid_file(server.data_directory())).unwrap();
    let pid = text.lines().next().unwrap();
    let killed = Command::new("/bin/sh").args(["-c", "kill -s KILL \"$1\"", "sh", pid]).status();
    assert!(killed.unwrap().success());
    let began = Instant::now();
    server.stop().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_false_pid_hurts_nobody_else() {
    let (_directory, home) = home();
    let server = Embedded::new(&home).start().await.unwrap();
    let file = pid_file(server.data_directory());
    let truth = fs::read_to_string(&file).unwrap();
    let (_, rest) = truth.split_once('\n').unwrap();
    let mut bystander = Command::new("sleep").arg("60").current_dir("/").spawn().unwrap();
    fs::write(&file, format!("{}\n{rest}", bystander.id())).unwrap();
    assert!(server.stop().await.unwrap());
    assert!(bystander.try_wait().unwrap().is_none());
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    // The true one, so that no server is left behind.
    let first = truth.lines().next().unwrap();
    Command::new("/bin/sh").args(["-c", "kill -s QUIT \"$1\"", "sh", first]).status().unwrap();
}
