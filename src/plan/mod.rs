//! From a history to a target: pure functions, no I/O.

mod conflict;
mod downgrade;
#[cfg(feature = "operations")]
mod hash;
#[cfg(feature = "operations")]
mod mapping;
#[cfg(feature = "operations")]
mod mapping_problem;
#[cfg(feature = "operations")]
mod matching;
mod out_of_order;
mod upgrade;
mod way;

pub use conflict::{Conflict, Conflicts};
pub use downgrade::Back;
#[cfg(feature = "operations")]
pub(crate) use hash::hashes_of_longer;
#[cfg(feature = "operations")]
pub use mapping::{MappedRow, Mapping, MatchedBy, Meaning, Overrides};
#[cfg(feature = "operations")]
pub use mapping_problem::{MappingError, MappingProblem};
pub use out_of_order::OutOfOrder;
pub use upgrade::{Plan, PlanError, Target};
pub(crate) use upgrade::{conflicts, newest_left, newest_versioned};
pub use way::Way;
