//! Tables that are lost in a crash, and such that are not.

use super::assemble::Assembly;
use super::states::State;
use crate::catalog::{Catalog, Definition, Kind, ObjectId};

impl Assembly<'_> {
    /// A table that is not lost in a crash cannot refer to one that is.
    pub(super) fn edges_of_persistence(&mut self) {
        let scope = self.scope;
        let unlogged =
            |id: &ObjectId, catalog: &Catalog| match catalog.objects.get(id).map(|object| &object.definition)
            {
                Some(Definition::Table(table)) => Some(table.unlogged),
                _ => None,
            };
        let changed: Vec<&ObjectId> = scope
            .states
            .of
            .keys()
            .filter(|id| {
                scope.states.get(id) == Some(State::Alter)
                    && unlogged(id, scope.from) != unlogged(id, scope.to)
            })
            .collect();
        if changed.is_empty() {
            return;
        }
        for (id, object) in scope.from.objects.iter().filter(|(id, _)| id.kind == Kind::Constraint) {
            let table = ObjectId::new(Kind::Table, &id.schema, &id.name);
            for needed in object.depends_on.iter().filter(|needed| needed.kind.is_part()) {
                let other = ObjectId::new(Kind::Table, &needed.schema, &needed.name);
                if table != other && changed.contains(&&table) && changed.contains(&&other) {
                    let (first, second) = if unlogged(&table, scope.to) == Some(true) {
                        (&table, &other)
                    } else {
                        (&other, &table)
                    };
                    self.graph.edge(self.there(first), self.there(second));
                }
            }
        }
    }
}
