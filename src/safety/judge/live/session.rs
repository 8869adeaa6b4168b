use super::table::members;
use crate::safety::LockMode;
use crate::safety::judge::ask::{Answers, Row, take};

/// What somebody else's transaction holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) pid: i32,
    pub(super) application_name: String,
    /// `idle in transaction` and so on; empty where the role may not see it.
    pub(super) state: String,
    /// `client backend`, `autovacuum worker` and so on; empty where the role may not see it.
    pub(super) kind: String,
    /// Seconds since its transaction began; none where the role may not see it.
    pub(super) age: Option<u64>,
    /// Whether others wait until it has forgotten what it sees of the database.
    pub(super) has_snapshot: bool,
    /// The start of its statement.
    pub(super) query: String,
    pub(super) locks: Vec<Held>,
}

/// A transaction that is prepared, and waits for its second commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) name: String,
    /// Seconds since it was prepared.
    pub(super) age: u64,
    pub(super) owner: String,
    pub(super) locks: Vec<Held>,
}

/// A lock on a touched table, or on something below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) table: u32,
    pub(super) mode: LockMode,
}

impl Session {
    /// Transactions that have lasted for some seconds or hold a lock here, and whatever vacuums.
    pub(super) fn query(tables: &[u32], long: u64) -> String {
        format!(
            "{}, held as ( \
                 select l.pid, pg_catalog.string_agg(m.root || ' ' || l.mode, ',') as locks \
                 from pg_catalog.pg_locks l join member m on m.oid = l.relation \
                 where {HERE} and l.pid is not null group by l.pid) \
             select a.pid, a.application_name, a.state, a.backend_type, \
                 extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::pg_catalog.int8, \
                 a.backend_xmin is not null or a.backend_xid is not null, \
                 pg_catalog.left(a.query, 200), h.locks \
             from pg_catalog.pg_stat_activity a left join held h on h.pid = a.pid \
             where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid() \
               and (h.pid is not null or a.xact_start < pg_catalog.clock_timestamp() - '{long} s'::pg_catalog.interval) \
             order by a.xact_start, a.pid",
            members(tables)
        )
    }

    pub(super) fn read(answers: &Answers) -> Vec<Self> {
        take(answers, 0, session)
    }

    /// Whether it vacuums a table lest transaction ids run out: then it gives way to nobody.
    pub(super) fn prevents_wraparound(&self) -> bool {
        self.query.starts_with("autovacuum:") && self.query.contains("(to prevent wraparound)")
    }

    /// Whether it is the server's own, which gives way to whoever waits for it.
    pub(super) fn gives_way(&self) -> bool {
        self.kind == "autovacuum worker" || self.query.starts_with("autovacuum:")
    }
}

impl Prepared {
    /// Its locks have no process. They stay under the virtual id of the session that prepared it, or after a restart under
    /// one of its own, and so does the lock on its transaction id.
    pub(super) fn query(tables: &[u32]) -> String {
        format!(
            "{}, held as ( \
                 select l.virtualtransaction as id, pg_catalog.string_agg(m.root || ' ' || l.mode, ',') as locks \
                 from pg_catalog.pg_locks l join member m on m.oid = l.relation \
                 where {HERE} and l.pid is null group by l.virtualtransaction) \
             select p.gid, extract(epoch from pg_catalog.now() - p.prepared)::pg_catalog.int8, p.owner, h.locks \
             from pg_catalog.pg_prepared_xacts p left join pg_catalog.pg_locks own on own.transactionid = p.transaction \
                 and own.locktype = 'transactionid' and own.granted and own.pid is null \
             left join held h on h.id = own.virtualtransaction \
             where p.database = pg_catalog.current_database() order by p.prepared",
            members(tables)
        )
    }

    pub(super) fn read(answers: &Answers) -> Vec<Self> {
        take(answers, 1, prepared)
    }
}

/// Locks of this database that somebody has, and does not wait for.
const HERE: &str = "l.granted and l.locktype = 'relation' and l.database = (select d.oid from pg_catalog.pg_database d \
    where d.datname = pg_catalog.current_database())";

fn session(row: &Row) -> Option<Session> {
    Some(Session {
        pid: row.number(0)?,
        application_name: row.text(1),
        state: row.text(2),
        kind: row.text(3),
        age: row.number(4),
        has_snapshot: row.is(5),
        query: row.text(6).split_whitespace().collect::<Vec<_>>().join(" "),
        locks: row.pairs(7, held),
    })
}

fn prepared(row: &Row) -> Option<Prepared> {
    let age = row.number(1).unwrap_or_default();
    Some(Prepared { name: row.text(0), age, owner: row.text(2), locks: row.pairs(3, held) })
}

fn held(table: u32, mode: &str) -> Option<Held> {
    Some(Held { table, mode: LockMode::of_server(mode)? })
}
