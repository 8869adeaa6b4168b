//! What cannot work on this server, by this way and as this role, found before anything is touched.

use tokio_postgres::error::SqlState;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::hygiene::Hygiene;
use crate::config::{HistoryTable, Role};
use crate::db::{Connection, ServerMessage, quote_identifier, quote_literal};
use crate::revisions::Revision;

/// Why a run cannot work. Nothing was changed: none of these is found later than before the lock.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreflightError {
    /// The server replays another's changes and takes none of its own.
    #[error(
        "write to this server: it is a hot standby, which only reads; nothing was changed; connect to the primary \
         (several hosts in one URL with target_session_attrs=read-write find it)"
    )]
    Standby,
    /// A pooler hands every statement to another session.
    #[error(
        "open a transaction: the connection pooler is in statement pooling mode, which has none; nothing was changed; \
         connect directly, or through a pool in transaction or session mode"
    )]
    StatementPooling {
        /// What the pooler said.
        source: tokio_postgres::Error,
    },
    /// The role to work as does not exist.
    #[error(
        "work as the role {role}: there is no such role; nothing was changed; create it, or name another with --role"
    )]
    NoSuchRole {
        /// The role, quoted.
        role: String,
    },
    /// The role that connects may not take the role to work as.
    #[error("work as the role {role}: this login may not take it; nothing was changed; run: {grant};")]
    NotAMember {
        /// The role, quoted.
        role: String,
        /// The statement that allows it, without a semicolon.
        grant: String,
    },
    /// A revision without a transaction would take a role for a session that a pooler shares out.
    #[error(
        "work as the role {role} through a connection pooler: {revision} runs without a transaction, so the role would \
         stay with a session that may be another client's next; nothing was changed; connect directly, or log in as \
         the role"
    )]
    SharedSession {
        /// The role, quoted.
        role: String,
        /// The revision's stem.
        revision: String,
    },
    /// A revision without a transaction would change the settings of a session that a pooler shares out.
    #[error(
        "run {revision} through a connection pooler: it runs without a transaction and changes settings, which would \
         stay with a session that may be another client's next, and miss its own statements; nothing was changed; \
         connect directly, or qualify names and leave the settings out"
    )]
    SharedSettings {
        /// The revision's stem.
        revision: String,
    },
    /// The role lacks rights on the history, or on hardtack's own tables.
    #[error(
        "work as the role {role}: it lacks rights; nothing was changed; as the owner or a superuser run: {};",
        .grants.join("; ")
    )]
    MissingRights {
        /// The role, quoted.
        role: String,
        /// The statements that give all of them, without semicolons.
        grants: Vec<String>,
    },
    /// The server refused the question.
    #[error("ask the server what the role may do: {}; nothing was changed; run it again", ServerMessage(.0))]
    Query(#[from] tokio_postgres::Error),
}

/// What a run is going to do that may need more than a connection.
pub(super) struct Intent<'a> {
    pub(super) table: &'a HistoryTable,
    /// What it does to rows of the history table.
    pub(super) rights: &'a [&'static str],
    /// A step without a transaction, where there is one.
    pub(super) untransactional: Option<&'a Revision>,
    /// One that also changes its session's settings, where there is one.
    pub(super) sets: Option<&'a Revision>,
}

/// The server's clock, where a pooler stands between: the process that answers is not the one that was announced at login.
pub(super) async fn pooled(connection: &Connection, process_id: i32, now: f64) -> Option<f64> {
    (connection.announced_process_id().await != Some(process_id)).then_some(now)
}

/// Asks in two round trips, and says by which rules the session lives. Nothing is written and nothing locked.
pub(super) async fn preflight(
    connection: &Connection,
    intent: &Intent<'_>,
) -> Result<Hygiene, PreflightError> {
    let found = ask(connection, intent).await.map_err(told)?;
    let role = intent.table.role();
    if found.standby {
        return Err(PreflightError::Standby);
    }
    if let Some(role) = role {
        found.membership(role)?;
    }
    let pooled = pooled(connection, found.process_id, found.now).await;
    if let (Some(_), Some(role), Some(revision)) = (pooled, role, intent.untransactional) {
        return Err(PreflightError::SharedSession { role: role.to_string(), revision: revision.stem() });
    }
    if !found.grants.is_empty() {
        let (role, grants) = (quote_identifier(&found.worker), found.grants);
        return Err(PreflightError::MissingRights { role, grants });
    }
    if let (Some(_), Some(revision)) = (pooled, intent.sets) {
        return Err(PreflightError::SharedSettings { revision: revision.stem() });
    }
    let process_id = pooled.is_none().then_some(found.process_id);
    Ok(Hygiene { role: role.cloned(), pooled, limit: None, process_id })
}

/// What the server says.
#[derive(Default)]
struct Found {
    standby: bool,
    process_id: i32,
    /// The time, in seconds of the server's clock.
    now: f64,
    /// As whom the run works.
    worker: String,
    /// Whether this login may work as the role; none where there is no such role.
    may: Option<bool>,
    /// What would let it.
    grant: String,
    /// What the role lacks.
    grants: Vec<String>,
}

impl Found {
    fn membership(&self, role: &Role) -> Result<(), PreflightError> {
        let (role, grant) = (role.to_string(), self.grant.clone());
        match self.may {
            Some(true) => Ok(()),
            Some(false) => Err(PreflightError::NotAMember { role, grant }),
            None => Err(PreflightError::NoSuchRole { role }),
        }
    }

    fn take(&mut self, row: &SimpleQueryRow) {
        let text = |column: usize| row.get(column).unwrap_or_default().to_owned();
        if row.len() == 1 {
            self.grants.push(text(0));
            return;
        }
        self.standby = row.get(0) == Some("t");
        self.process_id = text(1).parse().unwrap_or_default();
        self.now = text(2).parse().unwrap_or_default();
        self.worker = text(3);
        self.may = row.get(4).map(|may| may == "t");
        self.grant = text(5);
    }
}

/// The transaction is left open at the end of the first message, for that is where a pooler without transactions
/// refuses it. It hangs up then, and a second message that is on its way would make the system forget what it said.
async fn ask(connection: &Connection, intent: &Intent<'_>) -> Result<Found, tokio_postgres::Error> {
    let questions = format!(
        "begin isolation level read committed read only; {}; {}",
        who(intent.table.role()),
        lacking(intent)
    );
    let answer = connection.client.simple_query(&questions).await?;
    connection.client.batch_execute("rollback").await?;
    let mut found = Found::default();
    for message in &answer {
        if let SimpleQueryMessage::Row(row) = message {
            found.take(row);
        }
    }
    Ok(found)
}

/// `PgBouncer` has no code of its own for this; the text is the same in all its versions.
fn told(error: tokio_postgres::Error) -> PreflightError {
    let of_pooler = |code: &SqlState| *code == SqlState::PROTOCOL_VIOLATION;
    match error.as_db_error() {
        Some(said) if of_pooler(said.code()) && said.message().contains("statement pooling") => {
            PreflightError::StatementPooling { source: error }
        }
        _ => PreflightError::Query(error),
    }
}

/// One row of six: the server, the session, and whether it may take the role.
fn who(role: Option<&Role>) -> String {
    const SERVER: &str = "select pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(), \
        extract(epoch from pg_catalog.statement_timestamp())";
    let Some(role) = role else { return format!("{SERVER}, current_user, true, ''") };
    // Who may SET ROLE is asked of the session's user; from 16 on, that is a right of its own.
    format!(
        "{SERVER}, name, \
             (select pg_catalog.pg_has_role(session_user, r.oid, case when splits then 'SET' else 'MEMBER' end) \
                 from pg_catalog.pg_roles r where r.rolname = name), \
             pg_catalog.format('GRANT %I TO %I', name, session_user) || case when splits then ' WITH SET TRUE' else '' end \
         from (select {}::pg_catalog.name as name, \
             pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 as splits) asked",
        quote_literal(role.as_str())
    )
}

/// What a run does to hardtack's own tables. Of those without a right it only wants that they can be made: who migrates need
/// not be one who may make tokens.
const OWN_TABLES: [(&str, &[&str]); 12] = [
    ("refinery_schema_history", &["SELECT", "INSERT"]),
    ("run", &["SELECT", "INSERT", "UPDATE"]),
    ("step", &["SELECT", "INSERT"]),
    ("evidence", &["SELECT", "INSERT"]),
    ("deploy", &["SELECT", "INSERT", "UPDATE"]),
    ("unfinished", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("deferred", &["SELECT", "INSERT", "UPDATE"]),
    ("backfill", &["SELECT", "INSERT", "UPDATE"]),
    ("backfill_range", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("backfill_reject", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("token", &[]),
    ("audit", &[]),
];

/// A row of one for each statement that gives the role what it lacks: CREATE where something is missing, rights on
/// what is there.
fn lacking(intent: &Intent<'_>) -> String {
    let own = HistoryTable::of_hardtack(intent.table);
    let row = |schema: &str, table: &str, privilege: &str| {
        format!("({}, {}, {privilege})", quote_literal(schema), quote_literal(table))
    };
    let of_history = intent.rights.iter().map(|right| {
        let (schema, table) = (intent.table.schema(), intent.table.table());
        row(schema, table, &format!("'{right}'"))
    });
    let of_own = OWN_TABLES.iter().flat_map(|(table, rights)| {
        // Without a right the table has a row all the same, with one that nobody lacks.
        let none = rights.is_empty().then(|| row(own.schema(), table, "null"));
        let rights = rights.iter().map(|right| row(own.schema(), table, &format!("'{right}'")));
        rights.chain(none).collect::<Vec<_>>()
    });
    let wanted: Vec<String> = of_own.chain(of_history).collect();
    let name = intent.table.role().map_or("current_user".to_owned(), |role| quote_literal(role.as_str()));
    format!(
        "with wanted (schema, name, privilege) as (values {}), \
              place as ( \
                  select wanted.*, n.oid as in_schema, c.oid as is_table from wanted \
                  left join pg_catalog.pg_namespace n on n.nspname = schema \
                  left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = name), \
              role as (select oid, rolname from pg_catalog.pg_roles where rolname = {name}) \
         select pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I', pg_catalog.current_database(), rolname) \
             from role where exists (select from place where in_schema is null) \
             and not pg_catalog.has_database_privilege(role.oid, pg_catalog.current_database(), 'CREATE') \
         union all \
         select distinct pg_catalog.format('GRANT %s ON SCHEMA %I TO %I', privileges.privilege, schema, rolname) \
             from role, place, (values ('USAGE'), ('CREATE')) privileges (privilege) \
             where in_schema is not null and (privileges.privilege = 'USAGE' or is_table is null) \
             and not pg_catalog.has_schema_privilege(role.oid, in_schema, privileges.privilege) \
         union all \
         select pg_catalog.format('GRANT %s ON TABLE %I.%I TO %I', pg_catalog.string_agg(privilege, ', ' order by privilege), schema, name, rolname) \
             from role, place where is_table is not null \
             and not pg_catalog.has_table_privilege(role.oid, is_table, privilege) group by schema, name, rolname",
        wanted.join(", ")
    )
}
