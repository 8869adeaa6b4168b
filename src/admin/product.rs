use serde::Serialize;

use crate::backup::Verified;
use crate::engine::dry_run::DryRun;
use crate::engine::{Drift, Run, RunOutcome, TakenBackup};

/// What a job came to. As JSON it is that alone.
#[derive(Debug, Default, Serialize)]
#[serde(untagged)]
pub(super) enum Product {
    #[default]
    Nothing,
    DryRun(Box<DryRun>),
    Run(Run),
    Drift(Drift),
    Backup(Box<TakenBackup>),
    Verified(Verified),
}

impl Product {
    /// Whether it is no more than a part, because somebody asked for an end.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self, Self::Run(run) if run.outcome == RunOutcome::Stopped)
    }
}
