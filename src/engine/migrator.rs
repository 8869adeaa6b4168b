use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

#[cfg(feature = "backup")]
use super::backups::BackupOptions;
use super::dry_run::{self, DryRun, DryRunOptions, Probe};
use super::hygiene::Hygiene;
use super::lock::Patience;
use super::run::{self, RunSettings};
use super::sink::Sink;
use super::{
    APPLICATION_NAME, Consent, DataCheck, DowngradeOptions, DowngradePlan, Error, Event, OnDrift,
    RevisionStatus, Run, RunEnd, RunOutcome, Status, UpgradeOptions, data_checks, downgrade, drift, gate,
    status,
};
use crate::catalog::Ignore;
use crate::config::{HistoryTable, Role};
use crate::db::{ConnectOptions, Connection, connect};
use crate::history::{self, EvidenceKind};
use crate::plan::{Back, OutOfOrder, Plan, Target};
use crate::revisions::{RevisionSet, States, StopSignal};
use crate::safety::{self, AtRisk, Gates};

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
    pub(super) on_drift: OnDrift,
    pub(super) ignored_drift: Ignore,
    pub(super) gates: Gates,
    pub(super) consent: Consent,
    /// What a run takes before it touches anything.
    #[cfg(feature = "backup")]
    pub(super) backup: Option<Arc<BackupOptions>>,
    states: States,
    sink: Sink,
    probe: Option<Arc<Probe>>,
    /// Whether nothing that it does stays.
    is_rehearsal: bool,
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
            on_drift: OnDrift::Ignore,
            ignored_drift: Ignore::default(),
            gates: Gates::default(),
            consent: Consent::default(),
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

    /// What [`upgrade`](Self::upgrade) does about drift when it is done. It compares with the snapshot that comes with the
    /// revisions, which takes one query more, of the whole catalog; without a snapshot of this very history it cannot.
    #[must_use]
    pub fn with_on_drift(self, on_drift: OnDrift) -> Self {
        Self { on_drift, ..self }
    }

    /// What is not to count as drift.
    #[must_use]
    pub fn with_ignored_drift(self, ignored_drift: Ignore) -> Self {
        Self { ignored_drift, ..self }
    }

    /// What must be true before [`upgrade`](Self::upgrade) and [`downgrade`](Self::downgrade) take the lock. Judged only where
    /// something is to be done.
    #[must_use]
    pub fn with_gates(self, gates: Gates) -> Self {
        Self { gates, ..self }
    }

    /// What the operator says together with the next runs.
    #[must_use]
    pub fn with_consent(self, consent: Consent) -> Self {
        Self { consent, ..self }
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

    /// The same, with its steps measured.
    pub(super) fn with_probe(self, probe: Arc<Probe>) -> Self {
        Self { probe: Some(probe), ..self }
    }

    /// The same on a database that is dropped again, where no gate is in the way of anything.
    pub(super) fn on_scratch(self, database: ConnectOptions) -> Self {
        let (gates, consent) = (Gates::default(), Consent::default());
        Self {
            database,
            gates,
            consent,
            #[cfg(feature = "backup")]
            backup: None,
            sink: self.sink.uncounted(),
            is_rehearsal: true,
            ..self
        }
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

    /// Applies what is pending, exactly once however many processes call this together.
    ///
    /// With nothing pending it takes one query: no lock, nothing written. Otherwise it takes the migration lock on
    /// a second connection, reads the history again, and applies revision by revision, each with its history row in one
    /// transaction. It writes the history table, `hardtack.run` and `hardtack.step`, and creates them where they
    /// are missing. When it returns, everything it reports is on disk.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; a gate refuses; the lock is not had in time, or lost; a
    /// revision fails; the schema has drifted, where that is asked for. Each error says what the database holds then.
    ///
    /// The future is boxed here, so that it is compiled with this crate and not again with every application.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn upgrade(&self, options: UpgradeOptions) -> BoxFuture<'_, Result<Run, Error>> {
        let work = async move { self.apply(&self.connect().await?, options).await };
        Box::pin(self.observed("upgrade", RunEnd::of_run, Box::pin(work)))
    }

    /// The same on an open connection.
    pub(crate) async fn upgrade_on(
        &self,
        connection: &Connection,
        options: UpgradeOptions,
    ) -> Result<Run, Error> {
        self.observed("upgrade", RunEnd::of_run, Box::pin(self.apply(connection, options))).await
    }

    async fn apply(&self, connection: &Connection, options: UpgradeOptions) -> Result<Run, Error> {
        let run = run::upgrade(self, connection, options).await?;
        if run.outcome != RunOutcome::Stopped {
            self.look_for_drift(connection).await?;
        }
        Ok(run)
    }

    /// What [`with_on_drift`](Self::with_on_drift) wants.
    pub(crate) async fn look_for_drift(&self, connection: &Connection) -> Result<(), Error> {
        drift::after_upgrade(self, connection).await
    }

    /// Whether the database has exactly what this binary has: one query.
    pub(crate) async fn is_at_head(&self, connection: &Connection) -> Result<bool, Error> {
        Ok(history::at_head(&connection.client, &self.table, &self.revisions).await?)
    }

    /// Undoes applied revisions, the newest first, by their downs: each with its history row in one transaction, under the
    /// same lock and the same session rules as [`upgrade`](Self::upgrade). The run log keeps what was undone.
    ///
    /// # Errors
    /// As `upgrade`; and a revision on the way has no down, or the history is not the one that was agreed to.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn downgrade(&self, options: DowngradeOptions) -> BoxFuture<'_, Result<Run, Error>> {
        Box::pin(self.observed(
            "downgrade",
            RunEnd::of_run,
            Box::pin(async move { downgrade::downgrade(self, &self.connect().await?, &options).await }),
        ))
    }

    /// What [`downgrade`](Self::downgrade) would undo, and what would be lost with it: counted rows of tables and
    /// columns, for at most ten seconds each. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; a revision on the way has no down.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan_downgrade(&self, back: Back) -> BoxFuture<'_, Result<DowngradePlan, Error>> {
        Box::pin(async move { downgrade::plan_downgrade(self, &self.connect().await?, back).await })
    }

    /// Reads what is applied, what is pending and what disagrees. Writes nothing and takes no lock. The metrics of where the
    /// database stands, with the feature `metrics`, are then as of now.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn status(&self) -> BoxFuture<'_, Result<Status, Error>> {
        Box::pin(async move {
            let status = status::status(self, &self.connect().await?).await?;
            #[cfg(feature = "metrics")]
            status.record();
            Ok(status)
        })
    }

    /// Asks again what had to hold after the ups of the applied revisions, as the role, each check in a transaction of its
    /// own that reads only. Takes no lock but those of reading.
    ///
    /// # Errors
    /// The database cannot be reached, or its history cannot be read. A check that does not hold is no error.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn check_data(&self) -> BoxFuture<'_, Result<Vec<DataCheck>, Error>> {
        Box::pin(async move { data_checks::check_data(self, &self.connect().await?).await })
    }

    /// What [`upgrade`](Self::upgrade) or [`downgrade`](Self::downgrade) would do: its hazards, and from a rehearsal the locks,
    /// rewrites, rows and times of each statement and the schema afterwards.
    ///
    /// Nothing that it does stays, but for what PostgreSQL itself does not roll back, which the result names. A rehearsal on the
    /// database itself runs the steps, functions and hooks of Rust included, under the migration lock in one transaction that
    /// is rolled back. While it runs it holds the locks that the steps take, for no longer than its [`Bounds`](super::dry_run::Bounds)
    /// say, and rows that it writes leave dead ones behind. A rehearsal elsewhere makes a database beside this one and drops it
    /// again, which wants CREATEDB; revisions run there in earnest.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the lock is not had; the database that is to be cloned
    /// is in use. A step that fails is no error, but a result.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn dry_run<'a>(&'a self, options: &'a DryRunOptions) -> BoxFuture<'a, Result<DryRun, Error>> {
        Box::pin(self.observed(
            "dry_run",
            RunEnd::succeeded,
            Box::pin(async move { dry_run::dry_run(self, &self.connect().await?, options).await }),
        ))
    }

    /// Records that the plan of this hash was rehearsed, or that a backup was taken for it; `note` says how, or which. Takes the
    /// migration lock, and writes `hardtack.evidence` and the run log.
    ///
    /// # Errors
    /// The database cannot be reached; the lock is not had in time; the role may not write.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn record_evidence<'a>(
        &'a self,
        kind: EvidenceKind,
        plan: &'a str,
        note: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { gate::record(self, &self.connect().await?, (kind, plan, note)).await })
    }

    /// What [`upgrade`](Self::upgrade) would run. Writes nothing and takes no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the target is unknown or behind.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn plan(&self, target: Target) -> BoxFuture<'_, Result<Vec<RevisionStatus>, Error>> {
        Box::pin(async move {
            let history = history::read(&self.connect().await?.client, &self.table).await?;
            let plan = Plan::upgrade(&self.revisions, &history, target, self.out_of_order)?;
            Ok(plan.steps.into_iter().map(RevisionStatus::of).collect())
        })
    }

    /// Which tables [`upgrade`](Self::upgrade) can lose data of, as its texts and the catalog tell. Writes nothing and takes
    /// no lock.
    ///
    /// # Errors
    /// The database cannot be reached; history and revisions disagree; the target is unknown or behind; the catalog cannot
    /// be read.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn tables_at_risk(&self, target: Target) -> BoxFuture<'_, Result<AtRisk, Error>> {
        Box::pin(async move {
            let client = &self.connect().await?.client;
            let history = history::read(client, &self.table).await?;
            let plan = Plan::upgrade(&self.revisions, &history, target, self.out_of_order)?;
            safety::at_risk(client, &self.table, &plan).await.map_err(|source| {
                let left = "nothing was changed";
                Error::State { action: "tell which tables the upgrade can lose data of", left, source }
            })
        })
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
