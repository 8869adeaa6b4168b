use tokio_postgres::Client;

use super::lock::{LockGuard, answered};
use super::run::{finish, prepare_state, start_log};
use super::{Error, Event, LockError, Migrator};
use crate::db::Connection;
use crate::history::{self, History, RunLog};

/// The migration lock with what was read under it, for changing the history itself: nothing of a revision runs.
pub(super) struct Locked<'a> {
    migrator: &'a Migrator,
    connection: &'a Connection,
    guard: LockGuard,
    /// Of hardtack's own tables.
    system: History,
    pub(super) history: History,
}

impl<'a> Locked<'a> {
    /// Takes the lock and reads the history, which nobody else writes while it is held.
    pub(super) async fn acquire(migrator: &'a Migrator, connection: &'a Connection) -> Result<Self, Error> {
        let sink = |event: &Event<'_>| migrator.tell(event);
        let (options, table) = (migrator.database(), migrator.history_table());
        let guard = LockGuard::acquire(migrator.patience(), table, sink).await?;
        let own = table.of_hardtack();
        let read = async { Ok::<_, Error>(history::read_many(&connection.client, table, &own).await?) };
        let (history, system) = answered(options, read).await?;
        Ok(Self { migrator, connection, guard, system, history })
    }

    /// Sends these statements in one transaction, as a run of its own in the run log.
    pub(super) async fn write(
        &self,
        command: &str,
        statements: impl FnOnce(&RunLog) -> Vec<String> + Send,
    ) -> Result<(), Error> {
        let client = &self.connection.client;
        prepare_state(self.migrator, self.connection, &self.guard, &self.system).await?;
        let log = start_log(client, command, self.migrator.history_table()).await?;
        let written = self.commit(client, &statements(&log)).await;
        finish(client, &log, written).await.map(drop)
    }

    async fn commit(&self, client: &Client, statements: &[String]) -> Result<(), Error> {
        if self.guard.is_lost() {
            return Err(LockError::Lost.into());
        }
        let text = format!(
            "{};\n{};\ncommit",
            self.migrator.hygiene().begin(self.migrator.lock_timeout),
            statements.join(";\n")
        );
        let Err(source) = client.batch_execute(&text).await else { return Ok(()) };
        let left = if source.as_db_error().is_some() {
            // On a connection that broke meanwhile the server rolls back by itself.
            let _ = client.batch_execute("rollback").await;
            "nothing was changed; the role needs INSERT, UPDATE and DELETE on the history table, and CREATE on its \
             schema where there is none"
        } else {
            "the connection broke before the server answered, so either all of it is written or nothing; `status` \
             tells which"
        };
        Err(Error::State { action: "write the history", left, source })
    }

    /// Releases the lock and waits until the server has done so.
    pub(super) async fn release(self) {
        self.guard.release().await;
    }
}
