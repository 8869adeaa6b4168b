//! Through a real `PgBouncer` in each of its modes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hardtack::engine::{LockError, PreflightError};
use hardtack::prelude::*;
use hardtack::revisions::RustFn;
use hardtack::{Error, RunOutcome, Transaction, UpgradeOptions};

use crate::support::{Folder, Pooler, TestDatabase, hardtack_command, revisions, rust_revisions};

/// What one server session holds that another client would find: settings, role, temporary tables, advisory locks,
/// statements of the driver. The settings that the pooler itself carries over do not count.
const HELD: &str = "select coalesce((select string_agg(name || '=' || setting, ' ') from pg_settings where setting <> reset_val and source = 'session' \
    and name not in ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')), '') \
    || case when current_user <> session_user then ' role ' || current_user else '' end \
    || coalesce((select ' temporary ' || string_agg(relname, ' ') from pg_class where relnamespace = pg_my_temp_schema()), '') \
    || coalesce((select ' locks ' || count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() having count(*) > 0), '') \
    || coalesce((select ' prepared ' || string_agg(name, ' ' order by length(name), name) from pg_prepared_statements), '')";

/// Looks at every server session of the pool, by holding each in a transaction.
async fn held(pooler: &Pooler) -> Vec<String> {
    let sessions = pooler.sessions().await;
    let (mut open, mut held) = (Vec::new(), Vec::new());
    for _ in 0..sessions {
        let connection = pooler.connect().await;
        connection.client.batch_execute("begin").await.unwrap();
        let messages = connection.client.simple_query(HELD).await.unwrap();
        held.extend(messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }));
        open.push(connection);
    }
    assert_eq!(held.len(), sessions);
    for connection in open {
        connection.client.batch_execute("rollback").await.unwrap();
        connection.close().await;
    }
    held.retain(|what| !what.is_empty());
    held
}

const ADVISORY: &str = "select count(*) from pg_locks where locktype = 'advisory' and database = \
    (select oid from pg_database where datname = current_database())";

async fn the_reference_upgrades(mode: &str) {
    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, mode, 5, "postgres", "").await else { return };
    let migrator = pooler.migrator(&crate::migrations::REVISIONS);
    let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(run.applied.len(), crate::migrations::REVISIONS.len());
    assert_eq!(database.value("select count(*) from pg_index where not indisvalid").await, "0");
    assert_eq!(database.value(ADVISORY).await, "0");
    let again = migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(again.outcome, RunOutcome::UpToDate);
    assert_eq!(held(&pooler).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_reference_upgrades_through_transaction_pooling() {
    the_reference_upgrades("transaction").await;
}

#[tokio::test]
async fn the_reference_upgrades_through_session_pooling() {
    the_reference_upgrades("session").await;
}

#[tokio::test]
async fn thirty_two_processes_boot_together_through_transaction_pooling() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, "transaction", 8, "postgres", "").await else { return };
    let folder = Folder::new(&[]);
    let boot = |_| {
        let mut command = hardtack_command(folder.path());
        command.arg("--migrate-only").env("DATABASE_URL", pooler.url().replace("timeout=3", "timeout=60"));
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..32).map(boot).collect();
    for child in children {
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let count = crate::migrations::REVISIONS.len();
    assert_eq!(database.applied().await.len(), count);
    let steps = "select count(*) || ' ' || count(distinct version) || ' ' || count(error) from hardtack.step";
    assert_eq!(database.value(steps).await, format!("{count} {count} 0"));
    assert_eq!(database.value("select count(*) from hardtack.run").await, "1");
    assert_eq!(database.value(ADVISORY).await, "0");
    assert_eq!(held(&pooler).await, Vec::<String>::new());
}

#[tokio::test]
async fn statement_pooling_is_refused_before_anything_is_touched() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, "statement", 5, "postgres", "").await else { return };
    let set = revisions(&[("V1__one.sql", "create table one ();")]);
    let error = pooler.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::Preflight(PreflightError::StatementPooling { .. })), "{error}");
    assert!(error.to_string().contains("statement pooling mode"), "{error}");
    let made = "select count(*) from pg_class where relnamespace not in \
        ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)";
    assert_eq!(database.value(made).await, "0");
    // Where nothing is pending it is one query, which even this mode lets pass.
    database.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    let boot = pooler.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap();
    assert_eq!(boot.outcome, RunOutcome::UpToDate);
    assert_eq!(pooler.migrator(&set).status().await.unwrap().current, Some(1));
}

/// One session keeps the lock while the other works.
#[tokio::test]
async fn a_pool_of_one_is_refused_in_time() {
    for mode in ["transaction", "session"] {
        let database = TestDatabase::empty().await;
        let Some(pooler) = Pooler::start(&database, mode, 1, "postgres", "").await else { return };
        let set = revisions(&[("V1__one.sql", "create table one ();")]);
        let started = Instant::now();
        let error = pooler.migrator(&set).upgrade(UpgradeOptions::default()).await.unwrap_err();
        assert!(matches!(error, Error::Lock(LockError::NoSecondSession { .. })), "{mode}: {error}");
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(database.value("select to_regnamespace('hardtack')").await, "null");
        database.wait_for(&format!("select ({ADVISORY}) = 0")).await;
        assert_eq!(held(&pooler).await, Vec::<String>::new());
    }
}

/// A client of the same driver that prepared statements on each of the pool's server sessions, and is gone.
fn leave_prepared_statements(port: u16, database: &str, sessions: usize) {
    let mut clients: Vec<TcpStream> = (0..sessions)
        .map(|_| {
            let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let mut startup = 196_608_i32.to_be_bytes().to_vec();
            startup.extend(format!("user\0postgres\0database\0{database}\0\0").bytes());
            send(&mut client, None, &startup);
            send(&mut client, Some(b'Q'), b"begin\0");
            client
        })
        .collect();
    for client in &mut clients {
        for number in 0..60 {
            send(client, Some(b'P'), format!("s{number}\0select 'of another client'\0\0\0").as_bytes());
        }
        send(client, Some(b'S'), b"");
        send(client, Some(b'Q'), b"commit\0");
    }
}

/// Sends a message and waits until the server is ready for the next; after `Parse` it says nothing.
fn send(client: &mut TcpStream, kind: Option<u8>, body: &[u8]) {
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    message.extend(body);
    client.write_all(&message).unwrap();
    while kind != Some(b'P') {
        let mut head = [0; 5];
        client.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) - 4;
        let mut body = vec![0; usize::try_from(length).unwrap()];
        client.read_exact(&mut body).unwrap();
        assert_ne!(head[0], b'E', "{}", String::from_utf8_lossy(&body));
        if head[0] == b'Z' {
            return;
        }
    }
}

/// Makes a type and looks at a value of it.
mod of_a_type_of_its_own {
    use super::*;
    #[hardtack::up]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        let name = format!("of_{}", context.revision().version);
        context.batch_execute(&format!("create type {name} as enum ('a')")).await?;
        context.query(&format!("select 'a'::{name}"), &[]).await?;
        Ok(())
    }
}

/// Calls in every way, without a transaction and in one of its own.
mod every_call {
    use super::*;
    #[hardtack::up(transaction = "none")]
    async fn up(context: &mut Context<'_>) -> Result<()> {
        context.batch_execute("create table loose (id bigint)").await?;
        context.execute("insert into loose select generate_series(1, $1::bigint)", &[&10_i64]).await?;
        context.execute("create index concurrently loose_id on loose (id)", &[]).await?;
        let deleted = context.execute("delete from loose where id = 1", &[]).await?;
        let refused = context.prepare("select 1").await.err().map(|error| error.to_string());
        let refused = refused.is_some_and(|error| error.contains("open a transaction first"));
        context.batch_execute("begin; savepoint mine").await?;
        let prepared = context.prepare("insert into loose values ($1)").await?;
        context.client().execute(&prepared, &[&20_i64]).await?;
        context.execute("insert into loose values ($1)", &[&30_i64]).await?;
        drop(prepared);
        context.batch_execute("rollback to savepoint mine; commit").await?;
        let failed = context.query("select 1 / $1::bigint", &[&0_i64]).await.is_err();
        let rows = context.query_one("select count(*) from loose where id > $1", &[&0_i64]).await?;
        match (deleted, refused, failed, rows.get::<_, i64>(0)) {
            (1, true, true, 9) => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }
}

/// A pooler with five sessions open, which gives the one out next that was idle for longest.
async fn restless(database: &TestDatabase, mode: &str) -> Option<Pooler> {
    let pooler = Pooler::start(database, mode, 5, "postgres", "server_round_robin = 1").await?;
    let mut open = Vec::new();
    for _ in 0..5 {
        let connection = pooler.connect().await;
        connection.client.batch_execute("begin").await.unwrap();
        open.push(connection);
    }
    for connection in open {
        connection.client.batch_execute("commit").await.unwrap();
        connection.close().await;
    }
    assert_eq!(pooler.sessions().await, 5);
    Some(pooler)
}

#[tokio::test]
async fn every_call_of_a_rust_revision_without_a_transaction_goes_through() {
    for mode in ["session", "transaction"] {
        let database = TestDatabase::empty().await;
        let Some(pooler) = restless(&database, mode).await else { return };
        let set = rust_revisions(&[(every_call::__hardtack_up, Transaction::None)]);
        let migrator = pooler.migrator(&set);
        let run = migrator.upgrade(UpgradeOptions::default()).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(run.applied.len(), 1);
        assert_eq!(held(&pooler).await, Vec::<String>::new());
    }
}

/// The driver looks a type up by statements that it keeps.
#[tokio::test]
async fn rust_revisions_with_types_of_their_own_go_through() {
    for mode in ["session", "transaction"] {
        let database = TestDatabase::empty().await;
        let Some(pooler) = restless(&database, mode).await else { return };
        let set =
            rust_revisions(&[(of_a_type_of_its_own::__hardtack_up as RustFn, Transaction::PerRevision); 5]);
        let migrator = pooler.migrator(&set);
        let mut runs = 0;
        // Through transaction pooling they are gone where the session is another, but nothing else is lost.
        while let Err(error) = migrator.upgrade(UpgradeOptions::default()).await {
            assert!(
                mode == "transaction" && error.to_string().contains("run it again, or connect"),
                "{error}"
            );
            assert!(error.to_string().contains("it was rolled back"), "{error}");
            runs += 1;
            assert_eq!(database.applied().await.len(), runs);
        }
        assert_eq!(database.applied().await, [1, 2, 3, 4, 5]);
    }
}

/// Their names are those that a new process of ours begins with: `s0`, `s1` and so on.
#[tokio::test]
async fn statements_that_another_client_left_prepared_are_in_nobodys_way() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = Pooler::start(&database, "transaction", 2, "postgres", "").await else { return };
    leave_prepared_statements(pooler.port(), database.options.database(), 2);
    let left = held(&pooler).await;
    assert!(left.len() == 2 && left[0].contains("prepared s0 s1"), "{left:?}");
    let folder = Folder::new(&[]);
    let mut command = hardtack_command(folder.path());
    command.arg("upgrade").env("DATABASE_URL", pooler.url());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(database.applied().await.len(), crate::migrations::REVISIONS.len());
}
