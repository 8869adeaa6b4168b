use serde::Serialize;

use super::replaying::Replaying;
use super::stage::Stage;
use crate::catalog::{Catalog, Difference, Snapshot, differences};
use crate::engine::{Error, Migrator};
use crate::revisions::{Revision, Step};

/// The snapshots of a history, as one replay took them.
#[derive(Clone, Debug)]
pub struct Snapshots {
    /// What all revisions make.
    pub head: Snapshot,
    /// What the Rust function of a revision finds, by the revision's stem, in order of version.
    pub before: Vec<(String, Snapshot)>,
    /// The Rust revisions that were seen to change the schema, and do not say so.
    pub undeclared: Vec<Undeclared>,
}

/// A Rust revision that changes the schema and does not say so: `#[hardtack::up(alters_schema)]`.
#[derive(Clone, Debug, Serialize)]
pub struct Undeclared {
    /// Its stem.
    pub revision: String,
    /// What it changes.
    pub differences: Vec<Difference>,
}

/// Takes all snapshots on a scratch database, which is dropped again on every path.
pub(super) async fn snapshots(migrator: &Migrator) -> Result<Snapshots, Error> {
    // It stops at each Rust revision, so that its steps have no place in one plan that could be told.
    let stage = Stage::set_up(&migrator.clone().on_event(|_| ())).await?;
    let taken = take(migrator, &stage).await;
    stage.clear(taken).await
}

async fn take(migrator: &Migrator, stage: &Stage) -> Result<Snapshots, Error> {
    let revisions = migrator.revisions();
    let mut rest: &[Revision] = revisions.as_slice();
    let mut replaying = Replaying::new(migrator, stage);
    let (mut before, mut undeclared) = (Vec::new(), Vec::new());
    for revision in revisions.iter().filter(|revision| revision.has_rust()) {
        let stop = rest.partition_point(|other| other.runs_before_rust_of(revision));
        let first;
        (first, rest) = rest.split_at(stop);
        replaying.apply(&first.iter().collect::<Vec<_>>()).await?;
        let catalog = stage.catalog().await?;
        if let Some(changed) = after_rust(stage, &mut replaying, revision, &catalog).await? {
            undeclared.push(changed);
        }
        if revision.is_rust() {
            rest = rest.get(1..).unwrap_or_default();
        }
        before.push((revision.stem(), Snapshot { history: revisions.fingerprint_before(revision), catalog }));
    }
    replaying.apply(&rest.iter().collect::<Vec<_>>()).await?;
    let head = Snapshot { history: revisions.fingerprint(), catalog: stage.catalog().await? };
    Ok(Snapshots { head, before, undeclared })
}

/// Runs a Rust up, and sees whether it changes what it does not say that it changes.
async fn after_rust(
    stage: &Stage,
    replaying: &mut Replaying<'_>,
    revision: &Revision,
    before: &Catalog,
) -> Result<Option<Undeclared>, Error> {
    let Step::Rust(step) = &revision.up else { return Ok(None) };
    replaying.apply(&[revision]).await?;
    if step.alters_schema || step.run.is_none() {
        return Ok(None);
    }
    let differences = differences(before, &stage.catalog().await?);
    Ok((!differences.is_empty()).then(|| Undeclared { revision: revision.stem(), differences }))
}
