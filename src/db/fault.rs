//! What an error of the driver is about.

use std::error::Error;
use std::io;

use tokio_postgres::error::{Severity, SqlState};

/// Whether the session is gone, or the server takes none: what became of the last message, nobody knows.
pub(crate) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let Some(said) = error.as_db_error() else { return error.is_closed() || is_broken(error.source()) };
    let goes = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
    let is_last = matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    is_last || said.code().code().starts_with("08") || goes.contains(said.code())
}

/// What the driver itself refuses to send is an error of input and output as well.
fn is_broken(cause: Option<&(dyn Error + 'static)>) -> bool {
    let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() != io::ErrorKind::InvalidInput)
}

/// Whether a table, or its schema, is not there.
pub(crate) fn is_absent(error: &tokio_postgres::Error) -> bool {
    let absent = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    error.code().is_some_and(|code| absent.contains(code))
}
