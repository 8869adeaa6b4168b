//! What a finding is about: the table or other object, and the part of it.

use crate::words::Words;

/// The objects that a place in a statement is about, each with its part: several where one `DROP` or `TRUNCATE` names them.
pub(crate) fn subjects(words: &[String], at: usize, rule: &str) -> Vec<(String, String)> {
    let found = read(&mut Words::new(words), at, rule);
    if found.is_empty() { vec![<(String, String)>::default()] } else { found }
}

fn read(words: &mut Words<'_>, at: usize, rule: &str) -> Vec<(String, String)> {
    if words.eat(&["ALTER"]) {
        return altered(words, at, rule).into_iter().collect();
    }
    if words.eat(&["CREATE"]) {
        return created(words).into_iter().collect();
    }
    if words.eat(&["DROP"]) {
        return dropped(words);
    }
    if words.eat(&["TRUNCATE"]) {
        words.eat(&["TABLE"]);
        return words.names().into_iter().map(whole).collect();
    }
    let is_known = words.eat(&["UPDATE"])
        || words.eat(&["DELETE", "FROM"])
        || words.eat(&["INSERT", "INTO"])
        || words.eat(&["MERGE", "INTO"])
        || words.eat(&["REFRESH", "MATERIALIZED", "VIEW"])
        || words.eat(&["REINDEX"])
        || words.eat(&["CLUSTER"])
        || words.eat(&["VACUUM"])
        || (words.eat_any(&["GRANT", "REVOKE"]) && words.skip_behind("ON"));
    if !is_known {
        return Vec::new();
    }
    if words.eat(&["("]) {
        words.skip_behind(")");
    }
    words.eat_any(&["ONLY", "INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM", "FULL"]);
    words.eat(&["CONCURRENTLY"]);
    words.name().map(whole).into_iter().collect()
}

fn whole(object: String) -> (String, String) {
    (object, String::new())
}

/// Kinds of objects whose own name is not what matters, but the table behind `ON`.
const ON_TABLES: [&str; 3] = ["TRIGGER", "POLICY", "RULE"];

fn altered(words: &mut Words<'_>, at: usize, rule: &str) -> Option<(String, String)> {
    if ON_TABLES.iter().any(|kind| words.eat(&[kind])) {
        return on_table(words);
    }
    words.eat_any(&["FOREIGN", "MATERIALIZED"]);
    words.name()?;
    let object = words.altered_table()?;
    // The action that holds the place, or else the first.
    let mut action = words.at();
    while words.skip_to_comma() && words.at() <= at {
        action = words.at();
    }
    words.go_to(action);
    let part = if rule == "adding-foreign-key-constraint" { referenced(words) } else { None };
    Some((object, part.or_else(|| part_of(words)).unwrap_or_default()))
}

/// The table that an action's foreign key refers to.
fn referenced(words: &Words<'_>) -> Option<String> {
    let mut action = Words::new(words.action());
    action.skip_behind("REFERENCES").then(|| action.name())?
}

/// The column, constraint or other part that an action of an `ALTER` names.
fn part_of(words: &mut Words<'_>) -> Option<String> {
    let constraints = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "NOT", "GENERATED"];
    match words.rest().first()?.as_str() {
        "RENAME" => {
            words.eat(&["RENAME"]);
            if words.starts(&["TO"]) {
                return None;
            }
        }
        "ADD" => {
            words.eat(&["ADD"]);
            if constraints.iter().any(|kind| words.starts(&[kind])) {
                return None;
            }
        }
        "DROP" | "ALTER" | "VALIDATE" | "ATTACH" | "DETACH" => words.go_to(words.at() + 1),
        "ENABLE" | "DISABLE" => {
            let is_named = words.action().iter().any(|word| word == "TRIGGER" || word == "RULE");
            words.skip_behind("TRIGGER").then_some(is_named)?;
        }
        _ => return None,
    }
    words.eat_any(&["COLUMN", "CONSTRAINT", "ATTRIBUTE", "VALUE", "PARTITION"]);
    let _ = words.eat(&["IF", "NOT", "EXISTS"]) || words.eat(&["IF", "EXISTS"]);
    words.name()
}

fn created(words: &mut Words<'_>) -> Option<(String, String)> {
    words.eat(&["OR", "REPLACE"]);
    words.eat_any(&["TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "CONSTRAINT", "RECURSIVE"]);
    if ON_TABLES.iter().any(|kind| words.eat(&[kind])) {
        return on_table(words);
    }
    words.eat_any(&["FOREIGN", "MATERIALIZED"]);
    let is_index = words.eat(&["INDEX"]);
    if !is_index {
        words.name()?;
    }
    words.eat(&["CONCURRENTLY"]);
    words.eat(&["IF", "NOT", "EXISTS"]);
    let name = if is_index && words.starts(&["ON"]) { String::new() } else { words.name()? };
    if !is_index {
        return Some(whole(name));
    }
    words.eat(&["ON"]);
    words.eat(&["ONLY"]);
    Some((words.name()?, name))
}

fn dropped(words: &mut Words<'_>) -> Vec<(String, String)> {
    if ON_TABLES.iter().any(|kind| words.eat(&[kind])) {
        words.eat(&["IF", "EXISTS"]);
        return on_table(words).into_iter().collect();
    }
    words.eat_any(&["FOREIGN", "MATERIALIZED"]);
    if words.name().is_none() {
        return Vec::new();
    }
    words.eat(&["CONCURRENTLY"]);
    words.names().into_iter().map(whole).collect()
}

/// `name .. ON table`, or `name AS ON event TO table` for a rule.
fn on_table(words: &mut Words<'_>) -> Option<(String, String)> {
    let name = words.name()?;
    let is_rule = words.starts(&["AS", "ON"]);
    words.skip_behind(if is_rule { "TO" } else { "ON" });
    Some((words.name()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::Split;

    #[test]
    fn objects_and_parts_are_named() {
        for (text, word, expected) in [
            ("alter table only App.\"T\" add column a int, drop b", "drop", "app.\"T\" b"),
            ("alter table t add constraint c check (a > 0, b)", "check", "t c"),
            ("alter table t alter column a type text", "type", "t a"),
            ("alter table t add unique (a)", "unique", "t "),
            ("alter table t rename to u", "rename", "t "),
            ("alter table t rename a to b", "rename", "t a"),
            ("alter table t detach partition t_1", "detach", "t t_1"),
            ("alter table t disable trigger g", "disable", "t g"),
            ("alter table t enable row level security", "enable", "t "),
            ("alter type mood rename value 'a' to 'b'", "rename", "mood 'a'"),
            ("alter domain d add constraint c check (value > 0)", "add", "d c"),
            ("alter policy p on s.t to u", "to", "s.t p"),
            ("alter materialized view m set schema s", "set", "m "),
            ("create unique index concurrently if not exists i on only t (a)", "create", "t i"),
            ("create index on t (a)", "create", "t "),
            ("create or replace view v as select 1", "create", "v "),
            ("create constraint trigger g after insert on t execute function f()", "create", "t g"),
            ("create rule r as on insert to t do nothing", "create", "t r"),
            ("drop index concurrently if exists i", "drop", "i "),
            ("drop trigger if exists g on t", "drop", "t g"),
            ("drop table if exists a, b cascade", "drop", "a |b "),
            ("reindex (verbose) table t", "reindex", "t "),
            ("revoke select on table t from u", "revoke", "t "),
            ("refresh materialized view m", "refresh", "m "),
            ("select 1", "select", " "),
        ] {
            let split = Split::new(text);
            let at = split.word_at(&split.statements[0], text.find(word).unwrap());
            let found = subjects(&split.words()[0], at, "");
            let found: Vec<_> = found.iter().map(|(object, part)| format!("{object} {part}")).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
        let text = "alter table a add b int, add foreign key (b) references s.c (d), add constraint x foreign key (b) references e";
        let split = Split::new(text);
        let words = &split.words()[0];
        let at = |word: &str| split.word_at(&split.statements[0], text.rfind(word).unwrap());
        let rule = "adding-foreign-key-constraint";
        assert_eq!(subjects(words, at("s.c"), rule), [("a".to_owned(), "s.c".to_owned())]);
        assert_eq!(subjects(words, at("references"), rule), [("a".to_owned(), "e".to_owned())]);
    }
}
