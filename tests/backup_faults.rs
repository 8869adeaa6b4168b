//! What goes wrong with backups: no verified one is damaged, the database stays as it is, and the message says what to do.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use hardtack::engine::LockError;
use hardtack::{Error, Migrator};
use serde_json::Value;

use crate::support::{Folder, Output, State, TestDatabase, cluster, hardtack_command, output_of, pg_bin};

/// A database with some megabytes, and a verified backup of it.
struct Scene {
    database: TestDatabase,
    folder: Folder,
    before: State,
    verified: String,
}

/// Rows that hardly compress.
const ROWS: &str = "insert into ledger select i, decode(md5(i::text) || md5('a' || i) || md5('b' || i), 'hex') \
    from generate_series(1, 60000) i";

impl Scene {
    async fn set() -> Self {
        let database = TestDatabase::empty().await;
        let folder = Folder::new(&[
            (
                "V1__ledger.sql",
                "create table ledger (id bigint primary key, entry bytea); create table note (id bigint);",
            ),
            ("V1__ledger.down.sql", "drop table ledger; drop table note;"),
        ]);
        let migrator = database.migrator(&folder.revisions());
        migrator.upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
        database.execute(ROWS).await;
        database.execute("insert into note select generate_series(1, 100)").await;
        let before = database.state(&migrator).await;
        let mut scene = Self { database, folder, before, verified: String::new() };
        let taken = scene.run(&["backup", "--verify", "full", "--format", "json"]);
        assert_eq!(taken.code, 0, "{}", taken.stderr);
        let taken: Value = serde_json::from_str(&taken.stdout).unwrap();
        scene.verified = taken["name"].as_str().unwrap().to_owned();
        scene
    }

    fn migrator(&self) -> Migrator {
        self.database.migrator(&self.folder.revisions())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hardtack_command(self.folder.path());
        command.env("DATABASE_URL", self.database.url()).args(arguments).args(["--dir", "."]);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        output_of(&mut self.command(arguments))
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// The names of what counts as a backup.
    fn listed(&self) -> Vec<String> {
        let listed = self.run(&["backup", "list", "--format", "json"]);
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
        listed["backups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The database is as it was, and the verified backup still is what was taken.
    async fn stands(&self) {
        assert_eq!(self.database.state(&self.migrator()).await, self.before);
        let verified = self.run(&["backup", "verify", &self.verified]);
        assert_eq!(verified.code, 0, "{}", verified.stderr);
    }

    /// The database that a restore of that name fills.
    async fn scratch(&self, restore: &mut Child, name: &str) -> String {
        let query = format!(
            "select datname from pg_stat_activity where application_name = '{name}' and datname like 'hardtack_scratch_%' \
             and query ilike 'copy%'"
        );
        loop {
            if let Some(found) = self.database.column(&query).await.pop() {
                return found;
            }
            assert!(restore.try_wait().unwrap().is_none(), "it has ended already");
        }
    }

    /// A failed backup has left nothing.
    async fn nothing_is_left(&self) {
        assert_eq!(self.listed(), std::slice::from_ref(&self.verified));
        let left: Vec<_> =
            std::fs::read_dir(self.backups()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [self.verified.as_str()]);
        self.stands().await;
    }
}

#[tokio::test]
async fn a_byte_a_length_or_a_file_that_is_not_what_was_written_is_found() {
    let scene = Scene::set().await;
    for strategy in ["full", "tables"] {
        let mut arguments = vec!["backup", "--format", "json", "--strategy", strategy];
        arguments.extend((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        let taken: Value = serde_json::from_str(&scene.run(&arguments).stdout).unwrap();
        let name = taken["name"].as_str().unwrap();
        let files: Vec<String> = taken["files"].as_object().unwrap().keys().cloned().collect();
        assert!(files.len() >= 3, "{files:?}");
        for file in files {
            let path = scene.backups().join(name).join(&file);
            let sound = std::fs::read(&path).unwrap();
            let refused = |what: &str| {
                let verified = scene.run(&["backup", "verify", name]);
                assert_eq!(verified.code, 7, "{file}, {what}: {}", verified.stderr);
                let named = verified.stderr.contains(&file)
                    && verified.stderr.contains("the database was not touched");
                assert!(named && verified.stderr.contains("use another one"), "{what}: {}", verified.stderr);
            };
            let mut flipped = sound.clone();
            flipped[sound.len() / 2] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            refused("a byte");
            let restored = scene.run(&["restore", name, "--yes"]);
            assert_eq!(restored.code, 7, "{file}: {}", restored.stderr);
            std::fs::write(&path, &sound[..sound.len() - 1]).unwrap();
            refused("a length");
            std::fs::remove_file(&path).unwrap();
            refused("no file");
            std::fs::write(&path, &sound).unwrap();
        }
        assert_eq!(scene.run(&["backup", "verify", name]).code, 0);
        let manifest = scene.backups().join(name).join("manifest.json");
        let sound = std::fs::read(&manifest).unwrap();
        let text = String::from_utf8(sound.clone()).unwrap();
        for (wrong, said) in [
            (text.replacen("catalog.json", "../catalog.json", 1), "not in its folder"),
            (text.replacen("catalog.json", "other.json", 1), "no file of it is the catalog"),
            (text[..text.len() / 2].to_owned(), "read the manifest of the backup"),
        ] {
            std::fs::write(&manifest, wrong).unwrap();
            let refused = scene.run(&["restore", name, "--yes"]);
            assert!(refused.code == 7 && refused.stderr.contains(said), "{}", refused.stderr);
        }
        // One that cannot be read hides none of the others.
        assert!(scene.run(&["backup", "list"]).stdout.contains(&scene.verified));
        std::fs::write(&manifest, &sound).unwrap();
    }
    scene.stands().await;
}

/// Rows that the manifest's own hash does not know are found by restoring, whatever the files' hashes say.
#[tokio::test]
async fn what_does_not_come_back_as_it_was_is_found_by_restoring() {
    let scene = Scene::set().await;
    let manifest = scene.backups().join(&scene.verified).join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    forged["fingerprint"] = Value::from("0".repeat(64));
    forged["tables"].as_array_mut().unwrap().iter_mut().for_each(|table| {
        if table["name"] == "note" {
            table["rows"] = Value::from(99);
        }
    });
    std::fs::write(&manifest, forged.to_string()).unwrap();
    let read = scene.run(&["backup", "verify", &scene.verified]);
    assert!(
        read.code == 7 && read.stderr.contains("the rows of public.note: there are 100, and there were 99"),
        "{}",
        read.stderr
    );
    forged["tables"].as_array_mut().unwrap().retain(|table| table["name"] != "note");
    std::fs::write(&manifest, forged.to_string()).unwrap();
    assert_eq!(scene.run(&["backup", "verify", &scene.verified]).code, 0);
    std::fs::write(&manifest, text).unwrap();
    scene.stands().await;
}

#[tokio::test]
async fn programs_that_are_missing_or_too_old_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::set().await;
    let programs = tempfile::tempdir().unwrap();
    let with =
        |arguments: &[&str]| output_of(scene.command(arguments).env("HARDTACK_PG_BIN", programs.path()));
    let missing = with(&["backup"]);
    assert_eq!(missing.code, 6, "{}", missing.stderr);
    for part in [
        "find a pg_dump of PostgreSQL",
        "there is none in",
        "install PostgreSQL's client programs",
        "HARDTACK_PG_BIN",
    ] {
        assert!(missing.stderr.contains(part), "{}", missing.stderr);
    }
    let old = programs.path().join("pg_dump");
    std::fs::write(&old, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").unwrap();
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).unwrap();
    let too_old = with(&["backup"]);
    assert_eq!(too_old.code, 6, "{}", too_old.stderr);
    assert!(too_old.stderr.contains("is of 9, and an older one cannot read it"), "{}", too_old.stderr);
    let restore = with(&["restore", &scene.verified, "--yes"]);
    assert!(restore.code == 6 && restore.stderr.contains("find a pg_restore of"), "{}", restore.stderr);
    // Rows want no other program.
    assert_eq!(with(&["backup", "--strategy", "tables", "--table", "*", "--output", "others"]).code, 0);
    // One that breaks down half way.
    let broken = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 99.0' && exit\n\
        for word; do case $word in --file) next=1;; *) [ -n \"$next\" ] && mkdir \"$word\" && echo half >\"$word/toc.dat\" && next=;; esac; done\n\
        echo 'pg_dump: error: could not write: No space left on device' >&2; exit 1\n";
    std::fs::write(&old, broken).unwrap();
    let failed = with(&["backup"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(
        failed.stderr.contains("pg_dump: error: could not write: No space left on device"),
        "{}",
        failed.stderr
    );
    scene.nothing_is_left().await;
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_and_says_so() {
    let scene = Scene::set().await;
    let [tiny, small] = ["tiny", "small"].map(|name| scene.folder.path().join(name));
    std::fs::create_dir(&tiny).unwrap();
    std::fs::create_dir(&small).unwrap();
    let mounted = Mounted::at(&tiny, "1200k").zip(Mounted::at(&small, "2500k"));
    let Some(_mounted) = mounted else {
        let is_demanded = std::env::var_os("HARDTACK_TEST_DEMAND").is_some();
        assert!(!is_demanded || !may_mount(), "a small file system cannot be mounted");
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    let too_little = scene.run(&["backup", "--output", "tiny"]);
    assert_eq!(too_little.code, 6, "{}", too_little.stderr);
    for part in ["tiny has ", " free, and it may want ", "the database was not touched", "--keep", "--output"]
    {
        assert!(too_little.stderr.contains(part), "{}", too_little.stderr);
    }
    // It looks as if it would do, and does not.
    let arguments = ["backup", "--output", "small", "--strategy", "tables", "--table", "*"];
    let full = scene.run(&arguments);
    assert_eq!(full.code, 1, "{}", full.stderr);
    for part in ["No space left on device", "the database was only read", "is removed", "free some space"] {
        assert!(full.stderr.contains(part), "{}", full.stderr);
    }
    let left: Vec<_> = std::fs::read_dir(&small).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
    scene.nothing_is_left().await;
}

/// Whether the kernel lets this process mount: it has `CAP_SYS_ADMIN`.
fn may_mount() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let capabilities = line.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    capabilities.is_some_and(|set| set & 1 << 21 != 0)
}

/// A file system that goes with the test.
struct Mounted(PathBuf);

impl Mounted {
    fn at(folder: &Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"]).arg(folder);
        let done = mount.output().is_ok_and(|output| output.status.success());
        done.then(|| Self(folder.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// `HARDTACK_BACKUP_KILLS=50 cargo test --test integration backup_faults::`.
fn kills() -> u32 {
    std::env::var("HARDTACK_BACKUP_KILLS").map_or(6, |kills| kills.parse().unwrap())
}

/// How long a command takes that is let be.
fn duration(mut command: Command) -> Duration {
    let started = std::time::Instant::now();
    let output = output_of(&mut command);
    assert_eq!(output.code, 0, "{}", output.stderr);
    started.elapsed()
}

/// Some part of a time, each part as likely.
fn some_of(whole: Duration) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    whole.mul_f64(f64::from(now.subsec_nanos() % 1_000) / 1_000.0)
}

/// Kills a command after a while; false where it had ended before.
fn killed_after(mut command: Command, pause: Duration) -> bool {
    let mut child: Child = command.spawn().unwrap();
    std::thread::sleep(pause);
    let was_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_running
}

#[tokio::test]
async fn a_killed_backup_is_none_and_the_next_removes_what_is_left() {
    let scene = Scene::set().await;
    for strategy in ["full", "tables"] {
        let arguments = ["backup", "--strategy", strategy];
        let tables: &[&str] = if strategy == "tables" { &["--table", "*"] } else { &[] };
        let command = || scene.command(&[&arguments[..], tables].concat());
        let whole = duration(command());
        let mut killed = 0;
        while killed < kills() {
            killed += u32::from(killed_after(command(), some_of(whole)));
            for name in scene.listed() {
                let verified = scene.run(&["backup", "verify", &name]);
                assert_eq!(verified.code, 0, "{name}: {}", verified.stderr);
            }
        }
        // A pg_dump that outlives its hardtack ends when it finds its folder gone.
        assert_eq!(output_of(&mut command()).code, 0);
        let hidden = std::fs::read_dir(scene.backups())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0);
    }
    scene.stands().await;
}

#[tokio::test]
async fn a_killed_restore_leaves_the_database_and_the_next_goes_through() {
    let scene = Scene::set().await;
    let command = || scene.command(&["restore", &scene.verified, "--yes", "--drop-old"]);
    let whole = duration(command());
    let mut killed = 0;
    while killed < kills() {
        killed += u32::from(killed_after(command(), some_of(whole)));
        // Under its name is always a whole one.
        assert_eq!(scene.database.state(&scene.migrator()).await, scene.before);
    }
    // What a killed process has begun on the server goes on until the server notices.
    let left = "select count(*) from pg_database d where datname like 'hardtack_scratch_%' \
        and shobj_description(oid, 'pg_database') = 'scratch of hardtack, beside postgres'";
    let restored = output_of(&mut command());
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    for _ in 0..100 {
        assert_eq!(output_of(&mut command()).code, 0);
        if scene.database.value(left).await == "0" {
            break;
        }
    }
    scene.stands().await;
}

#[tokio::test]
async fn a_database_that_goes_away_half_way_is_told() {
    let scene = Scene::set().await;
    let name = scene.database.options.database().to_owned();
    // Somebody drops it under a backup: a copy, so that the scene stands.
    let copy = format!("{name}_copy");
    for strategy in ["full", "tables"] {
        cluster().admin(&format!("create database {copy} template {name}")).await;
        let other = scene.database.named(&copy);
        other.execute(&ROWS.replace("generate_series(1, 60000)", "generate_series(60001, 400000)")).await;
        let mut command = scene.command(&["backup", "--strategy", strategy]);
        command.args((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        command.env("DATABASE_URL", other.url());
        let backup = tokio::task::spawn_blocking(move || output_of(&mut command));
        other.wait_for("select count(*) > 0 from pg_stat_activity where datname = current_database() and query ilike 'copy%'").await;
        cluster().admin(&format!("drop database {copy} with (force)")).await;
        let failed = backup.await.unwrap();
        assert_eq!(failed.code, 1, "{}", failed.stderr);
        assert!(failed.stderr.contains("failed to "), "{}", failed.stderr);
    }
    scene.nothing_is_left().await;
    // And the new one under a restore.
    let mut restore = scene.command(&["restore", &scene.verified, "--yes"]).spawn_named("dropped");
    let found = scene.scratch(&mut restore, "dropped").await;
    cluster().admin(&format!("drop database {found} with (force)")).await;
    let failed = tokio::task::spawn_blocking(move || restore.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(failed.status.code(), Some(1), "{}", String::from_utf8_lossy(&failed.stderr));
    scene.nothing_is_left().await;
}

/// A program whose sessions, and those of what it starts, can be told from others.
trait SpawnNamed {
    fn spawn_named(&mut self, name: &str) -> Child;
}

impl SpawnNamed for Command {
    fn spawn_named(&mut self, name: &str) -> Child {
        self.env("PGAPPNAME", name).spawn().unwrap()
    }
}

#[tokio::test]
async fn a_stopped_restore_leaves_no_database() {
    let scene = Scene::set().await;
    for arguments in [&["restore", "--yes"][..], &["backup", "verify", "--depth", "full"]] {
        let mut command = scene.command(arguments);
        let mut child = command.arg(&scene.verified).spawn_named("stopped");
        let found = scene.scratch(&mut child, "stopped").await;
        let signalled = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(8), "{said}");
        assert!(said.contains("what was made of the backup is dropped again"), "{said}");
        let left = format!("select count(*) from pg_database where datname = '{found}'");
        assert_eq!(scene.database.value(&left).await, "0", "{said}");
    }
    scene.nothing_is_left().await;
}

/// Names change between two runs, never in the middle of one.
#[tokio::test]
async fn a_restore_ends_no_run_in_the_middle() {
    let scene = Scene::set().await;
    scene.folder.write("V2__slow.sql", "create table slow (); select pg_sleep(0.05)");
    scene.folder.write("V2__slow.down.sql", "drop table slow; select pg_sleep(0.05)");
    let migrator = scene.migrator().with_lock_wait(Duration::from_secs(30));
    for _ in 0..4 {
        let mut command = scene.command(&["restore", &scene.verified, "--yes", "--drop-old"]);
        let mut restore = tokio::task::spawn_blocking(move || output_of(&mut command));
        let restored = loop {
            let run = async {
                migrator.upgrade(hardtack::UpgradeOptions::default()).await?;
                let back = hardtack::plan::Back::Steps(1);
                migrator.downgrade(hardtack::DowngradeOptions { back, agreed: None }).await
            };
            tokio::select! {
                restored = &mut restore => break restored.unwrap(),
                // It has not begun, or it has ended.
                ran = run => if let Err(error @ (Error::Step(_) | Error::State { .. } | Error::Lock(LockError::Lost))) = ran {
                    panic!("{error}");
                },
            }
        };
        assert_eq!(restored.code, 0, "{}", restored.stderr);
    }
}

#[tokio::test]
async fn a_stop_leaves_nothing() {
    let scene = Scene::set().await;
    scene
        .database
        .execute(&ROWS.replace("generate_series(1, 60000)", "generate_series(60001, 600000)"))
        .await;
    for strategy in ["full", "tables"] {
        let mut command = scene.command(&["backup", "--strategy", strategy]);
        command.args((strategy == "tables").then_some(["--table", "*"]).into_iter().flatten());
        let child = command.spawn().unwrap();
        scene.database.wait_for("select count(*) > 0 from pg_stat_activity where datname = current_database() and query ilike 'copy%'").await;
        let signalled = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(8), "{said}");
        assert!(said.contains("stopped as asked; nothing is left of the backup"), "{said}");
        let left = std::fs::read_dir(scene.backups()).unwrap().count();
        assert_eq!(left, 1, "{said}");
    }
    let none = "select count(*) from pg_stat_activity where datname = current_database() and application_name in ('pg_dump', 'hardtack')";
    scene.database.wait_for(&format!("select ({none}) = 0")).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let scene = Scene::set().await;
    let taken = scene.run(&[
        "backup",
        "--strategy",
        "tables",
        "--table",
        "*",
        "--output",
        "others",
        "--format",
        "json",
    ]);
    let taken: Value = serde_json::from_str(&taken.stdout).unwrap();
    let tables = taken["path"].as_str().unwrap();
    let nowhere = format!("postgres://me@127.0.0.1:1/{}", scene.database.options.database());
    for arguments in [
        &["backup"][..],
        &["restore", &scene.verified, "--yes"],
        &["restore", tables, "--yes"],
        &["backup", "verify", &scene.verified, "--depth", "full"],
    ] {
        let output = output_of(scene.command(arguments).env("DATABASE_URL", &nowhere));
        assert_eq!(output.code, 1, "{arguments:?}: {}", output.stderr);
        assert!(
            output.stderr.contains("at 127.0.0.1:1: Connection refused"),
            "{arguments:?}: {}",
            output.stderr
        );
    }
    scene.nothing_is_left().await;
}

/// A backup that is there and not verified is named.
#[tokio::test]
async fn a_backup_that_cannot_be_verified_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::set().await;
    let role = "create role no_databases login; grant pg_read_all_data to no_databases";
    if cluster().major() >= 14 {
        scene.database.execute(role).await;
        let url = scene.database.url().replace("postgres@", "no_databases@");
        let refused = output_of(scene.command(&["backup", "--verify", "full"]).env("DATABASE_URL", url));
        assert_eq!(refused.code, 6, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("the role no_databases may not; nothing was changed"),
            "{}",
            refused.stderr
        );
        scene.nothing_is_left().await;
    }
    let programs = tempfile::tempdir().unwrap();
    let usual = PathBuf::from(format!("/usr/lib/postgresql/{}/bin", cluster().major()));
    let usual = pg_bin().unwrap_or(usual);
    let mark = programs.path().join("mark");
    for (name, instead) in
        [("pg_dump", String::new()), ("pg_restore", format!("touch {}; sleep 60; exit 1", mark.display()))]
    {
        let (program, real) = (programs.path().join(name), usual.join(name));
        let passes = if instead.is_empty() { "*" } else { "*--version*|*--list*" };
        let text =
            format!("#!/bin/sh\ncase \"$*\" in {passes}) exec {} \"$@\";; esac\n{instead}\n", real.display());
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = scene.command(&["backup", "--verify", "full"]);
    let mut child = command.env("HARDTACK_PG_BIN", programs.path()).spawn().unwrap();
    while !mark.exists() && child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let signalled = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{said}");
    let named = |said: &str| {
        let listed = scene.listed();
        listed.iter().any(|name| said.contains(&format!("is there, and not verified: backups/{name}")))
    };
    assert!(named(&said), "{said}");
    let text = std::fs::read_to_string(programs.path().join("pg_restore")).unwrap();
    std::fs::write(programs.path().join("pg_restore"), text.replace("sleep 60; ", "")).unwrap();
    let mut command = scene.command(&["backup", "--verify", "full"]);
    let failed = output_of(command.env("HARDTACK_PG_BIN", programs.path()));
    assert!(failed.code == 1 && named(&failed.stderr), "{}: {}", failed.code, failed.stderr);
    scene.stands().await;
}

/// Rows of whole databases, as they are, go with the next command.
#[tokio::test]
async fn what_a_killed_restore_had_unpacked_is_removed_by_the_next_command() {
    let scene = Scene::set().await;
    for arguments in [
        &["backup", "--strategy", "tables", "--table", "*", "--output", "others"][..],
        &["restore", &scene.verified, "--dry-run"],
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let left = temporary.path().join("hardtack-backup-left");
        std::fs::create_dir_all(left.join("archive")).unwrap();
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
        std::fs::File::open(&left).unwrap().set_modified(long_ago).unwrap();
        let output = output_of(scene.command(arguments).env("TMPDIR", temporary.path()));
        assert_eq!(output.code, 0, "{}", output.stderr);
        assert!(!left.exists());
    }
}
