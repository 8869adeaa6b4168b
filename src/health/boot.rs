use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{BootPolicy, OnPending};
use crate::db::{ConnectError, Connection};
use crate::engine::{
    Ahead, Error, Event, LockHolder, MigrationStatus, Migrator, Run, RunOutcome, UpgradeOptions, Waiting,
};
use crate::plan::{Conflicts, PlanError};
use crate::words::revisions_are;

/// An application that may serve.
#[derive(Clone, Debug)]
pub struct Booted {
    /// Where the database stands; none where one query told that it has exactly what this binary has.
    pub status: Option<MigrationStatus>,
    /// What this process applied.
    pub run: Option<Run>,
}

/// Why an application is not to serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootError {
    /// The upgrade failed, or the database cannot be read.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The database did not answer in time.
    #[error("wait for the database, for {:.0} s: {source}; nothing was changed", .waited.as_secs_f64())]
    NoDatabase {
        /// For how long.
        waited: Duration,
        /// What the last attempt said.
        source: ConnectError,
    },
    /// Revisions are pending, and this process is not to apply them.
    #[error(
        "start: {} pending: {}; nothing was changed; apply {} with `upgrade` or --migrate-only of this release, and start again",
        revisions_are(.0.len()),
        .0.join(", "),
        if .0.len() == 1 { "it" } else { "them" }
    )]
    Pending(Vec<String>),
    /// Nobody has applied what is pending in time.
    #[error(
        "wait for {} to be applied, for {:.0} s: {}; nothing was changed; apply with `upgrade` or --migrate-only of this release, or \
         raise --wait-timeout",
        .pending.join(", "),
        .waited.as_secs_f64(),
        .holder.as_ref().map_or("nobody migrates".to_owned(), |holder| format!("{holder} migrates"))
    )]
    StillPending {
        /// The stems.
        pending: Vec<String>,
        /// For how long.
        waited: Duration,
        /// Who migrates, where somebody does.
        holder: Option<LockHolder>,
    },
    /// The database has revisions behind which this binary does not work, or is not to.
    #[error(
        "start on a newer schema:{}\nnothing was changed; start the release that has these revisions, or this one with --on-ahead \
         compatible where its revisions say that it works behind them, or ignore where it is known to",
        .0.iter().map(line).collect::<String>()
    )]
    Ahead(Vec<Ahead>),
    /// A stop was asked for.
    #[error("start: stopped as asked; what was applied is whole, and `status` tells what is pending")]
    Stopped,
}

/// The pauses between two looks at a database, or at its history, that is not there yet.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

impl Migrator {
    /// What an application does before it serves: waits for a database that is not up yet, then sees that the schema is right, in
    /// the way of the policy. With nothing pending it takes one query, as [`upgrade`](Self::upgrade) does. Give it a
    /// [stop signal](Self::with_stop) that SIGTERM sets, and it stops at the next safe point.
    ///
    /// # Errors
    /// The database does not answer in time; the schema is not right, and the policy does not let it be made so; an upgrade fails. Each error says what the
    /// database holds then.
    ///
    /// ```no_run
    /// use hardtack::health::{BootPolicy, OnPending};
    /// use hardtack::{ConnectOptions, Migrator, db};
    ///
    /// # hardtack::embed!();
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = db::process_environment("DATABASE_URL");
    /// let database = ConnectOptions::resolve(url.as_deref(), db::process_environment)?;
    /// let migrator = Migrator::new(&migrations::REVISIONS, database.clone());
    /// migrator.boot(&BootPolicy { on_pending: OnPending::Apply, ..BootPolicy::default() }).await?;
    /// let pool = db::pool(&database, 8)?; // on a schema that is right
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "a future does nothing until it is awaited"]
    pub fn boot<'a>(&'a self, policy: &'a BootPolicy) -> BoxFuture<'a, Result<Booted, BootError>> {
        Box::pin(async move {
            let waited = policy.wait_timeout;
            let migrator = &waited.map_or_else(|| self.clone(), |wait| self.clone().with_lock_wait(wait));
            let waiting = Waiting::new(migrator.lock_wait(), PAUSES.0, PAUSES.1);
            Boot { migrator, policy, waiting }.run().await
        })
    }

    /// Waits for a database that is not up yet, and no longer than that.
    #[cfg(feature = "cli")]
    pub(crate) async fn wait_for_database(&self, longest: Duration) -> Result<(), BootError> {
        let waiting = Waiting::new(longest, PAUSES.0, PAUSES.1);
        Boot { migrator: self, policy: &BootPolicy::default(), waiting }.connect().await.map(drop)
    }
}

/// One startup.
struct Boot<'a> {
    migrator: &'a Migrator,
    policy: &'a BootPolicy,
    waiting: Waiting,
}

impl Boot<'_> {
    async fn run(mut self) -> Result<Booted, BootError> {
        let connection = self.connect().await?;
        if self.policy.on_pending != OnPending::Apply {
            return self.without_applying(connection).await;
        }
        match self.migrator.upgrade_on(&connection, UpgradeOptions::default()).await {
            Ok(run) if run.outcome == RunOutcome::Stopped => Err(BootError::Stopped),
            Ok(run) => Ok(Booted { status: None, run: Some(run) }),
            Err(Error::Plan(PlanError::Conflict(conflicts))) if conflicts.is_ahead() => {
                let status = self.migrator.migration_status(&connection).await?;
                self.judge(status)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for a database that is not up yet. What does not mend itself, such as a wrong password, is told at once.
    async fn connect(&mut self) -> Result<Connection, BootError> {
        loop {
            match self.migrator.connect().await {
                Err(Error::Connect(source)) if source.is_transient() => {
                    let waited = self.waiting.waited();
                    if self.waiting.is_over(waited) {
                        return Err(BootError::NoDatabase { waited, source });
                    }
                    self.tell(waited, &Event::WaitingForDatabase { reason: &source, waited });
                    self.pause().await?;
                }
                connected => return Ok(connected?),
            }
        }
    }

    async fn without_applying(&mut self, mut connection: Connection) -> Result<Booted, BootError> {
        loop {
            let status = match self.look(&connection).await {
                Ok(status) => status,
                // The server has gone away meanwhile, as servers do that have just started; a pooler in front of it still lets
                // everybody in.
                Err(error) if connection.closed().is_closed() => {
                    if self.waiting.is_over(self.waiting.waited()) {
                        return Err(error.into());
                    }
                    self.pause().await?;
                    connection = self.connect().await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let status = match status {
                Some(status) if self.is_to_wait(&status) => status,
                status => {
                    let booted =
                        status.map_or(Ok(Booted { status: None, run: None }), |found| self.judge(found))?;
                    self.migrator.look_for_drift(&connection).await?;
                    return Ok(booted);
                }
            };
            let (waited, pending) = (self.waiting.waited(), status.pending.len());
            if self.waiting.is_over(waited) {
                let MigrationStatus { pending, lock_holder: holder, .. } = status;
                return Err(BootError::StillPending { pending, waited, holder });
            }
            self.tell(waited, &Event::WaitingForRevisions { pending, waited });
            self.pause().await?;
        }
    }

    fn tell(&mut self, waited: Duration, why: &Event<'_>) {
        if self.waiting.is_to_tell(waited) {
            self.migrator.tell(why);
        }
    }

    async fn pause(&mut self) -> Result<(), BootError> {
        let stop = self.migrator.stop_signal();
        self.waiting.pause(stop).await;
        if stop.is_requested() { Err(BootError::Stopped) } else { Ok(()) }
    }

    /// None where the database has exactly what this binary has.
    async fn look(&self, connection: &Connection) -> Result<Option<MigrationStatus>, Error> {
        if self.migrator.is_at_head(connection).await? {
            return Ok(None);
        }
        self.migrator.migration_status(connection).await.map(Some)
    }

    fn is_to_wait(&self, status: &MigrationStatus) -> bool {
        self.policy.on_pending == OnPending::Wait && !status.pending.is_empty() && status.conflicts.is_empty()
    }

    fn judge(&self, status: MigrationStatus) -> Result<Booted, BootError> {
        if !status.conflicts.is_empty() {
            return Err(Error::Plan(PlanError::Conflict(Conflicts(status.conflicts))).into());
        }
        if !status.pending.is_empty() {
            match self.policy.on_pending {
                OnPending::Warn => self.migrator.tell(&Event::RevisionsPending { pending: &status.pending }),
                OnPending::Ignore => {}
                _ => return Err(BootError::Pending(status.pending)),
            }
        }
        if !self.policy.on_ahead.allows(&status) {
            return Err(BootError::Ahead(status.ahead));
        }
        if !status.ahead.is_empty() {
            self.migrator.tell(&Event::DatabaseAhead { ahead: &status.ahead });
        }
        Ok(Booted { status: Some(status), run: None })
    }
}

fn line(ahead: &Ahead) -> String {
    let Ahead { version, name, breaks_before, is_compatible } = ahead;
    let says = match breaks_before {
        _ if *is_compatible => "this binary works behind it".to_owned(),
        Some(least) => format!("it breaks binaries that do not know version {least}"),
        None => "nobody knows whether this binary works behind it, for hardtack did not apply it".to_owned(),
    };
    format!("\n  V{version}__{name}: {says}")
}
