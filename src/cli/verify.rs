use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::output::{count, remark};
use super::session::{Failure, Session};
use super::snapshot_folder::{Standing, State, standing};
use super::status::{conflicts_text, describe, unfinished_text};
use crate::engine::{Against, CheckOutcome, DataCheck, Drift, Status};

pub(super) const EXAMPLES: &str = "--drift compares the live schema with the snapshot that the binary carries (or the folder of --dir has), and where that
does not fit with a replay on a scratch database, which wants a role with CREATEDB. Nothing is written to the database itself.
What is not to count is said in hardtack.toml: [drift] ignore = [\"table public.events_2026*\", \"* : grants\"]

--data asks the checks of the applied revisions again that must hold after their ups, in transactions that read only. A check whose
table or column is gone no longer applies, which is no failure.

Exit status: 0 exactly as expected, 4 history and binary disagree, 7 the schema has drifted or a check fails, 3 revisions are
pending; the first of them that holds. Missing and stale snapshots are told and change nothing in it: `snapshot --check` is for them.

Examples:
  hardtack verify
  hardtack verify --drift                what was changed beside the revisions, object by object
  hardtack verify --data                 whether what the revisions checked still holds
  hardtack verify --dir migrations       check the folder too, as the build does";

/// What `verify` takes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct VerifyArgs {
    /// Compare the schema too, object by object
    #[arg(long)]
    pub drift: bool,
    /// Ask the checks of the applied revisions again
    #[arg(long)]
    pub data: bool,
}

pub(super) async fn run(session: &mut Session, args: VerifyArgs) -> Result<ExitCode, Failure> {
    let migrator = session.migrator().await?;
    let snapshots = standing(migrator.revisions(), session.settings.dir.value.as_deref())?;
    let status = migrator.status().await?;
    let drift = match args.drift && status.conflicts.is_empty() {
        true => Some(migrator.drift().await?),
        false => None,
    };
    let checks = match args.data && status.conflicts.is_empty() {
        true => Some(migrator.check_data().await?),
        false => None,
    };
    let has_failed = checks.iter().flatten().any(|check| matches!(check.outcome, CheckOutcome::Fails(_)));
    let has_drifted = drift.as_ref().is_some_and(|drift| !drift.differences.is_empty());
    let (code, history) = status_text(&status);
    // A history as expected is not all that was asked about.
    let is_all = !(has_drifted || has_failed) || code != ExitCode::Success;
    let mut parts = vec![if is_all { history.trim_end().to_owned() } else { String::new() }];
    for pattern in drift.iter().flat_map(|drift| &drift.unused_patterns) {
        remark(&format!("a pattern of drift to ignore matched nothing: {pattern}"));
    }
    parts.extend(drift.as_ref().map(drift_text));
    parts.extend(checks.as_deref().map(checks_text));
    parts.retain(|part| !part.is_empty());
    let mut text = parts.join("\n");
    text.push_str(&snapshots_text(&snapshots));
    let report =
        Report { status: &status, snapshots: &snapshots, drift: drift.as_ref(), checks: checks.as_deref() };
    session.output.result(&report, &text);
    Ok(if has_drifted || has_failed { ExitCode::Drift } else { code })
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

fn snapshots_text(snapshots: &[Standing]) -> String {
    let mut text = String::new();
    for Standing { snapshot, state } in snapshots.iter().filter(|standing| standing.state != State::Fresh) {
        let how = match state {
            State::Missing => "missing",
            State::Broken => "broken",
            _ => "stale",
        };
        let _ =
            write!(text, "\nthe snapshot of {snapshot} is {how}: take it with `snapshot`, and build again");
    }
    text
}
