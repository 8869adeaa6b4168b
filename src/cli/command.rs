use clap::Subcommand;

use super::session::{Failure, Session};
use super::{
    AdoptArgs, BackfillsCommand, BaselineArgs, DiffArgs, DowngradeArgs, ExitCode, GenerateArgs, InitArgs,
    LockArgs, RepairArgs, SnapshotArgs, SquashArgs, UpgradeArgs, VerifyArgs, adopt, backfills, baseline,
    diff, downgrade, dry_run, generate, history, init, lock, repair, snapshot, squash, status, upgrade,
    verify,
};
#[cfg(feature = "backup")]
use super::{BackupArgs, DeployArgs, RestoreArgs, backup, deploy, restore};
#[cfg(feature = "admin")]
use super::{TokensCommand, tokens};

/// The commands. An application takes them in as a subcommand of its own:
///
/// ```
/// #[derive(clap::Subcommand)]
/// enum Command {
///     /// Look after the database
///     #[command(subcommand)]
///     Db(hardtack::cli::DbCommand),
/// }
/// ```
#[derive(Clone, Debug, Subcommand)]
#[non_exhaustive]
pub enum DbCommand {
    /// Show what is applied, what is pending and what disagrees
    #[command(after_help = status::EXAMPLES)]
    Status,
    /// Apply pending revisions
    #[command(after_help = format!("{}\n\n{}", dry_run::ABOUT, upgrade::EXAMPLES))]
    Upgrade(UpgradeArgs),
    /// Undo applied revisions by their downs
    #[command(after_help = format!("{}\n\n{}", dry_run::ABOUT, downgrade::EXAMPLES))]
    Downgrade(DowngradeArgs),
    /// Show what was applied, when, and how long it took
    #[command(after_help = history::EXAMPLES)]
    History,
    /// List the backfills that are under way, and pause, resume, cancel or retry one
    #[command(after_help = backfills::EXAMPLES)]
    Backfills {
        /// What to do
        #[command(subcommand)]
        command: Option<BackfillsCommand>,
    },
    /// Check that the database is exactly what this binary expects
    #[command(after_help = verify::EXAMPLES)]
    Verify(VerifyArgs),
    /// Back the database up, and look after its backups
    #[cfg(feature = "backup")]
    #[command(after_help = backup::EXAMPLES)]
    Backup(Box<BackupArgs>),
    /// Restore a backup: a new database in the place of the old one, or rows into the one that is there
    #[cfg(feature = "backup")]
    #[command(after_help = restore::EXAMPLES)]
    Restore(RestoreArgs),
    /// Deploy the pending revisions: rehearse, back up, upgrade, probe, and go back where it fails
    #[cfg(feature = "backup")]
    #[command(after_help = deploy::EXAMPLES)]
    Deploy(Box<DeployArgs>),
    /// Say who may use the admin API: make, list and revoke tokens
    #[cfg(feature = "admin")]
    #[command(after_help = tokens::EXAMPLES)]
    Tokens {
        /// What to do
        #[command(subcommand)]
        command: TokensCommand,
    },
    /// Record revisions as applied on a database that has their schema already
    #[command(after_help = baseline::EXAMPLES)]
    Baseline(BaselineArgs),
    /// Take over a database whose history another tool keeps, from Flyway to Prisma
    #[command(after_help = adopt::EXAMPLES)]
    Adopt(AdoptArgs),
    /// Mend the history row of one revision that was edited or removed after it was applied
    #[command(after_help = repair::EXAMPLES)]
    Repair(RepairArgs),
    /// Make one revision of a range of old ones, which databases of either past accept
    #[command(after_help = squash::EXAMPLES)]
    Squash(SquashArgs),
    /// Write down what the revisions make of a database, for drift and typed tables
    #[command(after_help = snapshot::EXAMPLES)]
    Snapshot(SnapshotArgs),
    /// Show the way from one schema to another: databases, snapshots, revisions, schema files
    #[command(after_help = diff::EXAMPLES)]
    Diff(DiffArgs),
    /// Write the files of a new revision
    #[command(after_help = generate::EXAMPLES)]
    Generate(GenerateArgs),
    /// Pin the revisions of a folder in its hardtack.lock, as shipped
    #[command(after_help = lock::EXAMPLES)]
    Lock(LockArgs),
    /// Set hardtack up in an existing crate, leaving what is there alone
    #[command(after_help = init::EXAMPLES)]
    Init(InitArgs),
}

impl DbCommand {
    pub(super) async fn run(&self, session: &mut Session) -> Result<ExitCode, Failure> {
        match self {
            Self::Status => status::run(session).await,
            Self::Upgrade(args) => upgrade::run(session, args).await,
            Self::Downgrade(args) => downgrade::run(session, args).await,
            Self::History => history::run(session).await,
            Self::Backfills { command } => backfills::run(session, command.as_ref()).await,
            Self::Verify(args) => verify::run(session, args).await,
            #[cfg(feature = "backup")]
            Self::Backup(args) => backup::run(session, args).await,
            #[cfg(feature = "backup")]
            Self::Restore(args) => restore::run(session, args).await,
            #[cfg(feature = "backup")]
            Self::Deploy(args) => deploy::run(session, args).await,
            #[cfg(feature = "admin")]
            Self::Tokens { command } => tokens::run(session, command).await,
            Self::Baseline(args) => baseline::run(session, args).await,
            Self::Adopt(args) => adopt::run(session, args).await,
            Self::Repair(args) => repair::run(session, args).await,
            Self::Squash(args) => squash::run(session, args).await,
            Self::Snapshot(args) => snapshot::run(session, *args).await,
            Self::Diff(args) => diff::run(session, args).await,
            Self::Generate(args) => generate::run(session, args).await,
            Self::Lock(args) => lock::run(session, *args),
            Self::Init(args) => init::run(session, args),
        }
    }
}
