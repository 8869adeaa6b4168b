//! From a history to a target: pure functions, no I/O.

mod conflict;
mod downgrade;
mod hash;
mod mapping;
mod mapping_problem;
mod matching;
mod out_of_order;
mod upgrade;

pub use conflict::{Conflict, Conflicts};
pub use downgrade::Back;
pub(crate) use hash::hashes_of_longer;
pub use mapping::{MappedRow, Mapping, MatchedBy, Meaning, Overrides};
pub use mapping_problem::{MappingError, MappingProblem};
pub use out_of_order::OutOfOrder;
pub use upgrade::{Plan, PlanError, Target};
pub(crate) use upgrade::{conflicts, newest_left, newest_versioned};
