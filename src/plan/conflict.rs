use std::fmt;

use serde::Serialize;

use super::PlanError;
use crate::history::{Applied, History};
use crate::revisions::Revision;

/// A place where a database's history and a set of revisions disagree. Nothing runs while there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Conflict {
    /// An applied revision was edited, or another took its version.
    Divergent {
        /// The version.
        version: i64,
        /// The name behind it in the set.
        name: String,
        /// The name that was applied.
        applied_name: String,
        /// The checksum that was applied.
        applied_checksum: String,
        /// Refinery's checksum of the set's revision.
        checksum: String,
    },
    /// An applied revision is not in the set: it was removed, or the database is ahead of this binary.
    Missing {
        /// The version.
        version: i64,
        /// The name that was applied.
        name: String,
        /// When it was applied.
        applied_at: String,
        /// Whether it is newer than everything in the set.
        ahead: bool,
    },
    /// The database stands inside the range for which one revision stands now, whose files are gone.
    InsideSquash {
        /// The version of that revision.
        version: i64,
        /// The name behind it.
        name: String,
        /// The first version of its range.
        first: i64,
        /// The newest of the range that is applied.
        newest_applied: i64,
    },
    /// A revision stands for others now, and the backfill of one of them has not finished.
    UnfinishedInSquash {
        /// The version of the revision that stands for them.
        version: i64,
        /// The name behind it.
        name: String,
        /// The version whose backfill it is.
        backfill: i64,
    },
    /// A revision without a transaction was begun and has not ended; told of a downgrade only.
    HalfApplied {
        /// The version.
        version: i64,
        /// How many of its statements are done.
        done: usize,
    },
    /// The down of an applied revision was begun and has not ended.
    HalfUndone {
        /// The version.
        version: i64,
        /// The name behind it.
        name: String,
    },
    /// A revision is older than the newest applied one, and was never applied.
    OutOfOrder {
        /// The version.
        version: i64,
        /// The name behind it.
        name: String,
        /// The newest applied version.
        newest_applied: i64,
    },
}

/// All conflicts of one history with one set, in order of version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflicts(pub Vec<Conflict>);

impl Conflicts {
    /// An error where there are any.
    pub(crate) fn refuse(conflicts: Vec<Conflict>) -> Result<(), PlanError> {
        if conflicts.is_empty() { Ok(()) } else { Err(PlanError::Conflict(Self(conflicts))) }
    }

    /// Whether the database is newer, and nothing else is wrong.
    pub(crate) fn is_ahead(&self) -> bool {
        self.0.iter().all(|conflict| matches!(conflict, Conflict::Missing { ahead: true, .. }))
    }
}

impl Conflict {
    pub(super) fn divergent(applied: &Applied, revision: &Revision) -> Self {
        Self::Divergent {
            version: revision.version,
            name: revision.name.clone().into_owned(),
            applied_name: applied.name.clone(),
            applied_checksum: applied.checksum.clone(),
            checksum: revision.checksum.to_string(),
        }
    }

    pub(super) fn missing(applied: &Applied, ahead: bool) -> Self {
        Self::Missing {
            version: applied.version,
            name: applied.name.clone(),
            applied_at: applied.applied_at.clone(),
            ahead,
        }
    }

    /// None where the database has the range's last revision, or nothing of the range.
    pub(super) fn inside_squash(squash: &Revision, history: &History) -> Option<Self> {
        let first = squash.replaces.filter(|_| history.get(squash.version).is_none())?;
        let newest = history.applied.iter().rev().find(|applied| applied.is_replaced_by(squash))?;
        let (version, name) = (squash.version, squash.name.clone().into_owned());
        Some(Self::InsideSquash { version, name, first, newest_applied: newest.version })
    }

    /// None where every backfill of the range has finished.
    pub(super) fn unfinished_in_squash(squash: &Revision, history: &History) -> Option<Self> {
        let range = squash.replaces?..=squash.version;
        let unfinished = history.deferred.iter().find(|backfill| range.contains(&backfill.version))?;
        let (version, name) = (squash.version, squash.name.clone().into_owned());
        squash.around.backfill().is_none().then_some(Self::UnfinishedInSquash {
            version,
            name,
            backfill: unfinished.version,
        })
    }

    pub(super) fn half_undone(revision: &Revision) -> Self {
        Self::HalfUndone { version: revision.version, name: revision.name.clone().into_owned() }
    }

    pub(super) fn out_of_order(revision: &Revision, newest_applied: i64) -> Self {
        Self::OutOfOrder {
            version: revision.version,
            name: revision.name.clone().into_owned(),
            newest_applied,
        }
    }

    /// The version in question.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self {
            Self::Divergent { version, .. }
            | Self::Missing { version, .. }
            | Self::InsideSquash { version, .. }
            | Self::UnfinishedInSquash { version, .. }
            | Self::HalfApplied { version, .. }
            | Self::HalfUndone { version, .. }
            | Self::OutOfOrder { version, .. } => *version,
        }
    }

    /// What the one who reads it can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Divergent { .. } => {
                "restore the file as it was applied, and put the change into a new revision; where the edit changed nothing, \
                 `repair` the row"
            }
            Self::Missing { ahead: true, .. } => {
                "the database is ahead of this binary: run the newer release's binary"
            }
            Self::Missing { ahead: false, .. } => {
                "bring the file back from version control; where it is gone for good, `repair --remove` the row"
            }
            Self::InsideSquash { .. } => {
                "run the last release before the squash first: its binary has the revisions that are missing"
            }
            Self::UnfinishedInSquash { .. } => {
                "run `backfills run` of the last release before the squash first: its binary has the function"
            }
            Self::HalfApplied { .. } => {
                "finish it with `upgrade`; or undo by hand what is done, and `repair VERSION --restart --reason TEXT`"
            }
            Self::HalfUndone { .. } => "run `downgrade` again: it goes on where it stopped",
            Self::OutOfOrder { .. } => {
                "rename it to the next free version, make it unversioned (`U`) if its place does not matter, or let it \
                 run late with --out-of-order allow"
            }
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Divergent { version, name, applied_name, .. } if name != applied_name => {
                write!(formatter, "revision {version} is {name} here, but {applied_name} was applied")
            }
            Self::Divergent { version, name, applied_checksum, checksum, .. } => write!(
                formatter,
                "revision {version} ({name}) was edited after it was applied (checksum {applied_checksum}, here {checksum})"
            ),
            Self::Missing { version, name, applied_at, .. } => {
                write!(formatter, "revision {version} ({name}), applied at {applied_at}, is not known here")
            }
            Self::InsideSquash { version, name, first, newest_applied } => write!(
                formatter,
                "revision {version} ({name}) stands for V{first} to V{version}, and the database ends inside them, at \
                 {newest_applied}"
            ),
            Self::UnfinishedInSquash { version, name, backfill } => write!(
                formatter,
                "revision {version} ({name}) stands for V{backfill} as well, whose backfill has not finished"
            ),
            Self::HalfApplied { version, done } => write!(
                formatter,
                "revision {version} is half applied: {done} of its statements are done, and it has no transaction"
            ),
            Self::HalfUndone { version, name } => write!(
                formatter,
                "revision {version} ({name}) is half undone: its down runs without a transaction and did not end"
            ),
            Self::OutOfOrder { version, name, newest_applied } => write!(
                formatter,
                "revision {version} ({name}) was never applied, and is older than the newest applied version \
                 {newest_applied}"
            ),
        }
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for conflict in &self.0 {
            write!(formatter, "\n  {conflict}\n    {}", conflict.advice())?;
        }
        Ok(())
    }
}
