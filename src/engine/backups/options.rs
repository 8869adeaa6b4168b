use std::path::PathBuf;

use serde::Serialize;

use crate::backup::{Depth, Identities, Manifest, Place, Recipients, Strategy, Verified};

/// What is to be backed up, and where to.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// What is taken.
    pub strategy: Strategy,
    /// Where backups are.
    pub place: Place,
    /// Of [`Strategy::Tables`]: patterns of the tables that are taken, `schema.name` or `name` with `*` for anything. Where there are
    /// none, those that the pending revisions can lose data of.
    pub tables: Vec<String>,
    /// To whom it is encrypted; to nobody where it is empty.
    pub recipients: Recipients,
    /// The keys that verifying an encrypted backup wants.
    pub identities: Identities,
    /// How many tables at once, at least 1.
    pub jobs: usize,
    /// Where `pg_dump` and `pg_restore` are, if not where they usually are.
    pub programs: Option<PathBuf>,
    /// How thoroughly it is verified once it is taken.
    pub verify: Option<Depth>,
    /// Which older ones of the same database stay.
    pub keep: Keep,
}

/// Which backups of a database stay when another one was taken. Where neither is said, all.
///
/// One stays if any of the two wants it; and the newest stays, and the newest that was verified as thoroughly as any was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// So many of the newest.
    pub newest: Option<usize>,
    /// Those of so many days.
    pub days: Option<u32>,
}

/// A backup that was taken.
#[derive(Clone, Debug, Serialize)]
pub struct TakenBackup {
    /// Where it is.
    pub path: String,
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// How it was verified; none where nobody asked for it.
    pub verified: Option<Verified>,
    /// Older ones that were removed.
    pub removed: Vec<String>,
}

/// What is to be restored, and how.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// Where the backup is.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// The database to make of it; none for the migrator's own, whose place the new one takes.
    pub into: Option<String>,
    /// Whether the database whose place was taken is dropped in the end.
    pub drop_old: bool,
    /// The keys for reading it.
    pub identities: Identities,
    /// How many tables at once, at least 1.
    pub jobs: usize,
    /// Where `pg_restore` is, if not where it usually is.
    pub programs: Option<PathBuf>,
    /// Look whether it fits and what it would do, and write nothing.
    pub dry_run: bool,
}

impl BackupOptions {
    /// A backup of this kind in that place: two tables at once, not encrypted, read through once it is taken.
    #[must_use]
    pub fn new(strategy: Strategy, place: Place) -> Self {
        Self {
            strategy,
            place,
            tables: Vec::new(),
            recipients: Recipients::default(),
            identities: Identities::default(),
            jobs: 2,
            programs: None,
            verify: Some(Depth::Quick),
            keep: Keep::default(),
        }
    }
}

impl RestoreOptions {
    /// The backup of that name, in the place of the migrator's database.
    #[must_use]
    pub fn new(place: Place, name: impl Into<String>) -> Self {
        Self {
            place,
            name: name.into(),
            into: None,
            drop_old: false,
            identities: Identities::default(),
            jobs: 2,
            programs: None,
            dry_run: false,
        }
    }
}
