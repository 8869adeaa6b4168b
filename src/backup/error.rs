use std::io;

use super::{Manifest, PutBackError};
use crate::catalog::CatalogError;
use crate::db::{ConnectError, DumpError, ScratchError, ServerMessage};
use crate::words::bytes;

/// Why there is no backup, or why one is not put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The database could not be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The catalog could not be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// `pg_dump` or `pg_restore` is missing or failed.
    #[error(transparent)]
    Program(#[from] DumpError),
    /// There is no database to restore into, or it could not be dropped.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// The server refused.
    #[error("{action}: {}; {left}", ServerMessage(.source))]
    Server {
        /// What was being done.
        action: &'static str,
        /// What there is now.
        left: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// Backups cannot be kept there.
    #[error("use {place} for backups: {source}; the database was not touched{}", advice(.source))]
    Place {
        /// The place.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is too little space.
    #[error(
        "take the backup: {place} has {} free, and it may want {}; the database was not touched; free some, keep fewer \
         with --keep, or name another place with --output",
        bytes(*.free), bytes(*.needed)
    )]
    NoSpace {
        /// The place.
        place: String,
        /// Free bytes.
        free: u64,
        /// Bytes that it may want.
        needed: u64,
    },
    /// A file could not be written.
    #[error(
        "write {file} of the backup: {source}; the database was only read, and {left}; other backups are as they were{}",
        advice(.source)
    )]
    Write {
        /// The file.
        file: String,
        /// What there is of the backup now.
        left: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such backup.
    #[error("open the backup {backup}: {what}; `backup list` tells which there are")]
    NotFound {
        /// Its path.
        backup: String,
        /// What is missing.
        what: &'static str,
    },
    /// No database can be called so.
    #[error("call a database {name:?}: {reason}; nothing was changed")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// Its manifest is of another release.
    #[error(
        "read the manifest of the backup {backup}: it is of form {form}, and this release reads {known}; restore it with the \
         hardtack that took it, or a newer one that reads form {form}"
    )]
    Form {
        /// The backup.
        backup: String,
        /// The form.
        form: u64,
        /// That of this release.
        known: u32,
    },
    /// Its manifest is not what was written.
    #[error("read the manifest of the backup {backup}: {reason}")]
    Manifest {
        /// The backup.
        backup: String,
        /// Why not.
        reason: String,
    },
    /// It is not what was taken.
    #[error(
        "verify the backup {backup}: {}; the database was not touched; use another one: `backup list` tells which are verified",
        .faults.join("; ")
    )]
    Unsound {
        /// The backup.
        backup: String,
        /// What is wrong with it.
        faults: Vec<String>,
    },
    /// A file of it could not be read.
    #[error("read {file} of the backup: {source}; the database was not touched")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Revisions were applied or undone, or tables emptied or rewritten, while it was begun.
    #[error(
        "take the backup: revisions were applied or undone, or tables emptied or rewritten, while it was begun; nothing is left of it; take it again, or as \
         `upgrade --backup`, which holds the migration lock"
    )]
    Moved,
    /// No table is at risk, and none was named.
    #[error(
        "take a backup of tables: the pending revisions can lose data of none; nothing was written; name some with --table, \
         or take a full one"
    )]
    NoTables,
    /// A table that was named is not there.
    #[error("take a backup of tables: no table with rows is named {pattern}; nothing was written")]
    NoSuchTable {
        /// As it was named.
        pattern: String,
    },
    /// It was asked to stop.
    #[error("finish: stopped as asked; {left}")]
    Stopped {
        /// What there is now.
        left: &'static str,
    },
    /// Rows were not put back.
    #[error(transparent)]
    PutBack(#[from] PutBackError),
    /// The backup does not fit the database.
    #[error("restore {backup}: {reason}; nothing was changed; {advice}", backup = .manifest.name)]
    Unfit {
        /// What the backup says of itself.
        manifest: Box<Manifest>,
        /// Why it does not fit.
        reason: String,
        /// What to do.
        advice: String,
    },
}

/// What to do about an error of the system.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space, or name another place with --output"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; name a directory where this user may write, with --output"
        }
        _ => "",
    }
}
