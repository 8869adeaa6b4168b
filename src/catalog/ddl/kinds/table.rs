use super::column;
use super::constraint;
use crate::catalog::ddl::scope::Scope;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{RelationName, Table};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Definition, Kind, Object, ObjectId};

/// A new table with its columns, and those constraints that need nothing which may need the table.
pub(super) fn create(id: &ObjectId, table: &Table, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let columns = scope.to.columns(id);
    let mut lines: Vec<String> = columns
        .iter()
        .filter_map(|(column, object)| match &object.definition {
            Definition::Column(definition) if table.of_type.is_some() => {
                column::options_line(column, definition)
            }
            Definition::Column(definition) if !definition.inherited || table.partition_of.is_some() => {
                Some(column::line(column, definition, !scope.has_late_default(column)))
            }
            _ => None,
        })
        .collect();
    lines.extend(
        scope.inline_constraints(id).into_iter().map(|(id, definition)| constraint::line(id, definition)),
    );
    let unlogged = if table.unlogged { "UNLOGGED " } else { "" };
    let kind = if id.kind == Kind::ForeignTable { "FOREIGN TABLE" } else { "TABLE" };
    let of_type = table.of_type.as_ref().map(|name| format!(" OF {name}")).unwrap_or_default();
    let body = match (&table.of_type, lines.is_empty()) {
        (Some(_), true) => String::new(),
        (None, true) => " ()".to_owned(),
        (_, false) => format!(" (\n    {}\n)", lines.join(",\n    ")),
    };
    statements.push(format!("CREATE {unlogged}{kind} {}{of_type}{body}{}", id.sql(), tail(table)));
    for (column, object) in &columns {
        statements.extend(column::further(column, object, scope));
        if table.partition_of.is_none() {
            statements.extend(column::unlike_its_parent(column, object, scope));
        }
    }
    row_security(&mut statements, id, &Table::default(), table);
    statements.finish()
}

/// What stands behind the columns.
fn tail(table: &Table) -> String {
    let mut tail = String::new();
    if !table.inherits.is_empty() {
        tail += &format!("\nINHERITS ({})", names(&table.inherits));
    }
    if let Some(key) = &table.partition_by {
        tail += &format!("\nPARTITION BY {key}");
    }
    if let Some(foreign) = &table.foreign {
        tail += &format!("\nSERVER {}{}", quote(&foreign.server), foreign_options(&foreign.options));
    }
    if let Some(method) = &table.access_method {
        tail += &format!("\nUSING {}", quote(method));
    }
    if !table.options.is_empty() {
        tail += &format!("\nWITH ({})", table.options.join(", "));
    }
    if let Some(tablespace) = &table.tablespace {
        tail += &format!("\nTABLESPACE {}", quote(tablespace));
    }
    tail
}

fn names(relations: &[RelationName]) -> String {
    relations.iter().map(|name| qualified(&name.schema, &name.name)).collect::<Vec<_>>().join(", ")
}

/// ` OPTIONS (name 'value')`, or nothing.
pub(super) fn foreign_options(options: &[String]) -> String {
    let options: Vec<String> = options.iter().map(|option| foreign_option("", option)).collect();
    if options.is_empty() { String::new() } else { format!(" OPTIONS ({})", options.join(", ")) }
}

fn foreign_option(verb: &str, option: &str) -> String {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    format!("{verb}{} {}", quote(name), crate::db::quote_literal(value))
}

/// ` OPTIONS (SET .., ADD .., DROP ..)`, or nothing.
pub(super) fn changed_foreign_options(from: &[String], to: &[String]) -> String {
    let name = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let has = |options: &[String], wanted: &str| options.iter().any(|option| name(option) == wanted);
    let mut changes: Vec<String> = to
        .iter()
        .filter(|option| !from.contains(option))
        .map(|option| foreign_option(if has(from, &name(option)) { "SET " } else { "ADD " }, option))
        .collect();
    changes.extend(
        from.iter().map(name).filter(|name| !has(to, name)).map(|name| format!("DROP {}", quote(&name))),
    );
    if changes.is_empty() { String::new() } else { format!(" OPTIONS ({})", changes.join(", ")) }
}

/// What cannot be altered makes another table of it, and the rows are lost.
pub(super) fn alter(id: &ObjectId, from: &Table, to: &Table) -> Option<Vec<DdlStatement>> {
    let fixed = |table: &Table| {
        (table.partition_by.clone(), table.foreign.as_ref().map(|foreign| foreign.server.clone()))
    };
    if fixed(from) != fixed(to) {
        return None;
    }
    let mut statements = Statements::about(id);
    let name = id.sql();
    let alter = format!("ALTER {} {name}", super::super::attributes::keyword(id.kind));
    match (&from.of_type, &to.of_type) {
        (Some(_), None) => statements.push(format!("{alter} NOT OF")),
        (old, Some(new)) if old.as_ref() != Some(new) => statements.push(format!("{alter} OF {new}")),
        _ => {}
    }
    if from.unlogged != to.unlogged {
        let logged = if to.unlogged { "UNLOGGED" } else { "LOGGED" };
        statements.push_with(format!("{alter} SET {logged}"), &[Hazard::RewritesTable]);
    }
    if from.access_method != to.access_method {
        let method = to.access_method.as_deref().unwrap_or("heap");
        statements
            .push_with(format!("{alter} SET ACCESS METHOD {}", quote(method)), &[Hazard::RewritesTable]);
    }
    if from.tablespace != to.tablespace {
        let tablespace = to.tablespace.as_deref().unwrap_or("pg_default");
        statements
            .push_with(format!("{alter} SET TABLESPACE {}", quote(tablespace)), &[Hazard::RewritesTable]);
    }
    changed_options(&mut statements, &alter, &from.options, &to.options);
    if let (Some(from), Some(to)) = (&from.foreign, &to.foreign) {
        let changes = changed_foreign_options(&from.options, &to.options);
        if !changes.is_empty() {
            statements.push(format!("{alter}{changes}"));
        }
    }
    row_security(&mut statements, id, from, to);
    Some(statements.finish())
}

/// `SET (..)` and `RESET (..)`.
pub(super) fn changed_options(statements: &mut Statements<'_>, alter: &str, from: &[String], to: &[String]) {
    let set: Vec<&str> = to.iter().filter(|option| !from.contains(option)).map(String::as_str).collect();
    let name = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let kept: Vec<String> = to.iter().map(name).collect();
    let reset: Vec<String> = from.iter().map(name).filter(|name| !kept.contains(name)).collect();
    if !set.is_empty() {
        statements.push(format!("{alter} SET ({})", set.join(", ")));
    }
    if !reset.is_empty() {
        statements.push(format!("{alter} RESET ({})", reset.join(", ")));
    }
}

fn row_security(statements: &mut Statements<'_>, id: &ObjectId, from: &Table, to: &Table) {
    let name = id.sql();
    if from.row_security != to.row_security {
        let verb = if to.row_security { "ENABLE" } else { "DISABLE" };
        statements
            .push_with(format!("ALTER TABLE {name} {verb} ROW LEVEL SECURITY"), &[Hazard::ChangesAccess]);
    }
    if from.force_row_security != to.force_row_security {
        let verb = if to.force_row_security { "FORCE" } else { "NO FORCE" };
        statements
            .push_with(format!("ALTER TABLE {name} {verb} ROW LEVEL SECURITY"), &[Hazard::ChangesAccess]);
    }
}

/// What refers to the table's indexes or partitions, and so is said once they are there.
pub(super) fn finish(id: &ObjectId, from: Option<&Table>, to: &Table) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let name = id.sql();
    if from.map(|from| &from.partition_of) != Some(&to.partition_of)
        && let Some(partition) = &to.partition_of
    {
        let parent = qualified(&partition.schema, &partition.name);
        let hazards: &[Hazard] =
            if from.is_some() { &[Hazard::DependsOnData, Hazard::ScansTable] } else { &[] };
        statements.push_with(
            format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {name} {}", partition.bound),
            hazards,
        );
    }
    if let Some(from) = from {
        inherit(&mut statements, id, &to.inherits, &from.inherits, "INHERIT");
    }
    let before = from.and_then(|from| from.replica_identity.as_deref());
    if before != to.replica_identity.as_deref() {
        let identity = to.replica_identity.as_deref().unwrap_or("default").to_uppercase();
        statements.push(format!("ALTER TABLE {name} REPLICA IDENTITY {identity}"));
    }
    statements.finish()
}

/// Says it of the parents of one list that the other has not.
fn inherit(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    list: &[RelationName],
    other: &[RelationName],
    verb: &str,
) {
    for parent in list.iter().filter(|parent| !other.contains(parent)) {
        statements.push(format!(
            "ALTER TABLE {} {verb} {}",
            id.sql(),
            qualified(&parent.schema, &parent.name)
        ));
    }
}

/// What must go before anything else of the table changes.
pub(in crate::catalog::ddl) fn detach(id: &ObjectId, from: &Table, to: Option<&Table>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if let Some(to) = to {
        inherit(&mut statements, id, &from.inherits, &to.inherits, "NO INHERIT");
    }
    if to.is_some_and(|to| to.partition_of != from.partition_of)
        && let Some(partition) = &from.partition_of
    {
        let parent = qualified(&partition.schema, &partition.name);
        statements
            .push_with(format!("ALTER TABLE {parent} DETACH PARTITION {}", id.sql()), &[Hazard::BreaksUsers]);
    }
    statements.finish()
}

pub(super) fn drop(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    // Foreign keys to the partitioned table hold on to each partition.
    if let Definition::Table(Table { partition_of: Some(partition), .. }) = &object.definition
        && scope.is_referenced(&partition.schema, &partition.name)
    {
        let parent = qualified(&partition.schema, &partition.name);
        statements.push(format!("ALTER TABLE {parent} DETACH PARTITION {}", id.sql()));
    }
    let holds_rows = matches!(&object.definition, Definition::Table(_));
    let hazards: &[Hazard] =
        if holds_rows { &[Hazard::DeletesData, Hazard::BreaksUsers] } else { &[Hazard::BreaksUsers] };
    statements
        .push_with(format!("DROP {} {}", super::super::attributes::keyword(id.kind), id.sql()), hazards);
    statements.finish()
}
