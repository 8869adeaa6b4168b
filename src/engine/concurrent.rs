//! What became of a statement that cannot share a transaction with its record: the catalog knows.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error as PgError, SimpleQueryMessage};

use super::LockHolder;
use crate::db::{first_value, quote_identifier, quote_literal};
use crate::revisions::{Effect, EffectKind, StopSignal};

/// How often the server is asked whether a statement of a dead run has ended.
const INTERVAL: Duration = Duration::from_millis(300);

/// What became of a statement that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Done,
    /// It can be sent again; what it left half done is gone.
    NotDone,
    /// Nobody can tell: the server has made up the name of what it builds.
    Unknown,
}

/// Finds out whether a statement, which no longer runs, has done its work. Finishes a half-detached partition.
pub(super) async fn fate(client: &Client, effect: &Effect) -> Result<Fate, PgError> {
    let is_done = match effect.kind {
        EffectKind::BuildsIndex if effect.object.is_empty() => return Ok(Fate::Unknown),
        EffectKind::BuildsIndex => indexes(client, effect).await?.iter().any(|index| index.valid),
        EffectKind::DropsIndex => is_gone(client, &effect.object).await?,
        EffectKind::DetachesPartition => is_detached(client, effect).await?,
        _ => false,
    };
    Ok(if is_done { Fate::Done } else { Fate::NotDone })
}

/// Drops the invalid index that an earlier attempt at this statement left, which would keep the statement from its work:
/// by its name, or under `IF NOT EXISTS` even in silence. Returns the names.
pub(super) async fn clear_invalid_index(client: &Client, effect: &Effect) -> Result<Vec<String>, PgError> {
    if effect.kind != EffectKind::BuildsIndex || effect.object.is_empty() {
        return Ok(Vec::new());
    }
    let invalid = indexes(client, effect).await?.into_iter().filter(|index| !index.valid && !index.building);
    let mut dropped = Vec::new();
    for index in invalid {
        client.batch_execute(&format!("drop index concurrently if exists {}", index.name)).await?;
        dropped.push(index.name);
    }
    Ok(dropped)
}

/// The index of a statement that the server says is done, where it is not valid: `IF NOT EXISTS` found one that another
/// session has failed to build meanwhile.
pub(super) async fn invalid_index(client: &Client, effect: &Effect) -> Result<Option<String>, PgError> {
    if effect.kind != EffectKind::BuildsIndex || effect.object.is_empty() {
        return Ok(None);
    }
    let indexes = indexes(client, effect).await?;
    Ok(indexes.into_iter().find(|index| !index.valid).map(|index| index.name))
}

/// Waits while another session still runs this statement: that of a run whose process died. Returns who runs it after the
/// whole time, or when a stop is asked for.
pub(super) async fn wait_for_orphan(
    client: &Client,
    statement: &str,
    patience: Duration,
    stop: &StopSignal,
    tell: impl Fn(&LockHolder, Duration),
) -> Result<Option<(LockHolder, Duration)>, PgError> {
    // The server keeps the start of a long query only, and shows it to the login whose it is.
    let query = format!(
        "set local role none; \
         select pid, coalesce(application_name, ''), pg_catalog.host(client_addr), query_start::pg_catalog.text \
         from pg_catalog.pg_stat_activity \
         where pid <> pg_catalog.pg_backend_pid() and datname = pg_catalog.current_database() and state = 'active' \
           and pg_catalog.starts_with({statement}, query) \
           and pg_catalog.length(query) >= least(pg_catalog.length({statement}), 90)",
        statement = quote_literal(statement)
    );
    let started = Instant::now();
    let mut told = false;
    loop {
        let messages = client.simple_query(&query).await?;
        let Some(holder) = messages.iter().find_map(LockHolder::of) else { return Ok(None) };
        let waited = started.elapsed();
        if waited >= patience || stop.is_requested() {
            return Ok(Some((holder, waited)));
        }
        if !told {
            tell(&holder, waited);
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.requested() => {}
        }
    }
}

/// An index of the name and table of an effect.
struct Index {
    /// Qualified and quoted.
    name: String,
    valid: bool,
    /// Another session is building it now.
    building: bool,
}

async fn indexes(client: &Client, effect: &Effect) -> Result<Vec<Index>, PgError> {
    let query = format!(
        "select n.nspname, c.relname, x.indisvalid, \
             exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid \
                 or p.index_relid is null and exists (select from pg_catalog.pg_locks l \
                     where l.pid = p.pid and l.relation = x.indrelid)) \
         from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indexrelid \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where x.indrelid = pg_catalog.to_regclass({}) and c.relname = (pg_catalog.parse_ident({}))[1]::pg_catalog.name",
        quote_literal(&effect.part),
        quote_literal(&effect.object)
    );
    let messages = client.simple_query(&query).await?;
    let index = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some(Index {
            name: format!("{}.{}", quote_identifier(row.get(0)?), quote_identifier(row.get(1)?)),
            valid: row.get(2)? == "t",
            building: row.get(3)? == "t",
        }),
        _ => None,
    };
    Ok(messages.iter().filter_map(index).collect())
}

async fn is_gone(client: &Client, name: &str) -> Result<bool, PgError> {
    let query = format!("select pg_catalog.to_regclass({}) is null", quote_literal(name));
    Ok(first_value(&client.simple_query(&query).await?).as_deref() == Some("t"))
}

async fn is_detached(client: &Client, effect: &Effect) -> Result<bool, PgError> {
    let Effect { object: table, part, .. } = effect;
    let query = format!(
        "select inhdetachpending from pg_catalog.pg_inherits \
         where inhrelid = pg_catalog.to_regclass({}) and inhparent = pg_catalog.to_regclass({})",
        quote_literal(part),
        quote_literal(table)
    );
    match first_value(&client.simple_query(&query).await?).as_deref() {
        None => Ok(true),
        Some("t") => {
            client.batch_execute(&format!("alter table {table} detach partition {part} finalize")).await?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}
