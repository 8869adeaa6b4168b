//! What is in a database, as far as it takes to tell whether a test has left it as it was, or to make it so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::{Connection, ServerMessage, first_value};

/// What the template holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Baseline {
    /// How many rows the server's catalog has.
    catalog: i64,
    /// How many rows a table has, by its oid; none that is empty.
    tables: BTreeMap<u32, i64>,
    /// Where a sequence stands, by its oid, and whether it has given out that number.
    sequences: BTreeMap<u32, (i64, bool)>,
}

/// Why a test's database cannot be used again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Altered {
    #[error("it has another schema, or other settings")]
    Schema,
    #[error("rows of {0} are others, which the revisions had put in")]
    Rows(String),
    #[error("{0}, which a test had filled, is no table that could be emptied without a trigger")]
    Filled(String),
    #[error("a test had filled a table to which {0} refers, which has rows of its own or a trigger")]
    Referring(String),
    #[error("there is a replication slot or a prepared transaction")]
    Held,
    #[error("somebody opens sessions in it as fast as they are ended")]
    Sessions,
    #[error("{}", ServerMessage(.0))]
    Server(#[from] tokio_postgres::Error),
}

/// With it, neither triggers nor the checks of foreign keys run, but for triggers that are to run everywhere. A superuser may, and has a row.
const AS_REPLICA: &str = "select pg_catalog.set_config('session_replication_role', 'replica', false) \
    from pg_catalog.pg_roles where rolname = current_user and rolsuper";

/// Whether a table has a trigger of these kinds (8 of `DELETE`, 32 of `TRUNCATE`) that the session fires.
fn fires(table: &str, kinds: u8, is_replica: bool) -> String {
    let fired = if is_replica { 'R' } else { 'O' };
    format!(
        "exists (select from pg_catalog.pg_trigger t where t.tgrelid = {table} and t.tgtype & {kinds} <> 0 \
            and t.tgenabled in ('A', '{fired}'))"
    )
}

/// Relations whose rows tell: those of the catalog that this role may read, but for statistics, which analyzing changes at any
/// time; tables and materialised views that are not empty; sequences. What the server brings has an oid below 16384.
fn relations(is_replica: bool) -> String {
    format!(
        "select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(\
            'oid', c.oid::pg_catalog.int8, \
            'kind', case when c.oid < 16384 then 'c' else c.relkind end, \
            'name', pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), \
            'bytes', case when c.oid < 16384 then 0 else pg_catalog.pg_relation_size(c.oid) end, \
            'fires', {})), '[]') \
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
        where case when c.oid < 16384 \
            then n.nspname = 'pg_catalog' and c.relkind = 'r' and not c.relisshared and pg_catalog.has_table_privilege(c.oid, 'select') \
                and c.relname not in ('pg_statistic', 'pg_statistic_ext_data') \
            else c.relpersistence <> 't' and (c.relkind = 'S' or c.relkind in ('r', 'm') and pg_catalog.pg_relation_size(c.oid) > 0) end",
        fires("c.oid", if is_replica { 8 | 32 } else { 32 }, is_replica)
    )
}

#[derive(Clone, Debug, Deserialize)]
struct Relation {
    oid: u32,
    kind: Kind,
    /// Quoted.
    name: String,
    bytes: u64,
    /// Emptying it would fire a trigger.
    fires: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Kind {
    #[serde(rename = "c")]
    Catalog,
    #[serde(rename = "r")]
    Table,
    #[serde(rename = "m")]
    View,
    #[serde(rename = "S")]
    Sequence,
}

/// Up to this size, deleting the rows is faster than new files for a table, its indexes, and those that refer to it.
const DELETED: u64 = 256 * 1024;

/// Rows and whether one of them is younger than a transaction; or a sequence's value and whether it has been given out.
type Found = (i64, bool);

impl Baseline {
    pub(super) async fn of(session: &Connection) -> Result<Self, tokio_postgres::Error> {
        let mut baseline = Self::default();
        // All are younger than that.
        for (Relation { oid, kind, .. }, found) in survey(session, "3", false).await? {
            match kind {
                Kind::Catalog => baseline.catalog += found.0,
                Kind::Table | Kind::View if found.0 == 0 => {}
                Kind::Table | Kind::View => {
                    baseline.tables.insert(oid, found.0);
                }
                Kind::Sequence => {
                    baseline.sequences.insert(oid, found);
                }
            }
        }
        Ok(baseline)
    }

    /// Sees that a copy is what it was at this transaction, when nobody was in it: tables that were empty are emptied, and
    /// sequences set back. Where a test has changed anything else, nothing is done. Nobody but this session may be in the database.
    pub(super) async fn restore(&self, session: &Connection, since: &str) -> Result<(), Altered> {
        let is_replica = first_value(&session.client.simple_query(AS_REPLICA).await?).is_some();
        let held = "select exists (select from pg_catalog.pg_prepared_xacts where database = pg_catalog.current_database()) \
            or exists (select from pg_catalog.pg_replication_slots where database = pg_catalog.current_database())";
        if first_value(&session.client.simple_query(held).await?).as_deref() != Some("f") {
            return Err(Altered::Held);
        }
        let (mut catalog, mut unseen) = (0, self.tables.clone());
        let (mut filled, mut statements) = (Vec::new(), Vec::new());
        for (relation, found) in survey(session, since, is_replica).await? {
            let oid = relation.oid;
            match relation.kind {
                Kind::Catalog if found.1 => return Err(Altered::Schema),
                Kind::Catalog => catalog += found.0,
                Kind::Table | Kind::View => match unseen.remove(&oid) {
                    Some(rows) if found == (rows, false) => {}
                    Some(_) => return Err(Altered::Rows(relation.name)),
                    // What was deleted is still there.
                    None if found.0 == 0 && relation.bytes <= DELETED => {}
                    None if relation.kind != Kind::Table || relation.fires => {
                        return Err(Altered::Filled(relation.name));
                    }
                    None if is_replica && relation.bytes <= DELETED => {
                        statements.push(format!("delete from only {}", relation.name));
                    }
                    None => filled.push(oid),
                },
                Kind::Sequence => match self.sequences.get(&oid) {
                    Some(stood) if *stood == found => {}
                    Some((value, given)) => statements
                        .push(format!("select pg_catalog.setval({oid}::pg_catalog.oid::pg_catalog.regclass, {value}, {given})")),
                    None => return Err(Altered::Schema),
                },
            }
        }
        if catalog != self.catalog {
            return Err(Altered::Schema);
        }
        if let Some(oid) = unseen.keys().next() {
            return Err(Altered::Rows(format!("the table with the oid {oid}")));
        }
        if !filled.is_empty() {
            statements.push(truncation(session, &filled, &self.tables, is_replica).await?);
        }
        Ok(session.client.batch_execute(&statements.join("; ")).await?)
    }
}

/// Empties these, with those that refer to them, of which the server wants to hear; they must have been empty as well.
async fn truncation(
    session: &Connection,
    filled: &[u32],
    kept: &BTreeMap<u32, i64>,
    is_replica: bool,
) -> Result<String, Altered> {
    let filled: Vec<String> = filled.iter().map(ToString::to_string).collect();
    let query = format!(
        "with recursive emptied as (select pg_catalog.unnest('{{{}}}'::pg_catalog.oid[]) as oid \
            union select c.conrelid from pg_catalog.pg_constraint c join emptied e on c.confrelid = e.oid where c.contype = 'f') \
         select pg_catalog.json_agg(pg_catalog.json_build_array(oid::pg_catalog.int8, \
            case relkind when 'p' then '' else 'only ' end || oid::pg_catalog.regclass::pg_catalog.text, \
            {})) \
         from emptied join pg_catalog.pg_class using (oid)",
        filled.join(","),
        fires("oid", 32, is_replica)
    );
    let found = first_value(&session.client.simple_query(&query).await?).unwrap_or_default();
    let emptied: Vec<(u32, String, bool)> = serde_json::from_str(&found).unwrap_or_default();
    if let Some((_, name, _)) = emptied.iter().find(|(oid, _, fires)| *fires || kept.contains_key(oid)) {
        return Err(Altered::Referring(name.clone()));
    }
    let names: Vec<String> = emptied.into_iter().map(|(_, name, _)| name).collect();
    Ok(format!("truncate {}", names.join(", ")))
}

/// Counts, in one statement, what [`relations`] lists.
async fn survey(
    session: &Connection,
    since: &str,
    is_replica: bool,
) -> Result<Vec<(Relation, Found)>, tokio_postgres::Error> {
    let listed = first_value(&session.client.simple_query(&relations(is_replica)).await?).unwrap_or_default();
    let relations: Vec<Relation> = serde_json::from_str(&listed).unwrap_or_default();
    let younger =
        format!("pg_catalog.age(xmin) < pg_catalog.age('{since}'::pg_catalog.xid8::pg_catalog.xid)");
    // A temporary table leaves its session's schema, which is empty and is taken by another one.
    let which = |name: &str| match name {
        "pg_catalog.pg_namespace" => " where nspname !~ '^pg_(toast_)?temp_'",
        _ => "",
    };
    let counts = relations.iter().enumerate().map(|(place, Relation { kind, name, .. })| match kind {
        Kind::Sequence => format!("select {place}, last_value, is_called from {name}"),
        _ => format!("select {place}, pg_catalog.count(*), coalesce(pg_catalog.bool_or({younger}), false) from only {name}{}", which(name)),
    });
    let query = format!(
        "select pg_catalog.json_agg(pg_catalog.json_build_array(n, told) order by place) from ({}) as counted(place, n, told)",
        counts.collect::<Vec<_>>().join(" union all ")
    );
    let counted = first_value(&session.client.simple_query(&query).await?).unwrap_or_default();
    let found: Vec<Found> = serde_json::from_str(&counted).unwrap_or_default();
    Ok(relations.into_iter().zip(found).collect())
}
