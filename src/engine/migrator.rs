use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "backup")]
use super::backups::BackupOptions;
use super::hygiene::Hygiene;
use super::lock::Patience;
#[cfg(feature = "operations")]
use super::operations::Policy;
use super::operations::Probe;
use super::run::RunSettings;
use super::sink::Sink;
use super::{APPLICATION_NAME, Error, Event};
use crate::config::{HistoryTable, Role};
use crate::db::{ConnectOptions, Connection, connect};
use crate::plan::OutOfOrder;
use crate::revisions::{RevisionSet, States, StopSignal};

/// Brings a database to the revisions that a binary carries.
///
/// ```no_run
/// use hardtack::{ConnectOptions, Migrator, UpgradeOptions, db::process_environment};
///
/// # hardtack::embed!();
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let database = ConnectOptions::resolve(Some("postgres://app@db.internal/app"), process_environment)?;
/// let migrator = Migrator::new(&migrations::REVISIONS, database);
/// let run = migrator.upgrade(UpgradeOptions::default()).await?;
/// println!("{} revisions applied, now at {:?}", run.applied.len(), run.to);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Migrator {
    revisions: RevisionSet,
    database: ConnectOptions,
    table: HistoryTable,
    pub(super) lock_timeout: Duration,
    lock_retries: u32,
    pub(super) lock_wait: Duration,
    pub(super) stop: StopSignal,
    pub(super) out_of_order: OutOfOrder,
    /// What is asked of every run.
    #[cfg(feature = "operations")]
    pub(super) policy: Policy,
    /// What a run takes before it touches anything.
    #[cfg(feature = "backup")]
    pub(super) backup: Option<Arc<BackupOptions>>,
    states: States,
    pub(super) sink: Sink,
    pub(super) probe: Option<Arc<Probe>>,
    /// Whether nothing that it does stays.
    pub(super) is_rehearsal: bool,
}

impl Migrator {
    /// A migrator with defaults: refinery's history table in `public`, 5 seconds for a lock on a table, 5 minutes
    /// for another process that migrates.
    #[must_use]
    pub fn new(revisions: &RevisionSet, database: ConnectOptions) -> Self {
        Self {
            revisions: revisions.clone(),
            database,
            table: HistoryTable::default(),
            lock_timeout: Duration::from_secs(5),
            lock_retries: 10,
            lock_wait: Duration::from_secs(300),
            stop: StopSignal::new(),
            out_of_order: OutOfOrder::Reject,
            #[cfg(feature = "operations")]
            policy: Policy::default(),
            #[cfg(feature = "backup")]
            backup: None,
            states: States::new(),
            sink: Sink::default(),
            probe: None,
            is_rehearsal: false,
        }
    }

    /// Keeps the history in another table.
    ///
    /// A database whose history stands elsewhere looks empty, and would get every revision again: change this only
    /// together with the table itself.
    #[must_use]
    pub fn with_history_table(self, table: HistoryTable) -> Self {
        let table = table.with_role(self.table.role().cloned());
        Self { table, ..self }
    }

    /// Works as another role than the one that connects, which must be a member of it: every revision runs as that
    /// role and owns what it makes, and the history and hardtack's own tables are read and written as it.
    ///
    /// It is taken in each transaction (`set local role`), so that it works through a transaction pooler. A revision
    /// without a transaction takes it for its session, and is refused through a pooler, where that session may be
    /// another client's next.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        let table = self.table.with_role(Some(role));
        Self { table, ..self }
    }

    /// The longest that a statement waits for one lock on a table or another object; a revision may set its own.
    /// Everything that wants the same lock queues behind a waiting migration, so this bounds how long it can hold the
    /// application up. Zero waits without end.
    #[must_use]
    pub fn with_lock_timeout(self, lock_timeout: Duration) -> Self {
        Self { lock_timeout, ..self }
    }

    /// How often a step that did not get a lock in time, or fell to a deadlock, is tried again. It is rolled back before,
    /// and the pauses grow from a second to half a minute, with jitter. 10 where nothing is said, some three minutes.
    ///
    /// A function of a Rust revision is called anew then; one without a transaction is not tried again, nor is anything
    /// in a single transaction.
    #[must_use]
    pub fn with_lock_retries(self, lock_retries: u32) -> Self {
        Self { lock_retries, ..self }
    }

    /// The longest wait for another process that migrates the same database.
    #[must_use]
    pub fn with_lock_wait(self, lock_wait: Duration) -> Self {
        Self { lock_wait, ..self }
    }

    /// What to do about a revision that is older than the newest applied one.
    #[must_use]
    pub fn with_out_of_order(self, out_of_order: OutOfOrder) -> Self {
        Self { out_of_order, ..self }
    }

    /// Gives Rust revisions something of the application's own, by its type:
    /// [`Context::state`](crate::Context::state) returns it. A second one of the same type replaces the first.
    #[must_use]
    pub fn with_state<T: Send + Sync + 'static>(mut self, state: T) -> Self {
        self.states.insert(state);
        self
    }

    #[cfg(feature = "cli")]
    pub(crate) fn with_states(self, states: States) -> Self {
        Self { states, ..self }
    }

    /// The same with other revisions.
    #[must_use]
    pub fn with_revisions(self, revisions: &RevisionSet) -> Self {
        Self { revisions: revisions.clone(), ..self }
    }

    /// The same on another database.
    #[must_use]
    pub fn with_database(self, database: ConnectOptions) -> Self {
        Self { database, ..self }
    }

    /// Stops at the next safe point once this signal is given.
    #[must_use]
    pub fn with_stop(self, stop: StopSignal) -> Self {
        Self { stop, ..self }
    }

    /// Tells what happens while it happens. The sink is called between round trips and should be quick.
    #[must_use]
    pub fn on_event(self, sink: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self { sink: self.sink.with(sink), ..self }
    }

    /// The revisions this binary carries.
    #[must_use]
    pub fn revisions(&self) -> &RevisionSet {
        &self.revisions
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &ConnectOptions {
        &self.database
    }

    /// The history table.
    #[must_use]
    pub fn history_table(&self) -> &HistoryTable {
        &self.table
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        self.sink.tell(&self.database, event);
    }

    /// The same, whose events somebody else is told as well.
    pub(crate) fn also_telling(self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self { sink: self.sink.and(observer), ..self }
    }

    /// The longest wait for another process.
    pub(crate) fn lock_wait(&self) -> Duration {
        self.lock_wait
    }

    /// What asks it to stop.
    pub(crate) fn stop_signal(&self) -> &StopSignal {
        &self.stop
    }

    pub(super) fn run_settings(&self, connection: &Connection, single_transaction: bool) -> RunSettings {
        RunSettings {
            database: self.database.clone(),
            states: self.states.clone(),
            table: self.table.clone(),
            lock_timeout: self.lock_timeout,
            lock_retries: self.lock_retries,
            lock_wait: self.lock_wait,
            unfinished: Vec::new(),
            single_transaction,
            hygiene: self.hygiene(),
            out_of_order: self.out_of_order,
            sink: self.sink.clone(),
            probe: self.probe.clone(),
            is_rehearsal: self.is_rehearsal,
            cancel: connection.cancel_handle(),
        }
    }

    /// How long to wait for another process that migrates.
    pub(super) fn patience(&self) -> Patience<'_> {
        Patience { options: &self.database, longest: self.lock_wait, stop: &self.stop }
    }

    /// The rules of a session without a pooler.
    pub(super) fn hygiene(&self) -> Hygiene {
        Hygiene { role: self.table.role().cloned(), pooled: None, limit: None, process_id: None }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Error> {
        Ok(connect(&self.database, APPLICATION_NAME).await?)
    }
}

impl fmt::Debug for Migrator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Migrator")
            .field("revisions", &self.revisions.len())
            .field("database", &self.database)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
