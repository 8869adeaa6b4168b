//! What would happen: the plan with its hazards, and what a rehearsal of it shows. With the feature `operations`.

mod judge;
mod look;
mod model;
mod on_clone;
mod on_database;
mod on_scratch;
mod options;
mod probe;
mod rehearsals;
mod run;
mod seen;

pub use model::{
    Depth, DryRun, DryStatement, DryStep, HeldLock, LeftBehind, Measured, Place, Rehearsal, Rehearsed,
    Rewrite, RowsWritten, Scan, StatementKind, Untouched,
};
pub use options::{CloneFrom, DryRunOptions, StageChoice};
pub use probe::Bounds;
pub(in crate::engine) use probe::{Part, Probe};
use run::planned;
pub(super) use run::{dangers, dry_run};
