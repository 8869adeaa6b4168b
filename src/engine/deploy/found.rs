use crate::engine::{Error, Migrator};
use crate::history::{self, DeployRow, History};
use crate::plan::{Plan, PlanError, Target};
use crate::revisions::{Direction, Revision, RevisionSet};

/// What is to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    /// The hash of the plan.
    pub(super) plan: String,
    /// Its revisions, in order.
    pub(super) versions: Vec<i64>,
    /// The newest applied version before.
    pub(super) from: Option<i64>,
    /// The newest version that has a place in the order once the plan is done; of a plan without one, the newest.
    pub(super) to: i64,
}

/// Where a deploy begins.
#[derive(Debug)]
pub(super) enum Beginning {
    /// At its own beginning, or at nothing, where nothing is pending. A row is one of another plan, which never ended.
    New { pending: Result<Option<Pending>, PlanError>, other: Option<DeployRow> },
    /// Where an earlier run of the same deploy was.
    TakenUp(DeployRow),
    /// On the way back of an earlier one.
    GoingBack(DeployRow),
}

impl Beginning {
    /// Reads the history, and looks for a deploy that has not ended. Writes nothing.
    pub(super) async fn find(migrator: &Migrator, target: Target) -> Result<Self, Error> {
        let connection = migrator.connect().await?;
        let (client, table, revisions) = (&connection.client, migrator.history_table(), migrator.revisions());
        let history = history::read(client, table).await?;
        let row = DeployRow::find(client, table).await.map_err(|source| {
            let left = "nothing was changed";
            Error::State { action: "look for a deploy that has not ended", left, source }
        })?;
        let other = match row {
            Some(row) if row.is_going_back() && has_texts_of(revisions, &row) => {
                return Ok(Self::GoingBack(row));
            }
            Some(row) if is_same(revisions, &history, target, &row) => return Ok(Self::TakenUp(row)),
            other => other,
        };
        let plan = Plan::upgrade(revisions, &history, target, migrator.out_of_order);
        Ok(Self::New { pending: plan.map(|plan| Pending::of(&plan, revisions, &history)), other })
    }
}

impl Pending {
    fn of(plan: &Plan<'_>, revisions: &RevisionSet, history: &History) -> Option<Self> {
        let versions: Vec<i64> = plan.steps.iter().map(|revision| revision.version).collect();
        let newest = versions.iter().copied().max()?;
        let to = plan.end(revisions, history).unwrap_or(newest);
        Some(Self { plan: plan.hash(), versions, from: plan.from, to })
    }

    pub(super) fn of_row(row: &DeployRow) -> Self {
        Self { plan: row.plan.clone(), versions: row.versions.clone(), from: row.from, to: row.to }
    }

    /// Its revisions, in order.
    pub(super) fn revisions<'a>(&self, set: &'a RevisionSet) -> Vec<&'a Revision> {
        self.versions.iter().filter_map(|version| set.get(*version)).collect()
    }
}

/// Whether these revisions, to that target, are the same deploy: nothing is pending that it had not, and nothing of it is beyond
/// the target.
fn is_same(revisions: &RevisionSet, history: &History, target: Target, row: &DeployRow) -> bool {
    let last = match target {
        Target::Head => i64::MAX,
        Target::Version(version) => version,
    };
    let mut pending = revisions
        .iter()
        .map(|revision| revision.version)
        .filter(|version| *version <= last && history.get(*version).is_none());
    has_texts_of(revisions, row)
        && row.versions.iter().all(|version| *version <= last)
        && pending.all(|version| row.versions.contains(&version))
}

/// Whether the revisions of a deploy are still here, with the same texts.
fn has_texts_of(revisions: &RevisionSet, row: &DeployRow) -> bool {
    let steps: Option<Vec<&Revision>> = row.versions.iter().map(|version| revisions.get(*version)).collect();
    let plan = |steps| Plan { direction: Direction::Up, from: row.from, steps, awaited: Vec::new() };
    steps.is_some_and(|steps| plan(steps).hash() == row.plan)
}
