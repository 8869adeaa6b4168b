//! From one catalog to another by DDL.

mod assemble;
mod attributes;
mod carried;
mod clause;
mod dependencies;
mod fill;
mod hazard;
mod kinds;
mod likely;
mod names;
mod order;
mod persistence;
mod plan;
mod rename;
mod replace;
mod scope;
mod sql_type;
mod statements;
mod states;
mod type_change;
mod wording;

pub use hazard::Hazard;
pub use plan::{DdlPlan, DdlStatement, DiffError, DiffOptions, Rename, Unexpressed};
pub(in crate::catalog) use rename::{Renamed, apply as renamed};

use super::Catalog;

/// The DDL that makes the second catalog of the first.
///
/// # Errors
/// A rename names what is not there.
pub fn diff(from: &Catalog, to: &Catalog, options: &DiffOptions) -> Result<DdlPlan, DiffError> {
    let Renamed { catalog: from, mut statements, .. } = rename::apply(from, to, &options.renames)?;
    let states = states::States::between(&from, to, options);
    let scope = scope::Scope { from: &from, to, options, states: &states };
    statements.extend(assemble::assemble(&scope));
    let likely_renames = likely::likely(&from, to);
    let unexpressed = states.unexpressed;
    Ok(DdlPlan { statements, unexpressed, likely_renames })
}
