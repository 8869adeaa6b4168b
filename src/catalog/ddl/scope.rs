use std::collections::BTreeSet;

use super::DiffOptions;
use super::dependencies::{dependencies, relation};
use super::kinds::Place;
use super::states::{State, States};
use crate::catalog::definition::{Constraint, ConstraintType, RelationName, Table};
use crate::catalog::{Catalog, Definition, Grant, Kind, Object, ObjectId};

/// What a statement may depend on beyond its object.
pub(super) struct Scope<'a> {
    pub(super) from: &'a Catalog,
    pub(super) to: &'a Catalog,
    pub(super) options: &'a DiffOptions,
    pub(super) states: &'a States,
}

impl<'a> Scope<'a> {
    /// Whether the table that it is part of is made by this plan, and so has no rows.
    pub(super) fn is_new(&self, id: &ObjectId) -> bool {
        relation(id, self.to).is_some_and(|relation| self.states.comes(&relation))
    }

    pub(super) fn table(&self, id: &ObjectId) -> Option<&'a Table> {
        let relation = relation(id, self.to)?;
        match &self.to.objects.get(&relation)?.definition {
            Definition::Table(table) | Definition::ForeignTable(table) => Some(table),
            _ => None,
        }
    }

    /// Whether the table that it is part of comes from other tables than before.
    pub(super) fn changes_parents(&self, id: &ObjectId) -> bool {
        let table = |catalog: &'a Catalog| match &catalog.objects.get(&relation(id, catalog)?)?.definition {
            Definition::Table(table) | Definition::ForeignTable(table) => {
                Some((&table.inherits, &table.partition_of))
            }
            _ => None,
        };
        table(self.from) != table(self.to)
    }

    /// Whether a table that stays becomes part of another one, which must find its constraints there.
    pub(super) fn is_joined(&self, id: &ObjectId) -> bool {
        self.stays(id) && self.is_moved(self.whole(id, self.to), self.whole(id, self.from))
    }

    /// Whether a table that stays is taken from another one, and keeps what came from there.
    pub(super) fn is_parted(&self, id: &ObjectId) -> bool {
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
    pub(super) fn is_typed(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.of_type.is_some())
    }

    /// Whether tables follow a composite type.
    pub(super) fn has_tables(&self, id: &ObjectId) -> bool {
        let name = id.sql();
        self.from.objects.values().any(|object| {
            matches!(&object.definition, Definition::Table(table) if table.of_type.as_ref() == Some(&name))
        })
    }

    pub(super) fn is_partitioned(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.partition_by.is_some())
    }

    /// Whether the table is partitioned or a partition.
    pub(super) fn is_in_partitions(&self, id: &ObjectId) -> bool {
        self.table(id).is_some_and(|table| table.partition_by.is_some() || table.partition_of.is_some())
    }

    /// Whether a foreign key refers to a table that stays.
    pub(super) fn is_referenced(&self, schema: &str, name: &str) -> bool {
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
    pub(super) fn is_within_others(&self, id: &ObjectId) -> bool {
        let holders = self.from.objects.iter().filter(|(_, object)| object.depends_on.contains(id));
        holders.into_iter().any(|(_, object)| match &object.definition {
            Definition::Column(column) => column.data_type.ends_with("[]"),
            Definition::CompositeType(_) => true,
            _ => false,
        })
    }

    /// Whether something of this plan may use a value of the type.
    pub(super) fn is_used_by_a_change(&self, id: &ObjectId) -> bool {
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
    pub(super) fn inline_constraints(&self, table: &ObjectId) -> Vec<(&'a ObjectId, &'a Constraint)> {
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

    pub(super) fn drops_index(&self, name: &RelationName) -> bool {
        self.states.of.iter().any(|(id, _)| {
            matches!(id.kind, Kind::Index | Kind::Constraint)
                && id.schema == name.schema
                && id.part == name.name
                && self.states.goes(id)
        })
    }

    /// Whether an index of the same table has that in the second catalog.
    pub(super) fn any_index(&self, id: &ObjectId, has: impl Fn(&Place<'_>) -> bool) -> bool {
        let of_table = |other: &ObjectId| other.schema == id.schema && other.name == id.name;
        let places = self.to.objects.iter().filter(|(other, _)| of_table(other));
        places.filter_map(|(_, object)| Place::of(&object.definition)).any(|place| has(&place))
    }

    pub(super) fn says_replica_identity(&self, id: &ObjectId) -> bool {
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
    let mut seen = BTreeSet::new();
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
