//! What must not pass from one revision to the next, nor to the history insert: settings, role, temporary
//! tables, cursors, listeners, prepared statements, advisory locks.

use std::time::Duration;

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

/// Undoes whatever a step, of this text, did to its session. It runs inside the step's transaction, so that it works through a
/// transaction pooler too, and takes no round trip of its own.
///
/// Deferred constraints and triggers come first: they belong to the step, and to its `search_path` and role. What
/// follows (the history row) waits for a lock no longer than a step may.
pub(super) fn reset(step: &str, lock_timeout: Duration) -> String {
    let prepared = if step.to_ascii_lowercase().contains("prepare") { DEALLOCATE } else { "" };
    format!(
        "set constraints all immediate; {prepared} {RESET}; set local lock_timeout = {}",
        lock_timeout.as_millis()
    )
}

const RESET: &str = "reset session authorization; reset role; reset all; close all; unlisten *; discard temp; \
    discard sequences; select pg_catalog.pg_advisory_unlock_all()";

/// Only what the step itself prepared by SQL: the driver has prepared statements of its own.
const DEALLOCATE: &str = "do $hardtack$ declare statement text; begin \
    for statement in select name from pg_catalog.pg_prepared_statements where from_sql loop \
    execute pg_catalog.format('deallocate %I', statement); end loop; end $hardtack$;";
