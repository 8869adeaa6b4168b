use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::output::{Output, confirmed, remark};
use super::settings::{Database, Settings, SettingsError};
use super::{Application, ExitCode, Format, LogFormat, progress};
use crate::db::ConnectOptions;
#[cfg(feature = "embedded")]
use crate::db::embedded::{Embedded, EmbeddedServer, allowed_in};
use crate::engine::{Error, Migrator};
use crate::health::BootError;
use crate::revisions::{self, Folder, ResolveError, RevisionSet, StopSignal};

/// One invocation: what was configured, and what it has opened so far.
#[derive(Debug)]
pub(super) struct Session {
    application: Application,
    pub(super) settings: Settings,
    pub(super) output: Output,
    stop: StopSignal,
    server: Server,
}

/// The development server, where one was started.
#[derive(Debug, Default)]
pub(super) struct Server {
    #[cfg(feature = "embedded")]
    running: Option<Box<EmbeddedServer>>,
    /// Ends a server that an earlier run was told to keep.
    #[cfg(feature = "embedded")]
    end_kept: Option<Embedded>,
}

/// Why an invocation ends otherwise than hoped for.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) code: ExitCode,
}

impl Session {
    pub(super) fn new(
        application: Application,
        settings: Settings,
        output: Output,
        stop: StopSignal,
    ) -> Self {
        Self { application, settings, output, stop, server: Server::default() }
    }

    /// The revisions: those in the binary, or those of `--dir`.
    pub(super) fn revisions(&self) -> Result<RevisionSet, Failure> {
        self.resolved(revisions::resolve)
    }

    /// The revisions in the binary, whatever `--dir` says.
    pub(super) fn application_revisions(&self) -> RevisionSet {
        self.application.revisions.clone()
    }

    fn resolved(
        &self,
        resolve: impl Fn(&Path) -> Result<Folder, ResolveError>,
    ) -> Result<RevisionSet, Failure> {
        let Some(folder) = &self.settings.dir.value else { return Ok(self.application.revisions.clone()) };
        Ok(told(resolve(folder)?))
    }

    /// The folder of revisions to write to.
    pub(super) fn folder(&self) -> PathBuf {
        self.settings.dir.value.clone().unwrap_or_else(|| PathBuf::from("migrations"))
    }

    /// The usual folder of revisions, where there is one that this binary was not built from and that nobody named.
    pub(super) fn other_folder(&self) -> Option<PathBuf> {
        let folder = self.folder();
        if self.settings.dir.value.is_some() || !folder.is_dir() {
            return None;
        }
        let ours = self.application.revisions.fingerprint();
        let is_ours = revisions::resolve(&folder).is_ok_and(|there| there.revisions.fingerprint() == ours);
        (!is_ours).then_some(folder)
    }

    /// The database that was given, or the development server, which then stands for one.
    pub(super) async fn database(&mut self) -> Result<ConnectOptions, Failure> {
        if let Database::Given(options) = &self.settings.database.value {
            return Ok((**options).clone());
        }
        let options = self.start_development_server().await?;
        self.settings.database.value = Database::Given(Box::new(options.clone()));
        Ok(options)
    }

    /// The revisions: those in the binary, or those of `--dir`, with warnings for what the build would refuse.
    pub(super) fn lenient_revisions(&self) -> Result<RevisionSet, Failure> {
        self.resolved(revisions::resolve_leniently)
    }

    /// A migrator that tells its progress on standard error and heeds signals.
    pub(super) async fn migrator(&mut self) -> Result<Migrator, Failure> {
        let revisions = self.revisions()?;
        self.migrator_of(revisions).await
    }

    /// A migrator for looking, going back and mending: faults of the folder in `--dir` are told and do not stop it.
    pub(super) async fn lenient_migrator(&mut self) -> Result<Migrator, Failure> {
        let revisions = self.lenient_revisions()?;
        self.migrator_of(revisions).await
    }

    /// The revisions of a folder, whatever `--dir` says; what the build would refuse is a warning.
    pub(super) fn revisions_of(folder: &Path) -> Result<RevisionSet, Failure> {
        Ok(told(revisions::resolve_leniently(folder)?))
    }

    /// The same of these revisions.
    pub(super) async fn migrator_of(&mut self, revisions: RevisionSet) -> Result<Migrator, Failure> {
        let database = self.database().await?;
        Ok(self.migrator_on(&revisions, database))
    }

    /// A migrator of those revisions on that database.
    pub(super) fn migrator_on(&self, revisions: &RevisionSet, database: ConnectOptions) -> Migrator {
        let migrator = Migrator::new(revisions, database)
            .with_history_table(self.settings.history_table.value.clone())
            .with_lock_timeout(self.settings.lock_timeout.value)
            .with_lock_retries(self.settings.lock_retries.value)
            .with_lock_wait(self.settings.lock_wait.value)
            .with_out_of_order(self.settings.out_of_order.value)
            .with_on_drift(self.settings.on_drift.value)
            .with_ignored_drift(self.settings.ignored_drift.value.clone())
            .with_gates(self.settings.gates.gates())
            .with_consent(self.settings.consent())
            .with_states(self.application.states.clone())
            .with_stop(self.stop.clone())
            .on_event(match self.settings.log_format {
                LogFormat::Human => progress::tell,
                LogFormat::Json => progress::log,
            });
        match &self.settings.role.value {
            Some(role) => migrator.with_role(role.clone()),
            None => migrator,
        }
    }

    /// Asks on a terminal before something is changed; elsewhere only `--yes` goes on.
    pub(super) fn confirm(&self, yes: bool, question: &str) -> Result<(), Failure> {
        if yes || (self.output.format == Format::Human && confirmed(question)) {
            return Ok(());
        }
        Err(Failure::new(ExitCode::Refused, "go on: nobody agreed to it; nothing was changed; give --yes"))
    }

    /// Hands the development server over; without one, nothing.
    pub(super) fn take_server(&mut self) -> Server {
        std::mem::take(&mut self.server)
    }

    #[cfg(feature = "embedded")]
    async fn start_development_server(&mut self) -> Result<ConnectOptions, Failure> {
        if !self.application.development_server {
            return Err(Failure::no_database());
        }
        let environment = self.settings.environment.value.as_deref();
        allowed_in(environment).map_err(|error| Failure::new(ExitCode::Refused, error))?;
        let keep = self.settings.keep_server.value;
        let embedded = Embedded::new(".hardtack").bin_dir(self.settings.pg_bin.value.clone());
        self.server.end_kept = (keep == Some(false)).then(|| embedded.clone());
        let server = embedded.keep_running(keep == Some(true)).start().await.map_err(Failure::from_error)?;
        remark(&format!(
            "no database given: using a private PostgreSQL {} for DEVELOPMENT, in .hardtack/ (set DATABASE_URL for a real \
             one)",
            server.version().split(' ').next().unwrap_or_default()
        ));
        if keep == Some(true) {
            remark(&format!("it stays when this command ends; reach it with: psql '{}'", server.url()));
        }
        let options = server.options().clone();
        self.server.running = Some(Box::new(server));
        Ok(options)
    }

    #[cfg(not(feature = "embedded"))]
    #[expect(clippy::unused_async, reason = "the same face with and without the feature")]
    async fn start_development_server(&mut self) -> Result<ConnectOptions, Failure> {
        Err(Failure::no_database())
    }
}

/// The revisions of a resolved folder, once its warnings were told.
fn told(resolved: Folder) -> RevisionSet {
    for warning in &resolved.warnings {
        remark(warning);
    }
    resolved.revisions
}

impl Server {
    /// Stops it, unless it is kept or others use it.
    pub(super) async fn stop(self) {
        #[cfg(feature = "embedded")]
        {
            let told = |error| remark(&format!("the development server could not be stopped: {error}"));
            if let Some(server) = self.running {
                let _ = server.stop().await.map_err(told);
            }
            if let Some(kept) = self.end_kept {
                let _ = kept.stop_kept().await.map_err(told);
            }
        }
    }
}

impl Failure {
    pub(super) fn new(code: ExitCode, message: impl Display) -> Self {
        Self { message: message.to_string(), code }
    }

    pub(super) fn usage(error: impl Display) -> Self {
        Self::new(ExitCode::Usage, error)
    }

    pub(super) fn from_error(error: impl Display) -> Self {
        Self::new(ExitCode::Failure, error)
    }

    pub(super) fn given_up() -> Self {
        Self::new(
            ExitCode::Stopped,
            "finish: given up at the third signal; a transaction that was already sent may still commit; `status` tells",
        )
    }

    fn no_database() -> Self {
        Self::new(
            ExitCode::Usage,
            "find a database: give --database-url, DATABASE_URL, PGHOST and PGDATABASE, or `database-url` in hardtack.toml",
        )
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(ExitCode::of(&error), error)
    }
}

impl From<BootError> for Failure {
    fn from(error: BootError) -> Self {
        Self::new(ExitCode::of_boot(&error), error)
    }
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        let code = match error {
            ResolveError::Findings(_) => ExitCode::Refused,
            _ => ExitCode::Usage,
        };
        Self::new(code, error)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let code = match error {
            SettingsError::PasswordOnCommandLine => ExitCode::Refused,
            _ => ExitCode::Usage,
        };
        Self::new(code, error)
    }
}
