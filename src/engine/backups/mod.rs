//! Backups of the migrator's database: taken, verified, put back.

mod migrator;
mod options;
mod rebuilt;
mod restore;
mod take;
mod verify;

pub use options::{BackupOptions, Keep, RestoreOptions, TakenBackup};
pub use restore::{PutBack, Restored};
pub(super) use take::{before_run, scratch_refusal};
pub(super) use verify::verify;

use super::{Error, Migrator};
use crate::backup::BackupError;

/// Work that may be left in the middle; `left` says what there is then.
async fn until_stopped<T, E: Into<Error>>(
    migrator: &Migrator,
    left: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    tokio::select! {
        done = work => done.map_err(Into::into),
        () = migrator.stop.requested() => Err(BackupError::Stopped { left }.into()),
    }
}
