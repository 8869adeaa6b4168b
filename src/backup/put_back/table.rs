use super::live::{KeyColumn, LiveTable};
use crate::backup::TableEntry;
use crate::db::quote_identifier;

/// A table whose rows are not those of the backup, which are beside it once they are staged.
///
/// In the statements `s` is a staged row. Rows are the same by the table's key; without one, if they have the same text, as
/// often as both sides have it. What differs is told by the values' images: `=` calls 1.0 and 1.00 equal, and some types
/// have none.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// Its place among all tables of the backup.
    pub(super) place: usize,
    pub(super) entry: &'a TableEntry,
    pub(super) live: LiveTable,
    key: Option<Vec<KeyColumn>>,
}

/// Columns of rows that have no key; no table has such names.
const ROW: &str = "\"hardtack: row\"";
const NUMBER: &str = "\"hardtack: number\"";

impl<'a> Table<'a> {
    pub(super) fn new(place: usize, entry: &'a TableEntry, live: LiveTable) -> Self {
        let is_taken = |column: &KeyColumn| entry.columns.iter().any(|taken| taken.name == column.name);
        let key = live.keys.iter().find(|key| key.iter().all(is_taken)).cloned();
        Self { place, entry, live, key }
    }

    /// Its name for SQL.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", quote_identifier(&self.entry.schema), quote_identifier(&self.entry.name))
    }

    /// The name of what holds the backup's rows.
    pub(super) fn stage(&self) -> String {
        format!("pg_temp.hardtack_put_back_{}", self.place)
    }

    /// The backup's columns, of `alias` where there is one.
    pub(super) fn columns(&self, alias: &str) -> String {
        let dot = if alias.is_empty() { "" } else { "." };
        let columns = self.entry.columns.iter();
        let columns = columns.map(|column| format!("{alias}{dot}{}", quote_identifier(&column.name)));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// Whether an update can set a column of the backup.
    pub(super) fn can_set(&self, name: &str) -> bool {
        let is_taken = self.entry.columns.iter().any(|column| column.name == name);
        is_taken && !self.live.columns.iter().any(|column| column.name == name && column.is_numbered)
    }

    /// That a row of the table and a staged one are the same; none without a key.
    pub(super) fn same(&self, row: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        let of_key = key.iter().map(|column| {
            let name = quote_identifier(&column.name);
            format!("s.{name} {} {row}.{name}", column.equals)
        });
        // What an update cannot set tells rows apart as well: they are deleted, and inserted.
        let in_key = |name: &str| key.iter().any(|column| column.name == name);
        let fixed =
            self.entry.columns.iter().filter(|column| !self.can_set(&column.name) && !in_key(&column.name));
        let of_fixed = fixed.map(|column| {
            let name = quote_identifier(&column.name);
            format!("pg_catalog.record_image_eq(row(s.{name}), row({row}.{name}))")
        });
        Some(of_key.chain(of_fixed).collect::<Vec<_>>().join(" and "))
    }

    /// That a row of the table is not in the backup.
    pub(super) fn doomed(&self, row: &str) -> String {
        let stage = self.stage();
        match self.same(row) {
            Some(same) => format!("not exists (select from {stage} s where {same})"),
            None => format!(
                "{row}.ctid in (select n.ctid from {} n where not exists (select from {} s where {}))",
                self.numbered(&format!("only {}", self.name()), "ctid, "),
                self.numbered(&stage, ""),
                numbered_alike("n")
            ),
        }
    }

    /// That two rows that are the same have another value in a column of the backup.
    pub(super) fn differs(&self, row: &str) -> String {
        let columns: Vec<&str> = self.entry.columns.iter().map(|column| &*column.name).collect();
        Self::differ(row, &columns)
    }

    /// The same of some columns.
    pub(super) fn differ(row: &str, columns: &[&str]) -> String {
        let list = |alias: &str| {
            let columns = columns.iter().map(|column| format!("{alias}.{}", quote_identifier(column)));
            columns.collect::<Vec<_>>().join(", ")
        };
        format!("pg_catalog.record_image_ne(row({}), row({}))", list(row), list("s"))
    }

    /// Deletes what the backup has not.
    pub(super) fn deletion(&self) -> String {
        format!("delete from only {} t where {}", self.name(), self.doomed("t"))
    }

    /// Deletes what it has otherwise; none without a key.
    pub(super) fn other_deletion(&self) -> Option<String> {
        let (name, stage, same) = (self.name(), self.stage(), self.same("t")?);
        Some(format!("delete from only {name} t using {stage} s where {same} and {}", self.differs("t")))
    }

    /// Changes what it has otherwise; none where rows have no key, or nothing besides.
    pub(super) fn update(&self) -> Option<String> {
        let columns: Vec<&str> = self.entry.columns.iter().map(|column| &*column.name).collect();
        let set: Vec<&str> = columns.into_iter().filter(|column| self.can_set(column)).collect();
        if set.is_empty() {
            return None;
        }
        self.setting(&set, "true")
    }

    /// Sets columns to what the backup has, where they differ and the row fulfils a condition.
    pub(super) fn setting(&self, columns: &[&str], condition: &str) -> Option<String> {
        let set = columns.iter().map(|column| quote_identifier(column));
        let set: Vec<String> = set.map(|column| format!("{column} = s.{column}")).collect();
        Some(format!(
            "update only {} t set {} from {} s where {} and {} and {condition}",
            self.name(),
            set.join(", "),
            self.stage(),
            self.same("t")?,
            Self::differ("t", columns)
        ))
    }

    /// Inserts what is missing.
    pub(super) fn insertion(&self) -> String {
        let (name, stage, columns) = (self.name(), self.stage(), self.columns(""));
        let list = if columns.is_empty() { String::new() } else { format!(" ({columns})") };
        let there = |rows: &str, there: &str, same: &str| {
            format!(
                "insert into {name}{list} overriding system value select {} from {rows} s \
                 where not exists (select from {there} t where {same})",
                self.columns("s")
            )
        };
        match self.same("t") {
            Some(same) => there(&stage, &format!("only {name}"), &same),
            None => there(
                &self.numbered(&stage, &comma(&columns)),
                &self.numbered(&format!("only {name}"), ""),
                &numbered_alike("t"),
            ),
        }
    }

    /// Rows with their texts, and those of one text numbered.
    fn numbered(&self, rows: &str, more: &str) -> String {
        let text = format!("row({})::pg_catalog.text", self.columns("r"));
        format!(
            "(select {more}{text} as {ROW}, pg_catalog.row_number() over (partition by {text}) as {NUMBER} from {rows} r)"
        )
    }
}

fn numbered_alike(row: &str) -> String {
    format!("s.{ROW} operator(pg_catalog.=) {row}.{ROW} and s.{NUMBER} operator(pg_catalog.=) {row}.{NUMBER}")
}

fn comma(columns: &str) -> String {
    if columns.is_empty() { String::new() } else { format!("{columns}, ") }
}
