//! Dry runs for the tests of the renderers.

use std::time::Duration;

use serde_json::json;

use crate::catalog::{Difference, Field, Kind as ObjectKind, ObjectId};
use crate::engine::RevisionStatus;
use crate::engine::dry_run::{
    Depth, DryRun, DryStatement, DryStep, HeldLock, LeftBehind, Measured, Place, Rehearsal, Rehearsed,
    Rewrite, RowsWritten, Scan, StatementKind, Untouched,
};
use crate::revisions::{Direction, Down, Kind, Transaction};
use crate::safety::{FoundHazard, GateOutcome, LockMode, Loss, LossKind, TableFacts, Verdict};

/// Something that means something in every format.
pub(super) const HOSTILE: &str =
    "x\"><script>alert('1')</script>|`%0A::error::\n]]>&amp;@all *b* \u{1b}[31m\u{202e}";

/// Writes a report where somebody wants to look at it: into the folder that the variable `HARDTACK_REPORTS` names.
pub(super) fn kept(name: &str, report: &str) {
    if let Some(folder) = std::env::var_os("HARDTACK_REPORTS") {
        std::fs::write(std::path::Path::new(&folder).join(name), report).unwrap();
    }
}

/// Compares a report with the file in `tests/golden/report`, or writes that where `HARDTACK_GOLDEN` says so.
pub(super) fn is_golden(name: &str, report: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report").join(name);
    if std::env::var_os("HARDTACK_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, format!("{}\n", report.trim_end())).unwrap();
    }
    assert_eq!(report.trim_end(), std::fs::read_to_string(&path).unwrap().trim_end());
}

/// Three steps: one ran, one failed, one was not reached.
pub(super) fn three() -> DryRun {
    let steps = vec![by_day(), drop_legacy(), fill_totals()];
    dry_run(steps, Verdict::BreaksRunningVersion)
}

/// Three hundred steps of all kinds, a fixed mixture.
pub(super) fn three_hundred() -> DryRun {
    let mut now = 0;
    let steps = (8..308).map(|version| mixed(version, &mut now)).collect();
    let mut dry_run = dry_run(steps, Verdict::LosesData);
    dry_run.losses.clear();
    dry_run.gates.clear();
    if let Some(rehearsal) = &mut dry_run.rehearsal {
        rehearsal.duration = Duration::from_millis(now + 300);
    }
    dry_run
}

/// Three steps with hostile texts wherever a text may be.
pub(super) fn hostile() -> DryRun {
    let mut dry_run = three();
    let hostile = || HOSTILE.to_owned();
    dry_run.database = hostile();
    dry_run.server_version = hostile();
    dry_run.tables[0].table = hostile();
    dry_run.hazards[0].message = hostile();
    dry_run.losses[0].object = hostile();
    let step = &mut dry_run.steps[0];
    (step.stem, step.file, step.revision.name) = (hostile(), hostile(), hostile());
    let hazard = &mut step.hazards[0];
    (hazard.hazard, hazard.message, hazard.object) = (hostile().into(), hostile(), hostile());
    (hazard.recipe, hazard.accepted) = (hostile().into(), Some(hostile()));
    step.statements[0].text = hostile();
    if let Some(measured) = &mut step.statements[0].measured {
        measured.locks[0].relation = hostile();
        measured.scanned[0].table = hostile();
    }
    step.rehearsed = Rehearsed::Failed { place: Place::Database, error: hostile() };
    if let Some(rehearsal) = &mut dry_run.rehearsal {
        let object = ObjectId::new(ObjectKind::Table, "public", HOSTILE);
        rehearsal.differences.get_or_insert_default().push(Difference::Extra { object });
        rehearsal.left_behind.push(LeftBehind::ForeignTable { table: hostile() });
    }
    dry_run
}

fn dry_run(steps: Vec<DryStep>, verdict: Verdict) -> DryRun {
    DryRun {
        database: "shop".to_owned(),
        server_version: "17.2".to_owned(),
        direction: Direction::Up,
        depth: Depth::Rehearse,
        from: Some(7),
        to: steps.last().map(|step| step.revision.version),
        plan: "9c1185a5c5e9fc54612808977ee8f548b2258d31".to_owned(),
        verdict,
        steps,
        tables: vec![
            table("public.orders", Some(52_000_000), 9_770_000_000),
            table("public.accounts", None, 8192),
        ],
        hazards: vec![hazard(
            "long-transaction",
            Verdict::BlocksEverything,
            "a transaction of reporting is open for 42 min on public.orders",
        )],
        losses: vec![
            loss(LossKind::Column, "public.orders", Some("legacy"), Some(1_200_000)),
            loss(LossKind::Code, "", None, None),
        ],
        gates: vec![
            gate(
                "accept",
                false,
                "V9__drop_legacy loses data",
                "accept it: --accept loses-data --reason \"..\"",
            ),
            gate("window", true, "the window sun 02:00-04:00 UTC is open", ""),
        ],
        recorded: false,
        rehearsal: Some(rehearsal()),
    }
}

fn gate(gate: &'static str, passed: bool, what: &str, how: &str) -> GateOutcome {
    GateOutcome { gate, passed, what: what.to_owned(), how: how.to_owned() }
}

fn rehearsal() -> Rehearsal {
    let legacy = ObjectId::part(ObjectKind::Column, "public", "orders", "legacy");
    let day = ObjectId::part(ObjectKind::Index, "public", "orders", "orders_by_day");
    let total = ObjectId::part(ObjectKind::Column, "public", "orders", "total");
    let fields = vec![Field { name: "type".to_owned(), expected: json!("integer"), found: json!("bigint") }];
    let fingerprint = "3f2ab4c9d01e55aa".to_owned();
    Rehearsal {
        place: Place::Database,
        duration: Duration::from_millis(4180),
        differences: Some(vec![
            Difference::Missing { object: legacy },
            Difference::Extra { object: day },
            Difference::Different { object: total, fields },
        ]),
        untouched: Some(Untouched {
            fingerprint_before: fingerprint.clone(),
            fingerprint_after: fingerprint,
            history_before: 7,
            history_after: 7,
        }),
        left_behind: vec![
            LeftBehind::Sequence { sequence: "public.orders_id_seq".to_owned() },
            LeftBehind::DeadRows { table: "public.accounts".to_owned(), rows: 1 },
            LeftBehind::ForeignTable { table: "archive.orders".to_owned() },
        ],
    }
}

fn by_day() -> DryStep {
    let mut one = measured(120, 2310);
    one.locks = vec![
        lock("public.orders", LockMode::Share, 2340),
        lock("public.orders_pkey", LockMode::AccessShare, 2340),
    ];
    one.scanned = vec![Scan { table: "public.orders".to_owned(), rows: 52_000_000 }];
    one.wal_bytes = 1_181_116_006;
    let mut step = step(8, "orders_by_day");
    step.verdict = Verdict::BlocksWrites;
    step.hazards = vec![FoundHazard {
        line: Some(3),
        object: "public.orders".to_owned(),
        recipe: "create it with CREATE INDEX CONCURRENTLY, in a revision without a transaction".into(),
        ..hazard(
            "require-concurrent-index-creation",
            Verdict::BlocksWrites,
            "public.orders has 52,000,000 rows, 9.1 GB, and nobody writes to it meanwhile",
        )
    }];
    step.statements = vec![
        sql(3, "create index orders_by_day\n    on public.orders (created_at)", Some(one)),
        sql(6, "analyze public.orders", Some(measured(2430, 30))),
    ];
    step.duration = Some(Duration::from_millis(2340));
    step
}

fn drop_legacy() -> DryStep {
    let mut step = step(9, "drop_legacy");
    step.verdict = Verdict::BreaksRunningVersion;
    step.hazards = vec![
        FoundHazard {
            line: Some(1),
            object: "public.orders".to_owned(),
            recipe: "stop using the column in a release before this one".into(),
            ..hazard("drop-column-in-use", Verdict::BreaksRunningVersion, "the view public.recent reads it")
        },
        FoundHazard {
            line: Some(1),
            accepted: Some("unused since 2.3".to_owned()),
            ..hazard("ban-drop-column", Verdict::LosesData, "1,200,000 values of legacy are gone for good")
        },
    ];
    let mut one = measured(2470, 12);
    one.locks = vec![
        HeldLock { carried: true, ..lock("public.orders", LockMode::Share, 1700) },
        lock("public.orders", LockMode::AccessExclusive, 1700),
        lock("public.accounts", LockMode::AccessExclusive, 1680),
    ];
    let mut two = measured(2490, 1660);
    two.rewritten = vec![
        rewrite("public.orders", "table", 9_770_000_000, 9_100_000_000),
        rewrite("public.orders_pkey", "index", 1_100_000_000, 0),
    ];
    two.written =
        vec![RowsWritten { table: "public.accounts".to_owned(), inserted: 0, updated: 1, deleted: 0 }];
    step.statements = vec![
        sql(1, "alter table public.orders drop column legacy", Some(one)),
        sql(2, "alter table public.orders alter column total type bigint", Some(two)),
        sql(3, "alter table public.orders validate constraint total_positive", None),
    ];
    step.rehearsed = Rehearsed::Failed {
        place: Place::Database,
        error: "V9__drop_legacy.sql:3: constraint \"total_positive\" of relation \"orders\" does not exist (42704)"
            .to_owned(),
    };
    step.duration = Some(Duration::from_millis(1700));
    step
}

fn fill_totals() -> DryStep {
    let mut step = step(10, "fill_totals");
    step.file = "V10__fill_totals.rs".to_owned();
    (step.revision.language, step.revision.transaction) = ("rust", Transaction::None);
    step.verdict = Verdict::Unknown;
    step.hazards = vec![hazard("code", Verdict::Unknown, "nobody can tell what the function does")];
    step.statements = [
        (StatementKind::Before, "the hook and the checks before it"),
        (StatementKind::Function, "the function"),
        (StatementKind::After, "the hook and the checks after it"),
    ]
    .into_iter()
    .map(|(kind, text)| DryStatement { kind, ..sql(1, text, None) })
    .collect();
    step.rehearsed = Rehearsed::No { reason: "a step before it failed".to_owned() };
    step.duration = None;
    step
}

/// One of the three hundred; `now` goes on by what it takes.
fn mixed(version: i64, now: &mut u64) -> DryStep {
    let place = version.unsigned_abs();
    let mut step = step(version, &format!("change_{version}_of_the_catalogue"));
    let is_slow = place.is_multiple_of(37);
    let length = 3 + place * 7919 % 40 + if is_slow { 900 } else { 0 };
    let (mode, verdict) = match place % 3 {
        0 => (LockMode::AccessExclusive, Verdict::BlocksEverything),
        1 => (LockMode::ShareRowExclusive, Verdict::BriefLock),
        _ => (LockMode::RowExclusive, Verdict::Safe),
    };
    let table = format!("public.table_{:03}", place * 31 % 97);
    let mut one = measured(*now, length - 1);
    one.locks = vec![lock(&table, mode, length)];
    one.wal_bytes = place * 1024;
    step.verdict = verdict;
    if is_slow {
        step.hazards = vec![FoundHazard {
            line: Some(1),
            recipe: "do it in two steps".into(),
            ..hazard("slow-alter", step.verdict, &format!("{table} is written anew"))
        }];
    }
    step.statements = vec![sql(
        1,
        &format!("alter table {table} add column c{version} integer not null default 0"),
        Some(one),
    )];
    if place.is_multiple_of(101) {
        step.verdict = Verdict::LosesData;
        step.rehearsed =
            Rehearsed::GaveUp { place: Place::Database, reason: "it took longer than 1 s".to_owned() };
    }
    step.duration = Some(Duration::from_millis(length));
    *now += length;
    step
}

/// A step of one statement that is safe.
pub(super) fn step(version: i64, name: &str) -> DryStep {
    DryStep {
        revision: RevisionStatus {
            version,
            name: name.to_owned(),
            kind: Kind::Versioned,
            language: "sql",
            transaction: Transaction::PerRevision,
            down: Down::Irreversible("it drops data".into()),
        },
        stem: format!("V{version}__{name}"),
        file: format!("V{version}__{name}.sql"),
        has_code: false,
        verdict: Verdict::Safe,
        hazards: Vec::new(),
        statements: Vec::new(),
        rehearsed: Rehearsed::Yes { place: Place::Database },
        duration: Some(Duration::from_millis(1)),
    }
}

/// A statement.
pub(super) fn sql(line: usize, text: &str, measured: Option<Measured>) -> DryStatement {
    DryStatement { kind: StatementKind::Sql, line, text: text.to_owned(), measured }
}

/// What was measured of one; times in milliseconds.
pub(super) fn measured(started: u64, duration: u64) -> Measured {
    let (started, duration) = (Duration::from_millis(started), Duration::from_millis(duration));
    Measured { started, duration, ..Measured::default() }
}

/// A lock on a table.
pub(super) fn lock(relation: &str, mode: LockMode, held: u64) -> HeldLock {
    let (relation, kind) = (relation.to_owned(), "table".to_owned());
    HeldLock { relation, kind, mode, held: Duration::from_millis(held), carried: false }
}

fn rewrite(relation: &str, kind: &str, bytes_before: u64, bytes_after: u64) -> Rewrite {
    Rewrite { relation: relation.to_owned(), kind: kind.to_owned(), bytes_before, bytes_after }
}

fn hazard(name: &str, verdict: Verdict, message: &str) -> FoundHazard {
    FoundHazard {
        hazard: name.to_owned().into(),
        verdict,
        line: None,
        object: String::new(),
        message: message.to_owned(),
        recipe: "".into(),
        accepted: None,
    }
}

fn loss(kind: LossKind, object: &str, column: Option<&str>, rows: Option<u64>) -> Loss {
    let (revision, object) = ("V9__drop_legacy".to_owned(), object.to_owned());
    Loss { revision, kind, object, column: column.map(str::to_owned), rows, estimated: true }
}

fn table(table: &str, rows: Option<u64>, bytes: u64) -> TableFacts {
    TableFacts { table: table.to_owned(), rows, bytes, index_bytes: bytes / 9 }
}
