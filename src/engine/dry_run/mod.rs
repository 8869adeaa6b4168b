//! What would happen: the plan with its hazards, and what a rehearsal of it shows.

mod model;

pub use model::{
    Depth, DryRun, DryStatement, DryStep, HeldLock, LeftBehind, Measured, Place, Rehearsal, Rehearsed,
    Rewrite, RowsWritten, Scan, StatementKind, Untouched,
};
