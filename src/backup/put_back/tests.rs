//! What no sound backup does.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::io;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::*;
use crate::backup::{ColumnEntry, Rows};
use crate::db::embedded::Embedded;
use crate::db::{connect, first_value};

/// Pieces of rows, and perhaps an error behind them.
struct Pieces(Vec<&'static str>, Option<&'static str>);

impl Rows for Pieces {
    fn open(&self, _: &TableEntry) -> BoxStream<'static, io::Result<Bytes>> {
        let pieces = self.0.clone().into_iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        let error = self.1.map(|error| Err(io::Error::other(error)));
        stream::iter(pieces.chain(error).collect::<Vec<_>>()).boxed()
    }
}

async fn value(client: &Client, query: &str) -> String {
    first_value(&client.simple_query(query).await.unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn rows_that_are_not_what_the_manifest_says_change_nothing() {
    let programs = std::env::var_os("HARDTACK_TEST_PG_BIN").map(Into::into);
    let server = Embedded::scratch().bin_dir(programs).start().await.unwrap();
    let connection = connect(server.options(), "test").await.unwrap();
    let client = &connection.client;
    let setup = "create table a (id int primary key, note text); insert into a values (1, 'a'), (2, 'b');
        create table b (a int references a); create function f() returns trigger language plpgsql as 'begin return null; end';
        create trigger t before insert on a for each row execute function f()";
    client.batch_execute(setup).await.unwrap();
    let column = |name: &str, sql_type: &str| ColumnEntry { name: name.into(), sql_type: sql_type.into() };
    let columns = vec![column("id", "integer"), column("note", "text")];
    let content = content_of(client, "public", "a", &columns).await.unwrap().into();
    let entry = TableEntry {
        schema: "public".into(),
        name: "a".into(),
        columns,
        content,
        bytes: 1,
        files: Vec::new(),
    };
    client.batch_execute("update a set note = 'c'").await.unwrap();
    let live = Live { client, role: None, lock_timeout: Duration::ZERO };
    for (rows, expected) in [
        (Pieces(vec!["1\ta\n", "2\tx\n"], None), "there are 2 as there were, and some are others"),
        (Pieces(vec!["1\ta\n"], None), "there are 1, and there were 2"),
        (
            Pieces(vec!["1\ta\n2\t"], Some("the disk is gone")),
            "read the rows of public.a from the backup: the disk is gone",
        ),
        (Pieces(vec!["1\ta\nx\tb\n"], None), "invalid input syntax for type integer"),
    ] {
        let put = put_back(live, std::slice::from_ref(&entry), &rows, &|_| ()).await;
        let error = put.err().unwrap().to_string();
        assert!(error.contains(expected) && error.contains("nothing was changed"), "{error}");
        assert_eq!(value(client, "select string_agg(id || note, ' ' order by id) from a").await, "1c 2c");
        assert_eq!(
            value(client, "select count(*) from pg_trigger where tgname = 't' and tgenabled = 'O'").await,
            "1"
        );
    }
    let rows = Pieces(vec!["1\t", "a\n2", "\tb\n"], None);
    let done = put_back(live, &[entry], &rows, &|_| ()).await.unwrap().commit().await.unwrap();
    assert_eq!(done[0].written, Some(Written { deleted: 0, changed: 2, inserted: 0 }));
    assert_eq!(value(client, "select string_agg(id || note, ' ' order by id) from a").await, "1a 2b");
    assert_eq!(value(client, "show search_path").await, "\"$user\", public");
}
