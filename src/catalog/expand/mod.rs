//! Expand and contract: the texts of three revisions that put new columns in the place of old ones while two versions of the
//! application run.

mod back;
mod error;
mod expansion;
mod replacement;
mod rust_file;
mod steps;
mod trigger;

pub use error::ExpandError;
pub use expansion::Expansion;
pub use steps::{Files, StepNames};
