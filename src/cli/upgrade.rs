use clap::Args;
use serde::Serialize;

#[cfg(feature = "backup")]
use super::backup::BackupFirst;
use super::output::{count, human, remark};
use super::session::{Failure, Session};
use super::{DryRunArgs, ExitCode, dry_run};
use crate::engine::{OnDrift, Run, RunOutcome, UpgradeOptions};
use crate::health::Booted;
use crate::plan::{Target, Way};

pub(super) const EXAMPLES: &str = "Examples:
  hardtack upgrade                       apply everything
  hardtack upgrade --to 7                stop after version 7
  hardtack upgrade --single-transaction  all or nothing
  hardtack upgrade --env production --accept loses-data --reason \"unused since 2.3\" --backup-taken \"pgbackrest 20261128F\"
  hardtack upgrade --backup=tables       first the rows that the pending revisions can lose
  hardtack upgrade --dry-run=plan        what would run, its hazards, the tables that it touches; nothing runs
  hardtack upgrade --dry-run             what each statement locks, rewrites and takes, measured and rolled back
  hardtack upgrade --dry-run --on scratch --format html -o plan.html
  hardtack upgrade --dry-run=full --clone-from shop_copy --format markdown

The gates of hardtack.toml are judged before the lock is taken; where one refuses (exit code 6), the message says how to satisfy it.";

/// What `upgrade` takes.
#[derive(Args, Clone, Debug, Default)]
pub struct UpgradeArgs {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Run all steps in one transaction: all or nothing
    #[arg(long)]
    pub single_transaction: bool,
    #[cfg(feature = "backup")]
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub backup: BackupFirst,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub dry: DryRunArgs,
}

pub(super) async fn run(session: &mut Session, args: &UpgradeArgs) -> Result<ExitCode, Failure> {
    let target = args.to.map_or(Target::Head, Target::Version);
    if let Some(depth) = args.dry.dry_run {
        let shown = dry_run::run(session, &args.dry, Way::Up(target), depth).await;
        return shown.map_err(|failure| other_folder_named(session, failure));
    }
    args.dry.refuse_report_formats()?;
    let migrator = session.migrator().await?;
    #[cfg(feature = "backup")]
    let migrator = args.backup.before(session, migrator)?;
    let database = migrator.database().database().to_owned();
    let run = migrator
        .upgrade(UpgradeOptions {
            target,
            single_transaction: args.single_transaction,
            ..UpgradeOptions::default()
        })
        .await;
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

/// What an application that has booted tells on standard error: its standard output is its own.
pub(super) fn tell_booted(database: &str, booted: &Booted, on_drift: OnDrift) {
    if let Some(run) = &booted.run {
        remark(&run_text(database, run, on_drift));
    }
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    #[serde(flatten)]
    run: &'a Run,
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
