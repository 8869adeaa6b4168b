//! Backups of the migrator's database: taken, verified, put back.

mod options;
mod restore;
mod take;
mod verify;

pub use options::{BackupOptions, Keep, RestoreOptions, TakenBackup};
pub(super) use restore::restore;
pub use restore::{PutBack, Restored};
pub(super) use take::{backup, before_run, in_use};
pub(super) use verify::verify;
