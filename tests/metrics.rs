//! What is recorded of runs, and that pages, alerts and the dashboard speak of nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use hardtack::engine::dry_run::DryRunOptions;
use hardtack::metrics::{ALL, Prometheus};
use hardtack::prelude::*;
use hardtack::{Back, DowngradeOptions, RevisionSet, Target, Transaction, UpgradeOptions};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use serde_json::Value;

use crate::support::{TestDatabase, find_program, revisions, rust_revisions};

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        twice TWICE "\"twice\"" "bigint" Option<i64>,
    }
}
use schema::items;

/// A recorder for the test's own thread, on which everything of it runs.
struct Recorder {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

/// A series: its name and its labels.
type Series = (String, BTreeMap<String, String>);

impl Recorder {
    fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }

    fn here(&self) -> ::metrics::LocalRecorderGuard<'_> {
        ::metrics::set_default_local_recorder(&self.recorder)
    }

    fn series(&self) -> Vec<(Series, f64)> {
        self.handle
            .render()
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(parsed)
            .collect()
    }

    /// The sum of what has this name, and all of these labels.
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |all: &BTreeMap<String, String>| {
            labels.iter().all(|(key, value)| all.get(*key).is_some_and(|found| found == value))
        };
        let found = self.series().into_iter().filter(|((of, all), _)| of == name && has(all));
        found.map(|(_, value)| value).reduce(|one, other| one + other)
    }
}

/// A line of the text format.
fn parsed(line: &str) -> (Series, f64) {
    let (series, value) = line.rsplit_once(' ').expect(line);
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let labels = labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty());
    let labels = labels.map(|label| {
        let (key, value) = label.split_once("=\"").expect(line);
        (key.to_owned(), value.trim_end_matches('"').to_owned())
    });
    ((name.to_owned(), labels.collect()), value.parse().expect(line))
}

fn two() -> RevisionSet {
    revisions(&[("V1__one.sql", "create table one ();"), ("V2__two.sql", "create table two ();")])
}

#[tokio::test]
async fn runs_and_revisions_are_counted_by_how_they_end() {
    let (database, recorder) = (TestDatabase::empty().await, Recorder::new());
    let _here = recorder.here();
    let migrator = database.migrator(&two());
    for _ in 0..2 {
        migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    }
    migrator.downgrade(DowngradeOptions { back: Back::Steps(1), agreed: None }).await.unwrap();
    let failing =
        revisions(&[("V1__one.sql", "create table one ();"), ("V2__two.sql", "create table one ();")]);
    database.migrator(&failing).upgrade(UpgradeOptions::default()).await.unwrap_err();
    let name = database.options.database();
    let runs = |command, outcome| {
        let labels = [("database", name), ("command", command), ("outcome", outcome)];
        assert_eq!(
            recorder.value("hardtack_runs_total", &labels),
            recorder.value("hardtack_run_duration_seconds_count", &labels)
        );
        recorder.value("hardtack_runs_total", &labels)
    };
    assert_eq!(runs("upgrade", "succeeded"), Some(1.0));
    assert_eq!(runs("upgrade", "nothing_to_do"), Some(1.0));
    assert_eq!(runs("downgrade", "succeeded"), Some(1.0));
    assert_eq!(runs("upgrade", "failed"), Some(1.0));
    let count = |direction, outcome| {
        let labels = [("database", name), ("direction", direction), ("outcome", outcome)];
        recorder.value("hardtack_revision_duration_seconds_count", &labels)
    };
    assert_eq!(count("up", "succeeded"), Some(2.0));
    assert_eq!(count("down", "succeeded"), Some(1.0));
    assert_eq!(count("up", "failed"), Some(1.0));
    let last = |direction, version, name| {
        let labels = [("direction", direction), ("version", version), ("name", name)];
        recorder.value("hardtack_revision_last_duration_seconds", &labels)
    };
    assert!(last("up", "1", "one").is_some_and(|seconds| seconds > 0.0));
    assert!(last("down", "2", "two").is_some_and(|seconds| seconds > 0.0));
    let at = |metric: &str, command| recorder.value(metric, &[("command", command)]).unwrap_or_default();
    let (success, failure) =
        ("hardtack_last_success_timestamp_seconds", "hardtack_last_failure_timestamp_seconds");
    assert!(at(success, "upgrade") > 1.7e9, "Unix time");
    assert!(at(failure, "upgrade") >= at(success, "upgrade"));
    assert_eq!(recorder.value(failure, &[("command", "downgrade")]), None);
    assert_eq!(recorder.value("hardtack_runs_active", &[]), Some(0.0));
    let acquired = [("database", name), ("outcome", "acquired")];
    assert_eq!(recorder.value("hardtack_lock_wait_seconds_count", &acquired), Some(3.0));
}

#[tokio::test]
async fn waiting_retries_and_a_run_that_is_given_up_show() {
    let (database, recorder) = (TestDatabase::empty().await, Recorder::new());
    let _here = recorder.here();
    database.migrator(&two()).upgrade(UpgradeOptions::default()).await.unwrap();
    let blocker = database.connect().await;
    blocker.client.batch_execute("begin; select from one").await.unwrap();
    let wider = [
        ("V1__one.sql", "create table one ();"),
        ("V2__two.sql", "create table two ();"),
        ("V3__wide.sql", "alter table one add column wide text;"),
    ];
    let holder = database.migrator(&revisions(&wider)).with_lock_timeout(Duration::from_millis(50));
    let mut held = Box::pin(holder.upgrade(UpgradeOptions::default()));
    let retries = || recorder.value("hardtack_step_retries_total", &[]).is_some();
    while !retries() {
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut held).await.is_err());
    }
    let waiter = holder.clone().with_lock_wait(Duration::from_millis(100));
    let (refused, _) = tokio::join!(
        waiter.upgrade(UpgradeOptions::default()),
        tokio::time::timeout(Duration::from_millis(900), &mut held)
    );
    refused.unwrap_err();
    assert_eq!(recorder.value("hardtack_lock_wait_seconds_count", &[("outcome", "failed")]), Some(1.0));
    assert_eq!(recorder.value("hardtack_lock_waiting_seconds", &[]), Some(0.0));
    assert_eq!(recorder.value("hardtack_runs_active", &[("command", "upgrade")]), Some(1.0));
    drop(held);
    assert_eq!(recorder.value("hardtack_runs_active", &[("command", "upgrade")]), Some(0.0));
    assert_eq!(recorder.value("hardtack_runs_total", &[("outcome", "abandoned")]), Some(1.0));
}

/// Doubles what is not doubled.
mod doubles {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let twice = context.backfill::<items::Row>("twice").most_rows(100);
        twice.filter("twice is null").set_sql(items::TWICE, "id * 2").run().await?;
        Ok(())
    }
}

const REFUSE: &str = "create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'; \
    create trigger refuse before update on items for each row when (old.id = 700) execute function refuse()";

#[tokio::test]
async fn a_backfill_tells_its_rows_and_what_is_left() {
    let (database, recorder) = (TestDatabase::empty().await, Recorder::new());
    let _here = recorder.here();
    database
        .execute(
            "create table items (id bigint primary key, twice bigint); \
             insert into items select i from generate_series(1, 1000) i; analyze items",
        )
        .await;
    database.execute(REFUSE).await;
    let migrator = database.migrator(&rust_revisions(&[(doubles::__hardtack_up, Transaction::None)]));
    migrator.upgrade(UpgradeOptions::default()).await.unwrap_err();
    let labels = [("database", database.options.database()), ("backfill", "twice")];
    let [rows, left, failed] =
        ["rows_total", "remaining_rows", "failed"].map(|name| format!("hardtack_backfill_{name}"));
    let before = recorder.value(&rows, &labels).unwrap();
    assert!((100.0..700.0).contains(&before), "{before}");
    assert_eq!(recorder.value(&left, &labels), Some(1_000.0 - before), "the estimate is of all rows");
    assert_eq!(recorder.value(&failed, &labels), Some(1.0));
    let other = Recorder::new();
    let there = other.here();
    migrator.backfills().await.unwrap();
    let asked = [&left, &failed].map(|name| other.value(name, &labels));
    assert_eq!(asked, [Some(1_000.0 - before), Some(1.0)], "another process may ask");
    drop(there);
    database.execute("drop trigger refuse on items").await;
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(recorder.value(&rows, &labels), Some(1_000.0));
    assert_eq!(recorder.value(&left, &labels), Some(0.0));
    assert_eq!(recorder.value(&failed, &labels), Some(0.0));
    let _there = other.here();
    migrator.backfills().await.unwrap();
    assert_eq!([&left, &failed].map(|name| other.value(name, &labels)), [Some(0.0); 2], "it has finished");
}

#[tokio::test]
async fn status_says_where_the_database_stands() {
    let (database, recorder) = (TestDatabase::empty().await, Recorder::new());
    let _here = recorder.here();
    let migrator = database.migrator(&two());
    let options = UpgradeOptions { target: Target::Version(1), ..UpgradeOptions::default() };
    migrator.upgrade(options).await.unwrap();
    let labels = [("database", database.options.database())];
    let stands = || {
        ["pending_revisions", "current_version", "expected_version", "schema_ready"]
            .map(|name| recorder.value(&format!("hardtack_{name}"), &labels).unwrap())
    };
    migrator.status().await.unwrap();
    assert_eq!(stands(), [1.0, 1.0, 2.0, 0.0]);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    migrator.status().await.unwrap();
    assert_eq!(stands(), [0.0, 2.0, 2.0, 1.0]);
}

#[tokio::test]
async fn a_rehearsal_is_no_migration() {
    let (database, recorder) = (TestDatabase::empty().await, Recorder::new());
    let _here = recorder.here();
    let options = DryRunOptions::default();
    database.migrator(&two()).dry_run(&options).await.unwrap();
    assert_eq!(recorder.value("hardtack_runs_total", &[("command", "dry_run")]), Some(1.0));
    assert_eq!(recorder.value("hardtack_revision_duration_seconds_count", &[]), None);
    assert_eq!(recorder.value("hardtack_runs_total", &[("command", "upgrade")]), None);
}

/// The process's own recorder, which gets what other tests do as well.
#[tokio::test]
async fn the_recorder_of_the_library_speaks_prometheus() {
    let prometheus = Prometheus::install().unwrap();
    let again = Prometheus::install().unwrap_err().to_string();
    assert!(again.starts_with("install the recorder of metrics: "), "{again}");
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&two());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    let text = prometheus.render();
    assert!(text.contains("# HELP hardtack_runs_total Commands that have ended.\n"), "{text}");
    assert!(text.contains("# TYPE hardtack_run_duration_seconds histogram\n"), "{text}");
    let name = database.options.database();
    let bucket = format!(
        "hardtack_run_duration_seconds_bucket{{database=\"{name}\",command=\"upgrade\",outcome=\"succeeded\",le=\"3600\"}} 1\n"
    );
    assert!(text.contains(&bucket), "{bucket}{text}");
    let Some(promtool) = find_program("promtool", &[]) else { return };
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All that a process may record has the labels that the table says.
#[tokio::test]
async fn labels_are_those_of_the_table() {
    let recorder = Recorder::new();
    let _here = recorder.here();
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&two());
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    migrator.status().await.unwrap();
    let series = recorder.series();
    assert!(series.len() > 10);
    for ((name, labels), _) in series {
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .unwrap_or(&name);
        let metric = ALL.iter().find(|metric| metric.name == base).expect(base);
        let told: BTreeSet<&str> =
            labels.keys().map(String::as_str).filter(|label| !["le", "quantile"].contains(label)).collect();
        assert_eq!(told, metric.labels.iter().copied().collect(), "{name}");
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The metrics that a text names, without what Prometheus adds to the names of histograms.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let ours = words.filter(|word| word.starts_with("hardtack_"));
    let base = |word: &str| {
        let ending = ["_bucket", "_sum", "_count"].iter().find_map(|ending| word.strip_suffix(ending));
        ending.unwrap_or(word).to_owned()
    };
    ours.map(base).collect()
}

fn recorded() -> BTreeSet<String> {
    ALL.iter().map(|metric| metric.name.to_owned()).collect()
}

#[test]
fn the_page_has_every_metric() {
    let rows = ALL.iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{}` | {} | {} | {} |\n", metric.name, metric.kind.name(), labels.join(" "), metric.help)
    });
    let table: String = rows.collect();
    assert!(read("docs/monitoring.md").contains(&table), "docs/monitoring.md has not this table:\n{table}");
}

#[test]
fn alerts_name_what_is_recorded() {
    let (alerts, tests) = (read("ops/prometheus/alerts.yml"), read("ops/prometheus/alerts.test.yml"));
    let unknown: Vec<_> =
        named(&alerts).union(&named(&tests)).filter(|name| !recorded().contains(*name)).cloned().collect();
    assert_eq!(unknown, Vec::<String>::new());
    let page = read("docs/monitoring.md");
    for alert in alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(page.contains(&format!("| `{alert}` |")), "docs/monitoring.md does not tell of {alert}");
        assert!(tests.contains(&format!("alertname: {alert}\n")), "{alert} has no test");
    }
}

#[test]
fn the_dashboard_shows_what_is_recorded() {
    let dashboard: Value = serde_json::from_str(&read("ops/grafana/hardtack.json")).unwrap();
    let queries = queries(&dashboard);
    assert_eq!(named(&queries.join("\n")), recorded(), "each metric is in a panel, and nothing else");
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(panel["gridPos"]["w"].as_u64().is_some_and(|width| width <= 24), "{panel}");
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{panel}");
            assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", panel["title"]);
        }
    }
    let mut ids: Vec<_> =
        dashboard["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), dashboard["panels"].as_array().unwrap().len(), "numbers are not repeated");
}

/// The queries of all panels.
fn queries(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

/// Prometheus itself reads each query of the dashboard, as a rule, with its variables filled in.
#[test]
fn prometheus_understands_the_dashboard() {
    let Some(promtool) = find_program("promtool", &[]) else { return };
    let dashboard: Value = serde_json::from_str(&read("ops/grafana/hardtack.json")).unwrap();
    let rule = |(number, query): (usize, String)| {
        let query = query.replace("$__rate_interval", "5m").replace("$__range", "1h");
        assert!(!query.replace("$job", "").replace("$database", "").contains('$'), "{query}");
        format!("  - record: panel:{number}\n    expr: {}\n", Value::from(query))
    };
    let rules: String = queries(&dashboard).into_iter().enumerate().map(rule).collect();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("panels.yml");
    std::fs::write(&file, format!("groups:\n- name: panels\n  rules:\n{rules}")).unwrap();
    let output = Command::new(promtool).args(["check", "rules"]).arg(&file).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
