//! What is behind an error of whatever kind.

use std::error::Error as StdError;

use tokio_postgres::error::SqlState;

use crate::db::ServerMessage;

/// An error and its causes in one line.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
        return ServerMessage(error).to_string();
    }
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// What the server called it, where it came from there.
pub(super) fn server_code<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e SqlState> {
    match error.downcast_ref::<tokio_postgres::Error>() {
        Some(error) => error.code(),
        None => server_code(error.source()?),
    }
}
