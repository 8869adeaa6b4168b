use std::fmt::Write;
use std::io::IsTerminal;

use clap::{Args, Subcommand};
use serde::Serialize;
use time::OffsetDateTime;

use super::ExitCode;
use super::backup_settings::{depth, jobs, place, recipients};
use super::output::{count, human, remark};
use super::session::{Failure, Session};
use crate::backup::{Depth, Listed, Place, Recipients, Strategy, Stream, Verified};
use crate::engine::{BackupOptions, Keep, Migrator, TakenBackup};
use crate::words;

pub(super) const EXAMPLES: &str = "Examples:
  hardtack backup                              all of it, by pg_dump, into ./backups
  hardtack backup --strategy tables            the rows of the tables that the pending revisions can lose data of
  hardtack backup --strategy tables --table 'orders*' --table audit.log
  hardtack backup --output /mnt/backups --keep 7 --verify full
  hardtack backup --output - | ssh vault 'tar -x -C /backups'
  hardtack backup list
  hardtack backup verify orders-20261128T183120Z-v21-full --depth full
  hardtack backup verify /mnt/backups/orders-20261128T183120Z-v21-full
  hardtack backup prune --keep 7 --keep-days 30

The database is only read. `full` and `schema-only` want a pg_dump of the server's version or newer; `tables` wants no other program.
A backup has no name before it is whole and on disk. Removing old ones spares the newest of each strategy, and the newest that was
verified as thoroughly as any was.

Exit status: 0 taken, or what was asked of it is true; 1 it failed, and nothing is left of it, or it is there and not verified, which
the message says; 6 refused before anything was written; 7 it is not what was taken; 8 stopped.";

/// What `backup` takes.
#[derive(Args, Clone, Debug, Default)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct BackupArgs {
    /// What to do with backups that are there
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
    /// What is taken: full, schema-only or tables [default: full]
    #[arg(long, value_name = "STRATEGY")]
    pub strategy: Option<Strategy>,
    /// A table whose rows are taken, NAME or SCHEMA.NAME, with * for anything; again for more [default: those that the pending
    /// revisions can lose data of]
    #[arg(long = "table", value_name = "PATTERN")]
    pub tables: Vec<String>,
    /// The directory where backups are, or the URL of an object store; - for standard output, as a tar stream [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<String>,
    /// How it is verified once it is taken: quick, full or none [env: HARDTACK_BACKUP_VERIFY] [default: quick]
    #[arg(long, value_name = "DEPTH", value_parser = Verification::parse)]
    pub verify: Option<Verification>,
    /// Remove older ones of this database but for so many of the newest [env: HARDTACK_BACKUP_KEEP]
    #[arg(long, value_name = "NUMBER")]
    pub keep: Option<usize>,
    /// Remove older ones of this database but for those of so many days [env: HARDTACK_BACKUP_KEEP_DAYS]
    #[arg(long, value_name = "DAYS")]
    pub keep_days: Option<u32>,
    /// Encrypt it for the holder of this key of age, age1..; again for more [env: HARDTACK_BACKUP_ENCRYPT_TO]
    #[arg(long, value_name = "KEY", value_parser = recipients)]
    pub encrypt_to: Vec<Recipients>,
    /// How many tables at once [env: HARDTACK_BACKUP_JOBS] [default: 2]
    #[arg(long, short, value_name = "NUMBER", value_parser = jobs)]
    pub jobs: Option<usize>,
}

/// What to do with backups that are there.
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum BackupCommand {
    /// List them, the oldest first
    List(PlaceArgs),
    /// Tell whether one is what was taken
    Verify {
        /// Its name, or the path of its folder
        backup: String,
        /// quick reads it all; full restores it too, into a scratch database
        #[arg(long, value_name = "DEPTH", default_value = "quick")]
        depth: Depth,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
        place: PlaceArgs,
    },
    /// Remove old ones of this database
    #[command(group(clap::ArgGroup::new("kept").required(true).multiple(true)))]
    Prune {
        /// Keep so many of the newest
        #[arg(long, value_name = "NUMBER", group = "kept")]
        keep: Option<usize>,
        /// Keep those of so many days
        #[arg(long, value_name = "DAYS", group = "kept")]
        keep_days: Option<u32>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
        place: PlaceArgs,
    },
}

/// Where backups are.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct PlaceArgs {
    /// The directory, or the URL of an object store, where backups are [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, value_name = "DIR")]
    pub backups: Option<String>,
}

/// A backup that a run begins with.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct BackupFirst {
    /// Back up first, before anything is touched: full, schema-only or tables; with backups as they are configured
    #[arg(long, value_name = "STRATEGY", num_args = 0..=1, require_equals = true, default_missing_value = "full",
        conflicts_with = "dry_run", help_heading = "Backup")]
    pub backup: Option<Strategy>,
    /// The directory, or the URL of an object store, where backups are [env: HARDTACK_BACKUPS] [default: backups]
    #[arg(long, value_name = "DIR", requires = "backup", help_heading = "Backup")]
    pub backups: Option<String>,
    /// How it is verified before the run goes on: quick, full or none [env: HARDTACK_BACKUP_VERIFY] [default: quick]
    #[arg(long, value_name = "DEPTH", value_parser = Verification::parse, requires = "backup", help_heading = "Backup")]
    pub backup_verify: Option<Verification>,
}

impl BackupFirst {
    /// The same migrator, which takes the backup that is wanted.
    pub(super) fn before(&self, session: &Session, migrator: Migrator) -> Result<Migrator, Failure> {
        let Some(strategy) = self.backup else { return Ok(migrator) };
        let mut options = configured(session, strategy, self.backups.as_deref())?;
        if let Some(Verification(depth)) = self.backup_verify {
            options.verify = depth;
        }
        Ok(migrator.with_backup(options))
    }
}

/// How a backup is verified once it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification(pub Option<Depth>);

impl Verification {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        depth(text).map(Self)
    }
}

pub(super) async fn run(session: &mut Session, args: &BackupArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        None => take(session, args).await,
        Some(BackupCommand::List(place)) => list(session, place).await,
        Some(BackupCommand::Verify { backup, depth, place }) => verify(session, backup, *depth, place).await,
        Some(BackupCommand::Prune { keep, keep_days, place }) => {
            let keep = Keep { newest: *keep, days: *keep_days };
            prune(session, keep, place).await
        }
    }
}

/// The options that configuration gives to a backup of that kind.
pub(super) fn configured(
    session: &Session,
    strategy: Strategy,
    named: Option<&str>,
) -> Result<BackupOptions, Failure> {
    let settings = &session.settings.backup;
    let place = place_of(session, named)?;
    Ok(BackupOptions {
        recipients: settings.recipients.value.clone(),
        identities: settings.identities()?,
        jobs: settings.jobs.value,
        programs: session.settings.pg_bin.value.clone(),
        verify: settings.verify.value,
        keep: settings.keep(),
        ..BackupOptions::new(strategy, place)
    })
}

/// The place that somebody names, or else the one that is configured.
fn place_of(session: &Session, named: Option<&str>) -> Result<Place, Failure> {
    named.map_or_else(|| Ok(session.settings.backup.place.value.clone()), place)
}

/// The place and the name of a backup that somebody names by either.
pub(super) fn named(
    session: &Session,
    backup: &str,
    place: Option<&str>,
) -> Result<(Place, String), Failure> {
    let name = backup.trim_end_matches('/');
    // What a shell completes of a name in the working directory is a name.
    if name.is_empty() || name.contains('/') {
        let told = Place::without_secrets(backup);
        return Place::of_backup(backup)
            .map_err(|reason| Failure::usage(format!("use {told:?} as a backup: {reason}")));
    }
    Ok((place_of(session, place)?, name.to_owned()))
}

async fn take(session: &mut Session, args: &BackupArgs) -> Result<ExitCode, Failure> {
    let strategy = args.strategy.unwrap_or(Strategy::Full);
    if strategy != Strategy::Tables && !args.tables.is_empty() {
        return Err(Failure::usage("take some tables alone: --table goes with --strategy tables"));
    }
    let is_streamed = args.output.as_deref() == Some("-");
    let configured = configured(session, strategy, args.output.as_deref().filter(|_| !is_streamed))?;
    let options = BackupOptions {
        place: if is_streamed { standard_output(args)? } else { configured.place },
        tables: args.tables.clone(),
        verify: args.verify.map_or(configured.verify, |verification| verification.0),
        keep: Keep {
            newest: args.keep.or(configured.keep.newest),
            days: args.keep_days.or(configured.keep.days),
        },
        recipients: match args.encrypt_to.is_empty() {
            true => configured.recipients,
            false => args.encrypt_to.iter().cloned().collect(),
        },
        jobs: args.jobs.unwrap_or(configured.jobs),
        ..configured
    };
    let migrator = session.lenient_migrator().await?;
    let taken = migrator.backup(&options).await?;
    match options.place {
        // Standard output has the backup.
        Place::Stream(_) => remark(&taken_text(&taken)),
        _ => session.output.result(&taken, &taken_text(&taken)),
    }
    Ok(ExitCode::Success)
}

fn standard_output(args: &BackupArgs) -> Result<Place, Failure> {
    let is_verified = args.verify.is_some_and(|verification| verification.0.is_some());
    if is_verified || args.keep.is_some() || args.keep_days.is_some() {
        return Err(Failure::usage(
            "verify what goes to standard output, or remove older ones there: nobody can read it again; leave --verify, --keep \
             and --keep-days away, and verify it where it arrives",
        ));
    }
    let stdout = std::io::stdout();
    if stdout.is_terminal() {
        return Err(Failure::usage(
            "write a backup to a terminal: send it somewhere, as `--output - | tar -x`",
        ));
    }
    Ok(Place::Stream(Stream::new(stdout)))
}

pub(super) fn taken_text(taken: &TakenBackup) -> String {
    let manifest = &taken.manifest;
    let mut text = format!("{}: {} of {}", taken.path, manifest.strategy, manifest.database.name);
    if manifest.strategy != Strategy::SchemaOnly {
        let (tables, rows) = (manifest.tables.len(), manifest.rows());
        let _ = write!(text, ", {} with {}", count(tables, "table"), words::counted(rows, "row", "rows"));
    }
    let took = std::time::Duration::from_millis(manifest.duration_ms);
    let _ = write!(text, ", {} in {}", words::bytes(manifest.bytes()), human(took));
    text.push_str(match &taken.verified {
        None => "; not verified",
        Some(Verified { depth: Depth::Files, .. }) => {
            "; verified by reading its files; what is in them wants a key, in HARDTACK_BACKUP_IDENTITY"
        }
        Some(Verified { depth: Depth::Quick, .. }) => "; verified by reading it",
        Some(_) => "; verified by restoring it",
    });
    for line in manifest.chosen.lines() {
        let _ = write!(text, "\n  {line}");
    }
    for name in &taken.removed {
        let _ = write!(text, "\nremoved: {name}");
    }
    text
}

#[derive(Serialize)]
struct Backups<'a> {
    place: String,
    backups: &'a [Listed],
}

async fn list(session: &mut Session, args: &PlaceArgs) -> Result<ExitCode, Failure> {
    let place = place_of(session, args.backups.as_deref())?;
    let backups = Migrator::backups(&place).await?;
    let mut text: String = backups.iter().map(line).collect();
    if backups.is_empty() {
        let _ = writeln!(text, "no backups in {place}");
    }
    session.output.result(&Backups { place: place.to_string(), backups: &backups }, &text);
    Ok(ExitCode::Success)
}

fn line(listed: &Listed) -> String {
    let manifest = &listed.manifest;
    let age = OffsetDateTime::now_utc() - manifest.taken_at;
    let age = words::seconds(u64::try_from(age.whole_seconds()).unwrap_or_default());
    let verified = match &listed.verified {
        None => "not verified".to_owned(),
        Some(verified) => format!("verified: {}", verified.depth.name()),
    };
    let encrypted = if manifest.is_encrypted() { ", encrypted" } else { "" };
    format!(
        "{}  {}, {}, {age} old, {verified}{encrypted}\n",
        manifest.name,
        words::bytes(manifest.bytes()),
        words::counted(manifest.rows(), "row", "rows")
    )
}

#[derive(Serialize)]
struct VerifiedBackup<'a> {
    backup: &'a str,
    #[serde(flatten)]
    verified: &'a Verified,
}

async fn verify(
    session: &mut Session,
    backup: &str,
    depth: Depth,
    args: &PlaceArgs,
) -> Result<ExitCode, Failure> {
    let (place, name) = named(session, backup, args.backups.as_deref())?;
    let options = BackupOptions { place, ..configured(session, Strategy::Full, None)? };
    let migrator = session.lenient_migrator().await?;
    let verified = migrator.verify_backup(&options, &name, depth).await?;
    let text = match verified.depth {
        Depth::Files => format!(
            "{name} has the files that were written: each has its hash; what is in them wants a key, in HARDTACK_BACKUP_IDENTITY"
        ),
        Depth::Quick => {
            format!("{name} is what was taken: every file was read, and has its hash and its rows")
        }
        Depth::Full => format!(
            "{name} is what was taken: restored, its catalog has the fingerprint and each table the rows that it had"
        ),
    };
    session.output.result(&VerifiedBackup { backup: &name, verified: &verified }, &text);
    Ok(ExitCode::Success)
}

async fn prune(session: &mut Session, keep: Keep, args: &PlaceArgs) -> Result<ExitCode, Failure> {
    let place = place_of(session, args.backups.as_deref())?;
    let migrator = session.lenient_migrator().await?;
    let removed = migrator.prune_backups(&place, keep).await?;
    let text = match removed.as_slice() {
        [] => "nothing to remove".to_owned(),
        removed => removed.iter().map(|name| format!("removed {name}\n")).collect(),
    };
    session.output.result(&Removed { removed: &removed }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Removed<'a> {
    removed: &'a [String],
}
