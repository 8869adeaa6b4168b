use futures_util::future::LocalBoxFuture;
use tokio::task::JoinSet;

use super::output::{Output, ended};
use super::session::{Failure, Server, Session};
use super::settings::Settings;
use super::upgrade::{self, UpgradeArgs};
use super::{BootArgs, CommonArgs, DbCommand, ExitCode, logging, progress, signals};
use crate::db::{self, Pool};
use crate::engine::Migrator;
use crate::health::Monitor;
use crate::revisions::{RevisionSet, States, StopSignal};

/// An application's revisions, and what it allows on its command line.
#[derive(Clone, Debug)]
pub struct Application {
    pub(super) revisions: &'static RevisionSet,
    #[cfg(feature = "embedded")]
    pub(super) development_server: bool,
    heeds_signals: bool,
    pub(super) states: States,
}

/// What a boot comes to.
#[derive(Debug)]
pub enum Boot {
    /// The process is done: exit with this.
    Finished(ExitCode),
    /// The schema is right: the application may serve.
    Ready(Ready),
}

/// A database on which the application may serve.
#[derive(Debug)]
pub struct Ready {
    pool: Pool,
    monitor: Monitor,
    stop: StopSignal,
    backfills: Backfills,
    server: Server,
}

/// Deferred backfills in the background.
#[derive(Debug)]
struct Backfills {
    stop: StopSignal,
    /// Dropped, it ends what runs.
    running: JoinSet<()>,
}

/// Whether SIGINT and SIGTERM are taken as a request to stop. Once they are, they stay so for the process.
#[derive(Clone, Copy)]
enum Signals {
    Default,
    /// As long as the work lasts.
    Heeded,
    /// Beyond it.
    Followed,
}

impl Application {
    /// An application that wants a database to be named.
    #[must_use]
    pub const fn new(revisions: &'static RevisionSet) -> Self {
        Self {
            revisions,
            #[cfg(feature = "embedded")]
            development_server: false,
            heeds_signals: false,
            states: States::new(),
        }
    }

    /// Takes SIGINT and SIGTERM as a request to stop, from [`boot`](Self::boot) on and for as long as the process lives. During the boot
    /// that is at the next safe point: nothing is served, and what was applied is whole. Behind it [`Ready::stopped`] tells, and the
    /// application is to end. A second signal cancels what a migration is running, a third one ends the process.
    ///
    /// Without it signals keep their meaning, which ends the process; in a container's first process they have none.
    #[must_use]
    pub const fn with_graceful_stop(mut self) -> Self {
        self.heeds_signals = true;
        self
    }

    /// With no database given, start a private PostgreSQL in `.hardtack/`: for development, and never in an
    /// environment named production.
    #[cfg(feature = "embedded")]
    #[must_use]
    pub const fn with_development_server(mut self) -> Self {
        self.development_server = true;
        self
    }

    /// Gives Rust revisions something of the application's own, by its type: a key, a client of another service.
    /// [`Context::state`](crate::Context::state) returns it. A second one of the same type replaces the first.
    #[must_use]
    pub fn with_state<T: Send + Sync + 'static>(mut self, state: T) -> Self {
        self.states.insert(state);
        self
    }

    /// Sees on boot that the schema is right, in the way of `--on-pending` and its kin: see [`Migrator::boot`]. With `--migrate-only` it migrates, and
    /// that is all; SIGTERM or SIGINT stop it at the next safe point. Otherwise the application gets a pool of at most `connections` connections once
    /// the schema is right.
    ///
    /// Deferred backfills that have not finished then run beside the application, on sessions of their own, until
    /// [`Ready`] is closed or dropped; other processes may be at them as well.
    ///
    /// The future is boxed here, so that it is compiled with this crate and not again with every application.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn boot<'a>(&'a self, args: &'a BootArgs, connections: usize) -> LocalBoxFuture<'a, Boot> {
        self.boot_with(args, connections, |_| ())
    }

    /// The same, and hands out the [`Monitor`] before it begins: what answers health probes is to be there while the schema is made
    /// right.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn boot_with<'a>(
        &'a self,
        args: &'a BootArgs,
        connections: usize,
        starting: impl FnOnce(&Monitor) + 'a,
    ) -> LocalBoxFuture<'a, Boot> {
        let starting: Box<dyn FnOnce(&Monitor) + 'a> = Box::new(starting);
        Box::pin(self.booted(args, connections, async move |_, monitor| {
            starting(monitor);
            Ok(())
        }))
    }

    /// The same, where starting may want the configuration, and may fail.
    pub(super) async fn booted(
        &self,
        args: &BootArgs,
        connections: usize,
        starting: impl AsyncFnOnce(&Session, &Monitor) -> Result<(), Failure>,
    ) -> Boot {
        if args.migrate_only {
            return Boot::Finished(self.migrate(args).await);
        }
        let signals = if self.heeds_signals { Signals::Followed } else { Signals::Default };
        let booted = self.work(&args.common, signals, async |session| {
            let migrator = session.migrator().await?;
            let policy = session.settings.policy.policy(&args.policy);
            let monitor = Monitor::new(migrator.clone(), policy);
            starting(session, &monitor).await?;
            let booted = monitor.boot().await?;
            upgrade::tell_booted(migrator.database().database(), &booted, session.settings.on_drift.value);
            let pool = db::pool(migrator.database(), connections).map_err(Failure::from_error)?;
            let (stop, server) = (migrator.stop_signal().clone(), session.take_server());
            Ok(Ready { pool, monitor, stop, backfills: Backfills::follow(migrator), server })
        });
        booted.await.map_or_else(|code| Boot::Finished(ended(code)), Boot::Ready)
    }

    /// Runs a command.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn run<'a>(&'a self, common: &'a CommonArgs, command: &'a DbCommand) -> LocalBoxFuture<'a, ExitCode> {
        Box::pin(async move {
            let done = self.work(common, Signals::Heeded, async |session| command.run(session).await);
            ended(done.await.unwrap_or_else(|code| code))
        })
    }

    /// `upgrade`, which waits for a database that is not up yet where a time for that is said.
    async fn migrate(&self, args: &BootArgs) -> ExitCode {
        let done = self.work(&args.common, Signals::Heeded, async |session| {
            if let Some(longest) = session.settings.policy.policy(&args.policy).wait_timeout {
                session.settings.lock_wait.value = longest;
                session.migrator().await?.wait_for_database(longest).await?;
            }
            upgrade::run(session, &UpgradeArgs::default()).await
        });
        ended(done.await.unwrap_or_else(|code| code))
    }

    /// What every way in shares: configuration, log, signals, errors, and the end of the development server.
    async fn work<T>(
        &self,
        common: &CommonArgs,
        signals: Signals,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, ExitCode> {
        let output = Output { format: common.format.unwrap_or_default() };
        let refuse = |failure: Failure| {
            output.error(&failure.message, failure.code);
            failure.code
        };
        let settings =
            Settings::resolve(common, db::process_environment).map_err(|error| refuse(error.into()))?;
        logging::start(settings.log_format);
        if common.show_config {
            let shown = settings.shown();
            output.result(&shown, &shown.to_string());
            return Err(ExitCode::Success);
        }
        let stop = StopSignal::new();
        let mut session = Session::new(self.clone(), settings, output, stop.clone());
        let outcome = match signals {
            Signals::Default => work(&mut session).await,
            Signals::Followed => {
                tokio::spawn(signals::follow(stop));
                work(&mut session).await
            }
            Signals::Heeded => tokio::select! {
                outcome = work(&mut session) => outcome,
                () = signals::watch(stop) => Err(Failure::given_up()),
            },
        };
        session.take_server().stop().await;
        outcome.map_err(refuse)
    }
}

impl Backfills {
    fn follow(migrator: Migrator) -> Self {
        let stop = StopSignal::new();
        // Beside an application, standard error is its own.
        let migrator = migrator.with_stop(stop.clone()).on_event(progress::log_work);
        let mut running = JoinSet::new();
        if migrator.has_deferred_backfills() {
            running.spawn(async move { migrator.follow_backfills().await });
        }
        Self { stop, running }
    }

    async fn end(self, process: &StopSignal) {
        self.stop.end(self.running.join_all(), process).await;
    }
}

impl Ready {
    /// The connections.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What answers health probes.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// Resolves when a signal asks the process to stop; see [`Application::with_graceful_stop`]. From then on it is not ready.
    pub async fn stopped(&self) {
        self.stop.requested().await;
        self.monitor.stopping();
    }

    /// Stops deferred backfills behind their batch, closes the connections, and stops the development server where this
    /// process started one.
    pub async fn close(self) {
        self.backfills.end(&self.stop).await;
        self.pool.close();
        self.server.stop().await;
    }
}
