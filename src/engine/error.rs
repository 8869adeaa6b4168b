use crate::catalog::CatalogError;
use crate::data::BackfillError;
use crate::db::{ConnectError, DumpError, ScratchError, ServerMessage};
use crate::history::HistoryError;
use crate::plan::PlanError;
use crate::revisions::{Direction, RevisionCheck, RevisionError};

use std::time::Duration;

use tokio_postgres::error::SqlState;

use super::cause::{chain, server_code};
use super::{
    AdoptError, Blocker, CheckFailure, DeferredError, Drift, Left, LockError, LockHolder, PreflightError,
    Unfit,
};

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
    /// A backfill cannot be read or told.
    #[error(transparent)]
    Backfill(#[from] BackfillError),
    /// A deferred backfill does not go on.
    #[error(transparent)]
    Deferred(#[from] DeferredError),
    /// Another tool's history is not taken over.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// The server, the pooler before it or the role does not let a run work.
    #[error(transparent)]
    Preflight(#[from] PreflightError),
    /// The migration lock was not had, or was lost.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A revision cannot run inside one transaction with others.
    #[error(
        "run all in a single transaction: {revision} runs without a transaction, or finishes a backfill first; nothing was \
         changed; upgrade without --single-transaction"
    )]
    SingleTransaction {
        /// The revision's stem.
        revision: String,
    },
    /// The history is not what somebody agreed to change.
    #[error(
        "go on: the history has changed since the plan was shown; nothing was changed; look at the plan again"
    )]
    PlanChanged,
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
    /// A replay could not be dumped.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The revisions do not run on an empty database of this server.
    #[error(
        "compare with a replay on a scratch database, which is dropped again; the database itself was not touched: failed to {source}"
    )]
    Replay {
        /// Why the replay failed.
        source: Box<Error>,
    },
    /// A Rust revision changes the schema, and its function is not at hand.
    #[error(
        "replay {revision}: it changes the schema by Rust, and this program has not its function; nothing was changed; \
         run the same command of the application's own binary, without --dir"
    )]
    NoFunction {
        /// The revision's stem.
        revision: String,
    },
    /// There is nothing to compare a database with.
    #[error("tell whether the schema has drifted: {unfit}{}", instead(.source.as_deref()))]
    NotCompared {
        /// Why not with the snapshot.
        unfit: Unfit,
        /// Why not with a replay; none behind an upgrade, where none is made.
        source: Option<Box<Error>>,
    },
    /// The schema is not what the applied revisions make of it, and that was not to be let pass.
    #[error(
        "accept the schema: the revisions are applied, and {} since, out of band:{}\n`verify --drift` looks \
         again; put it right, or let it pass by a pattern of [drift] in hardtack.toml",
        changed(.0.differences.len()),
        .0
    )]
    Drift(Box<Drift>),
    /// A schema file does not run on an empty database of this server.
    #[error(
        "load {file}:{line}: {}; the scratch database is dropped again, and no other was touched{advice}",
        ServerMessage(.source)
    )]
    Load {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the server said.
        source: tokio_postgres::Error,
        /// What to do, behind `; `, where that is known.
        advice: &'static str,
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
    #[error("{source}; it was tried {} over {:.0} s; {}", times(*.attempts), .waited.as_secs_f64(), in_the_way(.blockers))]
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
    /// A stop was asked for. What was running was rolled back.
    #[error("go on: a stop was asked for")]
    Stopped,
}

impl StepError {
    /// Whether a function returned it, which is how one stops that was asked to.
    pub(super) fn may_be_a_stop(&self) -> bool {
        matches!(self, Self::Function { .. } | Self::Hook { .. })
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
        let code = match self {
            Self::Statement { source, .. } | Self::Commit { source, .. } => source.code(),
            Self::Function { source, .. }
            | Self::Hook { source, .. }
            | Self::Check { failure: CheckFailure::Failed(source), .. } => server_code(source.as_ref()),
            _ => None,
        };
        let of_locks = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        code.is_some_and(|code| of_locks.contains(code))
    }
}

fn changed(objects: usize) -> String {
    if objects == 1 { "1 object has changed".to_owned() } else { format!("{objects} objects have changed") }
}

/// Why a replay did not help.
fn instead(source: Option<&Error>) -> String {
    match source {
        Some(source) => format!("; a replay instead failed to {source}"),
        // So it is behind an upgrade.
        None => "; the revisions are applied, and stand".to_owned(),
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

fn times(attempts: u32) -> String {
    if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") }
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
