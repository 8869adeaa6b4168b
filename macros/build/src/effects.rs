//! What a run must know of a statement before it sends it: whether it stands alone, what it builds, what it loses.

use crate::checks::{needs_no_transaction, transaction_control};
use crate::split::{Split, Statement};
use crate::words::Words;

/// One thing that a statement does. A statement may do several, or none that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The statement's place in its script, from 0.
    pub statement: u32,
    /// What it does.
    pub kind: EffectKind,
    /// To what: a name as SQL writes it, perhaps with its schema; empty where there is none.
    pub object: String,
    /// The second name, where the kind has one.
    pub part: String,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// The server refuses it inside a transaction.
    StandsAlone,
    /// Opens a transaction of the script's own.
    OpensTransaction,
    /// Ends one.
    EndsTransaction,
    /// Changes a setting of the session for the statements behind it.
    Sets,
    /// Builds an index concurrently: its name, empty where the server makes one up, and the table.
    BuildsIndex,
    /// Drops an index concurrently.
    DropsIndex,
    /// Detaches a partition concurrently: the table, and the partition.
    DetachesPartition,
    /// Drops a table with its rows.
    DropsTable,
    /// Drops a column with its values: the table, and the column.
    DropsColumn,
    /// Deletes rows of a table, perhaps all of them.
    DeletesRows,
    /// Changes values of a table, by an `UPDATE` or another type of a column.
    ChangesRows,
    /// Drops whatever hangs on an object, or a whole database: nobody can tell from the text what is lost.
    DropsMore,
    /// Runs code whose effect nobody can tell from the text.
    Opaque,
}

/// The effects of all statements of a text, in order.
pub(crate) fn effects(split: &Split<'_>) -> Vec<Effect> {
    let mut all = Vec::new();
    for (place, (statement, words)) in (0..).zip(split.statements.iter().zip(split.words())) {
        let found = of_statement(split, statement, words);
        all.extend(found.into_iter().map(|(kind, object, part)| Effect {
            statement: place,
            kind,
            object,
            part,
        }));
    }
    all
}

type Found = (EffectKind, String, String);

fn of_statement(split: &Split<'_>, statement: &Statement, words: &[String]) -> Vec<Found> {
    let first: Vec<_> = words.iter().take(6).map(String::as_str).collect();
    let mut found = Vec::new();
    if needs_no_transaction(split, statement, &first).is_some() {
        found.push(bare(EffectKind::StandsAlone));
    }
    match first.as_slice() {
        ["BEGIN", ..] | ["START", "TRANSACTION", ..] => found.push(bare(EffectKind::OpensTransaction)),
        _ if transaction_control(&first).is_some() => found.push(bare(EffectKind::EndsTransaction)),
        ["SET" | "RESET", ..] => found.push(bare(EffectKind::Sets)),
        ["SELECT", ..] if words.iter().any(|word| word == "SET_CONFIG") => found.push(bare(EffectKind::Sets)),
        // A function may do anything.
        ["SELECT", ..] if words.iter().any(|word| word == "(") => found.push(bare(EffectKind::Opaque)),
        ["DO" | "CALL", ..] => found.push(bare(EffectKind::Opaque)),
        _ => found.extend(of_names(&mut Words::new(words))),
    }
    found
}

fn of_names(words: &mut Words<'_>) -> Vec<Found> {
    if words.eat(&["CREATE"]) {
        return index_build(words).into_iter().collect();
    }
    if words.eat(&["DROP", "INDEX", "CONCURRENTLY"]) {
        return words.names().into_iter().map(|index| of(EffectKind::DropsIndex, index)).collect();
    }
    if words.eat(&["DROP", "TABLE"]) || words.eat(&["DROP", "FOREIGN", "TABLE"]) {
        return words.names().into_iter().map(|table| of(EffectKind::DropsTable, table)).collect();
    }
    if words.eat(&["DROP", "DATABASE"]) || words.eat(&["DROP", "OWNED", "BY"]) {
        return vec![of(EffectKind::DropsMore, words.name().unwrap_or_default())];
    }
    if words.eat(&["DROP"]) {
        // Without CASCADE the server refuses where rows hang on it.
        let cascades = words.rest().last().is_some_and(|word| word == "CASCADE");
        let carries =
            ["SCHEMA", "TYPE", "DOMAIN", "EXTENSION", "COLLATION"].iter().any(|kind| words.eat(&[kind]));
        let names = if cascades && carries { words.names() } else { Vec::new() };
        return names.into_iter().map(|name| of(EffectKind::DropsMore, name)).collect();
    }
    if words.eat(&["TRUNCATE"]) {
        words.eat(&["TABLE"]);
        return words.names().into_iter().map(|table| of(EffectKind::DeletesRows, table)).collect();
    }
    if words.eat(&["ALTER", "TABLE"]) || words.eat(&["ALTER", "FOREIGN", "TABLE"]) {
        return table_changes(words);
    }
    if words.eat(&["UPDATE"]) {
        words.eat(&["ONLY"]);
        return words.name().into_iter().map(|table| of(EffectKind::ChangesRows, table)).collect();
    }
    if words.eat(&["ALTER", "TYPE"]) {
        return dropped_attributes(words).into_iter().collect();
    }
    writes(words)
}

/// `CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table`, from behind CREATE.
fn index_build(words: &mut Words<'_>) -> Option<Found> {
    words.eat(&["UNIQUE"]);
    if !words.eat(&["INDEX", "CONCURRENTLY"]) {
        return None;
    }
    words.eat(&["IF", "NOT", "EXISTS"]);
    let index = if words.eat(&["ON"]) {
        String::new()
    } else {
        let index = words.name()?;
        words.eat(&["ON"]).then_some(index)?
    };
    words.eat(&["ONLY"]);
    Some((EffectKind::BuildsIndex, index, words.name()?))
}

/// The actions of an `ALTER TABLE`, from behind these words.
fn table_changes(words: &mut Words<'_>) -> Vec<Found> {
    let Some(table) = words.altered_table() else { return Vec::new() };
    if words.eat(&["DETACH", "PARTITION"]) {
        let partition = words.name();
        let concurrently = partition.filter(|_| words.eat(&["CONCURRENTLY"]));
        return concurrently.map(|part| (EffectKind::DetachesPartition, table, part)).into_iter().collect();
    }
    let mut found = Vec::new();
    loop {
        if words.eat(&["DROP"]) && !words.starts(&["CONSTRAINT"]) && !words.starts(&["EXPRESSION"]) {
            words.eat(&["COLUMN"]);
            words.eat(&["IF", "EXISTS"]);
            found.extend(words.name().map(|column| (EffectKind::DropsColumn, table.clone(), column)));
        }
        if words.changes_type() {
            found.push((EffectKind::ChangesRows, table.clone(), String::new()));
        }
        if !words.skip_to_comma() {
            return found;
        }
    }
}

/// The actions of an `ALTER TYPE`, from behind these words. The values go from every column of the type.
fn dropped_attributes(words: &mut Words<'_>) -> Option<Found> {
    let name = words.name()?;
    while !words.starts(&["DROP", "ATTRIBUTE"]) {
        if !words.skip_to_comma() {
            return None;
        }
    }
    Some(of(EffectKind::DropsMore, name))
}

/// Deletes and updates at the start of a statement, in its `WITH` list, in a `MERGE`, or where rows are there already.
fn writes(words: &mut Words<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if words.eat(&["MERGE", "INTO"]) {
        words.eat(&["ONLY"]);
        let Some(table) = words.name() else { return found };
        let ways = [("DELETE", EffectKind::DeletesRows), ("UPDATE", EffectKind::ChangesRows)];
        let does = |verb: &str| words.rest().windows(2).any(|pair| pair[0] == "THEN" && pair[1] == verb);
        let done = ways.into_iter().filter(|(verb, _)| does(verb));
        found.extend(done.map(|(_, kind)| of(kind, table.clone())));
    } else if ["DELETE", "INSERT", "WITH"].iter().any(|verb| words.starts(&[verb])) {
        let mut inserted = None;
        while !words.rest().is_empty() {
            // `DO UPDATE` is of the insert before it; `FOR UPDATE` locks.
            let follows_list = ["(", ")"].contains(&words.before());
            if words.eat(&["INSERT", "INTO"]) {
                inserted = words.name();
            } else if words.eat(&["DELETE", "FROM"]) {
                words.eat(&["ONLY"]);
                found.extend(words.name().map(|table| of(EffectKind::DeletesRows, table)));
            } else if words.eat(&["DO", "UPDATE"]) {
                found.extend(inserted.clone().map(|table| of(EffectKind::ChangesRows, table)));
            } else if follows_list && words.eat(&["UPDATE"]) {
                words.eat(&["ONLY"]);
                found.extend(words.name().map(|table| of(EffectKind::ChangesRows, table)));
            } else {
                words.go_to(words.at() + 1);
            }
        }
    }
    found
}

fn bare(kind: EffectKind) -> Found {
    (kind, String::new(), String::new())
}

fn of(kind: EffectKind, object: String) -> Found {
    (kind, object, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EffectKind, String, String)> {
        let effects = effects(&Split::new(text));
        effects.into_iter().map(|effect| (effect.kind, effect.object, effect.part)).collect()
    }

    fn one(text: &str) -> (EffectKind, String, String) {
        let mut found = found(text);
        found.retain(|(kind, ..)| *kind != EffectKind::StandsAlone);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn losses_are_told_with_their_names() {
        for (text, kind, object, part) in [
            ("drop table if exists app.\"My Docs\" cascade", EffectKind::DropsTable, "app.\"My Docs\"", ""),
            (
                "alter table only Accounts drop column if exists Email",
                EffectKind::DropsColumn,
                "accounts",
                "email",
            ),
            ("alter table a alter b drop not null, drop c", EffectKind::DropsColumn, "a", "c"),
            ("alter table a add d numeric(3, 2) default 1, drop c", EffectKind::DropsColumn, "a", "c"),
            ("truncate table only a restart identity", EffectKind::DeletesRows, "a", ""),
            ("delete from only app.a where x", EffectKind::DeletesRows, "app.a", ""),
            ("with old as (delete from a returning *) select 1", EffectKind::DeletesRows, "a", ""),
            ("merge into a using b on a.c = b.c when matched then delete", EffectKind::DeletesRows, "a", ""),
            ("update only app.a set b = 1", EffectKind::ChangesRows, "app.a", ""),
            ("with x as (select 1) update only app.a set b = 1", EffectKind::ChangesRows, "app.a", ""),
            (
                "insert into app.a values (1) on conflict (b) do update set b = 2",
                EffectKind::ChangesRows,
                "app.a",
                "",
            ),
            (
                "merge into a using b on a.c = b.c when matched then update set d = 1",
                EffectKind::ChangesRows,
                "a",
                "",
            ),
            ("alter type app.t drop attribute a", EffectKind::DropsMore, "app.t", ""),
            (
                "alter type t add attribute b numeric(3, 2), drop attribute a, drop attribute c",
                EffectKind::DropsMore,
                "t",
                "",
            ),
            ("drop collation c cascade", EffectKind::DropsMore, "c", ""),
            ("alter table a add e int, alter column b set data type text", EffectKind::ChangesRows, "a", ""),
            ("select app.forget(1)", EffectKind::Opaque, "", ""),
            ("drop schema app cascade", EffectKind::DropsMore, "app", ""),
            ("drop owned by clerk", EffectKind::DropsMore, "clerk", ""),
            ("do $$ begin end $$", EffectKind::Opaque, "", ""),
        ] {
            assert_eq!(one(text), (kind, object.to_owned(), part.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_statement_may_lose_several() {
        let tables = found("drop table a, b.c; alter table a drop b, drop constraint c, drop d restrict");
        let tables: Vec<_> = tables.iter().map(|(_, object, part)| format!("{object} {part}")).collect();
        assert_eq!(tables, ["a ", "b.c ", "a b", "a d"]);
        let moved = found(
            "with a as (delete from b returning *), c as (update d set e = 1 returning *) insert into f select * from a",
        );
        let moved: Vec<_> = moved.iter().map(|(kind, object, _)| (*kind, object.as_str())).collect();
        assert_eq!(moved, [(EffectKind::DeletesRows, "b"), (EffectKind::ChangesRows, "d")]);
    }

    #[test]
    fn what_loses_nothing_has_no_effect() {
        for text in [
            "drop view a",
            "drop schema app",
            "drop type t",
            "drop function f() cascade",
            "alter table a drop constraint b",
            "alter table a alter column b drop expression",
            "alter table a alter b drop default",
            "create index on a (b)",
            "create table a (\"drop\" int, b text default 'drop table x')",
            "insert into a select 1",
            "insert into a select b from c for update",
            "with a as (select b from c for no key update) insert into d select b from a on conflict do nothing",
            "merge into a using b on a.c = b.c when not matched then insert values (b.c)",
            "alter type a add attribute b int",
            "alter type a add attribute b numeric(3, 2), alter attribute c type text",
            "alter table a alter column b set not null",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn what_stands_alone_is_told_with_what_it_works_on() {
        for (text, kind, object, part) in [
            ("create index concurrently a_b on only s.a (b)", EffectKind::BuildsIndex, "a_b", "s.a"),
            (
                "create unique index concurrently if not exists \"A b\" on a (b)",
                EffectKind::BuildsIndex,
                "\"A b\"",
                "a",
            ),
            ("create index concurrently on a using gin (b)", EffectKind::BuildsIndex, "", "a"),
            ("drop index concurrently if exists s.a_b", EffectKind::DropsIndex, "s.a_b", ""),
            (
                "alter table a detach partition s.a_1 concurrently",
                EffectKind::DetachesPartition,
                "a",
                "s.a_1",
            ),
        ] {
            assert_eq!(one(text), (kind, object.to_owned(), part.to_owned()), "{text}");
            assert!(found(text).contains(&bare(EffectKind::StandsAlone)), "{text}");
        }
        assert_eq!(found("vacuum a"), [bare(EffectKind::StandsAlone)]);
        let kinds: Vec<_> =
            found("begin; set local x = 1; commit").into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, [EffectKind::OpensTransaction, EffectKind::Sets, EffectKind::EndsTransaction]);
    }
}
