use tokio_postgres::Client;

use super::cause::advised;
use super::hygiene::Hygiene;
use super::lock::{LockGuard, answered};
#[cfg(feature = "admin")]
use super::own_change::OwnChange;
use super::preflight::{Intent, preflight};
use super::run::{RunSettings, prepare_state};
use super::worker::Worker;
use super::{Error, Event, LockError, Migrator, StepError};
use crate::db::{Connection, ServerMessage, is_lost};
use crate::history::{self, History, Opening, Outcome, RunLog};

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

    /// The settings of a rehearsal, which writes nothing that stays.
    pub(super) fn rehearsal(&self) -> RunSettings {
        let settings = self.migrator.run_settings(self.connection, true);
        RunSettings { hygiene: self.hygiene.clone(), ..settings }
    }

    /// What the steps of a rehearsal work with: it has no place in the run log.
    pub(super) fn rehearsing<'w>(&'w self, settings: &'w RunSettings) -> Worker<'w> {
        Worker { client: self.client(), guard: &self.guard, log: None, settings, stop: &self.migrator.stop }
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

    /// Changes the history itself: sends these statements in one transaction, as a run of its own in the run log.
    pub(super) async fn write(
        &self,
        command: &str,
        statements: impl FnOnce(&RunLog) -> Vec<String> + Send,
    ) -> Result<(), Error> {
        let run = self.start(&Opening { command, ..Opening::default() }, false).await?;
        let rights = "nothing was changed; the role needs INSERT, UPDATE and DELETE on the history table, and CREATE on its \
                      schema where there is none";
        let written = self.commit(&statements(&run.log), ("write the history", rights)).await;
        self.end(&run, written).await.map(drop)
    }

    /// Changes hardtack's own tables in the same way, beside the history.
    #[cfg(feature = "admin")]
    pub(super) async fn write_own(&self, change: &OwnChange<'_>) -> Result<(), Error> {
        let opening = Opening { command: change.command, note: Some(change.note), evidence: None };
        let run = self.start(&opening, false).await?;
        let written = self.commit(change.statements, (change.action, change.rights)).await;
        self.end(&run, written).await.map(drop)
    }

    /// Says in the run log that something was done beside revisions.
    #[cfg(feature = "backup")]
    pub(super) async fn note(&self, command: &str, note: &str) -> Result<(), Error> {
        let run = self.start(&Opening { command, note: Some(note), evidence: None }, false).await?;
        self.end(&run, Ok(())).await.map(drop)
    }

    /// With what is being done, and what a refusal for want of rights leaves and asks for.
    async fn commit(
        &self,
        statements: &[String],
        (action, rights): (&'static str, &'static str),
    ) -> Result<(), Error> {
        if self.guard.is_lost() {
            return Err(LockError::Lost.into());
        }
        let opening = self.hygiene.begin(self.migrator.lock_timeout);
        let text = format!("{opening};\n{};\ncommit", statements.join(";\n"));
        let Err(source) = self.client().batch_execute(&text).await else { return Ok(()) };
        let left = if is_lost(&source) {
            "the connection broke before the server answered, so either all of it is written or nothing; `status` \
             tells which"
        } else {
            // On a connection that broke meanwhile the server rolls back by itself.
            let _ = self.client().batch_execute("rollback").await;
            advised(&source, "nothing was changed", rights)
        };
        Err(Error::State { action, left, source })
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
