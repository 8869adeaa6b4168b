use std::collections::{BTreeMap, BTreeSet};

use super::dependencies::{dependencies, parent_columns, relation};
use super::kinds;
use super::replace;
use super::scope::Scope;
use super::{DiffOptions, Unexpressed};
use crate::catalog::definition::{Sequence, Table};
use crate::catalog::difference::pairs;
use crate::catalog::name::quote;
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

/// What becomes of an object that does not stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Create,
    Drop,
    Alter,
    /// Dropped and made again, because it cannot be altered, or because something that it needs cannot.
    Recreate,
}

/// What becomes of all objects.
#[derive(Debug, Default)]
pub(super) struct States {
    pub(super) of: BTreeMap<ObjectId, State>,
    /// Columns whose values become those of another type.
    pub(super) retyped: BTreeSet<ObjectId>,
    /// Of these, the columns whose type keeps its name and is made anew.
    pub(super) reread: BTreeSet<ObjectId>,
    /// Columns whose default goes before what it needs is made anew.
    pub(super) without_default: BTreeSet<ObjectId>,
    /// Columns whose type would have to change, and cannot.
    pub(super) keep_their_type: BTreeSet<ObjectId>,
    /// Types from which columns move to another one of the same name.
    pub(super) replaced: BTreeSet<ObjectId>,
    pub(super) unexpressed: Vec<Unexpressed>,
}

impl States {
    pub(super) fn between(from: &Catalog, to: &Catalog, options: &DiffOptions) -> Self {
        let mut states = Self::default();
        states.compare(from, to, options);
        states.take_indexes_apart(from, to);
        states.keep_own_columns(from, to);
        states.free_names_of_sequences(from, to);
        while states.spread(from, to) {}
        states.keep_secrets(to);
        states.replaced = replace::replaced(&states, from);
        states
    }

    pub(super) fn get(&self, id: &ObjectId) -> Option<State> {
        self.of.get(id).copied()
    }

    /// Whether it goes, for good or to be made again.
    pub(super) fn goes(&self, id: &ObjectId) -> bool {
        matches!(self.get(id), Some(State::Drop | State::Recreate))
    }

    /// Whether it comes, for the first time or again.
    pub(super) fn comes(&self, id: &ObjectId) -> bool {
        matches!(self.get(id), Some(State::Create | State::Recreate))
    }

    fn compare(&mut self, from: &Catalog, to: &Catalog, options: &DiffOptions) {
        let nothing = Self::default();
        let scope = Scope { from, to, options, states: &nothing };
        for (id, old, new) in pairs(from, to) {
            match (old, new) {
                (Some(_), None) => self.set(id, State::Drop),
                (None, _) => self.set(id, State::Create),
                (Some(old), Some(new)) if !old.is_same(new) => self.compare_object(id, old, new, &scope),
                (Some(_), Some(_)) => {}
            }
        }
    }

    /// No DDL takes from a column that it is its table's own too.
    fn keep_own_columns(&mut self, from: &Catalog, to: &Catalog) {
        for (id, old, new) in pairs(from, to) {
            let definitions = (old.map(|object| &object.definition), new.map(|object| &object.definition));
            let (Some(Definition::Column(old)), Some(Definition::Column(new))) = definitions else {
                continue;
            };
            if old.inherited || !new.inherited {
                continue;
            }
            let of_inheritance = ObjectId::new(Kind::Table, &id.schema, &id.name);
            let is_partition = to.objects.get(&of_inheritance).is_some_and(
                |table| matches!(&table.definition, Definition::Table(table) if table.partition_of.is_some()),
            );
            if !is_partition {
                let reason =
                    "it would be its parent's alone, and no DDL takes it from its table: it stays both";
                self.unexpressed.push(Unexpressed { object: id.clone(), reason: reason.to_owned() });
            }
        }
    }

    fn compare_object(&mut self, id: &ObjectId, old: &Object, new: &Object, scope: &Scope<'_>) {
        if let (Definition::Column(from), Definition::Column(to)) = (&old.definition, &new.definition)
            && (&from.data_type, &from.collation) != (&to.data_type, &to.collation)
        {
            if is_in_partition_key(id, scope.from) {
                let reason = "it is part of a partition key, and no DDL changes its type: \
                    make another table, and copy the rows";
                self.unexpressed.push(Unexpressed { object: id.clone(), reason: reason.to_owned() });
                self.keep_their_type.insert(id.clone());
            } else {
                self.retyped.insert(id.clone());
            }
        }
        let can_be_altered = old.definition == new.definition || kinds::alter(id, old, new, scope).is_some();
        self.set(id, if can_be_altered { State::Alter } else { State::Recreate });
    }

    /// A partition's index leaves the partitioned table's only when that goes.
    fn take_indexes_apart(&mut self, from: &Catalog, to: &Catalog) {
        for (id, old) in &from.objects {
            let attached = |object: &Object| {
                kinds::Place::of(&object.definition).and_then(|place| place.attached_to.cloned())
            };
            let Some(parent) = attached(old) else { continue };
            let table = |catalog: &Catalog| match &catalog.objects.get(&relation(id, catalog)?)?.definition {
                Definition::Table(table) => table.partition_of.clone(),
                _ => None,
            };
            let stays_a_partition = table(from).is_some() && table(from) == table(to);
            if stays_a_partition && to.objects.get(id).and_then(attached) != Some(parent.clone()) {
                let wholes = old
                    .depends_on
                    .iter()
                    .filter(|whole| whole.part == parent.name && to.objects.contains_key(whole));
                wholes.for_each(|whole| self.set(whole, State::Recreate));
            }
        }
    }

    /// What is never read cannot be written.
    fn keep_secrets(&mut self, to: &Catalog) {
        for (id, object) in &to.objects {
            let Definition::UserMapping(mapping) = &object.definition else { continue };
            if self.of.contains_key(id) && !mapping.options.is_empty() {
                let reason = format!(
                    "its options ({}) may be secrets and are never read: set them by hand with ALTER USER MAPPING",
                    mapping.options.join(", ")
                );
                self.unexpressed.push(Unexpressed { object: id.clone(), reason });
            }
        }
    }

    /// A serial column that becomes an identity column takes its sequence's name over.
    fn free_names_of_sequences(&mut self, from: &Catalog, to: &Catalog) {
        for (id, state) in &self.of {
            let (Some(old), Some(new)) = (from.objects.get(id), to.objects.get(id)) else { continue };
            if let (State::Alter, Definition::Column(old), Definition::Column(new)) =
                (state, &old.definition, &new.definition)
                && old.default.is_some()
                && old.identity.is_none()
                && new.identity.is_some()
            {
                self.without_default.insert(id.clone());
            }
        }
    }

    fn set(&mut self, id: &ObjectId, state: State) {
        if id.kind == Kind::Other && !(state == State::Drop && can_be_dropped(id)) {
            let what = match state {
                State::Create => "is to be made",
                State::Drop => "is to go",
                State::Alter | State::Recreate => "is another",
            };
            let reason = format!("it {what}, and no DDL is known here for its kind: write it by hand");
            self.unexpressed.push(Unexpressed { object: id.clone(), reason });
        } else {
            self.of.insert(id.clone(), state);
        }
    }

    /// Carries what is made anew over to what needs it. Says whether there was anything to carry.
    fn spread(&mut self, from: &Catalog, to: &Catalog) -> bool {
        let goes = |state: &State| matches!(state, State::Recreate | State::Drop);
        if self.retyped.is_empty() && !self.of.values().any(goes) {
            return false;
        }
        let mut grew = false;
        for (id, old) in &from.objects {
            let Some(new) = to.objects.get(id) else { continue };
            // It would go with the column, and is kept.
            if let Definition::Sequence(Sequence { owned_by: Some((schema, table, column)), .. }) =
                &old.definition
                && self.goes(&ObjectId::part(Kind::Column, schema, table, column))
            {
                grew |= self.alter_at_least(id);
            }
            if self.get(id) == Some(State::Recreate) || id.kind == Kind::Other {
                continue;
            }
            for needed in needs(id, old, from) {
                let is_gone = match self.get(&needed) {
                    Some(State::Recreate) => {
                        !self.of.contains_key(id) || needs(id, new, to).contains(&needed)
                    }
                    // The same words may rely on something else: a foreign key on another key's index.
                    Some(State::Drop) => {
                        (!self.of.contains_key(id) && id.kind == Kind::Constraint)
                            || (id.kind == Kind::Publication && needed.kind == Kind::Column)
                    }
                    _ => false,
                };
                if is_gone {
                    grew |= self.lose(id, new, &needed);
                } else if self.retyped.contains(&needed) {
                    grew |= self.see_retyped(id, new);
                }
            }
        }
        grew
    }

    /// What an object becomes when something that it needs is made anew.
    fn lose(&mut self, id: &ObjectId, new: &Object, needed: &ObjectId) -> bool {
        let is_type =
            matches!(needed.kind, Kind::Enum | Kind::CompositeType | Kind::Domain | Kind::RangeType);
        let is_routine =
            matches!(needed.kind, Kind::Function | Kind::Procedure | Kind::Aggregate | Kind::Sequence);
        match &new.definition {
            Definition::Column(_) if is_type => {
                let grew = self.retyped.insert(id.clone());
                let grew = self.reread.insert(id.clone()) || grew;
                self.alter_at_least(id) || grew
            }
            Definition::Column(column) if is_routine && column.generated.is_none() => {
                let grew = self.without_default.insert(id.clone());
                self.alter_at_least(id) || grew
            }
            // A partition is taken off and put on again.
            Definition::Table(table) if table.partition_of.is_some() && needed.kind == Kind::Table => {
                self.alter_at_least(id)
            }
            _ => self.recreate(id),
        }
    }

    /// The server itself carries a new type over to indexes, constraints and statistics.
    fn see_retyped(&mut self, id: &ObjectId, new: &Object) -> bool {
        match (&new.definition, id.kind) {
            (Definition::Column(column), _) if column.generated.is_some() => self.recreate(id),
            // A parent's column takes it along.
            (Definition::Column(_), _) => false,
            (
                _,
                Kind::View
                | Kind::MaterializedView
                | Kind::Rule
                | Kind::Trigger
                | Kind::Policy
                | Kind::Function
                | Kind::Procedure
                | Kind::Publication,
            ) => self.recreate(id),
            _ => false,
        }
    }

    fn alter_at_least(&mut self, id: &ObjectId) -> bool {
        if self.of.contains_key(id) {
            return false;
        }
        self.of.insert(id.clone(), State::Alter);
        true
    }

    fn recreate(&mut self, id: &ObjectId) -> bool {
        self.of.insert(id.clone(), State::Recreate) != Some(State::Recreate)
    }
}

/// What takes an object along, or keeps it from being altered, where it goes: of a publication its tables too, which it
/// outlives without them, and the columns that it names.
fn needs(id: &ObjectId, object: &Object, catalog: &Catalog) -> Vec<ObjectId> {
    let mut needs = dependencies(id, object, catalog);
    if let Definition::Publication(publication) = &object.definition {
        for table in &publication.tables {
            let whole = ObjectId::new(Kind::Table, &table.schema, &table.name);
            let filter = table.filter.as_deref().unwrap_or_default();
            let columns = catalog.columns(&whole).into_iter().map(|(column, _)| column);
            let is_named = |column: &&ObjectId| {
                table.columns.contains(&column.part) || filter.contains(&quote(&column.part))
            };
            needs.extend(columns.filter(is_named).cloned());
            needs.push(whole);
        }
    }
    needs
}

/// Whether rows are told apart by it in the column's table, or in one of which that is a partition.
fn is_in_partition_key(id: &ObjectId, catalog: &Catalog) -> bool {
    let table = relation(id, catalog).and_then(|table| catalog.objects.get(&table));
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '"');
    let name = quote(&id.part);
    let is_named = table.is_some_and(|table| match &table.definition {
        Definition::Table(Table { partition_by: Some(key), .. }) => {
            let mut places = key.match_indices(&name);
            places
                .any(|(at, _)| !key[..at].ends_with(is_word) && !key[at + name.len()..].starts_with(is_word))
        }
        _ => false,
    });
    is_named || parent_columns(id, catalog).iter().any(|parent| is_in_partition_key(parent, catalog))
}

/// Whether `DROP` and what the server calls an object of no kind here is a statement that loses nothing else.
fn can_be_dropped(id: &ObjectId) -> bool {
    matches!(
        &*id.part,
        "cast"
            | "conversion"
            | "language"
            | "access method"
            | "operator"
            | "operator class"
            | "operator family"
            | "text search configuration"
    )
}
