use std::path::PathBuf;

use super::model::Depth;
use super::probe::Bounds;
use crate::plan::Way;

/// What a dry run may be told.
#[derive(Clone, Debug, Default)]
pub struct DryRunOptions {
    /// Which way, and how far.
    pub way: Way,
    /// How deep.
    pub depth: Depth,
    /// Where a rehearsal takes place.
    pub stage: StageChoice,
    /// How long a rehearsal on the database itself may be in anybody's way.
    pub bounds: Bounds,
    /// Whether to record a rehearsal in which every step came to its end, as evidence for a gate. That writes
    /// `hardtack.evidence` and the run log, and nothing else.
    pub record: bool,
    /// What a dry run in full runs on.
    pub clone_from: Option<CloneFrom>,
}

/// Where a rehearsal takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StageChoice {
    /// On the database itself as far as one transaction goes, and from there on, on a scratch database.
    #[default]
    Auto,
    /// On the database itself alone.
    Database,
    /// On a scratch database alone: nothing runs on the database itself, and no lock is taken there.
    Scratch,
}

/// What a clone is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloneFrom {
    /// A database of the same server, in which nobody has a session: it is copied by the server.
    Database(String),
    /// What `pg_dump` wrote: an archive in custom, directory or tar format, with the history table in it.
    Dump {
        /// The file or directory.
        path: PathBuf,
        /// The directory of `pg_restore`; where there is none, it is looked for.
        programs: Option<PathBuf>,
    },
}
