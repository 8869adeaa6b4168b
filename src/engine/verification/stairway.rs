use serde::Serialize;

use super::super::replaying::Replaying;
use super::super::stage::Stage;
use super::super::{Error, Migrator, StepError};
use crate::catalog::{Catalog, differences};
use crate::revisions::{Direction, Down, Revision, Step};

/// What became of a revision on the stairway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stair {
    /// Its stem.
    pub revision: String,
    /// The file in question, below the migrations folder: its down, or its up where that fails.
    pub file: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: StairOutcome,
}

/// What came of a revision on the stairway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum StairOutcome {
    /// Up, down and up again left the catalogs that they should.
    Climbed,
    /// There was nothing to try, and why.
    PassedOver(String),
    /// What failed, or what differs.
    Failed(String),
}

pub(super) async fn stairway(migrator: &Migrator, versions: &[i64]) -> Result<Vec<Stair>, Error> {
    // Each stop would have a plan of its own to tell.
    let quiet = migrator.clone().on_event(|_| ());
    let mut rest = migrator.revisions().as_slice();
    let mut climb = Climb { migrator: &quiet, versions, stairs: Vec::new() };
    while !rest.is_empty() {
        let stage = Stage::set_up(&quiet).await?;
        let climbed = climb.climb(&stage, rest.len()).await;
        rest = stage.clear(climbed).await?;
    }
    Ok(climb.stairs)
}

/// A climb so far. A down at fault leaves a database that nothing behind it can be judged on: then it goes on with another.
struct Climb<'a> {
    migrator: &'a Migrator,
    versions: &'a [i64],
    stairs: Vec<Stair>,
}

impl<'a> Climb<'a> {
    /// Climbs the last so many revisions, from an empty database; returns those that are left for another one.
    async fn climb(&mut self, stage: &Stage, left: usize) -> Result<&'a [Revision], Error> {
        let revisions = self.migrator.revisions().as_slice();
        let (below, mut rest) = revisions.split_at(revisions.len() - left);
        let mut replaying = Replaying::new(self.migrator, stage);
        let quick = rest.partition_point(|revision| !self.is_wanted(revision));
        let first: Vec<&Revision> = below.iter().chain(&rest[..quick]).collect();
        if let Err(error) = replaying.apply(&first).await {
            return self.give_up(first.last().copied(), error);
        }
        rest = &rest[quick..];
        while let Some((revision, behind)) = rest.split_first() {
            rest = behind;
            if !self.is_wanted(revision) {
                if let Err(error) = replaying.apply(&[revision]).await {
                    return self.give_up(Some(revision), error);
                }
                continue;
            }
            let lower = stage.catalog().await?;
            if let Err(error) = replaying.apply(&[revision]).await {
                return self.give_up(Some(revision), error);
            }
            let (outcome, is_sound) = try_back(stage, &replaying, revision, &lower).await?;
            self.stairs.push(Stair::new(revision, outcome));
            if !is_sound {
                break;
            }
        }
        Ok(rest)
    }

    fn is_wanted(&self, revision: &Revision) -> bool {
        self.versions.contains(&revision.version)
    }

    /// Nothing behind an up that fails can be tried.
    fn give_up(&mut self, revision: Option<&Revision>, error: Error) -> Result<&'a [Revision], Error> {
        if matches!(error, Error::Step(StepError::Stopped)) {
            return Err(error);
        }
        if let Some(revision) = revision {
            let outcome = StairOutcome::Failed(format!("up: failed to {error}"));
            let (stem, file) = (revision.stem(), revision.file().to_owned());
            self.stairs.push(Stair { revision: stem, file, outcome });
        }
        Ok(&[])
    }
}

/// Down and up again. Says too whether the database is what it was.
async fn try_back(
    stage: &Stage,
    replaying: &Replaying<'_>,
    revision: &Revision,
    lower: &Catalog,
) -> Result<(StairOutcome, bool), Error> {
    if let Some(reason) = no_way_back(revision, replaying) {
        return Ok((StairOutcome::PassedOver(reason), true));
    }
    let upper = stage.catalog().await?;
    if let Err(error) = stage.undo_newest(replaying.applied()).await {
        let is_sound = differences(&upper, &stage.catalog().await?).is_empty();
        let is_of_function = matches!(error, Error::Step(StepError::Function { .. }));
        return match error {
            Error::Step(StepError::Stopped) => Err(error),
            // It may want rows, or a state, that an empty database cannot offer.
            error if is_of_function => {
                Ok((StairOutcome::PassedOver(format!("down: failed to {error}")), is_sound))
            }
            error => Ok((StairOutcome::Failed(format!("down: failed to {error}")), is_sound)),
        };
    }
    if let Some(text) = difference(lower, &stage.catalog().await?) {
        return Ok((
            StairOutcome::Failed(format!("its down leaves another catalog than there was before it:{text}")),
            false,
        ));
    }
    if let Err(error) = stage.apply(replaying.applied()).await {
        return Ok((StairOutcome::Failed(format!("up again: failed to {error}")), false));
    }
    Ok(match difference(&upper, &stage.catalog().await?) {
        Some(text) => {
            (StairOutcome::Failed(format!("up again, the catalog is another than at first:{text}")), false)
        }
        None => (StairOutcome::Climbed, true),
    })
}

fn no_way_back(revision: &Revision, replaying: &Replaying<'_>) -> Option<String> {
    let is_applied = replaying.applied().last().is_some_and(|last| last.version == revision.version);
    match &revision.down {
        Down::Irreversible(reason) => Some(format!("it is irreversible: {reason}")),
        Down::Missing => Some("it has no down".to_owned()),
        Down::Step(_) if !is_applied => Some(
            "its up is a Rust function that is not at hand, or does not work on an empty database".to_owned(),
        ),
        Down::Step(Step::Rust(step)) if step.run.is_none() => {
            Some("its down is a Rust function, which is in the application's own binary".to_owned())
        }
        Down::Step(_) => None,
    }
}

fn difference(expected: &Catalog, found: &Catalog) -> Option<String> {
    let lines: Vec<String> =
        differences(expected, found).iter().map(|difference| format!("\n  {difference}")).collect();
    (!lines.is_empty()).then(|| lines.concat())
}

impl Stair {
    fn new(revision: &Revision, outcome: StairOutcome) -> Self {
        let down = revision.step(Direction::Down);
        let file = down.map_or(revision.file(), Step::file).to_owned();
        Self { revision: revision.stem(), file, outcome }
    }
}
