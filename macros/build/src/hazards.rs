use std::borrow::Cow;

use crate::finding::Level;
use crate::header::Allow;
use crate::inspection::{Fault, Inspection};
use crate::policy::{Policy, SYNTAX};
use crate::source::Problem;
use crate::split::{Split, Statement};

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

/// The tables that a text creates: nobody else uses one yet, so what follows on it is no hazard.
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
                Some(Subject::Changed(table)) if created.contains(&table) => {
                    touching.push(statement.range.clone());
                }
                _ => {}
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
}

/// The one table that a statement creates or changes, as it is written.
fn subject(split: &Split<'_>, statement: &Statement) -> Option<Subject> {
    let words = split.leading(statement, 16);
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
        | ["ALTER", "TABLE", rest @ ..] => Some(Subject::Changed(table(rest).0)),
        ["DROP", "TABLE", "IF", "EXISTS", rest @ ..]
        | ["DROP" | "TRUNCATE", "TABLE", rest @ ..]
        | ["TRUNCATE", rest @ ..] => {
            let (table, next) = table(rest);
            (next != Some(",")).then_some(Subject::Changed(table))
        }
        ["CREATE", "INDEX" | "UNIQUE", rest @ ..] => {
            let on = rest.iter().position(|word| *word == "ON")?;
            let rest = rest.get(on + 1..)?;
            Some(Subject::Changed(table(rest.strip_prefix(&["ONLY"]).unwrap_or(rest)).0))
        }
        _ => None,
    }
}

/// The name that the words begin with, qualified or not, and the word behind it.
fn table<'a>(words: &[&'a str]) -> (String, Option<&'a str>) {
    let length = if words.get(1) == Some(&".") { 3 } else { 1 };
    let name = words.iter().take(length).copied().collect();
    (name, words.get(length).copied())
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
}
