use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::attributes::keyword;
use super::dependencies::relation;
use super::statements::Statements;
use super::{DdlStatement, DiffError, Hazard, Rename};
use crate::catalog::definition::RelationName;
use crate::catalog::difference::pairs;
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

/// A catalog with names of another one.
pub(in crate::catalog) struct Renamed<'a> {
    /// The catalog as the server leaves it.
    pub(in crate::catalog) catalog: Cow<'a, Catalog>,
    /// What does it.
    pub(super) statements: Vec<DdlStatement>,
    /// All renames, the old names of parts with their table's new one.
    pub(in crate::catalog) renames: Vec<Rename>,
}

/// Renames objects of the first catalog as their owner said, and what is the same but for its name.
pub(in crate::catalog) fn apply<'a>(
    from: &'a Catalog,
    to: &Catalog,
    renames: &[Rename],
) -> Result<Renamed<'a>, DiffError> {
    let mut renamed = Cow::Borrowed(from);
    let (mut statements, mut done) = (Vec::new(), Vec::new());
    // A table before its columns, which are given by the name that the table had.
    let mut renames = renames.to_vec();
    renames.sort_by_key(|rename| !rename.from.kind.is_relation());
    for rename in &renames {
        let rename = under_new_name(rename, &renames);
        check(&rename, &renamed, to)?;
        statements.extend(ddl(&rename));
        renamed = Cow::Owned(carried_over(&renamed, &rename));
        done.push(rename);
    }
    for rename in same_but_for_the_name(&renamed, to) {
        statements.extend(ddl(&rename));
        renamed = Cow::Owned(carried_over(&renamed, &rename));
        done.push(rename);
    }
    Ok(Renamed { catalog: renamed, statements, renames: done })
}

/// A column of a table that is renamed too.
fn under_new_name(rename: &Rename, renames: &[Rename]) -> Rename {
    let mut from = rename.from.clone();
    if from.kind.is_part() {
        let table = renames.iter().find(|table| table.from.kind.is_relation() && from.is_of(&table.from));
        if let Some(table) = table {
            (from.schema, from.name) = (table.to.schema.clone(), table.to.name.clone());
        }
    }
    Rename { from, to: rename.to.clone() }
}

fn check(rename: &Rename, from: &Catalog, to: &Catalog) -> Result<(), DiffError> {
    let refused =
        |reason| Err(DiffError::Rename { from: rename.from.to_string(), to: rename.to.to_string(), reason });
    if rename.from.kind != rename.to.kind {
        return refused("they are of different kinds");
    }
    if !from.objects.contains_key(&rename.from) {
        return refused("the first catalog has no such object");
    }
    if !to.objects.contains_key(&rename.to) {
        return refused("the second catalog has none of the new name");
    }
    if to.objects.contains_key(&rename.from) {
        return refused("the second catalog still has the old name");
    }
    if from.objects.contains_key(&rename.to) {
        return refused("the first catalog has the new name already");
    }
    if rename.from.kind.is_part()
        && (&rename.from.schema, &rename.from.name) != (&rename.to.schema, &rename.to.name)
    {
        return refused("they are of different tables");
    }
    Ok(())
}

fn ddl(Rename { from, to }: &Rename) -> Vec<DdlStatement> {
    let mut statements = Statements::about(to);
    let breaks: &[Hazard] = match from.kind {
        Kind::Index | Kind::Constraint | Kind::Statistics => &[],
        _ => &[Hazard::BreaksUsers],
    };
    let table = from.relation();
    let (old, new) = (quote(&from.part), quote(&to.part));
    match from.kind {
        Kind::Column => {
            statements.push_with(format!("ALTER TABLE {table} RENAME COLUMN {old} TO {new}"), breaks);
        }
        Kind::Constraint => statements.push(format!("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")),
        Kind::Index => statements.push(format!("ALTER INDEX {} RENAME TO {new}", from.sql())),
        Kind::Rule | Kind::Trigger | Kind::Policy => {
            statements
                .push_with(format!("ALTER {} {old} ON {table} RENAME TO {new}", keyword(from.kind)), breaks);
        }
        kind => {
            let alter = format!("ALTER {}", keyword(kind));
            if from.name != to.name {
                statements.push_with(format!("{alter} {} RENAME TO {}", from.sql(), quote(&to.name)), breaks);
            }
            if from.schema != to.schema {
                let between = ObjectId { schema: from.schema.clone(), ..to.clone() };
                statements
                    .push_with(format!("{alter} {} SET SCHEMA {}", between.sql(), quote(&to.schema)), breaks);
            }
        }
    }
    statements.finish()
}

/// Indexes and constraints that differ from new ones in their name alone lose nothing by taking it.
fn same_but_for_the_name(from: &Catalog, to: &Catalog) -> Vec<Rename> {
    let lone = |one: &Catalog, other: &Catalog| -> Vec<(ObjectId, Object)> {
        let kinds = [Kind::Index, Kind::Constraint];
        let lone =
            one.objects.iter().filter(|(id, _)| kinds.contains(&id.kind) && !other.objects.contains_key(id));
        lone.map(|(id, object)| (id.clone(), object.clone())).collect()
    };
    let mut new = lone(to, from);
    let mut renames = Vec::new();
    for (id, object) in lone(from, to) {
        let same = new.iter().position(|(other, candidate)| {
            (other.kind, &other.schema, &other.name) == (id.kind, &id.schema, &id.name)
                && candidate.definition == object.definition
                && !is_inherited(candidate)
                && !has_relation_named(from, &other.schema, &other.part)
        });
        if let Some(place) = same {
            renames.push(Rename { from: id, to: new.swap_remove(place).0 });
        }
    }
    renames
}

/// Whether the name belongs to a relation or an index, whatever becomes of that.
fn has_relation_named(catalog: &Catalog, schema: &str, name: &str) -> bool {
    catalog.objects.iter().any(|(id, object)| {
        id.schema == schema
            && match &object.definition {
                Definition::Index(_) => id.part == name,
                Definition::Constraint(constraint) => constraint.has_index() && id.part == name,
                Definition::Sequence(_) => id.name == name,
                _ => id.kind.is_relation() && id.name == name,
            }
    })
}

/// The name of an inherited constraint is its parent's.
fn is_inherited(object: &Object) -> bool {
    matches!(&object.definition, Definition::Constraint(constraint) if constraint.inherited && constraint.attached_to.is_none())
}

/// The catalog as the server leaves it after a rename.
fn carried_over(catalog: &Catalog, rename: &Rename) -> Catalog {
    let mut carried =
        Catalog { server: catalog.server, owner: catalog.owner.clone(), objects: BTreeMap::new() };
    for (id, object) in &catalog.objects {
        let depends = id.is_of(&rename.from)
            || object.depends_on.iter().any(|needed| is_or_is_of(needed, &rename.from));
        let is_its_tables_column = rename.from.kind == Kind::Column
            && (&id.schema, &id.name) == (&rename.from.schema, &rename.from.name)
            && id.kind.is_part();
        let mut object = object.clone();
        if depends || is_its_tables_column || *id == rename.from {
            object.definition = reworded(id.kind, &object.definition, rename);
        }
        renamed_names(&mut object.definition, rename);
        object.depends_on = object.depends_on.iter().map(|needed| renamed_id(needed, rename)).collect();
        object.depends_on.sort();
        carried.objects.insert(renamed_id(id, rename), object);
    }
    carried
}

fn is_or_is_of(id: &ObjectId, whole: &ObjectId) -> bool {
    id == whole || id.is_of(whole)
}

fn renamed_id(id: &ObjectId, Rename { from, to }: &Rename) -> ObjectId {
    if id == from {
        to.clone()
    } else if id.is_of(from) {
        ObjectId { schema: to.schema.clone(), name: to.name.clone(), ..id.clone() }
    } else {
        id.clone()
    }
}

/// Names that definitions hold apart.
fn renamed_names(definition: &mut Definition, Rename { from, to }: &Rename) {
    let rename = |name: &mut RelationName| {
        if from.kind.is_relation() && name.schema == from.schema && name.name == from.name {
            *name = RelationName { schema: to.schema.clone(), name: to.name.clone() };
        }
    };
    match definition {
        Definition::Table(table) | Definition::ForeignTable(table) => {
            table.inherits.iter_mut().for_each(rename);
            if let Some(partition) = &mut table.partition_of
                && from.kind.is_relation()
                && (&partition.schema, &partition.name) == (&from.schema, &from.name)
            {
                (partition.schema, partition.name) = (to.schema.clone(), to.name.clone());
            }
        }
        Definition::Sequence(sequence) => {
            if let Some((schema, table, column)) = &mut sequence.owned_by
                && (&*schema, &*table) == (&from.schema, &from.name)
            {
                if from.kind == Kind::Column && *column == from.part {
                    column.clone_from(&to.part);
                }
                (*schema, *table) = (to.schema.clone(), to.name.clone());
            }
        }
        Definition::Index(index) => {
            if let Some(parent) = &mut index.attached_to
                && from.kind.is_part()
                && (&parent.schema, &parent.name) == (&from.schema, &from.part)
            {
                parent.name.clone_from(&to.part);
            }
        }
        Definition::Constraint(constraint) if from.kind == Kind::Column => {
            let columns = constraint.columns.iter_mut().filter(|column| **column == from.part);
            columns.for_each(|column| column.clone_from(&to.part));
        }
        _ => {}
    }
}

/// The server writes the new name wherever it deparses; a routine's body is text that it leaves alone.
fn reworded(kind: Kind, definition: &Definition, rename: &Rename) -> Definition {
    let is_text = matches!(definition, Definition::Function(routine) | Definition::Procedure(routine)
        if !routine.definition.contains("BEGIN ATOMIC"));
    if is_text && !matches!(rename.from.kind, Kind::Function | Kind::Procedure) {
        return definition.clone();
    }
    let words = words(rename);
    let reworded = serde_json::to_value(definition).ok().and_then(|value| {
        let value = reword(value, &words);
        from_value(kind, &value)
    });
    reworded.unwrap_or_else(|| definition.clone())
}

fn from_value(kind: Kind, value: &Value) -> Option<Definition> {
    Definition::from_json(kind, &value.to_string()).ok()
}

/// What is written for what.
fn words(Rename { from, to }: &Rename) -> Vec<(String, String)> {
    if from.kind.is_part() {
        return vec![(quote(&from.part), quote(&to.part))];
    }
    let own = (from.name != to.name).then(|| (quote(&from.name), quote(&to.name)));
    let qualified = (qualified(&from.schema, &from.name), qualified(&to.schema, &to.name));
    std::iter::once(qualified).chain(own).collect()
}

fn reword(value: Value, words: &[(String, String)]) -> Value {
    match value {
        Value::String(text) => {
            Value::String(words.iter().fold(text, |text, (old, new)| replaced(&text, old, new)))
        }
        Value::Array(values) => values.into_iter().map(|value| reword(value, words)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, reword(value, words))).collect()
        }
        value => value,
    }
}

/// Replaces a name where it stands as a word of its own outside string literals.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_literal = false;
    while let Some(letter) = rest.chars().next() {
        let goes_on = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '"');
        let begins_word = !result.chars().next_back().is_some_and(goes_on);
        let behind = rest.strip_prefix(old).filter(|behind| !behind.starts_with(goes_on));
        if let (false, true, Some(behind)) = (in_literal, begins_word, behind) {
            result.push_str(new);
            rest = behind;
        } else {
            in_literal ^= letter == '\'';
            result.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    result
}

/// Pairs of an object that goes and one that comes that look like one.
pub(super) fn likely(from: &Catalog, to: &Catalog) -> Vec<Rename> {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (id, old, current) in pairs(from, to) {
        match (old, current) {
            (Some(object), None) => gone.push((id, object)),
            (None, Some(object)) => new.push((id, object)),
            _ => {}
        }
    }
    let mut likely = Vec::new();
    for (id, object) in gone {
        let alike = new.iter().position(|(other, candidate)| {
            other.kind == id.kind
                && match id.kind {
                    Kind::Column => {
                        (&id.schema, &id.name) == (&other.schema, &other.name)
                            && candidate.definition == object.definition
                    }
                    Kind::Table => share_columns(from, id, to, other),
                    Kind::Enum | Kind::CompositeType | Kind::Domain => {
                        candidate.definition == object.definition
                    }
                    _ => false,
                }
        });
        if let Some(place) = alike {
            likely.push(Rename { from: id.clone(), to: new.swap_remove(place).0.clone() });
        }
    }
    // What is part of a table that goes or comes is not asked about beside it.
    likely.retain(|rename| {
        let stays = |id, one: &Catalog, other: &Catalog| {
            relation(id, one).is_none_or(|table| other.objects.contains_key(&table))
        };
        stays(&rename.from, from, to) && stays(&rename.to, to, from)
    });
    likely
}

/// Whether most columns of two tables have one name and type.
fn share_columns(from: &Catalog, one: &ObjectId, to: &Catalog, other: &ObjectId) -> bool {
    let (one, other) = (from.columns(one), to.columns(other));
    let shared = one.iter().filter(|(id, object)| {
        other
            .iter()
            .any(|(same, candidate)| same.part == id.part && data_type(candidate) == data_type(object))
    });
    let shared = shared.count();
    shared > 0 && shared * 3 >= one.len().max(other.len()) * 2
}

fn data_type(object: &Object) -> Option<&str> {
    match &object.definition {
        Definition::Column(column) => Some(&column.data_type),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_as_words_outside_literals() {
        let text = "CHECK ((mail ~~ 'mail'::text) AND email <> \"mail\" OR x.mail = mail2)";
        let expected = "CHECK ((address ~~ 'mail'::text) AND email <> \"mail\" OR x.address = mail2)";
        assert_eq!(replaced(text, "mail", "address"), expected);
        assert_eq!(replaced("nextval('a'::regclass)", "a", "b"), "nextval('a'::regclass)");
    }
}
