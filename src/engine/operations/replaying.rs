use super::compare::of_replay;
use super::stage::Stage;
use crate::catalog::Catalog;
use crate::engine::{Error, Event, Migrator, StepError};
use crate::revisions::{Revision, Step};

/// Revisions on their way onto a scratch database, for the sake of the schema that they make.
///
/// A Rust revision that does not say that it changes the schema is passed over where its function is not at hand, or
/// does not work on an empty database. So is a hook; the SQL beside it runs. Checks are about rows, and nobody asks them.
pub(super) struct Replaying<'a> {
    migrator: &'a Migrator,
    stage: &'a Stage,
    applied: Vec<Revision>,
}

/// What revisions make of an empty database, which is dropped again on every path.
pub(super) async fn made_of(migrator: &Migrator, revisions: &[&Revision]) -> Result<Catalog, Error> {
    let stage = Stage::set_up(migrator).await?;
    let replayed = async {
        Replaying::new(migrator, &stage).apply(revisions).await?;
        stage.catalog().await
    };
    let replayed = replayed.await;
    stage.clear(replayed).await
}

impl<'a> Replaying<'a> {
    /// The beginning, on an empty database. What is passed over is told to the migrator's sink.
    pub(super) fn new(migrator: &'a Migrator, stage: &'a Stage) -> Self {
        Self { migrator, stage, applied: Vec::new() }
    }

    /// Goes on where another one stopped.
    pub(super) fn resume(migrator: &'a Migrator, stage: &'a Stage, applied: Vec<Revision>) -> Self {
        Self { migrator, stage, applied }
    }

    /// What is applied, in order.
    pub(super) fn into_applied(self) -> Vec<Revision> {
        self.applied
    }

    /// What is applied, as it was: without what was passed over.
    pub(super) fn applied(&self) -> &[Revision] {
        &self.applied
    }

    /// Applies the next revisions, which follow those before in the order of their versions.
    pub(super) async fn apply(&mut self, revisions: &[&Revision]) -> Result<(), Error> {
        for revision in revisions {
            let around = revision.around.for_replay();
            let revision = Revision { around: around.clone(), ..(*revision).clone() };
            match &revision.up {
                Step::Rust(step) if step.run.is_none() && step.alters_schema => {
                    return Err(Error::NoFunction { revision: revision.stem() });
                }
                Step::Rust(step) if step.run.is_none() => self.pass_over(&revision, None),
                Step::Rust(step) if !step.alters_schema => self.attempt(&revision).await?,
                Step::Sql(_) if around.hooks().any(|hook| hook.run.is_none()) => {
                    return Err(Error::NoFunction { revision: revision.stem() });
                }
                _ => self.applied.push(revision),
            }
        }
        self.flush().await
    }

    /// Runs a function that may want a state, or rows, that an empty database cannot offer.
    async fn attempt(&mut self, revision: &Revision) -> Result<(), Error> {
        self.flush().await?;
        self.applied.push(revision.clone());
        match self.stage.apply(&self.applied).await {
            Err(Error::Step(StepError::Function { source, .. })) => {
                self.applied.pop();
                self.pass_over(revision, Some(&source.to_string()));
                Ok(())
            }
            outcome => outcome.map_err(of_replay),
        }
    }

    fn pass_over(&self, revision: &Revision, failure: Option<&str>) {
        self.migrator.tell(&Event::PassedOver { revision, failure });
    }

    async fn flush(&self) -> Result<(), Error> {
        if self.applied.is_empty() {
            return Ok(());
        }
        self.stage.apply(&self.applied).await.map_err(of_replay)
    }
}
