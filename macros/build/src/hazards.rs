use std::borrow::Cow;

use crate::finding::Level;
use crate::header::Allow;
use crate::inspection::{Fault, Inspection};
use crate::policy::{Policy, SYNTAX};
use crate::source::Problem;
use crate::split::{Split, Statement};

/// A hazard in a statement, whatever the policy makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticHazard {
    /// The statement's place in its script, from 0.
    pub statement: u32,
    /// The rule's name.
    pub rule: String,
    /// The table or other object that it is about, as SQL writes it; empty where the text does not tell.
    pub object: String,
    /// The column, constraint, index or second object, where there is one.
    pub part: String,
    /// The reason with which the author accepted it.
    pub allowed: Option<String>,
}

/// What the policy, and the `allow` directives of a file, make of an inspection.
pub(crate) fn judge(
    inspection: Inspection,
    split: &Split<'_>,
    allows: &[Allow],
    policy: &Policy,
) -> Vec<Problem> {
    let mut problems: Vec<_> = first_of_each(&inspection.errors, split).map(syntax).collect();
    let Some(hazards) = inspection.hazards else { return problems };
    let mut hazards = without_echoes(hazards, split);
    if !hazards.is_empty() {
        let created = CreatedTables::in_split(split);
        hazards.retain(|fault| !created.are_touched_at(fault.offset));
    }
    let is_unused = |allow: &&Allow| !hazards.iter().any(|fault| fault.rule == allow.rule);
    problems.extend(allows.iter().filter(is_unused).map(unused));
    let is_allowed = |fault: &Fault| allows.iter().any(|allow| allow.rule == fault.rule);
    let judged = hazards.into_iter().filter(|fault| !is_allowed(fault));
    problems.extend(judged.filter_map(|fault| hazard(fault, policy)));
    problems
}

/// The first error in each statement: the parser stumbles on over what follows one.
fn first_of_each<'a>(errors: &'a [Fault], split: &Split<'_>) -> impl Iterator<Item = &'a Fault> {
    let statement_of =
        |fault: &Fault| split.statements.partition_point(|statement| statement.range.start <= fault.offset);
    let statements: Vec<_> = errors.iter().map(statement_of).collect();
    let is_first = move |index: &usize| *index == 0 || statements[*index] != statements[index - 1];
    (0..errors.len()).filter(is_first).map(|index| &errors[index])
}

/// Drops the rule about constraints in general where a rule about that kind of constraint says the same.
fn without_echoes(hazards: Vec<Fault>, split: &Split<'_>) -> Vec<Fault> {
    const GENERAL: &str = "constraint-missing-not-valid";
    const KINDS: [&str; 3] =
        ["adding-foreign-key-constraint", "adding-serial-primary-key-field", "disallowed-unique-constraint"];
    let kinds = hazards.iter().filter(|fault| KINDS.contains(&fault.rule.as_str()));
    let kinds: Vec<_> = kinds.map(|fault| fault.offset).collect();
    let is_echo = |fault: &Fault| {
        let is_said = |&kind: &usize| kind == fault.offset || split.is_word(fault.offset, kind, "ADD");
        fault.rule == GENERAL && kinds.iter().any(is_said)
    };
    hazards.into_iter().filter(|fault| !is_echo(fault)).collect()
}

fn syntax(fault: &Fault) -> Problem {
    let help = "mend the statement: PostgreSQL's grammar refuses it";
    Problem::error(SYNTAX, fault.offset, fragment(&fault.message), help)
}

fn hazard(fault: Fault, policy: &Policy) -> Option<Problem> {
    let level = policy.level_of(&fault.rule)?;
    let advice = fragment(&fault.help);
    let separator = if advice.is_empty() { "" } else { "; or " };
    let rule = &fault.rule;
    let help = format!("{advice}{separator}put `-- hardtack: allow {rule} \"reason\"` at the top");
    let message = fragment(&fault.message);
    Some(Problem { level, code: Cow::Owned(fault.rule), offset: fault.offset, message, help })
}

fn unused(allow: &Allow) -> Problem {
    Problem {
        level: Level::Warn,
        code: Cow::Borrowed("unused-allow"),
        offset: allow.offset,
        message: format!("`allow {}` silences nothing", allow.rule),
        help: "remove it".to_owned(),
    }
}

/// Squawk's sentences as the fragments that messages are here.
fn fragment(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.').replace('\n', " ");
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence,
    }
}

/// The tables that a text creates: nobody else uses one yet, so what follows on it is no hazard, until it is
/// dropped or renamed: from there on the name may mean a table that has long been there.
struct CreatedTables {
    /// Where the statements are that touch such a table only.
    touching: Vec<std::ops::Range<usize>>,
}

impl CreatedTables {
    fn in_split(split: &Split<'_>) -> Self {
        let (mut created, mut touching) = (Vec::new(), Vec::new());
        for statement in &split.statements {
            match subject(split, statement) {
                Some(Subject::Created(table)) => created.push(table),
                Some(Subject::Changed(table)) => {
                    touching.extend(created.contains(&table).then(|| statement.range.clone()));
                }
                Some(Subject::Ended(tables)) => {
                    let is_ours = tables.iter().all(|table| created.contains(table));
                    touching.extend(is_ours.then(|| statement.range.clone()));
                    created.retain(|table| !tables.contains(table));
                }
                None => {}
            }
        }
        Self { touching }
    }

    fn are_touched_at(&self, offset: usize) -> bool {
        self.touching.iter().any(|range| range.contains(&offset))
    }
}

enum Subject {
    Created(String),
    Changed(String),
    /// Dropped, or renamed: the names mean these tables no longer.
    Ended(Vec<String>),
}

/// The table that a statement creates or changes, or the tables that it drops, as they are written.
fn subject(split: &Split<'_>, statement: &Statement) -> Option<Subject> {
    // A list of tables to drop may be long, and so may an INSERT that nobody asks about here.
    let count = if split.leading(statement, 1) == ["DROP"] { usize::MAX } else { 16 };
    let words = split.leading(statement, count);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "TABLE", "IF", "NOT", "EXISTS", ..] => None,
        ["CREATE", "TABLE", rest @ ..]
        | ["CREATE", "TEMP" | "TEMPORARY" | "UNLOGGED", "TABLE", rest @ ..] => {
            Some(Subject::Created(table(rest).0))
        }
        ["ALTER", "TABLE", "IF", "EXISTS", "ONLY", rest @ ..]
        | ["ALTER", "TABLE", "IF", "EXISTS", rest @ ..]
        | ["ALTER", "TABLE", "ONLY", rest @ ..]
        | ["ALTER", "TABLE", rest @ ..] => {
            let (table, rest) = table(rest);
            let is_moved = matches!(rest, ["RENAME", "TO", ..] | ["SET", "SCHEMA", ..]);
            Some(if is_moved { Subject::Ended(vec![table]) } else { Subject::Changed(table) })
        }
        ["DROP", "TABLE", "IF", "EXISTS", rest @ ..] | ["DROP", "TABLE", rest @ ..] => {
            Some(Subject::Ended(tables(rest)))
        }
        ["TRUNCATE", "TABLE", rest @ ..] | ["TRUNCATE", rest @ ..] => {
            let (table, rest) = table(rest);
            (rest.first() != Some(&",")).then_some(Subject::Changed(table))
        }
        ["CREATE", "INDEX" | "UNIQUE", rest @ ..] => {
            let on = rest.iter().position(|word| *word == "ON")?;
            let rest = rest.get(on + 1..)?;
            Some(Subject::Changed(table(rest.strip_prefix(&["ONLY"]).unwrap_or(rest)).0))
        }
        _ => None,
    }
}

/// The name that the words begin with, qualified or not, and the words behind it.
fn table<'w, 'a>(words: &'w [&'a str]) -> (String, &'w [&'a str]) {
    let length = if words.get(1) == Some(&".") { 3 } else { 1 };
    let (name, rest) = words.split_at(length.min(words.len()));
    (name.concat(), rest)
}

/// The names that the words begin with, between commas.
fn tables(words: &[&str]) -> Vec<String> {
    let (mut names, mut words) = (Vec::new(), words);
    loop {
        let (name, rest) = table(words);
        names.push(name);
        let Some((&",", rest)) = rest.split_first() else { return names };
        words = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_fragments() {
        assert_eq!(fragment("Dropping a column may break clients."), "dropping a column may break clients");
        assert_eq!(fragment("VACUUM FULL locks"), "VACUUM FULL locks");
        assert_eq!(fragment(""), "");
    }

    #[test]
    fn statements_on_new_tables() {
        let text = "create table a (); alter table a add b int; create unique index i on public.a (b); \
                    drop table a, c; create temp table \"T\" (); drop table if exists \"T\" cascade; truncate b";
        let split = Split::new(text);
        let touching: Vec<_> =
            CreatedTables::in_split(&split).touching.into_iter().map(|range| &text[range]).collect();
        assert_eq!(touching, ["alter table a add b int", "drop table if exists \"T\" cascade"]);
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
            ("create table a (); drop table", &[]),
            ("create table a (); drop table a,", &[]),
        ] {
            let split = Split::new(text);
            let touching = CreatedTables::in_split(&split).touching.into_iter();
            let touching: Vec<_> = touching.map(|range| &text[range]).collect();
            assert_eq!(touching, expected, "{text}");
        }
    }
}
