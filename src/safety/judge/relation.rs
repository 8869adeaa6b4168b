use super::ask::{Answers, Row, take};
use super::name::Name;

/// A relation that a plan names and that is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    /// Qualified and quoted.
    pub(super) qualified: String,
    /// As `pg_class.relkind` has it.
    pub(super) kind: String,
    /// The table of an index; of anything else, itself.
    pub(super) table: u32,
}

/// What the names of a plan mean now, under the search path of whoever asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Relations {
    /// The server's version, as `server_version_num` has it.
    pub(super) server_version: u32,
    /// Where a relation is created whose name has no schema.
    pub(super) current_schema: String,
    pub(super) found: Vec<(Name, Relation)>,
}

impl Relations {
    /// Looked up in the catalog itself: `to_regclass` fails over a schema that the role may not look into.
    pub(super) fn queries(names: &[Name]) -> Vec<String> {
        let rows: Vec<_> =
            names.iter().enumerate().map(|(place, name)| format!("({place}, {})", name.literals())).collect();
        let server = "select pg_catalog.current_setting('server_version_num'), pg_catalog.current_schema()";
        let mut queries = vec![server.to_owned()];
        if !rows.is_empty() {
            queries.push(format!(
                "select w.place, f.oid, f.nspname, f.relname, pg_catalog.format('%I.%I', f.nspname, f.relname), f.of, f.relkind \
                 from (values {}) w (place, schema, name), lateral ( \
                     select c.oid, n.nspname, c.relname, c.relkind, coalesce(x.indrelid, c.oid) as of \
                     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                     left join pg_catalog.pg_index x on x.indexrelid = c.oid \
                     where c.relname = w.name::pg_catalog.name and c.relkind <> 't' \
                       and case when w.schema is null then n.nspname = any (pg_catalog.current_schemas(true)) \
                           else n.nspname = w.schema::pg_catalog.name end \
                     order by pg_catalog.array_position(pg_catalog.current_schemas(true), n.nspname) limit 1) f",
                rows.join(", ")
            ));
        }
        queries
    }

    pub(super) fn read(names: &[Name], answers: &Answers) -> Self {
        let mut relations = Self { found: take(answers, 1, |row| found(names, row)), ..Self::default() };
        if let Some(row) = answers.first().and_then(|rows| rows.first()) {
            relations.server_version = row.number(0).unwrap_or_default();
            relations.current_schema = row.text(1);
        }
        relations
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Relation> {
        // Somebody may ask by the full name of what the plan names without its schema.
        let is_full = |relation: &Relation| {
            name.schema.as_ref() == Some(&relation.schema) && name.name == relation.name
        };
        let found = self.found.iter().find(|(found, relation)| found == name || is_full(relation));
        found.map(|(_, relation)| relation)
    }

    /// The name with the schema where it is, or would be created.
    pub(super) fn full(&self, name: &Name) -> Name {
        let found = || self.get(name).map_or(&self.current_schema, |relation| &relation.schema).clone();
        Name { schema: Some(name.schema.clone().unwrap_or_else(found)), name: name.name.clone() }
    }
}

fn found(names: &[Name], row: &Row) -> Option<(Name, Relation)> {
    let relation = Relation {
        oid: row.number(1)?,
        schema: row.text(2),
        name: row.text(3),
        qualified: row.text(4),
        table: row.number(5)?,
        kind: row.text(6),
    };
    Some((names.get(row.number::<usize>(0)?)?.clone(), relation))
}
