//! Columns, constraints and indexes of the tables that a plan touches.

use crate::safety::judge::ask::{Answers, Row, oids, take};
use crate::safety::judge::token::{Token, tokens};

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) table: u32,
    pub(super) name: String,
    pub(super) not_null: bool,
    /// As `format_type` writes it.
    pub(super) data_type: String,
}

/// A constraint of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Constraint {
    pub(super) table: u32,
    pub(super) name: String,
    /// As `pg_constraint.contype` has it.
    pub(super) kind: String,
    pub(super) validated: bool,
    pub(super) definition: String,
    /// Its column, where it has one only.
    pub(super) column: Option<String>,
}

/// An index of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) table: u32,
    pub(super) name: String,
    pub(super) valid: bool,
    pub(super) definition: String,
    /// Somebody builds it now.
    pub(super) building: bool,
}

/// All of a plan's tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Structure {
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) indexes: Vec<Index>,
}

impl Structure {
    pub(super) fn column_query(tables: &[u32]) -> String {
        format!(
            "select attrelid, attname, attnotnull, pg_catalog.format_type(atttypid, atttypmod) \
             from pg_catalog.pg_attribute where attrelid in ({}) and attnum > 0 and not attisdropped",
            oids(tables)
        )
    }

    /// Definitions with an expression want a lock on their table, though the weakest.
    pub(super) fn definition_queries(tables: &[u32]) -> [String; 2] {
        let tables = oids(tables);
        let constraints = format!(
            "select c.conrelid, c.conname, c.contype, c.convalidated, pg_catalog.pg_get_constraintdef(c.oid), a.attname \
             from pg_catalog.pg_constraint c left join pg_catalog.pg_attribute a on a.attrelid = c.conrelid \
                 and a.attnum = c.conkey[1] and pg_catalog.cardinality(c.conkey) = 1 \
             where c.conrelid in ({tables}) order by c.conname"
        );
        let indexes = format!(
            "select x.indrelid, c.relname, x.indisvalid, pg_catalog.pg_get_indexdef(x.indexrelid), \
                 exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = x.indexrelid) \
             from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indexrelid \
             where x.indrelid in ({tables}) order by c.relname"
        );
        [constraints, indexes]
    }

    pub(super) fn read(columns: &Answers, definitions: &Answers) -> Self {
        Self {
            columns: take(columns, 1, column),
            constraints: take(definitions, 1, constraint),
            indexes: take(definitions, 2, index),
        }
    }

    pub(super) fn column(&self, table: u32, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.table == table && column.name == name)
    }

    pub(super) fn constraint(&self, table: u32, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.table == table && constraint.name == name)
    }

    /// The constraint by which no row has a null in the column, validated or not.
    pub(super) fn not_null_check(&self, table: u32, column: &str) -> Option<&Constraint> {
        let of_column = |constraint: &&Constraint| {
            constraint.table == table
                && constraint.column.as_deref() == Some(column)
                && constraint.bars_null(column)
        };
        self.constraints.iter().filter(of_column).max_by_key(|constraint| constraint.validated)
    }

    /// Whether the column is declared so, and all rows were looked at: from PostgreSQL 18 on that is a constraint that may be
    /// not yet validated.
    pub(super) fn is_not_null(&self, table: u32, column: &str) -> bool {
        let is_open = |constraint: &Constraint| {
            let of_column = constraint.table == table && constraint.column.as_deref() == Some(column);
            of_column && constraint.kind == "n" && !constraint.validated
        };
        self.column(table, column).is_some_and(|column| column.not_null)
            && !self.constraints.iter().any(is_open)
    }

    /// An index that is what the statement builds, under whatever name.
    pub(super) fn equal_index(&self, table: u32, statement: &str) -> Option<&Index> {
        let (unique, wanted) = built(statement)?;
        let is_equal = |index: &&Index| {
            index.table == table && index.valid && built(&index.definition) == Some((unique, wanted.clone()))
        };
        self.indexes.iter().find(is_equal)
    }
}

impl Constraint {
    fn bars_null(&self, column: &str) -> bool {
        let words: Vec<_> = tokens(&self.definition).into_iter().map(|token| token.text).collect();
        let words: Vec<_> =
            words.iter().map(String::as_str).filter(|word| !["(", ")"].contains(word)).collect();
        let words = words.strip_suffix(&["not", "valid"]).unwrap_or(&words);
        self.kind == "c" && words == ["check", column, "is", "not", "null"]
    }
}

/// Whether `CREATE INDEX` makes a unique one, and all that follows the table's name.
fn built(statement: &str) -> Option<(bool, Vec<Token>)> {
    let words = tokens(statement);
    let is = |token: &Token, keyword: &str| !token.quoted && token.text == keyword;
    let unique = words.get(1).is_some_and(|word| is(word, "unique"));
    let on = words.iter().position(|word| is(word, "on"))?;
    let opening = on + words[on..].iter().position(|word| is(word, "("))?;
    let using = words[on..opening].iter().position(|word| is(word, "using")).map(|place| on + place + 1);
    let method = using.and_then(|place| words.get(place)).map_or("btree", |word| word.text.as_str());
    let method = Token { text: method.to_owned(), quoted: false };
    let rest = words[opening..].iter().map(|word| Token { quoted: false, ..word.clone() });
    Some((unique, std::iter::once(method).chain(rest).collect()))
}

fn column(row: &Row) -> Option<Column> {
    Some(Column { table: row.number(0)?, name: row.text(1), not_null: row.is(2), data_type: row.text(3) })
}

fn constraint(row: &Row) -> Option<Constraint> {
    Some(Constraint {
        table: row.number(0)?,
        name: row.text(1),
        kind: row.text(2),
        validated: row.is(3),
        definition: row.text(4),
        column: row.maybe(5),
    })
}

fn index(row: &Row) -> Option<Index> {
    Some(Index {
        table: row.number(0)?,
        name: row.text(1),
        valid: row.is(2),
        definition: row.text(3),
        building: row.is(4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(definition: &str, validated: bool) -> Constraint {
        let (kind, column) = ("c".into(), Some("a".into()));
        Constraint { table: 1, name: "c".into(), kind, validated, definition: definition.into(), column }
    }

    #[test]
    fn a_check_that_bars_null_is_known() {
        let structure = |definition: &str, validated| Structure {
            constraints: vec![check(definition, validated)],
            ..Structure::default()
        };
        let validated = structure("CHECK ((a IS NOT NULL))", true);
        assert!(validated.not_null_check(1, "a").unwrap().validated);
        let open = structure("CHECK ((a IS NOT NULL)) NOT VALID", false);
        assert!(!open.not_null_check(1, "a").unwrap().validated);
        assert!(structure("CHECK (((a IS NOT NULL) OR (a > 1)))", true).not_null_check(1, "a").is_none());
        assert!(validated.not_null_check(2, "a").is_none());
    }

    #[test]
    fn a_not_null_that_is_not_validated_is_none_yet() {
        let column = Column { table: 1, name: "a".into(), not_null: true, data_type: "integer".into() };
        let mut structure = Structure { columns: vec![column], ..Structure::default() };
        assert!(structure.is_not_null(1, "a"));
        structure.constraints.push(Constraint { kind: "n".into(), ..check("NOT NULL a NOT VALID", false) });
        assert!(!structure.is_not_null(1, "a"));
    }

    #[test]
    fn an_equal_index_is_found_under_another_name() {
        let definition =
            "CREATE INDEX other ON public.orders USING btree (good, \"When\" DESC) WHERE (good > 1)";
        let index = Index {
            table: 1,
            name: "other".into(),
            valid: true,
            definition: definition.into(),
            ..Index::default()
        };
        let structure = Structure { indexes: vec![index], ..Structure::default() };
        let found = |statement: &str| structure.equal_index(1, statement).is_some();
        assert!(found("create index concurrently i on orders (good, \"When\" desc) where (good > 1)"));
        assert!(found("create index i on orders using btree (good, \"When\" desc) where (good > 1)"));
        assert!(!found("create index i on orders (good)"));
        assert!(!found("create unique index i on orders (good, \"When\" desc) where (good > 1)"));
    }
}
