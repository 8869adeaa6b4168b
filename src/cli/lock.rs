use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::output::count;
use super::session::{Failure, Session};
use crate::revisions;

pub(super) const EXAMPLES: &str = "A pinned revision can no longer be edited or removed: the build refuses. Pin when you ship. To accept an edit of a
revision that no database that matters has applied, delete its line in hardtack.lock and pin again.

A team that moves in pins its old revisions with --shipped, once.

Examples:
  hardtack lock
  hardtack lock --shipped                a history that was applied before hardtack came
  hardtack lock --dir db/migrations";

/// What `lock` takes.
#[derive(Args, Clone, Copy, Debug)]
pub struct LockArgs {
    /// These revisions have shipped already: do not judge their missing downs and hazards
    #[arg(long)]
    pub shipped: bool,
}

pub(super) fn run(session: &Session, args: LockArgs) -> Result<ExitCode, Failure> {
    let folder = session.folder();
    let pinned = revisions::pin(&folder, args.shipped)?;
    let text = if pinned.is_empty() {
        "every revision is pinned already".to_owned()
    } else {
        format!("pinned {}:\n  {}", count(pinned.len(), "revision"), pinned.join("\n  "))
    };
    session.output.result(&Report { pinned: &pinned }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    pinned: &'a [String],
}
