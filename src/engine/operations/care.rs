use futures_util::future::BoxFuture;

use super::{Fault, Marked, Repair, baseline, repair};
use crate::engine::{Error, Migrator, RevisionStatus, RunEnd};
use crate::history;

/// Care for a history: nothing here runs a revision on the database itself.
impl Migrator {
    /// What [`baseline`](Self::baseline) would record. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the version is unknown.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_baseline(&self, version: i64) -> BoxFuture<'_, Result<Vec<RevisionStatus>, Error>> {
        Box::pin(async move {
            let history = history::read(&self.connect().await?.client, self.history_table()).await?;
            let revisions = baseline::unrecorded(self, &history, version)?;
            Ok(revisions.into_iter().map(RevisionStatus::of).collect())
        })
    }

    /// Records the revisions up to a version as applied, without running them: for a database that has the schema
    /// already. Whether it has is for [`compare`](Self::compare) to say; this does not look.
    ///
    /// Under the migration lock and in one transaction it writes the history table, which it creates where it is missing,
    /// and the run log, with the reason.
    ///
    /// # Errors
    /// The database cannot be reached; the lock is not had; history and revisions disagree; the version is unknown.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn baseline<'a>(&'a self, version: i64, reason: &'a str) -> BoxFuture<'a, Result<Marked, Error>> {
        Box::pin(self.observed(
            "baseline",
            RunEnd::of_marked,
            Box::pin(async move { baseline::baseline(self, &self.connect().await?, version, reason).await }),
        ))
    }

    /// Plans the mending of one revision's history. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; the revision is not broken in that way.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_repair(&self, version: i64, fault: Fault) -> BoxFuture<'_, Result<Repair, Error>> {
        Box::pin(async move {
            let history = history::read(&self.connect().await?.client, self.history_table()).await?;
            repair::plan(self, &history, version, fault)
        })
    }

    /// Mends one revision's history as planned, under the migration lock and in one transaction with the run log, which
    /// keeps the old row and the reason. The schema is not touched.
    ///
    /// # Errors
    /// The database cannot be reached; the lock is not had; the history is no longer as it was planned for.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn repair<'a>(&'a self, repair: &'a Repair, reason: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.observed(
            "repair",
            RunEnd::succeeded,
            Box::pin(async move { repair::repair(self, &self.connect().await?, repair, reason).await }),
        ))
    }
}
