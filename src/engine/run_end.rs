use super::{Error, Run, RunOutcome};

/// How a command ended that may write.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RunEnd<'a> {
    /// It did what it was to do.
    Succeeded,
    /// There was nothing to do.
    NothingToDo,
    /// A stop was asked for.
    Stopped,
    /// It failed, or was refused.
    Failed {
        /// Why; none where its result says so, as that of a deploy.
        error: Option<&'a Error>,
    },
    /// Whoever waited for it does so no longer: its future was dropped.
    Abandoned,
}

impl RunEnd<'_> {
    /// Its name, as in metrics and traces.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::NothingToDo => "nothing_to_do",
            Self::Stopped => "stopped",
            Self::Failed { .. } => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    #[cfg(feature = "operations")]
    pub(super) fn succeeded<T>(_: &T) -> RunEnd<'static> {
        RunEnd::Succeeded
    }

    pub(super) fn of_run(run: &Run) -> RunEnd<'static> {
        match run.outcome {
            RunOutcome::Upgraded | RunOutcome::Downgraded => RunEnd::Succeeded,
            RunOutcome::UpToDate
            | RunOutcome::NothingPending
            | RunOutcome::DoneByAnother
            | RunOutcome::NothingToUndo => RunEnd::NothingToDo,
            RunOutcome::Stopped => RunEnd::Stopped,
        }
    }

    #[cfg(feature = "operations")]
    pub(super) fn of_marked(marked: &super::Marked) -> RunEnd<'static> {
        if marked.marked.is_empty() { RunEnd::NothingToDo } else { RunEnd::Succeeded }
    }

    #[cfg(feature = "backup")]
    pub(super) fn of_deploy(deploy: &super::deploy::Deploy) -> RunEnd<'static> {
        use super::deploy::DeployOutcome;
        match deploy.outcome {
            DeployOutcome::Deployed => RunEnd::Succeeded,
            DeployOutcome::UpToDate | DeployOutcome::Planned => RunEnd::NothingToDo,
            DeployOutcome::Stopped => RunEnd::Stopped,
            DeployOutcome::Refused
            | DeployOutcome::Failed
            | DeployOutcome::Reverted
            | DeployOutcome::NotReverted => RunEnd::Failed { error: None },
        }
    }
}
