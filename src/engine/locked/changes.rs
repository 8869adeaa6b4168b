//! What is done under the lock beside the steps of a run.

use super::Locked;
use crate::db::is_lost;
use crate::engine::cause::advised;
#[cfg(feature = "admin")]
use crate::engine::own_change::OwnChange;
use crate::engine::run::RunSettings;
use crate::engine::worker::Worker;
use crate::engine::{Error, LockError};
use crate::history::{Opening, RunLog};

impl Locked<'_> {
    /// The settings of a rehearsal, which writes nothing that stays.
    pub(in crate::engine) fn rehearsal(&self) -> RunSettings {
        let settings = self.migrator.run_settings(self.connection, true);
        RunSettings { hygiene: self.hygiene.clone(), ..settings }
    }

    /// What the steps of a rehearsal work with: it has no place in the run log.
    pub(in crate::engine) fn rehearsing<'w>(&'w self, settings: &'w RunSettings) -> Worker<'w> {
        Worker { client: self.client(), guard: &self.guard, log: None, settings, stop: &self.migrator.stop }
    }

    /// Changes the history itself: sends these statements in one transaction, as a run of its own in the run log.
    pub(in crate::engine) async fn write(
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
    pub(in crate::engine) async fn write_own(&self, change: &OwnChange<'_>) -> Result<(), Error> {
        let opening = Opening { command: change.command, note: Some(change.note), evidence: None };
        let run = self.start(&opening, false).await?;
        let written = self.commit(change.statements, (change.action, change.rights)).await;
        self.end(&run, written).await.map(drop)
    }

    /// Says in the run log that something was done beside revisions.
    #[cfg(feature = "backup")]
    pub(in crate::engine) async fn note(&self, command: &str, note: &str) -> Result<(), Error> {
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
}
