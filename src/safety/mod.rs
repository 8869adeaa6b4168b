//! What a plan may destroy, and whom it may disturb.

#[cfg(feature = "operations")]
mod age;
#[cfg(feature = "operations")]
mod ask;
#[cfg(feature = "operations")]
mod at_risk;
mod compatibility;
#[cfg(feature = "operations")]
mod facts;
#[cfg(feature = "operations")]
mod found;
#[cfg(feature = "operations")]
mod gates;
mod hazard;
mod hazards;
#[cfg(feature = "operations")]
mod live;
#[cfg(feature = "operations")]
mod lock_mode;
#[cfg(feature = "operations")]
mod loss;
#[cfg(feature = "operations")]
mod name;
#[cfg(feature = "operations")]
mod reading;
#[cfg(feature = "operations")]
mod relation;
#[cfg(feature = "operations")]
mod statement;
#[cfg(feature = "operations")]
mod token;
mod verdict;
#[cfg(feature = "operations")]
mod window;

#[cfg(feature = "operations")]
pub use age::{age, parse_age};
#[cfg(feature = "operations")]
pub(crate) use at_risk::at_risk;
#[cfg(feature = "operations")]
pub use at_risk::{AtRisk, TableAtRisk};
pub(crate) use compatibility::breaks_before;
#[cfg(feature = "operations")]
pub use facts::TableFacts;
#[cfg(feature = "operations")]
pub use found::FoundHazard;
#[cfg(feature = "operations")]
pub use gates::{Danger, Facts, GateOutcome, Gates};
pub use hazard::{FoundBy, HAZARDS, Hazard, hazard};
#[cfg(feature = "operations")]
pub(crate) use live::Assessment;
#[cfg(feature = "operations")]
pub(crate) use live::assess;
#[cfg(feature = "operations")]
pub use lock_mode::{Bars, LockMode};
#[cfg(feature = "operations")]
pub(crate) use loss::losses;
#[cfg(feature = "operations")]
pub use loss::{Loss, LossKind};
pub use verdict::Verdict;
#[cfg(feature = "operations")]
pub use window::Window;
