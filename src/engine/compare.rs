use super::run::{self, RunOutcome, UpgradeOptions};
use super::{APPLICATION_NAME, Error, Migrator, StepError};
use crate::catalog::{self, Catalog, Difference, differences};
use crate::db::{Connection, PgDump, Scratch, connect};
use crate::plan::Target;

/// Where the live catalog differs from what the revisions up to a version make.
pub(super) async fn compare(
    migrator: &Migrator,
    connection: &Connection,
    version: i64,
) -> Result<Vec<Difference>, Error> {
    let expected = replay(migrator, Target::Version(version), None).await?.catalog;
    let found = catalog::introspect(connection, migrator.history_table()).await?;
    Ok(differences(&expected, &found))
}

/// What revisions make of an empty database.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Its catalog.
    pub catalog: Catalog,
    /// Its schema and rows as `pg_dump` writes them; empty where none was asked for.
    pub dump: String,
}

/// Applies the revisions up to a target to a scratch database, which is dropped again on every path.
pub(super) async fn replay(
    migrator: &Migrator,
    target: Target,
    pg_dump: Option<&PgDump>,
) -> Result<Replay, Error> {
    let role = migrator.history_table().role();
    let scratch = Scratch::create(migrator.database(), role, APPLICATION_NAME).await?;
    let replay = replay_on(migrator, &scratch, target, pg_dump).await;
    let dropped = scratch.discard().await;
    let replay = replay?;
    dropped?;
    Ok(replay)
}

async fn replay_on(
    migrator: &Migrator,
    scratch: &Scratch,
    target: Target,
    pg_dump: Option<&PgDump>,
) -> Result<Replay, Error> {
    let connection = connect(scratch.options(), APPLICATION_NAME).await?;
    // Beside hardtack's own tables, so that nothing of a history is in the way.
    let table = migrator.history_table();
    let there =
        migrator.clone().with_database(scratch.options().clone()).with_history_table(table.of_replay());
    let options = UpgradeOptions { target, ..UpgradeOptions::default() };
    match run::upgrade(&there, &connection, options).await {
        Ok(run) if run.outcome == RunOutcome::Stopped => return Err(StepError::Stopped.into()),
        Ok(_) => {}
        Err(error) => return Err(Error::Replay { source: Box::new(error) }),
    }
    let catalog = catalog::introspect(&connection, table).await?;
    let dump = match pg_dump {
        Some(pg_dump) => {
            let role = table.role().map(crate::config::Role::as_str);
            pg_dump.run(scratch.options(), role).await?
        }
        None => String::new(),
    };
    Ok(Replay { catalog, dump })
}
