//! How the tables of a database hang together.

use std::collections::{HashMap, HashSet};

use super::touched::{Dropped, Drops};
use crate::db::quote_literal;
use crate::safety::judge::ask::{Answers, Row, take};
use crate::safety::judge::name::Name;

/// What of the catalog says where the rows of a relation are, and what a write of it sets going.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) relations: HashMap<u32, Node>,
    /// Of a parent its partitions and children, of a view what it reads.
    pub(super) below: HashMap<u32, Vec<u32>>,
    /// Foreign keys with an action, by the table that they refer to.
    pub(super) keys: HashMap<u32, Vec<ForeignKey>>,
    /// Triggers and rules, by their relation.
    pub(super) code: HashMap<u32, Vec<Code>>,
    /// The places of the drops that are there.
    pub(super) there: HashSet<usize>,
    /// Relations that go with a drop: its place, the relation, and whether the whole of it goes.
    pub(super) hanging: Vec<(usize, u32, bool)>,
}

/// A relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) schema: String,
    pub(super) name: String,
    /// As `pg_class.relkind` has it.
    pub(super) kind: String,
    /// Whether it belongs to the server, to a session, or to hardtack.
    pub(super) is_apart: bool,
    /// Whether an extension has made it.
    pub(super) of_extension: bool,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ForeignKey {
    pub(super) name: String,
    /// The table that refers.
    pub(super) table: u32,
    /// As `pg_constraint.confdeltype` has it.
    pub(super) on_delete: String,
    /// As `pg_constraint.confupdtype` has it.
    pub(super) on_update: String,
    /// The columns that are referred to.
    pub(super) key: Vec<String>,
    /// The columns that refer.
    pub(super) columns: Vec<String>,
}

/// A trigger or a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    /// `the trigger t`.
    pub(super) what: String,
    /// As `pg_trigger.tgtype` has its events.
    pub(super) events: u16,
}

/// Stands between names in a list, and in no name.
const BETWEEN: char = '\u{1}';

const RELATIONS: &str = "\
    select c.oid, n.nspname, c.relname, c.relkind, \
        n.nspname like 'pg\\_%' or n.nspname in ('information_schema', 'hardtack') or c.relpersistence = 't', \
        exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
            and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'e') \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where c.relkind in ('r', 'p', 'v')";

const BELOW: &str = "\
    select inhparent, inhrelid from pg_catalog.pg_inherits \
    union \
    select r.ev_class, d.refobjid from pg_catalog.pg_rewrite r join pg_catalog.pg_depend d \
        on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid \
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
    join pg_catalog.pg_class c on c.oid = r.ev_class \
    where c.relkind = 'v' and d.refobjid <> r.ev_class";

/// A key of a partition has the name of that of its parent.
const KEYS: &str = "\
    select coalesce(p.conname, c.conname), c.conrelid, c.confrelid, c.confdeltype, c.confupdtype, \
        (select pg_catalog.string_agg(a.attname::pg_catalog.text, E'\\x01') from pg_catalog.pg_attribute a \
            where a.attrelid = c.confrelid and a.attnum = any (c.confkey)), \
        (select pg_catalog.string_agg(a.attname::pg_catalog.text, E'\\x01') from pg_catalog.pg_attribute a \
            where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) \
    from pg_catalog.pg_constraint c left join pg_catalog.pg_constraint p on p.oid = c.conparentid \
    where c.contype = 'f' order by c.oid";

/// The server's own functions write nothing but the row. The events of a rule are put as those of a trigger.
const CODE: &str = "\
    select t.tgrelid, 'the trigger ' || t.tgname, t.tgtype from pg_catalog.pg_trigger t \
        join pg_catalog.pg_proc f on f.oid = t.tgfoid join pg_catalog.pg_namespace n on n.oid = f.pronamespace \
        where not t.tgisinternal and n.nspname <> 'pg_catalog' \
    union all \
    select ev_class, 'the rule ' || rulename, case ev_type when '2' then 16 when '3' then 4 else 8 end \
        from pg_catalog.pg_rewrite where ev_type <> '1' \
    order by 1, 2";

impl Graph {
    pub(super) fn queries(drops: &[Drops]) -> Vec<String> {
        let mut queries = [RELATIONS, BELOW, KEYS, CODE].map(str::to_owned).to_vec();
        if !drops.is_empty() {
            let seeds: Vec<_> =
                drops.iter().enumerate().map(|(place, drops)| seed(place, &drops.what)).collect();
            queries.push(hanging(&seeds.join(" union all ")));
        }
        queries
    }

    pub(super) fn read(answers: &Answers) -> Self {
        let mut graph = Self { relations: take(answers, 0, node).into_iter().collect(), ..Self::default() };
        for (above, below) in take(answers, 1, |row| Some((row.number(0)?, row.number(1)?))) {
            graph.below.entry(above).or_default().push(below);
        }
        for (referenced, key) in take(answers, 2, key) {
            graph.keys.entry(referenced).or_default().push(key);
        }
        for (relation, code) in take(answers, 3, code) {
            graph.code.entry(relation).or_default().push(code);
        }
        for (place, relation, whole) in
            take(answers, 4, |row| Some((row.number(0)?, row.number(1), row.is(2))))
        {
            graph.there.insert(place);
            graph.hanging.extend(relation.map(|relation| (place, relation, whole)));
        }
        graph
    }
}

/// The object of the catalog that a drop is about, with its place.
fn seed(place: usize, what: &Dropped) -> String {
    let of = |catalog: &str, name: &str, from: &str| {
        format!(
            "(select {place}, 'pg_catalog.{catalog}'::pg_catalog.regclass::pg_catalog.oid, o.oid from pg_catalog.{catalog} o {from} \
             and o.{name} = "
        )
    };
    let in_schema = |catalog: &str, column: &str, schema: &str, name: &Name| {
        let from = format!("join pg_catalog.pg_namespace n on n.oid = o.{schema} where {}", in_sight(name));
        let order =
            "order by pg_catalog.array_position(pg_catalog.current_schemas(true), n.nspname) limit 1)";
        format!("{}{} {order}", of(catalog, column, &from), quote_literal(&name.name))
    };
    match what {
        Dropped::Table { oid, .. } => {
            format!(
                "(select {place}, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, {oid}::pg_catalog.oid)"
            )
        }
        Dropped::Schema(name) => {
            format!("{}{})", of("pg_namespace", "nspname", "where true"), quote_literal(&name.name))
        }
        Dropped::Extension(name) => {
            format!("{}{})", of("pg_extension", "extname", "where true"), quote_literal(&name.name))
        }
        Dropped::Type(name) => in_schema("pg_type", "typname", "typnamespace", name),
        Dropped::Collation(name) => in_schema("pg_collation", "collname", "collnamespace", name),
    }
}

fn in_sight(name: &Name) -> String {
    name.schema.as_ref().map_or_else(
        || "n.nspname = any (pg_catalog.current_schemas(true))".to_owned(),
        |schema| format!("n.nspname = {}", quote_literal(schema)),
    )
}

/// All that goes with objects. What hangs on a column does not hang on its table's other columns.
fn hanging(seeds: &str) -> String {
    format!(
        "with recursive hangs (place, class, oid, part) as ( \
             select s.*, 0 from ({seeds}) s (place, class, oid) \
             union \
             select h.place, d.classid, d.objid, d.objsubid from hangs h join pg_catalog.pg_depend d \
                 on d.refclassid = h.class and d.refobjid = h.oid and (h.part = 0 or d.refobjsubid = h.part)) \
         select h.place, c.oid, pg_catalog.bool_or(h.part = 0) from hangs h left join pg_catalog.pg_class c \
             on h.class = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = h.oid and c.relkind in ('r', 'p') \
         group by h.place, c.oid"
    )
}

fn node(row: &Row) -> Option<(u32, Node)> {
    let (schema, name, kind) = (row.text(1), row.text(2), row.text(3));
    Some((row.number(0)?, Node { schema, name, kind, is_apart: row.is(4), of_extension: row.is(5) }))
}

fn key(row: &Row) -> Option<(u32, ForeignKey)> {
    let names = |column| row.text(column).split(BETWEEN).map(str::to_owned).collect();
    let key = ForeignKey {
        name: row.text(0),
        table: row.number(1)?,
        on_delete: row.text(3),
        on_update: row.text(4),
        key: names(5),
        columns: names(6),
    };
    Some((row.number(2)?, key))
}

fn code(row: &Row) -> Option<(u32, Code)> {
    Some((row.number(0)?, Code { what: row.text(1), events: row.number(2)? }))
}
