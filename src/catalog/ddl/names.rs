//! Names that go from one object to another in one plan.

use std::collections::BTreeMap;

use super::assemble::Assembly;
use super::order::Step;
use super::states::State;
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

impl Assembly<'_> {
    /// A relation or type can have the name of a dropped one of another kind.
    pub(super) fn names_that_are_taken_over(&mut self) {
        let mut dropped: BTreeMap<(String, String), ObjectId> = BTreeMap::new();
        for id in self.scope.states.of.keys().filter(|id| self.scope.states.get(id) == Some(State::Drop)) {
            if let Some(name) = name_in_schema(id, self.scope.from) {
                dropped.insert(name, id.clone());
            }
        }
        self.names_of_identity_sequences(&dropped);
        let made: Vec<&ObjectId> = self
            .scope
            .states
            .of
            .keys()
            .filter(|id| self.scope.states.get(id) == Some(State::Create))
            .collect();
        for id in made {
            let former = name_in_schema(id, self.scope.to).and_then(|name| dropped.get(&name));
            if let Some(former) = former {
                self.graph.edge(self.gone(former), self.there(id));
            }
        }
    }

    /// An identity column's sequence is no object of its own, and its name may be a sequence's that goes or comes.
    fn names_of_identity_sequences(&mut self, dropped: &BTreeMap<(String, String), ObjectId>) {
        let scope = self.scope;
        for id in scope.states.of.keys().filter(|id| id.kind == Kind::Column) {
            let identity = |object: Option<&Object>| match object.map(|object| &object.definition) {
                Some(Definition::Column(column)) => {
                    column.identity.as_ref().map(|identity| identity.sequence.clone())
                }
                _ => None,
            };
            if let Some(name) = identity(self.after(id))
                && let Some(former) = dropped.get(&(id.schema.clone(), name))
            {
                self.graph.edge(self.gone(former), self.there(id));
            }
            if let Some(name) = identity(self.before(id)) {
                let sequence = ObjectId::new(Kind::Sequence, &id.schema, &name);
                let early = if scope.states.goes(id) { self.gone(id) } else { (Step::Loosen, id.clone()) };
                self.graph.edge(early, self.there(&sequence));
            }
        }
    }
}

/// What shares its name with no other in the schema.
fn name_in_schema(id: &ObjectId, catalog: &Catalog) -> Option<(String, String)> {
    let name = match id.kind {
        Kind::Table
        | Kind::ForeignTable
        | Kind::View
        | Kind::MaterializedView
        | Kind::Sequence
        | Kind::Enum
        | Kind::Domain
        | Kind::CompositeType
        | Kind::RangeType => &id.name,
        Kind::Index => &id.part,
        Kind::Constraint => match &catalog.objects.get(id)?.definition {
            Definition::Constraint(constraint) if constraint.has_index() => &id.part,
            _ => return None,
        },
        // One name may be a function's in one catalog and a procedure's in the other.
        Kind::Function | Kind::Procedure | Kind::Aggregate => {
            return Some((id.schema.clone(), format!("{}({})", id.name, id.part)));
        }
        _ => return None,
    };
    Some((id.schema.clone(), name.clone()))
}
