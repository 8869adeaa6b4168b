use serde::Deserialize;
use tokio_postgres::Client;

use super::live::ask;
use super::{PutBackError, Table};
use crate::db::quote_identifier;

/// A foreign key that refers to one of the tables.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ForeignKey {
    /// The table that refers.
    pub(super) schema: String,
    pub(super) table: String,
    /// Whether its rows are in partitions.
    pub(super) is_partitioned: bool,
    /// Those partitions; otherwise itself.
    pub(super) members: Vec<u32>,
    /// Those of them in which no index finds a row by what it refers to.
    pub(super) unindexed: Vec<u32>,
    /// The table that is referred to.
    pub(super) refers_to: u32,
    /// As `pg_constraint.confdeltype` has it.
    pub(super) on_delete: String,
    pub(super) is_deferrable: bool,
    pub(super) columns: Vec<Pair>,
    /// The constraint; of a part of one, the whole.
    pub(super) root: Root,
}

/// A column that refers, and the one that it refers to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pair {
    pub(super) column: String,
    pub(super) key: String,
    /// The operator that compares a key with what refers to it, as SQL writes it.
    pub(super) equals: String,
}

/// A constraint that can be altered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Root {
    schema: String,
    table: String,
    pub(super) name: String,
}

/// Of a key to a partitioned table each partition has a copy, of which that of the whole referring table tells everything.
const KEYS: &str = "n.nspname as schema, r.relname as table, r.relkind = 'p' as is_partitioned, \
    m.members, (select coalesce(pg_catalog.jsonb_agg(o.oid), '[]') from pg_catalog.jsonb_array_elements(m.members) o(oid) \
        where not exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a \
                on a.attrelid = i.indrelid and a.attnum = i.indkey[0] \
            join pg_catalog.pg_attribute k on k.attrelid = c.conrelid and k.attnum = any (c.conkey) and k.attname = a.attname \
            where i.indrelid = o.oid::pg_catalog.int8 and i.indisvalid and i.indpred is null)) as unindexed, \
    c.confrelid::pg_catalog.int8 as refers_to, c.confdeltype as on_delete, c.condeferrable as is_deferrable, \
    (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('column', a.attname, 'key', k.attname, \
            'equals', pg_catalog.format('operator(%I.%s)', m.nspname, o.oprname)) order by p.place) \
        from pg_catalog.generate_subscripts(c.conkey, 1) p(place) \
        join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[p.place] \
        join pg_catalog.pg_attribute k on k.attrelid = c.confrelid and k.attnum = c.confkey[p.place] \
        join pg_catalog.pg_operator o on o.oid = c.conpfeqop[p.place] \
        join pg_catalog.pg_namespace m on m.oid = o.oprnamespace) as columns, \
    (with recursive up as (select c.oid, c.conparentid, c.conname, c.conrelid union all \
            select p.oid, p.conparentid, p.conname, p.conrelid from up join pg_catalog.pg_constraint p on p.oid = up.conparentid) \
        select pg_catalog.jsonb_build_object('schema', m.nspname, 'table', t.relname, 'name', up.conname) \
        from up join pg_catalog.pg_class t on t.oid = up.conrelid join pg_catalog.pg_namespace m on m.oid = t.relnamespace \
        where up.conparentid = 0) as root";

const MEMBERS: &str = "select case when r.relkind = 'p' then \
        (select coalesce(pg_catalog.jsonb_agg(p.relid::pg_catalog.oid::pg_catalog.int8), '[]') \
            from pg_catalog.pg_partition_tree(r.oid) p where p.isleaf) \
    else pg_catalog.jsonb_build_array(r.oid::pg_catalog.int8) end";

/// All that refer to the tables. One that is not enforced is none.
pub(super) async fn read(client: &Client, tables: &[Table<'_>]) -> Result<Vec<ForeignKey>, PutBackError> {
    let oids: Vec<_> = tables.iter().map(|table| table.live.oid.to_string()).collect();
    let query = format!(
        "select coalesce(pg_catalog.jsonb_agg(k order by k.schema, k.table, k.root ->> 'name'), '[]') from (select {KEYS} \
         from pg_catalog.pg_constraint c join pg_catalog.pg_class r on r.oid = c.conrelid \
         join pg_catalog.pg_namespace n on n.oid = r.relnamespace, lateral ({MEMBERS}) m (members) \
         where c.contype = 'f' and c.confrelid in ({}) \
             and coalesce(pg_catalog.to_jsonb(c) ->> 'conenforced', 'true') = 'true' \
             and not exists (select from pg_catalog.pg_constraint p where p.oid = c.conparentid and p.confrelid = c.confrelid)) k",
        oids.join(", ")
    );
    ask(client, &query).await
}

impl ForeignKey {
    /// The referring table's name for SQL.
    pub(super) fn from(&self) -> String {
        let name = format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.table));
        if self.is_partitioned { name } else { format!("only {name}") }
    }

    /// Those of the tables that refer by this key.
    pub(super) fn inside<'a>(&self, tables: &'a [Table<'a>]) -> impl Iterator<Item = (usize, &'a Table<'a>)> {
        tables.iter().enumerate().filter(|(_, table)| self.members.contains(&table.live.oid))
    }

    /// Whether other tables refer by it as well.
    pub(super) fn has_outside(&self, tables: &[Table<'_>]) -> bool {
        self.members.iter().any(|member| tables.iter().all(|table| table.live.oid != *member))
    }

    /// That a row of the referring table refers to another one.
    pub(super) fn refers(&self, row: &str, to: &str) -> String {
        let pairs = self.columns.iter().map(|Pair { column, key, equals }| {
            format!("{to}.{} {equals} {row}.{}", quote_identifier(key), quote_identifier(column))
        });
        pairs.collect::<Vec<_>>().join(" and ")
    }
}

impl Root {
    /// Alters the constraint.
    pub(super) fn alter(&self, how: &str) -> String {
        let (schema, table) = (quote_identifier(&self.schema), quote_identifier(&self.table));
        format!("alter table {schema}.{table} alter constraint {} {how}", quote_identifier(&self.name))
    }
}
