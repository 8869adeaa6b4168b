use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::cause::{chain, server_code};
use super::{Blocker, CheckFailure, Left, LockHolder};
use crate::db::ServerMessage;
use crate::revisions::{Direction, RevisionCheck, RevisionError};
use crate::words::times;

/// A revision that failed, and what it left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// A statement failed.
    #[error(
        "{} {file}:{line} (statement {position} of {total}): {}; {left}",
        verb(*.direction),
        ServerMessage(.source)
    )]
    Statement {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// The line on which the statement starts, from 1.
        line: usize,
        /// The statement's place, from 1.
        position: usize,
        /// The number of statements.
        total: usize,
        /// What the server said.
        source: tokio_postgres::Error,
        /// What the database holds now.
        left: Left,
    },
    /// A Rust function returned an error.
    #[error("{} {file}: {}; {left}", verb(*.direction), chain(.source.as_ref()))]
    Function {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// What the function returned.
        source: RevisionError,
        /// What the database holds now.
        left: Left,
    },
    /// A hook returned an error.
    #[error("apply {revision}: the {hook} hook in {file}: {}; {left}", chain(.source.as_ref()))]
    Hook {
        /// The revision's stem.
        revision: String,
        /// The hook's file.
        file: String,
        /// `before` or `after`.
        hook: &'static str,
        /// What the function returned.
        source: RevisionError,
        /// What the database holds now.
        left: Left,
    },
    /// A check did not let the revision pass.
    #[error("apply {revision}: the check \"{}\" ({}, {}): {failure}; {left}", .check.name, .check.moment, .check.file)]
    Check {
        /// The revision's stem.
        revision: String,
        /// The check.
        check: Box<RevisionCheck>,
        /// What was expected, and what was found.
        failure: CheckFailure,
        /// What the database holds now.
        left: Left,
    },
    /// The step itself was done; a deferred check, its history row or its commit failed.
    #[error("commit {}{revision}: {}; {left}", way(*.direction), ServerMessage(.source))]
    Commit {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// What the server said.
        source: tokio_postgres::Error,
        /// What the database holds now.
        left: Left,
    },
    /// A revision ended the transaction that held it and its history row.
    #[error(
        "{} {file}: it ended the transaction it was given; what was committed with that stays, and `status` tells what is \
         recorded; take COMMIT and ROLLBACK out of it, or let it run without a transaction",
        verb(*.direction)
    )]
    EndedTransaction {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
    },
    /// A folder resolved at run time has the file of a Rust revision, but not its code.
    #[error(
        "{} {file}: Rust runs only from the binary it was baked into; nothing of it was run",
        verb(*.direction)
    )]
    NoCode {
        /// Which way it was to go.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
    },
    /// The single transaction around all revisions could not be opened or committed.
    #[error("commit the single transaction: {}; {left}", ServerMessage(.source))]
    Single {
        /// What the server said.
        source: tokio_postgres::Error,
        /// What the database holds now.
        left: Left,
    },
    /// A step did not get its locks, however often it was tried.
    #[error("{}; it was tried {} over {:.0} s; {}", not_for_mending(.source), times(*.attempts), .waited.as_secs_f64(), in_the_way(.blockers))]
    Blocked {
        /// The failure of the last attempt.
        source: Box<StepError>,
        /// The number of attempts.
        attempts: u32,
        /// From the first attempt's start to the last one's end.
        waited: Duration,
        /// Who held the lock, as last seen.
        blockers: Vec<Blocker>,
    },
    /// A step without a transaction was begun, and its text was edited since.
    #[error(
        "{} {file}: its first {done} statements are done, and they are not those of this text; nothing more was \
         run; restore the text as it was; or undo by hand what is done, and let `repair --restart` begin it anew",
        verb(*.direction)
    )]
    EditedHalfWay {
        /// Which way it was to go.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// How many statements are done.
        done: usize,
    },
    /// A concurrent index build found an index of its name that is not valid, and was content with it.
    #[error(
        "{} {file}:{line}: the index {index} is there and not valid: another session has begun to build it and failed; \
         the revision has no transaction: its first {done} statements are done and recorded; run again: it drops that \
         index and builds it",
        verb(*.direction)
    )]
    IndexNotBuilt {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// The line on which the statement starts, from 1.
        line: usize,
        /// The index, qualified and quoted.
        index: String,
        /// How many statements are done.
        done: usize,
    },
    /// A concurrent index build was sent and not heard of again, and its index has no name to find it by.
    #[error(
        "{} {file}:{line}: nobody can tell whether the index on {table} was built, for it has no name to find it by; \
         the revision has no transaction: its first {done} statements are done and recorded; nothing more was run; look \
         at the indexes of {table}, and drop the one that it has built, or left invalid; then give the index a name in \
         the text and run again; or undo by hand what else is done, and let `repair --restart` begin it anew",
        verb(*.direction)
    )]
    UnnamedIndex {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// The line on which the statement starts, from 1.
        line: usize,
        /// The table, as the statement writes it.
        table: String,
        /// How many statements are done.
        done: usize,
    },
    /// How far a step without a transaction got could not be read or written.
    #[error("record how far {}{revision} got: {}; {left}", way(*.direction), ServerMessage(.source))]
    Progress {
        /// Which way it went.
        direction: Direction,
        /// The revision's stem.
        revision: String,
        /// What the server said.
        source: tokio_postgres::Error,
        /// What the database holds now.
        left: Left,
    },
    /// A statement of an earlier run, whose process died, still runs on the server.
    #[error(
        "go on with {revision}: {holder} still runs a statement of it for a run that has died, {:.0} s and longer; \
         nothing more was run; wait for it, or end it with `select pg_terminate_backend({})`, and run again",
        .waited.as_secs_f64(),
        .holder.pid
    )]
    StillRunning {
        /// The revision's stem.
        revision: String,
        /// The session.
        holder: LockHolder,
        /// How long this run waited.
        waited: Duration,
    },
    /// A rehearsal came to the end of its time. What it did was rolled back.
    #[error("go on with the rehearsal: its time is over; it was rolled back, and the database is as it was")]
    OutOfTime,
    /// A stop was asked for. What was running was rolled back.
    #[error("go on: a stop was asked for")]
    Stopped,
}

impl StepError {
    /// Whether a function returned it, which is how one stops that was asked to.
    pub(super) fn may_be_a_stop(&self) -> bool {
        matches!(self, Self::Function { .. } | Self::Hook { .. })
    }

    /// The stem of the revision that failed, where one did.
    #[cfg(feature = "operations")]
    pub(super) fn revision(&self) -> Option<&str> {
        match self {
            Self::Statement { revision, .. }
            | Self::Function { revision, .. }
            | Self::Hook { revision, .. }
            | Self::Check { revision, .. }
            | Self::Commit { revision, .. }
            | Self::EndedTransaction { revision, .. }
            | Self::NoCode { revision, .. } => Some(revision),
            _ => None,
        }
    }

    /// The file of the function that failed.
    pub(super) fn file(&self) -> Option<&str> {
        match self {
            Self::Function { file, .. } | Self::Hook { file, .. } => Some(file),
            Self::Check { check, .. } => Some(&check.file),
            _ => None,
        }
    }

    /// Whether the step did not get a lock in time, or fell to a deadlock.
    pub(super) fn is_for_want_of_a_lock(&self) -> bool {
        let of_locks = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        self.code().is_some_and(|code| of_locks.contains(code))
    }

    /// Whether the step, a rehearsed one, took longer than it may.
    #[cfg(feature = "operations")]
    pub(super) fn is_for_want_of_time(&self) -> bool {
        // What was cancelled while we looked has failed the transaction for the statement behind it.
        let of_time = [
            SqlState::QUERY_CANCELED,
            SqlState::IN_FAILED_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ];
        let is_cut = matches!(
            self,
            Self::Statement { left: Left::Unknown | Left::AllUnknown, .. }
                | Self::Commit { left: Left::Unknown | Left::AllUnknown, .. }
        );
        matches!(self, Self::OutOfTime) || is_cut || self.code().is_some_and(|code| of_time.contains(code))
    }

    /// What the server called the failure.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Statement { source, .. } | Self::Commit { source, .. } => source.code(),
            Self::Function { source, .. }
            | Self::Hook { source, .. }
            | Self::Check { failure: CheckFailure::Failed(source), .. } => server_code(source.as_ref()),
            _ => None,
        }
    }
}

fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "apply",
        Direction::Down => "undo with",
    }
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "",
        Direction::Down => "the down of ",
    }
}

/// There is nothing to mend about a step that somebody was in the way of.
fn not_for_mending(source: &StepError) -> String {
    source.to_string().replace(Left::MEND_IT, "")
}

fn in_the_way(blockers: &[Blocker]) -> String {
    let [first, ..] = blockers else {
        return "nobody was seen to hold the lock when we looked; run again when there is less traffic, or raise \
                the lock timeout"
            .to_owned();
    };
    let all: Vec<_> = blockers.iter().map(ToString::to_string).collect();
    format!(
        "in the way: {}; wait for that, or end it with `select pg_terminate_backend({})`, and run again",
        all.join(", "),
        first.pid
    )
}
