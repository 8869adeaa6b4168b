//! What needs a server to be tried, and is not reached from outside.

#![expect(clippy::unwrap_used, reason = "these are tests")]

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
    let names = [crate::safety::judge::name::Name::parse("orders").unwrap()];
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
            goes: reader::Goes::Dropped,
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
    let held = session::Held { table: relations.found[0].1.oid, mode: crate::safety::LockMode::AccessShare };
    assert_eq!(session.locks, [held]);
    assert!(known.free.is_some_and(|bytes| bytes > 0), "{:?}", known.server);
    assert!(known.server.lock_slots.is_some_and(|slots| slots > 1_000));
    assert_eq!(known.server.freeze_max_age, Some(200_000_000));
}
