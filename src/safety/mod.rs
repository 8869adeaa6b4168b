//! What a plan may destroy.

mod loss;

pub(crate) use loss::losses;
pub use loss::{Loss, LossKind};
