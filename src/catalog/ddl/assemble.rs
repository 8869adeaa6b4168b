use super::dependencies::{dependencies, parent_columns, relation};
use super::fill;
use super::kinds;
use super::order::{Graph, Node, Step};
use super::replace;
use super::scope::{Scope, is_routine};
use super::states::State;
use super::{DdlStatement, attributes};
use crate::catalog::definition::{ConstraintType, Sequence};
use crate::catalog::{Definition, Kind, Object, ObjectId};

/// Puts the steps of all objects that change in order.
pub(super) fn assemble(scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut assembly = Assembly { scope, graph: Graph::default() };
    for (id, state) in &scope.states.of {
        assembly.steps(id, *state);
    }
    for id in scope.states.of.keys() {
        assembly.edges(id);
    }
    assembly.names_that_are_taken_over();
    assembly.edges_of_persistence();
    let mut statements = assembly.graph.ordered();
    statements.extend(fill::fill(scope));
    statements
}

pub(super) struct Assembly<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) graph: Graph,
}

impl<'a> Assembly<'a> {
    pub(super) fn before(&self, id: &ObjectId) -> Option<&'a Object> {
        self.scope.from.objects.get(id)
    }

    pub(super) fn after(&self, id: &ObjectId) -> Option<&'a Object> {
        self.scope.to.objects.get(id)
    }

    fn steps(&mut self, id: &ObjectId, state: State) {
        let (scope, states) = (self.scope, self.scope.states);
        let (old, new) = (scope.from.objects.get(id), scope.to.objects.get(id));
        if let (true, Some(old)) = (states.goes(id), old) {
            if scope.states.replaced.contains(id) {
                self.graph.add((Step::RenameAway, id.clone()), replace::rename_away(id));
                self.graph.add((Step::DropReplaced, id.clone()), replace::drop_replaced(id));
            } else if !self.drop_is_implied(id, old) {
                self.graph.add((Step::Drop, id.clone()), kinds::drop(id, old, scope));
            }
        }
        if let (true, Some(new)) = (states.comes(id), new) {
            if !self.creation_is_implied(id, new) {
                self.graph.add(made(id, new), kinds::create(id, new, scope));
            } else if id.kind == Kind::Constraint {
                self.graph.add((Step::Finish, id.clone()), attributes::of_new(id, new, scope));
            }
        }
        if let (State::Alter, Some(old), Some(new)) = (state, old, new) {
            let mut statements = kinds::alter(id, old, new, scope).unwrap_or_default();
            statements.extend(attributes::alter(id, old, new, scope));
            self.graph.add(made(id, new), statements);
        }
        self.loosen(id, old, new);
        if let Some(new) = new {
            self.finish(id, old, new);
        }
    }

    /// What must go before others can be dropped.
    fn loosen(&mut self, id: &ObjectId, old: Option<&Object>, new: Option<&Object>) {
        let goes_early = self.scope.states.without_default.contains(id) || self.scope.has_early_default(id);
        if goes_early && old.is_some_and(has_default) {
            self.graph.add((Step::Loosen, id.clone()), kinds::drop_default(id));
        }
        if self.scope.states.reread.contains(id) && old.is_some_and(has_range) {
            self.graph.add((Step::Loosen, id.clone()), kinds::turn_into_text(id, old));
        }
        if let (Some(Definition::Column(from)), Some(Definition::Column(to)), Some(State::Alter)) =
            (old.map(|old| &old.definition), new.map(|new| &new.definition), self.scope.states.get(id))
            && from.identity.is_some()
            && to.identity.is_none()
        {
            self.graph.add((Step::Loosen, id.clone()), kinds::drop_identity(id));
        }
        if let (Some(Definition::Sequence(from)), Some(Definition::Sequence(_)), Some(State::Alter)) =
            (old.map(|old| &old.definition), new.map(|new| &new.definition), self.scope.states.get(id))
            && let Some((schema, table, column)) = &from.owned_by
        {
            let column = ObjectId::part(Kind::Column, schema, table, column);
            if self.scope.states.goes(&column) {
                self.graph.add((Step::Loosen, id.clone()), kinds::disown_sequence(id));
                self.graph.edge((Step::Loosen, id.clone()), self.gone(&column));
            }
        }
        if let (Some(Definition::Table(from)), Some(Definition::Table(to)), Some(State::Alter)) =
            (old.map(|old| &old.definition), new.map(|new| &new.definition), self.scope.states.get(id))
        {
            let parent = from.partition_of.as_ref();
            let loses_its_parent = parent.is_some_and(|parent| {
                self.scope.states.goes(&ObjectId::new(Kind::Table, &parent.schema, &parent.name))
            });
            let mut without = to.clone();
            if loses_its_parent {
                without.partition_of = None;
            }
            self.graph.add((Step::Loosen, id.clone()), kinds::detach(id, from, Some(&without)));
        }
    }

    fn finish(&mut self, id: &ObjectId, old: Option<&Object>, new: &Object) {
        let statements = kinds::finish(id, old, new, self.scope);
        self.graph.add((Step::Finish, id.clone()), statements);
        if self.scope.states.comes(id)
            && self.scope.has_late_default(id)
            && let Definition::Column(column) = &new.definition
            && let Some(default) = &column.default
        {
            self.graph.add((Step::Finish, id.clone()), kinds::set_default(id, default));
        }
    }

    /// Whether dropping the table takes it along. A foreign key goes first where the other table goes too.
    fn drop_is_implied(&self, id: &ObjectId, old: &Object) -> bool {
        let states = self.scope.states;
        let goes = |id: &ObjectId| states.goes(id);
        if let Definition::Sequence(sequence) = &old.definition {
            return sequence.owned_by.as_ref().is_some_and(|(schema, table, column)| {
                let column = ObjectId::part(Kind::Column, schema, table, column);
                goes(&column)
            });
        }
        if let Definition::Constraint(constraint) = &old.definition
            && constraint.constraint_type == ConstraintType::ForeignKey
        {
            let refers_to_what_goes = old.depends_on.iter().any(|needed| {
                needed.kind.is_part()
                    && (&needed.schema, &needed.name) != (&id.schema, &id.name)
                    && relation(needed, self.scope.from).is_some_and(|table| goes(&table))
            });
            if refers_to_what_goes {
                return false;
            }
        }
        if id.kind != Kind::Column && self.scope.needs_routine_of_its_table(id, old) {
            return false;
        }
        relation(id, self.scope.from).is_some_and(|relation| goes(&relation))
    }

    /// Whether the table's own statement makes it.
    fn creation_is_implied(&self, id: &ObjectId, new: &Object) -> bool {
        match id.kind {
            Kind::Column => relation(id, self.scope.to).is_some_and(|table| self.scope.states.comes(&table)),
            Kind::Constraint => self.scope.is_inline(id, new),
            _ => false,
        }
    }

    /// The step after which an object of the first catalog is no longer in the way.
    pub(super) fn gone(&self, id: &ObjectId) -> Node {
        if let Some(old) = self.before(id)
            && let Definition::Sequence(Sequence { owned_by: Some((schema, table, column)), .. }) =
                &old.definition
            && self.drop_is_implied(id, old)
        {
            return self.gone(&ObjectId::part(Kind::Column, schema, table, column));
        }
        let whole = relation(id, self.scope.from)
            .filter(|_| self.before(id).is_some_and(|old| self.drop_is_implied(id, old)));
        match whole {
            _ if self.scope.states.replaced.contains(id) => (Step::DropReplaced, id.clone()),
            Some(relation) => (Step::Drop, relation),
            None => (Step::Drop, id.clone()),
        }
    }

    /// The step after which an object of the second catalog is there.
    pub(super) fn there(&self, id: &ObjectId) -> Node {
        match self.after(id) {
            Some(new) if self.scope.states.comes(id) && self.creation_is_implied(id, new) => {
                (Step::Make, relation(id, self.scope.to).unwrap_or_else(|| id.clone()))
            }
            Some(new) => made(id, new),
            None => (Step::Make, id.clone()),
        }
    }

    fn edges(&mut self, id: &ObjectId) {
        let states = self.scope.states;
        let there = self.there(id);
        if let Some(old) = self.before(id) {
            let last = if states.goes(id) { self.gone(id) } else { there.clone() };
            for needed in dependencies(id, old, self.scope.from) {
                self.edges_of_old(id, &needed, &last);
            }
            if self.scope.states.replaced.contains(id) {
                self.graph.edge((Step::RenameAway, id.clone()), there.clone());
                self.graph.edge(there.clone(), (Step::DropReplaced, id.clone()));
            } else if states.goes(id) {
                self.graph.edge(self.gone(id), there.clone());
            }
        }
        if let Some(new) = self.after(id) {
            for needed in dependencies(id, new, self.scope.to) {
                self.edges_of_new(id, &needed, &there);
            }
            self.edges_of_finish(id, new, &there);
        }
        self.edges_of_merged_columns(id);
        self.edges_of_operator_classes(id);
        self.graph.edge((Step::Loosen, id.clone()), there);
    }

    /// Their functions are not theirs by name in the catalog, but by way of entries that have none.
    fn edges_of_operator_classes(&mut self, id: &ObjectId) {
        let states = self.scope.states;
        if id.kind == Kind::Other && id.part.starts_with("operator ") && states.goes(id) {
            for routine in states.of.keys().filter(|other| is_routine(other.kind) && states.goes(other)) {
                self.graph.edge(self.gone(id), self.gone(routine));
            }
        }
    }

    /// A column of its own that a parent has too is made before the parent's, and dropped after it.
    fn edges_of_merged_columns(&mut self, id: &ObjectId) {
        let is_own = |object: Option<&Object>| matches!(object.map(|object| &object.definition), Some(Definition::Column(column)) if !column.inherited);
        let with_its_table = |catalog| {
            relation(id, catalog)
                .is_some_and(|table| self.scope.states.comes(&table) || self.scope.states.goes(&table))
        };
        if with_its_table(self.scope.from) || with_its_table(self.scope.to) {
            return;
        }
        if self.scope.states.comes(id) && is_own(self.after(id)) {
            for parent in parent_columns(id, self.scope.to) {
                self.graph.edge(self.there(id), self.there(&parent));
            }
        }
        if self.scope.states.goes(id) && is_own(self.before(id)) {
            for parent in parent_columns(id, self.scope.from) {
                self.graph.edge(self.gone(&parent), self.gone(id));
            }
        }
    }

    /// Nothing is dropped, or gets another type, before what needs it.
    fn edges_of_old(&mut self, id: &ObjectId, needed: &ObjectId, last: &Node) {
        let states = self.scope.states;
        if states.goes(needed) {
            let gone = self.gone(needed);
            let loosened = (Step::Loosen, id.clone());
            if states.replaced.contains(needed) {
                if states.goes(id) && !self.scope.states.replaced.contains(id) {
                    self.graph.edge(last.clone(), (Step::RenameAway, needed.clone()));
                } else {
                    self.graph.edge(last.clone(), gone);
                }
            } else if states.without_default.contains(id)
                || self.is_taken_off(id, needed)
                || (needed.kind == Kind::RangeType && states.reread.contains(id))
            {
                self.graph.edge(loosened, gone);
            } else if self.scope.has_early_default(id) && is_routine(needed.kind) {
                self.graph.edge(loosened.clone(), gone);
                self.graph.edge(loosened, last.clone());
            } else {
                self.graph.edge(last.clone(), gone);
            }
        } else if states.retyped.contains(needed) && (states.goes(id) || self.stops_being_generated(id)) {
            self.graph.edge(last.clone(), self.there(needed));
        }
    }

    fn stops_being_generated(&self, id: &ObjectId) -> bool {
        let is_generated = |object: Option<&Object>| matches!(object.map(|object| &object.definition), Some(Definition::Column(column)) if column.generated.is_some());
        is_generated(self.before(id)) && !is_generated(self.after(id))
    }

    fn is_taken_off(&self, id: &ObjectId, parent: &ObjectId) -> bool {
        id.kind == Kind::Table
            && parent.kind == Kind::Table
            && self.scope.states.get(id) == Some(State::Alter)
    }

    /// Nothing is made before what it needs.
    fn edges_of_new(&mut self, id: &ObjectId, needed: &ObjectId, there: &Node) {
        if self.scope.states.get(needed).is_none() {
            return;
        }
        let needed_there = self.there(needed);
        // An index is made by itself, and becomes part of the partitioned table's then.
        let is_foreign_key = there.0 == Step::Last;
        if is_index(id) && is_index(needed) && !is_foreign_key {
            return self.graph.edge(needed_there, (Step::Finish, id.clone()));
        }
        let is_late =
            self.scope.states.comes(id) && self.scope.has_late_default(id) && is_routine(needed.kind);
        if is_late {
            self.graph.edge(needed_there, (Step::Finish, id.clone()));
        } else {
            self.graph.edge(needed_there, there.clone());
        }
    }

    /// A table is attached once its indexes are there, and an index once its table is attached.
    fn edges_of_finish(&mut self, id: &ObjectId, new: &Object, there: &Node) {
        let finish = (Step::Finish, id.clone());
        self.graph.edge(there.clone(), finish.clone());
        match (&new.definition, relation(id, self.scope.to)) {
            (Definition::Column(_), Some(table)) => self.graph.edge(there.clone(), (Step::Finish, table)),
            (Definition::Index(_), Some(table)) => {
                self.graph.edge(there.clone(), (Step::Finish, table.clone()));
                self.graph.edge((Step::Finish, table), finish);
            }
            (Definition::Constraint(constraint), Some(table)) if constraint.has_index() => {
                self.graph.edge(there.clone(), (Step::Finish, table.clone()));
                self.graph.edge((Step::Finish, table), finish);
            }
            (Definition::Constraint(constraint), Some(table))
                if constraint.constraint_type == ConstraintType::Check && constraint.inherited =>
            {
                self.graph.edge(there.clone(), (Step::Finish, table));
            }
            // An index that is there already when a partition is attached would make one of its own there.
            (Definition::Table(table) | Definition::ForeignTable(table), _) => {
                if let Some(parent) = &table.partition_of {
                    self.edges_of_attaching(&parent.schema, &parent.name, &finish);
                }
            }
            (Definition::Sequence(sequence), _) => {
                if let Some((schema, table, column)) = &sequence.owned_by {
                    let column = ObjectId::part(Kind::Column, schema, table, column);
                    self.graph.edge(self.there(&column), finish);
                }
            }
            _ => {}
        }
    }

    fn edges_of_attaching(&mut self, schema: &str, parent: &str, attached: &Node) {
        let scope = self.scope;
        for id in scope.states.of.keys().filter(|id| id.schema == schema && id.name == parent) {
            let there = self.there(id);
            // What the table's own statement holds is there before any partition.
            if is_index(id) && is_index(&there.1) && scope.states.comes(id) {
                self.graph.edge(attached.clone(), there);
            }
        }
    }
}

fn has_range(object: &Object) -> bool {
    object.depends_on.iter().any(|needed| needed.kind == Kind::RangeType)
}

fn has_default(object: &Object) -> bool {
    matches!(&object.definition, Definition::Column(column) if column.default.is_some())
}

fn is_index(id: &ObjectId) -> bool {
    matches!(id.kind, Kind::Index | Kind::Constraint)
}

/// The step that makes or alters an object.
fn made(id: &ObjectId, object: &Object) -> Node {
    let needs_many = match &object.definition {
        Definition::Constraint(constraint) => constraint.constraint_type == ConstraintType::ForeignKey,
        Definition::Publication(_) | Definition::EventTrigger(_) | Definition::DefaultPrivileges(_) => true,
        _ => false,
    };
    (if needs_many { Step::Last } else { Step::Make }, id.clone())
}
