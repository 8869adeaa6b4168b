//! Which tables a plan can lose data of. Reads, and writes nothing.

mod graph;
mod spread;
mod touched;

use serde::Serialize;
use tokio_postgres::{Client, Error as PgError};

use self::graph::Graph;
use self::touched::Touched;
use super::ask::demand;
use super::reading::Reading;
use super::relation::Relations;
use crate::config::HistoryTable;
use crate::plan::Plan;

/// The tables that a plan can lose data of, as far as its texts and the catalog tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AtRisk {
    /// Ordinary tables, which hold the rows: of a partitioned table its partitions. By schema and name.
    pub tables: Vec<TableAtRisk>,
    /// Why it is every table of the database, where nobody can tell which ones: the first step that hides what it touches.
    pub all: Option<String>,
}

/// A table that a plan can lose data of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableAtRisk {
    /// The schema, unquoted.
    pub schema: String,
    /// The table, unquoted.
    pub name: String,
    /// What does it: `V7__x drops it`; several joined by `; `.
    pub why: String,
}

/// Asks the database in two round trips, as the role. A query that is refused is an error: a table that is left out would
/// not be saved.
///
/// What an extension, `hardtack` or the server has made is at risk only where a step names it, and the history table never.
pub(crate) async fn at_risk(
    client: &Client,
    history: &HistoryTable,
    plan: &Plan<'_>,
) -> Result<AtRisk, PgError> {
    if plan.is_empty() {
        return Ok(AtRisk::default());
    }
    let role = history.role();
    let reading = Reading::of(plan);
    let names = reading.names();
    let relations = Relations::read(&names, &demand(client, role, &Relations::queries(&names)).await?);
    let touched = Touched::read(plan, &reading, &relations);
    let graph = Graph::read(&demand(client, role, &Graph::queries(&touched.drops)).await?);
    Ok(spread::at_risk(&touched, &graph, history))
}
