use clap::Subcommand;
use serde::Serialize;

use super::ExitCode;
use super::output::human;
use super::session::{Failure, Session};
use crate::data::{BackfillControl, BackfillStatus};
use crate::engine::{Error, StepError};

pub(super) const EXAMPLES: &str = "A backfill in a revision is listed from its first batch until the revision is recorded; a deferred one until it has finished.

Examples:
  hardtack backfills                          how far each one is, its speed, what is left
  hardtack backfills pause normalise-emails   its workers wait, wherever they run
  hardtack backfills resume normalise-emails
  hardtack backfills run                      finish the deferred ones, beside whoever is at it
  hardtack backfills --format json | jq '.backfills[] | select(.state == \"failed\") | .error'";

/// What `backfills` takes.
#[derive(Clone, Debug, Subcommand)]
pub enum BackfillsCommand {
    /// Show how far they are; this is what `backfills` alone does
    List,
    /// Run the deferred ones to their end, and share them with the other processes that are at it
    Run,
    /// Let the workers wait at their next batch
    Pause {
        /// The backfill's name
        name: String,
    },
    /// Let a paused one go on
    Resume {
        /// The backfill's name
        name: String,
    },
    /// Let the workers end with an error at their next batch; what is done stays done
    Cancel {
        /// The backfill's name
        name: String,
    },
    /// Let one that was cancelled, or failed, go on: deferred at once where a process runs it, otherwise with the next run of its revision
    Retry {
        /// The backfill's name
        name: String,
    },
    /// Begin anew with the next run of its revision: rows that are done are worked on again
    Restart {
        /// The backfill's name
        name: String,
    },
}

pub(super) async fn run(
    session: &mut Session,
    command: Option<&BackfillsCommand>,
) -> Result<ExitCode, Failure> {
    let migrator = session.lenient_migrator().await?;
    let (name, wish) = match command.unwrap_or(&BackfillsCommand::List) {
        BackfillsCommand::List => {
            let backfills = migrator.backfills().await?;
            let lines: Vec<String> = backfills.iter().map(describe).collect();
            let text =
                if lines.is_empty() { "no backfill is under way".to_owned() } else { lines.join("\n") };
            session.output.result(&Report { backfills: &backfills }, &text);
            return Ok(ExitCode::Success);
        }
        BackfillsCommand::Run => {
            // Only the functions of this binary's own revisions can run.
            let (text, code) = match migrator.run_backfills().await {
                Ok(()) => ("no deferred backfill is left", ExitCode::Success),
                Err(Error::Step(StepError::Stopped)) => {
                    ("stopped as asked, between two batches; run again to go on", ExitCode::Stopped)
                }
                Err(error) => return Err(error.into()),
            };
            session.output.result(&Report { backfills: &migrator.backfills().await? }, text);
            return Ok(code);
        }
        BackfillsCommand::Pause { name } => (name, BackfillControl::Pause),
        BackfillsCommand::Resume { name } => (name, BackfillControl::Resume),
        BackfillsCommand::Cancel { name } => (name, BackfillControl::Cancel),
        BackfillsCommand::Retry { name } => (name, BackfillControl::Retry),
        BackfillsCommand::Restart { name } => (name, BackfillControl::Restart),
    };
    migrator.control_backfill(name, wish).await?;
    let backfills: Vec<_> =
        migrator.backfills().await?.into_iter().filter(|one| one.is_called(name)).collect();
    let lines: Vec<String> = backfills.iter().map(describe).collect();
    session.output.result(&Report { backfills: &backfills }, &lines.join("\n"));
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    backfills: &'a [BackfillStatus],
}

fn describe(backfill: &BackfillStatus) -> String {
    let BackfillStatus { version, direction, name, state, rows, total, skipped, deferred, .. } = backfill;
    let direction = if *deferred { "deferred" } else { direction };
    let of = total.map_or(String::new(), |total| {
        let percent = (rows * 100).checked_div(total).unwrap_or(100).min(100);
        format!(" of about {total} rows, {percent} %")
    });
    let mut text = format!("{name}  {state}  {rows}{of}  (version {version}, {direction})");
    if let Some(speed) = backfill.rows_per_second {
        text.push_str(&format!("\n    {speed:.0} rows a second"));
        if let Some(remaining) = backfill.remaining {
            text.push_str(&format!(", about {} left", human(remaining)));
        }
    }
    if *skipped > 0 {
        text.push_str(&format!("\n    {skipped} rows skipped: see hardtack.backfill_reject"));
    }
    if let Some(last) = &backfill.last_batch_at {
        text.push_str(&format!("\n    last batch at {last}"));
    }
    if let Some(error) = &backfill.error {
        text.push_str(&format!("\n    failed to {error}"));
    }
    text
}
