use std::fmt::Write;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::ExitCode;
use super::output::{count, remark};
use super::session::{Failure, Session};
use super::status::describe;
use crate::catalog::Difference;
use crate::engine::{Error, Marked, Migrator, RevisionStatus};

pub(super) const EXAMPLES: &str = "The revisions are applied to a scratch database on the same server, and its catalog is compared with this one's. This
wants a role with CREATEDB. Rows and the order of columns are not compared, and what `[drift] ignore` in hardtack.toml names does not
count.

Examples:
  hardtack baseline --to 12
  hardtack baseline --to 12 --yes --reason \"moved in from the old tool\"
  hardtack baseline --to 12 --accept-differences \"two indexes are built tonight\"
  hardtack baseline --to 12 --without-comparison \"no CREATEDB here; compared on staging\"";

/// What `baseline` takes.
#[derive(Args, Clone, Debug)]
pub struct BaselineArgs {
    /// The last version whose schema is there
    #[arg(long, value_name = "VERSION")]
    pub to: i64,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Why, for the run log
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// Go on although the schemas differ, for this reason
    #[arg(long, value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
    pub accept_differences: Option<String>,
    /// Do not compare the schemas, for this reason
    #[arg(long, value_name = "REASON", conflicts_with = "accept_differences",
        value_parser = NonEmptyStringValueParser::new())]
    pub without_comparison: Option<String>,
}

pub(super) async fn run(session: &mut Session, args: &BaselineArgs) -> Result<ExitCode, Failure> {
    let migrator = session.migrator().await?;
    let database = migrator.database().database().to_owned();
    let planned = migrator.plan_baseline(args.to).await?;
    if planned.is_empty() {
        let text = format!(
            "{database} has every revision up to version {} in its history: nothing written",
            args.to
        );
        session.output.result(&Report::new(&database, None, &[]), &text);
        return Ok(ExitCode::Success);
    }
    let differences = compare(&migrator, args).await?;
    if !differences.is_empty() && args.accept_differences.is_none() {
        let text = format!(
            "{}refused, and nothing was changed: bring the schema there first, name the version it is at, or accept this with \
             --accept-differences \"reason\"",
            differences_text(args.to, &differences)
        );
        session.output.result(&Report::new(&database, None, &differences), &text);
        return Ok(ExitCode::Refused);
    }
    remark(&question_text(args, &planned, &differences));
    session.confirm(args.yes, &format!("record this in {database}?"))?;
    let marked = migrator.baseline(args.to, &note(args, differences.len())).await?;
    let text = format!(
        "{database} is at version {}: {} recorded as applied",
        args.to,
        count(marked.marked.len(), "revision")
    );
    session.output.result(&Report::new(&database, Some(&marked), &differences), &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    /// None where nothing was recorded.
    #[serde(flatten)]
    marked: Option<&'a Marked>,
    differences: &'a [Difference],
}

impl<'a> Report<'a> {
    fn new(database: &'a str, marked: Option<&'a Marked>, differences: &'a [Difference]) -> Self {
        Self { database, marked, differences }
    }
}

async fn compare(migrator: &Migrator, args: &BaselineArgs) -> Result<Vec<Difference>, Failure> {
    if args.without_comparison.is_some() {
        return Ok(Vec::new());
    }
    remark(&format!(
        "applying the revisions up to version {} to a scratch database, to compare with",
        args.to
    ));
    migrator.compare(args.to).await.map_err(|error| match error {
        Error::Scratch(_) | Error::Replay { .. } => Failure::new(
            ExitCode::of(&error),
            format!("{error}; or leave the comparison out with --without-comparison \"reason\""),
        ),
        error => error.into(),
    })
}

fn differences_text(version: i64, differences: &[Difference]) -> String {
    let mut text = format!(
        "{} to what the revisions up to version {version} make:\n",
        count(differences.len(), "difference")
    );
    for difference in differences {
        let _ = writeln!(text, "  {difference}");
    }
    text
}

fn question_text(args: &BaselineArgs, planned: &[RevisionStatus], differences: &[Difference]) -> String {
    let compared = match (&args.without_comparison, differences) {
        (Some(_), _) => "the schema was not compared\n".to_owned(),
        (None, []) => format!("the schema equals what the revisions up to version {} make\n", args.to),
        (None, differences) => differences_text(args.to, differences),
    };
    let planned: Vec<String> = planned.iter().map(describe).collect();
    format!(
        "{compared}{} would be recorded as applied, and not run:\n  {}",
        count(planned.len(), "revision"),
        planned.join("\n  ")
    )
}

/// What the run log keeps.
fn note(args: &BaselineArgs, differences: usize) -> String {
    let compared = match (&args.accept_differences, &args.without_comparison) {
        (_, Some(reason)) => format!("not compared: {reason}"),
        (Some(reason), None) if differences > 0 => {
            format!("{} accepted: {reason}", count(differences, "difference"))
        }
        _ => "compared, no difference".to_owned(),
    };
    args.reason.as_ref().map_or(compared.clone(), |reason| format!("{reason}; {compared}"))
}
