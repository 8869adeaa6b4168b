use serde::Serialize;

use crate::backup::Verified;
use crate::catalog::render::count;
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
    /// What the audit has of it, in a few words.
    pub(super) fn told(&self) -> Option<String> {
        let version =
            |version: Option<i64>| version.map_or("nothing".to_owned(), |version| version.to_string());
        match self {
            Self::Run(run) => {
                let steps = run.applied.len() + run.undone.len();
                Some(format!(
                    "from {} to {}, {}",
                    version(run.from),
                    version(run.to),
                    count(steps, "revision")
                ))
            }
            Self::Backup(taken) => Some(taken.path.clone()),
            Self::Drift(drift) => Some(count(drift.differences.len(), "difference")),
            Self::Verified(verified) => Some(verified.depth.name().to_owned()),
            Self::DryRun(run) => Some(format!("plan {:.12}", run.plan)),
            Self::Nothing => None,
        }
    }

    /// Whether it is no more than a part, because somebody asked for an end.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self, Self::Run(run) if run.outcome == RunOutcome::Stopped)
    }
}
