//! Data migrations in batches, on live tables.

mod answers;
mod backfill;
mod batch_size;
mod error;
mod key;
mod ranges;
mod rows;
mod run;
mod status;
mod store;
mod throttle;
mod work;
mod worker;

pub use backfill::Backfill;
pub use error::BackfillError;
pub use key::Position;
pub use run::BackfillReport;
pub use status::{BackfillControl, BackfillStatus};
pub(crate) use status::{control, list};
pub(crate) use store::{close, close_above};
pub use throttle::Throttle;
