use super::ProbeError;
use crate::catalog::render::count;
use crate::engine::{CheckOutcome, DataCheck, Unsound};

/// Why a deploy does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// The way back that was chosen leads nowhere.
    #[error("deploy with `--on-failure {way}`: {why}; nothing was changed; {instead}")]
    NoWayBack {
        /// The way.
        way: crate::history::WayBack,
        /// Why.
        why: String,
        /// What to do.
        instead: &'static str,
    },
    /// Indexes or constraints are not what they should be already.
    #[error(
        "find the database sound: {} not what the revisions make of it:{}\nnothing was changed; `verify` says what to do",
        are(.0.len(), "object"),
        lines(.0.iter().map(|unsound| unsound.object.to_string()))
    )]
    Unsound(Vec<Unsound>),
    /// A backfill has failed.
    #[error(
        "find the database sound: the backfill of version {version} has failed or was cancelled; nothing was changed; \
         `backfills` says why, and `backfills retry` goes on"
    )]
    Blocked {
        /// The version whose backfill it is.
        version: i64,
    },
    /// A step fails in the rehearsal.
    #[error("rehearse {revision}: {error}; nothing was changed")]
    Rehearsal {
        /// The revision's stem.
        revision: String,
        /// How it failed.
        error: String,
    },
    /// The database is not as it was before the rehearsal.
    #[error(
        "rehearse without a trace: the catalog or the history is not what it was before; somebody else may have changed it \
         meanwhile; no revision was applied; look with `verify --drift`"
    )]
    Touched,
    /// A gate wants a rehearsal in which every step came to its end.
    #[error(
        "record the rehearsal, which a gate wants: {revision} did not come to its end: {reason}; nothing was changed; rehearse \
         on a clone with --clone-from"
    )]
    NotRecorded {
        /// The first revision that did not.
        revision: String,
        /// Why not.
        reason: String,
    },
    /// The schema was changed between the backup and the upgrade.
    #[error(
        "find the database as it was backed up: its schema was changed since by somebody else; nothing was changed by this run; \
         run it again, which takes another backup"
    )]
    ChangedSinceBackup,
    /// The backup of a deploy that is taken up is not there any more.
    #[error(
        "find the backup {place}, which leads back from the deploy that is taken up: {why}; this run changed nothing; put it \
         back, or go on with --on-failure downgrade or stop"
    )]
    BackupGone {
        /// Where it was.
        place: String,
        /// What was found.
        why: String,
    },
    /// What must hold behind the upgrade does not.
    #[error("find the data sound: {}:{}", fail(.0.len()), lines(.0.iter().map(failed_check)))]
    Checks(Vec<DataCheck>),
    /// The way back did not lead to where the deploy began.
    #[error("find the database as before:{}", lines(.0.iter().cloned()))]
    NotAsBefore(Vec<String>),
    /// The application is not well.
    #[error(transparent)]
    Probe(#[from] ProbeError),
}

fn are(number: usize, noun: &str) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} {are}", count(number, noun))
}

fn fail(number: usize) -> String {
    if number == 1 { "1 check fails".to_owned() } else { format!("{number} checks fail") }
}

fn lines(texts: impl Iterator<Item = String>) -> String {
    texts.map(|text| format!("\n  {text}")).collect()
}

fn failed_check(DataCheck { revision, check, outcome }: &DataCheck) -> String {
    match outcome {
        CheckOutcome::Fails(reason) => format!("{revision}: {check}: {reason}"),
        _ => format!("{revision}: {check}"),
    }
}
