use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::db::connect::connect;
use crate::db::connection::Connection;
use crate::db::conninfo::percent_encode;
use crate::db::embedded::builder::blocking;
use crate::db::embedded::cluster::{self, SUPERUSER};
use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::lock::HomeLock;
use crate::db::embedded::place::Place;
use crate::db::embedded::postmaster::Postmaster;
use crate::db::embedded::programs::Programs;
use crate::db::embedded::runner::Runner;
use crate::db::embedded::watchdog::Watchdog;
use crate::db::error::ConnectError;
use crate::db::options::ConnectOptions;
use crate::db::quote::quote_identifier;

/// A share in a running private server.
///
/// Call [`stop`](Self::stop) when done. Dropping does the same, as well as a destructor can: it blocks for
/// as long as the server takes to stop, some tenths of a second, when nobody else uses it.
#[derive(Debug)]
pub struct EmbeddedServer {
    options: ConnectOptions,
    version: String,
    started: bool,
    place: Place,
    runner: Runner,
    /// Present for a server with a home until the share is given back.
    pub(in crate::db) lock: Option<HomeLock>,
    /// Present for a server that is thrown away.
    watchdog: Option<Watchdog>,
}

impl EmbeddedServer {
    /// How to reach the database.
    #[must_use]
    pub fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// The database's URL. It has no password.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.place, self.options.database(), self.options.address().map_or(5432, |(_, port)| port))
    }

    /// The server's version, as it words it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether this call started the server, rather than joined one that ran.
    #[must_use]
    pub fn was_started(&self) -> bool {
        self.started
    }

    /// The directory of the cluster's data.
    #[must_use]
    pub fn data_directory(&self) -> &Path {
        &self.place.data
    }

    /// Gives the share back: stops the server unless other processes use it or it was told to keep running,
    /// and removes it if it is a scratch one. Returns whether it was stopped.
    ///
    /// # Errors
    /// [`EmbeddedError`] when the server does not stop in time.
    pub async fn stop(mut self) -> Result<bool, EmbeddedError> {
        blocking(move || self.finish()).await
    }

    fn finish(&mut self) -> Result<bool, EmbeddedError> {
        if let Some(watchdog) = self.watchdog.take() {
            drop(watchdog);
            return Ok(true);
        }
        match self.lock.take() {
            Some(lock) => Self::leave(lock, &self.place, &self.runner),
            None => Ok(false),
        }
    }

    /// Gives a share back and stops the server if it was the last one. Blocks.
    pub(super) fn leave(lock: HomeLock, place: &Place, runner: &Runner) -> Result<bool, EmbeddedError> {
        let keep = Keep::new(lock.home());
        let Some(changing) = lock.leave()? else { return Ok(false) };
        if keep.is_wanted() {
            return Ok(false);
        }
        let stopped = Postmaster::found(place, runner).stop();
        drop(changing);
        stopped.map(|()| true)
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::warn!(%error, "the private server could not be stopped");
        }
    }
}

/// The note in a home that its server shall outlive its users.
pub(super) struct Keep {
    path: PathBuf,
}

impl Keep {
    pub(super) fn new(home: &Path) -> Self {
        Self { path: home.join("keep-running") }
    }

    pub(super) fn remember(&self) -> Result<(), EmbeddedError> {
        // As root in somebody else's home, a link must lead nowhere.
        match fs::File::create_new(&self.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made.map(drop).doing("write", &self.path),
        }
    }

    pub(super) fn forget(&self) -> Result<(), EmbeddedError> {
        if self.is_wanted() { fs::remove_file(&self.path).doing("remove", &self.path) } else { Ok(()) }
    }

    fn is_wanted(&self) -> bool {
        self.path.exists()
    }
}

/// What is known about a server before it runs.
#[derive(Debug)]
pub(super) struct Launch {
    place: Place,
    runner: Runner,
    options: ConnectOptions,
}

/// Recovery after a crash of the whole machine can take this long, even in development.
const START_LIMIT: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(10);

impl Launch {
    pub(super) fn new(
        place: Place,
        runner: Runner,
        database: &str,
        settings: &[(String, String)],
    ) -> Result<Self, EmbeddedError> {
        let port =
            settings.iter().rev().find(|(name, _)| name == "port").and_then(|(_, value)| value.parse().ok());
        let url = url(&place, database, port.unwrap_or(5432));
        // Not the process's environment: PGHOST is about another server.
        let options = ConnectOptions::resolve(Some(&url), |_| None)?;
        Ok(Self { place, runner, options })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn runner(&self) -> &Runner {
        &self.runner
    }

    /// Joins the server that runs at this place, or gives the lock back when none does.
    pub(super) async fn join(
        &self,
        lock: HomeLock,
    ) -> Result<Result<EmbeddedServer, HomeLock>, EmbeddedError> {
        let shuts_down_or_recovers = |error: &ConnectError| matches!(error, ConnectError::NotReady { .. });
        match self.wait(&Postmaster::found(&self.place, &self.runner), shuts_down_or_recovers).await {
            Ok(version) => Ok(Ok(self.server(version, false, Some(lock), None))),
            Err(EmbeddedError::Connect(ConnectError::Unreachable { .. })) => Ok(Err(lock)),
            Err(error) => Err(error),
        }
    }

    /// Makes the cluster if there is none, starts its server and waits until it answers.
    pub(super) async fn start(
        self,
        programs: Programs,
        settings: Vec<(String, String)>,
        lock: Option<HomeLock>,
        watchdog: Option<Watchdog>,
    ) -> Result<EmbeddedServer, EmbeddedError> {
        let (place, runner) = (self.place.clone(), self.runner.clone());
        let postmaster = blocking(move || {
            if cluster::ensure(&place, &programs, &runner)? {
                tracing::info!(data = %place.data.display(), "made a new PostgreSQL cluster");
            }
            Postmaster::start(&place, &programs, &runner, &settings)
        })
        .await?;
        match self.wait(&postmaster, ConnectError::is_transient).await {
            Ok(version) => Ok(self.server(version, true, lock, watchdog)),
            Err(error) => {
                // Nobody would know that it runs.
                blocking(move || postmaster.stop()).await?;
                Err(error)
            }
        }
    }

    /// Waits until the server answers, as long as its errors are of the kind that passes.
    async fn wait(
        &self,
        server: &Postmaster,
        passes: impl Fn(&ConnectError) -> bool,
    ) -> Result<String, EmbeddedError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.ready(server).await {
                Err(EmbeddedError::Connect(error)) if passes(&error) && Instant::now() < deadline => {}
                result => return result,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn server(
        &self,
        version: String,
        started: bool,
        lock: Option<HomeLock>,
        watchdog: Option<Watchdog>,
    ) -> EmbeddedServer {
        EmbeddedServer {
            options: self.options.clone(),
            version,
            started,
            place: self.place.clone(),
            runner: self.runner.clone(),
            lock,
            watchdog,
        }
    }

    /// Connects, makes the database if there is none, and returns the server's version.
    async fn ready(&self, postmaster: &Postmaster) -> Result<String, EmbeddedError> {
        if let Some(death) = postmaster.death() {
            return Err(death);
        }
        let connection = match connect(&self.options, "hardtack").await {
            Err(ConnectError::DatabaseMissing { .. }) => self.create_database().await?,
            connected => connected?,
        };
        let version = connection.server_version().to_owned();
        connection.close().await;
        Ok(version)
    }

    async fn create_database(&self) -> Result<Connection, EmbeddedError> {
        let maintenance = self.options.clone().with_database("postgres");
        let connection = connect(&maintenance, "hardtack").await?;
        let statement = format!("create database {}", quote_identifier(self.options.database()));
        connection.client.batch_execute(&statement).await?;
        Ok(connection)
    }
}

fn url(place: &Place, database: &str, port: u16) -> String {
    let sockets = percent_encode(&place.sockets.to_string_lossy());
    format!("postgres://{SUPERUSER}@{sockets}:{port}/{}?sslmode=disable", percent_encode(database))
}
