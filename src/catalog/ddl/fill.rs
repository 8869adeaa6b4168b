//! Rows for materialised views that are new, or were filled before they were made again.

use std::collections::BTreeSet;

use super::dependencies::dependencies;
use super::scope::Scope;
use super::statements::Statements;
use super::{DdlStatement, Hazard};
use crate::catalog::{Definition, Kind, ObjectId};

/// What comes last, when all that a query and its functions may read is there.
pub(super) fn fill(scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut seen = BTreeSet::new();
    let mut ordered = Vec::new();
    for id in scope.states.of.keys().filter(|id| id.kind == Kind::MaterializedView && scope.states.comes(id))
    {
        visit(id, scope, &mut seen, &mut ordered);
    }
    let filled = ordered.into_iter().filter(|id| is_wanted(id, scope));
    filled.flat_map(|id| refresh(&id)).collect()
}

/// One that reads another one comes after it.
fn visit(id: &ObjectId, scope: &Scope<'_>, seen: &mut BTreeSet<ObjectId>, ordered: &mut Vec<ObjectId>) {
    let Some(object) = scope.to.objects.get(id).filter(|_| seen.insert(id.clone())) else { return };
    for needed in dependencies(id, object, scope.to) {
        visit(&needed, scope, seen, ordered);
    }
    ordered.push(id.clone());
}

/// One that was filled before stays so; a new one is as the other side has it.
fn is_wanted(id: &ObjectId, scope: &Scope<'_>) -> bool {
    let model = scope.from.objects.get(id).or_else(|| scope.to.objects.get(id));
    scope.states.comes(id)
        && model.is_some_and(
            |object| matches!(&object.definition, Definition::MaterializedView(view) if !view.unpopulated.0),
        )
}

/// Nobody reads it meanwhile.
fn refresh(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push_with(format!("REFRESH MATERIALIZED VIEW {}", id.sql()), &[Hazard::RewritesTable]);
    statements.finish()
}
