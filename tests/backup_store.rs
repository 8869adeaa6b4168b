//! Backups in object stores: what a directory has, a store of files has too, which the program reaches as it does S3.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Folder, TestDatabase, hardtack_command, output_of};

/// A database with rows, and a store for its backups.
struct Scene {
    database: TestDatabase,
    folder: Folder,
}

impl Scene {
    async fn set() -> Self {
        let database = TestDatabase::reference().await;
        database.fill(200).await;
        Self { database, folder: Folder::new(&[]) }
    }

    fn url(&self) -> String {
        format!("file://{}/vault", self.folder.path().display())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hardtack_command(self.folder.path());
        command.env("DATABASE_URL", self.database.url()).env("HARDTACK_BACKUPS", self.url());
        // Such a store is one of tests alone.
        command.env("HARDTACK_TEST_STORES", "1").args(arguments);
        command
    }

    /// Runs a command that succeeds; its result.
    fn run(&self, arguments: &[&str]) -> Value {
        let output = output_of(self.command(arguments).args(["--format", "json"]));
        assert_eq!(output.code, 0, "{arguments:?}: {}{}", output.stdout, output.stderr);
        serde_json::from_str(&output.stdout).unwrap()
    }
}

/// The files of a folder and below it; folders that are empty are nothing to a store.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let files = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] });
    files.collect()
}

#[tokio::test]
async fn what_is_in_a_store_comes_back() {
    let scene = Scene::set().await;
    let migrator = scene.database.migrator(&crate::migrations::REVISIONS);
    let before = scene.database.state(&migrator).await;
    let url = scene.url();
    let tables = scene.run(&["backup", "--strategy", "tables", "--table", "*", "--output", &url]);
    let full = scene.run(&["backup"]);
    let names = [&tables, &full].map(|taken| taken["name"].as_str().unwrap());
    assert_eq!(full["path"], format!("{url}/{}", names[1]));
    for name in names {
        scene.run(&["backup", "verify", name, "--depth", "full"]);
    }
    let listed = scene.run(&["backup", "list"]);
    assert_eq!(listed["place"], url);
    let listed = listed["backups"].as_array().unwrap();
    let is_listed = |name: &str| listed.iter().any(|backup| backup["name"] == name);
    assert!(listed.len() == 2 && names.into_iter().all(is_listed), "{listed:?}");
    assert!(listed.iter().all(|backup| backup["verified"]["depth"] == "full"), "{listed:?}");
    let beside = format!("{}_stored", scene.database.options.database());
    scene.run(&["restore", &format!("{url}/{}", names[1]), "--into", &beside]);
    let other = scene.database.named(&beside);
    assert_eq!(other.state(&other.migrator(&crate::migrations::REVISIONS)).await, before);
    // Of each strategy one stays.
    scene.run(&["backup", "--strategy", "tables", "--table", "accounts", "--verify", "full"]);
    let removed = scene.run(&["backup", "prune", "--keep", "1"]);
    assert_eq!(removed["removed"].as_array().unwrap(), &[tables["name"].clone()]);
    assert_eq!(files(&scene.folder.path().join("vault").join(names[0])), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_begun_in_a_store_and_stopped_leaves_nothing() {
    let scene = Scene::set().await;
    let many =
        "create table many as select number, md5(number::text) from generate_series(1, 1000000) number";
    scene.database.execute(many).await;
    for strategy in [&["tables", "--table", "*"][..], &["full"]] {
        let child = scene.command(&[&["backup", "--strategy"], strategy].concat()).spawn().unwrap();
        let copies = "select exists (select from pg_stat_activity where datname = current_database() and query ilike 'copy%many%')";
        scene.database.wait_for(copies).await;
        assert!(!files(&scene.folder.path().join("vault")).is_empty());
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(8), "{said}");
        assert!(
            said.contains("nothing is left of the backup") && !said.contains("could not be removed"),
            "{said}"
        );
        assert_eq!(files(&scene.folder.path().join("vault")), Vec::<String>::new());
    }
}

/// Its answer is waited for, and asked for again, for minutes.
#[tokio::test]
async fn a_store_that_does_not_answer_holds_up_nobody_who_stops() {
    let scene = Scene::set().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = scene.command(&["backup", "--output", "s3://bucket/vault"]);
    command.env("AWS_ENDPOINT", format!("http://{}", silent.local_addr().unwrap()));
    command.envs([
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    let child = command.spawn().unwrap();
    let stopped = tokio::task::spawn_blocking(move || {
        let _asked = silent.accept().unwrap();
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let begun = Instant::now();
        (child.wait_with_output().unwrap(), begun.elapsed())
    });
    let (output, took) = stopped.await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{said}");
    assert!(took < Duration::from_secs(20), "{took:?}: {said}");
}

#[test]
fn a_store_that_is_none_is_told_without_secrets() {
    let folder = Folder::new(&[]);
    let refused = |place: &str| {
        let mut command = hardtack_command(folder.path());
        command.env("HARDTACK_BACKUPS", place).args(["backup", "list"]);
        let output = output_of(&mut command);
        assert!(output.code != 0, "{}", output.stdout);
        output.stderr
    };
    let said = refused("s3://key:secret@bucket/a");
    assert!(
        said.contains("use s3://bucket/a for backups: the URL has a user") && !said.contains("secret"),
        "{said}"
    );
    for place in ["ftp://bucket/a", "https://key:secret@host/a?token=secret", "memory:///a", "file:///a"] {
        let said = refused(place);
        assert!(said.contains("write s3://BUCKET/PREFIX") && !said.contains("secret"), "{said}");
    }
}
