//! What somebody wants of a history beside going up and down: to see what would happen and what has happened to the schema, to
//! judge a run before it begins, to take a history over and to mend it.

mod adopt;
mod baseline;
mod care;
mod compare;
mod consent;
mod data_checks;
mod downgrade_plan;
pub(super) mod drift;
pub mod dry_run;
pub(super) mod gate;
mod inspection;
#[cfg(feature = "resolve")]
mod load;
mod mark;
mod policy;
mod repair;
mod replaying;
mod runs;
mod snapshots;
mod source;
mod stage;
mod verification;

pub use adopt::{AdoptError, AdoptOptions, Adoption, Refusal};
pub use compare::Replay;
pub use consent::Consent;
pub use data_checks::{CheckOutcome, DataCheck};
pub use downgrade_plan::DowngradePlan;
pub use drift::{Against, Drift, OnDrift, Unfit};
pub(super) use dry_run::{Part, Probe};
pub(super) use gate::Passed;
pub use mark::Marked;
pub(super) use policy::Policy;
pub use repair::{Fault, Repair};
pub use snapshots::{Snapshots, Undeclared};
pub use source::{Source, SourceCatalog};
pub use verification::{Expectation, Flaw, Stair, StairOutcome, Unsound};
