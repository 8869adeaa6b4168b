//! What must not pass from one revision to the next, nor to the history insert: settings, role, temporary
//! tables, cursors, listeners, advisory locks.

use std::time::Duration;

/// Undoes whatever a step did to its session. It runs inside the step's transaction, so that it works through a
/// transaction pooler too, and takes no round trip of its own.
pub(super) const RESET: &str = "reset session authorization; reset role; reset all; close all; unlisten *; \
    discard temp; discard sequences; select pg_catalog.pg_advisory_unlock_all()";

/// Lets the commit return before it is on disk. The run's last commit is synchronous and takes all earlier ones
/// along; a crash before it leaves a shorter, consistent history.
pub(super) const COMMIT_LATER: &str = "set local synchronous_commit = off";

/// Opens a step's transaction. Says what the defaults of server, database or role might say otherwise; a Rust step
/// may think for a while between two statements.
pub(super) fn begin(lock_timeout: Duration) -> String {
    format!(
        "begin isolation level read committed read write; set local idle_in_transaction_session_timeout = 0; \
         set local lock_timeout = {}",
        lock_timeout.as_millis()
    )
}
