use std::time::{Duration, Instant};

use serde::Serialize;
use time::OffsetDateTime;

use super::rebuilt::{discarded, rebuilt};
use super::{RestoreOptions, until_stopped, verify};
use crate::backup::{self, BackupError, Live, Manifest, Name, Proof, PutBackTable, Stored, Strategy};
use crate::db::{ConnectError, Connection, NO_TIMEOUTS, Scratch, connect, quote_identifier};
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
    /// Whether the backup is known to be of another server than the database.
    pub is_of_another_server: bool,
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
    if let Some(name) = &options.into {
        check_name(name)?;
    }
    let stored = Stored::open(&options.place, &options.name, &options.identities).await?;
    let reading = verify::read_through(migrator, &stored, options.jobs, options.programs.as_deref());
    until_stopped(migrator, NOT_RESTORED, reading).await?;
    let restored = match stored.manifest.strategy {
        Strategy::Tables => tables(migrator, options, &stored).await?,
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
            is_of_another_server: false,
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

/// Refuses what is no name of a database, before anything is done for it.
fn check_name(name: &str) -> Result<(), BackupError> {
    let reason = match name.len() {
        0 => "a name has a letter at least",
        // The server cuts longer ones.
        64.. => "a name has 63 bytes at the most",
        _ => return Ok(()),
    };
    Err(BackupError::Name { name: name.to_owned(), reason })
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

async fn is_of_another_server(stored: &Stored, server: &Connection) -> Result<bool, Error> {
    let system = backup::system_of(&server.client).await?;
    Ok(stored.manifest.database.is_of_another_server(system.as_deref()))
}

/// Makes a database of a backup, proves it, and gives it the name.
async fn database(migrator: &Migrator, options: &RestoreOptions, stored: &Stored) -> Result<Restored, Error> {
    check_fit(migrator, options, stored)?;
    let beside = backup::maintenance(migrator.database(), APPLICATION_NAME).await?;
    let server = connect(&beside, APPLICATION_NAME).await?;
    server.client.batch_execute(NO_TIMEOUTS).await.map_err(|source| {
        let left = "nothing was changed";
        BackupError::Server { action: "let a session wait", left, source }
    })?;
    check_server(stored, &server)?;
    let target = options.into.as_deref().unwrap_or(migrator.database().database());
    let is_there = backup::is_there(&server.client, target).await?;
    if options.into.is_some() && is_there {
        return Err(unfit(stored, format!("there is a database {target} already"), "name another one"));
    }
    let sessions = if is_there { backup::sessions(&server.client, target).await? } else { 0 };
    let restored = Restored {
        kept: is_there.then(|| Manifest::kept_name(target, OffsetDateTime::now_utc(), 1)),
        sessions,
        is_of_another_server: is_of_another_server(stored, &server).await?,
        ..Restored::new(stored, target, options.dry_run)
    };
    if options.dry_run {
        return Ok(restored);
    }
    let with = (options.jobs, options.programs.as_deref());
    let (scratch, proof) = rebuilt(migrator, stored, &beside, with).await?;
    let name = match &options.into {
        Some(name) => Name::New(name),
        None => Name::Of(target),
    };
    // From here to the end no stop is heeded: names change whole.
    let mut kept = match named(migrator, (&scratch, &server), stored, name, is_there).await {
        Ok(kept) => kept,
        Err(error) => return Err(discarded(scratch, error).await),
    };
    let before = kept.as_ref().map_or(String::new(), |kept| format!("; the one before is {kept}"));
    log(migrator, target, &format!("of {}{before}", stored.path)).await;
    if let Some(old) = kept.take_if(|_| options.drop_old) {
        drop_database(&server, &old).await?;
    }
    Ok(Restored { kept, proof: Some(proof), ..restored })
}

/// Changes the names, but not while another run migrates the database whose place is taken. The migration lock is held until the
/// rename, which lets no new session in, ends its session with all others.
async fn named(
    migrator: &Migrator,
    (scratch, server): (&Scratch, &Connection),
    stored: &Stored,
    name: Name<'_>,
    is_there: bool,
) -> Result<Option<String>, Error> {
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
        not_logged(&error);
    }
}

/// What is restored is restored.
fn not_logged(error: &Error) {
    tracing::warn!(%error, "the restore does not stand in the run log");
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
    let connection = until_stopped(migrator, NOT_RESTORED, connected(migrator, stored)).await?;
    let table = migrator.history_table();
    let intent = Intent { table, rights: &["SELECT"], untransactional: None, sets: None };
    let is_of_another_server = is_of_another_server(stored, &connection).await?;
    let locking = Locked::acquire(migrator, &connection, &intent);
    let locked = until_stopped(migrator, NOT_RESTORED, locking).await?;
    let put_back = put_back(migrator, options, stored, &locked).await;
    locked.release().await;
    let database = migrator.database().database();
    let restored = Restored::new(stored, database, options.dry_run);
    Ok(Restored { tables: put_back?, is_of_another_server, ..restored })
}

async fn connected(migrator: &Migrator, stored: &Stored) -> Result<Connection, Error> {
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
    Ok(connection)
}

async fn put_back(
    migrator: &Migrator,
    options: &RestoreOptions,
    stored: &Stored,
    locked: &Locked<'_>,
) -> Result<Vec<PutBack>, Error> {
    check_version(stored, locked.history.applied.iter().map(|applied| applied.version).max())?;
    let (client, role) = (&locked.connection().client, migrator.history_table().role());
    let live = Live { client, role, lock_timeout: migrator.lock_timeout };
    let tables = &stored.manifest.tables;
    if options.dry_run {
        let planning = async { backup::plan_put_back(live, tables).await.map_err(BackupError::from) };
        return until_stopped(migrator, NOT_RESTORED, planning).await;
    }
    let tell = |progress: &Progress<'_>| migrator.tell(&Event::Backup { progress });
    let putting = async { backup::put_back(live, tables, stored, &tell).await.map_err(BackupError::from) };
    // What was stopped is rolled back with its connection.
    let uncommitted = until_stopped(migrator, NOT_RESTORED, putting).await?;
    // From here to the end no stop is heeded: nobody could tell what there is.
    let done = uncommitted.commit().await.map_err(BackupError::from)?;
    if let Err(error) = locked.note("restore", &format!("of {}", stored.path)).await {
        not_logged(&error);
    }
    Ok(done)
}

/// Refuses rows of another version than the database's, which is now this one.
fn check_version(stored: &Stored, now: Option<i64>) -> Result<(), Error> {
    let then = stored.manifest.version;
    if now == then {
        return Ok(());
    }
    let way = if now > then { "downgrade" } else { "upgrade" };
    let advice = format!("first `{way} --to {}`", then.unwrap_or_default());
    let reason = format!("it was taken at {}, and the database is at {}", words(then), words(now));
    Err(unfit(stored, reason, advice))
}
