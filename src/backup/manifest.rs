use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Strategy;
use crate::db::DatabaseTraits;

/// The form of the manifests that this release writes, and the only one that it reads.
pub(crate) const FORM: u32 = 1;

/// What a backup says of itself: `manifest.json`, which is written last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Manifest {
    /// The form of this file; a release refuses those that it does not know.
    pub form: u32,
    /// The backup's name, which is also that of its folder.
    pub name: String,
    /// What was taken.
    pub strategy: Strategy,
    /// When it was begun, by the clock of the machine that took it.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "admin", schema(value_type = String, format = DateTime))]
    pub taken_at: OffsetDateTime,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The release of hardtack that took it.
    pub hardtack_version: String,
    /// The database, and what another one must be like to take its place.
    pub database: DatabaseEntry,
    /// The version of the server, as `server_version_num` has it: 150018 for 15.18.
    pub server_version: u32,
    /// The history table, qualified and quoted.
    pub history_table: String,
    /// The newest applied version; none in an empty history.
    pub version: Option<i64>,
    /// How many revisions were applied.
    pub applied: usize,
    /// The hash of the plan that was pending; none where nothing was.
    pub plan: Option<String>,
    /// The SHA-256 of the catalog: [`Catalog::fingerprint`](crate::catalog::Catalog::fingerprint).
    pub fingerprint: String,
    /// The archive that `pg_dump` wrote; none in a backup of tables.
    pub archive: Option<ArchiveEntry>,
    /// The tables whose rows are in it, by schema and name.
    pub tables: Vec<TableEntry>,
    /// Why tables other than those were taken, or how they were chosen; empty where all were.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub chosen: String,
    /// Large objects, in a full backup that has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_objects: Option<RowsEntry>,
    /// Its files, by name, as they were written: packed, and perhaps encrypted.
    pub files: BTreeMap<String, FileEntry>,
}

/// The database that was backed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct DatabaseEntry {
    /// Its name.
    pub name: String,
    /// Its bytes on the server, with indexes.
    pub bytes: u64,
    /// The number of its server, as `pg_control_system` tells it: another one's differs, a copy's does not. None where the role
    /// may not ask.
    #[serde(default)]
    pub system: Option<String>,
    /// Encoding, locale, owner, rights and settings.
    #[serde(flatten)]
    pub traits: DatabaseTraits,
}

/// An archive of `pg_dump`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct ArchiveEntry {
    /// The major version of the program.
    pub pg_dump: u32,
    /// Whether it was packed by `pg_dump` itself, so that `pg_restore` reads it as it is.
    pub packed_by_pg_dump: bool,
}

/// A table with rows in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct TableEntry {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns but for generated ones, in the order of the rows' values.
    pub columns: Vec<ColumnEntry>,
    /// How many rows, and what stands for them.
    #[serde(flatten)]
    pub content: RowsEntry,
    /// Its bytes on the server, with TOAST and without indexes.
    pub bytes: u64,
    /// The files that hold its rows.
    pub files: Vec<String>,
}

/// Rows, and what stands for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct RowsEntry {
    /// How many.
    pub rows: u64,
    /// The sum of a 128-bit SipHash-1-3 of each row's `COPY` text, in hexadecimal: the same in whatever order rows come.
    pub hash: String,
}

/// A column whose values are in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// Its type, as the server formats it with an empty `search_path`.
    #[serde(rename = "type")]
    pub sql_type: String,
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct FileEntry {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in lowercase hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The bytes of all its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.bytes).sum()
    }

    /// The rows of all its tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.content.rows).sum()
    }

    /// Whether its files can only be read with a key.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.files.keys().any(|name| name.ends_with(super::pack::AGE))
    }
}

impl DatabaseEntry {
    /// Whether it is known to be of another server than the one of this number.
    pub(crate) fn is_of_another_server(&self, system: Option<&str>) -> bool {
        matches!((self.system.as_deref(), system), (Some(theirs), Some(ours)) if theirs != ours)
    }
}

impl From<super::Content> for RowsEntry {
    fn from(content: super::Content) -> Self {
        Self { rows: content.rows, hash: content.hash() }
    }
}

/// Schema and name.
impl fmt::Display for TableEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.schema, self.name)
    }
}
