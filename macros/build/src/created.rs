use std::ops::Range;

use crate::split::Split;
use crate::words::Words;

/// The tables that a text creates: nobody else uses one yet, so what follows on it is no hazard, until it is
/// dropped or renamed: from there on the name may mean a table that has long been there.
#[derive(Debug)]
pub(crate) struct CreatedTables {
    /// Where the statements are that touch such a table only.
    touching: Vec<Range<usize>>,
    /// The names, each with the statements that may use it so.
    names: Vec<(String, Range<usize>)>,
}

impl CreatedTables {
    pub(crate) fn in_split(split: &Split<'_>) -> Self {
        let mut created = Self { touching: Vec::new(), names: Vec::new() };
        for (place, (statement, words)) in split.statements.iter().zip(split.words()).enumerate() {
            match subject(&mut Words::new(words)) {
                Some(Subject::Created(table)) => created.names.push((table, place + 1..usize::MAX)),
                Some(Subject::Changed(tables)) => {
                    let is_ours = tables.iter().all(|table| created.has(table, place));
                    created.touching.extend(is_ours.then(|| statement.range.clone()));
                }
                Some(Subject::Ended(tables)) => {
                    let is_ours = tables.iter().all(|table| created.has(table, place));
                    created.touching.extend(is_ours.then(|| statement.range.clone()));
                    created.end(&tables, place + 1);
                }
                None => {}
            }
        }
        created
    }

    /// Whether a statement finds the table that the text has created under that name.
    pub(crate) fn has(&self, table: &str, statement: usize) -> bool {
        self.names.iter().any(|(name, statements)| name == table && statements.contains(&statement))
    }

    pub(crate) fn are_touched_at(&self, offset: usize) -> bool {
        self.touching.iter().any(|range| range.contains(&offset))
    }

    fn end(&mut self, tables: &[String], statement: usize) {
        let ended = self.names.iter_mut().filter(|(name, _)| tables.contains(name));
        ended.for_each(|(_, statements)| statements.end = statements.end.min(statement));
    }
}

enum Subject {
    Created(String),
    Changed(Vec<String>),
    /// Dropped, or renamed: the names mean these tables no longer.
    Ended(Vec<String>),
}

/// The table that a statement creates, or the tables that it changes or drops, as they are written.
fn subject(words: &mut Words<'_>) -> Option<Subject> {
    if words.eat(&["CREATE"]) {
        return in_create(words);
    }
    if words.eat(&["ALTER", "TABLE"]) {
        let table = vec![words.altered_table()?];
        let is_moved = words.starts(&["RENAME", "TO"]) || words.starts(&["SET", "SCHEMA"]);
        return Some(if is_moved { Subject::Ended(table) } else { Subject::Changed(table) });
    }
    if words.eat(&["DROP", "TABLE"]) || words.eat(&["DROP", "MATERIALIZED", "VIEW"]) {
        return Some(Subject::Ended(words.names()));
    }
    if words.eat(&["TRUNCATE"]) {
        words.eat(&["TABLE"]);
        return Some(Subject::Changed(words.names()));
    }
    let is_known = words.eat(&["REFRESH", "MATERIALIZED", "VIEW"])
        || words.eat(&["UPDATE"])
        || words.eat(&["DELETE", "FROM"])
        || words.eat(&["INSERT", "INTO"]);
    words.eat(&["ONLY"]);
    let table = words.name().filter(|_| is_known)?;
    Some(Subject::Changed(vec![table]))
}

/// From behind `CREATE`.
fn in_create(words: &mut Words<'_>) -> Option<Subject> {
    words.eat_any(&["TEMP", "TEMPORARY", "UNLOGGED"]);
    if words.eat(&["TABLE"]) || words.eat(&["MATERIALIZED", "VIEW"]) {
        // One that may be there already is none of ours.
        let table = if words.starts(&["IF", "NOT", "EXISTS"]) { None } else { words.name() };
        return table.map(Subject::Created);
    }
    words.eat(&["OR", "REPLACE"]);
    words.eat_any(&["UNIQUE", "CONSTRAINT"]);
    if words.eat_any(&["INDEX", "TRIGGER", "POLICY"]) && words.skip_behind("ON") {
        words.eat(&["ONLY"]);
        return Some(Subject::Changed(vec![words.name()?]));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touching(text: &str) -> Vec<&str> {
        let touching = CreatedTables::in_split(&Split::new(text)).touching;
        touching.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn statements_on_new_tables() {
        let text = "create table a (); alter table a add b int; create unique index i on public.a (b); \
                    drop table a, c; create temp table \"T\" (); drop table if exists \"T\" cascade; truncate b";
        assert_eq!(touching(text), ["alter table a add b int", "drop table if exists \"T\" cascade"]);
        let text =
            "create table A (); create policy p on a; update only a set b = 1; truncate a, c; delete from c";
        assert_eq!(touching(text), ["create policy p on a", "update only a set b = 1"]);
    }

    #[test]
    fn a_name_that_was_dropped_or_moved_is_new_no_longer() {
        for (text, expected) in [
            ("create table a (); drop table a; alter table a drop b", &["drop table a"][..]),
            ("create table a (); drop table s.c, a; alter table a drop b", &[]),
            (
                "create table a (); create table c (); drop table a, c cascade; truncate c",
                &["drop table a, c cascade"],
            ),
            (
                "create table a (); alter table a rename to c; alter table z rename to a; alter table a drop b",
                &["alter table a rename to c"],
            ),
            (
                "create table a (); alter table only a set schema s; truncate a",
                &["alter table only a set schema s"],
            ),
            (
                "create table a (); drop table a; create table a (); alter table a rename b to c; truncate a",
                &["drop table a", "alter table a rename b to c", "truncate a"],
            ),
        ] {
            assert_eq!(touching(text), expected, "{text}");
        }
        // The server refuses these.
        for text in ["create table a (); drop table", "create table a (); drop table a,"] {
            assert!(touching(text).len() < 2, "{text}");
        }
    }
}
