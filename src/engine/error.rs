#[cfg(feature = "backup")]
use super::deploy::DeployError;
#[cfg(feature = "operations")]
use super::{AdoptError, Drift, Unfit};
use super::{DeferredError, LockError, PreflightError, StepError};
#[cfg(feature = "backup")]
use crate::backup::BackupError;
#[cfg(feature = "operations")]
use crate::catalog::CatalogError;
use crate::data::BackfillError;
use crate::db::{ConnectError, ServerMessage};
#[cfg(feature = "operations")]
use crate::db::{DumpError, ScratchError};
use crate::history::HistoryError;
use crate::plan::PlanError;
#[cfg(feature = "operations")]
use crate::safety::GateOutcome;

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
    #[cfg(feature = "operations")]
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
    /// Gates refuse the run.
    #[cfg(feature = "operations")]
    #[error("pass {}; nothing was changed:{}", gates(.refused.len()), reasons(.refused))]
    Gate {
        /// Those that do, each with how to satisfy it.
        refused: Vec<GateOutcome>,
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
    /// The run log took no row: the steps' rows would have nothing to refer to.
    #[error(
        "begin the run log: hardtack.run took no row; no revision was run; see which trigger or rule keeps it from there, \
         and run again"
    )]
    NoRun,
    /// The catalog could not be listed.
    #[cfg(feature = "operations")]
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// There is no scratch database for a replay, or it could not be dropped.
    #[cfg(feature = "operations")]
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// A replay could not be dumped.
    #[cfg(feature = "operations")]
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The revisions do not run on an empty database of this server.
    #[cfg(feature = "operations")]
    #[error(
        "compare with a replay on a scratch database, which is dropped again; the database itself was not touched: failed to {source}"
    )]
    Replay {
        /// Why the replay failed.
        source: Box<Error>,
    },
    /// A Rust revision changes the schema, and its function is not at hand.
    #[cfg(feature = "operations")]
    #[error(
        "replay {revision}: it changes the schema by Rust, and this program has not its function; nothing was changed; \
         run the same command of the application's own binary, without --dir"
    )]
    NoFunction {
        /// The revision's stem.
        revision: String,
    },
    /// There is nothing to compare a database with.
    #[cfg(feature = "operations")]
    #[error("tell whether the schema has drifted: {unfit}{}", instead(.source.as_deref()))]
    NotCompared {
        /// Why not with the snapshot.
        unfit: Unfit,
        /// Why not with a replay; none behind an upgrade, where none is made.
        source: Option<Box<Error>>,
    },
    /// The schema is not what the applied revisions make of it, and that was not to be let pass.
    #[cfg(feature = "operations")]
    #[error(
        "accept the schema: the revisions are applied, and {} since, out of band:{}\n`verify --drift` looks \
         again; put it right, or let it pass by a pattern of [drift] in hardtack.toml",
        changed(.0.differences.len()),
        .0
    )]
    Drift(Box<Drift>),
    /// A schema file does not run on an empty database of this server.
    #[cfg(feature = "operations")]
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
    #[cfg(feature = "operations")]
    #[error("repair the history of version {version}: {found}; nothing was changed")]
    NotBroken {
        /// The version.
        version: i64,
        /// What was found instead, and what to do.
        found: String,
    },
    /// A clone has revisions that the database has not.
    #[cfg(feature = "operations")]
    #[error(
        "rehearse on the clone: it has version {version}, and the database has not; nothing was changed; make the clone from \
         a copy of this database"
    )]
    CloneAhead {
        /// The version.
        version: i64,
    },
    /// A clone has no history, and the database has one.
    #[cfg(feature = "operations")]
    #[error(
        "rehearse on the clone: it has no history of revisions in {table}, and the database has; nothing was changed; make \
         the dump with that table and its rows"
    )]
    CloneWithoutHistory {
        /// The history table, quoted.
        table: String,
    },
    /// A dry run in full has nothing to run on.
    #[cfg(feature = "operations")]
    #[error("rehearse in full: there is no clone to run on; nothing was changed; name one with --clone-from")]
    NoClone,
    /// There is no backup, or one was not put back.
    #[cfg(feature = "backup")]
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A backup was taken, and is not verified as it was to be.
    #[cfg(feature = "backup")]
    #[error("verify the backup that was taken, which is there, and not verified: {path}: failed to {source}")]
    NotVerified {
        /// Where it is.
        path: String,
        /// Why not.
        source: Box<Error>,
    },
    /// What was made of a backup came to nothing, and is still there.
    #[cfg(feature = "backup")]
    #[error("{left}; it was made of a backup, and came to nothing: failed to {}", without_left(.source))]
    Left {
        /// What is there, and why.
        left: ScratchError,
        /// Why it came to nothing.
        source: Box<Error>,
    },
    /// A deploy does not go on.
    #[cfg(feature = "backup")]
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Refinery decided otherwise than the plan; nothing was changed by the step in question.
    #[error("follow the plan: refinery says: {0}; run it again, and report this if it stays")]
    Refinery(String),
}

/// Why something failed, without what is said to be left behind.
#[cfg(feature = "backup")]
fn without_left(error: &Error) -> String {
    match error {
        Error::Backup(BackupError::Server { action, source, .. }) => {
            format!("{action}: {}", ServerMessage(source))
        }
        Error::Backup(BackupError::Stopped { .. }) => "finish: stopped as asked".to_owned(),
        error => error.to_string(),
    }
}

#[cfg(feature = "operations")]
fn gates(number: usize) -> String {
    if number == 1 { "a gate".to_owned() } else { format!("{number} gates") }
}

#[cfg(feature = "operations")]
fn reasons(refused: &[GateOutcome]) -> String {
    let reason =
        |outcome: &GateOutcome| format!("\n  {}: {}\n    {}", outcome.gate, outcome.what, outcome.how);
    refused.iter().map(reason).collect()
}

#[cfg(feature = "operations")]
fn changed(objects: usize) -> String {
    if objects == 1 { "1 object has changed".to_owned() } else { format!("{objects} objects have changed") }
}

/// Why a replay did not help.
#[cfg(feature = "operations")]
fn instead(source: Option<&Error>) -> String {
    match source {
        Some(source) => format!("; a replay instead failed to {source}"),
        // So it is behind an upgrade.
        None => "; the revisions are applied, and stand".to_owned(),
    }
}
