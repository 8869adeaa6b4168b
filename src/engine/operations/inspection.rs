use std::path::Path;

use futures_util::future::BoxFuture;

use super::dry_run::{self, DryRun, DryRunOptions};
use super::{
    DataCheck, DowngradePlan, Drift, Replay, Snapshots, compare, data_checks, downgrade_plan, drift, gate,
    snapshots,
};
use crate::catalog::{self, Catalog, Difference};
use crate::db::PgDump;
use crate::engine::{Error, Migrator, RunEnd};
use crate::history::{self, EvidenceKind};
use crate::plan::{Back, Plan, Target};
use crate::safety::{self, AtRisk};

/// What would happen, and what has happened to the schema beside the revisions.
impl Migrator {
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

    /// What [`downgrade`](Self::downgrade) would undo, and what would be lost with it: counted rows of tables and
    /// columns, for at most ten seconds each. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; a revision on the way has no down.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_downgrade(&self, back: Back) -> BoxFuture<'_, Result<DowngradePlan, Error>> {
        Box::pin(async move { downgrade_plan::plan_downgrade(self, &self.connect().await?, back).await })
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

    /// Asks again what had to hold after the ups of the applied revisions, as the role, each check in a transaction of its
    /// own that reads only. Takes no lock but those of reading.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read. A check that does not hold is no error.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn check_data(&self) -> BoxFuture<'_, Result<Vec<DataCheck>, Error>> {
        Box::pin(async move { data_checks::check_data(self, &self.connect().await?).await })
    }

    /// Lists the database's catalog, without the history table and hardtack's own. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached, or the server refuses the query.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn catalog(&self) -> BoxFuture<'_, Result<Catalog, Error>> {
        Box::pin(async move { Ok(catalog::introspect(&self.connect().await?, self.history_table()).await?) })
    }

    /// Where the database's catalog differs from what the revisions up to a version make; empty where it does not.
    ///
    /// The revisions are applied to a scratch database, which is made on the same server for it and dropped again; this
    /// wants CREATEDB. What a revision does outside its database (roles, files, Rust code) it does. Nothing is written to
    /// the database itself, and no lock is taken there.
    ///
    /// # Errors
    /// The role has no CREATEDB; a revision fails on the empty database; the version is unknown.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn compare(&self, version: i64) -> BoxFuture<'_, Result<Vec<Difference>, Error>> {
        Box::pin(async move { compare::compare(self, &self.connect().await?, version).await })
    }

    /// What became of the database's schema beside the revisions that are applied to it, object by object.
    ///
    /// At the head it is compared with the snapshot that comes with the revisions, and nothing is written anywhere. Elsewhere,
    /// and where the snapshot is missing, stale, or of a server of another major version, the applied revisions are replayed
    /// on a scratch database as in [`compare`](Self::compare). Where that cannot be, a snapshot of another major version has to
    /// do, and differences that may come of that are kept apart.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; there is neither a snapshot nor a replay.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn drift(&self) -> BoxFuture<'_, Result<Drift, Error>> {
        Box::pin(async move { drift::drift(self, &self.connect().await?).await })
    }

    /// Takes the snapshots of the whole history, in one replay on a scratch database as in [`compare`](Self::compare): one of
    /// its end, and one of what the Rust function of each revision finds. Writes no file.
    ///
    /// A Rust revision that does not say that it changes the schema is passed over where its function is not at hand or
    /// fails, for an empty database has neither the application's rows nor its state; an event tells.
    ///
    /// # Errors
    /// As [`compare`](Self::compare); a revision changes the schema by a function that is not at hand.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn snapshots(&self) -> BoxFuture<'_, Result<Snapshots, Error>> {
        Box::pin(snapshots::snapshots(self))
    }

    /// What the revisions up to a version make of an empty database: its catalog, and its dump.
    ///
    /// As in [`compare`](Self::compare), on a scratch database. `programs` is the directory of `pg_dump`, which must be as
    /// new as the server; without one it is looked for.
    ///
    /// # Errors
    /// As [`compare`](Self::compare); there is no `pg_dump`, or it fails.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn replay<'a>(
        &'a self,
        version: i64,
        programs: Option<&'a Path>,
    ) -> BoxFuture<'a, Result<Replay, Error>> {
        Box::pin(async move {
            let server = self.connect().await?.server_version_num();
            let pg_dump = PgDump::find(programs, server / 10_000).await?;
            compare::replay(self, version, &pg_dump).await
        })
    }
}
