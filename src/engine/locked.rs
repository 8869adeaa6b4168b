use tokio_postgres::Client;

use super::cause::advised;
use super::hygiene::Hygiene;
use super::lock::{LockGuard, answered};
use super::preflight::{Intent, preflight};
use super::run::{RunSettings, prepare_state};
use super::worker::Worker;
use super::{Error, Event, Migrator, StepError};
use crate::db::{Connection, ServerMessage};
use crate::history::{self, History, Opening, Outcome, RunLog};

#[cfg(feature = "operations")]
mod changes;

/// The migration lock with what was read under it.
pub(super) struct Locked<'a> {
    migrator: &'a Migrator,
    connection: &'a Connection,
    guard: LockGuard,
    hygiene: Hygiene,
    /// Of hardtack's own tables.
    system: History,
    pub(super) history: History,
}

/// A run that has its row in the run log.
pub(super) struct Running {
    log: RunLog,
    settings: RunSettings,
}

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Finished,
    Stopped,
}

impl<'a> Locked<'a> {
    /// Asks what cannot work, takes the lock, and reads the history, which nobody else writes while it is held.
    pub(super) async fn acquire(
        migrator: &'a Migrator,
        connection: &'a Connection,
        intent: &Intent<'_>,
    ) -> Result<Self, Error> {
        let hygiene = preflight(connection, intent).await?;
        let sink = |event: &Event<'_>| migrator.tell(event);
        let (options, table) = (migrator.database(), migrator.history_table());
        let guard = LockGuard::acquire(migrator.patience(), table, sink).await?;
        let own = table.of_hardtack();
        let read = async { Ok::<_, Error>(history::read_many(&connection.client, table, &own).await?) };
        let (history, system) = answered(options, read).await?;
        Ok(Self { migrator, connection, guard, hygiene, system, history })
    }

    /// Begins a run: hardtack's own tables, where they are missing, and the run's row.
    pub(super) async fn start(
        &self,
        opening: &Opening<'_>,
        single_transaction: bool,
    ) -> Result<Running, Error> {
        prepare_state(self.migrator, self.connection, &self.guard, &self.system).await?;
        let log = RunLog::start(self.client(), opening, self.migrator.history_table()).await;
        let log = log.map_err(|source| {
            let rights =
                "no revision was run; the role needs USAGE on the schema hardtack and INSERT on its tables";
            let left = advised(&source, "no revision was run", rights);
            Error::State { action: "begin the run log", left, source }
        })?;
        let log = log.ok_or(Error::NoRun)?;
        let settings = self.migrator.run_settings(self.connection, single_transaction);
        let unfinished = self.history.unfinished.iter().map(|step| step.version).collect();
        let settings = RunSettings { hygiene: self.hygiene.clone(), unfinished, ..settings };
        Ok(Running { log, settings })
    }

    /// What the steps of a run work with.
    pub(super) fn worker<'w>(&'w self, run: &'w Running) -> Worker<'w> {
        Worker {
            client: self.client(),
            guard: &self.guard,
            log: Some(&run.log),
            settings: &run.settings,
            stop: &self.migrator.stop,
        }
    }

    /// Ends the run's row, which also brings every earlier commit to disk before anything is reported as done.
    pub(super) async fn end(&self, run: &Running, result: Result<(), Error>) -> Result<Ended, Error> {
        let (client, log) = (self.client(), &run.log);
        let (row, ended) = match result {
            Ok(()) => (Outcome::Succeeded, Ended::Finished),
            Err(Error::Step(StepError::Stopped)) => (Outcome::Stopped, Ended::Stopped),
            Err(error) => {
                if let Err(source) = log.finish(client, Outcome::Failed, Some(&error.to_string())).await {
                    tracing::warn!(error = %ServerMessage(&source), "the failed run could not be ended in the run log");
                }
                return Err(error);
            }
        };
        log.finish(client, row, None).await.map_err(|source| {
            let left = "every step that was reported is applied, but perhaps not yet on disk";
            Error::State { action: "end the run log", left, source }
        })?;
        Ok(ended)
    }

    /// Releases the lock and waits until the server has done so.
    pub(super) async fn release(self) {
        self.guard.release().await;
    }

    /// The session that does the work.
    #[cfg(feature = "backup")]
    pub(super) fn connection(&self) -> &'a Connection {
        self.connection
    }

    fn client(&self) -> &'a Client {
        &self.connection.client
    }
}
