//! What an error means for a deploy.

use crate::db::is_lost;
use crate::engine::{Error, LockError};

/// Whether it says that the server went away, or is not there yet.
pub(super) fn is_loss(error: &Error) -> bool {
    if matches!(error, Error::Connect(_) | Error::Lock(LockError::Lost | LockError::Connect(_))) {
        return true;
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(said) = error.downcast_ref::<tokio_postgres::Error>() {
            return is_lost(said);
        }
        source = error.source();
    }
    false
}

/// Whether an upgrade fails in this way before its first step.
pub(super) fn is_before_any_step(error: &Error) -> bool {
    match error {
        Error::Lock(error) => !matches!(error, LockError::Lost | LockError::Query(_)),
        Error::Connect(_)
        | Error::History(_)
        | Error::Plan(_)
        | Error::Preflight(_)
        | Error::Gate { .. }
        | Error::SingleTransaction { .. }
        | Error::PlanChanged
        | Error::Catalog(_)
        | Error::Deploy(_) => true,
        _ => false,
    }
}
