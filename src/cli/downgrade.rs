use std::fmt::Write;

use clap::Args;
use serde::Serialize;

#[cfg(feature = "backup")]
use super::backup::BackupFirst;
use super::output::{count, human, remark};
use super::session::{Failure, Session};
use super::status::describe;
use super::{DryRunArgs, ExitCode, dry_run};
use crate::engine::{DowngradeOptions, DowngradePlan, Run, RunOutcome};
use crate::plan::{Back, Way};

pub(super) const EXAMPLES: &str = "Examples:
  hardtack downgrade                     undo the newest revision
  hardtack downgrade 3                   undo three
  hardtack downgrade --to 7              undo everything above version 7
  hardtack downgrade --dry-run=plan      what would be undone, and what would be lost; nothing runs
  hardtack downgrade 3 --dry-run         what each statement locks and takes, measured and rolled back
  hardtack downgrade --yes               do not ask, also where data is lost

What would be lost is counted first. Where data goes, a terminal is asked, and everything else needs --yes. Of the gates of
hardtack.toml those hold that protect data: --accept loses-data --reason TEXT, --backup-taken NAME.";

/// What `downgrade` takes.
#[derive(Args, Clone, Debug, Default)]
pub struct DowngradeArgs {
    /// How many revisions to undo [default: 1]
    #[arg(value_name = "N", conflicts_with = "to")]
    pub steps: Option<usize>,
    /// Undo everything above this version; 0 undoes all
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Go on without asking, also where data is lost
    #[arg(long, short)]
    pub yes: bool,
    #[cfg(feature = "backup")]
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub backup: BackupFirst,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub dry: DryRunArgs,
}

pub(super) async fn run(session: &mut Session, args: &DowngradeArgs) -> Result<ExitCode, Failure> {
    let back = args.to.map_or(Back::Steps(args.steps.unwrap_or(1)), Back::To);
    if let Some(depth) = args.dry.dry_run {
        return dry_run::run(session, &args.dry, Way::Down(back), depth).await;
    }
    args.dry.refuse_report_formats()?;
    let migrator = session.lenient_migrator().await?;
    #[cfg(feature = "backup")]
    let migrator = args.backup.before(session, migrator)?;
    let database = migrator.database().database().to_owned();
    let plan = migrator.plan_downgrade(back).await?;
    if !plan.losses.is_empty() {
        if !args.yes {
            remark(plan_text(&plan).trim_end());
        }
        session.confirm(args.yes, &format!("undo {} on {database}?", count(plan.steps.len(), "revision")))?;
    }
    let agreed = Some(plan.steps.iter().map(|step| step.version).collect());
    let run = migrator.downgrade(DowngradeOptions { back, agreed }).await?;
    let report = Report { database: &database, run: &run, losses: &plan.losses };
    session.output.result(&report, &run_text(&database, &run));
    Ok(match run.outcome {
        RunOutcome::Stopped => ExitCode::Stopped,
        _ => ExitCode::Success,
    })
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    #[serde(flatten)]
    run: &'a Run,
    losses: &'a [crate::safety::Loss],
}

fn plan_text(plan: &DowngradePlan) -> String {
    if plan.steps.is_empty() {
        return "nothing is to be undone\n".to_owned();
    }
    let mut text = format!("{} would be undone, in this order:\n", count(plan.steps.len(), "revision"));
    for step in &plan.steps {
        let _ = writeln!(text, "  {}", describe(step));
    }
    if plan.losses.is_empty() {
        text.push_str("no loss of data was found\n");
        return text;
    }
    text.push_str("this would be lost:\n");
    for loss in &plan.losses {
        let _ = writeln!(text, "  {loss}");
    }
    text
}

fn run_text(database: &str, run: &Run) -> String {
    let at = run.to.map_or("empty".to_owned(), |version| format!("at version {version}"));
    let undone = count(run.undone.len(), "revision");
    match run.outcome {
        RunOutcome::NothingToUndo => format!("{database} is {at}: nothing to undo, nothing written"),
        RunOutcome::Stopped => {
            format!("{database} is {at}: stopped as asked, after {undone}; run again to go on")
        }
        _ => format!("{database} is {at}: {undone} undone in {}", human(run.duration)),
    }
}
