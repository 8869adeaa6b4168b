use std::fmt;

#[cfg(feature = "backup")]
use crate::backup::BackupError;
#[cfg(feature = "backup")]
use crate::db::{DumpError, ScratchError};
use crate::engine::{AdoptError, Error, LockError, PreflightError, StepError};
use crate::health::BootError;
use crate::plan::PlanError;

/// What the process's exit status means. The numbers are part of the public interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum ExitCode {
    /// What was asked for is done.
    Success = 0,
    /// It failed; the message says what the database holds now. `verify --ci`: something fails.
    Failure = 1,
    /// The command line or the configuration is wrong; the database was not touched.
    Usage = 2,
    /// `verify`, and a startup that is not to apply them: revisions are pending.
    Pending = 3,
    /// History and binary disagree: divergent, missing or out-of-order revisions; a startup on a newer schema. Nothing was changed. `status` shows them and succeeds.
    Conflict = 4,
    /// Another run held the migration lock for too long, or somebody a lock that a revision wanted. The revisions that
    /// were reported before are applied; nothing of the one in question is.
    LockNotObtained = 5,
    /// Refused by a gate: those of `hardtack.toml`, each of which says how to satisfy it; revisions that the build would refuse, a production environment without a database, a
    /// password on the command line, a single transaction around a revision that has none, a baseline on another schema,
    /// a repair of what is not broken, a history of another tool that cannot be told, a change that nobody confirmed, a revision
    /// that requires a backfill which has not finished, a
    /// replay of a Rust revision that changes the schema without its function, a server, pooler or role with which it cannot work. Nothing was changed.
    Refused = 6,
    /// `verify`: an index is invalid, a constraint is less than the revisions make it, or a backfill has failed. `verify --data`: a check
    /// of an applied revision fails. `verify --drift`, and an upgrade with `--on-drift fail`: the live catalog differs from what history implies.
    /// `snapshot --check`: so does a file of a snapshot, or it is missing. `diff --exit-code`: the two sides differ.
    Drift = 7,
    /// A signal stopped the run at a safe point. Whole revisions are applied; run again to go on.
    Stopped = 8,
    /// `deploy`: it failed, and the database is as before, which was proven.
    Reverted = 9,
    /// `deploy`: it failed, and so did the way back, or what it led to could not be proven to be what was before.
    NotReverted = 10,
}

impl ExitCode {
    /// What to exit with after a startup that failed.
    #[must_use]
    pub fn of_boot(error: &BootError) -> Self {
        match error {
            BootError::Engine(error) => Self::of(error),
            BootError::Pending(_) | BootError::StillPending { .. } => Self::Pending,
            BootError::Ahead(_) => Self::Conflict,
            BootError::Stopped => Self::Stopped,
            BootError::NoDatabase { .. } => Self::Failure,
        }
    }

    /// What to exit with after this error.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Plan(PlanError::Conflict(_)) => Self::Conflict,
            Error::Plan(
                PlanError::Irreversible { .. } | PlanError::NoDown { .. } | PlanError::Unfinished { .. },
            ) => Self::Refused,
            Error::Plan(_)
            | Error::Adopt(
                AdoptError::NotFound { .. } | AdoptError::Several { .. } | AdoptError::Mapping(_),
            ) => Self::Usage,
            Error::Preflight(PreflightError::Query(_)) => Self::Failure,
            Error::Gate { .. }
            | Error::SingleTransaction { .. }
            | Error::NotBroken { .. }
            | Error::NoFunction { .. }
            | Error::Preflight(_)
            | Error::Adopt(AdoptError::Refused { .. }) => Self::Refused,
            Error::Lock(LockError::Held { .. } | LockError::Orphan { .. })
            | Error::Step(StepError::Blocked { .. } | StepError::StillRunning { .. }) => {
                Self::LockNotObtained
            }
            #[cfg(feature = "backup")]
            Error::Backup(error) => Self::of_backup(error),
            #[cfg(feature = "backup")]
            Error::NotVerified { source, .. } | Error::Left { source, .. } => match Self::of(source) {
                code @ (Self::Drift | Self::Stopped) => code,
                // Something is there that was not.
                _ => Self::Failure,
            },
            #[cfg(feature = "backup")]
            Error::Deploy(_) => Self::Refused,
            Error::Drift(_) => Self::Drift,
            Error::Lock(LockError::Stopped) | Error::Step(StepError::Stopped) => Self::Stopped,
            _ => Self::Failure,
        }
    }
}

#[cfg(feature = "backup")]
impl ExitCode {
    fn of_backup(error: &BackupError) -> Self {
        match error {
            BackupError::Unsound { .. } | BackupError::Manifest { .. } => Self::Drift,
            BackupError::NotFound { .. } | BackupError::NoSuchTable { .. } | BackupError::Name { .. } => {
                Self::Usage
            }
            BackupError::NoSpace { .. }
            | BackupError::NoTables
            | BackupError::Unfit { .. }
            | BackupError::Scratch(ScratchError::NoRight { .. } | ScratchError::NoMember { .. })
            | BackupError::Program(DumpError::NoProgram { .. }) => Self::Refused,
            BackupError::Stopped { .. } => Self::Stopped,
            _ => Self::Failure,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

impl fmt::Display for ExitCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", *self as u8)
    }
}
