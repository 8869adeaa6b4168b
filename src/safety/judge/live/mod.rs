//! What the live database makes of a plan's hazards. Reads, and writes nothing.

mod conflict;
mod data_type;
mod disk;
mod in_step;
mod in_the_way;
mod joined;
mod known;
mod of_server;
mod reader;
mod server;
mod session;
mod structure;
mod table;
mod usage;

#[cfg(all(test, unix, feature = "embedded"))]
mod tests;

use std::cmp::Reverse;

use futures_util::future::{try_join, try_join_all, try_join5};
use serde::Serialize;
use tokio_postgres::{Client, Error as PgError};

use self::in_the_way::LONG_IN_THE_WAY;
use self::known::Known;
use self::reader::{Reader, Target};
use self::server::Server;
use self::session::{Prepared, Session};
use self::structure::Structure;
use self::table::Table;
use self::usage::Usage;
use super::ask::{Answers, ask, take};
use super::reading::{Reading, StepNeeds};
use super::relation::Relations;
use super::{FoundHazard, TableFacts};
use crate::config::Role;
use crate::plan::Plan;

/// What the live database makes of a plan.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Assessment {
    /// The tables that the plan touches and that are there now, the largest first.
    pub(crate) tables: Vec<TableFacts>,
    /// The hazards of each step, in the plan's order; the worst first.
    pub(crate) steps: Vec<Vec<FoundHazard>>,
    /// Hazards of no single step, the worst first: what is in the way on this server now.
    pub(crate) whole: Vec<FoundHazard>,
}

/// Asks the database in two round trips, as the role. What the role may not see, or the server does not tell within
/// seconds, is left out.
pub(crate) async fn assess(
    client: &Client,
    role: Option<&Role>,
    plan: &Plan<'_>,
) -> Result<Assessment, PgError> {
    if plan.is_empty() {
        return Ok(Assessment::default());
    }
    let reading = Reading::of(plan);
    let names = reading.names();
    let relations = Relations::read(&names, &ask(client, role, &Relations::queries(&names)).await?);
    let steps = reading.needs(&relations);
    let known = Asker { client, role, relations: &relations }.know(&steps, LONG_IN_THE_WAY).await?;
    Ok(assessment(&known, &steps))
}

/// The judgement, on what is known.
fn assessment(known: &Known, steps: &[StepNeeds<'_>]) -> Assessment {
    let mut whole = in_the_way::in_the_way(known, steps);
    whole.extend(of_server::of_server(known, steps));
    let mut tables: Vec<_> = known.tables.iter().filter(|table| table.holds_rows()).collect();
    tables.sort_by_key(|table| (Reverse(table.total()), table.qualified.clone()));
    Assessment {
        tables: tables.into_iter().map(Table::facts).collect(),
        steps: steps.iter().map(|step| worst_first(of_step(known, step))).collect(),
        whole: worst_first(whole),
    }
}

fn of_step(known: &Known, step: &StepNeeds<'_>) -> Vec<FoundHazard> {
    let joined = step.hazards.iter().filter_map(|spot| joined::joined(known, spot, &step.gone));
    joined.chain(in_step::in_step(known, step)).collect()
}

fn worst_first(mut hazards: Vec<FoundHazard>) -> Vec<FoundHazard> {
    hazards.sort_by_key(|hazard| (Reverse(hazard.verdict), hazard.line));
    hazards
}

/// Whom we ask, and what the plan's names mean there.
struct Asker<'a> {
    client: &'a Client,
    role: Option<&'a Role>,
    relations: &'a Relations,
}

impl Asker<'_> {
    /// All questions at once. Each is a message of its own, so that one that is refused takes no other with it.
    async fn know(&self, steps: &[StepNeeds<'_>], long: u64) -> Result<Known, PgError> {
        let tables = self.tables();
        let targets = Target::all(steps);
        let shapes = [Table::query(&tables), Structure::column_query(&tables)];
        let [constraints, indexes] = Structure::definition_queries(&tables);
        let locked = [Table::size_query(&tables), constraints, indexes];
        let sessions = [Session::query(&tables, long), Prepared::query(&tables)];
        let server = Server::queries(&tables, self.relations.server_version);
        let usages = [Usage::query(&tables)];
        let catalog = try_join5(
            self.ask(&shapes),
            self.ask(&locked),
            self.ask(&sessions),
            self.ask(&server),
            self.ask(&usages),
        );
        let (catalog, (texts, empty)) =
            try_join(catalog, try_join(self.readers(&targets), self.emptiness(&targets))).await?;
        let (shapes, locked, sessions, server, usages) = catalog;
        let server = Server::read(&server);
        Ok(Known {
            tables: Table::read(&shapes, &locked),
            structure: Structure::read(&shapes, &locked),
            readers: texts,
            empty,
            targets,
            usages: Usage::read(&usages),
            sessions: Session::read(&sessions),
            prepared: Prepared::read(&sessions),
            free: disk::free_bytes(&server),
            server,
        })
    }

    async fn ask(&self, queries: &[String]) -> Result<Answers, PgError> {
        ask(self.client, self.role, queries).await
    }

    fn tables(&self) -> Vec<u32> {
        let mut tables: Vec<_> = self.relations.found.iter().map(|(_, relation)| relation.table).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    async fn readers(&self, targets: &[Target]) -> Result<Vec<Reader>, PgError> {
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let (dependents, texts) = ([Reader::dependents(targets)], [Reader::texts(targets)]);
        let (dependents, texts) = try_join(self.ask(&dependents), self.ask(&texts)).await?;
        Ok(Reader::read(&dependents, &texts))
    }

    async fn emptiness(&self, targets: &[Target]) -> Result<Vec<Option<bool>>, PgError> {
        try_join_all(targets.iter().map(|target| self.is_empty(target))).await
    }

    /// Whether a table has no row, or a column no value; none where nobody can tell in time.
    async fn is_empty(&self, target: &Target) -> Result<Option<bool>, PgError> {
        let Some(query) = target.emptiness() else { return Ok(None) };
        let answers = self.ask(&[query]).await?;
        Ok(take(&answers, 0, |row| row.maybe(0).map(|empty| empty == "t")).pop())
    }
}
