//! What a plan may destroy, and whom it may disturb.

mod age;
mod ask;
mod at_risk;
mod compatibility;
mod facts;
mod found;
mod gates;
mod hazard;
mod hazards;
mod live;
mod lock_mode;
mod loss;
mod name;
mod reading;
mod relation;
mod statement;
mod token;
mod verdict;
mod window;

pub use age::{age, parse_age};
pub(crate) use at_risk::at_risk;
pub use at_risk::{AtRisk, TableAtRisk};
pub(crate) use compatibility::breaks_before;
pub use facts::TableFacts;
pub use found::FoundHazard;
pub use gates::{Danger, Facts, GateOutcome, Gates};
pub use hazard::{FoundBy, HAZARDS, Hazard, hazard};
pub(crate) use live::Assessment;
pub(crate) use live::assess;
pub use lock_mode::{Bars, LockMode};
pub(crate) use loss::losses;
pub use loss::{Loss, LossKind};
pub use verdict::Verdict;
pub use window::Window;
