//! The DDL of each kind of object: to make it, to change it in place where that can be, to drop it.

mod column;
mod constraint;
mod domain;
mod global;
mod index;
mod not_null;
mod parts;
mod routine;
mod table;
mod types;
mod view;

pub(super) use index::Place;
use types::own_sequence;

use super::attributes::{self, keyword};
use super::scope::Scope;
use super::statements::Statements;
use super::{DdlStatement, Hazard};
use crate::catalog::definition::{Column, Table};
use crate::catalog::{Definition, Kind, Object, ObjectId};

pub(super) use column::{drop_default, drop_identity, set_default, turn_into_text};
pub(super) use table::detach;

/// The statements that make an object, with owner, comment and privileges.
pub(super) fn create(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    match &object.definition {
        // It is there, and stays.
        Definition::Schema(_) if scope.from.holds_history(id) => {}
        Definition::Schema(_) => statements.push(format!("CREATE SCHEMA {}", id.sql())),
        Definition::Extension(extension) => statements.push(global::create_extension(id, extension)),
        Definition::Collation(collation) => statements.push(types::create_collation(id, collation)),
        Definition::Enum(definition) => statements.push(types::create_enum(id, definition)),
        Definition::CompositeType(definition) => statements.extend(types::create_composite(id, definition)),
        Definition::Domain(domain) => statements.extend(domain::create(id, domain)),
        Definition::RangeType(range) => statements.push(types::create_range(id, range)),
        Definition::Sequence(sequence) => statements.push(types::create_sequence(id, sequence)),
        Definition::Function(routine) | Definition::Procedure(routine) => {
            statements.push(routine::create_routine(routine));
        }
        Definition::Aggregate(aggregate) => statements.push(routine::create_aggregate(id, aggregate, false)),
        Definition::ForeignDataWrapper(wrapper) => statements.push(global::create_wrapper(id, wrapper)),
        Definition::Server(server) => statements.push(global::create_server(id, server)),
        Definition::UserMapping(_) => statements.push(global::create_user_mapping(id)),
        Definition::Table(table) | Definition::ForeignTable(table) => {
            statements.extend(table::create(id, table, scope));
        }
        Definition::Column(column) => return column::add(id, column, object, scope),
        Definition::View(view) | Definition::MaterializedView(view) => {
            statements.extend(view::create(id, view));
        }
        Definition::Index(index) => statements.extend(index::create(id, index, scope)),
        Definition::Constraint(constraint) => statements.extend(constraint::create(id, constraint, scope)),
        Definition::Statistics(definition) => statements.extend(parts::create_statistics(id, definition)),
        Definition::Rule(rule) => statements.extend(parts::create_rule(id, rule)),
        Definition::Trigger(trigger) => statements.extend(parts::create_trigger(id, trigger)),
        Definition::Policy(policy) => statements.extend(parts::create_policy(id, policy)),
        Definition::Publication(publication) => statements.push(global::create_publication(id, publication)),
        Definition::EventTrigger(trigger) => statements.extend(global::create_event_trigger(id, trigger)),
        Definition::DefaultPrivileges(_) | Definition::Other(_) => {}
    }
    statements.extend(attributes::of_new(id, object, scope));
    statements.finish()
}

/// The statements that change an object in place, but for owner, comment and privileges; none where that cannot be.
pub(super) fn alter(
    id: &ObjectId,
    from: &Object,
    to: &Object,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    if from.definition == to.definition && id.kind != Kind::Column {
        return Some(Vec::new());
    }
    match (&from.definition, &to.definition) {
        (Definition::Table(from), Definition::Table(to))
        | (Definition::ForeignTable(from), Definition::ForeignTable(to)) => table::alter(id, from, to),
        (Definition::Column(from), Definition::Column(to)) => alter_column(id, from, to, scope),
        (Definition::View(from), Definition::View(to))
        | (Definition::MaterializedView(from), Definition::MaterializedView(to)) => view::alter(id, from, to),
        (Definition::Index(from), Definition::Index(to)) => index::alter(id, from, to),
        (Definition::Constraint(from), Definition::Constraint(to)) => constraint::alter(id, from, to, scope),
        (Definition::Statistics(from), Definition::Statistics(to)) => parts::alter_statistics(id, from, to),
        (Definition::Rule(from), Definition::Rule(to)) => parts::alter_rule(id, from, to),
        (Definition::Trigger(from), Definition::Trigger(to)) => parts::alter_trigger(id, from, to),
        (Definition::Policy(from), Definition::Policy(to)) => parts::alter_policy(id, from, to),
        (from, to) => alter_outside_tables(id, from, to, scope),
    }
}

fn alter_column(id: &ObjectId, from: &Column, to: &Column, scope: &Scope<'_>) -> Option<Vec<DdlStatement>> {
    let states = scope.states;
    let (reread, gone) = (states.reread.contains(id), states.without_default.contains(id));
    if states.keep_their_type.contains(id) {
        let (data_type, collation) = (from.data_type.clone(), from.collation.clone());
        let to = Column { data_type, collation, ..to.clone() };
        return Some(column::alter(id, from, &to, reread, gone, scope));
    }
    (!column::must_be_made_anew(from, to)).then(|| column::alter(id, from, to, reread, gone, scope))
}

fn alter_outside_tables(
    id: &ObjectId,
    from: &Definition,
    to: &Definition,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    match (from, to) {
        (Definition::Extension(_), Definition::Extension(to)) => Some(parts::set_schema(id, &to.schema)),
        (Definition::Enum(from), Definition::Enum(to)) => types::alter_enum(id, from, to, scope),
        (Definition::CompositeType(from), Definition::CompositeType(to)) => {
            types::alter_composite(id, from, to, scope)
        }
        (Definition::Domain(from), Definition::Domain(to)) => domain::alter(id, from, to, scope),
        (Definition::Sequence(from), Definition::Sequence(to)) => Some(types::alter_sequence(id, from, to)),
        (Definition::Function(from), Definition::Function(to))
        | (Definition::Procedure(from), Definition::Procedure(to)) => {
            routine::can_replace(from, to).then(|| one(id, routine::create_routine(to)))
        }
        (Definition::Aggregate(from), Definition::Aggregate(to)) => {
            (from.result == to.result).then(|| one(id, routine::create_aggregate(id, to, true)))
        }
        (Definition::ForeignDataWrapper(from), Definition::ForeignDataWrapper(to)) => {
            Some(global::alter_wrapper(id, from, to))
        }
        (Definition::Server(from), Definition::Server(to)) => global::alter_server(id, from, to),
        (Definition::Publication(from), Definition::Publication(to)) => {
            global::alter_publication(id, from, to)
        }
        (Definition::EventTrigger(from), Definition::EventTrigger(to)) => {
            global::alter_event_trigger(id, from, to)
        }
        // Their options are never read.
        (Definition::UserMapping(_), Definition::UserMapping(_)) => Some(Vec::new()),
        _ => None,
    }
}

fn one(id: &ObjectId, sql: String) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(sql);
    statements.finish()
}

/// The statements that drop an object; none where it goes with another one.
pub(super) fn drop(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    match &object.definition {
        Definition::Table(_) | Definition::ForeignTable(_) => return table::drop(id, object, scope),
        Definition::Column(column) => return column::drop(id, column, scope),
        Definition::View(_) | Definition::MaterializedView(_) => return view::drop(id),
        Definition::Index(index) => return index::drop(id, index, scope),
        Definition::Constraint(constraint) => return constraint::drop(id, constraint, scope),
        Definition::Rule(_) | Definition::Trigger(_) | Definition::Policy(_) => return parts::drop(id),
        Definition::Schema(_) if scope.from.holds_history(id) || scope.to.holds_history(id) => {}
        Definition::UserMapping(_) => statements.push(global::drop_user_mapping(id)),
        // Nothing is left of privileges that are taken one by one.
        Definition::DefaultPrivileges(_) => {
            let without = Object { grants: Vec::new(), ..object.clone() };
            return attributes::alter(id, object, &without, scope);
        }
        Definition::Other(_) => statements
            .push_with(format!("DROP {} {}", id.part.to_uppercase(), id.name), &[Hazard::BreaksUsers]),
        _ => {
            let hazards: &[Hazard] = match id.kind {
                Kind::Sequence => &[Hazard::DeletesData, Hazard::BreaksUsers],
                Kind::Statistics => &[],
                _ => &[Hazard::BreaksUsers],
            };
            statements.push_with(format!("DROP {} {}", keyword(id.kind), id.sql()), hazards);
        }
    }
    statements.finish()
}

/// What is said of an object once others are there too.
pub(super) fn finish(
    id: &ObjectId,
    from: Option<&Object>,
    to: &Object,
    scope: &Scope<'_>,
) -> Vec<DdlStatement> {
    // An object that is made again has nothing of before.
    let from = from.filter(|_| !scope.states.comes(id));
    match &to.definition {
        Definition::Table(table) | Definition::ForeignTable(table) => {
            let before = from.and_then(|object| match &object.definition {
                Definition::Table(table) | Definition::ForeignTable(table) => Some(table),
                _ => None,
            });
            let parent_is_new = table.partition_of.as_ref().is_some_and(|parent| {
                scope.states.comes(&ObjectId::new(Kind::Table, &parent.schema, &parent.name))
            });
            let detached = before.map(|before| Table { partition_of: None, ..before.clone() });
            table::finish(id, if parent_is_new { detached.as_ref() } else { before }, table)
        }
        Definition::Index(_) | Definition::Constraint(_) => {
            let Some(place) = Place::of(&to.definition) else { return Vec::new() };
            let before = from.and_then(|object| Place::of(&object.definition));
            index::put_in_place(id, before.as_ref(), &place, scope)
        }
        Definition::Sequence(sequence) => {
            let before = from.and_then(|object| match &object.definition {
                Definition::Sequence(sequence) => sequence.owned_by.clone(),
                _ => None,
            });
            // It was taken from a column that goes.
            let before = before.filter(|(schema, table, column)| {
                !scope.states.goes(&ObjectId::part(Kind::Column, schema, table, column))
            });
            let mut statements = Statements::about(id);
            if before != sequence.owned_by {
                statements.push(own_sequence(id, sequence));
            }
            statements.finish()
        }
        _ => Vec::new(),
    }
}

/// Keeps a sequence where the column goes that owns it.
pub(super) fn disown_sequence(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(format!("ALTER SEQUENCE {} OWNED BY NONE", id.sql()));
    statements.finish()
}
