//! Judges a plan: what it loses, whom it disturbs on the live database, and whether it may run.

mod age;
mod ask;
mod at_risk;
mod facts;
mod found;
mod gates;
mod live;
mod lock_mode;
mod loss;
mod name;
mod reading;
mod relation;
mod statement;
mod token;
mod window;

pub use age::{age, parse_age};
pub(crate) use at_risk::at_risk;
pub use at_risk::{AtRisk, TableAtRisk};
pub use facts::TableFacts;
pub use found::FoundHazard;
pub use gates::{Danger, Facts, GateOutcome, Gates};
pub(crate) use live::Assessment;
pub(crate) use live::assess;
pub use lock_mode::{Bars, LockMode};
pub(crate) use loss::losses;
pub use loss::{Loss, LossKind};
pub use window::Window;
