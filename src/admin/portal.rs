use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::auth::Door;
use super::failure::Failure;
use super::guard::Caller;
use super::job::Job;
use super::jobs::Jobs;
use super::product::Product;
use super::{api, guard, page};
use crate::backup::{Place, Strategy};
use crate::engine::{BackupOptions, Error, Migrator};
use crate::health::Monitor;

/// How many requests are answered at once: most of them open a session of the database.
const ANSWERED: usize = 16;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many may watch jobs at once.
const WATCHED: usize = 64;

/// What the API and the page work with: the migrator whose database they are about, what knows how its schema is, and the door.
/// Clones share one state.
#[derive(Clone)]
pub struct Portal {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    migrator: Migrator,
    monitor: Monitor,
    door: Door,
    backups: BackupOptions,
    jobs: Jobs,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Portal {
    /// One for that migrator. Backups are kept in `./backups` unless told otherwise.
    #[must_use]
    pub fn new(migrator: Migrator, monitor: Monitor, door: Door) -> Self {
        let backups = BackupOptions::new(Strategy::Full, Place::Directory("backups".into()));
        let (turns, places) = (Arc::new(Semaphore::new(ANSWERED)), Arc::new(Semaphore::new(WATCHED)));
        let jobs = Jobs::default();
        Self { shared: Arc::new(Shared { migrator, monitor, door, backups, jobs, turns, places }) }
    }

    /// Takes, verifies and keeps backups in another way, or in another place. Of which strategy one is, whoever begins it says.
    #[must_use]
    pub fn with_backups(self, backups: BackupOptions) -> Self {
        Self { shared: Arc::new(Shared { backups, ..Arc::unwrap_or_clone(self.shared) }) }
    }

    /// Asks what is under way to stop at its next safe point, and waits until it has; where the migrator's own stop signal is
    /// given up, what is running is cancelled.
    pub async fn close(&self) {
        self.shared.jobs.close(self.shared.migrator.stop_signal()).await;
    }

    pub(super) fn migrator(&self) -> &Migrator {
        &self.shared.migrator
    }

    pub(super) fn monitor(&self) -> &Monitor {
        &self.shared.monitor
    }

    pub(super) fn door(&self) -> &Door {
        &self.shared.door
    }

    /// How backups are taken and verified.
    pub(super) fn backups(&self) -> &BackupOptions {
        &self.shared.backups
    }

    pub(super) fn jobs(&self) -> &Jobs {
        &self.shared.jobs
    }

    /// Begins a job for a caller, whose admission goes with it.
    pub(super) fn begin(
        &self,
        caller: &Caller,
        title: String,
        work: impl FnOnce(Migrator) -> BoxFuture<'static, Result<Product, Error>>,
    ) -> Result<Job, Failure> {
        self.jobs().begin((caller, title), self.monitor(), work)
    }

    /// Waits until it is a request's turn, which lasts as long as what this gives.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let turn = tokio::time::timeout(PATIENCE, self.shared.turns.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| Failure::busy("too much is asked at once: try again"))
    }

    /// A place among those who watch, for as long as it is kept.
    pub(super) fn watch(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = self.shared.places.clone().try_acquire_owned();
        place.map_err(|_| Failure::busy("too many watch jobs already: look at the job itself"))
    }

    /// The database's name, which a dangerous action wants typed.
    pub(super) fn database(&self) -> &str {
        self.migrator().database().database()
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Portal")
            .field("migrator", self.migrator())
            .field("door", self.door())
            .finish_non_exhaustive()
    }
}

/// The API below `/admin/api` and the page at `/admin`, to be merged into an application's own router. Serve it with the address of whoever asks
/// ([`Router::into_make_service_with_connect_info`]), which the audit and the limit on wrong tokens go by.
pub fn routes(portal: &Portal) -> Router {
    let router = Router::new().nest("/admin/api", api::router(portal)).merge(page::router(portal));
    guard::around(router).with_state(portal.clone())
}
