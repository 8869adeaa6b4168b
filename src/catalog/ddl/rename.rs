use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::attributes::keyword;
use super::carried::carried_over;
use super::statements::Statements;
use super::{DdlStatement, DiffError, Hazard, Rename};
use crate::catalog::name::quote;
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
        let along = sequences_that_move_along(&renamed, &rename);
        done.push(rename.clone());
        renamed = Cow::Owned(carried_over(renamed.into_owned(), &[rename]));
        if !along.is_empty() {
            renamed = Cow::Owned(carried_over(renamed.into_owned(), &along));
        }
    }
    let same = same_but_for_the_name(&renamed, to);
    if !same.is_empty() {
        statements.extend(same.iter().flat_map(ddl));
        renamed = Cow::Owned(carried_over(renamed.into_owned(), &same));
        done.extend(same);
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
    if rename.from.kind == Kind::Schema {
        return refused("a schema takes all that is in it along: rename it by hand first, and diff again");
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

/// Sequences of columns go into another schema with their table.
fn sequences_that_move_along(catalog: &Catalog, Rename { from, to }: &Rename) -> Vec<Rename> {
    if from.schema == to.schema || !from.kind.is_relation() {
        return Vec::new();
    }
    let owned = catalog.objects.iter().filter(|(id, object)| {
        id.schema == from.schema
            && owner_of_sequence(object)
                .is_some_and(|(schema, table, _)| (schema, table) == (&from.schema, &from.name))
    });
    let moved =
        |id: &ObjectId| Rename { from: id.clone(), to: ObjectId { schema: to.schema.clone(), ..id.clone() } };
    owned.map(|(id, _)| moved(id)).collect()
}

fn owner_of_sequence(object: &Object) -> Option<&(String, String, String)> {
    match &object.definition {
        Definition::Sequence(sequence) => sequence.owned_by.as_ref(),
        _ => None,
    }
}

/// Indexes and constraints that differ from new ones in their name alone lose nothing by taking it, and a column's
/// sequence goes on where it stands.
fn same_but_for_the_name(from: &Catalog, to: &Catalog) -> Vec<Rename> {
    let mut new: HashMap<_, Vec<_>> = HashMap::new();
    for (id, object) in lone(to, from) {
        if !is_inherited(object) {
            new.entry(place(id, object)).or_default().push((id, object));
        }
    }
    let taken = names_of_relations(from);
    let mut renames = Vec::new();
    for (id, object) in lone(from, to) {
        let Some(candidates) = new.get_mut(&place(id, object)) else { continue };
        let same = candidates.iter().position(|(other, candidate)| {
            let name = if other.kind == Kind::Sequence { &other.name } else { &other.part };
            let is_free = !taken.contains(&(&*other.schema, name));
            // A sequence that is another one besides is altered.
            is_free && (id.kind == Kind::Sequence || candidate.definition == object.definition)
        });
        if let Some(found) = same {
            renames.push(Rename { from: id.clone(), to: candidates.swap_remove(found).0.clone() });
        }
    }
    renames
}

/// Indexes, constraints and columns' sequences that the other catalog has none of that name of.
fn lone<'a>(one: &'a Catalog, other: &'a Catalog) -> impl Iterator<Item = (&'a ObjectId, &'a Object)> {
    one.objects.iter().filter(|(id, object)| {
        let can_take_a_name = match id.kind {
            Kind::Index | Kind::Constraint => true,
            Kind::Sequence => owner_of_sequence(object).is_some(),
            _ => false,
        };
        can_take_a_name && !other.objects.contains_key(id)
    })
}

/// Within what names may differ: an index's or constraint's table, a sequence's column.
fn place<'a>(id: &'a ObjectId, object: &'a Object) -> (Kind, &'a str, &'a str, &'a str) {
    match owner_of_sequence(object) {
        Some((schema, table, column)) => (id.kind, schema, table, column),
        None => (id.kind, &id.schema, &id.name, ""),
    }
}

/// The schemas and names that relations and indexes have, whatever becomes of them.
fn names_of_relations(catalog: &Catalog) -> HashSet<(&str, &str)> {
    let named = catalog.objects.iter().filter_map(|(id, object)| match &object.definition {
        Definition::Index(_) => Some((&*id.schema, &*id.part)),
        Definition::Constraint(constraint) => constraint.has_index().then_some((&*id.schema, &*id.part)),
        Definition::Sequence(_) => Some((&*id.schema, &*id.name)),
        _ => id.kind.is_relation().then_some((&*id.schema, &*id.name)),
    });
    named.collect()
}

/// The name of an inherited constraint is its parent's.
fn is_inherited(object: &Object) -> bool {
    matches!(&object.definition, Definition::Constraint(constraint) if constraint.inherited && constraint.attached_to.is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_schema_is_not_renamed() {
        let catalog = |name| {
            let object = Object {
                owner: None,
                grants: Vec::new(),
                comment: None,
                definition: Definition::from_json(Kind::Schema, "{}").unwrap(),
                position: 0,
                depends_on: Vec::new(),
            };
            let id = ObjectId::new(Kind::Schema, "", name);
            let objects = BTreeMap::from([(id.clone(), object)]);
            (id, Catalog { server: 0, owner: String::new(), history_schema: None, objects })
        };
        let ((from, before), (to, after)) = (catalog("app"), catalog("application"));
        let refused = apply(&before, &after, &[Rename { from, to }]).err().unwrap();
        assert!(refused.to_string().contains("rename it by hand first"), "{refused}");
    }
}
