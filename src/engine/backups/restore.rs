use std::time::{Duration, Instant};

use serde::Serialize;
use time::OffsetDateTime;

use super::{RestoreOptions, until_stopped, verify};
use crate::backup::{
    self, BackupError, Live, Manifest, Name, Proof, PutBackTable, Rebuild, Stored, Strategy,
};
use crate::db::{ConnectError, ConnectOptions, Connection, Scratch, connect, quote_identifier};
use crate::engine::locked::Locked;
use crate::engine::preflight::Intent;
use crate::engine::{APPLICATION_NAME, Error, Event, Migrator};
use crate::history;
use crate::revisions::Progress;

/// What there is when a restore was stopped.
const NOT_RESTORED: &str = "nothing was restored, and every database is as it was";

/// What a restore did, or would do.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// Where the backup is.
    pub path: String,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The database that has the rows now.
    pub database: String,
    /// Whether nothing was done, because nothing was to be.
    pub dry_run: bool,
    /// The name under which the database is kept whose place was taken; none where there was none, or it was dropped.
    pub kept: Option<String>,
    /// The sessions that the database had, which a change of names ends.
    pub sessions: u64,
    /// What was found to be as it was taken, in a database that was made of the backup.
    pub proof: Option<Proof>,
    /// The tables whose rows were put back into a database that was there.
    pub tables: Vec<PutBack>,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "history::milliseconds")]
    pub duration: Duration,
}

/// A table whose rows were put back.
pub type PutBack = PutBackTable;

/// Restores a backup. See [`Migrator::restore`].
pub(in crate::engine) async fn restore(
    migrator: &Migrator,
    options: &RestoreOptions,
) -> Result<Restored, Error> {
    let started = Instant::now();
    let stored = Stored::open(&options.place, &options.name, &options.identities).await?;
    let reading = verify::read_through(migrator, &stored, options.jobs, options.programs.as_deref());
    until_stopped(migrator, NOT_RESTORED, reading).await?;
    let restored = match stored.manifest.strategy {
        // Its transaction is rolled back.
        Strategy::Tables => until_stopped(migrator, NOT_RESTORED, tables(migrator, options, &stored)).await?,
        Strategy::Full | Strategy::SchemaOnly => database(migrator, options, &stored).await?,
    };
    Ok(Restored { duration: started.elapsed(), ..restored })
}

impl Restored {
    fn new(stored: &Stored, database: &str, dry_run: bool) -> Self {
        Self {
            path: stored.path.clone(),
            manifest: stored.manifest.clone(),
            database: database.to_owned(),
            dry_run,
            kept: None,
            sessions: 0,
            proof: None,
            tables: Vec::new(),
            duration: Duration::ZERO,
        }
    }
}

fn unfit(stored: &Stored, reason: impl Into<String>, advice: impl Into<String>) -> Error {
    let manifest = Box::new(stored.manifest.clone());
    BackupError::Unfit { manifest, reason: reason.into(), advice: advice.into() }.into()
}

/// What is wrong with putting this backup in the place of that database.
fn check_fit(migrator: &Migrator, options: &RestoreOptions, stored: &Stored) -> Result<(), Error> {
    let (manifest, database) = (&stored.manifest, migrator.database().database());
    if options.into.is_some() {
        return Ok(());
    }
    if manifest.strategy == Strategy::SchemaOnly {
        let reason = "it has no rows, and a database in whose place it is put would have none either";
        return Err(unfit(stored, reason, "make another database of it with --into NAME"));
    }
    if manifest.database.name != database {
        let reason = format!("it is of the database {}, and this one is {database}", manifest.database.name);
        return Err(unfit(
            stored,
            reason,
            "name the right one, or make another database of it with --into NAME",
        ));
    }
    if manifest.history_table != migrator.history_table().to_string() {
        let (theirs, ours) = (&manifest.history_table, migrator.history_table());
        let reason = format!("its history of revisions is in {theirs}, and this one is looked for in {ours}");
        return Err(unfit(stored, reason, "give --history-table as it was when the backup was taken"));
    }
    let known = migrator.revisions().iter().map(|revision| revision.version).max();
    if manifest.version > known {
        let (theirs, ours) = (words(manifest.version), words(known));
        let reason = format!("it is at {theirs}, and this program ends at {ours}");
        return Err(unfit(stored, reason, "restore it with a program that knows its revisions"));
    }
    Ok(())
}

fn words(version: Option<i64>) -> String {
    version.map_or("an empty history".to_owned(), |version| format!("version {version}"))
}

fn check_server(stored: &Stored, server: &Connection) -> Result<(), Error> {
    let (taken, here) = (stored.manifest.server_version / 10_000, server.server_version_num() / 10_000);
    if taken > here {
        let reason = format!("it was taken of PostgreSQL {taken}, and this server is of {here}");
        return Err(unfit(stored, reason, format!("restore it on a server of {taken} or newer")));
    }
    Ok(())
}

/// Makes a database of a backup, proves it, and gives it the name.
async fn database(migrator: &Migrator, options: &RestoreOptions, stored: &Stored) -> Result<Restored, Error> {
    check_fit(migrator, options, stored)?;
    let beside = backup::maintenance(migrator.database(), APPLICATION_NAME).await?;
    let server = connect(&beside, APPLICATION_NAME).await?;
    check_server(stored, &server)?;
    let target = options.into.as_deref().unwrap_or(migrator.database().database());
    let is_there = backup::is_there(&server.client, target).await?;
    if options.into.is_some() && is_there {
        return Err(unfit(stored, format!("there is a database {target} already"), "name another one"));
    }
    let kept = Manifest::kept_name(target, OffsetDateTime::now_utc());
    let sessions = if is_there { backup::sessions(&server.client, target).await? } else { 0 };
    let restored = Restored {
        kept: is_there.then(|| kept.clone()),
        sessions,
        ..Restored::new(stored, target, options.dry_run)
    };
    if options.dry_run {
        return Ok(restored);
    }
    let (scratch, proof) = rebuilt(migrator, options, stored, &beside).await?;
    let name = match &options.into {
        Some(name) => Name::New(name),
        None => Name::Of { database: target, kept: &kept },
    };
    // From here to the end no stop is heeded: names change whole.
    let swapped = named(migrator, (&scratch, &server), stored, name, is_there).await;
    let was_there = match swapped {
        Ok(was_there) => was_there,
        Err(error) => {
            // What is told is why it got no name.
            let _ = scratch.discard().await;
            return Err(error);
        }
    };
    let note = format!(
        "of {}{}",
        stored.path,
        if was_there { format!("; the one before is {kept}") } else { String::new() }
    );
    log(migrator, target, &note).await;
    let dropped = was_there && options.drop_old;
    if dropped {
        drop_database(&server, &kept).await?;
    }
    Ok(Restored { kept: (was_there && !dropped).then_some(kept), proof: Some(proof), ..restored })
}

async fn rebuilt(
    migrator: &Migrator,
    options: &RestoreOptions,
    stored: &Stored,
    beside: &ConnectOptions,
) -> Result<(Scratch, Proof), Error> {
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    let request = Rebuild {
        stored,
        beside,
        history: migrator.history_table(),
        jobs: options.jobs,
        programs: options.programs.as_deref(),
        application_name: APPLICATION_NAME,
        stop: &migrator.stop,
        tell: &tell,
    };
    Ok(backup::rebuild(&request).await?)
}

/// Changes the names, but not while another run migrates the database whose place is taken. The migration lock is held until the
/// rename, which lets no new session in, ends its session with all others.
async fn named(
    migrator: &Migrator,
    (scratch, server): (&Scratch, &Connection),
    stored: &Stored,
    name: Name<'_>,
    is_there: bool,
) -> Result<bool, Error> {
    let connection = if is_there { Some(migrator.connect().await?) } else { None };
    let table = migrator.history_table();
    let intent = Intent { table, rights: &[], untransactional: None, sets: None };
    let _locked = match &connection {
        Some(connection) => Some(Locked::acquire(migrator, connection, &intent).await?),
        None => None,
    };
    Ok(backup::swap(scratch, &server.client, &stored.manifest, name).await?)
}

/// Says in the run log of the new database where it comes from. It is right without.
async fn log(migrator: &Migrator, database: &str, note: &str) {
    let there = migrator.clone().with_database(migrator.database().clone().with_database(database));
    let logged = async {
        let connection = there.connect().await?;
        let intent =
            Intent { table: there.history_table(), rights: &["SELECT"], untransactional: None, sets: None };
        let locked = Locked::acquire(&there, &connection, &intent).await?;
        let written = locked.note("restore", note).await;
        locked.release().await;
        written
    };
    if let Err(error) = logged.await {
        tracing::warn!(%error, "the restore does not stand in the run log");
    }
}

async fn drop_database(server: &Connection, name: &str) -> Result<(), Error> {
    let text = format!("drop database {} with (force)", quote_identifier(name));
    server.client.batch_execute(&text).await.map_err(|source| Error::State {
        action: "drop the database whose place was taken",
        left: "the backup is restored, and that one is kept",
        source,
    })
}

/// Puts rows back into the migrator's own database, under its lock.
async fn tables(migrator: &Migrator, options: &RestoreOptions, stored: &Stored) -> Result<Restored, Error> {
    if options.into.is_some() {
        let reason = "it has the rows of some tables, of which no database can be made";
        return Err(unfit(
            stored,
            reason,
            "leave --into away: its rows go back into the database that is there",
        ));
    }
    check_fit(migrator, options, stored)?;
    let connection = match migrator.connect().await {
        Err(Error::Connect(ConnectError::DatabaseMissing { .. })) => {
            let reason = "its database is not there, and it has the rows of some tables alone";
            return Err(unfit(
                stored,
                reason,
                "restore a full backup, or create the database and upgrade it",
            ));
        }
        connected => connected?,
    };
    check_server(stored, &connection)?;
    let table = migrator.history_table();
    let intent = Intent { table, rights: &["SELECT"], untransactional: None, sets: None };
    let locked = Locked::acquire(migrator, &connection, &intent).await?;
    let put_back = put_back(migrator, options, stored, &connection, &locked).await;
    locked.release().await;
    let database = migrator.database().database();
    Ok(Restored { tables: put_back?, ..Restored::new(stored, database, options.dry_run) })
}

async fn put_back(
    migrator: &Migrator,
    options: &RestoreOptions,
    stored: &Stored,
    connection: &Connection,
    locked: &Locked<'_>,
) -> Result<Vec<PutBack>, Error> {
    let now = locked.history.applied.iter().map(|applied| applied.version).max();
    if now != stored.manifest.version {
        let (then, here) = (stored.manifest.version, words(now));
        let way = if now > then { "downgrade" } else { "upgrade" };
        let advice = format!("first `{way} --to {}`", then.unwrap_or_default());
        return Err(unfit(
            stored,
            format!("it was taken at {}, and the database is at {here}", words(then)),
            advice,
        ));
    }
    let (client, role) = (&connection.client, migrator.history_table().role());
    let live = Live { client, role, lock_timeout: migrator.lock_timeout };
    let tables = &stored.manifest.tables;
    if options.dry_run {
        return Ok(backup::plan_put_back(live, tables).await.map_err(BackupError::from)?);
    }
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    let done = backup::put_back(live, tables, stored, &tell).await.map_err(BackupError::from)?;
    locked.note("restore", &format!("of {}", stored.path)).await?;
    Ok(done)
}
