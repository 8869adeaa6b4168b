//! Hazards of several statements in one transaction.

use super::Hit;
use crate::created::CreatedTables;
use crate::split::Split;
use crate::words::Words;

pub(super) fn find(split: &Split<'_>, created: &CreatedTables) -> Vec<Hit> {
    let mut hits = new_enum_values(split);
    hits.extend(several_tables(split, created));
    hits
}

/// A value that a statement adds to a type, and another one names.
fn new_enum_values(split: &Split<'_>) -> Vec<Hit> {
    let (mut types, mut added, mut hits) = (Vec::new(), Vec::new(), Vec::new());
    for (statement, all) in split.words().iter().enumerate() {
        let mut words = Words::new(all);
        if words.eat(&["CREATE", "TYPE"]) {
            types.extend(words.name());
        } else if words.eat(&["ALTER", "TYPE"]) {
            let value = added_value(&mut words).filter(|(name, _)| !types.contains(name));
            added.extend(value);
        } else if !added.is_empty() {
            let used = |(name, value): &(String, String)| {
                let word = all.iter().position(|word| word == value)?;
                let hit = Hit::of("using-new-enum-value", name.as_str()).at(word).with(value.as_str());
                Some(Hit { statement, ..hit })
            };
            hits.extend(added.iter().filter_map(used));
        }
    }
    hits
}

/// The type and the value of an `ADD VALUE`, from behind ALTER TYPE.
fn added_value(words: &mut Words<'_>) -> Option<(String, String)> {
    let name = words.name()?;
    if !words.eat(&["ADD", "VALUE"]) {
        return None;
    }
    words.eat(&["IF", "NOT", "EXISTS"]);
    Some((name, words.rest().first()?.clone()))
}

/// The first `ALTER TABLE` of a second table, of those that were there before.
fn several_tables(split: &Split<'_>, created: &CreatedTables) -> Option<Hit> {
    let mut first: Option<String> = None;
    for (statement, words) in split.words().iter().enumerate() {
        let mut words = Words::new(words);
        if !words.eat(&["ALTER", "TABLE"]) {
            continue;
        }
        let table = words.altered_table()?;
        // Its lock bars nobody.
        if words.starts(&["VALIDATE"]) || created.has(&table, statement) {
            continue;
        }
        match &first {
            Some(other) if *other != table => {
                let hit = Hit::of("altering-several-tables", table).with(other.as_str());
                return Some(Hit { statement, ..hit });
            }
            _ => first = Some(table),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn statements_are_seen_together() {
        for (text, expected) in [
            (
                "alter type e add value if not exists 'x'; update t set a = 'x' where b",
                "using-new-enum-value e 'x' @'x'",
            ),
            ("create type e as enum ('a'); alter type e add value 'x'; update t set a = 'x' where b", ""),
            ("alter type e add value 'x'; alter type e add value 'y' after 'x'", ""),
            (
                "alter table a add b int; alter table a add c int; alter table c add d int",
                "altering-several-tables c a @alter",
            ),
            ("create table a (); alter table a add b int; alter table c add d int", ""),
            ("alter table a add b int; alter table c validate constraint d", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
