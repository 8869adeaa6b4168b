use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::{Client, Error as PgError, SimpleQueryMessage, SimpleQueryRow};

use super::model::{HeldLock, Measured, Rewrite, RowsWritten, Scan};
use super::probe::{Bounds, GRACE};
use crate::engine::worker::Worker;
use crate::safety::LockMode;

/// What the server says of a rehearsal's session at one moment.
///
/// Two sessions are asked. The rehearsal's own knows what it has done and not yet committed: rows, scans, new files. The one that
/// keeps the migration lock is anybody else's view: it sees which locks are held, and of the relations only those that others
/// can want.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) locks: Vec<HeldLock>,
    /// The files of the locked relations that others can see, as these see them.
    committed: BTreeMap<u32, u64>,
    relations: BTreeMap<u32, Relation>,
    /// The place in the write-ahead log, in bytes.
    wal: u64,
}

/// A relation on which the session holds a lock, as the session sees it.
#[derive(Debug, Default)]
struct Relation {
    name: String,
    kind: String,
    file: u64,
    /// The size; only of what nobody else can look at now.
    bytes: Option<u64>,
    inserted: u64,
    updated: u64,
    deleted: u64,
    scans: u64,
    scanned: u64,
}

/// The sizes of relations in bytes, by their numbers.
pub(super) type Sizes = BTreeMap<u32, u64>;

/// The sizes of all relations. They are read in a transaction of its own, because the size of a relation is not to be had while
/// somebody holds it alone.
pub(super) async fn sizes(client: &Client, lock_timeout: Duration) -> Result<Sizes, PgError> {
    let query = format!(
        "begin read only; set local lock_timeout = {}; select oid, pg_catalog.pg_relation_size(oid) from pg_catalog.pg_class \
         where relkind in ('r', 'm', 'i') and oid >= {FIRST_OF_USERS}; rollback",
        lock_timeout.as_millis()
    );
    let number =
        |row: &SimpleQueryRow, column| row.get(column).and_then(|text: &str| text.parse::<u64>().ok());
    let size = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some((row.get(0)?.parse().ok()?, number(row, 1)?)),
        _ => None,
    };
    match client.simple_query(&query).await {
        Ok(messages) => Ok(messages.iter().filter_map(size).collect()),
        // Somebody holds one of them alone; then no size is known.
        Err(error) if error.as_db_error().is_some() => {
            client.batch_execute("rollback").await.map(|()| Sizes::new())
        }
        Err(error) => Err(error),
    }
}

/// The first object that is no part of PostgreSQL itself.
const FIRST_OF_USERS: u32 = 16_384;

const KIND: &str = "case c.relkind when 'r' then 'table' when 'p' then 'table' when 'i' then 'index' when 'I' then 'index' \
    when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' \
    else 'composite type' end";

impl Look {
    /// Looks; none where the server does not answer. Gives the statement to come the bounds that are left, whatever a script has
    /// set; for the look itself there is the grace.
    pub(super) async fn take(worker: &Worker<'_>, bounds: Option<Bounds>) -> Option<Self> {
        // One after the other: to ask for a size takes a lock for a moment, which the other session would see.
        let looked = async {
            let (locks, committed) = others(worker, worker.guard.client()).await?;
            Ok::<_, PgError>(Self { locks, committed, ..own(worker, bounds).await? })
        };
        let answered = looked.await.inspect_err(|error| {
            tracing::debug!(%error, "a part of a rehearsal stands without a measure");
        });
        answered.ok()
    }

    /// The locks alone, asked over another session.
    pub(super) async fn locks(worker: &Worker<'_>, client: &Client) -> Result<Vec<HeldLock>, PgError> {
        Ok(others(worker, client).await?.0)
    }

    /// What is otherwise in a later look.
    pub(super) fn changes(&self, after: &Self, sizes: &Sizes) -> Measured {
        let mut measured = Measured { wal_bytes: after.wal.saturating_sub(self.wal), ..Measured::default() };
        let nothing = Relation::default();
        for (oid, now) in &after.relations {
            let before = self.relations.get(oid).unwrap_or(&nothing);
            measured.written.extend(before.written(now));
            if !after.committed.contains_key(oid) {
                // Nobody else knows it yet.
                continue;
            }
            if now.scans > before.scans && now.kind != "index" {
                let rows = now.scanned.saturating_sub(before.scanned);
                measured.scanned.push(Scan { table: now.name.clone(), rows });
            }
            measured.rewritten.extend(self.rewritten(*oid, now, after.committed.get(oid), sizes));
        }
        measured
    }

    /// Whether a relation has another file than before: as this session last saw it, or as all others do.
    fn rewritten(&self, oid: u32, now: &Relation, committed: Option<&u64>, sizes: &Sizes) -> Option<Rewrite> {
        let before = self.relations.get(&oid);
        let file = before.map(|before| before.file).or(committed.copied())?;
        (file != now.file && now.file != 0).then(|| Rewrite {
            relation: now.name.clone(),
            kind: now.kind.clone(),
            bytes_before: before
                .and_then(|before| before.bytes)
                .or(sizes.get(&oid).copied())
                .unwrap_or_default(),
            bytes_after: now.bytes.unwrap_or_default(),
        })
    }
}

impl Relation {
    fn written(&self, now: &Self) -> Option<RowsWritten> {
        let more = |before: u64, now: u64| now.saturating_sub(before);
        let written = RowsWritten {
            table: now.name.clone(),
            inserted: more(self.inserted, now.inserted),
            updated: more(self.updated, now.updated),
            deleted: more(self.deleted, now.deleted),
        };
        (written.inserted + written.updated + written.deleted > 0).then_some(written)
    }

    fn of(row: &SimpleQueryRow) -> Option<(u32, Self)> {
        let number = |column: usize| row.get(column).and_then(|text| text.parse().ok());
        let relation = Self {
            name: row.get(1)?.to_owned(),
            kind: row.get(2)?.to_owned(),
            file: number(3).unwrap_or_default(),
            bytes: number(4),
            inserted: number(5).unwrap_or_default(),
            updated: number(6).unwrap_or_default(),
            deleted: number(7).unwrap_or_default(),
            scans: number(8).unwrap_or_default(),
            scanned: number(9).unwrap_or_default(),
        };
        Some((row.get(0)?.parse().ok()?, relation))
    }
}

/// What the rehearsal's session sees. What the server calls counters of a transaction counts since the session last reported
/// them, up to a second ago, so that the ones from before are asked of every table.
async fn own(worker: &Worker<'_>, bounds: Option<Bounds>) -> Result<Look, PgError> {
    let (before, after) = bounds.map_or((String::new(), String::new()), |bounds| {
        (to_end_within(bounds.longest + GRACE), format!("; {}", heeding(bounds)))
    });
    let history = &worker.settings.table;
    let query = format!(
        "{before}select (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.text; \
         select c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), {KIND}, c.relfilenode, \
             case when l.is_exclusive then pg_catalog.pg_relation_size(c.oid) end, \
             pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid), pg_catalog.pg_stat_get_xact_tuples_updated(c.oid), \
             pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid), pg_catalog.pg_stat_get_xact_numscans(c.oid), \
             pg_catalog.pg_stat_get_xact_tuples_returned(c.oid) \
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join \
             (select relation, pg_catalog.bool_or(mode = 'AccessExclusiveLock') as is_exclusive from pg_catalog.pg_locks \
                 where pid = pg_catalog.pg_backend_pid() and locktype = 'relation' group by relation) l on l.relation = c.oid \
         where (l.relation is not null or (c.relkind in ('r', 'm') and (pg_catalog.pg_stat_get_xact_numscans(c.oid) > 0 \
                 or pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) > 0 or pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) > 0 \
                 or pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) > 0))) and {}{after}",
        of_users(&history.to_string())
    );
    let messages = worker.client.simple_query(&query).await?;
    let mut look = Look::default();
    for message in &messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        if row.len() == 1 {
            look.wal = row.get(0).and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
        } else {
            look.relations.extend(Relation::of(row));
        }
    }
    Ok(look)
}

/// Ends statements, and an idle transaction, by the server itself, also where its client is gone.
fn to_end_within(time: Duration) -> String {
    let milliseconds = time.as_millis().max(1);
    format!(
        "set local statement_timeout = {milliseconds}; set local idle_in_transaction_session_timeout = {}; ",
        milliseconds + GRACE.as_millis()
    )
}

/// The same, and no longer a wait for a lock than the bounds say.
fn heeding(bounds: Bounds) -> String {
    let lock_timeout = bounds.lock_timeout.as_millis();
    format!(
        "{}select from pg_catalog.pg_settings, pg_catalog.set_config('lock_timeout', '{lock_timeout}', true) \
         where name = 'lock_timeout' and (setting::pg_catalog.int8 = 0 or setting::pg_catalog.int8 > {lock_timeout})",
        to_end_within(bounds.longest)
    )
}

/// What another session sees: the locks, and the files of what they are on.
async fn others(
    worker: &Worker<'_>,
    client: &Client,
) -> Result<(Vec<HeldLock>, BTreeMap<u32, u64>), PgError> {
    let sessions = worker.sessions();
    let here = "(select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())";
    let query = format!(
        "select c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), {KIND}, l.mode, c.relfilenode \
         from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where l.locktype = 'relation' and l.granted and l.database = {here} and l.pid in ({sessions}) and {}",
        of_users(&worker.settings.table.to_string())
    );
    let (mut locks, mut files) = (Vec::new(), BTreeMap::new());
    for message in &client.simple_query(&query).await? {
        let SimpleQueryMessage::Row(row) = message else { continue };
        locks.extend(lock(row));
        let number = |column: usize| row.get(column).and_then(|number: &str| number.parse::<u64>().ok());
        let file = number(0).and_then(|oid| u32::try_from(oid).ok()).zip(number(4));
        files.extend(file);
    }
    Ok((locks, files))
}

fn lock(row: &SimpleQueryRow) -> Option<HeldLock> {
    Some(HeldLock {
        relation: row.get(1)?.to_owned(),
        kind: row.get(2)?.to_owned(),
        mode: LockMode::of_server(row.get(3)?)?,
        held: Duration::ZERO,
        carried: false,
    })
}

/// Which of `pg_class c` and its schema `n` count: not the server's own, not hardtack's own.
fn of_users(history: &str) -> String {
    format!(
        "c.oid >= {FIRST_OF_USERS} and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'hardtack') \
         and c.oid is distinct from pg_catalog.to_regclass({})",
        crate::db::quote_literal(history)
    )
}
