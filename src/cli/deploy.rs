use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::backup::configured;
use super::deploy_sections::{closing, sections, title};
use super::deploy_settings::strategy;
use super::dry_run::{bounds, clone_from, formats, places};
use super::sections;
use super::session::{Failure, Session};
use super::settings::duration;
use super::verify::written;
use super::{ExitCode, Format};
use crate::backup::Strategy;
use crate::engine::Error;
use crate::engine::deploy::{Deploy, DeployOptions, DeployOutcome, Probe, ProbeUrl, RehearsalOptions};
use crate::engine::dry_run::StageChoice;
use crate::history::WayBack;
use crate::plan::Target;
use crate::report::{Report as Rendered, Section};

pub(super) const EXAMPLES: &str = "The whole procedure: verify, gates, rehearse, back up, upgrade, checks, probe; and where it fails behind the beginning of the
upgrade, the chosen way back, with the proof that the database is as before. A deploy that was stopped or killed is taken up where it
was by the same command. What stands in [deploy] or [environments.NAME.deploy] of hardtack.toml need not be said.

Examples:
  hardtack deploy --plan                 what would be done; nothing is
  hardtack deploy                        with the rows that the plan can lose backed up; a failure is left where it is
  hardtack deploy --on-failure downgrade --probe-url http://shop.internal/health
  hardtack deploy --on-failure restore --backup full --backups /mnt/backups
  hardtack deploy --env production --probe-command 'kubectl rollout status deployment/shop' --probe-timeout 5min
  hardtack deploy --skip-rehearsal --backup none
  hardtack deploy --format html -o deploy.html

Exit status: 0 deployed, or nothing was pending and all is well; 1 it failed, and the database is left where it is; 4 history and
binary disagree; 5 a lock was not had; 6 refused before anything was changed; 8 stopped at a safe point, to be taken up; 9 it failed,
and the database is as before; 10 it failed, and so did the way back, or it is not proven.";

/// What `deploy` takes.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct DeployArgs {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Run all steps of the upgrade in one transaction: all or nothing
    #[arg(long)]
    pub single_transaction: bool,
    /// What to do where it fails behind the beginning of the upgrade: downgrade, restore or stop [default: stop]
    #[arg(long, value_name = "WAY", help_heading = "Way back")]
    pub on_failure: Option<WayBack>,
    /// The backup that is taken: full, tables, schema-only or none [default: tables, those that the plan can lose rows of]
    #[arg(long, value_name = "STRATEGY", value_parser = Backup::parse, help_heading = "Way back")]
    pub backup: Option<Backup>,
    /// The directory, or the URL of an object store, where backups are [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, value_name = "DIR", help_heading = "Way back")]
    pub backups: Option<String>,
    /// The application is well when this URL answers with 2xx
    #[arg(long, value_name = "URL", conflicts_with = "probe_command", help_heading = "Probe")]
    pub probe_url: Option<ProbeUrl>,
    /// The application is well when this command, for `sh -c`, ends with 0
    #[arg(long, value_name = "COMMAND", help_heading = "Probe")]
    pub probe_command: Option<String>,
    /// How long it has to become well, such as 90s; asked once a second [default: 60s]
    #[arg(long, value_name = "TIME", help_heading = "Probe")]
    pub probe_timeout: Option<String>,
    /// Do not rehearse the plan
    #[arg(long, conflicts_with_all = ["on", "hold", "clone_from"], help_heading = "Rehearsal")]
    pub skip_rehearsal: bool,
    /// Where to rehearse: auto, database or scratch [default: auto]
    #[arg(long, value_name = "PLACE", value_parser = places(), help_heading = "Rehearsal")]
    pub on: Option<StageChoice>,
    /// The longest that a rehearsal on the database itself may hold locks, such as 500ms [default: 5s]
    #[arg(long, value_name = "TIME", help_heading = "Rehearsal")]
    pub hold: Option<String>,
    /// Rehearse in full on a copy of this database on the server, or of an archive that pg_dump wrote
    #[arg(long, value_name = "DATABASE|FILE", conflicts_with = "on", help_heading = "Rehearsal")]
    pub clone_from: Option<String>,
    /// Write the report to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How the report is written: human, json, markdown, github, sarif, junit or html
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub format: Option<Format>,
}

/// The backup of a deploy, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup(pub Option<Strategy>);

impl Backup {
    fn parse(text: &str) -> Result<Self, String> {
        strategy(text).map(Self)
    }
}

pub(super) async fn run(session: &mut Session, args: &DeployArgs) -> Result<ExitCode, Failure> {
    let options = args.options(session)?;
    let migrator = session.migrator().await?;
    let deploy = migrator.deploy(&options).await?;
    let sections = sections(&deploy);
    let title = title(&deploy);
    let text = format!("{title}\n{}{}", sections::text(&sections), closing(&deploy));
    let report = Report { deploy: &deploy, sections: &sections };
    written(session, (args.format, args.output.as_deref()), (&report, &text), || {
        Rendered::of_sections(&title, &deploy.database, sections.clone())
    })?;
    Ok(exit_code(&deploy))
}

impl DeployArgs {
    /// What was said here, and where nothing was, what is configured.
    fn options(&self, session: &Session) -> Result<DeployOptions, Failure> {
        let settings = &session.settings.deploy;
        let backup = self.backup.map_or(settings.backup.value, |backup| backup.0);
        let backup =
            backup.map(|strategy| configured(session, strategy, self.backups.as_deref())).transpose()?;
        let url = self.probe_url.clone().map(Probe::Url);
        let probe = url.or_else(|| self.probe_command.clone().map(Probe::Command));
        let timeout = self.probe_timeout.as_deref().map(|text| {
            duration(text)
                .map_err(|reason| Failure::usage(format!("use {text:?} as --probe-timeout: {reason}")))
        });
        Ok(DeployOptions {
            target: self.to.map_or(Target::Head, Target::Version),
            rehearsal: if self.skip_rehearsal { None } else { Some(self.rehearsal(session)?) },
            backup,
            single_transaction: self.single_transaction,
            way_back: self.on_failure.unwrap_or(settings.on_failure.value),
            probe: probe.or_else(|| settings.probe.value.clone()),
            probe_timeout: timeout.transpose()?.unwrap_or(settings.probe_timeout.value),
            plan_only: self.plan,
        })
    }

    fn rehearsal(&self, session: &Session) -> Result<RehearsalOptions, Failure> {
        let programs = session.settings.pg_bin.value.as_deref();
        Ok(RehearsalOptions {
            stage: self.on.unwrap_or_default(),
            bounds: bounds(self.hold.as_deref())?,
            clone_from: self.clone_from.as_deref().map(|from| clone_from(from, programs)),
            ..RehearsalOptions::default()
        })
    }
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    deploy: &'a Deploy,
    sections: &'a [Section],
}

fn exit_code(deploy: &Deploy) -> ExitCode {
    let of_failure = |error: &Error| ExitCode::of(error);
    let cause = deploy.failure.as_ref().map(|failure| of_failure(&failure.error));
    match (deploy.outcome, cause) {
        (
            DeployOutcome::Refused,
            Some(code @ (ExitCode::Conflict | ExitCode::LockNotObtained | ExitCode::Usage)),
        ) => code,
        (DeployOutcome::Refused, _) => ExitCode::Refused,
        (DeployOutcome::Stopped, _) => ExitCode::Stopped,
        (DeployOutcome::Failed, Some(ExitCode::LockNotObtained)) => ExitCode::LockNotObtained,
        (DeployOutcome::Failed, _) => ExitCode::Failure,
        (DeployOutcome::Reverted, _) => ExitCode::Reverted,
        (DeployOutcome::NotReverted, _) => ExitCode::NotReverted,
        (DeployOutcome::Deployed | DeployOutcome::UpToDate | DeployOutcome::Planned, _) => ExitCode::Success,
    }
}
