//! What a plan may destroy, and whom it may disturb.

mod compatibility;
mod hazard;
mod hazards;
#[cfg(feature = "operations")]
mod judge;
mod verdict;

pub(crate) use compatibility::breaks_before;
pub use hazard::{FoundBy, HAZARDS, Hazard, hazard};
#[cfg(feature = "operations")]
pub(crate) use judge::{Assessment, assess, at_risk, losses};
#[cfg(feature = "operations")]
pub use judge::{
    AtRisk, Bars, Danger, Facts, FoundHazard, GateOutcome, Gates, LockMode, Loss, LossKind, TableAtRisk,
    TableFacts, Window, age, parse_age,
};
pub use verdict::Verdict;
