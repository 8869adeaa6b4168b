//! From one catalog to another by DDL.

mod hazard;
mod plan;

pub use hazard::Hazard;
pub use plan::{DdlPlan, DdlStatement, DiffError, DiffOptions, Rename, Unexpressed};

use super::Catalog;

/// The DDL that makes the second catalog of the first.
///
/// # Errors
/// A rename names what is not there.
pub fn diff(from: &Catalog, to: &Catalog, options: &DiffOptions) -> Result<DdlPlan, DiffError> {
    let _ = (from, to, options);
    Ok(DdlPlan::default())
}
