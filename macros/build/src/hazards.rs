use std::borrow::Cow;

use crate::created::CreatedTables;
use crate::finding::Level;
use crate::header::Allow;
use crate::inspection::Fault;
use crate::policy::{Accept, Policy, SYNTAX};
use crate::rules::{Class, class_of};
use crate::source::Problem;
use crate::split::Split;
use crate::subjects::subjects;
use crate::text_rules::{self, Hit, RULES};

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

/// A lint rule that fired, with what it is about.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) fault: Fault,
    statement: usize,
    /// Each with its part; several where one statement drops several.
    subjects: Vec<(String, String)>,
    /// Whether it is an index `ON ONLY` the parent of partitions, which builds nothing. That it has partitions, only the database
    /// knows.
    on_only: bool,
}

/// The rule of indexes that are not built concurrently.
const INDEX_CREATION: &str = "require-concurrent-index-creation";

/// The rule that finds what the server refuses, also of a table that is new.
const FAILS_ANYWHERE: &str = "ban-duplicate-column-assignments";

/// All hazards of a text that somebody may care about: the parser's, where it looked, and our own; and the advice that
/// the policy wants.
pub(crate) fn hazards(
    faults: Vec<Fault>,
    split: &Split<'_>,
    transactional: bool,
    policy: &Policy,
) -> Vec<Seen> {
    let created = CreatedTables::in_split(split);
    let mut hazards: Vec<_> = without_echoes(faults, split)
        .into_iter()
        .filter(|fault| FAILS_ANYWHERE == fault.rule || !created.are_touched_at(fault.offset))
        .map(|fault| Seen::by_parser(fault, split, &created))
        .collect();
    for hit in text_rules::find(split, &created, transactional) {
        let seen = Seen::by_words(hit, split);
        match hazards.last_mut() {
            Some(last) if last.fault == seen.fault => last.subjects.extend(seen.subjects),
            _ => hazards.push(seen),
        }
    }
    let echoes: Vec<_> = hazards.iter().map(|seen| is_echo(seen, &hazards)).collect();
    let mut echoes = echoes.into_iter();
    hazards.retain(|seen| {
        let is_wanted = is_hazard(&seen.fault.rule) || policy.level_of(&seen.fault.rule).is_some();
        !echoes.next().unwrap_or_default() && is_wanted
    });
    hazards.sort_by_key(|seen| seen.fault.offset);
    hazards
}

fn is_hazard(rule: &str) -> bool {
    class_of(rule) == Some(Class::Hazard)
}

impl Seen {
    fn by_parser(fault: Fault, split: &Split<'_>, created: &CreatedTables) -> Self {
        let statement = split.statement_at(fault.offset);
        let mut subjects = match (split.statements.get(statement), split.words().get(statement)) {
            (Some(of), Some(words)) => subjects(words, split.word_at(of, fault.offset), &fault.rule),
            _ => Vec::new(),
        };
        if subjects.len() > 1 {
            subjects.retain(|(object, _)| !created.has(object, statement));
        }
        let on_only = fault.rule == INDEX_CREATION
            && split.statements.get(statement).is_some_and(|of| split.contains(of, &["ON", "ONLY"]));
        Self { fault, statement, subjects, on_only }
    }

    fn by_words(hit: Hit, split: &Split<'_>) -> Self {
        let Hit { rule, statement, word, object, part } = hit;
        let offset = split.statements.get(statement).map_or(0, |of| split.place_of(of, word));
        let (message, help) = RULES
            .iter()
            .find(|known| known.name == rule)
            .map_or_else(Default::default, |known| (known.message.to_owned(), known.help.to_owned()));
        let fault = Fault { rule: rule.to_owned(), offset, message, help };
        Self { fault, statement, subjects: vec![(object, part)], on_only: false }
    }
}

/// Whether another rule says the same.
fn is_echo(seen: &Seen, all: &[Seen]) -> bool {
    let said = match seen.fault.rule.as_str() {
        "clustering-table" | "vacuuming-full" => "prefer-repack",
        "truncating-table" => "ban-truncate-cascade",
        "constraint-missing-not-valid" => "adding-exclusion-constraint",
        _ => return false,
    };
    // Squawk points at CASCADE, which stands at the end.
    let is_near = |other: &Seen| {
        other.fault.offset == seen.fault.offset
            || (said == "ban-truncate-cascade" && other.statement == seen.statement)
    };
    all.iter().any(|other| other.fault.rule == said && is_near(other))
}

/// The hazards as a revision carries them, with the reasons for which they were accepted.
pub(crate) fn baked(seen: &[Seen], allows: &[Allow], accepted: &[&Accept]) -> Vec<StaticHazard> {
    let mut hazards = Vec::new();
    for Seen { fault, statement, subjects, .. } in seen {
        let rule = &fault.rule;
        let allow = allows.iter().find(|allow| allow.rule == *rule).map(|allow| &allow.reason);
        let accept = || accepted.iter().find(|entry| entry.finding == *rule).map(|entry| &entry.reason);
        let allowed = allow.or_else(accept);
        hazards.extend(subjects.iter().cloned().map(|(object, part)| StaticHazard {
            statement: u32::try_from(*statement).unwrap_or(u32::MAX),
            rule: rule.clone(),
            object,
            part,
            allowed: allowed.cloned(),
        }));
    }
    hazards
}

/// The errors of syntax.
pub(crate) fn syntax_problems(errors: &[Fault], split: &Split<'_>) -> Vec<Problem> {
    first_of_each(errors, split).map(syntax).collect()
}

/// What the policy, and the `allow` directives of a file, make of its hazards.
pub(crate) fn judge(seen: &[Seen], was_linted: bool, allows: &[Allow], policy: &Policy) -> Vec<Problem> {
    let is_known = |rule: &str| was_linted || RULES.iter().any(|known| known.name == rule);
    let is_used = |allow: &&Allow| seen.iter().any(|seen| seen.fault.rule == allow.rule);
    let is_live = |allow: &&Allow| class_of(&allow.rule) == Some(Class::Live);
    let useless = allows.iter().filter(|allow| is_known(&allow.rule) && !is_used(allow) && !is_live(allow));
    let mut problems: Vec<_> = useless.map(unused).collect();
    let is_allowed = |fault: &Fault| allows.iter().any(|allow| allow.rule == fault.rule);
    let judged = seen.iter().filter(|seen| !seen.on_only).map(|seen| &seen.fault);
    let judged = judged.filter(|fault| !is_allowed(fault));
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

fn hazard(fault: &Fault, policy: &Policy) -> Option<Problem> {
    let level = policy.level_of(&fault.rule)?;
    let advice = fragment(&fault.help);
    let separator = if advice.is_empty() { "" } else { "; or " };
    let rule = &fault.rule;
    let help = format!("{advice}{separator}put `-- hardtack: allow {rule} \"reason\"` at the top");
    let message = fragment(&fault.message);
    Some(Problem { level, code: Cow::Owned(rule.clone()), offset: fault.offset, message, help })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_fragments() {
        assert_eq!(fragment("Dropping a column may break clients."), "dropping a column may break clients");
        assert_eq!(fragment("VACUUM FULL locks"), "VACUUM FULL locks");
        assert_eq!(fragment(""), "");
    }
}
