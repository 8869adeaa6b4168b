//! What a statement locks, seen from a second session.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures_util::FutureExt;
use hardtack::safety::{Bars, LockMode};
use tokio_postgres::Client;
use tokio_postgres::error::DbError;

use super::example::Example;
use crate::support::TestDatabase;

/// The locks that somebody else sees, of relations that were there before. What is read takes ACCESS SHARE, which bars nobody.
const HELD: &str = "select c.oid, case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname, c.relkind::text, l.mode \
    from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace \
    where l.pid = $1 and l.granted and l.locktype = 'relation' and n.nspname !~ '^(pg_|information_schema|hardtack$)' \
    and l.database = (select oid from pg_database where datname = current_database())";

/// The file and the scans of each relation, as the session itself sees them.
const FILES: &str = "select c.oid, coalesce(pg_relation_filenode(c.oid), 0), coalesce(s.seq_scan, 0) from pg_class c \
    left join pg_stat_xact_user_tables s on s.relid = c.oid where c.relkind in ('r', 'm')";

type Held = BTreeMap<u32, (String, String, LockMode)>;
type Files = BTreeMap<u32, (u32, i64)>;

/// The locks of an example's hazard, in words. Nothing of it is left but where it stands alone.
pub(super) async fn measure(database: &TestDatabase, example: &Example) -> Result<String, String> {
    let (worker, observer) = (database.connect().await, database.connect().await);
    let pid: i32 = worker.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
    if example.stands_alone() {
        let before = files(&worker.client).await;
        let held = alone(database, &worker.client, &observer.client, pid, example).await?;
        return Ok(told(&held, &before, &files(&worker.client).await));
    }
    let outcome = in_transaction(&worker.client, &observer.client, pid, &example.hazard).await;
    let refusal = outcome.as_ref().err().and_then(|error| error.as_db_error()).map(DbError::message);
    match (&example.fails, refusal) {
        (Some(expected), Some(message)) if message.contains(expected) => {
            Ok("the server refuses it".to_owned())
        }
        (None, None) => {
            let Seen { held, before, after } = outcome.map_err(|error| error.to_string())?;
            Ok(told(&held, &before, &after))
        }
        (_, refusal) => Err(format!("the hazard ended with {refusal:?}")),
    }
}

/// Says where a revision of a recipe, which runs in a transaction, works on a whole table under a lock that bars writing to it.
pub(super) async fn long_locks(database: &TestDatabase, text: &str) -> Result<Vec<String>, String> {
    let (worker, observer) = (database.connect().await, database.connect().await);
    let pid: i32 = worker.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
    let seen = in_transaction(&worker.client, &observer.client, pid, text).await;
    let Seen { held, before, after } = seen.map_err(|error| format!("{error:?}"))?;
    let is_long = |(oid, (_, kind, mode)): &(&u32, &(String, String, LockMode))| {
        // Nobody writes to a materialized view but who refreshes it.
        let bars = if kind == "m" { Bars::Everything } else { Bars::Writes };
        let has_work = after.get(oid).is_some_and(|after| before.get(oid) != Some(after));
        mode.bars() >= bars && has_work
    };
    Ok(held.iter().filter(is_long).map(|(_, (name, _, mode))| format!("{name} {mode}")).collect())
}

/// What was seen of statements in a transaction.
struct Seen {
    held: Held,
    before: Files,
    after: Files,
}

/// Runs statements, looks, and rolls back.
async fn in_transaction(
    worker: &Client,
    observer: &Client,
    pid: i32,
    statements: &str,
) -> Result<Seen, tokio_postgres::Error> {
    worker.batch_execute("begin").await?;
    let before = files(worker).await;
    let outcome = worker.batch_execute(statements).await;
    let held = held(observer, pid).await;
    let after = if outcome.is_ok() { files(worker).await } else { Files::new() };
    worker.batch_execute("rollback").await?;
    outcome.map(|()| Seen { held, before, after })
}

/// Looks again and again while a statement runs that cannot be kept in a transaction.
async fn alone(
    database: &TestDatabase,
    worker: &Client,
    observer: &Client,
    pid: i32,
    example: &Example,
) -> Result<Held, String> {
    let beside = database.connect().await;
    if let Some(query) = &example.beside {
        beside.client.batch_execute(&format!("begin; {query}")).await.unwrap();
    }
    let mut all = Held::new();
    let mut running = std::pin::pin!(worker.batch_execute(&example.hazard).fuse());
    loop {
        futures_util::select_biased! {
            outcome = running => {
                outcome.map_err(|error| format!("{error:?}"))?;
                // Which index it has at which moment is a matter of luck.
                all.retain(|_, (_, kind, _)| kind != "i");
                return Ok(all);
            }
            seen = held(observer, pid).fuse() => {
                for (oid, lock) in seen {
                    let kept = all.entry(oid).or_insert_with(|| lock.clone());
                    kept.2 = kept.2.max(lock.2);
                }
                if !all.is_empty() && example.beside.is_some() {
                    beside.client.batch_execute("rollback").await.unwrap();
                }
            }
        }
    }
}

/// The strongest lock on each relation.
async fn held(observer: &Client, pid: i32) -> Held {
    let mut held = Held::new();
    for row in observer.query(HELD, &[&pid]).await.unwrap() {
        let (oid, name, kind, mode): (u32, String, String, String) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        let Some(mode) = LockMode::of_server(&mode).filter(|mode| *mode > LockMode::AccessShare) else {
            continue;
        };
        // Whoever writes to a table has this on each of its indexes.
        if kind.eq_ignore_ascii_case("i") && mode <= LockMode::RowExclusive {
            continue;
        }
        let kept = held.entry(oid).or_insert((name, kind, mode));
        kept.2 = kept.2.max(mode);
    }
    held
}

async fn files(worker: &Client) -> Files {
    let rows = worker.query(FILES, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

/// `orders SHARE ROW EXCLUSIVE (scanned), accounts SHARE ROW EXCLUSIVE`.
fn told(held: &Held, before: &Files, after: &Files) -> String {
    let mut locks: Vec<_> = held.iter().collect();
    locks.sort_by_key(|(_, (name, _, mode))| (std::cmp::Reverse(*mode), name.clone()));
    let locks = locks.into_iter().map(|(oid, (name, _, mode))| {
        let what = match (before.get(oid), after.get(oid)) {
            (Some((one, _)), Some((other, _))) if one != other => " (rewritten)",
            (Some((_, one)), Some((_, other))) if one < other => " (scanned)",
            _ => "",
        };
        format!("{name} {mode}{what}")
    });
    let locks: Vec<_> = locks.collect();
    if locks.is_empty() { "none".to_owned() } else { locks.join(", ") }
}

/// The locks that are written down for a major version.
pub(super) fn read(major: u32) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(place(major)).unwrap_or_default();
    let line = |line: &str| line.split_once(": ").map(|(rule, locks)| (rule.to_owned(), locks.to_owned()));
    text.lines().filter_map(line).collect()
}

pub(super) fn write(major: u32, lines: &BTreeMap<String, String>) {
    let text = lines.iter().fold(String::new(), |mut text, (rule, locks)| {
        writeln!(text, "{rule}: {locks}").unwrap();
        text
    });
    std::fs::write(place(major), text).unwrap();
}

fn place(major: u32) -> std::path::PathBuf {
    super::golden().join(format!("locks.{major}"))
}
