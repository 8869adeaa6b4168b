//! Deferred backfills: what is left to do of revisions that are recorded. Several processes may be at it, and share the rows.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio_postgres::{Client, SimpleQueryMessage};
use tracing::Instrument;

use super::around::called;
use super::cause::chain;
use super::preflight::{Intent, preflight};
use super::run::RunSettings;
use super::worker::Worker;
use super::{Error, Event, LockError, Migrator, RunEnd, StepError};
use crate::config::HistoryTable;
use crate::data::BackfillError;
use crate::db::{ServerMessage, as_role, client_span, first_value, is_lost};
use crate::history::DeferredBackfill;
use crate::revisions::{Context, News, Revision, RevisionError, RustFn, StopSignal, Surroundings};

/// Why a deferred backfill does not go on. Its revision stays applied, and whole batches are done: the next run goes on behind
/// them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeferredError {
    /// The function returned an error.
    #[error(
        "run the deferred backfill of {revision} ({file}): {}; the revision stays applied, and what its batches did stays \
         done; {}",
        chain(.source.as_ref()),
        advice(.source.as_ref())
    )]
    Function {
        /// The revision's stem.
        revision: String,
        /// The file of the function.
        file: String,
        /// What the function returned.
        source: RevisionError,
    },
    /// The revision has no such function here, as after an edit that was let pass.
    #[error(
        "run the deferred backfill of {revision}: its files have no function marked `#[hardtack::backfill]`; nothing was \
         changed; bring the function back, or `repair` the revision's row, which gives the backfill up"
    )]
    NoBackfill {
        /// The revision's stem.
        revision: String,
    },
    /// This program has not the revision.
    #[error(
        "run the deferred backfill of version {version}: this program has no such revision; nothing was changed; run it by \
         the release that has"
    )]
    Unknown {
        /// The version.
        version: i64,
    },
    /// A part is not finished, although the function has come to its end.
    #[error(
        "finish the deferred backfill of {revision}: a part of it was begun anew meanwhile, and its function no longer runs it; \
         what its batches did stays done; `backfills` shows it"
    )]
    Restarted {
        /// The revision's stem.
        revision: String,
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

/// What comes behind a failure of the function.
fn advice(source: &(dyn StdError + 'static)) -> &'static str {
    if is_of_connection(source) {
        "no failure was recorded: an application that runs goes on by itself, and so does `backfills run`"
    } else {
        "mend the cause, then `backfills run`, or `backfills retry` where the application runs"
    }
}

fn is_of_connection(source: &(dyn StdError + 'static)) -> bool {
    source.downcast_ref().is_some_and(BackfillError::is_of_connection)
        || source.downcast_ref().is_some_and(is_lost)
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
        let end = |found: &usize| if *found == 0 { RunEnd::NothingToDo } else { RunEnd::Succeeded };
        let work = Box::pin(async move {
            let backfills = self.deferred_backfills().await?;
            for backfill in &backfills {
                self.run_deferred(backfill).await?;
            }
            Ok(backfills.len())
        });
        Box::pin(async move { self.observed("backfills", end, work).await.map(drop) })
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

    /// Tries what is left, each by itself. What has failed waits for an operator, or the next process; what was cancelled, for
    /// an operator alone.
    async fn follow_once(&self, is_first: bool) -> Result<LeftOver, Error> {
        let mut left = LeftOver::default();
        for backfill in self.deferred_backfills().await? {
            if backfill.cancelled || backfill.blocked && !is_first {
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

    async fn deferred_backfills(&self) -> Result<Vec<DeferredBackfill>, Error> {
        let connection = self.connect().await?;
        unfinished(&connection.client, self.history_table(), "nothing was changed").await
    }

    async fn run_deferred(&self, backfill: &DeferredBackfill) -> Result<(), Error> {
        let version = backfill.version;
        let revision = self.revisions().get(version).ok_or(DeferredError::Unknown { version })?;
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
        let left = "the steps that were reported are applied";
        let unfinished = unfinished(self.client, &self.settings.table, left).await?;
        let Some(backfill) = unfinished.iter().find(|backfill| backfill.version == revision.version) else {
            return Ok(());
        };
        let run =
            Deferred { client: self.client, settings: self.settings, stop: self.stop, revision, backfill };
        tokio::select! {
            biased;
            outcome = run.run() => outcome,
            () = self.guard.lost() => Err(self.abandon(LockError::Lost).await),
            () = self.stop.given_up() => Err(self.abandon(StepError::Stopped).await),
        }?;
        // Whatever the function has set is not the next step's.
        let timeout = self.settings.lock_timeout;
        let reset = format!("{}; {}; commit", self.begin(timeout), self.settings.hygiene.reset("", timeout));
        self.client.batch_execute(&reset).await.map_err(|source| Error::State {
            action: "reset the session behind a backfill",
            left: "the backfill has finished; run it again to go on",
            source,
        })
    }
}

/// The deferred backfills that have not finished; where they cannot be read, the error says what is left.
async fn unfinished(
    client: &Client,
    table: &HistoryTable,
    left: &'static str,
) -> Result<Vec<DeferredBackfill>, Error> {
    let read = DeferredBackfill::read(client, table).await;
    read.map_err(|source| Error::State { action: "look for deferred backfills", left, source })
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
    /// Runs it in a span of the trace, and tells where it fails.
    async fn run(&self) -> Result<(), Error> {
        let revision = self.revision;
        let span = client_span!(
            "hardtack.deferred",
            &self.settings.database,
            "backfill",
            hardtack.revision.version = revision.version,
            hardtack.revision.name = &*revision.name,
        );
        let ran = Box::pin(self.run_parts()).instrument(span.clone()).await;
        if let Err(error) = &ran {
            error.record(&span);
        }
        if let Err(Error::Deferred(error)) = &ran {
            self.settings.tell(&Event::BackfillFailed { revision, error });
        }
        ran
    }

    async fn run_parts(&self) -> Result<(), Error> {
        let revision = self.revision.stem();
        let companion = self.revision.around.companion.as_ref();
        let Some((file, deferred)) = companion.and_then(|one| Some((&*one.file, one.backfill?))) else {
            return Err(DeferredError::NoBackfill { revision }.into());
        };
        let Some(function) = deferred.run else {
            return Err(DeferredError::NoCode { file: file.to_owned() }.into());
        };
        let started = Instant::now();
        self.settings.tell(&Event::BackfillStarted { revision: self.revision });
        // Once more where an operator has let a part begin anew that was behind.
        for _ in 0..2 {
            self.attempt(function, file).await?;
            if self.finish().await? {
                let duration = started.elapsed();
                self.settings.tell(&Event::BackfillFinished { revision: self.revision, duration });
                return Ok(());
            }
        }
        Err(DeferredError::Restarted { revision }.into())
    }

    async fn attempt(&self, function: RustFn, file: &str) -> Result<(), Error> {
        let Err(source) = self.call(function).await else { return Ok(()) };
        if self.stop.is_requested() {
            tracing::info!(error = source, "the deferred backfill stopped as asked");
            return Err(StepError::Stopped.into());
        }
        let is_of_connection = is_of_connection(source.as_ref());
        let error = DeferredError::Function { revision: self.revision.stem(), file: file.to_owned(), source };
        if !is_of_connection {
            self.fail(&error).await;
        }
        Err(error.into())
    }

    /// Records the end; false where a part has still to be done.
    async fn finish(&self) -> Result<bool, Error> {
        let written = self.write(&self.backfill.finish()).await.map_err(|source| Error::State {
            action: "record that the deferred backfill has finished",
            left: "all of its rows are done; run it again to record it",
            source,
        })?;
        Ok(first_value(&written).is_some())
    }

    /// Calls the function, without a transaction.
    async fn call(&self, function: RustFn) -> Result<(), RevisionError> {
        let hygiene = &self.settings.hygiene;
        if let Some(rules) = hygiene.session(true, Some(self.settings.lock_timeout)) {
            self.client.batch_execute(&rules).await?;
        }
        let tell = |news: &News<'_>| self.settings.pass_on(self.revision, news);
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

    async fn write(&self, statement: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
        let role = as_role(self.settings.table.role());
        // What the function left open is no part of it.
        let text = format!("rollback; begin read write; {role}{statement}; commit");
        self.client.simple_query(&text).await
    }
}
