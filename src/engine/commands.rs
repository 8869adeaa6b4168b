use futures_util::future::BoxFuture;

use super::dry_run::{self, DryRun, DryRunOptions};
use super::{
    DataCheck, DowngradeOptions, DowngradePlan, Error, Migrator, RevisionStatus, Run, RunEnd, RunOutcome,
    Status, UpgradeOptions, data_checks, downgrade, drift, gate, run, status,
};
use crate::db::Connection;
use crate::history::{self, EvidenceKind};
use crate::plan::{Back, Plan, Target};
use crate::safety::{self, AtRisk};

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
    /// The database cannot be reached; history and revisions disagree; a gate refuses; the lock is not had in time, or lost; a
    /// revision fails; the schema has drifted, where that is asked for. Each error says what the database holds then.
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

    /// What [`with_on_drift`](Self::with_on_drift) wants.
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

    /// What [`downgrade`](Self::downgrade) would undo, and what would be lost with it: counted rows of tables and
    /// columns, for at most ten seconds each. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; a revision on the way has no down.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_downgrade(&self, back: Back) -> BoxFuture<'_, Result<DowngradePlan, Error>> {
        Box::pin(async move { downgrade::plan_downgrade(self, &self.connect().await?, back).await })
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

    /// Asks again what had to hold after the ups of the applied revisions, as the role, each check in a transaction of its
    /// own that reads only. Takes no lock but those of reading.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read. A check that does not hold is no error.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn check_data(&self) -> BoxFuture<'_, Result<Vec<DataCheck>, Error>> {
        Box::pin(async move { data_checks::check_data(self, &self.connect().await?).await })
    }

    /// What [`upgrade`](Self::upgrade) or [`downgrade`](Self::downgrade) would do: its hazards, and from a rehearsal the locks,
    /// rewrites, rows and times of each statement and the schema afterwards.
    ///
    /// Nothing that it does stays, but for what PostgreSQL itself does not roll back, which the result names. A rehearsal on the
    /// database itself runs the steps, functions and hooks of Rust included, under the migration lock in one transaction that
    /// is rolled back. While it runs it holds the locks that the steps take, for no longer than its [`Bounds`](super::dry_run::Bounds)
    /// say, and rows that it writes leave dead ones behind. A rehearsal elsewhere makes a database beside this one and drops it
    /// again, which wants CREATEDB; revisions run there in earnest.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the lock is not had; the database that is to be cloned
    /// is in use. A step that fails is no error, but a result.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn dry_run<'a>(&'a self, options: &'a DryRunOptions) -> BoxFuture<'a, Result<DryRun, Error>> {
        Box::pin(self.observed(
            "dry_run",
            RunEnd::succeeded,
            Box::pin(async move { dry_run::dry_run(self, &self.connect().await?, options).await }),
        ))
    }

    /// Records that the plan of this hash was rehearsed, or that a backup was taken for it; `note` says how, or which. Takes the
    /// migration lock, and writes `hardtack.evidence` and the run log.
    ///
    /// # Errors
    /// The database cannot be reached; the lock is not had in time; the role may not write.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn record_evidence<'a>(
        &'a self,
        kind: EvidenceKind,
        plan: &'a str,
        note: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { gate::record(self, &self.connect().await?, (kind, plan, note)).await })
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

    /// Which tables [`upgrade`](Self::upgrade) can lose data of, as its texts and the catalog tell. Writes nothing and takes
    /// no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the target is unknown or behind; the catalog cannot
    /// be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn tables_at_risk(&self, target: Target) -> BoxFuture<'_, Result<AtRisk, Error>> {
        Box::pin(async move {
            let client = &self.connect().await?.client;
            let history = history::read(client, self.history_table()).await?;
            let plan = Plan::upgrade(self.revisions(), &history, target, self.out_of_order)?;
            safety::at_risk(client, self.history_table(), &plan).await.map_err(|source| {
                let left = "nothing was changed";
                Error::State { action: "tell which tables the upgrade can lose data of", left, source }
            })
        })
    }
}
