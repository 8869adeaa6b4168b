use super::output::count;
use super::sections::{issue, section, skipped};
use super::snapshot_folder::{Standing, State};
use super::status::describe;
use crate::engine::{CheckOutcome, DataCheck, Drift, Expectation, Flaw, Status, Unsound};
use crate::report::{Issue, Level, Section};

/// All that `verify` saw.
pub(super) struct Seen<'a> {
    pub(super) status: &'a Status,
    pub(super) snapshots: &'a [Standing],
    pub(super) unsound: &'a [Unsound],
    /// What the build says of the folder; otherwise why nobody asked.
    pub(super) folder: Result<&'a [Issue], &'static str>,
    /// None where it was not looked for.
    pub(super) drift: Option<&'a Drift>,
    /// The same.
    pub(super) checks: Option<&'a [DataCheck]>,
}

/// The history comes first: where it disagrees, drift and checks are not asked about.
pub(super) fn sections(seen: &Seen<'_>) -> Vec<Section> {
    vec![
        history(seen.status),
        unfinished(seen.status),
        backfills(seen.status),
        lock_file(seen.folder),
        snapshots(seen.snapshots),
        indexes(seen.unsound),
        constraints(seen.unsound),
        drift(seen),
        checks(seen),
    ]
}

fn history(status: &Status) -> Section {
    let conflicts = status
        .conflicts
        .iter()
        .map(|conflict| issue(Level::Error, "conflict", conflict.to_string(), conflict.advice()));
    let pending = status.pending.iter().map(|revision| {
        let message = format!("{} is not applied", describe(revision));
        issue(Level::Error, "pending", message, "`upgrade` applies it")
    });
    let summary = format!(
        "{} applied, {} pending, {}",
        count(status.applied.len(), "revision"),
        status.pending.len(),
        count(status.conflicts.len(), "conflict")
    );
    section("history", "history", summary, conflicts.chain(pending).collect())
}

fn unfinished(status: &Status) -> Section {
    let issues = status.unfinished.iter().map(|step| {
        let done = count(step.done, "statement");
        let message =
            format!("the {} of version {} was begun: {done} done", step.direction.name(), step.version);
        issue(
            Level::Error,
            "unfinished",
            message,
            "the next run goes on behind them; `repair` where it cannot",
        )
    });
    let summary = match status.unfinished.len() {
        0 => "no step is half done".to_owned(),
        number => format!("{} half done", count(number, "step")),
    };
    section("unfinished", "unfinished steps", summary, issues.collect())
}

/// One that is under way is as it should be, and may be for days.
fn backfills(status: &Status) -> Section {
    let issues = status.backfills.iter().map(|backfill| {
        let version = backfill.version;
        if backfill.blocked {
            let message = format!("the backfill of version {version} has failed or was cancelled");
            return issue(
                Level::Error,
                "backfill-blocked",
                message,
                "`backfills` says why, and `backfills retry` goes on",
            );
        }
        let message = format!("the backfill of version {version} has not finished");
        issue(Level::Notice, "backfill-unfinished", message, "`backfills` shows how far it is")
    });
    let summary = match status.backfills.len() {
        0 => "none is under way".to_owned(),
        number => format!("{} not finished", count(number, "backfill")),
    };
    section("backfills", "backfills", summary, issues.collect())
}

fn lock_file(folder: Result<&[Issue], &'static str>) -> Section {
    let (name, title) = ("lock-file", "folder and lock file");
    match folder {
        Err(reason) => skipped(name, title, reason),
        Ok([]) => section(name, title, "the build finds nothing".to_owned(), Vec::new()),
        Ok(issues) => {
            section(name, title, format!("the build says {}", count(issues.len(), "thing")), issues.to_vec())
        }
    }
}

/// What a snapshot is to what it should be; nothing where it is fresh.
pub(super) fn snapshot_issue(Standing { snapshot, state }: &Standing) -> Option<Issue> {
    let how = match state {
        State::Fresh => return None,
        State::Missing => "missing",
        State::Broken => "broken",
        _ => "stale",
    };
    let message = format!("the snapshot of {snapshot} is {how}");
    Some(issue(Level::Warning, "snapshot", message, "take it with `snapshot`, and build again"))
}

fn snapshots(snapshots: &[Standing]) -> Section {
    let issues: Vec<Issue> = snapshots.iter().filter_map(snapshot_issue).collect();
    let fresh = snapshots.len() - issues.len();
    section("snapshots", "snapshots", format!("{fresh} of {} fresh", snapshots.len()), issues)
}

fn indexes(unsound: &[Unsound]) -> Section {
    let issues = unsound.iter().filter(|unsound| unsound.flaw == Flaw::InvalidIndex).map(|unsound| {
        let (level, what) = match unsound.expectation {
            Expectation::Expected => (Level::Notice, "is invalid, as the revisions leave it"),
            Expectation::UnderWay => (Level::Notice, "is invalid: it is being built now"),
            Expectation::Unknown => (Level::Warning, "is invalid: indexes of partitions are missing"),
            Expectation::Unexpected => {
                (Level::Error, "is invalid: no query uses it, and each write pays for it")
            }
        };
        let help = "drop it and build it again; of a revision that has not finished, the next run does so";
        let help = if level == Level::Notice { "" } else { help };
        issue(level, "invalid-index", format!("{} {what}", unsound.object), help)
    });
    let issues: Vec<Issue> = issues.collect();
    let summary = match issues.len() {
        0 => "no index is invalid".to_owned(),
        1 => "1 index is invalid".to_owned(),
        number => format!("{number} indexes are invalid"),
    };
    section("indexes", "indexes", summary, issues)
}

/// A team may validate a constraint days later: it is a failure only where the revisions have done so.
fn constraints(unsound: &[Unsound]) -> Section {
    let issues = unsound.iter().filter(|unsound| unsound.flaw == Flaw::NotValidated).map(|unsound| {
        let (level, what) = match unsound.expectation {
            Expectation::Expected => (Level::Notice, "is not validated, as the revisions leave it"),
            Expectation::Unexpected => (Level::Error, "is not validated, and the revisions make it valid"),
            _ => (Level::Warning, "is not validated: rows from before it may break it"),
        };
        let help =
            "validate it: `alter table .. validate constraint ..`, which blocks neither reads nor writes";
        issue(level, "not-validated", format!("{} {what}", unsound.object), help)
    });
    let issues: Vec<Issue> = issues.collect();
    let summary = match issues.len() {
        0 => "all constraints are validated".to_owned(),
        1 => "1 constraint is not validated".to_owned(),
        number => format!("{number} constraints are not validated"),
    };
    section("constraints", "constraints", summary, issues)
}

fn drift(seen: &Seen<'_>) -> Section {
    let Some(drift) = seen.drift else { return skipped("drift", "drift", why_not(seen.status, "--drift")) };
    let issues = drift.differences.iter().map(|difference| {
        let help = "put it right, write a revision, or let it pass by a pattern of [drift] in hardtack.toml";
        issue(Level::Error, "drift", difference.to_string(), help)
    });
    let uncertain = drift.uncertain.iter().map(|difference| {
        issue(
            Level::Notice,
            "drift-uncertain",
            difference.to_string(),
            "perhaps no change: the snapshot is of another version of PostgreSQL",
        )
    });
    let summary = match drift.differences.len() {
        0 => "the schema is what the revisions make of it".to_owned(),
        1 => "1 object differs".to_owned(),
        number => format!("{number} objects differ"),
    };
    section("drift", "drift", summary, issues.chain(uncertain).collect())
}

fn checks(seen: &Seen<'_>) -> Section {
    let Some(checks) = seen.checks else {
        return skipped("checks", "checks of data", why_not(seen.status, "--data"));
    };
    let issues = checks.iter().filter_map(|DataCheck { revision, check, outcome }| {
        let about = format!("{revision}: {check}");
        Some(match outcome {
            CheckOutcome::Holds => return None,
            CheckOutcome::Fails(reason) => issue(Level::Error, "check", format!("{about}: {reason}"), ""),
            CheckOutcome::NoLongerApplies(reason) => {
                issue(Level::Notice, "check-gone", format!("{about}: no longer applies: {reason}"), "")
            }
            CheckOutcome::NotRun => issue(
                Level::Notice,
                "check-not-run",
                format!("{about}: its function is in the application's own binary"),
                "",
            ),
        })
    });
    section(
        "checks",
        "checks of data",
        format!("{} asked again", count(checks.len(), "check")),
        issues.collect(),
    )
}

fn why_not(status: &Status, flag: &'static str) -> &'static str {
    match (status.conflicts.is_empty(), flag) {
        (false, _) => "history and binary disagree",
        (true, "--drift") => "not asked for: --drift or --all",
        (true, _) => "not asked for: --data or --all",
    }
}
