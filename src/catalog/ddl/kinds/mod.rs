//! The DDL of each kind of object: to make it, to change it in place where that can be, to drop it.

mod column;
mod constraint;
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
use super::dependencies::{dependencies, relation};
use super::statements::Statements;
use super::states::{State, States};
use super::{DdlStatement, DiffOptions, Hazard};
use crate::catalog::definition::{Constraint, ConstraintType, RangeType, RelationName, Table};
use crate::catalog::name::quote;
use crate::catalog::{Catalog, Definition, Grant, Kind, Object, ObjectId};

pub(super) use column::{drop_default, drop_identity, set_default, turn_into_text};
pub(super) use table::detach;

/// What a statement may depend on beyond its object.
pub(super) struct Scope<'a> {
    pub(super) from: &'a Catalog,
    pub(super) to: &'a Catalog,
    pub(super) options: &'a DiffOptions,
    pub(super) states: &'a States,
}

impl<'a> Scope<'a> {
    /// Whether the table that it is part of is made by this plan, and so has no rows.
    fn is_new(&self, id: &ObjectId) -> bool {
        relation(id, self.to).is_some_and(|relation| self.states.comes(&relation))
    }

    fn table(&self, id: &ObjectId) -> Option<&'a Table> {
        let relation = relation(id, self.to)?;
        match &self.to.objects.get(&relation)?.definition {
            Definition::Table(table) | Definition::ForeignTable(table) => Some(table),
            _ => None,
        }
    }

    /// Whether the table that it is part of comes from other tables than before.
    fn changes_parents(&self, id: &ObjectId) -> bool {
        let table = |catalog: &'a Catalog| match &catalog.objects.get(&relation(id, catalog)?)?.definition {
            Definition::Table(table) | Definition::ForeignTable(table) => {
                Some((&table.inherits, &table.partition_of))
            }
            _ => None,
        };
        table(self.from) != table(self.to)
    }

    /// Whether a table that stays becomes part of another one, which must find its constraints there.
    fn is_joined(&self, id: &ObjectId) -> bool {
        self.stays(id) && self.is_moved(self.whole(id, self.to), self.whole(id, self.from))
    }

    /// Whether a table that stays is taken from another one, and keeps what came from there.
    fn is_parted(&self, id: &ObjectId) -> bool {
        self.stays(id) && self.is_moved(self.whole(id, self.from), self.whole(id, self.to))
    }

    fn stays(&self, id: &ObjectId) -> bool {
        relation(id, self.from).is_some_and(|table| !self.states.goes(&table))
    }

    /// The table of which the one that it is part of is a partition.
    fn whole(&self, id: &ObjectId, catalog: &'a Catalog) -> Option<ObjectId> {
        match &catalog.objects.get(&relation(id, catalog)?)?.definition {
            Definition::Table(Table { partition_of: Some(whole), .. }) => {
                Some(ObjectId::new(Kind::Table, &whole.schema, &whole.name))
            }
            _ => None,
        }
    }

    fn is_moved(&self, here: Option<ObjectId>, there: Option<ObjectId>) -> bool {
        here.is_some_and(|here| {
            self.states.get(&here) == Some(State::Recreate) || there.is_none_or(|there| there != here)
        })
    }

    /// Whether the table has the columns of a composite type, which it follows.
    fn is_typed(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.of_type.is_some())
    }

    /// Whether tables follow a composite type.
    fn has_tables(&self, id: &ObjectId) -> bool {
        let name = id.sql();
        self.from.objects.values().any(|object| {
            matches!(&object.definition, Definition::Table(table) if table.of_type.as_ref() == Some(&name))
        })
    }

    fn is_partitioned(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.partition_by.is_some())
    }

    /// Whether the table is partitioned or a partition.
    fn is_in_partitions(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.partition_by.is_some() || table.partition_of.is_some())
    }

    /// Whether a foreign key refers to a table that stays.
    fn is_referenced(&self, schema: &str, name: &str) -> bool {
        let stays = !self.states.goes(&ObjectId::new(Kind::Table, schema, name));
        let is_part =
            |needed: &ObjectId| needed.kind.is_part() && needed.schema == schema && needed.name == name;
        stays
            && self.from.objects.iter().any(|(id, object)| {
                matches!(&object.definition, Definition::Constraint(constraint)
                    if constraint.constraint_type == ConstraintType::ForeignKey)
                    && (id.schema != schema || id.name != name)
                    && object.depends_on.iter().any(is_part)
            })
    }

    /// Whether columns hold a type inside another one.
    fn is_within_others(&self, id: &ObjectId) -> bool {
        let holders = self.from.objects.iter().filter(|(_, object)| object.depends_on.contains(id));
        holders.into_iter().any(|(_, object)| match &object.definition {
            Definition::Column(column) => column.data_type.ends_with("[]"),
            Definition::CompositeType(_) => true,
            _ => false,
        })
    }

    /// Whether something of this plan may use a value of the type.
    fn is_used_by_a_change(&self, id: &ObjectId) -> bool {
        self.states.of.iter().any(|(other, state)| {
            *state != State::Drop
                && other != id
                && self.to.objects.get(other).is_some_and(|object| object.depends_on.contains(id))
        })
    }

    /// Whether a column's default needs a routine that itself needs the column's table.
    pub(super) fn has_late_default(&self, id: &ObjectId) -> bool {
        self.comes_late(id, self.to)
    }

    /// Whether a routine that it needs itself needs the table that it is part of.
    pub(super) fn needs_routine_of_its_table(&self, id: &ObjectId, old: &Object) -> bool {
        old.depends_on.iter().any(|needed| is_routine(needed.kind) && reaches(needed, id, self.from))
    }

    /// Whether a column's default must go before a routine that needs the column's table.
    pub(super) fn has_early_default(&self, id: &ObjectId) -> bool {
        self.states.goes(id) && self.comes_late(id, self.from)
    }

    fn comes_late(&self, id: &ObjectId, catalog: &Catalog) -> bool {
        let Some(object) = catalog.objects.get(id) else { return false };
        let Definition::Column(column) = &object.definition else { return false };
        column.default.is_some()
            && object.depends_on.iter().any(|needed| is_routine(needed.kind) && reaches(needed, id, catalog))
    }

    /// The constraints that a new table's own statement can hold.
    fn inline_constraints(&self, table: &ObjectId) -> Vec<(&'a ObjectId, &'a Constraint)> {
        let first = ObjectId::part(Kind::Constraint, &table.schema, &table.name, "");
        let of_table = self
            .to
            .objects
            .range(first..)
            .take_while(|(id, _)| id.kind == Kind::Constraint && id.is_of(table));
        of_table
            .filter(|(id, object)| self.is_inline(id, object))
            .filter_map(|(id, object)| match &object.definition {
                Definition::Constraint(constraint) => Some((id, constraint)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn is_inline(&self, id: &ObjectId, object: &Object) -> bool {
        let Definition::Constraint(constraint) = &object.definition else { return false };
        let is_partition = self.table(id).is_some_and(|table| table.partition_of.is_some());
        let comes_with_its_parent =
            constraint.inherited && !(is_partition && constraint.constraint_type == ConstraintType::Check);
        let said_elsewhere = constraint.not_valid
            || constraint.not_enforced
            || constraint.constraint_type == ConstraintType::ForeignKey
            || (constraint.has_index() && self.is_in_partitions(id));
        self.is_new(id)
            && !comes_with_its_parent
            && !said_elsewhere
            && !object.depends_on.iter().any(|needed| is_routine(needed.kind) && reaches(needed, id, self.to))
    }

    fn drops_index(&self, name: &RelationName) -> bool {
        self.states.of.iter().any(|(id, _)| {
            matches!(id.kind, Kind::Index | Kind::Constraint)
                && id.schema == name.schema
                && id.part == name.name
                && self.states.goes(id)
        })
    }

    /// Whether an index of the same table has that in the second catalog.
    fn any_index(&self, id: &ObjectId, has: impl Fn(&Place<'_>) -> bool) -> bool {
        let of_table = |other: &ObjectId| other.schema == id.schema && other.name == id.name;
        let places = self.to.objects.iter().filter(|(other, _)| of_table(other));
        places.filter_map(|(_, object)| Place::of(&object.definition)).any(|place| has(&place))
    }

    fn says_replica_identity(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.replica_identity.is_some())
    }

    /// What default privileges, which change last, give a new object of the role that makes it.
    pub(super) fn initial_grants(&self, id: &ObjectId) -> Vec<Grant> {
        let kind = match id.kind {
            kind if kind.is_relation() => "tables",
            Kind::Sequence => "sequences",
            Kind::Function | Kind::Procedure | Kind::Aggregate => "functions",
            Kind::Enum | Kind::CompositeType | Kind::Domain | Kind::RangeType => "types",
            Kind::Schema => "schemas",
            _ => return Vec::new(),
        };
        let everywhere = ObjectId::new(Kind::DefaultPrivileges, "", kind);
        let in_schema = ObjectId::new(Kind::DefaultPrivileges, &id.schema, kind);
        let defaults = [Some(everywhere), (!id.schema.is_empty()).then_some(in_schema)];
        let found = defaults.iter().flatten().filter_map(|id| self.from.objects.get(id));
        found.flat_map(|object| object.grants.iter().cloned()).collect()
    }
}

/// Whether an object needs, over however many others, the table that something is part of.
fn reaches(start: &ObjectId, part: &ObjectId, catalog: &Catalog) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![start.clone()];
    while let Some(id) = open.pop() {
        if id.schema == part.schema && id.name == part.name && (id.kind.is_part() || id.kind.is_relation()) {
            return true;
        }
        if let Some(object) = catalog.objects.get(&id)
            && seen.insert(id.clone())
        {
            open.extend(dependencies(&id, object, catalog));
        }
    }
    false
}

pub(super) fn is_routine(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::Procedure | Kind::Aggregate)
}

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
        Definition::Domain(domain) => statements.extend(types::create_domain(id, domain)),
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
        (Definition::Extension(_), Definition::Extension(to)) => Some(parts::set_schema(id, &to.schema)),
        (Definition::Enum(from), Definition::Enum(to)) => types::alter_enum(id, from, to, scope),
        (Definition::CompositeType(from), Definition::CompositeType(to)) => {
            types::alter_composite(id, from, to, scope)
        }
        (Definition::Domain(from), Definition::Domain(to)) => types::alter_domain(id, from, to, scope),
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
        (Definition::Table(from), Definition::Table(to))
        | (Definition::ForeignTable(from), Definition::ForeignTable(to)) => table::alter(id, from, to),
        (Definition::Column(from), Definition::Column(to)) => {
            let states = scope.states;
            let (reread, gone) = (states.reread.contains(id), states.without_default.contains(id));
            (!column::must_be_made_anew(from, to)).then(|| column::alter(id, from, to, reread, gone, scope))
        }
        (Definition::View(from), Definition::View(to))
        | (Definition::MaterializedView(from), Definition::MaterializedView(to)) => view::alter(id, from, to),
        (Definition::Index(from), Definition::Index(to)) => index::alter(id, from, to),
        (Definition::Constraint(from), Definition::Constraint(to)) => constraint::alter(id, from, to, scope),
        (Definition::Statistics(from), Definition::Statistics(to)) => parts::alter_statistics(id, from, to),
        (Definition::Rule(from), Definition::Rule(to)) => parts::alter_rule(id, from, to),
        (Definition::Trigger(from), Definition::Trigger(to)) => parts::alter_trigger(id, from, to),
        (Definition::Policy(from), Definition::Policy(to)) => parts::alter_policy(id, from, to),
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

/// The name that a type has while columns move from it to the one that takes its place.
pub(super) fn replaced_name(id: &ObjectId) -> String {
    format!("{}__replaced", id.name)
}

pub(super) fn rename_away(id: &ObjectId, old: &Object) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(format!(
        "ALTER {} {} RENAME TO {}",
        keyword(id.kind),
        id.sql(),
        quote(&replaced_name(id))
    ));
    if let Definition::RangeType(RangeType { multirange: Some(name), .. }) = &old.definition {
        let multirange = ObjectId::new(Kind::RangeType, &id.schema, name);
        statements.push(format!(
            "ALTER TYPE {} RENAME TO {}",
            multirange.sql(),
            quote(&replaced_name(&multirange))
        ));
    }
    statements.finish()
}

pub(super) fn drop_replaced(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let replaced = ObjectId::new(id.kind, &id.schema, &replaced_name(id));
    statements.push(format!("DROP {} {}", keyword(id.kind), replaced.sql()));
    statements.finish()
}
