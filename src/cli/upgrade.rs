use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::output::{count, human, remark};
use super::session::{Failure, Session};
use super::status::describe;
use crate::engine::{Migrator, OnDrift, RevisionStatus, Run, RunOutcome, UpgradeOptions};
use crate::plan::Target;

pub(super) const EXAMPLES: &str = "Examples:
  hardtack upgrade                       apply everything
  hardtack upgrade --to 7                stop after version 7
  hardtack upgrade --plan                show what would run, and touch nothing
  hardtack upgrade --single-transaction  all or nothing
  hardtack upgrade --env production --accept loses-data --reason \"unused since 2.3\" --backup-taken \"pgbackrest 20261128F\"

The gates of hardtack.toml are judged before the lock is taken; where one refuses (exit code 6), the message says how to satisfy it.";

/// What `upgrade` takes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct UpgradeArgs {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Show the steps and touch nothing
    #[arg(long)]
    pub plan: bool,
    /// Run all steps in one transaction: all or nothing
    #[arg(long)]
    pub single_transaction: bool,
}

pub(super) async fn run(session: &mut Session, args: &UpgradeArgs) -> Result<ExitCode, Failure> {
    let target = args.to.map_or(Target::Head, Target::Version);
    let migrator = session.migrator().await?;
    let database = migrator.database().database().to_owned();
    if args.plan {
        let plan = migrator.plan(target).await?;
        session.output.result(&PlanReport { database: &database, steps: &plan }, &plan_text(&plan));
        return Ok(ExitCode::Success);
    }
    let run = migrator.upgrade(UpgradeOptions { target, single_transaction: args.single_transaction }).await;
    let run = run.map_err(|error| other_folder_named(session, error.into()))?;
    let text = run_text(&database, &run, session.settings.on_drift.value);
    session.output.result(&Report { database: &database, run: &run }, &text);
    Ok(match run.outcome {
        RunOutcome::Stopped => ExitCode::Stopped,
        _ => ExitCode::Success,
    })
}

/// A conflict may come of the folder that stands here, and that this binary was not built from.
fn other_folder_named(session: &Session, failure: Failure) -> Failure {
    let folder = session.other_folder().filter(|_| failure.code == ExitCode::Conflict);
    let Some(folder) = folder.map(|folder| folder.display().to_string()) else { return failure };
    let hint =
        format!("\nthis binary has other revisions than {folder}: give --dir {folder} where those are meant");
    Failure { message: failure.message + &hint, ..failure }
}

/// Migrates before an application serves: its standard output is its own, and what was stopped is not served.
pub(super) async fn boot(session: &mut Session) -> Result<Migrator, Failure> {
    let migrator = session.migrator().await?;
    let database = migrator.database().database().to_owned();
    let run = migrator.upgrade(UpgradeOptions::default()).await?;
    remark(&run_text(&database, &run, session.settings.on_drift.value));
    Ok(migrator)
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    #[serde(flatten)]
    run: &'a Run,
}

#[derive(Serialize)]
struct PlanReport<'a> {
    database: &'a str,
    steps: &'a [RevisionStatus],
}

fn plan_text(steps: &[RevisionStatus]) -> String {
    if steps.is_empty() {
        return "nothing is pending".to_owned();
    }
    let mut text = format!("{} would run, in this order:\n", count(steps.len(), "revision"));
    for step in steps {
        let _ = writeln!(text, "  {}", describe(step));
    }
    text
}

fn run_text(database: &str, run: &Run, on_drift: OnDrift) -> String {
    let at = run.to.map_or("empty".to_owned(), |version| format!("at version {version}"));
    match run.outcome {
        RunOutcome::UpToDate => {
            let queries = if on_drift == OnDrift::Ignore { "one query, " } else { "" };
            format!("{database} is up to date, {at}: {queries}no lock taken, nothing written")
        }
        RunOutcome::NothingPending => {
            format!("{database} is {at}, and nothing is pending up to there: no lock taken, nothing written")
        }
        RunOutcome::DoneByAnother => {
            format!("{database} is up to date, {at}: another run has just done the work")
        }
        RunOutcome::Stopped => format!(
            "{database} is {at}: stopped as asked, after {}; run again to go on",
            count(run.applied.len(), "revision")
        ),
        RunOutcome::Upgraded | RunOutcome::NothingToUndo | RunOutcome::Downgraded => format!(
            "{database} is {at}: {} applied in {}",
            count(run.applied.len(), "revision"),
            human(run.duration)
        ),
    }
}
