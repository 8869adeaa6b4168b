//! What kind of error it is, for those who count errors and do not read them.

use tokio_postgres::error::SqlState;
use tracing::Span;

use super::cause::server_code;
#[cfg(feature = "backup")]
use super::deploy::{DeployError, ProbeError};
use super::{Error, LockError, StepError};
#[cfg(feature = "backup")]
use crate::backup::BackupError;
use crate::db::fail;

impl Error {
    /// Whether it only says that a stop was asked for.
    pub(crate) fn is_stop(&self) -> bool {
        match self {
            Self::Step(StepError::Stopped) | Self::Lock(LockError::Stopped) => true,
            #[cfg(feature = "backup")]
            Self::NotVerified { source, .. } | Self::Left { source, .. } => source.is_stop(),
            #[cfg(feature = "backup")]
            Self::Backup(BackupError::Stopped { .. })
            | Self::Deploy(DeployError::Probe(ProbeError::Stopped)) => true,
            _ => false,
        }
    }

    /// Says in a span that its work failed; a stop is no failure.
    pub(super) fn record(&self, span: &Span) {
        if !self.is_stop() {
            fail(span, self.code(), self.word());
        }
    }

    /// What the server called it, where it comes from there.
    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Step(error) => error.code().or_else(|| server_code(error)),
            error => server_code(error),
        }
    }

    /// The kind in a word of ours.
    fn word(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::History(_) => "history",
            Self::Plan(_) => "plan",
            Self::Backfill(_) | Self::Deferred(_) => "backfill",
            #[cfg(feature = "operations")]
            Self::Adopt(_) => "adopt",
            Self::Preflight(_) => "preflight",
            Self::Lock(error) => error.word(),
            Self::SingleTransaction { .. } => "single_transaction",
            #[cfg(feature = "operations")]
            Self::Gate { .. } => "gate",
            Self::PlanChanged => "plan_changed",
            Self::Step(error) => error.word(),
            Self::State { .. } | Self::NoRun => "state",
            #[cfg(feature = "operations")]
            Self::Catalog(_) | Self::Scratch(_) | Self::Dump(_) | Self::Load { .. } => "catalog",
            #[cfg(feature = "operations")]
            Self::Replay { .. } | Self::NoFunction { .. } => "replay",
            #[cfg(feature = "operations")]
            Self::NotCompared { .. } | Self::Drift(_) => "drift",
            #[cfg(feature = "operations")]
            Self::NotBroken { .. } => "repair",
            #[cfg(feature = "operations")]
            Self::CloneAhead { .. } | Self::CloneWithoutHistory { .. } | Self::NoClone => "clone",
            #[cfg(feature = "backup")]
            Self::Backup(_) => "backup",
            #[cfg(feature = "backup")]
            Self::NotVerified { source, .. } | Self::Left { source, .. } => source.word(),
            #[cfg(feature = "backup")]
            Self::Deploy(_) => "deploy",
            Self::Refinery(_) => "refinery",
        }
    }
}

impl LockError {
    /// As of [`Error`].
    pub(super) fn record(&self, span: &Span) {
        if !matches!(self, Self::Stopped) {
            fail(span, server_code(self), self.word());
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Held { .. } => "lock_held",
            Self::Orphan { .. } => "lock_orphaned",
            Self::NoSecondSession { .. } => "no_second_session",
            Self::Lost => "lock_lost",
            Self::Stopped => "stopped",
            Self::Connect(_) | Self::Query(_) => "connect",
        }
    }
}

impl StepError {
    fn word(&self) -> &'static str {
        match self {
            Self::Statement { .. } | Self::Commit { .. } | Self::Single { .. } | Self::Progress { .. } => {
                "connection"
            }
            Self::Function { .. } => "function",
            Self::Hook { .. } => "hook",
            Self::Check { .. } => "check",
            Self::EndedTransaction { .. } => "ended_transaction",
            Self::NoCode { .. } => "no_code",
            Self::Blocked { .. } => "blocked",
            Self::EditedHalfWay { .. } => "edited",
            Self::IndexNotBuilt { .. } | Self::UnnamedIndex { .. } => "invalid_index",
            Self::StillRunning { .. } => "still_running",
            Self::OutOfTime => "out_of_time",
            Self::Stopped => "stopped",
        }
    }
}
