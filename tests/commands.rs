//! The commands as an operator and a developer meet them.

use std::fs;

use serde_json::Value;

use crate::support::{Folder, TestDatabase, hardtack, hardtack_command};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn status_in_json_has_what_programs_need() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[]);
    let url = database.url();
    let before = json(&hardtack(folder.path(), Some(&url), &["status", "--format", "json"]).stdout);
    assert_eq!(before["current"], Value::Null);
    assert_eq!(before["pending"].as_array().unwrap().len(), 21);
    assert_eq!(before["pending"][7]["language"], "rust");
    assert_eq!(hardtack(folder.path(), Some(&url), &["upgrade", "--to", "9"]).code, 0);
    let status = json(&hardtack(folder.path(), Some(&url), &["status", "--format", "json"]).stdout);
    assert_eq!(status["database"], database.options.database());
    assert_eq!(status["current"], 9);
    assert_eq!(status["head"], 21);
    assert_eq!(status["conflicts"], Value::Array(Vec::new()));
    let first = &status["applied"][0];
    assert_eq!(
        (&first["version"], &first["name"], &first["kind"]),
        (&1.into(), &"accounts".into(), &"versioned".into())
    );
    assert!(first["duration_ms"].as_f64().unwrap() > 0.0);
    assert!(first["checksum"].as_str().unwrap().parse::<u64>().is_ok());
    assert!(first["applied_at"].as_str().unwrap().ends_with('Z'));
}

/// A `U` has no place in the order, so no database is at its version.
#[tokio::test]
async fn all_commands_mean_the_same_by_the_version_of_a_database() {
    let database = TestDatabase::empty().await;
    let files = [("V5__five.sql", "create table five ();"), ("U9__nine.sql", "create table nine ();")];
    let folder = Folder::new(&files);
    let run = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[arguments, &["--dir", "."]].concat())
    };
    let value = |arguments: &[&str]| json(&run(&[arguments, &["--format", "json"]].concat()).stdout);
    let deploy = run(&["deploy", "--plan"]);
    assert!(deploy.stdout.contains("2 revisions, up to version 5"), "{}{}", deploy.stdout, deploy.stderr);
    assert_eq!(value(&["upgrade", "--dry-run=plan"])["dry_run"]["to"], 5);
    for outcome in ["upgraded", "up_to_date"] {
        let upgraded = value(&["upgrade"]);
        assert_eq!((&upgraded["outcome"], &upgraded["to"]), (&outcome.into(), &5.into()));
    }
    let status = value(&["status"]);
    assert_eq!((&status["current"], &status["head"]), (&5.into(), &5.into()));
    assert_eq!(value(&["downgrade", "--to", "5", "--dry-run=plan"])["dry_run"]["to"], 5);
}

#[tokio::test]
async fn status_and_plan_write_nothing_to_an_empty_database() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[]);
    for command in [&["status"][..], &["history"], &["verify"], &["upgrade", "--dry-run=plan"]] {
        hardtack(folder.path(), Some(&database.url()), command);
    }
    let plan = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dry-run=plan"]);
    assert!(
        plan.stdout.contains("dry run of an upgrade") && plan.stdout.contains("(irreversible)"),
        "{}",
        plan.stdout
    );
    assert!(plan.stdout.contains("21 revisions"), "{}", plan.stdout);
    let tables = "select count(*) from pg_class where relnamespace not in \
                  (select oid from pg_namespace where nspname in ('pg_catalog', 'pg_toast', 'information_schema'))";
    assert_eq!(database.value(tables).await, "0");
}

/// An init container that was to migrate and end would serve for ever.
#[test]
fn what_goes_without_a_command_is_refused_beside_one() {
    let folder = Folder::new(&[]);
    for arguments in [&["--migrate-only", "status"][..], &["--on-pending", "fail", "status"]] {
        let refused = hardtack(folder.path(), None, arguments);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains("go without a command"), "{}", refused.stderr);
    }
}

/// A pipeline must not take a lost report for an empty one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_result_that_cannot_be_written_is_a_failure() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    for arguments in
        [&["status"][..], &["diff", ".", "database", "--format", "sql"], &["--show-config", "status"]]
    {
        let full = fs::File::create("/dev/full").unwrap();
        let mut command = hardtack_command(folder.path());
        command.env("DATABASE_URL", database.url()).args(arguments).stdout(full);
        let output = command.output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(1) && message.contains("No space left on device"),
            "{arguments:?}: {message}"
        );
    }
}

#[tokio::test]
async fn verify_tells_pending_from_conflict_by_its_exit_code() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let verify = || hardtack(folder.path(), Some(&database.url()), &["verify", "--dir", "."]);
    assert_eq!(verify().code, 3);
    assert_eq!(hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]).code, 0);
    assert_eq!(verify().code, 0);
    folder.write("V1__one.sql", "create table one (id int);");
    let conflict = verify();
    assert_eq!(conflict.code, 4);
    assert!(conflict.stdout.contains("was edited after it was applied"), "{}", conflict.stdout);
    let upgrade =
        hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", ".", "--format", "json"]);
    assert_eq!((upgrade.code, &json(&upgrade.stdout)["exit_code"]), (4, &4.into()));
}

#[tokio::test]
async fn a_folder_with_faults_is_refused_as_the_build_refuses_it() {
    let database = TestDatabase::empty().await;
    let folder =
        Folder::new(&[("V1__one.sql", "create table one ();\ncommit;"), ("V2__two.sql", "selekt 1;")]);
    let output = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    assert_eq!(output.code, 6);
    assert!(output.stderr.contains("V1__one.sql:2:1"), "{}", output.stderr);
    assert!(output.stderr.contains("V2__two.sql:1:1"), "{}", output.stderr);
}

#[tokio::test]
async fn history_lists_what_was_applied() {
    let database = TestDatabase::reference().await;
    let folder = Folder::new(&[]);
    let output = hardtack(folder.path(), Some(&database.url()), &["history"]);
    assert_eq!(output.stdout.lines().count(), 21);
    assert!(output.stdout.lines().next().unwrap().contains("V1__accounts"), "{}", output.stdout);
}

#[test]
fn flags_win_over_the_environment_over_the_file() {
    let folder = Folder::new(&[]);
    let file = "[build]\nhazards = \"warn\"\n[defaults]\nlock-timeout = \"1s\"\nlock-wait = \"1s\"\nhistory-table = \"a.b\"\n\
                [environments.staging]\nlock-timeout = \"2s\"\nlock-wait = \"2s\"\n\
                database-url = \"postgres://app:hunter2@db.staging/app\"\n";
    fs::write(folder.path().join("hardtack.toml"), file).unwrap();
    let arguments =
        ["--show-config", "--format", "json", "--env", "staging", "--lock-timeout", "4s", "--migrate-only"];
    let output = hardtack_command(folder.path())
        .args(arguments)
        .env("HARDTACK_LOCK_TIMEOUT", "3s")
        .env("HARDTACK_LOCK_WAIT", "3s")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("hunter2"));
    let shown = json(&text);
    let setting = |name: &str| {
        let setting = shown.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
        (setting["value"].as_str().unwrap().to_owned(), setting["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(setting("lock-timeout"), ("4s".into(), "--lock-timeout".into()));
    assert_eq!(setting("lock-wait"), ("3s".into(), "HARDTACK_LOCK_WAIT".into()));
    assert_eq!(setting("history-table"), ("\"a\".\"b\"".into(), "hardtack.toml [defaults]".into()));
    assert_eq!(
        setting("database"),
        ("postgres://app@db.staging:5432/app".into(), "hardtack.toml [environments.staging]".into())
    );
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let folder = Folder::new(&[]);
    let url = "postgres://app:hunter2@localhost/app";
    let output = hardtack(folder.path(), None, &["status", "--database-url", url]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    assert!(output.stderr.contains("DATABASE_URL, PGPASSWORD or ~/.pgpass"), "{}", output.stderr);
    assert!(!output.stderr.contains("hunter2") && !output.stdout.contains("hunter2"));
}

#[test]
fn wrong_configuration_is_told_with_its_place() {
    let folder = Folder::new(&[]);
    for (file, message) in [
        ("[defaults]\nlock-timeot = \"1s\"\n", "line 2"),
        ("[defaults]\nlock-timeout = \"soon\"\n", "write a number and a unit"),
        ("[environments.prod]\n", "no table [environments.staging]; it has prod"),
    ] {
        fs::write(folder.path().join("hardtack.toml"), file).unwrap();
        let output = hardtack(folder.path(), None, &["status", "--env", "staging"]);
        assert_eq!(output.code, 2, "{}", output.stderr);
        assert!(output.stderr.contains(message), "{message}: {}", output.stderr);
    }
}

#[test]
fn an_unreachable_database_is_told_without_the_password() {
    let folder = Folder::new(&[]);
    let output = hardtack(folder.path(), Some("postgres://app:hunter2@127.0.0.1:1/app"), &["status"]);
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("127.0.0.1"), "{}", output.stderr);
    assert!(!output.stderr.contains("hunter2"));
}

#[test]
fn generate_numbers_the_next_revision_and_never_overwrites() {
    let folder = Folder::new(&[]);
    let generate = |arguments: &[&str]| hardtack(folder.path(), None, &[&["generate"], arguments].concat());
    let first = generate(&["Add invoices"]);
    assert!(first.stdout.contains("migrations/V1__add_invoices.sql"), "{}", first.stdout);
    let second = json(&generate(&["normalise", "--rust", "--format", "json"]).stdout);
    assert_eq!(
        second["files"],
        serde_json::json!(["migrations/V2__normalise.rs", "migrations/snapshots/V2__normalise.json"])
    );
    let timestamped = json(&generate(&["later", "--timestamp", "--format", "json"]).stdout);
    assert!(timestamped["version"].as_i64().unwrap() > 20_260_000_000_000);
    let following = json(&generate(&["after that", "--format", "json"]).stdout);
    assert!(
        following["version"].as_i64() > timestamped["version"].as_i64(),
        "a timestamp follows a timestamp"
    );
    assert_eq!(generate(&["--", "--"]).code, 2);
    let odd = generate(&["m² area\ndrop table x", "--format", "json"]);
    assert_eq!(odd.code, 0, "{}", odd.stderr);
    for file in json(&odd.stdout)["files"].as_array().unwrap() {
        let text = fs::read_to_string(folder.path().join(file.as_str().unwrap())).unwrap();
        assert!(text.lines().all(|line| line.starts_with("-- ")), "{text}");
    }
}

#[test]
fn lock_pins_and_then_an_edit_is_refused() {
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let lock = || hardtack(folder.path(), None, &["lock", "--dir", "."]);
    assert!(lock().stdout.contains("pinned 1 revision:\n  V1__one"));
    assert!(lock().stdout.contains("every revision is pinned already"));
    folder.write("V1__one.sql", "create table one (id int);");
    let refused = lock();
    assert_eq!(refused.code, 6);
    assert!(
        refused.stderr.contains("delete its line in") && refused.stderr.contains("V1__one"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_history_that_has_shipped_is_pinned_without_judgement_and_not_judged_again() {
    let folder = Folder::new(&[("V1__one.sql", "create table one ();"), ("V2__drop.sql", "drop table one;")]);
    let lock =
        |arguments: &[&str]| hardtack(folder.path(), None, &[&["lock", "--dir", "."], arguments].concat());
    let judged = lock(&[]);
    assert!(judged.stderr.contains("[ban-drop-table]"), "{}", judged.stderr);
    assert!(lock(&["--shipped"]).stdout.contains("pinned 2 revisions"));
    folder.write("V3__drop.sql", "drop table two;");
    let judged = lock(&[]);
    assert!(
        judged.stderr.contains("V3__drop.sql") && !judged.stderr.contains("V2__drop.sql"),
        "{}",
        judged.stderr
    );
}

#[test]
fn init_sets_a_crate_up_and_leaves_what_is_there() {
    let folder = Folder::new(&[]);
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"app\"\n").unwrap();
    fs::write(folder.path().join("build.rs"), "fn main() {}\n").unwrap();
    let output = hardtack(folder.path(), None, &["init"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stdout.contains("left build.rs as it is"), "{}", output.stdout);
    assert!(output.stdout.contains("cargo add hardtack"), "{}", output.stdout);
    assert_eq!(fs::read_to_string(folder.path().join("build.rs")).unwrap(), "fn main() {}\n");
    assert!(folder.path().join("migrations/V1__init.sql").exists());
    let again = hardtack(folder.path(), None, &["init"]);
    assert!(!again.stdout.contains("wrote"), "{}", again.stdout);
    let nowhere = hardtack(folder.path(), None, &["init", "no/such/crate"]);
    assert_eq!(nowhere.code, 2);
}

#[tokio::test]
async fn the_log_is_json_where_that_is_asked_for() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let arguments = ["upgrade", "--dir", ".", "--log-format", "json"];
    let output = hardtack(folder.path(), Some(&database.url()), &arguments);
    let lines: Vec<Value> = output.stderr.lines().map(json).collect();
    assert!(lines.iter().any(|line| line["fields"]["revision"] == "V1__one"), "{}", output.stderr);
}

#[test]
fn help_is_there_for_every_command() {
    let folder = Folder::new(&[]);
    for command in ["status", "upgrade", "history", "verify", "snapshot", "diff", "generate", "lock", "init"]
    {
        let output = hardtack(folder.path(), None, &[command, "--help"]);
        assert_eq!(output.code, 0);
        assert!(output.stdout.contains("Examples:"), "{command}");
    }
    assert_eq!(hardtack(folder.path(), None, &["--env", "x"]).code, 2);
}

/// In an emergency a fault of the folder is told, and is in nobody's way.
#[tokio::test]
async fn looking_and_going_back_are_not_held_up_by_a_finding() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__one.sql", "create table one (id int);"),
        ("V2__two.sql", "create table two ();"),
    ]);
    let run = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[arguments, &["--dir", "."]].concat())
    };
    assert_eq!(run(&["upgrade"]).code, 0);
    folder.write("V3__hazard.sql", "alter table one drop column id;");
    let status = run(&["status"]);
    assert_eq!(status.code, 0, "{}", status.stderr);
    assert!(status.stderr.contains("ban-drop-column"), "{}", status.stderr);
    assert_eq!(run(&["downgrade"]).code, 0);
    for strict in [["upgrade"], ["verify"]] {
        assert_eq!(run(&strict).code, 6);
    }
    assert_eq!(database.applied().await, [1]);
}
