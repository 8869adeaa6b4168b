use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{BackupOptions, Keep, RestoreOptions, Restored, TakenBackup, restore, take, verify};
use crate::backup::{self, Depth, Listed, Place, Series, Verified};
use crate::engine::{Error, Migrator, RunEnd};

impl Migrator {
    /// Takes a backup in [`upgrade`](Self::upgrade) and [`downgrade`](Self::downgrade), under the lock and before anything is
    /// touched, where something is to be done. A run without its backup does not begin. It counts as the backup that a gate
    /// wants, unless it has no rows.
    #[must_use]
    pub fn with_backup(mut self, backup: BackupOptions) -> Self {
        self.backup = Some(Arc::new(backup));
        self
    }

    /// Takes a backup of what the database holds at one moment. Takes the weakest lock on each table that it reads, and no
    /// migration lock, so that it may run beside everything but a migration that wants a table to itself. Writes nothing to
    /// the database, but for `hardtack.evidence` where a gate wants a backup for the pending plan.
    ///
    /// # Errors
    /// The database cannot be reached; `pg_dump` is missing, too old or fails; there is too little space; the role may not make
    /// the database that a full verification wants. Nothing is left of it then, and other backups are as they were. One that was
    /// taken and does not verify is there: [`Error::NotVerified`] names it.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn backup<'a>(&'a self, options: &'a BackupOptions) -> BoxFuture<'a, Result<TakenBackup, Error>> {
        Box::pin(self.observed(
            "backup",
            RunEnd::succeeded,
            Box::pin(async move { take::backup(self, &self.connect().await?, options).await }),
        ))
    }

    /// The backups of a place, of whatever database, the oldest first.
    ///
    /// # Errors
    /// The place cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn backups(place: &Place) -> BoxFuture<'_, Result<Vec<Listed>, Error>> {
        Box::pin(async move { Ok(backup::list(place).await?) })
    }

    /// Removes the backups of the migrator's database and history that [`Keep`] does not keep, but for those that are known to be
    /// of another server; their names.
    ///
    /// # Errors
    /// The place cannot be read or written; `hardtack.deploy`, which tells what a deploy still wants, cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn prune_backups<'a>(
        &'a self,
        place: &'a Place,
        keep: Keep,
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(async move {
            let of = Series {
                database: self.database().database().to_owned(),
                history: self.history_table().to_string(),
                system: backup::system_of(&self.connect().await?.client).await?,
            };
            take::prune(self, place, &of, keep).await
        })
    }

    /// Verifies the backup of that name, in the place that the options name, and writes that down beside it.
    /// [`Depth::Full`](crate::backup::Depth::Full) makes a scratch database of it on the migrator's server, which is dropped again;
    /// of rows of tables it makes temporary tables in the migrator's database.
    ///
    /// # Errors
    /// It is not what was taken; it cannot be read, or not be restored on this server.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn verify_backup<'a>(
        &'a self,
        options: &'a BackupOptions,
        name: &'a str,
        depth: Depth,
    ) -> BoxFuture<'a, Result<Verified, Error>> {
        Box::pin(async move { verify(self, options, name, depth).await })
    }

    /// Restores a backup. A full one becomes a new database, which is compared with what was taken, and then takes the name of
    /// the migrator's, or another one; the former database is kept. Names change in one transaction, and end the sessions that
    /// the former database has. Rows of tables are put back into the migrator's database, in one transaction under its migration
    /// lock, with each of the tables locked.
    ///
    /// # Errors
    /// The backup is not what was taken, or does not fit; the server refuses. Each error says what there is then; the
    /// original is as it was.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn restore<'a>(&'a self, options: &'a RestoreOptions) -> BoxFuture<'a, Result<Restored, Error>> {
        if options.dry_run {
            return Box::pin(restore::restore(self, options));
        }
        Box::pin(self.observed("restore", RunEnd::succeeded, Box::pin(restore::restore(self, options))))
    }
}
