//! Deferred backfills: what is left to do of revisions that are recorded. Several processes may be at it, and share the rows.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio_postgres::Client;

use super::around::called;
use super::cause::chain;
use super::preflight::{Intent, preflight};
use super::run::RunSettings;
use super::worker::Worker;
use super::{Error, Event, LockError, Migrator, StepError};
use crate::db::{ServerMessage, as_role};
use crate::history::DeferredBackfill;
use crate::revisions::{Context, Progress, Revision, RevisionError, RustFn, StopSignal, Surroundings};

/// Why a deferred backfill does not go on. Its revision stays applied, and whole batches are done: the next run goes on behind
/// them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeferredError {
    /// The function returned an error.
    #[error(
        "run the deferred backfill of {revision} ({file}): {}; the revision stays applied, and what its batches did stays \
         done; mend the cause, then `backfills run`, or `backfills retry` where the application runs",
        chain(.source.as_ref())
    )]
    Function {
        /// The revision's stem.
        revision: String,
        /// The file of the function.
        file: String,
        /// What the function returned.
        source: RevisionError,
    },
    /// A folder resolved at run time has the file, but not its code.
    #[error(
        "run the deferred backfill in {file}: Rust runs only from the binary it was baked into; nothing was changed; run \
         the same command of the application's own binary, without --dir"
    )]
    NoCode {
        /// The file of the function.
        file: String,
    },
}

/// How often a process that follows looks whether an operator lets a backfill go on.
const EVERY: Duration = Duration::from_secs(5);

/// How much longer it waits where its own attempts fail, as on a standby: up to five minutes.
const MOST_DOUBLINGS: u32 = 6;

/// How many have not finished.
#[derive(Default)]
struct LeftOver {
    failed: usize,
    blocked: usize,
}

impl Migrator {
    /// Runs the deferred backfills that have not finished, in order of their revisions, to their end. Takes no migration
    /// lock: other processes may do the same at the same time, and then share the rows.
    ///
    /// A stop ends it between two batches; the next run goes on behind them, in this process or another.
    ///
    /// # Errors
    /// The database cannot be reached, or its history not be read; a backfill fails, or an operator cancels it. Those behind
    /// it are not begun.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn run_backfills(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            for backfill in self.deferred_backfills().await? {
                self.run_deferred(&backfill).await?;
            }
            Ok(())
        })
    }

    /// Runs the deferred backfills beside an application that serves, until none is left or a stop is requested. One that
    /// fails is told in the log, and waits for an operator: `backfills retry` lets it go on, here or in another process.
    ///
    /// Needs no connection where no revision has a deferred backfill.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn follow_backfills(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (mut is_first, mut failures) = (true, 0);
            while self.has_deferred_backfills() && !self.stop.is_requested() {
                let left = self.follow_once(is_first).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "the deferred backfills cannot be looked at");
                    LeftOver { failed: 1, blocked: 0 }
                });
                if left.failed + left.blocked == 0 {
                    return;
                }
                (is_first, failures) = (false, if left.failed == 0 { 0 } else { failures + 1 });
                tokio::select! {
                    () = tokio::time::sleep(EVERY * 2_u32.pow(failures.min(MOST_DOUBLINGS))) => {}
                    () = self.stop.requested() => {}
                }
            }
        })
    }

    /// Whether any of the revisions has a deferred backfill.
    #[must_use]
    pub fn has_deferred_backfills(&self) -> bool {
        self.revisions().iter().any(|revision| revision.around.backfill().is_some())
    }

    /// Tries what is left, each by itself. What has failed waits for an operator, or the next process.
    async fn follow_once(&self, is_first: bool) -> Result<LeftOver, Error> {
        let mut left = LeftOver::default();
        for backfill in self.deferred_backfills().await? {
            if backfill.blocked && !is_first {
                left.blocked += 1;
                continue;
            }
            if let Err(error) = self.run_deferred(&backfill).await {
                left.failed += 1;
                if !self.stop.is_requested() {
                    tracing::error!(version = backfill.version, %error, "a deferred backfill does not go on");
                }
            }
        }
        Ok(left)
    }

    /// Those of the revisions that this program carries.
    async fn deferred_backfills(&self) -> Result<Vec<DeferredBackfill>, Error> {
        let connection = self.connect().await?;
        let read = DeferredBackfill::read(&connection.client, self.history_table()).await;
        let mut backfills = read.map_err(|source| Error::State {
            action: "look for deferred backfills",
            left: "nothing was changed",
            source,
        })?;
        backfills.retain(|backfill| self.revisions().get(backfill.version).is_some());
        Ok(backfills)
    }

    async fn run_deferred(&self, backfill: &DeferredBackfill) -> Result<(), Error> {
        let Some(revision) = self.revisions().get(backfill.version) else { return Ok(()) };
        let connection = self.connect().await?;
        let table = self.history_table();
        let intent = Intent { table, rights: &["SELECT"], untransactional: Some(revision), sets: None };
        let hygiene = preflight(&connection, &intent).await?;
        let settings = RunSettings { hygiene, ..self.run_settings(&connection, false) };
        let run = Deferred {
            client: &connection.client,
            settings: &settings,
            stop: &self.stop,
            revision,
            backfill,
        };
        run.run().await
    }
}

impl Worker<'_> {
    /// Finishes a backfill that the next step requires, in line, where this run or one before it was to do so. The plan has
    /// refused all others that are not finished.
    pub(super) async fn finish_awaited(&self, revision: &Revision) -> Result<(), Error> {
        let read = DeferredBackfill::read(self.client, &self.settings.table).await.map_err(|source| {
            Error::State {
                action: "look for deferred backfills",
                left: "the steps that were reported are applied",
                source,
            }
        })?;
        let Some(backfill) = read.iter().find(|backfill| backfill.version == revision.version) else {
            return Ok(());
        };
        let run =
            Deferred { client: self.client, settings: self.settings, stop: self.stop, revision, backfill };
        tokio::select! {
            biased;
            outcome = run.run() => outcome,
            () = self.guard.lost() => Err(LockError::Lost.into()),
            () = self.stop.given_up() => Err(StepError::Stopped.into()),
        }
    }
}

/// A deferred backfill with the session from which it is run.
struct Deferred<'a> {
    client: &'a Client,
    settings: &'a RunSettings,
    stop: &'a StopSignal,
    revision: &'a Revision,
    backfill: &'a DeferredBackfill,
}

impl Deferred<'_> {
    async fn run(&self) -> Result<(), Error> {
        let Some(companion) = &self.revision.around.companion else { return Ok(()) };
        let file = companion.file.to_string();
        let Some(function) = companion.backfill.and_then(|backfill| backfill.run) else {
            return Err(DeferredError::NoCode { file }.into());
        };
        let started = Instant::now();
        self.settings.tell(&Event::BackfillStarted { revision: self.revision });
        if let Err(source) = self.call(function).await {
            if self.stop.is_requested() {
                tracing::info!(error = source, "the deferred backfill stopped as asked");
                return Err(StepError::Stopped.into());
            }
            let error = DeferredError::Function { revision: self.revision.stem(), file, source };
            self.fail(&error).await;
            return Err(error.into());
        }
        let finish = self.backfill.finish();
        self.write(&finish).await.map_err(|source| Error::State {
            action: "record that the deferred backfill has finished",
            left: "all of its rows are done; run it again to record it",
            source,
        })?;
        self.settings.tell(&Event::BackfillFinished { revision: self.revision, duration: started.elapsed() });
        Ok(())
    }

    /// Calls the function, without a transaction.
    async fn call(&self, function: RustFn) -> Result<(), RevisionError> {
        let hygiene = &self.settings.hygiene;
        if let Some(rules) = hygiene.session(true, Some(self.settings.lock_timeout)) {
            self.client.batch_execute(&rules).await?;
        }
        let tell = |progress: &Progress<'_>| {
            self.settings.tell(&Event::Progress { revision: self.revision, progress });
        };
        let surroundings = Surroundings {
            deferred: Some(self.backfill.id),
            in_transaction: false,
            around_calls: hygiene.around_calls(),
            ..self.settings.surroundings(&tell)
        };
        called(function, &mut Context::new(self.client, self.revision, self.stop, surroundings)).await
    }

    async fn fail(&self, error: &DeferredError) {
        if let Err(source) = self.write(&self.backfill.fail(&error.to_string())).await {
            tracing::warn!(error = %ServerMessage(&source), "that the deferred backfill failed could not be recorded");
        }
    }

    async fn write(&self, statement: &str) -> Result<(), tokio_postgres::Error> {
        let role = as_role(self.settings.table.role());
        // What the function left open is no part of it.
        let text = format!("rollback; begin read write; {role}{statement}; commit");
        self.client.batch_execute(&text).await
    }
}
