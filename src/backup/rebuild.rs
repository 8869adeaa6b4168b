//! A database made of a backup, beside others, and proven.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tokio_postgres::Client;

use super::archive::{ARCHIVE, ZSTD_SINCE, is_in_archive};
use super::begun::watched;
use super::proof::{Proof, prove};
use super::pulse::Pulse;
use super::put_back::load;
use super::stored::Stored;
use super::temporary::Temporary;
use super::{BackupError, Manifest, TableEntry, unpack, verify};
use crate::config::{HistoryTable, Role};
use crate::db::{
    ConnectError, ConnectOptions, Likeness, NO_TIMEOUTS, PgRestore, Scratch, blocking, connect, first_value,
    quote_identifier,
};
use crate::revisions::{Progress, StopSignal};

/// What is to be made of a backup, and where.
pub(crate) struct Rebuild<'a> {
    pub(crate) stored: &'a Stored,
    /// A database of the server beside which it is made.
    pub(crate) beside: &'a ConnectOptions,
    pub(crate) history: &'a HistoryTable,
    /// How many tables at once.
    pub(crate) jobs: usize,
    /// Where `pg_restore` is, if not where it usually is.
    pub(crate) programs: Option<&'a Path>,
    pub(crate) application_name: &'a str,
    /// Ends it, with nothing left of it.
    pub(crate) stop: &'a StopSignal,
    /// Told in megabytes.
    pub(crate) tell: &'a (dyn Fn(&Progress<'_>) + Send + Sync),
}

/// The archive of a backup as `pg_restore` reads it.
struct Unpacked {
    folder: PathBuf,
    /// Where it was unpacked to.
    _temporary: Option<Temporary>,
}

/// A database of the server that is always there, and is not that one.
pub(crate) async fn maintenance(
    options: &ConnectOptions,
    application_name: &str,
) -> Result<ConnectOptions, BackupError> {
    let usual = options.clone().with_database("postgres");
    let other = options.clone().with_database("template1");
    if options.database() != usual.database() {
        match connect(&usual, application_name).await {
            Ok(connection) => {
                connection.close().await;
                return Ok(usual);
            }
            // Somebody has dropped it.
            Err(ConnectError::DatabaseMissing { .. }) if options.database() != other.database() => {}
            Err(error) => return Err(error.into()),
        }
    }
    connect(&other, application_name).await?.close().await;
    Ok(other)
}

/// Makes an empty scratch database that is like the one that was backed up.
pub(crate) async fn scratch(request: &Rebuild<'_>) -> Result<Scratch, BackupError> {
    let traits = &request.stored.manifest.database.traits;
    let owner = Role::new(traits.owner.clone()).ok();
    let (beside, application_name) = (request.beside, request.application_name);
    Ok(Scratch::create(beside, owner.as_ref(), Likeness::Like(traits), application_name).await?)
}

/// Makes of it what the backup holds, and proves that. Whoever made it drops it again where this fails.
pub(crate) async fn rebuild(request: &Rebuild<'_>, scratch: &Scratch) -> Result<Proof, BackupError> {
    let proof = tokio::select! {
        filled = fill(request, scratch) => filled?,
        () = request.stop.requested() => return Err(BackupError::Stopped {
            left: "what was made of the backup is dropped again; every other database is as it was",
        }),
    };
    if proof.faults.is_empty() {
        return Ok(proof);
    }
    Err(BackupError::Unsound { backup: request.stored.path.clone(), faults: proof.faults })
}

async fn fill(request: &Rebuild<'_>, scratch: &Scratch) -> Result<Proof, BackupError> {
    let left = "the new database is dropped again, and no other was touched";
    let failed = |action| move |source| BackupError::Server { action, left, source };
    let connection = connect(scratch.options(), request.application_name).await?;
    let client = &connection.client;
    let may_be_idle =
        "select setting from pg_catalog.pg_settings where name = 'idle_session_timeout' and setting <> '0'";
    let may_be_idle = client.simple_query(may_be_idle).await.map_err(failed("read a setting"))?;
    // Its workers wait for one another, and it says nothing of this itself.
    let there = match first_value(&may_be_idle) {
        Some(_) => scratch.options().clone().with_option("-c idle_session_timeout=0"),
        None => scratch.options().clone(),
    };
    let text = format!("{NO_TIMEOUTS}; set lock_timeout = 0");
    client.batch_execute(&text).await.map_err(failed("set time-outs"))?;
    let server = connection.server_version_num() / 10_000;
    let (_unpacked, pg_restore) = readable(request.stored, request.programs, server).await?;
    restore(request, &there, &pg_restore).await?;
    load_beside(request, client).await?;
    client.batch_execute("analyze").await.map_err(failed("analyze the new database"))?;
    prove(request, scratch.options()).await
}

/// Loads the rows that are not in the archive: of a schema alone, those of its history.
async fn load_beside(request: &Rebuild<'_>, client: &Client) -> Result<(), BackupError> {
    let is_beside = |table: &&TableEntry| table.files.iter().any(|file| !is_in_archive(file));
    let pulse = Pulse::new("loading the history", 0, request.tell);
    for table in request.stored.manifest.tables.iter().filter(is_beside) {
        let columns: Vec<String> =
            table.columns.iter().map(|column| quote_identifier(&column.name)).collect();
        let (schema, name) = (quote_identifier(&table.schema), quote_identifier(&table.name));
        let target = format!("{schema}.{name} ({})", columns.join(", "));
        load(client, &target, table, request.stored, &pulse).await?;
    }
    Ok(())
}

/// The archive, and a `pg_restore` for it and a server of that major version. Also compares its table of contents.
async fn readable(
    stored: &Stored,
    programs: Option<&Path>,
    server: u32,
) -> Result<(Unpacked, PgRestore), BackupError> {
    let (dumped, is_native) = match &stored.manifest.archive {
        Some(archive) => (archive.pg_dump, archive.packed_by_pg_dump),
        None => (server, false),
    };
    let found = PgRestore::find(Path::new(ARCHIVE), programs, dumped.max(server)).await?;
    let reads_zstd = is_native && found.major() >= ZSTD_SINCE;
    let unpacked = stored.clone().unpacked(reads_zstd).await?;
    let pg_restore = found.of(&unpacked.folder);
    Ok((unpacked, pg_restore))
}

async fn restore(
    request: &Rebuild<'_>,
    there: &ConnectOptions,
    pg_restore: &PgRestore,
) -> Result<(), BackupError> {
    let tables = &request.stored.manifest.tables;
    let sizes: HashMap<String, u64> = tables.iter().map(|table| (table.to_string(), table.bytes)).collect();
    let pulse = Pulse::new("restoring", sizes.values().sum(), request.tell);
    let jobs = request.jobs.max(1);
    let restore = |told| pg_restore.all(there, jobs, told);
    Ok(watched(&pulse, sizes, jobs, restore).await?)
}

/// Compares the archive's table of contents with the manifest, where it can be read.
pub(crate) async fn check_contents(
    stored: &Stored,
    programs: Option<&Path>,
    options: &ConnectOptions,
) -> Result<Vec<String>, BackupError> {
    if stored.manifest.archive.is_none() || !stored.is_readable() {
        return Ok(Vec::new());
    }
    let toc = stored.clone().table_of_contents().await?;
    verify::read_contents(stored, &toc.folder, programs, options).await
}

impl Stored {
    /// The archive as files, which is where it lies if nothing has to be done to it.
    async fn unpacked(self, reads_zstd: bool) -> Result<Unpacked, BackupError> {
        if let Some(folder) = self.source.folder()
            && self.is_plain(folder, reads_zstd)
        {
            return Ok(Unpacked { folder: folder.join(ARCHIVE), _temporary: None });
        }
        self.unpack(|_| true).await
    }

    /// The same of nothing but its table of contents.
    async fn table_of_contents(self) -> Result<Unpacked, BackupError> {
        self.unpack(|name| name.ends_with("/toc.dat")).await
    }

    fn is_plain(&self, folder: &Path, reads_zstd: bool) -> bool {
        let is_plain = |name: &String| reads_zstd || unpack::unpacked_name(name) == name;
        // A long one may be there in parts.
        let is_whole = |name: &String| {
            fs::metadata(folder.join(name)).is_ok_and(|file| file.len() == self.manifest.files[name].bytes)
        };
        let archive = self.archive_files();
        !self.manifest.is_encrypted() && archive.into_iter().all(|name| is_plain(name) && is_whole(name))
    }

    fn archive_files(&self) -> Vec<&String> {
        self.manifest.files.keys().filter(|name| is_in_archive(name)).collect()
    }

    async fn unpack(self, wanted_file: fn(&str) -> bool) -> Result<Unpacked, BackupError> {
        let path = self.path.clone();
        let unpacking = blocking(move |wanted| {
            let temporary = Temporary::new()?;
            let folder = temporary.path().join(ARCHIVE);
            fs::create_dir(&folder)?;
            for name in self.archive_files() {
                let plain = unpack::unpacked_name(name);
                if !wanted_file(plain) {
                    continue;
                }
                wanted.check()?;
                let mut file = File::create_new(temporary.path().join(plain))?;
                io::copy(&mut unpack::open(&*self.source, name, &self.identities)?, &mut file)?;
            }
            Ok(Unpacked { folder, _temporary: Some(temporary) })
        });
        unpacking.await.map_err(|source| BackupError::Read { file: path, source })
    }
}

impl Manifest {
    /// The name under which a database is kept whose place another one takes: `orders_before_20261128T183120Z`, and where there
    /// is one of that name, the same with a number, from 2.
    pub(crate) fn kept_name(database: &str, at: time::OffsetDateTime, number: u32) -> String {
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        let ending = format!("_before_{}{number}", super::survey::stamp(at));
        // The server cuts names that are longer.
        let mut cut = database.len().min(63 - ending.len());
        while !database.is_char_boundary(cut) {
            cut -= 1;
        }
        format!("{}{ending}", &database[..cut])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_name_has_room_for_its_number() {
        let at = time::OffsetDateTime::UNIX_EPOCH;
        assert_eq!(Manifest::kept_name("orders", at, 1), "orders_before_19700101T000000Z");
        assert_eq!(Manifest::kept_name("orders", at, 2), "orders_before_19700101T000000Z-2");
        let long = Manifest::kept_name(&"ä".repeat(31), at, 12);
        assert!(long.len() <= 63 && long.ends_with("_before_19700101T000000Z-12"), "{long}");
    }
}
