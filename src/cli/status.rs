use std::fmt::Write;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::ExitCode;
use super::output::{count, human};
use super::session::{Failure, Session};
use crate::engine::{AppliedRevision, RevisionStatus, Status};
use crate::history::Unfinished;
use crate::revisions::{Down, Transaction};

pub(super) const EXAMPLES: &str = "Examples:
  hardtack status
  hardtack status --format json | jq '.pending[].name'";

pub(super) async fn run(session: &mut Session) -> Result<ExitCode, Failure> {
    let status = session.lenient_migrator().await?.status().await?;
    session.output.result(&status, &text(&status));
    Ok(ExitCode::Success)
}

fn text(status: &Status) -> String {
    let mut text = String::new();
    let version = |version: Option<i64>| version.map_or("none".to_owned(), |version| version.to_string());
    let _ = writeln!(text, "database  {} (PostgreSQL {})", status.database, status.server_version);
    let _ = writeln!(text, "history   {}", status.history_table);
    let _ = writeln!(text, "version   {} of {}", version(status.current), version(status.head));
    let _ = writeln!(text, "applied   {}", status.applied.len());
    let _ = writeln!(text, "pending   {}", status.pending.len());
    for revision in &status.pending {
        let _ = writeln!(text, "  {}", describe(revision));
    }
    text.push_str(&unfinished_text(status));
    for backfill in &status.backfills {
        let _ = writeln!(text, "backfill of {} has not finished: see `backfills`", backfill.version);
    }
    let _ = write!(text, "{}", conflicts_text(status));
    text
}

/// Steps that were begun and have not ended, a line each.
pub(super) fn unfinished_text(status: &Status) -> String {
    let line = |step: &Unfinished| {
        let (version, direction) = (step.version, step.direction.name());
        format!("unfinished {direction} of {version}: {} done\n", count(step.done, "statement"))
    };
    status.unfinished.iter().map(line).collect()
}

/// The conflicts with what to do about each; empty where there are none.
pub(super) fn conflicts_text(status: &Status) -> String {
    if status.conflicts.is_empty() {
        return String::new();
    }
    let mut text = format!("{}:\n", count(status.conflicts.len(), "conflict"));
    for conflict in &status.conflicts {
        let _ = writeln!(text, "  {conflict}\n    {}", conflict.advice());
    }
    text
}

/// A pending revision in one line.
pub(super) fn describe(revision: &RevisionStatus) -> String {
    let notes = revision.notes();
    let notes = if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
    format!("{}{}__{}{notes}", revision.kind.prefix(), revision.version, revision.name)
}

/// An applied revision in one line.
pub(super) fn describe_applied(revision: &AppliedRevision) -> String {
    let row = &revision.row;
    let duration = row.duration.map_or(String::new(), |duration| format!("  {}", human(duration)));
    let at = OffsetDateTime::parse(&row.applied_at, &Rfc3339)
        .ok()
        .and_then(|at| at.to_offset(UtcOffset::UTC).replace_nanosecond(0).ok()?.format(&Rfc3339).ok());
    let at = at.as_deref().unwrap_or(&row.applied_at);
    format!("{at}  {}{}__{}{duration}", revision.kind.prefix(), row.version, row.name)
}
