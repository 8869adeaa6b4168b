//! Types of which columns hold values, and that cannot be altered: another one takes the name, the columns move to it.

use std::collections::BTreeSet;

use super::DdlStatement;
use super::attributes::keyword;
use super::statements::Statements;
use super::states::{State, States};
use crate::catalog::name::quote;
use crate::catalog::{Catalog, Kind, Object, ObjectId};

/// The types from which columns move to another one of the same name.
pub(super) fn replaced(states: &States, from: &Catalog) -> BTreeSet<ObjectId> {
    let mut replaced = BTreeSet::new();
    for column in &states.reread {
        if let Some(object) = from.objects.get(column) {
            types_below(object, from, &mut replaced);
        }
    }
    replaced.retain(|id| {
        // A range type cannot make room: its constructors would stay in the way.
        matches!(id.kind, Kind::Enum | Kind::CompositeType | Kind::Domain)
            && states.get(id) == Some(State::Recreate)
    });
    replaced
}

/// The types of which a column's, attribute's or domain's type is made.
fn types_below(object: &Object, catalog: &Catalog, found: &mut BTreeSet<ObjectId>) {
    for needed in &object.depends_on {
        let is_type =
            matches!(needed.kind, Kind::Enum | Kind::CompositeType | Kind::Domain | Kind::RangeType);
        if is_type
            && found.insert(needed.clone())
            && let Some(object) = catalog.objects.get(needed)
        {
            types_below(object, catalog, found);
        }
    }
}

/// The longest name that a server keeps whole, in bytes.
const NAME_LENGTH: usize = 63;

/// The type under the name that it has while columns move from it to the one that takes its place.
fn out_of_the_way(id: &ObjectId) -> ObjectId {
    const ENDING: &str = "__replaced";
    let mut name = id.name.clone();
    while name.len() > NAME_LENGTH - ENDING.len() {
        name.pop();
    }
    ObjectId::new(id.kind, &id.schema, &(name + ENDING))
}

pub(super) fn rename_away(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let away = out_of_the_way(id);
    statements.push(format!("ALTER {} {} RENAME TO {}", keyword(id.kind), id.sql(), quote(&away.name)));
    statements.finish()
}

pub(super) fn drop_replaced(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(format!("DROP {} {}", keyword(id.kind), out_of_the_way(id).sql()));
    statements.finish()
}
