//! What a database's catalog holds. Reading never writes.

mod difference;
mod listing;

pub use difference::{Difference, differences};
pub(crate) use listing::list;
pub use listing::{CatalogError, Listing, Object};
