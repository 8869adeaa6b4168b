use crate::catalog::CatalogError;
use crate::db::{ConnectError, ScratchError, ServerMessage};
use crate::history::HistoryError;
use crate::plan::PlanError;
use crate::revisions::RevisionError;

use super::{AdoptError, LockError};

/// Why a migrator could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The history could not be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// There is no plan from this history to the target.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Another tool's history is not taken over.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// The migration lock was not had, or was lost.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A revision cannot run inside one transaction with others.
    #[error(
        "run all in a single transaction: {revision} runs without a transaction; nothing was changed; upgrade \
         without --single-transaction"
    )]
    SingleTransaction {
        /// The revision's stem.
        revision: String,
    },
    /// A revision failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// Hardtack's own tables could not be written.
    #[error("{action}: {}; {left}", ServerMessage(.source))]
    State {
        /// What was being done.
        action: &'static str,
        /// What the database holds now.
        left: &'static str,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The catalog could not be listed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// There is no scratch database for a replay, or it could not be dropped.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// The revisions do not run on an empty database of this server.
    #[error(
        "compare with a replay on a scratch database, which is dropped again; the database itself was not touched: failed to {source}"
    )]
    Replay {
        /// Why the replay failed.
        source: Box<Error>,
    },
    /// A repair of what is not broken, or not in that way.
    #[error("repair the history of version {version}: {found}; nothing was changed")]
    NotBroken {
        /// The version.
        version: i64,
        /// What was found instead, and what to do.
        found: String,
    },
    /// Refinery decided otherwise than the plan; nothing was changed by the step in question.
    #[error("follow the plan: refinery says: {0}; run it again, and report this if it stays")]
    Refinery(String),
}

/// A revision that failed, and what it left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// A statement failed.
    #[error(
        "apply {file}:{line} (statement {position} of {total}): {}; {left}",
        ServerMessage(.source)
    )]
    Statement {
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
    #[error("apply {file}: {}; {left}", chain(.source.as_ref()))]
    Function {
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
        /// What the function returned.
        source: RevisionError,
        /// What the database holds now.
        left: Left,
    },
    /// The step itself was done; a deferred check, its history row or its commit failed.
    #[error("commit {revision}: {}; {left}", ServerMessage(.source))]
    Commit {
        /// The revision's stem.
        revision: String,
        /// What the server said.
        source: tokio_postgres::Error,
        /// What the database holds now.
        left: Left,
    },
    /// A revision ended the transaction that held it and its history row.
    #[error(
        "apply {file}: it ended the transaction it was given; what it committed stays, and it is not recorded as \
         applied; take COMMIT and ROLLBACK out of it, or let it run without a transaction"
    )]
    EndedTransaction {
        /// The revision's stem.
        revision: String,
        /// Its file.
        file: String,
    },
    /// A folder resolved at run time has the file of a Rust revision, but not its code.
    #[error(
        "apply {file}: a Rust revision runs only from the binary it was baked into; the database is as the \
         revision before left it"
    )]
    NoCode {
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
    /// A stop was asked for. What was running was rolled back.
    #[error("go on: a stop was asked for")]
    Stopped,
}

/// What a failed step left in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// Nothing of the revision.
    RolledBack,
    /// Nothing of any revision of this run.
    AllRolledBack,
    /// What the first statements committed, and perhaps an invalid index.
    Statements {
        /// How many statements were run before the one that failed.
        done: usize,
    },
    /// What the first statements committed, and perhaps all that the next one did.
    UnknownStatement {
        /// How many statements were run before the connection broke.
        done: usize,
    },
    /// Whatever a revision without a transaction did before it failed.
    Unfinished,
    /// All of the revision, but not its history row.
    Unrecorded,
    /// The connection broke before the server answered.
    Unknown,
}

impl std::fmt::Display for Left {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RolledBack => formatter.write_str(
                "the revision was rolled back and the database is as the revision before left it; mend it and run \
                 again",
            ),
            Self::AllRolledBack => formatter
                .write_str("the single transaction was rolled back and nothing was changed; mend it and run again"),
            Self::Statements { done } => write!(
                formatter,
                "the revision has no transaction: what its first {done} statements committed stays, and a failed \
                 CREATE INDEX CONCURRENTLY leaves an invalid index; undo that, mend the cause, and run again"
            ),
            Self::UnknownStatement { done } => write!(
                formatter,
                "the connection broke before the server answered: the revision has no transaction, what its first \
                 {done} statements committed stays, and the next may be done as well; look, and run again"
            ),
            Self::Unfinished => formatter.write_str(
                "the revision has no transaction: what it did before stays; it is run again from its start",
            ),
            Self::Unrecorded => formatter.write_str(
                "the revision has no transaction: it is done, but not recorded; run again once the cause is mended",
            ),
            Self::Unknown => formatter.write_str(
                "the connection broke before the server answered, so the revision is either wholly applied or not at \
                 all; `status` tells which",
            ),
        }
    }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
        return ServerMessage(error).to_string();
    }
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
