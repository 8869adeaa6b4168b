use std::time::Duration;

use serde::Serialize;

use super::DeployError;
use crate::catalog::render::count;
use crate::engine::Error;
use crate::history::{DeployStage, WayBack, milliseconds};
use crate::words::counted;

/// What a deploy came to.
#[derive(Debug, Serialize)]
pub struct Deploy {
    /// The database's name.
    pub database: String,
    /// How it ended.
    pub outcome: DeployOutcome,
    /// The hash of the plan; none where nothing was pending.
    pub plan: Option<String>,
    /// The newest applied version before; none in an empty history, and where nothing was pending.
    pub from: Option<i64>,
    /// The newest applied version behind the plan; none where nothing was pending.
    pub to: Option<i64>,
    /// What it did about an earlier deploy that had not ended; none where there was none.
    pub earlier: Option<String>,
    /// Its stages in the order in which they came.
    pub stages: Vec<StageReport>,
    /// Why it failed; none where it did not.
    pub failure: Option<DeployFailure>,
    /// Where its backup is; none where none was taken.
    pub backup: Option<String>,
    /// How it went back; none where it did not.
    pub way_back: Option<WentBack>,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
}

/// How a deploy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeployOutcome {
    /// It is deployed.
    Deployed,
    /// Nothing was pending; what was to be asked of the database and the application was asked.
    UpToDate,
    /// Only the plan was wanted.
    Planned,
    /// It ended before anything was changed.
    Refused,
    /// A stop was asked for: the next deploy takes it up.
    Stopped,
    /// It failed, and the database was left where it is.
    Failed,
    /// It failed, and the database is as before.
    Reverted,
    /// It failed, and so did the way back, or what it led to is not what was before.
    NotReverted,
}

/// A stage of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageReport {
    /// Which.
    pub stage: DeployStage,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: StageOutcome,
    /// The result in a sentence without a full stop; empty where it was skipped.
    pub summary: String,
    /// How long it took, in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
}

/// What came of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum StageOutcome {
    /// All is well.
    Passed,
    /// It is not.
    Failed,
    /// It was gone without.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// Why a deploy failed.
#[derive(Debug, Serialize)]
pub struct DeployFailure {
    /// The stage that failed.
    pub stage: DeployStage,
    /// What happened, as what fits after "failed to".
    pub message: String,
    /// The same as a value.
    #[serde(skip)]
    pub error: Error,
}

/// How a deploy went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WentBack {
    /// Which way was chosen.
    pub way: WayBack,
    /// The database in whose place a full backup came, under the name that it has now.
    pub kept: Option<String>,
    /// Whether the database is as before; none where it did not come to that question.
    pub as_before: Option<AsBefore>,
}

/// What shows whether a database is as before a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsBefore {
    /// The fingerprint of the catalog just before the upgrade.
    pub fingerprint_before: String,
    /// The same now.
    pub fingerprint_after: String,
    /// Versions of the plan that are applied, or begun, all the same.
    pub still_applied: Vec<i64>,
    /// The tables whose rows were compared with those of the backup, by a hash of them all: those that the plan can lose data
    /// of; 0 where nothing of it was committed. None where no backup has rows, so that only the schema is known.
    pub tables: Option<usize>,
    /// How many rows that are.
    pub rows: u64,
    /// What is not as before.
    pub faults: Vec<String>,
}

impl AsBefore {
    /// Whether all that was looked at is as before.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.faults.is_empty()
            && self.fingerprint_before == self.fingerprint_after
            && self.still_applied.is_empty()
    }

    /// What was found, in a sentence without a full stop.
    pub(super) fn judge(&self) -> Result<String, DeployError> {
        if !self.is_proven() {
            return Err(DeployError::NotAsBefore(self.faults.clone()));
        }
        let rows = match self.tables {
            None => "rows were not compared, for no backup has them".to_owned(),
            Some(0) => "no row is another, for nothing was committed that could lose one".to_owned(),
            Some(tables) => {
                let rows = counted(self.rows, "row", "rows");
                format!("so are the {rows} of {}, by their hashes", count(tables, "table"))
            }
        };
        Ok(format!("the catalog is as before, by its fingerprint {:.12}; {rows}", self.fingerprint_after))
    }
}
