//! From a history to a target: pure functions, no I/O.

mod conflict;
mod downgrade;
mod upgrade;

pub use conflict::{Conflict, Conflicts};
pub use downgrade::Back;
pub use upgrade::{Plan, PlanError, Target};
pub(crate) use upgrade::{conflicts, newest_versioned};
