//! What objects of all kinds have: owner, comment, privileges.

use std::collections::{BTreeMap, BTreeSet};

use super::dependencies::relation;
use super::scope::Scope;
use super::statements::Statements;
use super::{DdlStatement, Hazard};
use crate::catalog::definition::{Constraint, Identity, View};
use crate::catalog::name::quote;
use crate::catalog::{Catalog, Definition, Grant, Kind, Object, ObjectId};
use crate::db::quote_literal;

/// What gives a new object its owner, comment and privileges. It begins with those that default privileges gave it.
pub(super) fn of_new(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
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
    let initial = as_of(&scope.initial_grants(id), None, owner(id, scope.to), scope);
    grants(&mut statements, &Target::of(id, object, scope), &initial, &object.grants);
    apart(&mut statements, id, None, object, scope);
    statements.finish()
}

/// What makes owner, comment and privileges of an object those of another one.
pub(super) fn alter(id: &ObjectId, from: &Object, to: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
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
    let owners = (owner(id, scope.from), owner(id, scope.to));
    let mut before = as_of(&from.grants, owners.0, owners.1, scope);
    if id.kind == Kind::Column && owners.0 != owners.1 {
        // An owner has none on a column by default, and so keeps those that it was given.
        let given = from.grants.iter().filter(|grant| is_to(grant, owners.1, scope));
        before.extend(given.map(|grant| Grant { grantee: None, ..grant.clone() }));
    }
    grants(&mut statements, &Target::of(id, to, scope), &before, &to.grants);
    apart(&mut statements, id, Some(from), to, scope);
    statements.finish()
}

/// Comments and privileges of what people take for an object's own: a key's index, an identity column's sequence.
fn apart(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    from: Option<&Object>,
    to: &Object,
    scope: &Scope<'_>,
) {
    if let Definition::Constraint(Constraint { index_comment, .. }) = &to.definition {
        let index = ObjectId { kind: Kind::Index, ..id.clone() };
        let before = from.and_then(|from| match &from.definition {
            Definition::Constraint(constraint) => constraint.index_comment.as_deref(),
            _ => None,
        });
        comment(statements, &index, before, index_comment.as_deref());
    }
    let Some(identity) = identity(to) else { return };
    let sequence = ObjectId::new(Kind::Sequence, &id.schema, &identity.sequence);
    let before = from.and_then(self::identity);
    comment(
        statements,
        &sequence,
        before.and_then(|before| before.comment.as_deref()),
        identity.comment.as_deref(),
    );
    let owners = (owner(id, scope.from), owner(id, scope.to));
    let before = match before {
        Some(before) => as_of(&before.grants, owners.0, owners.1, scope),
        None => as_of(&scope.initial_grants(&sequence), None, owners.1, scope),
    };
    let target = Target { owner: owners.1, id: sequence };
    grants(statements, &target, &before, &identity.grants);
}

fn identity(object: &Object) -> Option<&Identity> {
    match &object.definition {
        Definition::Column(column) => column.identity.as_ref(),
        _ => None,
    }
}

/// The role that owns an object, or the table that it is part of; none for the one that owns most.
fn owner<'a>(id: &ObjectId, catalog: &'a Catalog) -> Option<&'a str> {
    let whole = relation(id, catalog);
    catalog.objects.get(whole.as_ref().unwrap_or(id))?.owner.as_deref()
}

/// Privileges as they are once the object has its new owner, who has those of the former one beside its own.
fn as_of(grants: &[Grant], before: Option<&str>, after: Option<&str>, scope: &Scope<'_>) -> Vec<Grant> {
    if before == after {
        return grants.to_vec();
    }
    let of_owner = |grant: &Grant| is_to(grant, after, scope);
    let is_given_back = |revoked: &Grant| {
        revoked.revoked
            && revoked.grantee.is_none()
            && grants.iter().any(|grant| of_owner(grant) && grant.privilege == revoked.privilege)
    };
    grants.iter().filter(|grant| !of_owner(grant) && !is_given_back(grant)).cloned().collect()
}

/// Whether a privilege was given to a role by name that owns the object now.
fn is_to(grant: &Grant, owner: Option<&str>, scope: &Scope<'_>) -> bool {
    grant.grantee.as_deref() == Some(owner.unwrap_or(&scope.from.owner))
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
fn grants(statements: &mut Statements<'_>, target: &Target<'_>, from: &[Grant], to: &[Grant]) {
    let (from, to): (BTreeSet<&Grant>, BTreeSet<&Grant>) = (from.iter().collect(), to.iter().collect());
    let taken = from
        .difference(&to)
        .filter(|grant| !grant.revoked)
        .chain(to.difference(&from).filter(|grant| grant.revoked));
    let taken: Vec<String> = taken.filter_map(|grant| change(target, grant, false)).collect();
    let given = to
        .difference(&from)
        .filter(|grant| !grant.revoked)
        .chain(from.difference(&to).filter(|grant| grant.revoked));
    let given: Vec<String> = given.filter_map(|grant| change(target, grant, true)).collect();
    // What is taken first, because taking a right also takes the option to grant it.
    for statement in taken.into_iter().chain(given) {
        statements.push_with(statement, &[Hazard::ChangesAccess]);
    }
}

/// What privileges are on.
struct Target<'a> {
    /// A name that `GRANT` takes: an aggregate's arguments are types alone there.
    id: ObjectId,
    /// The role that owns it; none for the one that owns most.
    owner: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn of(id: &ObjectId, object: &Object, scope: &Scope<'a>) -> Self {
        let owner = owner(id, scope.to);
        let id = match &object.definition {
            Definition::Aggregate(aggregate) => ObjectId { part: aggregate.arguments.clone(), ..id.clone() },
            _ => id.clone(),
        };
        Self { id, owner }
    }
}

fn change(Target { id, owner }: &Target<'_>, grant: &Grant, give: bool) -> Option<String> {
    let role = match grant.grantee.as_deref() {
        None if id.kind == Kind::DefaultPrivileges => owner_of_defaults(id),
        None => owner.map_or_else(|| "CURRENT_USER".to_owned(), quote),
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
