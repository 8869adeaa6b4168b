use super::ExitCode;
use super::output::count;
use super::session::{Failure, Session};
use super::status::{conflicts_text, describe, unfinished_text};

pub(super) const EXAMPLES: &str =
    "Exit status: 0 exactly as expected, 3 revisions are pending, 4 history and binary disagree.

Examples:
  hardtack verify
  hardtack verify --dir migrations       check the folder too, as the build does";

pub(super) async fn run(session: &mut Session) -> Result<ExitCode, Failure> {
    let status = session.migrator().await?.status().await?;
    let (code, text) = if !status.conflicts.is_empty() {
        (ExitCode::Conflict, conflicts_text(&status))
    } else if !status.pending.is_empty() || !status.unfinished.is_empty() {
        let pending: String =
            status.pending.iter().map(|revision| format!("\n  {}", describe(revision))).collect();
        let number = count(status.pending.len(), "revision");
        (ExitCode::Pending, format!("{number} pending:{pending}\n{}", unfinished_text(&status)))
    } else {
        let text = format!(
            "{} is exactly as this binary expects: {} applied, none pending, no conflict",
            status.database,
            count(status.applied.len(), "revision")
        );
        (ExitCode::Success, text)
    };
    session.output.result(&status, &text);
    Ok(code)
}
