use tracing::Instrument;

use super::{BackupOptions, Keep, TakenBackup, until_stopped, verify};
use crate::backup::{self, BackupError, Chosen, Depth, Manifest, Place, Request, Series, Strategy};
use crate::db::{self, Connection, ScratchError, client_span};
use crate::engine::operations::gate;
use crate::engine::{APPLICATION_NAME, Error, Event, Migrator};
use crate::history::{self, EvidenceKind, History};
use crate::plan::{Plan, Target};
use crate::revisions::Progress;
use crate::safety::{self, AtRisk, TableAtRisk};

/// How often a snapshot is taken between two equal readings of the history.
const ATTEMPTS: u32 = 5;

/// A backup on its own, without the migration lock. Where a gate wants one, it is recorded for the plan that is pending.
pub(in crate::engine) async fn backup(
    migrator: &Migrator,
    connection: &Connection,
    options: &BackupOptions,
) -> Result<TakenBackup, Error> {
    let history = history::read(&connection.client, migrator.history_table()).await?;
    let plan = Plan::upgrade(migrator.revisions(), &history, Target::Head, migrator.out_of_order);
    let plan = match plan {
        // A history that contradicts this program wants a backup all the more.
        Err(_) if options.strategy != Strategy::Tables || !options.tables.is_empty() => Plan::default(),
        plan => plan?,
    };
    let taken = take(migrator, connection, options, &history, &plan).await?;
    let counts = options.strategy != Strategy::SchemaOnly && !plan.is_empty();
    if counts && migrator.policy.gates.backup_within.is_some() {
        let evidence = (EvidenceKind::Backup, &*plan.hash(), &*taken.path);
        // The session that was there before the backup may be gone.
        let recorded = async { gate::record(migrator, &migrator.connect().await?, evidence).await };
        if let Err(error) = recorded.await {
            tracing::warn!(%error, "the backup is taken, and counts for no gate");
        }
    }
    Ok(taken)
}

/// The backup that a run begins with, under its lock; none where none is wanted.
pub(in crate::engine) async fn before_run(
    migrator: &Migrator,
    connection: &Connection,
    history: &History,
    plan: &Plan<'_>,
) -> Result<Option<TakenBackup>, Error> {
    let Some(options) = &migrator.backup else { return Ok(None) };
    // Behind the backup the run goes on with it.
    db::may_be_idle(connection).await.map_err(asking("let a session wait"))?;
    match take(migrator, connection, options, history, plan).await {
        // There is nothing to lose.
        Err(Error::Backup(BackupError::NoTables)) if options.tables.is_empty() => Ok(None),
        taken => taken.map(Some),
    }
}

/// Takes it in a span of the trace.
async fn take(
    migrator: &Migrator,
    connection: &Connection,
    options: &BackupOptions,
    history: &History,
    plan: &Plan<'_>,
) -> Result<TakenBackup, Error> {
    let strategy = options.strategy.name();
    let span =
        client_span!("hardtack.backup", migrator.database(), "backup", hardtack.backup.strategy = strategy);
    let taken = Box::pin(take_whole(migrator, connection, options, history, plan));
    let taken = taken.instrument(span.clone()).await;
    if let Err(error) = &taken {
        error.record(&span);
    }
    taken
}

async fn take_whole(
    migrator: &Migrator,
    connection: &Connection,
    options: &BackupOptions,
    history: &History,
    plan: &Plan<'_>,
) -> Result<TakenBackup, Error> {
    let is_streamed = matches!(options.place, Place::Stream(_));
    let depth = options.verify.filter(|_| !is_streamed);
    if depth == Some(Depth::Full)
        && options.strategy != Strategy::Tables
        && let Some(refusal) = scratch_refusal(connection).await?
    {
        return Err(BackupError::from(refusal).into());
    }
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    let request = Request {
        options: migrator.database(),
        history: migrator.history_table(),
        version: history.applied.iter().map(|applied| applied.version).max(),
        applied: history.applied.len(),
        plan: (!plan.is_empty()).then(|| plan.hash()),
        strategy: options.strategy,
        chosen: chosen(migrator, connection, options, plan).await?,
        place: &options.place,
        recipients: &options.recipients,
        jobs: options.jobs,
        programs: options.programs.as_deref(),
        lock_wait: migrator.lock_timeout,
        application_name: APPLICATION_NAME,
        tell: &tell,
    };
    let taking = async {
        for _ in 1..ATTEMPTS {
            let snapshot = snapshot(migrator, connection, &request, history).await?;
            match backup::take(&request, &snapshot).await {
                // A table was emptied, or written anew, before it could be locked.
                Err(BackupError::Moved) => {}
                taken => return Ok::<_, Error>(taken?),
            }
        }
        Err(BackupError::Moved.into())
    };
    let left = "nothing is left of the backup, and the database was only read";
    let whole = until_stopped(migrator, left, taking).await?;
    // In between nobody could tell whether it is one.
    let (path, manifest) = whole.commit().await?;
    let verified = match depth {
        Some(depth) => match verify(migrator, options, &manifest.name, depth).await {
            Ok(verified) => Some(verified),
            Err(source) => return Err(Error::NotVerified { path, source: Box::new(source) }),
        },
        None => None,
    };
    let removed = remove_older(migrator, options, &manifest).await;
    Ok(TakenBackup { path, manifest, verified, removed })
}

/// Why the session's role may not make scratch databases; none where it may.
pub(in crate::engine) async fn scratch_refusal(
    connection: &Connection,
) -> Result<Option<ScratchError>, Error> {
    db::scratch_refusal(connection).await.map_err(asking("ask whether this login may make databases"))
}

/// An error of the server before anything was done.
fn asking(action: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Error {
    move |source| Error::State { action, left: "nothing was changed", source }
}

/// Removes older backups that nothing keeps; their names.
async fn remove_older(migrator: &Migrator, options: &BackupOptions, manifest: &Manifest) -> Vec<String> {
    let of = Series {
        database: manifest.database.name.clone(),
        history: manifest.history_table.clone(),
        system: manifest.database.system.clone(),
    };
    // The backup is there, whatever becomes of older ones.
    prune(migrator, &options.place, &of, options.keep).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "older backups are left");
        Vec::new()
    })
}

/// Removes what is not to be kept of these; their names.
pub(super) async fn prune(
    migrator: &Migrator,
    place: &Place,
    of: &Series,
    keep: Keep,
) -> Result<Vec<String>, Error> {
    if keep == Keep::default() {
        return Ok(Vec::new());
    }
    // A session from before a backup may be gone.
    let spared = in_use(&migrator.connect().await?, migrator).await?;
    Ok(backup::prune(place, of, (keep.newest, keep.days), &spared).await?)
}

/// The names of backups that a deploy which has not ended may still want.
async fn in_use(connection: &Connection, migrator: &Migrator) -> Result<Vec<String>, Error> {
    let query = format!(
        "{}select backup from hardtack.deploy where finished_at is null and backup is not null",
        db::as_role(migrator.history_table().role())
    );
    let paths = match connection.client.simple_query(&query).await {
        Ok(messages) => db::values_of(&messages),
        // Hardtack never wrote here, or not yet such a table.
        Err(error) if db::is_absent(&error) => Vec::new(),
        Err(source) => {
            let left = "no backup was removed, for a deploy that has not ended may want it";
            return Err(Error::State { action: "read hardtack.deploy", left, source });
        }
    };
    let name = |path: &String| path.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(paths.iter().map(name).collect())
}

/// A snapshot of the very history that was read: nothing was applied or undone between two readings with the snapshot between
/// them.
async fn snapshot(
    migrator: &Migrator,
    connection: &Connection,
    request: &Request<'_>,
    history: &History,
) -> Result<backup::Snapshot, Error> {
    for _ in 0..ATTEMPTS {
        let snapshot = request.snapshot().await?;
        let now = history::read(&connection.client, migrator.history_table()).await?;
        if now.applied == history.applied {
            return Ok(snapshot);
        }
    }
    Err(BackupError::Moved.into())
}

/// The tables whose rows are wanted.
async fn chosen(
    migrator: &Migrator,
    connection: &Connection,
    options: &BackupOptions,
    plan: &Plan<'_>,
) -> Result<Chosen, Error> {
    if options.strategy != Strategy::Tables {
        return Ok(Chosen::All);
    }
    if !options.tables.is_empty() {
        return Ok(Chosen::Named(options.tables.clone()));
    }
    let at_risk = safety::at_risk(&connection.client, migrator.history_table(), plan).await;
    let AtRisk { tables, all } = at_risk.map_err(asking("ask the database which tables are at risk"))?;
    let why = match all {
        Some(why) => format!("every table: {why}"),
        None => {
            let why = |table: &TableAtRisk| format!("{}.{}: {}", table.schema, table.name, table.why);
            tables.iter().map(why).collect::<Vec<_>>().join("\n")
        }
    };
    let tables = tables.into_iter().map(|table| (table.schema, table.name)).collect();
    Ok(Chosen::Listed { tables, why })
}
