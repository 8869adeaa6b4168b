use futures_util::future::BoxFuture;

use super::operations::drift;
use super::{
    DowngradeOptions, Error, Migrator, RevisionStatus, Run, RunEnd, RunOutcome, Status, UpgradeOptions,
    downgrade, run, status,
};
use crate::db::Connection;
use crate::history;
use crate::plan::{Plan, Target};

/// Up and down, and what tells before and after.
impl Migrator {
    /// Applies what is pending, exactly once however many processes call this together.
    ///
    /// With nothing pending it takes one query: no lock, nothing written. Otherwise it takes the migration lock on
    /// a second connection, reads the history again, and applies revision by revision, each with its history row in one
    /// transaction. It writes the history table, `hardtack.run` and `hardtack.step`, and creates them where they
    /// are missing. When it returns, everything it reports is on disk.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the lock is not had in time, or lost; a revision
    /// fails; with the feature `operations` also: a gate refuses; the schema has drifted, where that is asked for. Each
    /// error says what the database holds then.
    ///
    /// The future is boxed here, so that it is compiled with this crate and not again with every application.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn upgrade(&self, options: UpgradeOptions) -> BoxFuture<'_, Result<Run, Error>> {
        let work = async move { self.apply(&self.connect().await?, options).await };
        Box::pin(self.observed("upgrade", RunEnd::of_run, Box::pin(work)))
    }

    /// The same on an open connection.
    pub(crate) async fn upgrade_on(
        &self,
        connection: &Connection,
        options: UpgradeOptions,
    ) -> Result<Run, Error> {
        self.observed("upgrade", RunEnd::of_run, Box::pin(self.apply(connection, options))).await
    }

    async fn apply(&self, connection: &Connection, options: UpgradeOptions) -> Result<Run, Error> {
        let run = run::upgrade(self, connection, options).await?;
        if run.outcome != RunOutcome::Stopped {
            self.look_for_drift(connection).await?;
        }
        Ok(run)
    }

    /// What an upgrade is to do about drift, with the feature `operations`.
    pub(crate) async fn look_for_drift(&self, connection: &Connection) -> Result<(), Error> {
        drift::after_upgrade(self, connection).await
    }

    /// Whether the database has exactly what this binary has: one query.
    pub(crate) async fn is_at_head(&self, connection: &Connection) -> Result<bool, Error> {
        Ok(history::at_head(&connection.client, self.history_table(), self.revisions()).await?)
    }

    /// Undoes applied revisions, the newest first, by their downs: each with its history row in one transaction, under the
    /// same lock and the same session rules as [`upgrade`](Self::upgrade). The run log keeps what was undone.
    ///
    /// # Errors
    /// As `upgrade`; and a revision on the way has no down, or the history is not the one that was agreed to.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn downgrade(&self, options: DowngradeOptions) -> BoxFuture<'_, Result<Run, Error>> {
        Box::pin(self.observed(
            "downgrade",
            RunEnd::of_run,
            Box::pin(async move { downgrade::downgrade(self, &self.connect().await?, &options).await }),
        ))
    }

    /// Reads what is applied, what is pending and what disagrees. Writes nothing and takes no lock. The metrics of where the
    /// database stands, with the feature `metrics`, are then as of now.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn status(&self) -> BoxFuture<'_, Result<Status, Error>> {
        Box::pin(async move {
            let status = status::status(self, &self.connect().await?).await?;
            #[cfg(feature = "metrics")]
            status.record();
            Ok(status)
        })
    }

    /// What [`upgrade`](Self::upgrade) would run. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the target is unknown or behind.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan(&self, target: Target) -> BoxFuture<'_, Result<Vec<RevisionStatus>, Error>> {
        Box::pin(async move {
            let history = history::read(&self.connect().await?.client, self.history_table()).await?;
            let plan = Plan::upgrade(self.revisions(), &history, target, self.out_of_order)?;
            Ok(plan.steps.into_iter().map(RevisionStatus::of).collect())
        })
    }
}
