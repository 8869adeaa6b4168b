//! A catalog as the server leaves it after renames.

use std::collections::HashMap;

use super::Rename;
use super::wording::{renamed_column, reworded, reworded_text};
use crate::catalog::definition::{Publication, RelationName};
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

/// Carries renames over that do not build on each other.
pub(super) fn carried_over(catalog: Catalog, renames: &[Rename]) -> Catalog {
    let names = Names::of(renames);
    let server = catalog.server;
    let carry = |(mut id, mut object): (ObjectId, Object)| {
        let before = id.clone();
        for rename in names.of_object(&id, &object) {
            object.definition = reworded(&id, object.definition, rename);
            renamed_names(&mut object.definition, rename);
            object.depends_on = object.depends_on.iter().map(|needed| renamed_id(needed, rename)).collect();
            id = renamed_id(&id, rename);
        }
        object.depends_on.sort();
        if server >= 180_000 && id != before {
            keep_name_of_not_null(&mut object.definition, &before, &id);
        }
        (id, object)
    };
    let objects = catalog.objects.into_iter().map(carry).collect();
    Catalog { objects, ..catalog }
}

/// Renames by what they are about, because most objects have to do with none of them.
struct Names<'a> {
    renames: &'a [Rename],
    of: HashMap<&'a ObjectId, usize>,
    /// Of relations and of columns, by the relation.
    of_relation: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// Of indexes and constraints, by their own name.
    of_index: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Names<'a> {
    fn of(renames: &'a [Rename]) -> Self {
        let (mut of, mut of_index) = (HashMap::new(), HashMap::new());
        let mut of_relation: HashMap<_, Vec<_>> = HashMap::new();
        for (place, Rename { from, .. }) in renames.iter().enumerate() {
            of.insert(from, place);
            if from.kind.is_relation() || from.kind == Kind::Column {
                of_relation.entry((&*from.schema, &*from.name)).or_default().push(place);
            }
            if matches!(from.kind, Kind::Index | Kind::Constraint) {
                of_index.insert((&*from.schema, &*from.part), place);
            }
        }
        Self { renames, of, of_relation, of_index }
    }

    /// Those that an object has to do with, in their order.
    fn of_object(&self, id: &ObjectId, object: &Object) -> impl Iterator<Item = &'a Rename> + use<'a> {
        let mut places = Vec::new();
        for one in std::iter::once(id).chain(&object.depends_on) {
            places.extend(self.of.get(one));
            if one.kind.is_part() || one.kind.is_relation() {
                self.add_of_relation(&mut places, &one.schema, &one.name);
            }
        }
        match &object.definition {
            Definition::Sequence(sequence) => {
                if let Some((schema, table, _)) = &sequence.owned_by {
                    self.add_of_relation(&mut places, schema, table);
                }
            }
            Definition::Publication(Publication { tables, .. }) => {
                tables.iter().for_each(|table| self.add_of_relation(&mut places, &table.schema, &table.name));
            }
            Definition::Index(index) => places.extend(self.parent(index.attached_to.as_ref())),
            Definition::Constraint(constraint) => {
                places.extend(self.parent(constraint.attached_to.as_ref()));
            }
            _ => {}
        }
        places.sort_unstable();
        places.dedup();
        let renames = self.renames;
        places.into_iter().map(move |place| &renames[place])
    }

    fn add_of_relation(&self, places: &mut Vec<usize>, schema: &str, name: &str) {
        places.extend(self.of_relation.get(&(schema, name)).into_iter().flatten());
    }

    fn parent(&self, name: Option<&RelationName>) -> Option<usize> {
        name.and_then(|name| self.of_index.get(&(&*name.schema, &*name.name)).copied())
    }
}

fn renamed_id(id: &ObjectId, rename: &Rename) -> ObjectId {
    let Rename { from, to } = rename;
    let is_its_login = from.kind == Kind::Server && id.kind == Kind::UserMapping && id.name == from.name;
    if id == from {
        to.clone()
    } else if id.is_of(from) {
        ObjectId { schema: to.schema.clone(), name: to.name.clone(), ..id.clone() }
    } else if is_its_login {
        ObjectId { name: to.name.clone(), ..id.clone() }
    } else if matches!(id.kind, Kind::Function | Kind::Procedure | Kind::Aggregate) && !from.kind.is_part() {
        // The types of its arguments.
        ObjectId { part: reworded_text(&id.part, rename), ..id.clone() }
    } else {
        id.clone()
    }
}

/// Names that definitions hold apart.
fn renamed_names(definition: &mut Definition, rename: &Rename) {
    let Rename { from, to } = rename;
    let move_name = |schema: &mut String, name: &mut String| {
        if from.kind.is_relation() && (&*schema, &*name) == (&from.schema, &from.name) {
            (*schema, *name) = (to.schema.clone(), to.name.clone());
        }
    };
    match definition {
        Definition::Table(table) | Definition::ForeignTable(table) => {
            table.inherits.iter_mut().for_each(|parent| move_name(&mut parent.schema, &mut parent.name));
            if let Some(partition) = &mut table.partition_of {
                move_name(&mut partition.schema, &mut partition.name);
            }
            if let (Some(foreign), Kind::Server) = (&mut table.foreign, from.kind) {
                foreign.server.clone_from(&to.name);
            }
        }
        Definition::Server(server) if from.kind == Kind::ForeignDataWrapper => {
            server.wrapper.clone_from(&to.name);
        }
        Definition::Publication(publication) => {
            let tables = publication.tables.iter_mut();
            tables.for_each(|table| move_name(&mut table.schema, &mut table.name));
            publication
                .tables
                .sort_by(|one, other| (&one.schema, &one.name).cmp(&(&other.schema, &other.name)));
        }
        Definition::Sequence(sequence) => {
            if let Some((schema, table, column)) = &mut sequence.owned_by {
                if from.kind == Kind::Column && (&*schema, &*table) == (&from.schema, &from.name) {
                    renamed_column(column, rename);
                }
                move_name(schema, table);
            }
        }
        Definition::Index(index) => renamed_parent(index.attached_to.as_mut(), rename),
        Definition::Constraint(constraint) => {
            renamed_parent(constraint.attached_to.as_mut(), rename);
        }
        _ => {}
    }
}

/// A not-null constraint is named by default after table and column, and does not follow them.
fn keep_name_of_not_null(definition: &mut Definition, before: &ObjectId, after: &ObjectId) {
    let Definition::Column(column) = definition else { return };
    if column.not_null {
        let usual = |id: &ObjectId| format!("{}_{}_not_null", id.name, id.part);
        let name = column.not_null_name.take().unwrap_or_else(|| usual(before));
        column.not_null_name = Some(name).filter(|name| *name != usual(after));
    }
}

fn renamed_parent(parent: Option<&mut RelationName>, Rename { from, to }: &Rename) {
    let is_index = matches!(from.kind, Kind::Index | Kind::Constraint);
    if let Some(parent) = parent.filter(|parent| (&parent.schema, &parent.name) == (&from.schema, &from.part))
        && is_index
    {
        parent.name.clone_from(&to.part);
    }
}
