use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::output::{count, print, remark, stdout_colour};
use super::sections::{has_failed, of_finding, section};
use super::session::{Failure, Session};
use super::settings::duration;
use super::{ExitCode, Format};
use crate::engine::dry_run::{Bounds, CloneFrom, Depth, DryRun, DryRunOptions, Rehearsed, StageChoice};
use crate::plan::Way;
use crate::report::{Issue, Level, Report, ReportFormat, Section};
use crate::revisions::{self, RevisionSet};

pub(super) const ABOUT: &str = "A dry run changes nothing. --dry-run=plan runs nothing: it shows the steps, their hazards and the size of the tables that they
touch. --dry-run, or --dry-run=rehearse, runs the steps as they would run, in one transaction on the database itself that is rolled back,
with short timeouts, under the migration lock; steps without a transaction, and those behind them, on a scratch database of the same
schema without rows, which wants a role with CREATEDB. It shows what each statement locks and for how long, rewrites, reads and
writes, and how the schema would differ. What does not roll back is named. While it runs, a rehearsal on the database itself holds
the locks that it measures: --on scratch holds none there. --dry-run=full runs the steps in earnest on a clone with rows.

Exit status of a dry run: 0, whatever it shows; 1 a step fails; 6 a gate of hardtack.toml would
refuse the run, or the build the folder of --dir.";

/// What a dry run takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Dry run")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct DryRunArgs {
    /// Show what would happen, and change nothing: plan, rehearse or full [default: rehearse]
    #[arg(long, value_name = "DEPTH", num_args = 0..=1, require_equals = true, default_missing_value = "rehearse",
        value_parser = depths())]
    pub dry_run: Option<Depth>,
    /// Where to rehearse: auto, database or scratch [default: auto]
    #[arg(long, value_name = "PLACE", requires = "dry_run", value_parser = places())]
    pub on: Option<StageChoice>,
    /// The longest that a rehearsal on the database itself may hold locks, such as 500ms [default: 5s]
    #[arg(long, value_name = "TIME", requires = "dry_run")]
    pub hold: Option<String>,
    /// What a full dry run works on: a copy of this database on the server, or an archive that pg_dump wrote
    #[arg(long, value_name = "DATABASE|FILE", requires = "dry_run")]
    pub clone_from: Option<String>,
    /// Record the rehearsal in hardtack.evidence, for a gate that wants one
    #[arg(long, requires = "dry_run")]
    pub record: bool,
    /// Write the report to this file instead of standard output
    #[arg(long, short, value_name = "FILE", requires = "dry_run")]
    pub output: Option<PathBuf>,
    /// How results are written: human or json; of a dry run also markdown, github, sarif, junit or html
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub format: Option<Format>,
}

fn depths() -> impl TypedValueParser<Value = Depth> {
    PossibleValuesParser::new(["plan", "rehearse", "full"]).map(|depth| match depth.as_str() {
        "plan" => Depth::Plan,
        "full" => Depth::Full,
        _ => Depth::Rehearse,
    })
}

pub(super) fn places() -> impl TypedValueParser<Value = StageChoice> {
    PossibleValuesParser::new(["auto", "database", "scratch"]).map(|place| match place.as_str() {
        "database" => StageChoice::Database,
        "scratch" => StageChoice::Scratch,
        _ => StageChoice::Auto,
    })
}

/// The formats of a report, where most commands have two.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(ReportFormat::ALL.map(ReportFormat::name)).map(|name| {
        name.parse().map_or(Format::Human, |format| match format {
            ReportFormat::Json => Format::Json,
            ReportFormat::Html => Format::Html,
            ReportFormat::Markdown => Format::Markdown,
            ReportFormat::Github => Format::Github,
            ReportFormat::Sarif => Format::Sarif,
            ReportFormat::Junit => Format::Junit,
            _ => Format::Human,
        })
    })
}

/// The form in which a report is wanted.
pub(super) fn report_format(format: Format) -> ReportFormat {
    match format {
        Format::Json => ReportFormat::Json,
        Format::Html => ReportFormat::Html,
        Format::Markdown => ReportFormat::Markdown,
        Format::Github => ReportFormat::Github,
        Format::Sarif => ReportFormat::Sarif,
        Format::Junit => ReportFormat::Junit,
        Format::Human | Format::Sql => ReportFormat::Human,
    }
}

impl DryRunArgs {
    /// Refuses the forms of a report for what is none.
    pub(super) fn refuse_report_formats(&self) -> Result<(), Failure> {
        match self.format {
            None | Some(Format::Human | Format::Json) => Ok(()),
            Some(format) => {
                let name = report_format(format);
                Err(Failure::usage(format!(
                    "write the result as {name}: only a dry run can be; give --dry-run, or human or json"
                )))
            }
        }
    }

    fn options(&self, way: Way, depth: Depth, programs: Option<&Path>) -> Result<DryRunOptions, Failure> {
        let bounds = bounds(self.hold.as_deref())?;
        if self.record && depth == Depth::Plan {
            return Err(Failure::usage("record the rehearsal: --dry-run=plan runs nothing; give --dry-run"));
        }
        let clone_from = self.clone_from.as_deref().map(|from| clone_from(from, programs));
        if clone_from.is_some() != (depth == Depth::Full) {
            return Err(Failure::usage("rehearse in full: --dry-run=full and --clone-from go together"));
        }
        let (stage, record) = (self.on.unwrap_or_default(), self.record);
        Ok(DryRunOptions { way, depth, stage, bounds, record, clone_from })
    }
}

/// The shortest time in which anything can be rehearsed.
const SHORTEST: Duration = Duration::from_millis(100);

/// How long a rehearsal may be in anybody's way, where `--hold` says so.
pub(super) fn bounds(hold: Option<&str>) -> Result<Bounds, Failure> {
    let bounds = Bounds::default();
    let Some(time) = hold else { return Ok(bounds) };
    let longest =
        duration(time).map_err(|reason| Failure::usage(format!("use {time:?} as --hold: {reason}")))?;
    if longest < SHORTEST {
        return Err(Failure::usage("hold locks for so short a time: give --hold 100ms at the least"));
    }
    Ok(Bounds { longest, lock_timeout: bounds.lock_timeout.min(longest) })
}

/// A file or directory that is there is a dump; anything else is the name of a database.
pub(super) fn clone_from(from: &str, programs: Option<&Path>) -> CloneFrom {
    let path = Path::new(from);
    if path.exists() {
        CloneFrom::Dump { path: path.to_owned(), programs: programs.map(Path::to_owned) }
    } else {
        CloneFrom::Database(from.to_owned())
    }
}

/// Shows what an upgrade or a downgrade would do.
pub(super) async fn run(
    session: &mut Session,
    args: &DryRunArgs,
    way: Way,
    depth: Depth,
) -> Result<ExitCode, Failure> {
    let options = args.options(way, depth, session.settings.pg_bin.value.as_deref())?;
    // What the build would refuse is part of what is to be seen.
    let of_folder = session.settings.dir.value.clone().map(|folder| inspected(&folder)).transpose()?;
    let migrator = match &of_folder {
        Some((revisions, _)) => session.migrator_of(revisions.clone()).await?,
        None => session.lenient_migrator().await?,
    };
    if let Some(folder) = session.other_folder() {
        let folder = folder.display();
        remark(&format!(
            "this binary has other revisions than {folder}: give --dir {folder} where those are meant"
        ));
    }
    let dry_run = migrator.dry_run(&options).await?;
    let folder = session.folder();
    let folder = folder.is_dir().then(|| folder.display().to_string());
    let mut report = Report::of_dry_run(&dry_run, folder.as_deref());
    report.sections.extend(of_folder.map(|(_, section)| section));
    let is_refused = report.sections.iter().any(|section| section.name == FOLDER && has_failed(section));
    let format = args.format.unwrap_or(session.output.format);
    written(&report, format, args.output.as_deref())?;
    if args.record && !dry_run.recorded {
        remark("the rehearsal is not recorded, because not every step came to its end in it");
    }
    if dry_run.recorded {
        remark("recorded the rehearsal, for the gates of this very plan");
    }
    Ok(match exit_code(&dry_run) {
        ExitCode::Success if is_refused => ExitCode::Refused,
        code => code,
    })
}

/// The section of what the build says.
const FOLDER: &str = "folder";

/// The revisions of a folder, and what the build refuses in it.
fn inspected(folder: &Path) -> Result<(RevisionSet, Section), Failure> {
    if !folder.is_dir() {
        let message = format!("find the revisions: there is no folder {}; give --dir one", folder.display());
        return Err(Failure::usage(message));
    }
    let inspection = revisions::inspect(folder, [])?;
    let findings = inspection.findings.iter().filter(|finding| !finding.is_about_snapshot());
    let issues: Vec<Issue> = findings
        .map(|finding| of_finding(finding, str::to_owned))
        .filter(|issue| issue.level == Level::Error)
        .collect();
    let summary = match issues.len() {
        0 => "the build takes it".to_owned(),
        number => format!("the build refuses it, and so does a run: {}", count(number, "finding")),
    };
    Ok((inspection.revisions, section(FOLDER, "the folder of the revisions", summary, issues)))
}

/// Writes a report to a file, or to standard output.
pub(super) fn written(report: &Report<'_>, format: Format, file: Option<&Path>) -> Result<(), Failure> {
    let text = report.render(report_format(format), file.is_none() && stdout_colour());
    text_written(&text, file)
}

/// Writes a text to a file, or to standard output.
pub(super) fn text_written(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = file else {
        print(text);
        return Ok(());
    };
    std::fs::write(path, text.trim_end().to_owned() + "\n")
        .map_err(|error| Failure::from_error(format!("write {}: {error}", path.display())))?;
    remark(&format!("wrote {}", path.display()));
    Ok(())
}

fn exit_code(dry_run: &DryRun) -> ExitCode {
    let fails = dry_run.steps.iter().any(|step| matches!(step.rehearsed, Rehearsed::Failed { .. }));
    let is_changed = dry_run
        .rehearsal
        .as_ref()
        .and_then(|rehearsal| rehearsal.untouched.as_ref())
        .is_some_and(|untouched| !untouched.is_same());
    if fails || is_changed {
        ExitCode::Failure
    } else if dry_run.gates.iter().any(|gate| !gate.passed) {
        ExitCode::Refused
    } else {
        ExitCode::Success
    }
}
