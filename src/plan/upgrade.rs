use serde::Serialize;

use super::{Conflict, Conflicts, OutOfOrder};
use crate::history::{Applied, History};
use crate::revisions::{Direction, Kind, Revision, RevisionSet};

/// Where an upgrade ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The newest revision of the set.
    #[default]
    Head,
    /// The revision of this version, inclusive.
    Version(i64),
}

/// The steps from a history to a target, in the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    /// Whether the steps go forward or backward.
    pub direction: Direction,
    /// The newest applied version; none in an empty history.
    pub from: Option<i64>,
    /// The revisions on the way to the target.
    pub steps: Vec<&'a Revision>,
    /// The versions of which the deferred backfills are finished in line, because a step requires them.
    pub awaited: Vec<i64>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The history and the set disagree.
    #[error("plan: the database and these revisions disagree, nothing was changed:{0}")]
    Conflict(Conflicts),
    /// No revision has the target's version.
    #[error("plan: there is no revision of version {version}; {}", .newest.map_or("there are none".to_owned(), |newest| format!("the newest is {newest}")))]
    UnknownTarget {
        /// The version that was asked for.
        version: i64,
        /// The newest version of the set.
        newest: Option<i64>,
    },
    /// A revision requires a deferred backfill that has not finished.
    #[error(
        "plan: {revision} requires the backfill of version {version}, which has not finished; nothing was changed; \
         `backfills` shows how far it is, and `backfills run` finishes it where no application does"
    )]
    Unfinished {
        /// The revision's stem.
        revision: String,
        /// The version whose backfill it is.
        version: i64,
    },
    /// The target lies behind the database.
    #[error(
        "plan: the database is at version {current}, past {version}; an upgrade never goes back, and nothing \
         was changed; `downgrade --to {version}` does"
    )]
    Behind {
        /// The version that was asked for.
        version: i64,
        /// The newest applied version.
        current: i64,
    },
    /// The target of a downgrade lies ahead of the database.
    #[error(
        "plan: the database is at version {current}, which is before {version}; a downgrade never goes forward, \
         and nothing was changed; `upgrade --to {version}` does"
    )]
    Ahead {
        /// The version that was asked for.
        version: i64,
        /// The newest applied version; 0 in an empty history.
        current: i64,
    },
    /// More steps back than there are revisions.
    #[error(
        "plan: {steps} steps back were asked for, and {} applied; nothing was changed; ask for \
         {applied} at the most",
        crate::words::revisions_are(*.applied)
    )]
    TooManySteps {
        /// How many were asked for.
        steps: usize,
        /// How many revisions are applied.
        applied: usize,
    },
    /// A revision on the way back cannot be undone.
    #[error(
        "plan: {revision} is irreversible: {reason}; nothing was changed; restore a backup from before it, or go \
         forward with a new revision"
    )]
    Irreversible {
        /// The revision's stem.
        revision: String,
        /// Why, in its author's words.
        reason: String,
    },
    /// A revision on the way back has no down.
    #[error(
        "plan: {revision} has no down; nothing was changed; write one and build again, or restore a backup from \
         before it"
    )]
    NoDown {
        /// The revision's stem.
        revision: String,
    },
}

impl<'a> Plan<'a> {
    /// Plans an upgrade.
    ///
    /// Versioned revisions run in order, and behind the newest applied one only where the policy lets them;
    /// unversioned ones run wherever they are missing. Refinery decides by the same rules when it runs.
    ///
    /// # Errors
    /// All conflicts between history and set at once; a target that is unknown or behind.
    pub fn upgrade(
        revisions: &'a RevisionSet,
        history: &History,
        target: Target,
        policy: OutOfOrder,
    ) -> Result<Self, PlanError> {
        let conflicts = conflicts(revisions, history, policy);
        Conflicts::refuse(conflicts)?;
        let last = match target {
            Target::Head => i64::MAX,
            Target::Version(version) => checked(version, revisions, history)?,
        };
        let pending = revisions.iter().filter(|revision| history.get(revision.version).is_none());
        let steps: Vec<&Revision> = pending.take_while(|revision| revision.version <= last).collect();
        let awaited = awaited(&steps, history)?;
        Ok(Self { direction: Direction::Up, from: newest_versioned(revisions, history), steps, awaited })
    }

    /// The steps that run although something newer is applied; there are none under [`OutOfOrder::Reject`].
    pub fn out_of_order(&self) -> impl Iterator<Item = &'a Revision> {
        let is_late = |step: &&Revision| step.kind == Kind::Versioned && Some(step.version) < self.from;
        self.steps.iter().copied().filter(is_late)
    }

    /// The newest applied version that has a place in the order, once all steps are done.
    #[cfg(feature = "operations")]
    pub(crate) fn end(&self, revisions: &RevisionSet, history: &History) -> Option<i64> {
        match self.direction {
            Direction::Up => {
                let versioned = self.steps.iter().filter(|step| step.kind == Kind::Versioned);
                versioned.map(|step| step.version).max().max(self.from)
            }
            Direction::Down => {
                let undone: Vec<i64> = self.steps.iter().map(|step| step.version).collect();
                newest_left(revisions, history, &undone)
            }
        }
    }

    /// Whether nothing is pending up to the target.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The backfills that a run has to finish itself: those of its own steps that later steps require. An earlier run may
/// have died over one.
fn awaited(steps: &[&Revision], history: &History) -> Result<Vec<i64>, PlanError> {
    let mut awaited = Vec::new();
    for revision in steps {
        for &version in &revision.around.requires {
            let unfinished = history.deferred.iter().find(|backfill| backfill.version == version);
            if unfinished.is_some_and(|backfill| !backfill.awaited) {
                return Err(PlanError::Unfinished { revision: revision.stem(), version });
            }
            if unfinished.is_some() || steps.iter().any(|step| step.version == version) {
                awaited.push(version);
            }
        }
    }
    Ok(awaited)
}

/// Where a history and a set disagree, in order of version.
pub(crate) fn conflicts(revisions: &RevisionSet, history: &History, policy: OutOfOrder) -> Vec<Conflict> {
    let newest_here = revisions.iter().map(|revision| revision.version).max().unwrap_or(i64::MIN);
    let squashes: Vec<&Revision> = revisions.iter().filter(|revision| revision.replaces.is_some()).collect();
    let of_applied = history.applied.iter().filter_map(|applied| match revisions.get(applied.version) {
        _ if squashes.iter().any(|squash| applied.is_replaced_by(squash)) => None,
        None => Some(Conflict::missing(applied, applied.version > newest_here)),
        Some(revision) if history.is_half_undone(applied.version) => Some(Conflict::half_undone(revision)),
        Some(revision) if applied.is(revision) => None,
        Some(revision) => Some(Conflict::divergent(applied, revision)),
    });
    let inside_squash = squashes.iter().filter_map(|squash| {
        let unfinished = || Conflict::unfinished_in_squash(squash, history);
        Conflict::inside_squash(squash, history).or_else(unfinished)
    });
    let newest_applied = newest_versioned(revisions, history).filter(|_| policy == OutOfOrder::Reject);
    let out_of_order = revisions.iter().filter_map(|revision| {
        let newest_applied = newest_applied.filter(|newest| *newest > revision.version)?;
        let pending = revision.kind == Kind::Versioned && history.get(revision.version).is_none();
        pending.then(|| Conflict::out_of_order(revision, newest_applied))
    });
    let mut conflicts: Vec<Conflict> = of_applied.chain(inside_squash).chain(out_of_order).collect();
    conflicts.sort_by_key(Conflict::version);
    conflicts
}

/// The newest applied version that has a place in the order. A row that the set does not know counts as one:
/// the history table does not say which kind it was.
pub(crate) fn newest_versioned(revisions: &RevisionSet, history: &History) -> Option<i64> {
    let is_versioned =
        |version: i64| revisions.get(version).is_none_or(|revision| revision.kind == Kind::Versioned);
    history.applied.iter().rev().map(|applied| applied.version).find(|version| is_versioned(*version))
}

/// The same once these versions are undone.
pub(crate) fn newest_left(revisions: &RevisionSet, history: &History, undone: &[i64]) -> Option<i64> {
    let is_left = |applied: &&Applied| !undone.contains(&applied.version);
    let left = history.applied.iter().filter(is_left).cloned().collect();
    newest_versioned(revisions, &History { applied: left, ..History::default() })
}

fn checked(version: i64, revisions: &RevisionSet, history: &History) -> Result<i64, PlanError> {
    if revisions.get(version).is_none() {
        return Err(PlanError::UnknownTarget { version, newest: revisions.head() });
    }
    match newest_versioned(revisions, history) {
        Some(current) if current > version => Err(PlanError::Behind { version, current }),
        _ => Ok(version),
    }
}
