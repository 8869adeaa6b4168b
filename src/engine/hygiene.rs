//! The rules of a run's session: as whom it works, and what must not pass from one revision to the next, nor to the
//! history insert: settings, role, temporary tables, cursors, listeners, prepared statements, advisory locks.

use std::time::Duration;

use crate::config::Role;
use crate::db::{as_role, quote_literal};
use crate::revisions::AroundCalls;

/// Lets the commit return before it is on disk. The run's last commit is synchronous and takes all earlier ones
/// along; a crash before it leaves a shorter, consistent history.
pub(super) const COMMIT_LATER: &str = "set local synchronous_commit = off";

/// What a run's session has to heed.
#[derive(Clone, Debug, Default)]
pub(super) struct Hygiene {
    /// The role that every step works as; none for the one that connects.
    pub(super) role: Option<Role>,
    /// Whether a pooler stands between, and since when this run is there, in seconds of the server's clock: then a
    /// session may end with each transaction, what it has prepared may be gone, and what it sets may reach somebody else.
    pub(super) pooled: Option<f64>,
    /// The longest statement and the longest pause in a transaction, of a rehearsal that is rolled back.
    pub(super) limit: Option<Duration>,
    /// The session's server process, where no pooler stands between.
    pub(super) process_id: Option<i32>,
}

impl Hygiene {
    /// Opens a step's transaction. Says what the defaults of server, database or role might say otherwise; a Rust
    /// step may think for a while between two statements.
    pub(super) fn begin(&self, lock_timeout: Duration) -> String {
        format!(
            "begin isolation level read committed read write; {}{}{}; set local lock_timeout = {}",
            as_role(self.role.as_ref()),
            self.pooled.map_or(String::new(), free_names),
            self.patience(),
            lock_timeout.as_millis()
        )
    }

    /// How long the server lets a transaction think: as long as it likes, but for a rehearsal.
    fn patience(&self) -> String {
        match self.limit.map(|limit| limit.as_millis()) {
            None => "set local idle_in_transaction_session_timeout = 0".to_owned(),
            Some(limit) => format!(
                "set local idle_in_transaction_session_timeout = {limit}; set local statement_timeout = {limit}"
            ),
        }
    }

    /// Opens a transaction for checks alone.
    pub(super) fn begin_reading(&self, lock_timeout: Duration) -> String {
        let free = self.pooled.map_or(String::new(), free_names);
        format!("begin isolation level read committed read only; {free}{}", self.reading(lock_timeout))
    }

    /// Makes a part of a transaction, which is rolled back, one for checks: as itself, without what a step has set, and
    /// without writing.
    pub(super) fn reading(&self, lock_timeout: Duration) -> String {
        format!(
            "reset session authorization; reset role; reset all; {}{}; set local lock_timeout = {}; \
             set transaction read only",
            as_role(self.role.as_ref()),
            self.patience(),
            lock_timeout.as_millis()
        )
    }

    /// What a step without a transaction asks of its session; nothing where there is nothing to say. The role is said
    /// once, and again after each [`reset`](Self::reset); a script may set its own in between.
    ///
    /// Through a pooler a session's lock timeout might stay with another client, so the server's own holds.
    pub(super) fn session(&self, with_role: bool, lock_timeout: Option<Duration>) -> Option<String> {
        let role = self.role.as_ref().filter(|_| with_role).map(|role| format!("set role {role}"));
        let timeout = lock_timeout.filter(|_| self.pooled.is_none());
        let timeout = timeout.map(|timeout| format!("set lock_timeout = {}", timeout.as_millis()));
        let rules: Vec<String> = role.into_iter().chain(timeout).collect();
        (!rules.is_empty()).then(|| rules.join("; "))
    }

    /// Works as itself for the rest of a transaction, whatever role a script has taken: as the role, or as what the login
    /// begins as.
    pub(super) fn as_itself(&self) -> String {
        self.role
            .as_ref()
            .map_or("set local role to default".to_owned(), |role| format!("set local role {role}"))
    }

    /// What opens a transaction around one call of a Rust step that has none: through a pooler, because the driver
    /// prepares a statement in one message and runs it in the next, which may reach another server session.
    pub(super) fn around_calls(&self) -> Option<AroundCalls> {
        self.pooled.map(|since| AroundCalls {
            open: format!("begin; {}", free_names(since)),
            close: forget_and_commit,
        })
    }

    /// Undoes whatever a step, of this text, did to its session, and returns to the role. It runs inside the step's
    /// transaction, so that it works through a transaction pooler too, and takes no round trip of its own.
    ///
    /// Deferred constraints and triggers come first: they belong to the step, and to its `search_path` and role. What
    /// follows (the history row) waits for a lock no longer than a step may.
    pub(super) fn reset(&self, step: &str, lock_timeout: Duration) -> String {
        // Only what the step itself prepared by SQL: the driver has prepared statements of its own.
        let by_itself = step.to_ascii_lowercase().contains("prepare");
        let prepared = if by_itself { deallocate("from_sql") } else { String::new() };
        format!(
            "set constraints all immediate; {prepared}{RESET}; {}{}set local lock_timeout = {}",
            as_role(self.role.as_ref()),
            self.limit.map_or(String::new(), |_| format!("{}; ", self.patience())),
            lock_timeout.as_millis()
        )
    }
}

const RESET: &str = "reset session authorization; reset role; reset all; close all; unlisten *; discard temp; \
    discard sequences; select pg_catalog.pg_advisory_unlock_all()";

/// Frees the names that the driver uses, `s0`, `s1` and so on: on a pooler's server session an earlier client of the
/// same driver may have left its own. Names of other forms are other drivers', or the pooler's; and what is newer than
/// the run is this driver's, which keeps some for as long as it lives.
fn free_names(since: f64) -> String {
    deallocate(&format!("{BY_DRIVER} and extract(epoch from prepare_time) < {since}"))
}

/// The driver closes a statement when its last row is dropped, which is too late: that may reach another session.
fn forget_and_commit(statement: &str) -> String {
    let text = quote_literal(statement);
    let prepared =
        format!("{BY_DRIVER} and prepare_time >= pg_catalog.transaction_timestamp() and statement = {text}");
    format!("{}commit", deallocate(&prepared))
}

const BY_DRIVER: &str = "not from_sql and name ~ '^s[0-9]+$'";

/// Forgets those of the session's prepared statements.
fn deallocate(which: &str) -> String {
    let body = format!(
        "declare prepared text; begin for prepared in select name from pg_catalog.pg_prepared_statements where {which} \
         loop execute pg_catalog.format('deallocate %I', prepared); end loop; end"
    );
    format!("do {}; ", quote_literal(&body))
}
