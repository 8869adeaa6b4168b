//! What the live database makes of a plan's hazards. Reads, and writes nothing.

mod ask;
mod conflict;
mod data_type;
mod disk;
mod in_step;
mod in_the_way;
mod joined;
mod known;
mod name;
mod of_server;
mod reader;
mod reading;
mod relation;
mod server;
mod session;
mod statement;
mod structure;
mod table;
mod token;
mod usage;
mod words;

use std::cmp::Reverse;

use futures_util::future::{try_join, try_join_all, try_join5};
use serde::Serialize;
use tokio_postgres::{Client, Error as PgError};

use self::ask::{Answers, ask, take};
use self::in_the_way::LONG;
use self::known::Known;
use self::reader::{Reader, Target};
use self::reading::{Reading, StepNeeds};
use self::relation::Relations;
use self::server::Server;
use self::session::{Prepared, Session};
use self::structure::Structure;
use self::table::Table;
use self::usage::Usage;
use super::{FoundHazard, TableFacts};
use crate::config::Role;
use crate::plan::Plan;

/// What the live database makes of a plan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Assessment {
    /// The tables that the plan touches and that are there now, the largest first.
    pub tables: Vec<TableFacts>,
    /// The hazards of each step, in the plan's order; the worst first.
    pub steps: Vec<Vec<FoundHazard>>,
    /// Hazards of no single step, the worst first: what is in the way on this server now.
    pub whole: Vec<FoundHazard>,
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
    let known = Asker { client, role, relations: &relations }.know(&steps, LONG).await?;
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

#[cfg(all(test, unix, feature = "embedded"))]
mod tests {
    use super::*;
    use crate::db::embedded::{Embedded, EmbeddedServer};
    use crate::db::{Connection, connect};

    async fn server() -> (EmbeddedServer, Connection) {
        let programs = std::env::var_os("HARDTACK_TEST_PG_BIN").map(Into::into);
        let server = Embedded::scratch().bin_dir(programs).start().await.unwrap();
        let connection = connect(server.options(), "test").await.unwrap();
        let setup = "create table orders (id int primary key, note text check (note <> ''));
            create index on orders (lower(note)) where id > 1;
            create view notes as select note from orders";
        connection.client.batch_execute(setup).await.unwrap();
        (server, connection)
    }

    async fn relations(client: &Client, role: Option<&Role>) -> Relations {
        let names = [name::Name::parse("orders").unwrap()];
        Relations::read(&names, &ask(client, role, &Relations::queries(&names)).await.unwrap())
    }

    /// A query that is refused is passed over in silence, so that only this test finds a wrong one.
    #[tokio::test]
    async fn no_query_is_refused_to_anybody() {
        let (_server, connection) = server().await;
        let client = &connection.client;
        client.batch_execute("create role poor").await.unwrap();
        let poor = Role::new("poor").unwrap();
        for role in [None, Some(&poor)] {
            let relations = relations(client, role).await;
            assert_eq!(relations.found.len(), 1);
            let asker = Asker { client, role, relations: &relations };
            let tables = asker.tables();
            let (table, kind) = (tables[0], "r".to_owned());
            let (name, qualified) = ("orders".to_owned(), "public.orders".to_owned());
            let columns = [None, Some("note".to_owned())].into_iter();
            let target = |column| Target {
                table,
                qualified: qualified.clone(),
                name: name.clone(),
                kind: kind.clone(),
                column,
                drops: true,
            };
            let targets: Vec<_> = columns.map(target).collect();
            let mut queries = Server::queries(&tables, relations.server_version);
            queries.extend([Table::query(&tables), Table::size_query(&tables), Usage::query(&tables)]);
            queries.extend([
                Session::query(&tables, 0),
                Prepared::query(&tables),
                Structure::column_query(&tables),
            ]);
            queries.extend(Structure::definition_queries(&tables));
            queries.extend([Reader::dependents(&targets), Reader::texts(&targets)]);
            for query in queries {
                let query = [query];
                assert!(!asker.ask(&query).await.unwrap().is_empty(), "refused: {}", query[0]);
            }
            assert_eq!(asker.readers(&targets).await.unwrap().len(), 2);
            let expected = if role.is_some() { None } else { Some(true) };
            assert_eq!(asker.emptiness(&targets).await.unwrap(), [expected; 2]);
        }
    }

    #[tokio::test]
    async fn transactions_and_the_disk_are_seen() {
        let (server, connection) = server().await;
        let client = &connection.client;
        let holder = connect(server.options(), "reports").await.unwrap();
        holder.client.batch_execute("begin; select * from orders").await.unwrap();
        let relations = relations(client, None).await;
        let asker = Asker { client, role: None, relations: &relations };
        let known = asker.know(&[], 0).await.unwrap();
        let session = known.sessions.iter().find(|session| session.application_name == "reports").unwrap();
        assert_eq!((session.state.as_str(), session.age), ("idle in transaction", Some(0)));
        let held =
            session::Held { table: relations.found[0].1.oid, mode: crate::safety::LockMode::AccessShare };
        assert_eq!(session.locks, [held]);
        assert!(known.free.is_some_and(|bytes| bytes > 0), "{:?}", known.server);
        assert!(known.server.lock_slots.is_some_and(|slots| slots > 1_000));
        assert_eq!(known.server.freeze_max_age, Some(200_000_000));
    }
}
