use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::diff_source::{ReadSide, Side, read_both};
use super::dry_run::text_written;
use super::output::{confirmed, json, remark, stdout_colour};
use super::session::{Failure, Session};
use super::{ExitCode, Format};
use crate::catalog::RenameError;
use crate::catalog::ddl::{self, DdlPlan, DiffError, DiffOptions, Rename};
use crate::catalog::render::{self, Comparison};

pub(super) const EXAMPLES: &str = "A side is:
  postgres://.. or \"host=.. dbname=..\"   a database, which is only read
  database                             the configured database
  migrations                           what the revisions make of an empty database: the binary's, or those of --dir
  FOLDER                               what the revisions of a folder make of one
  FILE.sql                             what a schema file makes of one, such as `pg_dump --schema-only` writes
  FILE.json                            a snapshot

Empty databases are scratch ones beside the configured database, dropped again; this wants a role with CREATEDB. Nothing
else is written to.

Exit status: 0 whether they are equal or not; with --exit-code, 7 where they differ.

Examples:
  hardtack diff database migrations
  hardtack diff database schema.sql --format sql --online > change.sql
  hardtack diff migrations/snapshots/head.json schema.sql --format html --output review.html
  hardtack diff postgres://db.internal/shop postgres://staging.internal/shop --exit-code
  hardtack diff database migrations --rename public.accounts.mail=public.accounts.email";

/// What `diff` takes.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// Where the way begins: a database, file, folder, `database` or `migrations`
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where it leads
    #[arg(value_name = "TO")]
    pub to: String,
    /// What was renamed, not dropped and made anew: `[KIND:]OLD=NEW`, with schema and table; can be repeated
    #[arg(long = "rename", value_name = "OLD=NEW")]
    pub renames: Vec<String>,
    /// Prefer forms that block nobody for long: indexes CONCURRENTLY, constraints NOT VALID and validated later
    #[arg(long)]
    pub online: bool,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 7 where the two sides differ
    #[arg(long)]
    pub exit_code: bool,
    /// How the result is written
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub format: Option<Format>,
}

/// All four, where other commands have two.
fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["human", "sql", "json", "html"]).map(|format| match format.as_str() {
        "sql" => Format::Sql,
        "json" => Format::Json,
        "html" => Format::Html,
        _ => Format::Human,
    })
}

pub(super) async fn run(session: &mut Session, args: &DiffArgs) -> Result<ExitCode, Failure> {
    let format = args.format.unwrap_or(session.output.format);
    let (from, to) = (Side::named(session, &args.from).await?, Side::named(session, &args.to).await?);
    let (from, to) = read_both(from, to).await?;
    let asks = format != Format::Json;
    let (plan, renames) = planned(&from, &to, &args.renames, args.online, asks)?;
    // The text for people says so itself.
    if format != Format::Human || args.output.is_some() {
        tell_likely_renames(&plan);
    }
    let comparison = Comparison {
        from: render::Side { name: &from.name, catalog: &from.catalog },
        to: render::Side { name: &to.name, catalog: &to.catalog },
        plan: &plan,
        renames: &renames,
    };
    let text = match format {
        Format::Sql => comparison.sql(),
        Format::Json => json(&comparison.report()),
        Format::Html => comparison.html(),
        // The parser lets nothing else through.
        _ => comparison.human(args.output.is_none() && stdout_colour()),
    };
    text_written(&text, args.output.as_deref())?;
    let differs = || from.catalog.fingerprint() != to.catalog.fingerprint();
    Ok(if args.exit_code && differs() { ExitCode::Drift } else { ExitCode::Success })
}

/// The plan from one side to the other, with the renames that were given or, on a terminal, agreed to.
pub(super) fn planned(
    from: &ReadSide,
    to: &ReadSide,
    renames: &[String],
    online: bool,
    asks: bool,
) -> Result<(DdlPlan, Vec<Rename>), Failure> {
    let renames = Rename::parse_all(renames, &from.catalog, &to.catalog)?;
    let mut options = DiffOptions { renames, online };
    let mut plan = ddl::diff(&from.catalog, &to.catalog, &options)?;
    let mut asked: Vec<Rename> = Vec::new();
    if !asks {
        return Ok((plan, options.renames));
    }
    // A table that was renamed may have columns that were.
    loop {
        let open: Vec<Rename> =
            plan.likely_renames.iter().filter(|rename| !asked.contains(rename)).cloned().collect();
        let agreed: Vec<Rename> = open.iter().filter(|rename| agreed(rename)).cloned().collect();
        asked.extend(open);
        if agreed.is_empty() {
            return Ok((plan, options.renames));
        }
        let agreed = agreed.into_iter().map(|rename| rename.under_old_name(&options.renames));
        options.renames.extend(agreed.collect::<Vec<_>>());
        plan = ddl::diff(&from.catalog, &to.catalog, &options)?;
    }
}

/// Says what may be a rename, and how to say that it is one.
pub(super) fn tell_likely_renames(plan: &DdlPlan) {
    for rename in &plan.likely_renames {
        remark(&format!(
            "{} goes and {} is new: if it was renamed, give {}",
            rename.from,
            rename.to,
            shell(&rename.flag())
        ));
    }
}

fn agreed(rename: &Rename) -> bool {
    confirmed(&format!("{} goes and {} is new; was it renamed?", rename.from, rename.to))
}

/// A flag as a shell takes it.
fn shell(flag: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.=".contains(character);
    match flag.split_once(' ') {
        Some((name, value)) if !value.chars().all(plain) => {
            format!("{name} '{}'", value.replace('\'', "'\\''"))
        }
        _ => flag.to_owned(),
    }
}

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        Self::usage(error)
    }
}

impl From<RenameError> for Failure {
    fn from(error: RenameError) -> Self {
        Self::usage(error)
    }
}
