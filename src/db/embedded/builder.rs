use std::path::{Path, PathBuf};

use crate::db::embedded::cluster;
use crate::db::embedded::environment::allowed_in;
use crate::db::embedded::error::EmbeddedError;
use crate::db::embedded::fetch::{self, MAJOR};
#[cfg(feature = "testing")]
use crate::db::embedded::keeper::Keeper;
use crate::db::embedded::lock::HomeLock;
use crate::db::embedded::place::{Place, make_home};
use crate::db::embedded::programs::Programs;
use crate::db::embedded::runner::Runner;
use crate::db::embedded::server::{EmbeddedServer, Keep, Launch};
use crate::db::embedded::watchdog::Watchdog;
use crate::db::options::process_environment;

/// A private PostgreSQL for development and tests, to be started.
///
/// It listens on a unix socket only its own account may enter, trusts whoever connects, and runs from the
/// server programs of this machine, or fetched ones. As root it runs as the user `postgres` or `nobody`.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use hardtack::db::{connect, embedded::Embedded};
///
/// let server = Embedded::new(".hardtack").database("shop").start().await?;
/// let connection = connect(server.options(), "hardtack").await?;
/// connection.close().await;
/// server.stop().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Embedded {
    /// None for a cluster that is thrown away.
    home: Option<PathBuf>,
    environment: Option<String>,
    bin_dir: Option<PathBuf>,
    keep_running: bool,
    /// Whether it goes with the last of its users.
    #[cfg(feature = "testing")]
    is_shared: bool,
    fetch: bool,
    database: String,
    settings: Vec<(String, String)>,
}

/// Durability is worth nothing to a cluster that is thrown away, and tests open many sessions.
const SCRATCH: [(&str, &str); 5] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("max_connections", "300"),
    ("shared_buffers", "128MB"),
];

impl Embedded {
    /// A server whose data is kept in a directory, usually `.hardtack`, and shared by all processes that
    /// name it: the first starts it, the last stops it.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Self::with_home(Some(home.into()))
    }

    /// A server of its own, in a temporary directory that goes with it, without durability. Server and
    /// directory are removed when the handle is dropped or the process ends, be it by SIGKILL.
    #[must_use]
    pub fn scratch() -> Self {
        let mut scratch = Self::with_home(None);
        scratch.settings = SCRATCH.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        scratch
    }

    /// A server without durability whose data is kept in a directory, for tests: all processes that name it share it, and some
    /// seconds after the last of them has ended it is stopped, however they end. Dropping the handle stops nothing.
    #[cfg(feature = "testing")]
    pub fn shared(home: impl Into<PathBuf>) -> Self {
        let mut shared = Self { home: Some(home.into()), ..Self::scratch() }.keep_running(true);
        shared.is_shared = true;
        shared
    }

    fn with_home(home: Option<PathBuf>) -> Self {
        Self {
            home,
            environment: None,
            bin_dir: None,
            keep_running: false,
            #[cfg(feature = "testing")]
            is_shared: false,
            fetch: true,
            database: "hardtack".to_owned(),
            settings: Vec::new(),
        }
    }

    /// The name of the environment this runs in; see [`allowed_in`].
    #[must_use]
    pub fn environment(mut self, name: Option<&str>) -> Self {
        self.environment = name.map(str::to_owned);
        self
    }

    /// Uses the `initdb` and `postgres` of this directory instead of looking for some.
    #[must_use]
    pub fn bin_dir(mut self, directory: Option<PathBuf>) -> Self {
        self.bin_dir = directory;
        self
    }

    /// Leaves the server running when the last process leaves. It then runs until
    /// [`stop_kept`](Self::stop_kept).
    #[must_use]
    pub fn keep_running(mut self, keep: bool) -> Self {
        self.keep_running = keep;
        self
    }

    /// Whether server programs may be fetched when the machine has none (they may, by default).
    #[must_use]
    pub fn fetch(mut self, allowed: bool) -> Self {
        self.fetch = allowed;
        self
    }

    /// The database to make and connect to: `hardtack` by default.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = name.into();
        self
    }

    /// A server setting, as in `postgresql.conf`. The last one of a name counts.
    /// A server that runs already keeps the settings it has.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Starts the server, or joins the one that runs for this home, and makes the database.
    ///
    /// # Errors
    /// [`EmbeddedError`]; a cluster that was half made is made again by the next call.
    pub async fn start(self) -> Result<EmbeddedServer, EmbeddedError> {
        allowed_in(self.environment.as_deref())?;
        match self.home.clone() {
            Some(home) => self.start_in(&home).await,
            None => self.start_scratch().await,
        }
    }

    /// Stops a server that was told to keep running. Returns false when other processes still use it, in
    /// which case the last of them stops it.
    ///
    /// # Errors
    /// [`EmbeddedError`] when the home or the server cannot be used.
    pub async fn stop_kept(self) -> Result<bool, EmbeddedError> {
        let Some(home) = &self.home else { return Ok(true) };
        let home = make_home(home)?;
        let (lock, changing) = HomeLock::enter(&home).await?;
        Keep::new(&home).forget()?;
        let runner = Runner::for_data(Some(&home.join("data")))?;
        let place = Place::in_home(&home, &runner)?;
        drop(changing);
        blocking(move || EmbeddedServer::leave(lock, &place, &runner)).await
    }

    async fn start_in(self, home: &Path) -> Result<EmbeddedServer, EmbeddedError> {
        let home = make_home(home)?;
        let (lock, changing) = HomeLock::enter(&home).await?;
        let keep = Keep::new(&home);
        if self.keep_running {
            keep.remember()?;
        }
        let runner = Runner::for_data(Some(&home.join("data")))?;
        let place = Place::in_home(&home, &runner)?;
        #[cfg(feature = "testing")]
        if self.is_shared {
            let server = self.start_shared(place, runner, lock).await;
            drop(changing);
            return server;
        }
        let server = self.join_or_launch(place, runner, lock).await?;
        drop(changing);
        tracing::warn!(
            home = %home.display(), started = server.was_started(), version = server.version(),
            "using a PRIVATE PostgreSQL for development; set DATABASE_URL to use a real database"
        );
        Ok(server)
    }

    async fn join_or_launch(
        self,
        place: Place,
        runner: Runner,
        lock: HomeLock,
    ) -> Result<EmbeddedServer, EmbeddedError> {
        let launch = Launch::new(place, runner, &self.database, &self.settings)?;
        match launch.join(lock).await? {
            Ok(running) => Ok(running),
            Err(lock) => self.launch(launch, Some(lock), None).await,
        }
    }

    #[cfg(feature = "testing")]
    async fn start_shared(
        self,
        place: Place,
        runner: Runner,
        lock: HomeLock,
    ) -> Result<EmbeddedServer, EmbeddedError> {
        let keeper = Keeper::new(&place, &runner)?;
        keeper.join().await?;
        let server = self.join_or_launch(place, runner.clone(), lock).await?;
        if server.was_started() {
            keeper.watch(&runner)?;
        }
        Ok(server)
    }

    async fn start_scratch(self) -> Result<EmbeddedServer, EmbeddedError> {
        let runner = Runner::for_data(None)?;
        let place = Place::scratch(&runner)?;
        let watchdog = Watchdog::new(&place, &runner)?;
        let launch = Launch::new(place, runner, &self.database, &self.settings)?;
        self.launch(launch, None, Some(watchdog)).await
    }

    /// Finds programs, makes the cluster if there is none, and starts the server.
    async fn launch(
        self,
        launch: Launch,
        lock: Option<HomeLock>,
        watchdog: Option<Watchdog>,
    ) -> Result<EmbeddedServer, EmbeddedError> {
        let programs = self.programs(&launch).await?;
        launch.start(programs, self.settings, lock, watchdog).await
    }

    async fn programs(&self, launch: &Launch) -> Result<Programs, EmbeddedError> {
        let runner = launch.runner();
        if let Some(directory) = &self.bin_dir {
            return Programs::at(directory, runner);
        }
        let cache = fetch::cache_directory(runner, process_environment);
        let major = cluster::major_of(launch.place());
        let found = {
            let (runner, cache) = (runner.clone(), cache.clone());
            blocking(move || Ok(Programs::find(&runner, major.as_deref(), Some(&cache)))).await?
        };
        match found {
            Some(programs) => Ok(programs),
            None if self.fetch => Programs::at(&fetch::fetch(&cache, runner).await?, runner),
            None => Err(EmbeddedError::NoPrograms { reason: "fetching is off".to_owned(), major: MAJOR }),
        }
    }
}

/// Runs what blocks (child processes, file locks) off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EmbeddedError> + Send + 'static,
) -> Result<T, EmbeddedError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(EmbeddedError::Program { program: "a background task", output: error.to_string() })
    })
}
