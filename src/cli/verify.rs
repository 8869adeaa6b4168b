use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::output::{self, count, remark};
use super::sections::{has_failed, issue_text, of_finding};
use super::session::{Failure, Session};
use super::snapshot_folder::{Standing, standing};
use super::status::{conflicts_text, describe, unfinished_text};
use super::verify_sections::{Seen, sections, snapshot_issue};
use super::{ExitCode, Format, dry_run, verify_ci};
use crate::engine::{Against, CheckOutcome, DataCheck, Drift, Status};
use crate::report::{Issue, Level, Report as Rendered, Section};
use crate::revisions;

pub(super) const EXAMPLES: &str = "Looked at are the history, steps that are half done, backfills, the folder with its lock file where it is at hand, snapshots,
indexes that are invalid, and constraints that are not validated. An invalid index is a failure unless the revisions leave it so; a
constraint that is not validated is one only where they do validate it, as the snapshot tells. Nothing is written.

--drift compares the live schema with the snapshot that the binary carries (or the folder of --dir has), and where that
does not fit with a replay on a scratch database, which wants a role with CREATEDB. Nothing is written to the database itself.
What is not to count is said in hardtack.toml: [drift] ignore = [\"table public.events_2026*\", \"* : grants\"]

--data asks the checks of the applied revisions again that must hold after their ups, in transactions that read only. A check whose
table or column is gone no longer applies, which is no failure.

--ci wants the folder and no database that matters: it lints what is new since the branch went off, looks for versions that the
other side has taken meanwhile, and tries the way back of each new revision, up, down and up again, on a scratch database beside the
configured one, or on the private server where there is none.

Exit status: 0 exactly as expected, 4 history and binary disagree, 7 the schema has drifted, a check fails, an index is invalid, a
constraint is less than the revisions make it, or a backfill has failed, 6 the build refuses the folder, 3 revisions are
pending; the first of them that holds. Missing and stale snapshots are told and change nothing in it: `snapshot --check` is for them.
With --ci: 0 nothing fails, 1 something does.

Examples:
  hardtack verify
  hardtack verify --drift                what was changed beside the revisions, object by object
  hardtack verify --data                 whether what the revisions checked still holds
  hardtack verify --all                  both
  hardtack verify --dir migrations       check the folder too, as the build does
  hardtack verify --ci                   in a pull request
  hardtack verify --ci --since v1.4.0    what is new since a release
  hardtack verify --ci --format github   as annotations of its lines; also markdown, sarif, junit, html";

/// What `verify` takes.
#[derive(Args, Clone, Debug, Default)]
pub struct VerifyArgs {
    /// Compare the schema too, object by object
    #[arg(long)]
    pub drift: bool,
    /// Ask the checks of the applied revisions again
    #[arg(long)]
    pub data: bool,
    /// All of it: --drift and --data
    #[arg(long)]
    pub all: bool,
    /// Judge the folder instead of a database: lint, collisions with the other branch, and the way back of what is new
    #[arg(long, conflicts_with_all = ["drift", "data", "all"])]
    pub ci: bool,
    /// The revision of git since which revisions are new [default: where the branch went off from origin/main, main or
    /// master]
    #[arg(long, value_name = "REV", requires = "ci")]
    pub since: Option<String>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How the result is written: human, json, markdown, github, sarif, junit or html
    #[arg(long, value_name = "FORMAT", value_parser = dry_run::formats())]
    pub format: Option<Format>,
}

impl VerifyArgs {
    /// Writes what was seen.
    pub(super) fn written(
        &self,
        session: &Session,
        seen: (&impl Serialize, &str),
        report: impl FnOnce() -> Rendered<'static>,
    ) -> Result<(), Failure> {
        written(session, (self.format, self.output.as_deref()), seen, report)
    }
}

/// Writes a result: for people and programs with all that belongs to it, in other forms as its sections.
pub(super) fn written(
    session: &Session,
    (format, file): (Option<Format>, Option<&Path>),
    (json, text): (&impl Serialize, &str),
    report: impl FnOnce() -> Rendered<'static>,
) -> Result<(), Failure> {
    match format.unwrap_or(session.output.format) {
        Format::Json => dry_run::text_written(&output::json(json), file),
        Format::Human | Format::Sql => dry_run::text_written(text, file),
        format => dry_run::written(&report(), format, file),
    }
}

pub(super) async fn run(session: &mut Session, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    if args.ci {
        return verify_ci::run(session, args).await;
    }
    // What the build refuses is a section of its own.
    let migrator = session.lenient_migrator().await?;
    let snapshots = standing(migrator.revisions(), session.settings.dir.value.as_deref())?;
    let folder = folder(session)?;
    let status = migrator.status().await?;
    let agrees = status.conflicts.is_empty();
    let drift = match (args.drift || args.all) && agrees {
        true => Some(migrator.drift().await?),
        false => None,
    };
    let checks = match (args.data || args.all) && agrees {
        true => Some(migrator.check_data().await?),
        false => None,
    };
    let unsound = migrator.unsound().await?;
    let sections = sections(&Seen {
        status: &status,
        snapshots: &snapshots,
        unsound: &unsound,
        folder: folder.as_deref().map_err(|reason| *reason),
        drift: drift.as_ref(),
        checks: checks.as_deref(),
    });
    for pattern in drift.iter().flat_map(|drift| &drift.unused_patterns) {
        remark(&format!("a pattern of drift to ignore matched nothing: {pattern}"));
    }
    let report = Report {
        status: &status,
        snapshots: &snapshots,
        drift: drift.as_ref(),
        checks: checks.as_deref(),
        sections: &sections,
    };
    args.written(session, (&report, &text(&report)), || {
        let title = format!("verification of {}", status.database);
        Rendered::of_sections(&title, &status.database, sections.clone())
    })?;
    Ok(exit_code(&status, &sections))
}

/// The first that holds.
fn exit_code(status: &Status, sections: &[Section]) -> ExitCode {
    let failed = |names: &[&str]| {
        sections.iter().any(|section| has_failed(section) && names.contains(&section.name.as_str()))
    };
    if !status.conflicts.is_empty() {
        ExitCode::Conflict
    } else if failed(&["drift", "checks", "indexes", "constraints", "backfills"]) {
        ExitCode::Drift
    } else if failed(&["lock-file"]) {
        ExitCode::Refused
    } else if failed(&["history", "unfinished"]) {
        ExitCode::Pending
    } else {
        ExitCode::Success
    }
}

/// What the build says of the folder that was named, or of the usual one where this binary comes of it; otherwise why
/// nobody asks.
fn folder(session: &Session) -> Result<Result<Vec<Issue>, &'static str>, Failure> {
    let folder = session.folder();
    let is_named = session.settings.dir.value.is_some();
    if !is_named && !folder.is_dir() {
        return Ok(Err("the folder of the revisions is not here; --dir names one"));
    }
    let inspection = revisions::inspect(&folder, [])?;
    if !is_named && inspection.revisions.fingerprint() != session.revisions()?.fingerprint() {
        return Ok(Err("the folder that is here has other revisions than this binary; --dir names one"));
    }
    // Snapshots have a section of their own.
    let findings = inspection.findings.iter().filter(|finding| !finding.is_about_snapshot());
    Ok(Ok(findings.map(|finding| of_finding(finding, str::to_owned)).collect()))
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    status: &'a Status,
    snapshots: &'a [Standing],
    /// None where it was not looked for, or could not be because of conflicts.
    drift: Option<&'a Drift>,
    /// The same.
    checks: Option<&'a [DataCheck]>,
    sections: &'a [Section],
}

/// The history, and what else was asked about or is not as it should be.
fn text(report: &Report<'_>) -> String {
    let found = report.sections.iter().filter(|section| {
        // The others have texts of their own.
        ["backfills", "lock-file", "indexes", "constraints"].contains(&section.name.as_str())
            && section.issues.iter().any(|issue| issue.level > Level::Notice)
    });
    let found: Vec<String> = found.map(section_text).collect();
    let (code, history) = status_text(report.status);
    let is_well = report.sections.iter().all(|section| !has_failed(section));
    // A history as expected is not all that was asked about.
    let is_all = is_well || code != ExitCode::Success;
    let mut parts = vec![if is_all { history.trim_end().to_owned() } else { String::new() }];
    parts.extend(report.drift.map(drift_text));
    parts.extend(report.checks.map(checks_text));
    parts.extend(found);
    parts.retain(|part| !part.is_empty());
    let mut text = parts.join("\n");
    report.snapshots.iter().filter_map(snapshot_issue).for_each(|issue| {
        let _ = write!(text, "\n{}: {}", issue.message, issue.help);
    });
    text
}

fn section_text(section: &Section) -> String {
    let issues: String = section.issues.iter().map(issue_text).collect();
    format!("{}: {}:\n{}", section.title, section.summary, issues.trim_end())
}

fn status_text(status: &Status) -> (ExitCode, String) {
    if !status.conflicts.is_empty() {
        (ExitCode::Conflict, conflicts_text(status))
    } else if !status.pending.is_empty() || !status.unfinished.is_empty() {
        let pending: String =
            status.pending.iter().map(|revision| format!("\n  {}", describe(revision))).collect();
        let number = count(status.pending.len(), "revision");
        (ExitCode::Pending, format!("{number} pending:{pending}\n{}", unfinished_text(status)))
    } else {
        let text = format!(
            "{} is exactly as this binary expects: {} applied, none pending, no conflict",
            status.database,
            count(status.applied.len(), "revision")
        );
        (ExitCode::Success, text)
    }
}

fn drift_text(drift: &Drift) -> String {
    let at = drift.version.map_or("an empty history".to_owned(), |version| format!("version {version}"));
    let with = match drift.against {
        Against::Snapshot => "the snapshot",
        Against::Replay => "a replay of the applied revisions",
    };
    let mut text = if drift.differences.is_empty() {
        format!("the schema is what {at} makes of it, compared with {with}")
    } else {
        let number = drift.differences.len();
        let objects =
            if number == 1 { "1 object differs".to_owned() } else { format!("{number} objects differ") };
        format!("the schema has drifted from {at}: {objects}, compared with {with}:{drift}")
    };
    if drift.ignored > 0 {
        let _ = write!(text, "\nignored, as hardtack.toml has it: {}", count(drift.ignored, "object"));
    }
    if !drift.uncertain.is_empty() {
        if let Some(failure) = &drift.no_replay {
            let _ = write!(text, "\na replay, which would be certain, failed to {failure}");
        }
        text.push_str(
            "\nperhaps no change: the snapshot is of another major version of PostgreSQL, which writes these differently:",
        );
        drift.uncertain.iter().for_each(|difference| {
            let _ = write!(text, "\n  {difference}");
        });
    }
    text
}

fn checks_text(checks: &[DataCheck]) -> String {
    let failed = checks.iter().filter(|check| matches!(check.outcome, CheckOutcome::Fails(_))).count();
    let mut text = match (checks.len(), failed) {
        (0, _) => "the applied revisions have no check to ask again".to_owned(),
        (asked, 0) => format!("{} asked again, none fails:", count(asked, "check")),
        (asked, failed) => format!("{failed} of {} asked again fail:", count(asked, "check")),
    };
    for DataCheck { revision, check, outcome } in checks {
        let _ = match outcome {
            CheckOutcome::Holds => write!(text, "\n  {revision}  {check}: holds"),
            CheckOutcome::Fails(reason) => write!(text, "\n  {revision}  {check}: fails: {reason}"),
            CheckOutcome::NoLongerApplies(reason) => {
                write!(text, "\n  {revision}  {check}: no longer applies: {reason}")
            }
            CheckOutcome::NotRun => {
                write!(
                    text,
                    "\n  {revision}  {check}: not run: its function is in the application's own binary"
                )
            }
        };
    }
    text
}
