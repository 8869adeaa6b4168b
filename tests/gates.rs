//! What must be true before a run may change a database, and what is said when it is not.

use std::time::{Duration, SystemTime};

use hardtack::engine::Consent;
use hardtack::history::{EvidenceKind, History};
use hardtack::plan::OutOfOrder;
use hardtack::safety::{GateOutcome, Gates, Verdict};
use hardtack::{Back, DowngradeOptions, Error, Plan, RevisionSet, Run, Target, UpgradeOptions};
use serde_json::Value;

use crate::support::{Folder, TestDatabase, hardtack, hardtack_command, output_of, revisions};

const ONE: (&str, &str) = ("V1__one.sql", "create table one (id int);");

const TWO: [(&str, &str); 2] = [ONE, ("V2__two.sql", "create table two ();")];

const HOUR: Duration = Duration::from_secs(3_600);

/// A folder with revisions and a `hardtack.toml`.
fn configured(files: &[(&str, &str)], toml: &str) -> Folder {
    let folder = Folder::new(files);
    std::fs::write(folder.path().join("hardtack.toml"), toml).unwrap();
    folder
}

/// A window that is closed for the next twelve hours at least.
fn closed_window() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let day = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][usize::try_from(now / 86_400 % 7).unwrap()];
    let hour = now / 3_600 % 24;
    // An hour that has just passed; at midnight one that is far ahead.
    let from = if hour == 0 { 22 } else { hour - 1 };
    format!("{day} {from:02}:00-{from:02}:30 UTC")
}

async fn refused(run: Result<Run, Error>) -> Vec<GateOutcome> {
    match run {
        Err(Error::Gate { refused }) => refused,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_names_each_gate_and_how_to_satisfy_it_and_writes_nothing() {
    let database = TestDatabase::empty().await;
    let toml = format!(
        "[environments.live.gates]\naccept = [\"unknown\"]\nrehearsal-within = \"24h\"\nbackup-within = \"2h\"\n\
         windows = [\"{}\"]\n",
        closed_window()
    );
    let folder = configured(&[], &toml);
    let upgrade = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[&["upgrade", "--env", "live"], arguments].concat())
    };
    let output = upgrade(&[]);
    assert_eq!(output.code, 6, "{}", output.stderr);
    for part in [
        "failed to pass 4 gates; nothing was changed:",
        "\n  accept: V8__normalise_emails: unknown (opaque-code)",
        "--accept unknown --reason \"WHY\"",
        "\n  rehearsal: there was no rehearsal for this plan within 24h",
        "\n  backup: there was no backup for this plan within 2h\n    let the run take one with --backup, or take one and say which: --backup-taken",
        "\n  window: it is ",
        "\n    wait until ",
    ] {
        assert!(output.stderr.contains(part), "{part:?}: {}", output.stderr);
    }
    assert_eq!(database.value("select count(*) from pg_namespace where nspname = 'hardtack'").await, "0");
    let json: Value = serde_json::from_str(&upgrade(&["--format", "json"]).stdout).unwrap();
    assert_eq!(json["exit_code"], 6);
    // Another environment has no gates.
    let free = hardtack(folder.path(), Some(&database.url()), &["upgrade"]);
    assert_eq!(free.code, 0, "{}", free.stderr);
    // Where nothing is pending, nothing is asked.
    let again = upgrade(&[]);
    assert!(again.code == 0 && again.stdout.contains("one query"), "{}{}", again.stdout, again.stderr);
}

#[tokio::test]
async fn what_is_accepted_stands_in_the_run_log_with_its_reason() {
    let database = TestDatabase::empty().await;
    let folder = configured(&[], "[gates]\naccept = [\"unknown\", \"loses-data\"]\n");
    let url = database.url();
    let boot = |variables: &[(&str, &str)]| {
        let mut command = hardtack_command(folder.path());
        command.env("DATABASE_URL", &url).arg("--migrate-only").envs(variables.iter().copied());
        output_of(&mut command)
    };
    assert_eq!(boot(&[]).code, 6);
    let unreasoned = boot(&[("HARDTACK_ACCEPT", "unknown")]);
    assert!(unreasoned.code == 2 && unreasoned.stderr.contains("--reason"), "{}", unreasoned.stderr);
    let wrong = boot(&[("HARDTACK_ACCEPT", "everything"), ("HARDTACK_REASON", "x")]);
    assert!(wrong.code == 2 && wrong.stderr.contains("write one of safe, brief-lock"), "{}", wrong.stderr);
    assert_eq!(boot(&[("HARDTACK_ACCEPT", "loses-data"), ("HARDTACK_REASON", "x")]).code, 6);
    let accepted = boot(&[("HARDTACK_ACCEPT", "unknown"), ("HARDTACK_REASON", "rehearsed on a copy")]);
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);
    assert_eq!(
        database.value("select note from hardtack.run").await,
        "accepted unknown: rehearsed on a copy"
    );
}

#[tokio::test]
async fn a_flag_of_acceptance_works_with_every_way_in() {
    let folder = configured(&[], "[gates]\naccept = [\"unknown\"]\n");
    let said = ["--accept", "unknown", "--reason", "read by two"];
    for command in [["--migrate-only"], ["upgrade"]] {
        let database = TestDatabase::empty().await;
        let output = hardtack(folder.path(), Some(&database.url()), &[&command[..], &said].concat());
        assert_eq!(output.code, 0, "{}", output.stderr);
        assert_eq!(database.value("select note from hardtack.run").await, "accepted unknown: read by two");
    }
}

#[tokio::test]
async fn a_backup_that_was_named_counts_also_for_what_is_left_of_its_plan() {
    let database = TestDatabase::empty().await;
    let three = [TWO[0], TWO[1], ("V3__three.sql", "create table three (id no_type);")];
    let folder = configured(&three, "[gates]\nbackup-within = \"2h\"\n");
    let upgrade = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[&["upgrade", "--dir", "."], arguments].concat())
    };
    assert_eq!(upgrade(&[]).code, 6);
    let failed = upgrade(&["--backup-taken", "pgbackrest 20261128F"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert_eq!(database.applied().await, [1, 2]);
    let evidence = "select concat_ws('|', kind, length(plan), note) from hardtack.evidence";
    assert_eq!(database.column(evidence).await, ["backup|64|pgbackrest 20261128F"]);
    assert_eq!(database.value("select note from hardtack.run").await, "backup taken: pgbackrest 20261128F");
    // V3 is another text now, and so the plan is another.
    folder.write("V3__three.sql", "create table three (id int);");
    assert_eq!(upgrade(&[]).code, 6);
    folder.write("V3__three.sql", three[2].1);
    database.execute("create domain no_type as int").await;
    let rest = upgrade(&[]);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    // Too old it does not count.
    folder.write("V4__four.sql", "create table four ();");
    database.execute("update hardtack.evidence set at = at - interval '3 hours'").await;
    let old = upgrade(&[]);
    assert!(
        old.code == 6 && old.stderr.contains("there was no backup for this plan within 2h"),
        "{}",
        old.stderr
    );
}

#[tokio::test]
async fn a_rehearsal_counts_for_the_plan_that_was_rehearsed() {
    let database = TestDatabase::empty().await;
    let set = revisions(&TWO);
    let gates = Gates { rehearsal_within: Some(HOUR), ..Gates::default() };
    let migrator = database.migrator(&set).with_gates(gates);
    let to = |version| UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
    assert_eq!(refused(migrator.upgrade(to(2)).await).await[0].gate, "rehearsal");
    let history = History::default();
    let hash =
        |version| Plan::upgrade(&set, &history, Target::Version(version), OutOfOrder::Reject).unwrap().hash();
    migrator.record_evidence(EvidenceKind::Rehearsal, &hash(2), "plan").await.unwrap();
    // Of another history table it is another database.
    assert_eq!(refused(migrator.upgrade(to(1)).await).await.len(), 1);
    migrator.upgrade(to(2)).await.unwrap();
    let log = "select string_agg(command || ' ' || outcome, ', ' order by id) from hardtack.run";
    assert_eq!(database.value(log).await, "record succeeded, upgrade succeeded");
}

#[tokio::test]
async fn drift_stops_before_anything_is_done() {
    let database = TestDatabase::empty().await;
    let folder = configured(&TWO, "[gates]\ndrift = \"stop\"\n");
    let upgrade = |arguments: &[&str]| {
        hardtack(folder.path(), Some(&database.url()), &[&["upgrade", "--dir", "."], arguments].concat())
    };
    let first = upgrade(&["--to", "1"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    database.execute("create index by_hand on one (id)").await;
    let drifted = upgrade(&[]);
    assert_eq!(drifted.code, 6, "{}", drifted.stderr);
    assert!(drifted.stderr.contains("drift: the schema has drifted: 1 object differs"), "{}", drifted.stderr);
    assert_eq!(database.applied().await, [1]);
    database.execute("drop index by_hand").await;
    let straight = upgrade(&[]);
    assert_eq!(straight.code, 0, "{}", straight.stderr);
}

#[tokio::test]
async fn a_hazard_that_its_file_accepts_needs_no_acceptance_and_its_reason_is_logged() {
    let database = TestDatabase::empty().await;
    let toml =
        "[build]\nhazards = \"allow\"\n[gates]\naccept = [\"loses-data\", \"breaks-running-version\"]\n";
    let folder = configured(&[ONE], toml);
    let upgrade = || hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    let first = upgrade();
    assert_eq!(first.code, 0, "{}", first.stderr);
    database.execute("insert into one values (1)").await;
    let drop = "alter table one drop column id;";
    folder.write("V2__drop.sql", drop);
    let refusal = upgrade();
    assert!(refusal.code == 6 && refusal.stderr.contains("accept: V2__drop: "), "{}", refusal.stderr);
    folder.write("V2__drop.sql", &format!("-- hardtack: allow ban-drop-column \"unused since 2.3\"\n{drop}"));
    let allowed = upgrade();
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    let notes = "select coalesce(note, '-') from hardtack.step order by version";
    assert_eq!(database.column(notes).await, ["-", "allow ban-drop-column \"unused since 2.3\""]);
}

#[tokio::test]
async fn a_downgrade_heeds_what_protects_data_and_nothing_else() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[TWO[0], ("V1__one.down.sql", "drop table one;")]);
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    database.execute("insert into one values (1)").await;
    let gates = Gates {
        accept: vec![Verdict::LosesData],
        rehearsal_within: Some(HOUR),
        backup_within: Some(HOUR),
        stop_on_drift: true,
        windows: vec![closed_window().parse().unwrap()],
    };
    let migrator = database.migrator(&set).with_gates(gates);
    let back = || DowngradeOptions { back: Back::Steps(1), agreed: None };
    let refusal = refused(migrator.downgrade(back()).await).await;
    assert_eq!(refusal.iter().map(|outcome| outcome.gate).collect::<Vec<_>>(), ["accept", "backup"]);
    assert!(refusal[0].what.contains("loses data (the table one with 1 row"), "{}", refusal[0].what);
    let consent = Consent {
        accepted: vec![Verdict::LosesData],
        reason: Some("a slip".to_owned()),
        backup: Some("F1".to_owned()),
        ..Consent::default()
    };
    migrator.with_consent(consent).downgrade(back()).await.unwrap();
    let note = "select note from hardtack.run order by id desc limit 1";
    assert_eq!(database.value(note).await, "accepted loses-data: a slip; backup taken: F1");
}

/// What is applied meanwhile by another run was judged as part of the plan; what came to it was not.
#[test]
fn the_hash_tells_plans_apart() {
    let set = revisions(&TWO);
    let empty = History::default();
    let hash =
        |set: &RevisionSet, target| Plan::upgrade(set, &empty, target, OutOfOrder::Reject).unwrap().hash();
    let whole = hash(&set, Target::Head);
    assert_eq!(whole.len(), 64);
    assert_eq!(whole, hash(&set, Target::Version(2)));
    let edited = revisions(&[TWO[0], ("V2__two.sql", "create table three ();")]);
    for other in [hash(&set, Target::Version(1)), hash(&edited, Target::Head)] {
        assert_ne!(whole, other);
    }
    // The down's text is no part of an upgrade.
    let other_down = revisions(&[TWO[0], TWO[1], ("V2__two.down.sql", "drop table two;")]);
    assert_eq!(whole, hash(&other_down, Target::Head));
}

#[test]
fn gates_are_shown_with_their_sources_and_wrong_ones_told() {
    let toml = "[gates]\naccept = [\"loses-data\"]\nbackup-within = \"2h\"\ndrift = \"stop\"\n\
                [environments.live.gates]\nbackup-within = \"0\"\nwindows = [\"mon-fri 22:00-05:00 +02:00\"]\n";
    let folder = configured(&[], toml);
    let shown = hardtack(
        folder.path(),
        None,
        &["--show-config", "--env", "live", "--format", "json", "--migrate-only"],
    );
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let setting = |name: &str| {
        let setting = shown.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
        format!("{} from {}", setting["value"].as_str().unwrap(), setting["source"].as_str().unwrap())
    };
    assert_eq!(setting("gates.accept"), "loses-data from hardtack.toml [gates]");
    assert_eq!(setting("gates.backup-within"), "(none) from hardtack.toml [environments.live.gates]");
    assert_eq!(setting("gates.drift"), "stop from hardtack.toml [gates]");
    assert_eq!(
        setting("gates.windows"),
        "mon,tue,wed,thu,fri 22:00-05:00 +02:00 from hardtack.toml [environments.live.gates]"
    );
    for (toml, message) in [
        ("[gates]\naccept = [\"danger\"]\n", "write one of safe, brief-lock"),
        ("[gates]\nbackup-within = \"2\"\n", "write a number above zero"),
        ("[gates]\ndrift = \"fail\"\n", "write stop or ignore"),
        ("[gates]\nwindows = [\"22:00-05:00 Europe/Berlin\"]\n", "named time zone"),
        ("[gates]\nwindow = []\n", "line 2"),
        ("[defaults.gates]\ndrift = \"stop\"\n", "write [defaults.gates] as [gates]"),
    ] {
        std::fs::write(folder.path().join("hardtack.toml"), toml).unwrap();
        let output = hardtack(folder.path(), None, &["status"]);
        assert!(output.code == 2 && output.stderr.contains(message), "{message}: {}", output.stderr);
    }
}
