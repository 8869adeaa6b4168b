use tokio_postgres::error::SqlState;

use super::key::Position;
use crate::db::{ConnectError, ServerMessage, is_lost};
use crate::revisions::RevisionError;
use crate::words::list;

/// Why a backfill did not come to its end. Whole batches are done and committed, each with its checkpoint, unless the
/// error says that nothing was begun; a later run goes on behind the last one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackfillError {
    /// The revision runs in a transaction, which would hold every lock and every row version until its end.
    #[error(
        "run the backfill {name:?} inside a transaction: its batches commit one by one; nothing was begun; write \
         `transaction = \"none\"` in the revision's attribute"
    )]
    InTransaction {
        /// The backfill.
        name: String,
    },
    /// Nothing says what is to be done to the rows.
    #[error(
        "run the backfill {name:?}: nothing says what to do; nothing was begun; call `set`, `set_sql`, `delete` or `insert_into`"
    )]
    NoWork {
        /// The backfill.
        name: String,
    },
    /// It says more than one thing that is to be done to the rows.
    #[error(
        "run the backfill {name:?}: it says more than one thing to do; nothing was begun; `delete`, `insert_into` and what \
         sets columns are a backfill each"
    )]
    SeveralWorks {
        /// The backfill.
        name: String,
    },
    /// The table has no key to go along.
    #[error(
        "find a key of {table} to go along: it has no primary key, and no unique index of columns that are not null; \
         nothing was begun"
    )]
    NoKey {
        /// The table, quoted.
        table: String,
    },
    /// The columns to go along are no key.
    #[error(
        "find the key {columns} of {table} to go along: no unique index of the whole table has just these columns, in \
         this order, and none that may be null; nothing was begun; name those of an index that there is, or make one before"
    )]
    NotAKey {
        /// The table, quoted.
        table: String,
        /// The columns, quoted, with commas between.
        columns: String,
    },
    /// A key that moves would make rows be met twice, or never.
    #[error(
        "backfill {column}, which is part of the key that the backfill goes along; nothing was begun; go along another key with `along`"
    )]
    SetsKey {
        /// The column, quoted.
        column: String,
    },
    /// An unfinished backfill of that name does something else.
    #[error(
        "go on with the backfill {name:?}: what it does was edited since it began, and part of its rows is done the \
         former way; give it the former form to finish it, or begin anew with `backfills restart`"
    )]
    Edited {
        /// The backfill.
        name: String,
    },
    /// A session could not be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server refused one of hardtack's own statements, or the connection broke.
    #[error("{action}: {}", ServerMessage(.source))]
    Server {
        /// What was tried.
        action: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// An answer is of a form that nothing accounts for.
    #[error("{action}: unexpected answer: {reason}")]
    Answer {
        /// What was asked.
        action: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The server refused a batch.
    #[error("work on the rows with a key {}: {}; the batch was rolled back", between(.after.as_ref(), .upto), ServerMessage(.source))]
    Batch {
        /// The batch begins behind this key; none for the first row.
        after: Option<Position>,
        /// It ends with this one.
        upto: Position,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The function did not take a row.
    #[error("work on the row with key {key}: {source}; its batch was rolled back")]
    Row {
        /// The row's key.
        key: Position,
        /// Why.
        source: RevisionError,
    },
    /// More rows were refused than may be skipped.
    #[error(
        "skip the row with key {key} ({reason}): {limit} rows are skipped already, as many as may be; see \
         hardtack.backfill_reject"
    )]
    TooManyRejects {
        /// The row's key.
        key: Position,
        /// Why it was refused.
        reason: String,
        /// How many may be.
        limit: u64,
    },
    /// The invariant does not hold at the end.
    #[error(
        "verify the backfill {name:?}: all rows were worked on, and this is not true: {query}; mend the rows it is about, or work \
         on all of them again with `backfills restart {name}`"
    )]
    Unverified {
        /// The backfill.
        name: String,
        /// The query.
        query: String,
    },
    /// An operator cancelled it, or its revision was undone.
    #[error(
        "go on with the backfill {name:?}: it was cancelled, or its revision undone; `backfills retry` lets a cancelled one \
         go on"
    )]
    Cancelled {
        /// The backfill.
        name: String,
    },
    /// Its revision was undone before it began.
    #[error("begin the backfill {name:?}: its revision was undone; nothing was begun")]
    Undone {
        /// The backfill.
        name: String,
    },
    /// Another process that works on it failed.
    #[error("go on with the backfill {name:?}: another process failed at it; `backfills` says why")]
    FailedElsewhere {
        /// The backfill.
        name: String,
    },
    /// There is no such backfill.
    #[error(
        "find the backfill {name:?}: none of that name was begun, or it is done; `backfills` lists them, and one that is `waiting` \
         has begun nowhere yet"
    )]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// Several revisions have one of that name.
    #[error(
        "make the backfill {name:?} {wanted}: {}; nothing was changed; say which is meant, such as {}",
        each_has_one(.versions),
        behind_version(.versions, .name)
    )]
    Ambiguous {
        /// The name that was given.
        name: String,
        /// What it was to be.
        wanted: &'static str,
        /// The versions of the revisions.
        versions: Vec<i64>,
    },
    /// It is in no state from which it could get into the wanted one.
    #[error("make the backfill {name:?} {wanted}: it is {state}; nothing was changed")]
    State {
        /// The backfill.
        name: String,
        /// What it is.
        state: String,
        /// What it was to be.
        wanted: &'static str,
    },
    /// The run was asked to stop.
    #[error("stopped as asked between two batches; run again to go on")]
    Stopped,
    /// A worker's task ended by itself.
    #[error("work on a batch: the worker ended: {0}")]
    Worker(String),
}

impl BackfillError {
    /// Whether the same batch may succeed when it is sent again: it lost a race for locks.
    pub(super) fn is_transient(&self) -> bool {
        let passing = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::LOCK_NOT_AVAILABLE,
        ];
        self.code().is_some_and(|code| passing.contains(code))
    }

    /// Whether it is a matter of the connection and not of the work: another process, or a later attempt, may go on.
    pub(crate) fn is_of_connection(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Batch { source, .. } | Self::Server { source, .. } => {
                // The server lacks something, or somebody intervenes.
                let classes = ["53", "57"];
                let is_passing = |code: &SqlState| {
                    *code != SqlState::QUERY_CANCELED && classes.contains(&&code.code()[..2])
                };
                is_lost(source) || source.code().is_some_and(is_passing)
            }
            _ => false,
        }
    }

    /// Whether the batch took longer than it may.
    pub(super) fn is_timeout(&self) -> bool {
        self.code() == Some(&SqlState::QUERY_CANCELED)
    }

    /// Whether it is the rows' fault: a value that does not fit, a constraint that it violates.
    pub(super) fn is_of_rows(&self) -> bool {
        match self {
            Self::Row { .. } => true,
            _ => self.code().is_some_and(|code| ["22", "23"].contains(&&code.code()[..2])),
        }
    }

    /// Whether it ended as somebody wanted.
    pub(super) fn is_stop(&self) -> bool {
        matches!(self, Self::Stopped | Self::Cancelled { .. })
    }

    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Batch { source, .. } | Self::Server { source, .. } => source.code(),
            _ => None,
        }
    }
}

fn each_has_one(versions: &[i64]) -> String {
    let versions: Vec<String> = versions.iter().map(i64::to_string).collect();
    format!("versions {} have one of that name each", list(&versions))
}

fn behind_version(versions: &[i64], name: &str) -> String {
    versions.first().map_or_else(|| name.to_owned(), |version| format!("\"{version}/{name}\""))
}

fn between(after: Option<&Position>, upto: &Position) -> String {
    after.map_or_else(|| format!("up to {upto}"), |after| format!("above {after}, up to {upto}"))
}
