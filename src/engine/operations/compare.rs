use super::stage::Stage;
use super::{baseline, replaying};
use crate::catalog::{self, Catalog, Difference, differences};
use crate::db::{Connection, PgDump};
use crate::engine::{Error, Migrator, StepError};
use crate::revisions::Revision;

/// Where the live catalog differs from what the revisions up to a version make, as far as that counts.
pub(super) async fn compare(
    migrator: &Migrator,
    connection: &Connection,
    version: i64,
) -> Result<Vec<Difference>, Error> {
    let revisions = baseline::up_to(migrator, version)?;
    let expected = replaying::made_of(migrator, &revisions).await?;
    let found = catalog::introspect(connection, migrator.history_table()).await?;
    Ok(migrator.policy.ignored_drift.sift(differences(&expected, &found), &[]).differences)
}

/// What revisions make of an empty database.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Its catalog.
    pub catalog: Catalog,
    /// Its schema and rows as `pg_dump` writes them.
    pub dump: String,
}

/// Applies the revisions up to a version, every one of them, to a scratch database, which is dropped again on every path.
pub(super) async fn replay(migrator: &Migrator, version: i64, pg_dump: &PgDump) -> Result<Replay, Error> {
    let revisions: Vec<Revision> = baseline::up_to(migrator, version)?.into_iter().cloned().collect();
    let stage = Stage::set_up(migrator).await?;
    let replayed = async {
        stage.apply(&revisions).await.map_err(of_replay)?;
        let role = migrator.history_table().role().map(crate::config::Role::as_str);
        let dump = pg_dump.run(stage.options(), role).await?;
        Ok(Replay { catalog: stage.catalog().await?, dump })
    };
    let replayed = replayed.await;
    stage.clear(replayed).await
}

/// A failure on the scratch database, as the one who looks at another database wants to hear it.
pub(super) fn of_replay(error: Error) -> Error {
    match error {
        Error::Step(StepError::Stopped) => error,
        error => Error::Replay { source: Box::new(error) },
    }
}
