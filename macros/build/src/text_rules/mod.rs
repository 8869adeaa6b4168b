//! Hazards that squawk has no rule for, found by the words of a statement: no parser is needed.

mod across;
mod altered;
mod created;
mod dropped;
mod list;
mod rows;
mod session;
mod whole_table;

pub(crate) use list::RULES;

use crate::created::CreatedTables;
use crate::split::Split;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) rule: &'static str,
    /// The place of the statement in its text.
    pub(crate) statement: usize,
    /// The word of the statement that it is about.
    pub(crate) word: usize,
    pub(crate) object: String,
    pub(crate) part: String,
}

impl Hit {
    /// A hit at a statement's first word.
    fn of(rule: &'static str, object: impl Into<String>) -> Self {
        Self { rule, statement: 0, word: 0, object: object.into(), part: String::new() }
    }

    fn at(self, word: usize) -> Self {
        Self { word, ..self }
    }

    fn with(self, part: impl Into<String>) -> Self {
        Self { part: part.into(), ..self }
    }
}

/// All that our own rules find in a text, in order.
pub(crate) fn find(split: &Split<'_>, created: &CreatedTables, transactional: bool) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (statement, words) in split.words().iter().enumerate() {
        hits.extend(in_statement(words).into_iter().map(|hit| Hit { statement, ..hit }));
    }
    hits.retain(|hit| !created.has(&hit.object, hit.statement));
    if transactional {
        hits.extend(across::find(split, created));
    }
    hits.sort_by_key(|hit| (hit.statement, hit.word));
    hits
}

fn in_statement(words: &[String]) -> Vec<Hit> {
    match words.first().map_or("", String::as_str) {
        "UPDATE" | "DELETE" | "TRUNCATE" | "WITH" => rows::find(words),
        "ALTER" => altered::find(words),
        "CREATE" => created::find(words),
        "DROP" => dropped::find(words),
        "VACUUM" | "CLUSTER" | "REFRESH" | "LOCK" | "REASSIGN" => whole_table::find(words),
        "SET" => session::find(words),
        _ => Vec::new(),
    }
}

#[cfg(test)]
fn found(text: &str) -> Vec<String> {
    let split = Split::new(text);
    let hits = find(&split, &CreatedTables::in_split(&split), true);
    let place = |hit: &Hit| split.place_of(&split.statements[hit.statement], hit.word);
    hits.iter()
        .map(|hit| {
            let word = text[place(hit)..].split([' ', ';']).next().unwrap();
            format!("{} {} {} @{word}", hit.rule, hit.object, hit.part)
        })
        .collect()
}
