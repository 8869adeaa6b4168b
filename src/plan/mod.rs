//! From a history to a target: pure functions, no I/O.

mod conflict;
mod plan;

pub use conflict::{Conflict, Conflicts};
pub use plan::{Plan, PlanError, Target};
pub(crate) use plan::{conflicts, newest_versioned};
