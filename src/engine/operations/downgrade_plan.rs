use serde::Serialize;

use crate::db::Connection;
use crate::engine::{Error, Migrator, RevisionStatus};
use crate::history;
use crate::plan::{Back, Plan};
use crate::safety::{self, Loss};

/// What a downgrade would do.
#[derive(Clone, Debug, Serialize)]
pub struct DowngradePlan {
    /// The newest applied version; none in an empty history.
    pub from: Option<i64>,
    /// The revisions that would be undone, in this order.
    pub steps: Vec<RevisionStatus>,
    /// What would be lost with them.
    pub losses: Vec<Loss>,
}

/// Plans a downgrade on an open connection. See [`Migrator::plan_downgrade`].
pub(super) async fn plan_downgrade(
    migrator: &Migrator,
    connection: &Connection,
    back: Back,
) -> Result<DowngradePlan, Error> {
    let client = &connection.client;
    let history = history::read(client, migrator.history_table()).await?;
    let plan = Plan::downgrade(migrator.revisions(), &history, back)?;
    let losses = safety::losses(client, migrator.history_table().role(), &plan).await.map_err(|source| {
        let left = "nothing was changed";
        Error::State { action: "count what the downs would lose", left, source }
    })?;
    let steps = plan.steps.iter().map(|revision| RevisionStatus::of(revision)).collect();
    Ok(DowngradePlan { from: plan.from, steps, losses })
}
