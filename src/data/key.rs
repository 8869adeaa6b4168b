use std::fmt;

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use super::BackfillError;
use super::answers::answers;
use crate::db::{quote_identifier, quote_literal};

/// The columns that a backfill goes along: a primary key, or a unique index of columns that are not null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    columns: Vec<KeyColumn>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KeyColumn {
    /// Quoted.
    name: String,
    /// As SQL has it.
    data_type: String,
}

/// A place in the order of a key: the key of one row, each value as the server's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(Vec<String>);

impl Position {
    /// Of the values of the key's columns.
    pub(super) fn new(values: Vec<String>) -> Self {
        Self(values)
    }

    /// As hardtack's tables keep it: a literal.
    pub(super) fn literal(&self) -> String {
        // An array of strings always has a JSON form.
        quote_literal(&serde_json::to_string(self).unwrap_or_default())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [value] => formatter.write_str(value),
            values => write!(formatter, "({})", values.join(", ")),
        }
    }
}

impl Key {
    /// The key to go along: the wanted columns, which a unique index has to have in that order; or the primary key, or
    /// else the first unique index.
    pub(super) async fn find(
        client: &Client,
        table: &str,
        wanted: Option<&[String]>,
    ) -> Result<Self, BackfillError> {
        const ACTION: &str = "find the table's key";
        let query = format!(
            "select i.indexrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) \
             from pg_catalog.pg_index i \
             cross join lateral pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality as k (attnum, place) \
             join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum \
             where i.indrelid = {}::pg_catalog.regclass and i.indisunique and i.indisvalid and i.indimmediate \
               and i.indpred is null and i.indexprs is null and k.place <= i.indnkeyatts \
               and not exists (select from pg_catalog.pg_attribute n \
                   where n.attrelid = i.indrelid and not n.attnotnull \
                     and n.attnum = any ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])) \
               and 0 = all (i.indoption::pg_catalog.int2[]) \
             order by not i.indisprimary, i.indexrelid, k.place",
            quote_literal(table)
        );
        let rows = answers(client, ACTION, &query).await?.pop().unwrap_or_default();
        let mut indexes: Vec<(String, Vec<KeyColumn>)> = Vec::new();
        for row in rows {
            let [index, name, data_type] = row.texts(ACTION)?;
            let column = KeyColumn { name: quote_identifier(&name), data_type };
            match indexes.last_mut() {
                Some((last, columns)) if *last == index => columns.push(column),
                _ => indexes.push((index, vec![column])),
            }
        }
        let is_wanted = |columns: &[KeyColumn]| {
            wanted.is_none_or(|wanted| columns.iter().map(|column| &column.name).eq(wanted))
        };
        let found = indexes.into_iter().find(|(_, columns)| is_wanted(columns));
        found.map(|(_, columns)| Self { columns }).ok_or_else(|| {
            let table = table.to_owned();
            match wanted {
                Some(wanted) => BackfillError::NotAKey { table, columns: wanted.join(", ") },
                None => BackfillError::NoKey { table },
            }
        })
    }

    /// Whether a column, quoted, is part of it.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| own.name == column)
    }

    /// The columns, for `order by`.
    pub(super) fn columns(&self) -> String {
        self.list(|column| column.name.clone())
    }

    /// The columns, for `order by` from the end.
    pub(super) fn descending(&self) -> String {
        self.list(|column| format!("{} desc", column.name))
    }

    /// The values as text, for a select list.
    pub(super) fn texts(&self) -> String {
        self.list(|column| format!("{}::pg_catalog.text", column.name))
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// What is true of the rows behind one place, up to and with another.
    pub(super) fn between(&self, after: Option<&Position>, upto: Option<&Position>) -> String {
        let columns = if self.columns.len() == 1 { self.columns() } else { format!("({})", self.columns()) };
        let bound = |operator: &str, at: &Position| format!("{columns} {operator} {}", self.value(at));
        let bounds: Vec<String> = after
            .map(|after| bound(">", after))
            .into_iter()
            .chain(upto.map(|upto| bound("<=", upto)))
            .collect();
        if bounds.is_empty() { "true".to_owned() } else { bounds.join(" and ") }
    }

    fn value(&self, position: &Position) -> String {
        let values: Vec<String> = self
            .columns
            .iter()
            .zip(&position.0)
            .map(|(column, value)| format!("{}::{}", quote_literal(value), column.data_type))
            .collect();
        if let [value] = values.as_slice() { value.clone() } else { format!("({})", values.join(", ")) }
    }

    fn list(&self, each: impl Fn(&KeyColumn) -> String) -> String {
        self.columns.iter().map(each).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(columns: &[(&str, &str)]) -> Key {
        let column = |&(name, data_type): &(&str, &str)| KeyColumn {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
        };
        Key { columns: columns.iter().map(column).collect() }
    }

    #[test]
    fn a_range_of_one_column() {
        let key = key(&[("\"id\"", "bigint")]);
        let (one, two) = (Position::new(vec!["1".to_owned()]), Position::new(vec!["it's".to_owned()]));
        assert_eq!(key.between(None, None), "true");
        assert_eq!(key.between(Some(&one), None), "\"id\" > '1'::bigint");
        assert_eq!(key.between(Some(&one), Some(&two)), "\"id\" > '1'::bigint and \"id\" <= 'it''s'::bigint");
    }

    #[test]
    fn a_range_of_several_columns_compares_rows() {
        let key = key(&[("\"a\"", "text"), ("\"b\"", "uuid")]);
        let at = Position::new(vec!["x".to_owned(), "y".to_owned()]);
        assert_eq!(key.between(None, Some(&at)), "(\"a\", \"b\") <= ('x'::text, 'y'::uuid)");
        assert_eq!(key.texts(), "\"a\"::pg_catalog.text, \"b\"::pg_catalog.text");
        assert_eq!((at.to_string(), at.literal()), ("(x, y)".to_owned(), r#"'["x","y"]'"#.to_owned()));
    }
}
