//! What objects of all kinds have: owner, comment, privileges.

use std::collections::{BTreeMap, BTreeSet};

use super::statements::Statements;
use super::{DdlStatement, Hazard};
use crate::catalog::definition::View;
use crate::catalog::name::quote;
use crate::catalog::{Definition, Grant, Kind, Object, ObjectId};
use crate::db::quote_literal;

/// What gives a new object its owner, comment and privileges. It begins with those that default privileges gave it.
pub(super) fn of_new(id: &ObjectId, object: &Object, initial: &[Grant]) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if let Some(owner) = &object.owner
        && let Some(name) = owned_as(id)
    {
        statements.push(format!("ALTER {name} OWNER TO {}", quote(owner)));
    }
    comment(&mut statements, id, None, object.comment.as_deref());
    if let Definition::View(view) | Definition::MaterializedView(view) = &object.definition {
        column_comments(&mut statements, id, &View::default(), view);
    }
    grants(&mut statements, id, initial, &object.grants);
    statements.finish()
}

/// What makes owner, comment and privileges of an object those of another one.
pub(super) fn alter(id: &ObjectId, from: &Object, to: &Object) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    // A sequence that a column owns goes with its table.
    let goes_with_its_table =
        matches!(&to.definition, Definition::Sequence(sequence) if sequence.owned_by.is_some());
    if from.owner != to.owner
        && !goes_with_its_table
        && let Some(name) = owned_as(id)
    {
        let owner = to.owner.as_deref().map_or_else(|| "CURRENT_USER".to_owned(), quote);
        statements.push_with(format!("ALTER {name} OWNER TO {owner}"), &[Hazard::ChangesAccess]);
    }
    comment(&mut statements, id, from.comment.as_deref(), to.comment.as_deref());
    if let (Definition::View(from), Definition::View(to))
    | (Definition::MaterializedView(from), Definition::MaterializedView(to)) =
        (&from.definition, &to.definition)
    {
        column_comments(&mut statements, id, from, to);
    }
    grants(&mut statements, id, &from.grants, &to.grants);
    statements.finish()
}

/// The kind and name as `ALTER .. OWNER TO` has them; none for what goes with its table.
fn owned_as(id: &ObjectId) -> Option<String> {
    let kind = match id.kind {
        Kind::Extension | Kind::UserMapping | Kind::DefaultPrivileges | Kind::Other => return None,
        kind if kind.is_part() => return None,
        kind => keyword(kind),
    };
    Some(format!("{kind} {}", id.sql()))
}

/// The kind as DDL has it.
pub(super) const fn keyword(kind: Kind) -> &'static str {
    match kind {
        Kind::Schema => "SCHEMA",
        Kind::Extension => "EXTENSION",
        Kind::Collation => "COLLATION",
        Kind::Enum | Kind::CompositeType | Kind::RangeType => "TYPE",
        Kind::Domain => "DOMAIN",
        Kind::Sequence => "SEQUENCE",
        Kind::Function => "FUNCTION",
        Kind::Procedure => "PROCEDURE",
        Kind::Aggregate => "AGGREGATE",
        Kind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        Kind::Server => "SERVER",
        Kind::UserMapping => "USER MAPPING",
        Kind::Table => "TABLE",
        Kind::ForeignTable => "FOREIGN TABLE",
        Kind::Column => "COLUMN",
        Kind::View => "VIEW",
        Kind::MaterializedView => "MATERIALIZED VIEW",
        Kind::Index => "INDEX",
        Kind::Constraint => "CONSTRAINT",
        Kind::Statistics => "STATISTICS",
        Kind::Rule => "RULE",
        Kind::Trigger => "TRIGGER",
        Kind::Policy => "POLICY",
        Kind::Publication => "PUBLICATION",
        Kind::EventTrigger => "EVENT TRIGGER",
        Kind::DefaultPrivileges | Kind::Other => "",
    }
}

fn comment(statements: &mut Statements<'_>, id: &ObjectId, from: Option<&str>, to: Option<&str>) {
    if from == to || matches!(id.kind, Kind::Other | Kind::UserMapping | Kind::DefaultPrivileges) {
        return;
    }
    let on = match id.kind {
        Kind::Column => format!("COLUMN {}.{}", id.relation(), id.sql()),
        Kind::Constraint | Kind::Rule | Kind::Trigger | Kind::Policy => {
            format!("{} {} ON {}", keyword(id.kind), id.sql(), id.relation())
        }
        kind => format!("{} {}", keyword(kind), id.sql()),
    };
    // What every new database says.
    let usual = (id.kind == Kind::Schema && id.name == "public").then_some("standard public schema");
    statements.push(comment_on(&on, to.or(usual)));
}

pub(super) fn comment_on(what: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {what} IS {}", text.map_or_else(|| "NULL".to_owned(), quote_literal))
}

fn column_comments(statements: &mut Statements<'_>, id: &ObjectId, from: &View, to: &View) {
    let before: BTreeMap<&str, &str> =
        from.columns.iter().filter_map(|column| Some((&*column.name, column.comment.as_deref()?))).collect();
    for column in &to.columns {
        let comment = column.comment.as_deref();
        if before.get(&*column.name).copied() != comment {
            statements.push(comment_on(&format!("COLUMN {}.{}", id.sql(), quote(&column.name)), comment));
        }
    }
}

/// A privilege is given or taken where one side has it and the other has not; `revoked` means that the default has it.
fn grants(statements: &mut Statements<'_>, id: &ObjectId, from: &[Grant], to: &[Grant]) {
    let (from, to): (BTreeSet<&Grant>, BTreeSet<&Grant>) = (from.iter().collect(), to.iter().collect());
    let taken = from
        .difference(&to)
        .filter(|grant| !grant.revoked)
        .chain(to.difference(&from).filter(|grant| grant.revoked));
    let taken: Vec<String> = taken.filter_map(|grant| change(id, grant, false)).collect();
    let given = to
        .difference(&from)
        .filter(|grant| !grant.revoked)
        .chain(from.difference(&to).filter(|grant| grant.revoked));
    let given: Vec<String> = given.filter_map(|grant| change(id, grant, true)).collect();
    // What is taken first, because taking a right also takes the option to grant it.
    for statement in taken.into_iter().chain(given) {
        statements.push_with(statement, &[Hazard::ChangesAccess]);
    }
}

fn change(id: &ObjectId, grant: &Grant, give: bool) -> Option<String> {
    let role = match grant.grantee.as_deref() {
        None if id.kind == Kind::DefaultPrivileges => owner_of_defaults(id),
        None => "CURRENT_USER".to_owned(),
        Some("public") => "PUBLIC".to_owned(),
        Some(role) => quote(role),
    };
    let column = grant.column.as_deref().or_else(|| (id.kind == Kind::Column).then_some(&*id.part));
    let columns = column.map(|column| format!(" ({})", quote(column))).unwrap_or_default();
    let (prefix, on) = match id.kind {
        Kind::DefaultPrivileges => (alter_default_privileges(id), id.name.to_uppercase()),
        Kind::Extension | Kind::Other => return None,
        kind => (String::new(), granted_as(kind, id)),
    };
    let privilege = &grant.privilege;
    Some(if give {
        let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
        format!("{prefix}GRANT {privilege}{columns} ON {on} TO {role}{option}")
    } else {
        format!("{prefix}REVOKE {privilege}{columns} ON {on} FROM {role}")
    })
}

fn granted_as(kind: Kind, id: &ObjectId) -> String {
    match kind {
        kind if kind.is_relation() || kind == Kind::Column => format!("TABLE {}", id.relation()),
        Kind::Domain => format!("TYPE {}", id.sql()),
        Kind::Server => format!("FOREIGN SERVER {}", id.sql()),
        Kind::Aggregate => format!("FUNCTION {}", id.sql()),
        kind => format!("{} {}", keyword(kind), id.sql()),
    }
}

fn alter_default_privileges(id: &ObjectId) -> String {
    let role = if id.part.is_empty() { String::new() } else { format!(" FOR ROLE {}", quote(&id.part)) };
    let schema =
        if id.schema.is_empty() { String::new() } else { format!(" IN SCHEMA {}", quote(&id.schema)) };
    format!("ALTER DEFAULT PRIVILEGES{role}{schema} ")
}

fn owner_of_defaults(id: &ObjectId) -> String {
    if id.part.is_empty() { "CURRENT_USER".to_owned() } else { quote(&id.part) }
}
