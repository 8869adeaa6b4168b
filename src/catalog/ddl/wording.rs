//! How the texts of a catalog read once something has another name.

use serde_json::Value;

use super::Rename;
use crate::catalog::definition::{Constraint, ConstraintType, PublicationTable};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Definition, Kind, ObjectId};

/// The server writes the new name wherever it deparses; a routine's body is text that it leaves alone.
pub(super) fn reworded(id: &ObjectId, definition: Definition, rename: &Rename) -> Definition {
    match rename.from.kind {
        Kind::Column => with_column(id, definition, rename),
        kind if kind.is_part() => definition,
        _ => with_name(id.kind, definition, rename),
    }
}

/// The same for a text alone, such as the types of a routine's arguments.
pub(super) fn reworded_text(text: &str, rename: &Rename) -> String {
    let is_routine = text.starts_with("CREATE OR REPLACE ");
    let end = text.find("\nAS ").filter(|_| is_routine).unwrap_or(text.len());
    let (header, body) = text.split_at(end);
    swapped(header, |tokens, at| name_at(tokens, at, rename)) + body
}

fn with_name(kind: Kind, definition: Definition, rename: &Rename) -> Definition {
    let value = serde_json::to_value(&definition).ok().map(|value| walked(value, rename));
    let reworded = value.and_then(|value| Definition::from_json(kind, &value.to_string()).ok());
    reworded.unwrap_or(definition)
}

/// Fields that hold no SQL.
const PLAIN: [&str; 10] = [
    "labels",
    "name",
    "schema",
    "comment",
    "sequence",
    "options",
    "foreign_options",
    "index_comment",
    "not_null_name",
    "not_null_comment",
];

fn walked(value: Value, rename: &Rename) -> Value {
    match value {
        Value::String(text) => Value::String(reworded_text(&text, rename)),
        Value::Array(values) => values.into_iter().map(|value| walked(value, rename)).collect(),
        Value::Object(fields) => {
            let walk = |(name, value): (String, Value)| {
                let value = if PLAIN.contains(&&*name) { value } else { walked(value, rename) };
                (name, value)
            };
            fields.into_iter().map(walk).collect()
        }
        value => value,
    }
}

/// Only what can hold no other column of that name: a query has output names, and other tables' columns.
fn with_column(id: &ObjectId, mut definition: Definition, rename: &Rename) -> Definition {
    let table = &rename.from;
    let is_of_table = (&id.schema, &id.name) == (&table.schema, &table.name);
    let reword = |text: &mut String| *text = column_in(text, rename);
    match &mut definition {
        Definition::Table(table) if is_of_table => table.partition_by.iter_mut().for_each(reword),
        Definition::Column(column) if is_of_table => {
            column.generated.iter_mut().for_each(|generated| reword(&mut generated.expression));
        }
        Definition::Constraint(constraint) => {
            with_column_of_key(constraint, is_of_table, rename);
            let columns = constraint.columns.iter_mut().filter(|_| is_of_table);
            columns.for_each(|column| renamed_column(column, rename));
        }
        Definition::Index(index) if is_of_table => reword(&mut index.definition),
        Definition::Trigger(trigger) if is_of_table => reword(&mut trigger.definition),
        Definition::Policy(policy) if is_of_table => {
            let conditions = policy.using.iter_mut().chain(&mut policy.check);
            conditions.filter(|text| !text.contains("SELECT ")).for_each(reword);
        }
        Definition::Statistics(statistics) => reword(&mut statistics.definition),
        Definition::Publication(publication) => {
            let is_it =
                |one: &&mut PublicationTable| (&one.schema, &one.name) == (&table.schema, &table.name);
            for one in publication.tables.iter_mut().filter(is_it) {
                one.filter.iter_mut().for_each(reword);
                one.columns.iter_mut().for_each(|column| renamed_column(column, rename));
                one.columns.sort();
            }
        }
        _ => {}
    }
    definition
}

pub(super) fn renamed_column(column: &mut String, Rename { from, to }: &Rename) {
    if *column == from.part {
        column.clone_from(&to.part);
    }
}

/// A foreign key names its own columns and another table's.
fn with_column_of_key(constraint: &mut Constraint, is_of_table: bool, rename: &Rename) {
    if constraint.constraint_type != ConstraintType::ForeignKey {
        if is_of_table {
            constraint.definition = column_in(&constraint.definition, rename);
        }
        return;
    }
    let Some([own, target, referenced, actions]) = parts_of_key(&constraint.definition) else { return };
    let Rename { from, .. } = rename;
    let is_referenced = target.trim() == qualified(&from.schema, &from.name);
    let reword = |text: &str, is_it: bool| if is_it { column_in(text, rename) } else { text.to_owned() };
    constraint.definition = [
        reword(own, is_of_table),
        target.to_owned(),
        reword(referenced, is_referenced),
        reword(actions, is_of_table),
    ]
    .concat();
}

/// `FOREIGN KEY (a) REFERENCES `, `public.p`, `(id)`, and what follows.
fn parts_of_key(definition: &str) -> Option<[&str; 4]> {
    let tokens = tokens(definition);
    let place = |at: usize| tokens[..at].iter().map(|token| token.len()).sum::<usize>();
    let references = tokens.iter().position(|token| *token == "REFERENCES")? + 2;
    let after = |start: usize, wanted: &str| {
        tokens.get(start..)?.iter().position(|token| *token == wanted).map(|found| start + found)
    };
    let opens = after(references, "(")?;
    let closes = after(opens, ")")? + 1;
    let (references, opens, closes) = (place(references), place(opens), place(closes));
    Some([
        &definition[..references],
        &definition[references..opens],
        &definition[opens..closes],
        &definition[closes..],
    ])
}

fn column_in(text: &str, rename: &Rename) -> String {
    let Rename { from, to } = rename;
    let (old, new, table) = (quote(&from.part), quote(&to.part), quote(&from.name));
    swapped(text, |tokens, at| {
        let (before, next) = (at.checked_sub(1).map_or("", |before| tokens[before]), tokens.get(at + 1));
        let qualifier = at.checked_sub(2).map_or("", |before| tokens[before]);
        let is_column = tokens[at] == old
            && before != ":"
            && (before != "." || ["new", "old", &*table].contains(&qualifier))
            && !matches!(next, Some(&("." | "(")));
        is_column.then(|| (1, new.clone()))
    })
}

/// A qualified name, also one that is cast from a literal, or a table's in front of its column.
fn name_at(tokens: &[&str], at: usize, Rename { from, to }: &Rename) -> Option<(usize, String)> {
    let (old, new) = (qualified(&from.schema, &from.name), qualified(&to.schema, &to.name));
    let [schema, name] = [quote(&from.schema), quote(&from.name)];
    let is_qualified = at.checked_sub(1).is_some_and(|before| tokens[before] == ".");
    match &tokens[at..] {
        [one, ".", two, ..] if !is_qualified && **one == schema && **two == name => Some((3, new)),
        [one, ".", ..] if !is_qualified && from.kind.is_relation() && **one == name && name != schema => {
            Some((1, quote(&to.name)))
        }
        [literal, ":", ":", cast, ..] if cast.starts_with("reg") => {
            let of = |name: &str| crate::db::quote_literal(name);
            (**literal == of(&old)).then(|| (1, of(&new)))
        }
        _ => None,
    }
}

/// Puts something else where it is said so: for how many tokens from there on, and what.
fn swapped(text: &str, swap: impl Fn(&[&str], usize) -> Option<(usize, String)>) -> String {
    let tokens = tokens(text);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while at < tokens.len() {
        if let Some((number, new)) = swap(&tokens, at) {
            result += &new;
            at += number;
        } else {
            result += tokens[at];
            at += 1;
        }
    }
    result
}

/// Names, quoted names, literals, and single characters of anything else.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
        let end = match first {
            '\'' | '"' => end_of_quoted(rest, first),
            letter if is_word(letter) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            letter => letter.len_utf8(),
        };
        let (token, behind) = rest.split_at(end);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// A quote within is written twice.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(old: &str, new: &str) -> Rename {
        let id = |part| ObjectId::part(Kind::Column, "public", "t", part);
        Rename { from: id(old), to: id(new) }
    }

    fn named(kind: Kind, old: &str, new: &str) -> Rename {
        Rename { from: ObjectId::new(kind, "public", old), to: ObjectId::new(kind, "public", new) }
    }

    #[test]
    fn a_column_is_told_from_what_has_its_name() {
        let text = "CHECK ((mail ~~ 'mail'::text) AND \"a mail b\" <> mail2 OR public.mail(new.mail) = x.mail AND a::mail)";
        let expected = "CHECK ((email ~~ 'mail'::text) AND \"a mail b\" <> mail2 OR public.mail(new.email) = x.mail AND a::mail)";
        assert_eq!(column_in(text, &column("mail", "email")), expected);
        assert_eq!(column_in("btree (\"Odd\"\"x\")", &column("Odd\"x", "order")), "btree (\"order\")");
    }

    #[test]
    fn a_foreign_key_is_reworded_on_the_side_that_is_meant() {
        let key = |definition: &str, is_of_table| {
            let mut constraint = Constraint {
                constraint_type: ConstraintType::ForeignKey,
                definition: definition.to_owned(),
                ..Constraint::default()
            };
            with_column_of_key(&mut constraint, is_of_table, &column("id", "pid"));
            constraint.definition
        };
        let text = "FOREIGN KEY (id) REFERENCES public.p(id) ON DELETE SET NULL (id)";
        let own = "FOREIGN KEY (pid) REFERENCES public.p(id) ON DELETE SET NULL (pid)";
        assert_eq!(key(text, true), own);
        let text = "FOREIGN KEY (id) REFERENCES public.t(id)";
        assert_eq!(key(text, false), "FOREIGN KEY (id) REFERENCES public.t(pid)");
        assert_eq!(key(text, true), "FOREIGN KEY (pid) REFERENCES public.t(pid)");
    }

    #[test]
    fn a_relation_is_named_where_its_schema_or_its_column_tells() {
        let text = "SELECT status.status, 'public.status' FROM public.status JOIN x.status ON a.status = public.status2";
        let expected = "SELECT state.status, 'public.status' FROM public.state JOIN x.status ON a.status = public.status2";
        assert_eq!(reworded_text(text, &named(Kind::Table, "status", "state")), expected);
        let sequence = named(Kind::Sequence, "a", "b");
        assert_eq!(
            reworded_text("nextval('public.a'::regclass)", &sequence),
            "nextval('public.b'::regclass)"
        );
        assert_eq!(reworded_text("nextval('a'::regclass)", &sequence), "nextval('a'::regclass)");
        let body = "CREATE OR REPLACE FUNCTION public.f(a public.status)\nAS $$ SELECT public.status $$";
        let expected = "CREATE OR REPLACE FUNCTION public.f(a public.state)\nAS $$ SELECT public.status $$";
        assert_eq!(reworded_text(body, &named(Kind::Enum, "status", "state")), expected);
    }

    #[test]
    fn labels_are_no_names() {
        let definition = Definition::from_json(Kind::Enum, r#"{"labels":["public.status"]}"#).unwrap();
        let id = ObjectId::new(Kind::Enum, "public", "status");
        assert_eq!(reworded(&id, definition.clone(), &named(Kind::Enum, "status", "state")), definition);
    }
}
