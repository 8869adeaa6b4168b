//! What tables are now.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Client;

use super::PutBackError;
use crate::backup::TableEntry;
use crate::db::{first_value, quote_literal};

/// What has a table's name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct LiveTable {
    /// The table's place among those that were asked for.
    pub(super) place: usize,
    pub(super) oid: u32,
    /// As `pg_class.relkind` has it.
    pub(super) kind: String,
    pub(super) columns: Vec<LiveColumn>,
    /// Columns that together tell one row from another, the primary key first.
    pub(super) keys: Vec<Vec<KeyColumn>>,
    /// Triggers and rules that are not off.
    pub(super) switches: Vec<Switch>,
    /// Sequences that number its rows.
    pub(super) sequences: Vec<OwnedSequence>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct LiveColumn {
    pub(super) name: String,
    /// As the server formats it with an empty `search_path`.
    pub(super) sql_type: String,
    /// Whether a row without a value for it is refused.
    pub(super) wants_value: bool,
    /// Whether it is always numbered by the server, so that an update cannot set it.
    pub(super) is_numbered: bool,
    pub(super) is_generated: bool,
}

/// A column of a key.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeyColumn {
    pub(super) name: String,
    /// The operator by which the key's index compares, as SQL writes it.
    pub(super) equals: String,
}

/// A trigger or a rule.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Switch {
    /// `trigger` or `rule`.
    pub(super) what: String,
    pub(super) name: String,
    /// As `pg_trigger.tgenabled` has it.
    pub(super) state: String,
}

/// A sequence, and the column that it is for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct OwnedSequence {
    /// Qualified and quoted.
    pub(super) name: String,
    pub(super) column: String,
    /// Whether it counts down.
    pub(super) descends: bool,
}

const TABLE: &str = "w.place, c.oid::pg_catalog.int8 as oid, c.relkind as kind, \
    (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', a.attname, \
            'sql_type', pg_catalog.format_type(a.atttypid, a.atttypmod), \
            'wants_value', a.attnotnull and not a.atthasdef and a.attidentity = '', \
            'is_numbered', a.attidentity = 'a', 'is_generated', a.attgenerated <> '') order by a.attnum), '[]') \
        from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns, \
    (select coalesce(pg_catalog.jsonb_agg(k.columns order by k.indisprimary desc, k.indexrelid), '[]') from ( \
        select i.indisprimary, i.indexrelid, (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object( \
                'name', a.attname, 'equals', pg_catalog.format('operator(%I.%s)', n.nspname, o.oprname)) order by p.place) \
            from pg_catalog.generate_series(0, i.indnkeyatts - 1) p(place) \
            join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p.place] \
            join pg_catalog.pg_opclass s on s.oid = i.indclass[p.place] \
            join pg_catalog.pg_amop m on m.amopfamily = s.opcfamily and m.amopstrategy = 3 \
                and m.amoplefttype = s.opcintype and m.amoprighttype = s.opcintype \
            join pg_catalog.pg_operator o on o.oid = m.amopopr \
            join pg_catalog.pg_namespace n on n.oid = o.oprnamespace) as columns \
        from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid \
        join pg_catalog.pg_am m on m.oid = x.relam and m.amname = 'btree' \
        where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null \
            and not exists (select from pg_catalog.generate_series(0, i.indnkeyatts - 1) p(place) \
                join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[p.place] \
                where not a.attnotnull)) k) as keys, \
    (select coalesce(pg_catalog.jsonb_agg(s), '[]') from ( \
        select 'trigger' as what, t.tgname as name, t.tgenabled as state from pg_catalog.pg_trigger t \
            where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D' \
        union all select 'rule', r.rulename, r.ev_enabled from pg_catalog.pg_rewrite r \
            where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled <> 'D') s) as switches, \
    (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object( \
            'name', pg_catalog.format('%I.%I', n.nspname, s.relname), 'column', a.attname, 'descends', q.seqincrement < 0)), '[]') \
        from (select c.oid as relid union select p.relid from pg_catalog.pg_partition_ancestors(c.oid) p) r \
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = r.relid \
            and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i') \
        join pg_catalog.pg_sequence q on q.seqrelid = d.objid \
        join pg_catalog.pg_class s on s.oid = q.seqrelid join pg_catalog.pg_namespace n on n.oid = s.relnamespace \
        join pg_catalog.pg_attribute a on a.attrelid = r.relid and a.attnum = d.refobjsubid \
        where a.atttypid in ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype, 'int8'::pg_catalog.regtype)) as sequences";

/// Looks the tables up; what is not there is left out.
pub(super) async fn read(client: &Client, tables: &[TableEntry]) -> Result<Vec<LiveTable>, PutBackError> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = tables.iter().enumerate();
    let wanted: Vec<_> = wanted
        .map(|(place, table)| {
            format!("({place}, {}, {})", quote_literal(&table.schema), quote_literal(&table.name))
        })
        .collect();
    let query = format!(
        "select coalesce(pg_catalog.jsonb_agg(t), '[]') from (select {TABLE} \
         from (values {}) w (place, schema, name) join pg_catalog.pg_namespace n on n.nspname = w.schema \
         join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name) t",
        wanted.join(", ")
    );
    ask(client, &query).await
}

/// Asks for one document.
pub(super) async fn ask<T: DeserializeOwned>(client: &Client, query: &str) -> Result<T, PutBackError> {
    let messages = client.simple_query(query).await.map_err(PutBackError::server("read the catalog"))?;
    let answer = first_value(&messages).unwrap_or_default();
    serde_json::from_str(&answer).map_err(|error| PutBackError::Answer { reason: error.to_string() })
}
