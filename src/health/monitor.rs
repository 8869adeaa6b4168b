use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::answer::Known;
use super::{Answer, BootError, BootPolicy, Booted, Phase, Probe};
use crate::db::Connection;
use crate::engine::{Error, MigrationStatus, Migrator};

/// How old an answer may be before the database is asked again.
const FRESH: Duration = Duration::from_secs(5);

/// The longest that one look at the database may take.
const LOOK: Duration = Duration::from_secs(5);

/// Says of a process, to whoever asks, how it is with its schema.
///
/// An answer never waits for the database: it tells what was last seen, and has the database asked again, once every few seconds at the most
/// and over one session, however many ask. Clones share one state. Dropping the last one closes the session.
///
/// ```no_run
/// use hardtack::health::{BootPolicy, Monitor, Probe};
/// use hardtack::{ConnectOptions, Migrator, db};
///
/// # hardtack::embed!();
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let url = db::process_environment("DATABASE_URL");
/// let database = ConnectOptions::resolve(url.as_deref(), db::process_environment)?;
/// let monitor = Monitor::new(Migrator::new(&migrations::REVISIONS, database), BootPolicy::default());
/// let asked = monitor.clone();
/// tokio::spawn(async move { asked.boot().await });
/// let answer = monitor.answer(Probe::Ready); // 503 until it has booted
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Monitor {
    shared: Arc<Shared>,
}

struct Shared {
    migrator: Migrator,
    policy: BootPolicy,
    phase: watch::Sender<Phase>,
    seen: Mutex<Seen>,
    is_looking: AtomicBool,
    session: tokio::sync::Mutex<Option<Connection>>,
}

/// What the last look saw.
#[derive(Default)]
struct Seen {
    status: Option<Arc<MigrationStatus>>,
    /// When it was begun.
    at: Option<Instant>,
    /// When this process has booted, or migrated since: what was seen before tells nothing of what there is now.
    changed_at: Option<Instant>,
    /// When the last look ended, whatever it saw.
    looked_at: Option<Instant>,
    /// None before the first look.
    is_reachable: Option<bool>,
    drift: Option<usize>,
}

/// Ends a look, also one that panics.
struct Looking(Arc<Shared>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.is_looking.store(false, Ordering::Release);
    }
}

impl Monitor {
    /// A monitor of what this migrator is to bring up to date, in the way of this policy.
    #[must_use]
    pub fn new(migrator: Migrator, policy: BootPolicy) -> Self {
        let shared = Shared {
            migrator,
            policy,
            phase: watch::Sender::new(Phase::Starting),
            seen: Mutex::default(),
            is_looking: AtomicBool::new(false),
            session: tokio::sync::Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    /// [Boots](Migrator::boot), and tells its phases to whoever asks meanwhile.
    ///
    /// # Errors
    /// Those of [`Migrator::boot`].
    pub async fn boot(&self) -> Result<Booted, BootError> {
        let booted = self.observing().boot(&self.shared.policy).await;
        self.shared.phase.send_replace(match &booted {
            Ok(_) => Phase::Ready,
            Err(error) => Phase::Failed { error: format!("failed to {error}") },
        });
        self.changed();
        booted
    }

    /// Something was done here that changes what there is to see, and it is looked at anew.
    pub(crate) fn changed(&self) {
        self.shared.seen().changed_at = Some(Instant::now());
        self.look_if_stale();
    }

    /// The process is about to end, and is to be sent nothing more.
    #[cfg(feature = "cli")]
    pub(crate) fn stopping(&self) {
        self.shared.phase.send_replace(Phase::Stopping);
    }

    /// The migrator, whose events change the phase.
    fn observing(&self) -> Migrator {
        let shared = Arc::clone(&self.shared);
        self.shared.migrator.clone().also_telling(move |event| {
            #[cfg(feature = "operations")]
            if let crate::engine::Event::Drift { drift } = event {
                shared.seen().drift = Some(drift.differences.len());
            }
            shared.phase.send_if_modified(|phase| match phase.after(event) {
                Some(next) if next != *phase => {
                    *phase = next;
                    true
                }
                _ => false,
            });
        })
    }

    /// The migrator that it is about.
    #[must_use]
    pub fn migrator(&self) -> &Migrator {
        &self.shared.migrator
    }

    /// Answers at once, from what is known.
    ///
    /// # Panics
    /// Outside a tokio runtime, which asks the database.
    #[must_use]
    pub fn answer(&self, probe: Probe) -> Answer {
        if probe != Probe::Live {
            self.look_if_stale();
        }
        let phase = self.shared.phase.borrow().clone();
        let seen = self.shared.seen();
        let status = seen.status.clone();
        let known = Known {
            policy: &self.shared.policy,
            phase: &phase,
            status: status.as_deref(),
            is_since_change: seen.at > seen.changed_at,
            age: seen.at.map(|at| at.elapsed()),
            is_reachable: seen.is_reachable,
            drift: seen.drift,
        };
        drop(seen);
        known.answer(probe)
    }

    /// What the process is at.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.shared.phase.borrow().clone()
    }

    /// Tells each phase when it begins.
    #[must_use]
    pub fn phases(&self) -> watch::Receiver<Phase> {
        self.shared.phase.subscribe()
    }

    /// Where the database stands, not older than some seconds.
    ///
    /// # Errors
    /// The database cannot be reached, or its history not be read.
    pub async fn status(&self) -> Result<Arc<MigrationStatus>, Error> {
        if let Some(status) = self.shared.fresh() {
            return Ok(status);
        }
        self.shared.look().await
    }

    /// Has the database asked again, where the last answer is some seconds old.
    pub(super) fn look_if_stale(&self) {
        let is_fresh = {
            let seen = self.shared.seen();
            seen.looked_at > seen.changed_at && seen.looked_at.is_some_and(|at| at.elapsed() < FRESH)
        };
        if is_fresh || self.shared.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let looking = Looking(Arc::clone(&self.shared));
        tokio::spawn(async move {
            if let Err(error) = looking.0.look().await {
                tracing::debug!(%error, "the state of the schema could not be read");
            }
        });
    }
}

impl Shared {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        // Whoever panicked has written whole fields.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self) -> Option<Arc<MigrationStatus>> {
        let seen = self.seen();
        let is_fresh = seen.at > seen.changed_at && seen.at.is_some_and(|at| at.elapsed() < FRESH);
        seen.status.clone().filter(|_| is_fresh && seen.is_reachable == Some(true))
    }

    /// Looks at the database, one look at a time.
    async fn look(&self) -> Result<Arc<MigrationStatus>, Error> {
        let mut session = self.session.lock().await;
        // Somebody else may have looked while this one waited.
        if let Some(status) = self.fresh() {
            return Ok(status);
        }
        let begun = Instant::now();
        let looked = tokio::time::timeout(LOOK, self.ask(&mut session)).await;
        let looked = looked
            .unwrap_or_else(|_| Err(crate::db::ConnectError::slow(self.migrator.database(), LOOK).into()));
        let mut seen = self.seen();
        seen.looked_at = Some(Instant::now());
        seen.is_reachable = Some(looked.is_ok());
        match looked {
            Ok(status) => {
                #[cfg(feature = "metrics")]
                crate::engine::record_status(
                    &status.database,
                    status.pending.len(),
                    (status.current, status.expected),
                    self.policy.allows(&status),
                );
                let status = Arc::new(status);
                (seen.status, seen.at) = (Some(Arc::clone(&status)), Some(begun));
                Ok(status)
            }
            Err(error) => {
                // What it was in the middle of is not known.
                *session = None;
                Err(error)
            }
        }
    }

    async fn ask(&self, session: &mut Option<Connection>) -> Result<MigrationStatus, Error> {
        let connection = match session.take() {
            Some(connection) if !connection.closed().is_closed() => connection,
            _ => self.migrator.connect().await?,
        };
        let connection = session.insert(connection);
        self.migrator.migration_status(connection).await
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Monitor").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
