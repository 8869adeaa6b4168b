use crate::catalog::ObjectId;
use crate::catalog::ddl::attributes::comment_on;
use crate::catalog::ddl::scope::Scope;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{Domain, DomainConstraint};
use crate::catalog::name::quote;

pub(super) fn create(id: &ObjectId, domain: &Domain) -> Vec<DdlStatement> {
    let mut sql = format!("CREATE DOMAIN {} AS {}", id.sql(), domain.data_type);
    if let Some(collation) = &domain.collation {
        sql += &format!(" COLLATE {collation}");
    }
    if let Some(default) = &domain.default {
        sql += &format!(" DEFAULT {default}");
    }
    if domain.not_null {
        sql += " NOT NULL";
    }
    for check in domain.constraints.iter().filter(|check| !check.not_valid) {
        sql += &format!(" CONSTRAINT {} {}", quote(&check.name), check.definition);
    }
    let mut statements = Statements::about(id);
    statements.push(sql);
    for check in domain.constraints.iter().filter(|check| check.not_valid) {
        statements.push(add_check(id, check));
    }
    check_comments(&mut statements, id, &[], &domain.constraints);
    statements.finish()
}

fn check_comments(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    from: &[DomainConstraint],
    to: &[DomainConstraint],
) {
    for check in to {
        let before = from.iter().find(|old| old.name == check.name && old.definition == check.definition);
        if before.and_then(|old| old.comment.as_ref()) != check.comment.as_ref() {
            let on = format!("CONSTRAINT {} ON DOMAIN {}", quote(&check.name), id.sql());
            statements.push(comment_on(&on, check.comment.as_deref()));
        }
    }
}

fn add_check(id: &ObjectId, check: &DomainConstraint) -> String {
    let not_valid = if check.not_valid { " NOT VALID" } else { "" };
    format!("ALTER DOMAIN {} ADD CONSTRAINT {} {}{not_valid}", id.sql(), quote(&check.name), check.definition)
}

/// The type below stays. A server does not look into arrays and composites for values that do not fit.
pub(super) fn alter(
    id: &ObjectId,
    from: &Domain,
    to: &Domain,
    scope: &Scope<'_>,
) -> Option<Vec<DdlStatement>> {
    let without_comments = |domain: &Domain| -> Vec<DomainConstraint> {
        domain.constraints.iter().map(|check| DomainConstraint { comment: None, ..check.clone() }).collect()
    };
    let gets_stricter = without_comments(from) != without_comments(to) || (to.not_null && !from.not_null);
    if (&from.data_type, &from.collation) != (&to.data_type, &to.collation)
        || (gets_stricter && scope.is_within_others(id))
    {
        return None;
    }
    let mut statements = Statements::about(id);
    let name = id.sql();
    if from.default != to.default {
        let default = to
            .default
            .as_ref()
            .map_or_else(|| "DROP DEFAULT".to_owned(), |default| format!("SET DEFAULT {default}"));
        statements.push(format!("ALTER DOMAIN {name} {default}"));
    }
    checks(&mut statements, id, &from.constraints, &to.constraints);
    match (from.not_null, to.not_null) {
        (false, true) => {
            statements.push_with(format!("ALTER DOMAIN {name} SET NOT NULL"), &[Hazard::DependsOnData]);
        }
        (true, false) => statements.push(format!("ALTER DOMAIN {name} DROP NOT NULL")),
        _ => {}
    }
    check_comments(&mut statements, id, &from.constraints, &to.constraints);
    Some(statements.finish())
}

fn checks(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    from: &[DomainConstraint],
    to: &[DomainConstraint],
) {
    let name = id.sql();
    let same = |one: &&DomainConstraint, other: &DomainConstraint| {
        one.name == other.name && one.definition == other.definition
    };
    for old in from {
        let new = to.iter().find(|new| same(new, old));
        match new {
            None => statements.push(format!("ALTER DOMAIN {name} DROP CONSTRAINT {}", quote(&old.name))),
            Some(new) if old.not_valid && !new.not_valid => statements.push_with(
                format!("ALTER DOMAIN {name} VALIDATE CONSTRAINT {}", quote(&old.name)),
                &[Hazard::DependsOnData],
            ),
            Some(new) if new.not_valid && !old.not_valid => {
                statements.push(format!("ALTER DOMAIN {name} DROP CONSTRAINT {}", quote(&old.name)));
                statements.push(add_check(id, new));
            }
            Some(_) => {}
        }
    }
    for new in to.iter().filter(|new| !from.iter().any(|old| same(&old, new))) {
        let hazards: &[Hazard] =
            if new.not_valid { &[] } else { &[Hazard::DependsOnData, Hazard::BlocksWrites] };
        statements.push_with(add_check(id, new), hazards);
    }
}
