//! Random schemas as SQL: a seed a slot, a slot an object, so that another seed in one slot is a change of one object. What
//! refers to other objects chooses among those that are there, so every list of seeds is a schema that loads.

use std::fmt::Write;

use fastrand::Rng;

/// How many seeds make a schema.
pub(super) const SLOTS: usize =
    SLOTS_BY_KIND.0 + SLOTS_BY_KIND.1 + 2 * TABLES + PARTITIONED + INDEXES + VIEWS + DEPENDANTS + PRIVILEGES;

/// Types and sequences; functions.
const SLOTS_BY_KIND: (usize, usize) = (7, 3);
const TABLES: usize = 6;
const PARTITIONED: usize = 2;
const INDEXES: usize = 6;
const VIEWS: usize = 6;
const DEPENDANTS: usize = 8;
const PRIVILEGES: usize = 6;

/// A type with a default that fits, where there is one.
#[derive(Clone)]
struct Type {
    name: String,
    default: Option<String>,
}

#[derive(Clone)]
struct Column {
    name: String,
    kind: String,
    /// A generated column: nothing may be generated from it.
    derived: bool,
}

#[derive(Clone)]
struct Relation {
    name: String,
    columns: Vec<Column>,
    /// The type of the primary key `id`, where it has one.
    key: Option<&'static str>,
    is_table: bool,
}

struct Builder<'a> {
    seeds: std::slice::Iter<'a, u32>,
    sql: String,
    types: Vec<Type>,
    /// Functions of an integer that give an integer.
    functions: Vec<String>,
    sequences: Vec<String>,
    relations: Vec<Relation>,
}

/// The schema of those seeds. A seed of 0 leaves its object out.
pub(super) fn schema(seeds: &[u32]) -> String {
    let mut builder = Builder {
        seeds: seeds.iter(),
        sql: String::from("CREATE SCHEMA app;\n"),
        types: built_in_types(),
        functions: Vec::new(),
        sequences: Vec::new(),
        relations: Vec::new(),
    };
    builder.types_and_sequences();
    builder.functions();
    builder.tables();
    (0..PARTITIONED).for_each(|number| builder.partitioned(number));
    builder.constraints();
    (0..INDEXES).for_each(|number| builder.index(number));
    (0..VIEWS).for_each(|number| builder.view(number));
    (0..DEPENDANTS).for_each(|number| builder.dependant(number));
    (0..PRIVILEGES).for_each(|_| builder.privilege());
    builder.sql
}

fn built_in_types() -> Vec<Type> {
    [
        ("integer", "0"),
        ("bigint", "42"),
        ("smallint", "3"),
        ("text", "'it''s'"),
        ("character varying(20)", "'v'"),
        ("numeric(10,2)", "1.5"),
        ("boolean", "true"),
        ("date", "'2024-01-01'"),
        ("timestamp with time zone", "now()"),
        ("jsonb", "'{\"a\": 1}'"),
        ("uuid", ""),
        ("text[]", "'{}'"),
        ("interval", "'1 day'"),
        ("bytea", ""),
        ("double precision", "0.5"),
    ]
    .map(|(name, default)| Type::new(name, default))
    .into()
}

impl Type {
    fn new(name: &str, default: &str) -> Self {
        Self { name: name.to_owned(), default: (!default.is_empty()).then(|| default.to_owned()) }
    }
}

impl Builder<'_> {
    /// The next slot's choices; none where its object is left out.
    fn slot(&mut self) -> Option<Rng> {
        let seed = *self.seeds.next().expect("a seed for each slot");
        let mut rng = Rng::with_seed(seed.into());
        (seed != 0 && rng.u8(..5) != 0).then_some(rng)
    }

    fn say(&mut self, statement: &str) {
        let _ = writeln!(self.sql, "{statement};");
    }

    fn types_and_sequences(&mut self) {
        for name in ["plan", "app.\"Mood\""] {
            let Some(mut rng) = self.slot() else { continue };
            let labels: Vec<_> = ["'free'", "'it''s'", "'team'", "'Big One'", "'huge'", "'last'"]
                .into_iter()
                .filter(|_| rng.u8(..3) != 0)
                .collect();
            let first = labels.first().copied().unwrap_or("'only'");
            let labels = if labels.is_empty() { first.to_owned() } else { labels.join(", ") };
            self.say(&format!("CREATE TYPE {name} AS ENUM ({labels})"));
            self.types.push(Type::new(name, first));
            self.types.push(Type::new(&format!("{name}[]"), ""));
        }
        for name in ["email", "app.amount"] {
            let Some(mut rng) = self.slot() else { continue };
            let (base, default, check) = [
                ("text", "'a@b'", "VALUE <> ''"),
                ("character varying(30)", "'a'", "length(VALUE) < 20"),
                ("integer", "7", "VALUE > 0"),
                ("numeric", "1", "VALUE < 1000"),
            ][rng.usize(..4)];
            let check =
                [String::new(), format!(" CHECK ({check})"), format!(" CONSTRAINT shape CHECK ({check})")]
                    [rng.usize(..3)]
                .clone();
            let default_too = if rng.bool() { format!(" DEFAULT {default}") } else { String::new() };
            self.say(&format!("CREATE DOMAIN {name} AS {base}{default_too}{check}"));
            self.types.push(Type::new(name, default));
        }
        if let Some(mut rng) = self.slot() {
            let mut attributes = Vec::new();
            for name in ["x", "y", "\"Z\""] {
                let kind = &self.types[rng.usize(..self.types.len())].name;
                if attributes.is_empty() || rng.bool() {
                    attributes.push(format!("{name} {kind}"));
                }
            }
            self.say(&format!("CREATE TYPE pair AS ({})", attributes.join(", ")));
            self.types.push(Type::new("pair", ""));
        }
        for name in ["numbers", "app.codes"] {
            let Some(mut rng) = self.slot() else { continue };
            let options = [
                " AS integer",
                " INCREMENT BY 5 CACHE 10",
                " MINVALUE 10 MAXVALUE 5000 START WITH 100 CYCLE",
                "",
            ][rng.usize(..4)];
            self.say(&format!("CREATE SEQUENCE {name}{options}"));
            self.sequences.push(name.to_owned());
        }
    }

    fn functions(&mut self) {
        for name in ["twice", "app.calculate", "\"Odd Name\""] {
            let Some(mut rng) = self.slot() else { continue };
            let argument = ["value", "number"][rng.usize(..2)];
            let body = match self.functions.last() {
                Some(other) if rng.bool() => format!("{}({argument}) + 1", with_schema(other)),
                _ => format!("{argument} * {}", rng.u8(1..4)),
            };
            let more = ["", " STRICT", " PARALLEL SAFE COST 5", " SET search_path = ''"][rng.usize(..4)];
            let text = if more.contains("search_path") || rng.bool() {
                format!("LANGUAGE plpgsql IMMUTABLE{more} AS $$ BEGIN RETURN {body}; END $$")
            } else {
                format!("LANGUAGE sql IMMUTABLE{more} AS $$ SELECT {body} $$")
            };
            self.say(&format!("CREATE FUNCTION {name}({argument} integer) RETURNS integer {text}"));
            self.functions.push(name.to_owned());
        }
    }

    fn tables(&mut self) {
        for name in ["account", "project", "app.task", "app.\"Note\"", "\"order\"", "entry"] {
            let Some(mut rng) = self.slot() else { continue };
            let mut parts = Vec::new();
            let key = (rng.u8(..6) != 0).then(|| ["integer", "bigint"][rng.usize(..2)]);
            if let Some(kind) = key {
                let identity = [
                    "",
                    " GENERATED ALWAYS AS IDENTITY",
                    " GENERATED BY DEFAULT AS IDENTITY (START WITH 100)",
                ][rng.usize(..3)];
                parts.push(format!("id {kind}{identity} PRIMARY KEY"));
            }
            let mut columns = self.columns(&mut rng, &mut parts);
            if let Some(kind) = key {
                columns.insert(0, Column { name: "id".into(), kind: kind.into(), derived: false });
            }
            let unlogged = if rng.u8(..8) == 0 { "UNLOGGED " } else { "" };
            let options = if rng.u8(..6) == 0 { " WITH (fillfactor = 70)" } else { "" };
            self.say(&format!("CREATE {unlogged}TABLE {name} ({}){options}", parts.join(", ")));
            for column in &columns {
                if rng.u8(..8) == 0 {
                    self.say(&format!("COMMENT ON COLUMN {name}.{} IS 'Note {}'", column.name, rng.u8(..3)));
                }
            }
            if rng.u8(..4) == 0 {
                self.say(&format!("COMMENT ON TABLE {name} IS 'Of {}'", rng.u8(..3)));
            }
            // An unlogged table cannot be referred to by a logged one.
            let key = key.filter(|_| unlogged.is_empty());
            self.relations.push(Relation { name: name.to_owned(), columns, key, is_table: true });
        }
    }

    /// Up to six columns, appended to the parts of a CREATE TABLE.
    fn columns(&self, rng: &mut Rng, parts: &mut Vec<String>) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        for name in ["name", "state", "\"Amount\"", "\"select\"", "due", "extra"] {
            if rng.u8(..3) == 0 {
                continue;
            }
            let number = columns.iter().find(|column| column.kind == "integer" && !column.derived);
            if let Some(Column { name: number, .. }) = number
                && rng.u8(..6) == 0
            {
                let call = self.functions.first().map_or("abs", String::as_str);
                parts.push(format!(
                    "{name} integer GENERATED ALWAYS AS ({call}({number}) + {}) STORED",
                    rng.u8(..3)
                ));
                columns.push(Column { name: name.into(), kind: "integer".into(), derived: true });
                continue;
            }
            let kind = &self.types[rng.usize(..self.types.len())];
            let not_null = if rng.u8(..3) == 0 { " NOT NULL" } else { "" };
            let default = match &kind.default {
                Some(_) if kind.name == "integer" && !self.sequences.is_empty() && rng.u8(..3) == 0 => {
                    format!(" DEFAULT nextval('{}')", self.sequences[rng.usize(..self.sequences.len())])
                }
                Some(default) if rng.bool() => format!(" DEFAULT {default}"),
                _ => String::new(),
            };
            let collation = if kind.name == "text" && rng.u8(..4) == 0 { " COLLATE \"C\"" } else { "" };
            parts.push(format!("{name} {}{collation}{default}{not_null}", kind.name));
            columns.push(Column { name: name.into(), kind: kind.name.clone(), derived: false });
        }
        columns
    }

    fn partitioned(&mut self, number: usize) {
        let Some(mut rng) = self.slot() else { return };
        let name = ["event", "app.measure"][number];
        let (key, bounds): (_, &[&str]) = match rng.u8(..3) {
            0 => (
                "RANGE (at)",
                &["FROM ('2024-01-01') TO ('2025-01-01')", "FROM ('2025-01-01') TO (MAXVALUE)"],
            ),
            1 => ("LIST (region)", &["IN ('eu', 'uk')", "IN ('us')"]),
            _ => ("HASH (id)", &["WITH (MODULUS 2, REMAINDER 0)", "WITH (MODULUS 2, REMAINDER 1)"]),
        };
        // A key of partitions cannot change its type.
        let kind = "integer";
        let mut parts =
            vec![format!("id {kind} NOT NULL"), "at date NOT NULL".into(), "region text DEFAULT 'eu'".into()];
        let mut columns = self.columns(&mut rng, &mut parts);
        columns.insert(0, Column { name: "id".into(), kind: kind.into(), derived: false });
        self.say(&format!("CREATE TABLE {name} ({}) PARTITION BY {key}", parts.join(", ")));
        for (part, bound) in bounds.iter().enumerate() {
            if rng.u8(..4) != 0 {
                self.say(&format!("CREATE TABLE {name}_{part} PARTITION OF {name} FOR VALUES {bound}"));
            }
        }
        if !key.starts_with("HASH") && rng.bool() {
            self.say(&format!("CREATE TABLE {name}_rest PARTITION OF {name} DEFAULT"));
        }
        self.relations.push(Relation { name: name.to_owned(), columns, key: None, is_table: true });
    }

    /// A slot a table: a check, a unique constraint or a foreign key.
    fn constraints(&mut self) {
        for number in 0..TABLES {
            let Some(mut rng) = self.slot() else { continue };
            let Some(table) = self.table(&mut rng) else { continue };
            let name = &table.name;
            let column = table.columns[rng.usize(..table.columns.len())].clone();
            // Of two equal ones, `CREATE TABLE` makes one.
            let is_unique_already = self
                .sql
                .lines()
                .any(|line| line.contains(&format!("TABLE {name} ")) && line.contains("UNIQUE"));
            let text = match rng.u8(..3) {
                0 => {
                    let not_valid = if rng.u8(..4) == 0 { " NOT VALID" } else { "" };
                    format!(
                        "ADD CONSTRAINT c{number} CHECK ({}){not_valid}",
                        self.condition(&mut rng, &column)
                    )
                }
                1 if table.key.is_some() && column.name != "id" && !is_unique_already => {
                    let later = if rng.u8(..4) == 0 { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
                    format!("ADD CONSTRAINT c{number} UNIQUE ({}, id){later}", column.name)
                }
                _ => match self.target(&mut rng) {
                    Some((target, key)) => {
                        let actions = [
                            "",
                            " ON DELETE CASCADE",
                            " ON DELETE SET NULL ON UPDATE RESTRICT",
                            " DEFERRABLE",
                        ][rng.usize(..4)];
                        format!(
                            "ADD COLUMN parent{number} {key}, ADD CONSTRAINT c{number} FOREIGN KEY (parent{number}) REFERENCES {target}{actions}"
                        )
                    }
                    None => continue,
                },
            };
            self.say(&format!("ALTER TABLE {name} {text}"));
            if rng.u8(..4) == 0 {
                self.say(&format!("COMMENT ON CONSTRAINT c{number} ON {name} IS 'Because'"));
            }
        }
    }

    fn index(&mut self, number: usize) {
        let Some(mut rng) = self.slot() else { return };
        let Some(table) = self.table(&mut rng) else { return };
        let column = table.columns[rng.usize(..table.columns.len())].clone();
        let what = match rng.u8(..5) {
            0 => format!("(lower({}::text))", column.name),
            1 => format!("{} DESC NULLS LAST", column.name),
            2 if column.kind == "integer" && !self.functions.is_empty() => {
                format!("{}({})", self.functions[rng.usize(..self.functions.len())], column.name)
            }
            _ => column.name.clone(),
        };
        // A cast of some types to text depends on settings, so an index may not use it.
        let is_text = column.kind == "text" || column.kind.starts_with("character varying");
        let what = if what.starts_with("(lower") && !is_text { column.name.clone() } else { what };
        let condition = if rng.u8(..3) == 0 {
            format!(" WHERE {}", self.condition(&mut rng, &column))
        } else {
            String::new()
        };
        let options = if rng.u8(..5) == 0 { " WITH (fillfactor = 80)" } else { "" };
        self.say(&format!("CREATE INDEX i{number} ON {} ({what}){options}{condition}", table.name));
    }

    fn view(&mut self, number: usize) {
        let Some(mut rng) = self.slot() else { return };
        let Some(source) = self.relation(&mut rng) else { return };
        let is_materialised = rng.u8(..4) == 0;
        let name = format!("{}v{number}", ["", "app."][rng.usize(..2)]);
        let mut columns = Vec::new();
        let mut list = Vec::new();
        for column in &source.columns {
            if list.is_empty() || rng.u8(..3) != 0 {
                list.push(format!("s.{}", column.name));
                columns.push(Column { derived: true, ..column.clone() });
            }
        }
        let number_column = columns.iter().find(|column| column.kind == "integer");
        if let (Some(column), Some(function)) = (number_column, self.functions.last())
            && rng.bool()
        {
            list.push(format!("{function}(s.{}) AS computed{number}", column.name));
            columns.push(Column { name: format!("computed{number}"), kind: "integer".into(), derived: true });
        }
        let condition = match source.columns.first() {
            Some(column) if rng.bool() => format!(" WHERE s.{} IS NOT NULL", column.name),
            _ => String::new(),
        };
        let options = if !is_materialised && rng.u8(..5) == 0 { " WITH (security_barrier)" } else { "" };
        let kind = if is_materialised { "MATERIALIZED VIEW" } else { "VIEW" };
        self.say(&format!(
            "CREATE {kind} {name}{options} AS SELECT {} FROM {} s{condition}",
            list.join(", "),
            source.name
        ));
        if is_materialised && rng.bool() {
            self.say(&format!(
                "CREATE INDEX {} ON {name} ({})",
                format_args!("v{number}_i"),
                columns[0].name
            ));
        }
        if rng.u8(..4) == 0 {
            self.say(&format!("COMMENT ON {kind} {name} IS 'View {}'", rng.u8(..3)));
        }
        self.relations.push(Relation { name, columns, key: None, is_table: false });
    }

    /// A trigger, a policy, a rule, extended statistics, or a routine over a relation's row.
    fn dependant(&mut self, number: usize) {
        let Some(mut rng) = self.slot() else { return };
        let Some(table) = self.table(&mut rng) else { return };
        let name = &table.name;
        let column = table.columns[rng.usize(..table.columns.len())].clone();
        match rng.u8(..6) {
            0 => {
                let condition = self.condition(&mut rng, &Column { name: format!("NEW.{}", column.name), ..column.clone() });
                let when = if column.derived || rng.bool() { String::new() } else { format!(" WHEN ({condition})") };
                let events = ["INSERT", "INSERT OR UPDATE", "UPDATE"][rng.usize(..3)];
                self.say(&format!(
                    "CREATE FUNCTION touch{number}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
                ));
                self.say(&format!(
                    "CREATE TRIGGER g{number} BEFORE {events} ON {name} FOR EACH ROW{when} EXECUTE FUNCTION touch{number}()"
                ));
                if rng.u8(..4) == 0 {
                    self.say(&format!("ALTER TABLE {name} DISABLE TRIGGER g{number}"));
                }
            }
            1 => {
                let condition = self.condition(&mut rng, &column);
                let whom = ["", " TO golden_reader"][rng.usize(..2)];
                let command = ["", " FOR SELECT", " FOR DELETE"][rng.usize(..3)];
                self.say(&format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
                self.say(&format!("CREATE POLICY p{number} ON {name}{command}{whom} USING ({condition})"));
            }
            2 => {
                let [first, .., last] = &*table.columns else { return };
                let (first, last) = (first.name.clone(), last.name.clone());
                let kinds = ["", " (dependencies)", " (ndistinct, mcv)"][rng.usize(..3)];
                self.say(&format!("CREATE STATISTICS app.s{number}{kinds} ON {first}, {last} FROM {name}"));
            }
            3 => self.say(&format!(
                "CREATE RULE r{number} AS ON DELETE TO {name} WHERE OLD.{} IS NULL DO INSTEAD NOTHING",
                column.name
            )),
            4 => self.say(&format!(
                "CREATE FUNCTION rows{number}() RETURNS SETOF {name} LANGUAGE sql STABLE AS $$ SELECT * FROM {} $$",
                with_schema(name)
            )),
            _ => self.say(&format!(
                "CREATE FUNCTION of_row{number}(row_ {name}) RETURNS text LANGUAGE sql STABLE AS $$ SELECT row_::text $$"
            )),
        }
    }

    fn privilege(&mut self) {
        let Some(mut rng) = self.slot() else { return };
        let whom = ["golden_reader", "golden_writer", "PUBLIC"][rng.usize(..3)];
        match rng.u8(..5) {
            0 => {
                if let Some(function) = self.functions.first().cloned() {
                    self.say(&format!("REVOKE ALL ON FUNCTION {function}(integer) FROM PUBLIC"));
                    self.say(&format!("GRANT EXECUTE ON FUNCTION {function}(integer) TO {whom}"));
                }
            }
            1 => {
                if let Some(sequence) = self.sequences.first().cloned() {
                    self.say(&format!("GRANT USAGE ON SEQUENCE {sequence} TO {whom}"));
                }
            }
            2 => self.say(&format!("GRANT USAGE ON SCHEMA app TO {whom}")),
            _ => {
                if let Some(relation) = self.relation(&mut rng) {
                    let privilege = ["SELECT", "SELECT, INSERT", "UPDATE"][rng.usize(..3)];
                    let columns = if rng.u8(..4) == 0 {
                        format!("({})", relation.columns[0].name)
                    } else {
                        String::new()
                    };
                    let privilege = if columns.is_empty() { privilege } else { "SELECT " };
                    self.say(&format!("GRANT {privilege}{columns} ON {} TO {whom}", relation.name));
                }
            }
        }
    }

    /// A table with columns.
    fn table(&self, rng: &mut Rng) -> Option<Relation> {
        let tables: Vec<_> = self
            .relations
            .iter()
            .filter(|relation| relation.is_table && !relation.columns.is_empty())
            .collect();
        (!tables.is_empty()).then(|| tables[rng.usize(..tables.len())].clone())
    }

    /// A table or view with columns.
    fn relation(&self, rng: &mut Rng) -> Option<Relation> {
        let all: Vec<_> = self.relations.iter().filter(|relation| !relation.columns.is_empty()).collect();
        (!all.is_empty()).then(|| all[rng.usize(..all.len())].clone())
    }

    /// A table that can be referred to, and the type of its key.
    fn target(&self, rng: &mut Rng) -> Option<(String, &'static str)> {
        let targets: Vec<_> =
            self.relations.iter().filter_map(|table| Some((table.name.clone(), table.key?))).collect();
        (!targets.is_empty()).then(|| targets[rng.usize(..targets.len())].clone())
    }

    /// An immutable condition on a column.
    fn condition(&self, rng: &mut Rng, column: &Column) -> String {
        let Column { name, kind, .. } = column;
        let function = self.functions.first();
        match (kind.as_str(), function) {
            ("integer", Some(function)) if rng.bool() => format!("{function}({name}) > {}", rng.u8(..5)),
            ("integer" | "bigint" | "smallint", _) => format!("{name} > {}", rng.u8(..5)),
            ("text" | "character varying(20)", _) => format!("{name} <> 'w{}'", rng.u8(..3)),
            _ => format!("{name} IS NOT NULL"),
        }
    }
}

/// A name as it can stand in a body that no search path helps.
fn with_schema(name: &str) -> String {
    if name.starts_with("app.") { name.to_owned() } else { format!("public.{name}") }
}
