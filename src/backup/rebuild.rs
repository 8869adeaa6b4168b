//! A database made of a backup, beside others, and proven.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tokio_postgres::Client;

use super::archive::{ARCHIVE, is_in_archive};
use super::begun::watched;
use super::proof::{Proof, prove};
use super::pulse::Pulse;
use super::put_back::load;
use super::stored::Stored;
use super::temporary::Temporary;
use super::{BackupError, Manifest, TableEntry, unpack, verify};
use crate::config::{HistoryTable, Role};
use crate::db::{
    ConnectError, ConnectOptions, Likeness, PgRestore, Scratch, blocking, connect, quote_identifier,
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

/// Since this version `pg_restore` reads what is packed with zstd, where it was built so.
const ZSTD_SINCE: u32 = 16;

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

/// Makes a scratch database of the backup, and proves it. It is dropped again where it is not what was taken.
pub(crate) async fn rebuild(request: &Rebuild<'_>) -> Result<(Scratch, Proof), BackupError> {
    let manifest = &request.stored.manifest;
    let owner = Role::new(manifest.database.traits.owner.clone()).ok();
    let likeness = Likeness::Like(&manifest.database.traits);
    let scratch = Scratch::create(request.beside, owner.as_ref(), likeness, request.application_name).await?;
    let filled = tokio::select! {
        filled = fill(request, &scratch) => filled,
        () = request.stop.requested() => Err(BackupError::Stopped {
            left: "what was made of the backup is dropped again; every other database is as it was",
        }),
    };
    match filled {
        Ok(proof) if proof.faults.is_empty() => Ok((scratch, proof)),
        Ok(proof) => {
            // What is told is what is wrong with it.
            let _ = scratch.discard().await;
            Err(BackupError::Unsound { backup: request.stored.path.clone(), faults: proof.faults })
        }
        Err(error) => {
            // What is told is why it is of no use.
            let _ = scratch.discard().await;
            Err(error)
        }
    }
}

async fn fill(request: &Rebuild<'_>, scratch: &Scratch) -> Result<Proof, BackupError> {
    let connection = connect(scratch.options(), request.application_name).await?;
    let server = connection.server_version_num() / 10_000;
    let (_unpacked, pg_restore) = readable(request.stored, request.programs, server).await?;
    restore(request, scratch, &pg_restore).await?;
    load_beside(request, &connection.client).await?;
    let analyzed = connection.client.batch_execute("analyze").await;
    let left = "the new database is dropped again, and no other was touched";
    analyzed.map_err(|source| BackupError::Server { action: "analyze the new database", left, source })?;
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
    scratch: &Scratch,
    pg_restore: &PgRestore,
) -> Result<(), BackupError> {
    let tables = &request.stored.manifest.tables;
    let sizes: HashMap<String, u64> = tables.iter().map(|table| (table.to_string(), table.bytes)).collect();
    let pulse = Pulse::new("restoring", sizes.values().sum(), request.tell);
    let jobs = request.jobs.max(1);
    let restore = |told| pg_restore.all(scratch.options(), jobs, told);
    Ok(watched(&pulse, sizes, jobs, restore).await?)
}

/// Compares the archive's table of contents with the manifest, where it can be read.
pub(crate) async fn check_contents(
    stored: &Stored,
    programs: Option<&Path>,
    options: &ConnectOptions,
) -> Result<Vec<String>, BackupError> {
    if stored.manifest.archive.is_none() || (stored.manifest.is_encrypted() && stored.identities.is_empty()) {
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
    /// The name under which a database is kept whose place another one takes: `orders_before_20261128T183120Z`.
    pub(crate) fn kept_name(database: &str, at: time::OffsetDateTime) -> String {
        let ending = format!("_before_{}", super::survey::stamp(at));
        // The server cuts names that are longer.
        let mut cut = database.len().min(63 - ending.len());
        while !database.is_char_boundary(cut) {
            cut -= 1;
        }
        format!("{}{ending}", &database[..cut])
    }
}
