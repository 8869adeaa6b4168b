use crate::safety::judge::ask::{Answers, Row, oids, take};

/// What the server is set to, and who follows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// How many locks all sessions together may hold.
    pub(super) lock_slots: Option<u64>,
    /// `autovacuum_freeze_max_age`, in transactions.
    pub(super) freeze_max_age: Option<u64>,
    /// How much log a slot may keep, as the server writes it; `-1` is without bound.
    pub(super) slot_bound: String,
    /// The data directory, where the role may know it.
    pub(super) data_directory: Option<String>,
    /// Whether the session comes by a socket of its machine, as far as the server can tell.
    pub(super) is_local: bool,
    /// The process that answers.
    pub(super) pid: i32,
    pub(super) slots: Vec<Slot>,
    /// Names of the standbys that stream.
    pub(super) standbys: Vec<String>,
    /// Touched tables, with the publication that each is in.
    pub(super) published: Vec<(u32, String)>,
    /// Subscriptions of this database.
    pub(super) subscriptions: Vec<String>,
    /// Event triggers of this database that no extension has made.
    pub(super) event_triggers: Vec<String>,
}

/// A replication slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) active: bool,
    /// `reserved`, `extended`, `unreserved` or `lost`; empty where it keeps nothing.
    pub(super) status: String,
    /// Bytes of log that it keeps.
    pub(super) kept: u64,
}

impl Server {
    /// Settings are read from `pg_settings`, which leaves out what the role may not see, where `current_setting` fails.
    pub(super) fn queries(tables: &[u32], version: u32) -> Vec<String> {
        let tables = oids(tables);
        vec![
            SETTINGS.to_owned(),
            SLOTS.to_owned(),
            STANDBYS.to_owned(),
            published(&tables, version),
            "select s.subname from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid \
             where d.datname = pg_catalog.current_database() order by s.subname"
                .to_owned(),
            EVENT_TRIGGERS.to_owned(),
        ]
    }

    pub(super) fn read(answers: &Answers) -> Self {
        let text = |row: &Row| row.maybe(0);
        let mut server = Self {
            slots: take(answers, 1, slot),
            standbys: take(answers, 2, text),
            published: take(answers, 3, |row| Some((row.number(0)?, row.text(1)))),
            subscriptions: take(answers, 4, text),
            event_triggers: take(answers, 5, text),
            ..Self::default()
        };
        if let Some(row) = answers.first().and_then(|rows| rows.first()) {
            server.lock_slots = row.number(0);
            server.freeze_max_age = row.number(1);
            server.slot_bound = row.text(2);
            server.data_directory = row.maybe(3);
            server.is_local = row.is(4);
            server.pid = row.number(5).unwrap_or_default();
        }
        server
    }
}

const SETTINGS: &str = "\
    with setting as (select name, setting from pg_catalog.pg_settings), \
         number as (select name, setting::pg_catalog.int8 as value from setting where name in \
             ('max_locks_per_transaction', 'max_connections', 'max_prepared_transactions', 'autovacuum_freeze_max_age')) \
    select (select value from number where name = 'max_locks_per_transaction') \
            * (select pg_catalog.sum(value) from number where name in ('max_connections', 'max_prepared_transactions')), \
        (select value from number where name = 'autovacuum_freeze_max_age'), \
        pg_catalog.current_setting('max_slot_wal_keep_size'), \
        (select setting from setting where name = 'data_directory'), \
        coalesce(pg_catalog.inet_server_addr() <<= any (array['127.0.0.0/8', '::1/128']::pg_catalog.inet[]), true), \
        pg_catalog.pg_backend_pid()";

const SLOTS: &str = "\
    select slot_name, active, wal_status, pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() \
        then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end, restart_lsn)::pg_catalog.int8 \
    from pg_catalog.pg_replication_slots where not temporary order by slot_name";

/// Who may not see the state of a sender sees that there is one. A subscriber is none, because it replays no locks.
const STANDBYS: &str = "\
    select coalesce(r.application_name, '') from pg_catalog.pg_stat_replication r \
    where coalesce(r.state, 'streaming') in ('streaming', 'catchup') and not exists ( \
        select from pg_catalog.pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical') \
    order by 1";

const EVENT_TRIGGERS: &str = "\
    select e.evtname from pg_catalog.pg_event_trigger e where e.evtenabled in ('O', 'A') \
        and e.evtevent in ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite') and not exists ( \
        select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass \
            and d.objid = e.oid and d.deptype = 'e') order by e.evtname";

/// The view `pg_publication_tables` would open each table that is published.
fn published(tables: &str, version: u32) -> String {
    let schemas = if version >= 150_000 {
        "union select c.oid, p.pubname from pg_catalog.pg_publication p \
             join pg_catalog.pg_publication_namespace pn on pn.pnpubid = p.oid \
             join pg_catalog.pg_class c on c.relnamespace = pn.pnnspid"
    } else {
        ""
    };
    format!(
        "select f.oid, f.pubname from ( \
             select pr.prrelid as oid, p.pubname from pg_catalog.pg_publication p \
                 join pg_catalog.pg_publication_rel pr on pr.prpubid = p.oid \
             union select c.oid, p.pubname from pg_catalog.pg_publication p, pg_catalog.pg_class c \
                 where p.puballtables and c.relkind in ('r', 'p') {schemas}) f \
         where f.oid in ({tables}) order by f.oid, f.pubname"
    )
}

fn slot(row: &Row) -> Option<Slot> {
    let kept = row.number::<i64>(3).and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
    Some(Slot { name: row.maybe(0)?, active: row.is(1), status: row.text(2), kept })
}
