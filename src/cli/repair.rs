use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::ExitCode;
use super::output::remark;
use super::session::{Failure, Session};
use crate::engine::{Fault, Repair};
use crate::revisions::Direction;

pub(super) const EXAMPLES: &str = "The old row is kept in hardtack.step, with the reason. The schema itself is not touched: see that it is what the
revision would make.

Examples:
  hardtack repair 7 --reason \"fixed a comment in the file\"
  hardtack repair 8 --restart --reason \"the index was dropped by hand\"
  hardtack repair 9 --remove --yes --reason \"the branch was dropped, its table with it\"";

/// What `repair` takes.
#[derive(Args, Clone, Debug)]
pub struct RepairArgs {
    /// The version of the revision
    pub version: i64,
    /// Why, for the run log
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
    /// Remove the history row of a revision that is not known here
    #[arg(long)]
    pub remove: bool,
    /// Forget how far a revision without a transaction got: the next run starts it from its first statement
    #[arg(long, conflicts_with = "remove")]
    pub restart: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub(super) async fn run(session: &mut Session, args: &RepairArgs) -> Result<ExitCode, Failure> {
    let migrator = session.lenient_migrator().await?;
    let database = migrator.database().database().to_owned();
    let fault = match (args.remove, args.restart) {
        (true, _) => Fault::Missing,
        (_, true) => Fault::Unfinished,
        _ => Fault::Divergent,
    };
    let repair = migrator.plan_repair(args.version, fault).await?;
    remark(&repair_text(&repair));
    session.confirm(args.yes, &format!("write this to the history of {database}?"))?;
    migrator.repair(&repair, &args.reason).await?;
    let text = format!(
        "{database}: the history of version {} is repaired; hardtack.step keeps what it was",
        args.version
    );
    session.output.result(&Report { database: &database, repair: &repair, reason: &args.reason }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    #[serde(flatten)]
    repair: &'a Repair,
    reason: &'a str,
}

fn repair_text(repair: &Repair) -> String {
    match repair {
        Repair::Rewrite { version, applied_name, applied_checksum, name, checksum } => format!(
            "version {version} in the history\n  is          {applied_name}, checksum {applied_checksum}\n  would be    {name}, \
             checksum {checksum}"
        ),
        Repair::Remove { version, applied_name, applied_checksum, applied_at } => format!(
            "version {version} in the history\n  is          {applied_name}, checksum {applied_checksum}, applied at \
             {applied_at}\n  would be    removed"
        ),
        Repair::Restart { unfinished } => {
            let would_be = match unfinished.direction {
                Direction::Up => "pending, and started from its first statement, whatever of it is there",
                Direction::Down => "applied in full, whatever its down has removed",
            };
            format!(
                "version {} was begun\n  is          at statement {} of its {}\n  would be    {would_be}",
                unfinished.version,
                unfinished.done + 1,
                unfinished.direction.name()
            )
        }
    }
}
