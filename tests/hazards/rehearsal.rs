//! The locks that a rehearsal tells are those that a second session sees while the statements have run.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use hardtack::engine::dry_run::{DryRunOptions, StageChoice};

use super::example::Example;
use crate::support::{Folder, TestDatabase};

/// Every lock on what others can name, whatever its mode.
const HELD: &str = "select format('%I.%I ', n.nspname, c.relname) || l.mode \
    from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace \
    where l.pid = $1 and l.granted and l.locktype = 'relation' and n.nspname !~ '^(pg_|information_schema$|hardtack$)' \
    and l.database = (select oid from pg_database where datname = current_database())";

/// How many kinds of statement with a lock were compared.
pub(super) static COMPARED: AtomicUsize = AtomicUsize::new(0);

/// Rehearses an example's hazard on a database that has what was there before, and sends it by hand there; both are rolled back.
pub(super) async fn compare(
    database: &TestDatabase,
    folder: &Folder,
    example: &Example,
) -> Result<(), String> {
    if example.stands_alone() || example.fails.is_some() {
        return Ok(());
    }
    folder.write("V2__hazard.sql", &example.hazard);
    let set = hardtack::revisions::resolve_leniently(folder.path()).unwrap().revisions;
    folder.remove("V2__hazard");
    let options = DryRunOptions { stage: StageChoice::Database, ..DryRunOptions::default() };
    let dry_run = database.migrator(&set).dry_run(&options).await.map_err(|error| error.to_string())?;
    let step = dry_run.steps.first().ok_or("nothing was pending")?;
    let measured = step.statements.iter().filter_map(|statement| statement.measured.as_ref());
    let told: BTreeSet<String> = measured
        .flat_map(|measured| &measured.locks)
        .map(|lock| format!("{} {:?}Lock", lock.relation, lock.mode))
        .collect();
    let seen = by_hand(database, example).await;
    if told == seen {
        COMPARED.fetch_add(usize::from(!seen.is_empty()), Ordering::Relaxed);
        return Ok(());
    }
    Err(format!("{}: {:?} tells {told:?}, and a second session sees {seen:?}", example.rule, step.rehearsed))
}

async fn by_hand(database: &TestDatabase, example: &Example) -> BTreeSet<String> {
    let (worker, observer) = (database.connect().await, database.connect().await);
    let pid: i32 = worker.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
    worker.client.batch_execute("begin").await.unwrap();
    worker.client.batch_execute(&example.hazard).await.unwrap();
    let rows = observer.client.query(HELD, &[&pid]).await.unwrap();
    worker.client.batch_execute("rollback").await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
