use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::ExitCode;
use super::output::{count, remark};
use super::session::{Failure, Session};
use super::status::describe;
use crate::engine::{AdoptOptions, Adoption, Marked};
use crate::history::foreign::Tool;
use crate::plan::{MappedRow, MatchedBy, Meaning};

pub(super) const EXAMPLES: &str = "The other tool's table is read and never written: with it you can go back. Rows find their revisions by version, then by
name; what cannot be told is refused, with what to do. Nothing of a revision is run.

Examples:
  hardtack adopt --plan                       show whose history is there, and what it comes to
  hardtack adopt --from flyway --yes
  hardtack adopt --from refinery --table ops.migrations
  hardtack adopt --map 1.2.1=7 --map R__seed.sql=none
  hardtack adopt --from alembic --map 586e05edd180=12";

/// What `adopt` takes.
#[derive(Args, Clone, Debug, Default)]
pub struct AdoptArgs {
    /// Whose history it is, where several are there
    #[arg(long, value_name = "TOOL", value_enum)]
    pub from: Option<Tool>,
    /// The table it is in, [SCHEMA.]NAME, where it has not the tool's own name
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Which revision stands for a row of it; `none` where none has to
    #[arg(long = "map", value_name = "FOREIGN=VERSION", value_parser = mapped)]
    pub map: Vec<(String, Option<i64>)>,
    /// Show what it comes to, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub plan: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

impl ValueEnum for Tool {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// An id may hold an equals sign; a version holds none.
fn mapped(text: &str) -> Result<(String, Option<i64>), String> {
    let (id, version) =
        text.rsplit_once('=').filter(|(id, _)| !id.is_empty()).ok_or("write FOREIGN=VERSION")?;
    match version {
        "none" => Ok((id.to_owned(), None)),
        version => {
            let version =
                version.parse().map_err(|_| format!("{version} is no version; write a number, or none"))?;
            Ok((id.to_owned(), Some(version)))
        }
    }
}

pub(super) async fn run(session: &mut Session, args: &AdoptArgs) -> Result<ExitCode, Failure> {
    let migrator = session.migrator().await?;
    let database = migrator.database().database().to_owned();
    let Some(adoption) = migrator.plan_adopt(&options(args)).await? else {
        let text = format!(
            "{database} keeps its history in {} already, which is the very table that is used here: nothing to do",
            migrator.history_table()
        );
        session.output.result(&Report::new(&database, None, None), &text);
        return Ok(ExitCode::Success);
    };
    let is_barred = !adoption.refusals.is_empty();
    if args.plan || is_barred || adoption.revisions.is_empty() {
        session.output.result(&Report::new(&database, Some(&adoption), None), &plan_text(&adoption));
        return Ok(if is_barred { ExitCode::Refused } else { ExitCode::Success });
    }
    remark(plan_text(&adoption).trim_end());
    session.confirm(args.yes, &format!("record this in {database}?"))?;
    let marked = migrator.adopt(&adoption).await?;
    let text = format!(
        "{database} is at version {}: {} recorded as applied; {} was not touched",
        marked.to.map_or("none".to_owned(), |version| version.to_string()),
        count(marked.marked.len(), "revision"),
        adoption.from
    );
    session.output.result(&Report::new(&database, Some(&adoption), Some(&marked)), &text);
    Ok(ExitCode::Success)
}

fn options(args: &AdoptArgs) -> AdoptOptions {
    let (schema, table) = match args.table.as_deref().map(|name| name.split_once('.').ok_or(name)) {
        Some(Ok((schema, table))) => (Some(schema.to_owned()), Some(table.to_owned())),
        Some(Err(table)) => (None, Some(table.to_owned())),
        None => (None, None),
    };
    AdoptOptions { from: args.from, schema, table, map: args.map.iter().cloned().collect() }
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    /// None where our own table is the only history there is.
    #[serde(flatten)]
    adoption: Option<&'a Adoption>,
    /// None where nothing was recorded.
    marked: Option<&'a Marked>,
}

impl<'a> Report<'a> {
    fn new(database: &'a str, adoption: Option<&'a Adoption>, marked: Option<&'a Marked>) -> Self {
        Self { database, adoption, marked }
    }
}

fn plan_text(adoption: &Adoption) -> String {
    let Adoption { from, rows, revisions, recorded, gaps, refusals, .. } = adoption;
    let mut text = format!("{} keeps its history in {from}: {}\n", from.tool, count(rows.len(), "row"));
    let width = rows.iter().map(|row| label(row).chars().count()).max().unwrap_or_default();
    for row in rows {
        let _ = writeln!(text, "  {:<width$}  {}", label(row), meaning(&row.meaning));
    }
    if !gaps.is_empty() {
        let _ = writeln!(text, "{} older than that, and applied nowhere:", count(gaps.len(), "revision"));
        for gap in gaps {
            let _ = writeln!(text, "  {}", describe(gap));
        }
    }
    if !refusals.is_empty() {
        let _ = writeln!(text, "refused, and nothing was changed:");
        for refusal in refusals {
            let _ = writeln!(text, "  {}: {}\n    {}", refusal.subject, refusal.reason, refusal.advice);
        }
        return text;
    }
    let already = if *recorded == 0 { String::new() } else { format!("; {recorded} are recorded already") };
    if revisions.is_empty() {
        let _ = writeln!(text, "nothing to record{already}");
        return text;
    }
    let _ = writeln!(
        text,
        "{} would be recorded as applied, and not run{already}:",
        count(revisions.len(), "revision")
    );
    for revision in revisions {
        let _ = writeln!(text, "  {}", describe(revision));
    }
    text
}

/// The row's id, with its name where the id does not say it.
fn label(row: &MappedRow) -> String {
    match &row.name {
        Some(name) if !row.id.contains(name.as_str()) => format!("{} {name}", row.id),
        _ => row.id.clone(),
    }
}

fn meaning(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Revision { stem, and_before, by, .. } => format!(
            "is {stem}{}, by {}",
            if *and_before { " and everything before" } else { "" },
            match by {
                MatchedBy::Version => "version",
                MatchedBy::Name => "name",
                MatchedBy::Map => "--map",
            }
        ),
        Meaning::Nothing { reason } => format!("is left out: {reason}"),
        Meaning::Problem { problem } => format!("cannot be told: {problem}"),
    }
}
