use serde::Serialize;

use super::ExitCode;
use super::session::{Failure, Session};
use super::status::describe_applied;
use crate::engine::AppliedRevision;

pub(super) const EXAMPLES: &str = "Examples:
  hardtack history
  hardtack history --format json | jq '.applied[] | select(.duration_ms > 1000)'";

pub(super) async fn run(session: &mut Session) -> Result<ExitCode, Failure> {
    let status = session.lenient_migrator().await?.status().await?;
    let lines: Vec<String> = status.applied.iter().map(describe_applied).collect();
    let text = if lines.is_empty() { "nothing is applied".to_owned() } else { lines.join("\n") };
    session.output.result(&Report { database: &status.database, applied: &status.applied }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    applied: &'a [AppliedRevision],
}
