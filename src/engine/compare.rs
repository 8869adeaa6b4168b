use super::run::{self, RunOutcome, UpgradeOptions};
use super::{APPLICATION_NAME, Error, Migrator, StepError};
use crate::catalog::{self, Difference, Listing, differences};
use crate::db::{ConnectOptions, Connection, Scratch, connect};
use crate::plan::Target;

/// Where the live catalog differs from what the revisions up to a version make.
pub(super) async fn compare(
    migrator: &Migrator,
    connection: &Connection,
    version: i64,
) -> Result<Vec<Difference>, Error> {
    let expected = replay(migrator, version).await?;
    let found = catalog::list(&connection.client, migrator.history_table()).await?;
    Ok(differences(&expected, &found))
}

/// What the revisions up to a version make, by applying them to a scratch database, which is dropped again on every
/// path.
async fn replay(migrator: &Migrator, version: i64) -> Result<Listing, Error> {
    let scratch = Scratch::create(migrator.database(), APPLICATION_NAME).await?;
    let listing = replay_on(migrator, scratch.options(), version).await;
    let dropped = scratch.discard().await;
    let listing = listing?;
    dropped?;
    Ok(listing)
}

async fn replay_on(migrator: &Migrator, scratch: &ConnectOptions, version: i64) -> Result<Listing, Error> {
    let connection = connect(scratch, APPLICATION_NAME).await?;
    let there = migrator.clone().with_database(scratch.clone());
    let options = UpgradeOptions { target: Target::Version(version), ..UpgradeOptions::default() };
    match run::upgrade(&there, &connection, options).await {
        Ok(run) if run.outcome == RunOutcome::Stopped => Err(StepError::Stopped.into()),
        Ok(_) => Ok(catalog::list(&connection.client, migrator.history_table()).await?),
        Err(error) => Err(Error::Replay { source: Box::new(error) }),
    }
}
