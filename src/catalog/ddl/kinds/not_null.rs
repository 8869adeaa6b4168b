//! Not-null constraints, which have names and states of their own from PostgreSQL 18 on.

use super::Scope;
use crate::catalog::ddl::Hazard;
use crate::catalog::ddl::attributes::comment_on;
use crate::catalog::ddl::dependencies::parent_columns;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::definition::Column;
use crate::catalog::name::quote;
use crate::catalog::{Catalog, Definition, ObjectId};

/// What stands behind `NOT NULL` on a column's line.
pub(super) const fn inheritance(column: &Column) -> &'static str {
    if column.not_null_no_inherit { " NO INHERIT" } else { "" }
}

/// What of a new column's constraint its line cannot say.
pub(super) fn further(statements: &mut Statements<'_>, id: &ObjectId, column: &Column) {
    if column.not_null && column.not_null_not_valid {
        statements.push(add(id, column, true));
    }
    comment(statements, id, &Column::default(), column);
}

/// Says what a constraint of its own name, state or comment needs. Whether nothing is left to say of nulls.
pub(super) fn alter(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    from: &Column,
    to: &Column,
    scope: &Scope<'_>,
) -> bool {
    if !to.not_null {
        return false;
    }
    let follows = !scope.changes_parents(id) && is_of_a_parent(id, scope.to);
    let is_plain = to.not_null_name.is_none() && !to.not_null_not_valid && !to.not_null_no_inherit;
    match from.not_null {
        true if !follows => change(statements, id, from, to),
        true => {}
        // Said of the child too, it would be the child's own.
        false if follows && scope.from.server >= 180_000 && !is_of_a_parent(id, scope.from) => {}
        false if is_plain || follows => {
            comment(statements, id, from, to);
            return false;
        }
        false if to.not_null_not_valid => statements.push(add(id, to, true)),
        false if scope.options.online => {
            statements.push(add(id, to, true));
            validate(statements, id, to);
        }
        false => {
            statements.push_with(add(id, to, false), &[Hazard::DependsOnData, Hazard::ScansTable]);
        }
    }
    comment(statements, id, from, to);
    true
}

/// Whether a parent has one that comes with it, and whose changes it follows.
fn is_of_a_parent(id: &ObjectId, catalog: &Catalog) -> bool {
    let parents = parent_columns(id, catalog);
    let found = parents.iter().filter_map(|parent| catalog.objects.get(parent));
    found.into_iter().any(|parent| {
        matches!(&parent.definition, Definition::Column(column) if column.not_null && !column.not_null_no_inherit)
    })
}

fn change(statements: &mut Statements<'_>, id: &ObjectId, from: &Column, to: &Column) {
    let table = table(id);
    if to.not_null_not_valid && !from.not_null_not_valid {
        statements.push(format!("{table} ALTER COLUMN {} DROP NOT NULL", id.sql()));
        statements.push(add(id, to, true));
        return;
    }
    let (old, new) = (name(id, from), name(id, to));
    if old != new {
        statements.push(format!("{table} RENAME CONSTRAINT {old} TO {new}"));
    }
    if from.not_null_no_inherit != to.not_null_no_inherit {
        let inheritance = if to.not_null_no_inherit { "NO INHERIT" } else { "INHERIT" };
        statements
            .push_with(format!("{table} ALTER CONSTRAINT {new} {inheritance}"), &[Hazard::DependsOnData]);
    }
    if from.not_null_not_valid && !to.not_null_not_valid {
        validate(statements, id, to);
    }
}

fn add(id: &ObjectId, column: &Column, not_valid: bool) -> String {
    format!(
        "{} ADD CONSTRAINT {} NOT NULL {}{}{}",
        table(id),
        name(id, column),
        id.sql(),
        inheritance(column),
        if not_valid { " NOT VALID" } else { "" }
    )
}

fn validate(statements: &mut Statements<'_>, id: &ObjectId, column: &Column) {
    statements.push_with(
        format!("{} VALIDATE CONSTRAINT {}", table(id), name(id, column)),
        &[Hazard::DependsOnData],
    );
}

fn comment(statements: &mut Statements<'_>, id: &ObjectId, from: &Column, to: &Column) {
    let is_made_again = to.not_null_not_valid && !from.not_null_not_valid;
    let before = from.not_null_comment.as_deref().filter(|_| !is_made_again);
    if before != to.not_null_comment.as_deref() {
        let constraint = format!("CONSTRAINT {} ON {}", name(id, to), id.relation());
        statements.push(comment_on(&constraint, to.not_null_comment.as_deref()));
    }
}

fn name(id: &ObjectId, column: &Column) -> String {
    quote(column.not_null_name.as_deref().unwrap_or(&format!("{}_{}_not_null", id.name, id.part)))
}

fn table(id: &ObjectId) -> String {
    format!("ALTER TABLE {}", id.relation())
}
