use std::path::Path;

use futures_util::future::BoxFuture;

use super::{
    Drift, Error, Fault, Marked, Migrator, Repair, Replay, RevisionStatus, RunEnd, Snapshots, baseline,
    compare, drift, repair, snapshots,
};
use crate::catalog::{self, Catalog, Difference};
use crate::db::PgDump;
use crate::history;

/// Care for a history: nothing here runs a revision on the database itself.
impl Migrator {
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
