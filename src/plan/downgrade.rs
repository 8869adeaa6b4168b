use super::upgrade::{conflicts, newest_versioned};
use super::{Conflict, Conflicts, OutOfOrder, Plan, PlanError};
use crate::history::History;
use crate::revisions::{Direction, Down, Revision, RevisionSet};

/// Where a downgrade ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// After so many revisions, the newest first.
    Steps(usize),
    /// When nothing above this version is applied; 0 undoes everything.
    To(i64),
}

impl<'a> Plan<'a> {
    /// Plans a downgrade: applied revisions of both kinds, in falling order of version.
    ///
    /// Pending revisions are no obstacle, also those that came too late: going back is a way out of that. Nor is an edited
    /// one that stays. One that is half applied is: what it did stands on what would be undone.
    ///
    /// # Errors
    /// History and set disagree about an applied revision; a revision on the way has no down; the target is unknown or
    /// ahead of the database; there are fewer revisions than steps.
    pub fn downgrade(revisions: &'a RevisionSet, history: &History, back: Back) -> Result<Self, PlanError> {
        let versions = to_undo(revisions, history, back)?;
        let stands_in_the_way = |conflict: &Conflict| match conflict {
            Conflict::HalfUndone { .. } => false,
            Conflict::InsideSquash { .. } => true,
            conflict => versions.contains(&conflict.version()),
        };
        let half_applied = history.unfinished.iter().filter(|step| step.direction == Direction::Up);
        let conflicts: Vec<_> = conflicts(revisions, history, OutOfOrder::Allow)
            .into_iter()
            .filter(stands_in_the_way)
            .chain(half_applied.map(|step| Conflict::HalfApplied { version: step.version, done: step.done }))
            .collect();
        Conflicts::refuse(conflicts)?;
        let steps: Vec<_> = versions.iter().filter_map(|version| revisions.get(*version)).collect();
        match steps.iter().find_map(|revision| no_way_back(revision)) {
            Some(error) => Err(error),
            None => Ok(Self {
                direction: Direction::Down,
                from: newest_versioned(revisions, history),
                steps,
                awaited: Vec::new(),
            }),
        }
    }
}

/// The applied versions to undo, the newest first.
fn to_undo(revisions: &RevisionSet, history: &History, back: Back) -> Result<Vec<i64>, PlanError> {
    let applied = history.applied.iter().rev().map(|applied| applied.version);
    match back {
        Back::Steps(steps) if steps > history.applied.len() => {
            Err(PlanError::TooManySteps { steps, applied: history.applied.len() })
        }
        Back::Steps(steps) => Ok(applied.take(steps).collect()),
        Back::To(version) if version != 0 && revisions.get(version).is_none() => {
            Err(PlanError::UnknownTarget { version, newest: revisions.head() })
        }
        Back::To(version) => {
            let current = newest_versioned(revisions, history).unwrap_or(0);
            if version > current {
                return Err(PlanError::Ahead { version, current });
            }
            Ok(applied.take_while(|applied| *applied > version).collect())
        }
    }
}

fn no_way_back(revision: &Revision) -> Option<PlanError> {
    let revision_name = revision.stem();
    match &revision.down {
        Down::Step(_) => None,
        Down::Irreversible(reason) => {
            Some(PlanError::Irreversible { revision: revision_name, reason: reason.clone().into_owned() })
        }
        Down::Missing => Some(PlanError::NoDown { revision: revision_name }),
    }
}
