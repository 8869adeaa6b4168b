use std::fmt::Write;

use clap::Args;

use super::ExitCode;
use super::backup::{PlaceArgs, named};
use super::output::{count, human, remark};
use super::session::{Failure, Session};
use crate::backup::Strategy;
use crate::db::quote_identifier;
use crate::engine::{RestoreOptions, Restored};
use crate::words;

pub(super) const EXAMPLES: &str = "Examples:
  hardtack restore orders-20261128T183120Z-v21-full --dry-run
  hardtack restore orders-20261128T183120Z-v21-full          in the place of the database, which is kept
  hardtack restore orders-20261128T183120Z-v21-full --into orders_look
  hardtack restore /mnt/backups/orders-20261128T183120Z-v20-tables --yes

A full backup becomes a new database beside the one that is there. Its catalog's fingerprint and the rows of each table are compared
with what was taken before it gets the name; both names change in one transaction, which ends the sessions of the old one. Whoever
logs in at that very moment may be told once that there is no such database. The old one is kept as NAME_before_TIME until somebody
drops it (--drop-old does). Rows of tables go back into the database that is there, in one transaction, exactly as they were: rows
that came since are removed from those tables.

What does not fit is refused, with exit code 6: another database's backup, one of a newer server, one that is at another version.";

/// What `restore` takes.
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// The backup's name, or the path of its folder
    pub backup: String,
    /// Make another database of it, beside the one that is there
    #[arg(long, value_name = "NAME")]
    pub into: Option<String>,
    /// Say whether it fits and what would be done; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Drop the old database once the new one has its name
    #[arg(long, conflicts_with = "into")]
    pub drop_old: bool,
    /// Go on without asking
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub place: PlaceArgs,
}

pub(super) async fn run(session: &mut Session, args: &RestoreArgs) -> Result<ExitCode, Failure> {
    let (place, name) = named(session, &args.backup, args.place.backups.as_deref())?;
    let options = RestoreOptions {
        into: args.into.clone(),
        drop_old: args.drop_old,
        identities: session.settings.backup.identities()?,
        jobs: session.settings.backup.jobs.value,
        programs: session.settings.pg_bin.value.clone(),
        dry_run: true,
        ..RestoreOptions::new(place, name)
    };
    let migrator = session.lenient_migrator().await?;
    let planned = migrator.restore(&options).await?;
    if planned.is_of_another_server {
        remark(
            "warning: the backup was taken on another server; a database there may have had the same name",
        );
    }
    if args.dry_run {
        session.output.result(&planned, &plan_text(&planned));
        return Ok(ExitCode::Success);
    }
    // Another database beside the others is in nobody's way.
    if args.into.is_none() {
        if !args.yes {
            remark(&plan_text(&planned));
        }
        session.confirm(args.yes, &format!("restore {}?", planned.database))?;
    }
    let restored = migrator.restore(&RestoreOptions { dry_run: false, ..options }).await?;
    session.output.result(&restored, &restored_text(&restored));
    Ok(ExitCode::Success)
}

fn plan_text(planned: &Restored) -> String {
    let manifest = &planned.manifest;
    let version =
        manifest.version.map_or("an empty history".to_owned(), |version| format!("version {version}"));
    let mut text = format!(
        "{} is what was taken: {} of {} at {version}, {}\n",
        planned.path,
        manifest.strategy,
        manifest.database.name,
        words::counted(manifest.rows(), "row", "rows")
    );
    let database = &planned.database;
    if manifest.archive.is_some() {
        let _ = writeln!(
            text,
            "it would become a new database, be compared with what was taken, and get the name {database}"
        );
        if let Some(kept) = &planned.kept {
            let sessions = words::counted(planned.sessions, "session", "sessions");
            let _ = writeln!(
                text,
                "the one that is there has {sessions}, which would end; it would be kept as {kept}"
            );
        }
    } else {
        let _ = writeln!(text, "its rows would go back into {database}, in one transaction:");
        planned.tables.iter().for_each(|table| {
            let _ = writeln!(text, "  {table}");
        });
    }
    text
}

fn restored_text(restored: &Restored) -> String {
    let (database, took) = (&restored.database, human(restored.duration));
    if let Some(proof) = &restored.proof {
        let rows = match restored.manifest.strategy {
            Strategy::SchemaOnly => "its history".to_owned(),
            _ => {
                let rows = words::counted(proof.rows, "row", "rows");
                format!("{} with {rows}", count(proof.tables, "table"))
            }
        };
        let mut text = format!(
            "{database} is what {} holds: {rows} and the catalog {} are as they were; in {took}",
            restored.path,
            proof.fingerprint.get(..12).unwrap_or_default()
        );
        if proof.uncertain > 0 {
            let _ = write!(
                text,
                "\n{} of the catalog are written in another way by this major version of the server",
                count(proof.uncertain, "object")
            );
        }
        if let Some(kept) = &restored.kept {
            let _ = write!(
                text,
                "\nthe one before is kept as {kept}; when it is no longer wanted: drop database {}",
                quote_identifier(kept)
            );
        }
        return text;
    }
    let mut text = format!("{database} has its rows back, in {took}:");
    for table in &restored.tables {
        let _ = write!(text, "\n  {table}");
    }
    text
}
