use tracing::Instrument;

use super::{BackupOptions, TakenBackup, until_stopped, verify};
use crate::backup::{self, BackupError, Chosen, Manifest, Place, Request, Strategy};
use crate::db::{Connection, client_span};
use crate::engine::{APPLICATION_NAME, Error, Event, Migrator, gate};
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
    if counts && migrator.gates.backup_within.is_some() {
        gate::record(migrator, connection, (EvidenceKind::Backup, &plan.hash(), &taken.path)).await?;
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
    let (path, manifest) = until_stopped(migrator, left, taking).await?;
    let verified = match options.verify {
        Some(depth) if !matches!(options.place, Place::Stream(_)) => {
            Some(verify(migrator, options, &manifest.name, depth).await?)
        }
        _ => None,
    };
    let removed = remove_older(migrator, connection, options, &manifest).await?;
    Ok(TakenBackup { path, manifest, verified, removed })
}

/// Removes older backups that nothing keeps; their names.
async fn remove_older(
    migrator: &Migrator,
    connection: &Connection,
    options: &BackupOptions,
    manifest: &Manifest,
) -> Result<Vec<String>, Error> {
    let of = (manifest.database.name.as_str(), manifest.history_table.as_str());
    let spared = in_use(connection, migrator).await?;
    let removed = backup::prune(&options.place, of, options.keep.newest, options.keep.days, &spared).await;
    // The backup is there, whatever becomes of older ones.
    Ok(removed.unwrap_or_else(|error| {
        tracing::warn!(%error, "older backups are left");
        Vec::new()
    }))
}

/// The names of backups that a deploy which has not ended may still want.
pub(in crate::engine) async fn in_use(
    connection: &Connection,
    migrator: &Migrator,
) -> Result<Vec<String>, Error> {
    let query = format!(
        "{}select backup from hardtack.deploy where finished_at is null and backup is not null",
        crate::db::as_role(migrator.history_table().role())
    );
    let paths = match connection.client.simple_query(&query).await {
        Ok(messages) => crate::db::values_of(&messages),
        // Hardtack never wrote here, or not yet such a table, or this role may not look.
        Err(error) if error.as_db_error().is_some() => Vec::new(),
        Err(source) => {
            let left = "the backup is taken, and older ones are left";
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
    let AtRisk { tables, all } = at_risk.map_err(|source| Error::State {
        action: "ask the database which tables are at risk",
        left: "nothing was changed",
        source,
    })?;
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
