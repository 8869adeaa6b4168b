//! The whole procedure of a deploy, from looking at the database to the application that is well, and back where it fails.

mod after;
mod back;
mod backup;
mod before;
mod course;
mod error;
mod failure;
mod found;
mod model;
mod options;
mod probe;
mod proof;

pub use error::DeployError;
pub use model::{AsBefore, Deploy, DeployFailure, DeployOutcome, StageOutcome, StageReport, WentBack};
pub use options::{DeployOptions, RehearsalOptions};
pub use probe::{Probe, ProbeError, ProbeUrl};

pub use crate::history::{DeployStage, WayBack};

use course::Course;
use futures_util::future::BoxFuture;

use super::lock::LockGuard;
use super::{Error, Migrator, RunEnd};

impl Migrator {
    /// Deploys the pending revisions: looks whether the database is sound, judges the gates, rehearses, takes a backup, upgrades,
    /// asks the checks, and asks whether the application is well. Where it fails behind the beginning of the upgrade, it goes
    /// the chosen way back, and shows whether the database is as before.
    ///
    /// Each stage is written down in `hardtack.deploy`. A deploy that was stopped or killed is taken up where it was by the
    /// next one of the same plan; one of another plan is abandoned. One deploy of a history runs at a time: it keeps a lock
    /// on a connection of its own, beside those that its stages use. With nothing pending it looks and asks, and writes
    /// nothing.
    ///
    /// # Errors
    /// The options lead nowhere; the database cannot be reached, or another deploy works on it; the end could not be written
    /// down. A stage that fails is no error: it stands in the result, as does what was done about it.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn deploy<'a>(&'a self, options: &'a DeployOptions) -> BoxFuture<'a, Result<Deploy, Error>> {
        if options.plan_only {
            return Box::pin(async move {
                options.refuse()?;
                Course::new(self, options, None).plan().await
            });
        }
        Box::pin(self.observed(
            "deploy",
            RunEnd::of_deploy,
            Box::pin(async move {
                options.refuse()?;
                let table = self.history_table().of_deploy();
                let guard = LockGuard::acquire(self.patience(), &table, |event| self.tell(event)).await?;
                Course::new(self, options, Some(guard)).run().await
            }),
        ))
    }
}
