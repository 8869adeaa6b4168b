//! `verify` in full, and `verify --ci` of a folder in a repository.

use std::path::Path;
use std::process::Command;

use hardtack::engine::{Expectation, Flaw, StairOutcome};
use hardtack::{Down, RevisionSet, Target, UpgradeOptions};
use serde_json::Value;

use crate::support::{Folder, Output, TestDatabase, hardtack, output_of, revisions};

const ONE: (&str, &str) = ("V1__one.sql", "create table one (id int);");
const ONE_DOWN: (&str, &str) = ("V1__one.down.sql", "drop table one;");
const TWO: (&str, &str) = ("V2__two.sql", "create table two (id int);");
const TWO_DOWN: (&str, &str) = ("V2__two.down.sql", "drop table two;");

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr))
}

/// What came of a section: `passed`, `failed` or `skipped`.
fn result_of(report: &Value, name: &str) -> String {
    section(report, name)["outcome"]["result"].as_str().unwrap().to_owned()
}

fn section<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    sections.iter().find(|section| section["name"] == name).unwrap_or_else(|| panic!("{name}: {report}"))
}

fn rules(report: &Value, name: &str) -> Vec<String> {
    let issues = section(report, name)["issues"].as_array().unwrap();
    issues.iter().map(|issue| issue["rule"].as_str().unwrap().to_owned()).collect()
}

/// A folder `migrations` in a repository whose branch `main` holds these files.
fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&[]);
    std::fs::create_dir(folder.path().join("migrations")).unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    write(&folder, files);
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "-b", "topic"]);
    folder
}

fn write(folder: &Folder, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::write(folder.path().join("migrations").join(name), text).unwrap();
    }
}

fn commit(folder: &Folder) {
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "step"]);
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"];
    let output = output_of(Command::new("git").current_dir(folder).args(identity).args(arguments));
    assert_eq!(output.code, 0, "git {arguments:?}: {}", output.stderr);
}

fn verify_ci(folder: &Folder, database: &TestDatabase, arguments: &[&str]) -> Output {
    let arguments = [&["verify", "--ci", "--format", "json"], arguments].concat();
    hardtack(folder.path(), Some(&database.url()), &arguments)
}

#[tokio::test]
async fn a_database_as_expected_passes_every_section() {
    let database = TestDatabase::reference().await;
    let folder = Folder::new(&[]);
    let verify = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[&["verify", "--format", "json"], arguments].concat())
    };
    let plain = verify(&[]);
    assert_eq!(plain.code, 0, "{}", plain.stdout);
    let report = json(&plain);
    for name in ["history", "unfinished", "backfills", "snapshots", "indexes", "constraints"] {
        assert_eq!(result_of(&report, name), "passed", "{name}: {report}");
    }
    for name in ["lock-file", "drift", "checks"] {
        assert_eq!(result_of(&report, name), "skipped", "{name}: {report}");
    }
    // What was there before is where it was.
    assert!(report["applied"].is_array() && report["snapshots"].is_array() && report["drift"].is_null());
    let all = json(&verify(&["--all"]));
    assert!(result_of(&all, "drift") == "passed" && result_of(&all, "checks") == "passed", "{all}");
}

#[tokio::test]
async fn an_invalid_index_fails_and_a_constraint_not_validated_warns() {
    let database = TestDatabase::empty().await;
    let folder =
        Folder::new(&[("V1__one.sql", "create table one (id int); create index by_id on one (id);")]);
    let run = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[arguments, &["--dir", "."]].concat())
    };
    assert_eq!(run(&["upgrade"]).code, 0);
    database.execute("alter table one add constraint small check (id < 10) not valid").await;
    let warned = run(&["verify"]);
    assert_eq!(warned.code, 0, "{}", warned.stderr);
    for part in [
        "is exactly as this binary expects",
        "constraints: 1 constraint is not validated:",
        "small on public.one is not validated",
    ] {
        assert!(warned.stdout.contains(part), "{part}: {}", warned.stdout);
    }
    database.execute("update pg_index set indisvalid = false where indexrelid = 'by_id'::regclass").await;
    let failed = run(&["verify"]);
    assert_eq!(failed.code, 7, "{}", failed.stdout);
    assert!(
        failed.stdout.contains("index by_id on public.one is invalid: no query uses it"),
        "{}",
        failed.stdout
    );
    assert!(!failed.stdout.contains("exactly"), "{}", failed.stdout);
    std::fs::write(folder.path().join("hardtack.toml"), "[drift]\nignore = [\"index by_id on *\"]\n")
        .unwrap();
    assert_eq!(run(&["verify"]).code, 0);
}

#[tokio::test]
async fn what_the_revisions_leave_unsound_is_as_expected() {
    let database = TestDatabase::empty().await;
    let up = "create table one (id int); alter table one add constraint small check (id < 10) not valid; \
              create table parts (id int) partition by range (id); create table part partition of parts default; \
              create index of_parts on only parts (id);";
    let folder = Folder::new(&[("V1__one.sql", up)]);
    let snapshot = hardtack(folder.path(), Some(&database.url()), &["snapshot", "--dir", "."]);
    assert_eq!(snapshot.code, 0, "{}", snapshot.stderr);
    let migrator = database.migrator(&folder.revisions());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let unsound = migrator.unsound().await.unwrap();
    let found: Vec<_> = unsound.iter().map(|unsound| (unsound.flaw, unsound.expectation)).collect();
    let expected = Expectation::Expected;
    assert_eq!(found, [(Flaw::InvalidIndex, expected), (Flaw::NotValidated, expected)], "{unsound:?}");
    // Without a snapshot nobody can tell, and one that the revisions validate is a failure.
    let without = database.migrator(&revisions(&[("V1__one.sql", up)]));
    let found = without.unsound().await.unwrap();
    assert!(found.iter().all(|unsound| unsound.expectation == Expectation::Unknown), "{found:?}");
    database.execute("alter table one validate constraint small").await;
    assert_eq!(migrator.unsound().await.unwrap().len(), 1);
}

#[tokio::test]
async fn sections_tell_of_pending_and_of_conflicts() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[ONE]);
    let run = |arguments: &[&str]| {
        hardtack(
            folder.path(),
            Some(&database.url()),
            &[arguments, &["--dir", ".", "--format", "json"]].concat(),
        )
    };
    let pending = run(&["verify"]);
    assert_eq!((pending.code, rules(&json(&pending), "history")), (3, vec!["pending".to_owned()]));
    assert_eq!(result_of(&json(&pending), "lock-file"), "passed");
    assert_eq!(run(&["upgrade"]).code, 0);
    folder.write("V1__one.sql", "create table one (id bigint);");
    let conflict = run(&["verify", "--all"]);
    assert_eq!((conflict.code, rules(&json(&conflict), "history")), (4, vec!["conflict".to_owned()]));
    assert_eq!(section(&json(&conflict), "drift")["outcome"]["reason"], "history and binary disagree");
}

#[tokio::test]
async fn ci_judges_what_is_new_on_the_branch_and_climbs_it() {
    let database = TestDatabase::empty().await;
    let folder = repository(&[ONE, ONE_DOWN]);
    let nothing = verify_ci(&folder, &database, &[]);
    assert_eq!(nothing.code, 0, "{}{}", nothing.stdout, nothing.stderr);
    assert_eq!(result_of(&json(&nothing), "stairway"), "skipped");
    write(&folder, &[TWO, TWO_DOWN]);
    let good = verify_ci(&folder, &database, &[]);
    let report = json(&good);
    assert_eq!(good.code, 0, "{report}");
    assert_eq!((&report["since"], &report["new"]), (&"main".into(), &serde_json::json!(["V2__two"])));
    assert_eq!(
        section(&report, "stairway")["summary"],
        "1 revision went up, down and up again, 0 passed over, 0 failed"
    );
    for (format, part) in [
        ("github", "::warning"),
        ("sarif", "\"version\": \"2.1.0\""),
        ("junit", "<testsuite"),
        ("markdown", "Verification of migrations"),
        ("html", "<!doctype html>"),
    ] {
        let file = folder.path().join(format);
        let arguments = ["verify", "--ci", "--format", format, "--output", format];
        let output = hardtack(folder.path(), Some(&database.url()), &arguments);
        assert_eq!(output.code, 0, "{}", output.stderr);
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(part), "{format}: {text}");
    }
    // The database beside which it happens is not touched, and nothing is left on the server.
    assert_eq!(database.value("select count(*) from pg_tables where schemaname = 'public'").await, "0");
    write(
        &folder,
        &[
            ("V3__bad.sql", "create table three (); create index by_id on one (id);"),
            ("V3__bad.down.sql", "drop table three;"),
        ],
    );
    // Pinned on the branch it is judged all the same.
    let pinned = hardtack(folder.path(), None, &["lock", "--shipped"]);
    assert_eq!(pinned.code, 0, "{}", pinned.stderr);
    commit(&folder);
    let bad = verify_ci(&folder, &database, &[]);
    let report = json(&bad);
    assert_eq!(bad.code, 1, "{report}");
    assert_eq!(rules(&report, "lint"), ["require-concurrent-index-creation"]);
    let issue = &section(&report, "stairway")["issues"][0];
    assert_eq!(issue["file"], "migrations/V3__bad.down.sql");
    let message = issue["message"].as_str().unwrap();
    assert!(message.contains("its down leaves another catalog"), "{message}");
    assert!(message.contains("extra      index by_id on public.one"), "{message}");
}

#[tokio::test]
async fn ci_names_collisions_and_what_was_edited() {
    let database = TestDatabase::empty().await;
    let folder = repository(&[ONE, ONE_DOWN, TWO, TWO_DOWN]);
    assert_eq!(hardtack(folder.path(), None, &["lock"]).code, 0);
    commit(&folder);
    git(folder.path(), &["branch", "-f", "main"]);
    // The other side takes version 4 meanwhile.
    git(folder.path(), &["checkout", "-q", "main"]);
    write(
        &folder,
        &[("V4__theirs.sql", "create table theirs ();"), ("V4__theirs.down.sql", "drop table theirs;")],
    );
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "topic"]);
    write(
        &folder,
        &[
            ("V3__late.sql", "create table late ();"),
            ("V3__late.down.sql", "drop table late;"),
            ("V4__ours.sql", "create table ours ();"),
            ("V4__ours.down.sql", "drop table ours;"),
            ("V1__one.sql", "create table one (id bigint);"),
        ],
    );
    // The pin goes with the edit, so that the build says nothing.
    let lock = folder.path().join("migrations/hardtack.lock");
    let text = std::fs::read_to_string(&lock).unwrap();
    std::fs::write(
        &lock,
        text.lines()
            .filter(|line| !line.ends_with("V1__one"))
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    )
    .unwrap();
    let output = verify_ci(&folder, &database, &[]);
    let report = json(&output);
    assert_eq!(output.code, 1, "{report}");
    assert_eq!(rules(&report, "collisions"), ["out-of-order", "version-collision"], "{report}");
    let collision = &section(&report, "collisions")["issues"][1];
    assert_eq!(collision["message"], "V4__ours has the version of V4__theirs in main");
    assert_eq!(
        collision["help"],
        "give it a version from 6 on: `git mv migrations/V4__ours.down.sql migrations/V6__ours.down.sql && \
         git mv migrations/V4__ours.sql migrations/V6__ours.sql`"
    );
    assert!(rules(&report, "lock-file").contains(&"shipped-edited".to_owned()), "{report}");
}

#[tokio::test]
async fn ci_says_what_it_lacks() {
    let database = TestDatabase::empty().await;
    let folder = repository(&[ONE, ONE_DOWN]);
    let unknown = hardtack(folder.path(), Some(&database.url()), &["verify", "--ci", "--since", "no-such"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("git knows no such revision here"), "{}", unknown.stderr);
    let nowhere = hardtack(folder.path(), Some(&database.url()), &["verify", "--ci", "--dir", "nowhere"]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("there is no folder nowhere"), "{}", nowhere.stderr);
    let outside = Folder::new(&[ONE, ONE_DOWN]);
    let alone = hardtack(outside.path(), Some(&database.url()), &["verify", "--ci", "--dir", "."]);
    assert_eq!(alone.code, 0, "{}{}", alone.stdout, alone.stderr);
    assert!(alone.stderr.contains("revisions that are not pinned count as new"), "{}", alone.stderr);
    assert!(alone.stdout.contains("ok       lint: 1 new revision: not pinned"), "{}", alone.stdout);
    let named =
        hardtack(outside.path(), Some(&database.url()), &["verify", "--ci", "--dir", ".", "--since", "main"]);
    assert!(named.code == 2 && named.stderr.contains("not a git repository"), "{}", named.stderr);
    let both = hardtack(outside.path(), Some(&database.url()), &["verify", "--ci", "--drift"]);
    assert_eq!(both.code, 2);
}

/// A down at fault is not held against the revisions behind it, and an up that fails ends the climb.
#[tokio::test]
async fn the_stairway_goes_on_behind_a_down_at_fault() {
    let database = TestDatabase::empty().await;
    let no_transaction = "-- hardtack: no-transaction\n";
    let half = format!("{no_transaction}drop table three; drop table no_such;");
    let set = revisions(&[
        ONE,
        ("V1__one.down.sql", "select 1;"),
        ("V2__two.sql", "create table two (id int);"),
        ("V3__three.sql", "create table three ();"),
        ("V3__three.down.sql", &half),
        ("V4__four.sql", "create table four ();"),
        ("V4__four.down.sql", "drop table four;"),
        ("V5__five.sql", "create table five (id no_type);"),
        ("V6__six.sql", "create table six ();"),
    ]);
    let mut list = set.as_slice().to_vec();
    list[1].down = Down::Irreversible("it sends letters".into());
    let set = RevisionSet::from_revisions(list);
    let stairs = database.migrator(&set).stairway(&[1, 2, 3, 4, 5, 6]).await.unwrap();
    let outcome = |stem: &str| stairs.iter().find(|stair| stair.revision == stem).map(|stair| &stair.outcome);
    assert!(
        matches!(outcome("V1__one"), Some(StairOutcome::Failed(reason)) if reason.contains("extra      table public.one")),
        "{stairs:?}"
    );
    assert!(
        matches!(outcome("V3__three"), Some(StairOutcome::Failed(reason)) if reason.starts_with("down: failed to undo")),
        "{stairs:?}"
    );
    let passed_over = StairOutcome::PassedOver("it is irreversible: it sends letters".to_owned());
    assert_eq!(outcome("V2__two"), Some(&passed_over));
    assert_eq!(outcome("V4__four"), Some(&StairOutcome::Climbed), "{stairs:?}");
    assert!(
        matches!(outcome("V5__five"), Some(StairOutcome::Failed(reason)) if reason.starts_with("up: failed to")),
        "{stairs:?}"
    );
    assert_eq!(outcome("V6__six"), None);
    let head = database.migrator(&set).plan(Target::Head).await.unwrap();
    assert_eq!(head.len(), 6, "nothing was applied to the database itself");
}
