use time::OffsetDateTime;

use super::rebuilt::rebuilt;
use super::{BackupOptions, until_stopped};
use crate::backup::{self, BackupError, Depth, Stored, Strategy, Verified};
use crate::engine::{APPLICATION_NAME, Error, Event, Migrator};
use crate::revisions::Progress;

/// What there is when that was stopped.
const NOT_VERIFIED: &str = "the backup is as it was, and so is every database";

/// Verifies a backup of any database, and writes that down beside it.
pub(in crate::engine) async fn verify(
    migrator: &Migrator,
    options: &BackupOptions,
    name: &str,
    depth: Depth,
) -> Result<Verified, Error> {
    let stored = Stored::open(&options.place, name, &options.identities).await?;
    let server_version = look(migrator, options, &stored, depth).await?;
    let depth = if stored.is_readable() { depth } else { Depth::Files };
    let at = OffsetDateTime::now_utc();
    let verified = Verified { depth, at: at.replace_nanosecond(0).unwrap_or(at), server_version };
    backup::record_verified(&options.place, name, &verified).await?;
    Ok(verified)
}

/// The version of the server that it was restored on.
async fn look(
    migrator: &Migrator,
    options: &BackupOptions,
    stored: &Stored,
    depth: Depth,
) -> Result<Option<u32>, Error> {
    let read = read_through(migrator, stored, options.jobs, options.programs.as_deref());
    until_stopped(migrator, NOT_VERIFIED, read).await?;
    if depth != Depth::Full {
        return Ok(None);
    }
    Ok(Some(match stored.manifest.strategy {
        Strategy::Full | Strategy::SchemaOnly => rebuild(migrator, options, stored).await?,
        // Its transaction is rolled back.
        Strategy::Tables => until_stopped(migrator, NOT_VERIFIED, reload(migrator, stored)).await?,
    }))
}

/// Refuses a backup whose files are not what was written.
pub(super) async fn read_through(
    migrator: &Migrator,
    stored: &Stored,
    jobs: usize,
    programs: Option<&std::path::Path>,
) -> Result<(), BackupError> {
    let mut faults = backup::read_through(stored, jobs).await?;
    if faults.is_empty() {
        faults = backup::check_contents(stored, programs, migrator.database()).await?;
    }
    let backup = stored.path.clone();
    if faults.is_empty() { Ok(()) } else { Err(BackupError::Unsound { backup, faults }) }
}

async fn rebuild(migrator: &Migrator, options: &BackupOptions, stored: &Stored) -> Result<u32, Error> {
    let beside = backup::maintenance(migrator.database(), APPLICATION_NAME).await?;
    let with = (options.jobs, options.programs.as_deref());
    let (scratch, _) = rebuilt(migrator, stored, &beside, with).await?;
    let version = scratch.beside().server_version_num();
    scratch.discard().await?;
    Ok(version)
}

async fn reload(migrator: &Migrator, stored: &Stored) -> Result<u32, Error> {
    let connection = migrator.connect().await?;
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    backup::reload(&connection.client, migrator.history_table().role(), stored, &tell).await?;
    Ok(connection.server_version_num())
}
