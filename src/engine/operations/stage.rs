use std::sync::Arc;

use super::dry_run::Probe;
use crate::catalog::{self, Catalog};
use crate::config::HistoryTable;
use crate::db::{ConnectOptions, Connection, Likeness, Scratch, as_role, connect};
use crate::engine::run::{self, RunOutcome, UpgradeOptions};
use crate::engine::{APPLICATION_NAME, DowngradeOptions, Error, Migrator, StepError, downgrade};
use crate::plan::Back;
use crate::revisions::{Revision, RevisionSet};

/// A scratch database on which revisions are tried, with a session in it.
pub(super) struct Stage {
    scratch: Scratch,
    connection: Connection,
    migrator: Migrator,
    /// The history table that the migrator has elsewhere.
    history: HistoryTable,
}

impl Stage {
    /// Makes a scratch database beside the migrator's. It stays until it is [cleared](Self::clear).
    pub(super) async fn set_up(migrator: &Migrator) -> Result<Self, Error> {
        let table = migrator.history_table();
        let scratch =
            Scratch::create(migrator.database(), table.role(), Likeness::Beside, APPLICATION_NAME).await?;
        // Beside hardtack's own tables, so that nothing of a history is in the way.
        let there =
            migrator.clone().on_scratch(scratch.options().clone()).with_history_table(table.of_replay());
        match connect(scratch.options(), APPLICATION_NAME).await {
            Ok(connection) => Ok(Self { scratch, connection, migrator: there, history: table.clone() }),
            Err(error) => {
                // What is told is why it is of no use.
                let _ = scratch.discard().await;
                Err(error.into())
            }
        }
    }

    /// Measures what is done from here on.
    pub(super) fn measure(&mut self, probe: Arc<Probe>) {
        self.migrator = self.migrator.clone().with_probe(probe);
    }

    /// How to reach it.
    pub(super) fn options(&self) -> &ConnectOptions {
        self.scratch.options()
    }

    /// Applies those of the revisions that are not applied yet.
    pub(super) async fn apply(&self, revisions: &[Revision]) -> Result<(), Error> {
        self.make_schema_of_history().await?;
        let there = self.migrator.clone().with_revisions(&RevisionSet::from_revisions(revisions.to_vec()));
        let run = run::upgrade(&there, &self.connection, UpgradeOptions::default()).await?;
        if run.outcome == RunOutcome::Stopped { Err(StepError::Stopped.into()) } else { Ok(()) }
    }

    /// Undoes the newest of the revisions, all of which are applied.
    pub(super) async fn undo_newest(&self, revisions: &[Revision]) -> Result<(), Error> {
        let there = self.migrator.clone().with_revisions(&RevisionSet::from_revisions(revisions.to_vec()));
        let options = DowngradeOptions { back: Back::Steps(1), agreed: None };
        let run = downgrade::downgrade(&there, &self.connection, &options).await?;
        if run.outcome == RunOutcome::Stopped { Err(StepError::Stopped.into()) } else { Ok(()) }
    }

    /// What is there, but for what an upgrade makes for the history table.
    pub(super) async fn catalog(&self) -> Result<Catalog, Error> {
        let catalog = catalog::introspect(&self.connection, &self.history).await?;
        Ok(Catalog { history_schema: self.history.own_schema().map(str::to_owned), ..catalog })
    }

    /// The schema that an upgrade makes for the history table is there before the first revision.
    async fn make_schema_of_history(&self) -> Result<(), Error> {
        if self.history.own_schema().is_some() {
            let schema = crate::engine::execute::create_schema(&self.history);
            let text = format!("begin; {}{schema}; commit", as_role(self.history.role()));
            self.connection.client.batch_execute(&text).await.map_err(catalog::CatalogError::from)?;
        }
        Ok(())
    }

    /// Drops the database, whatever came of it.
    pub(super) async fn clear<T>(self, outcome: Result<T, Error>) -> Result<T, Error> {
        let dropped = self.scratch.discard().await;
        let outcome = outcome?;
        dropped?;
        Ok(outcome)
    }
}
