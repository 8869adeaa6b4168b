//! From a history to a target: pure functions, no I/O.

mod conflict;
mod upgrade;

pub use conflict::{Conflict, Conflicts};
pub use upgrade::{Plan, PlanError, Target};
pub(crate) use upgrade::{conflicts, newest_versioned};
