use super::table::{changed_foreign_options, changed_options, foreign_options};
use super::{not_null, types};
use crate::catalog::ddl::attributes;
use crate::catalog::ddl::dependencies::parent_columns;
use crate::catalog::ddl::scope::{Scope, is_routine};
use crate::catalog::ddl::sql_type::Below;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::type_change::TypeChange;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::{Column, Identity, SequenceOptions};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Definition, Kind, Object, ObjectId};
use crate::db::quote_literal;

/// A column as `CREATE TABLE` and `ADD COLUMN` have it.
pub(super) fn line(id: &ObjectId, column: &Column, with_default: bool) -> String {
    let mut line = format!("{} {}", id.sql(), column.data_type);
    if !column.foreign_options.is_empty() {
        line += &foreign_options(&column.foreign_options);
    }
    if let Some(collation) = &column.collation {
        line += &format!(" COLLATE {collation}");
    }
    match (&column.default, &column.generated, &column.identity) {
        (Some(default), _, _) if with_default => line += &format!(" DEFAULT {default}"),
        (_, Some(generated), _) => {
            let kind = if generated.on_read { "VIRTUAL" } else { "STORED" };
            // A deparsed expression has parentheses of its own only where it is an operator's.
            line += &format!(" GENERATED ALWAYS AS ({}) {kind}", generated.expression);
        }
        (_, _, Some(identity)) => line += &format!(" {}", generated_as_identity(id, identity)),
        _ => {}
    }
    if column.not_null && !column.not_null_not_valid {
        let name = column.not_null_name.as_ref().map(|name| format!(" CONSTRAINT {}", quote(name)));
        line += &format!("{} NOT NULL{}", name.unwrap_or_default(), not_null::inheritance(column));
    }
    line
}

/// What a column of a typed table has beyond its type, if anything.
pub(super) fn options_line(id: &ObjectId, column: &Column) -> Option<String> {
    let default = column.default.as_ref().map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
    let not_null = if column.not_null { " NOT NULL" } else { "" };
    (!default.is_empty() || column.not_null).then(|| format!("{} WITH OPTIONS{default}{not_null}", id.sql()))
}

fn generated_as_identity(id: &ObjectId, identity: &Identity) -> String {
    let always = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let name = qualified(&id.schema, &identity.sequence);
    format!("GENERATED {always} AS IDENTITY (SEQUENCE NAME {name} {})", types::options(&identity.options))
}

/// What of a new column its line cannot say.
pub(super) fn further(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if let Definition::Column(column) = &object.definition {
        settings(
            &mut statements,
            id,
            &Column { data_type: column.data_type.clone(), ..Column::default() },
            column,
        );
        not_null::further(&mut statements, id, column);
    }
    statements.extend(attributes::of_new(id, object, scope));
    statements.finish()
}

fn alter_table(id: &ObjectId) -> String {
    format!("ALTER TABLE {}", id.relation())
}

fn alter_column(id: &ObjectId) -> String {
    format!("{} ALTER COLUMN {}", alter_table(id), id.sql())
}

pub(super) fn add(id: &ObjectId, column: &Column, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let mut hazards = Vec::new();
    if column.not_null && column.default.is_none() && column.generated.is_none() && column.identity.is_none()
    {
        hazards.push(Hazard::DependsOnData);
    }
    let computes = column.generated.as_ref().is_some_and(|generated| !generated.on_read)
        || column.identity.is_some()
        || column.default.as_deref().is_some_and(|default| is_volatile(default, object));
    if computes || !Below::of(&column.data_type, scope.to).conditions.is_empty() {
        hazards.push(Hazard::RewritesTable);
    }
    // A parent's column is there already where it was added; a column that is merged is made here.
    if (!column.inherited || scope.changes_parents(id)) && !scope.is_typed(id) {
        let line = line(id, column, !scope.has_late_default(id));
        statements.push_with(format!("{} ADD COLUMN {line}", alter_table(id)), &hazards);
    }
    statements.extend(further(id, object, scope));
    statements.finish()
}

/// Whether each row may get another value. A routine of the schema's own is taken for such.
fn is_volatile(default: &str, object: &Object) -> bool {
    const VOLATILE: &[&str] = &[
        "clock_timestamp(",
        "gen_random_uuid(",
        "nextval(",
        "random(",
        "timeofday(",
        "uuid_generate_",
        "uuidv",
    ];
    let of_the_schema = |needed: &ObjectId| is_routine(needed.kind) || needed.kind == Kind::Sequence;
    VOLATILE.iter().any(|name| default.contains(name)) || object.depends_on.iter().any(of_the_schema)
}

/// What of an inherited column its parents do not say. It is not told apart which of several parents says what.
pub(super) fn unlike_its_parent(id: &ObjectId, object: &Object, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let Definition::Column(column) = &object.definition else { return Vec::new() };
    let parent =
        parent_columns(id, scope.to).into_iter().next().and_then(|parent| scope.to.objects.get(&parent));
    match parent.map(|parent| &parent.definition) {
        Some(Definition::Column(parent)) if column.inherited => {
            let settings = Column { storage: None, compression: None, ..column.clone() };
            let inherited =
                Column { default: parent.default.clone(), not_null: parent.not_null, ..settings.clone() };
            alter(id, &inherited, &settings, false, false, scope)
        }
        _ => Vec::new(),
    }
}

pub(super) fn drop(id: &ObjectId, column: &Column, scope: &Scope<'_>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if (!column.inherited || scope.changes_parents(id)) && !scope.is_typed(id) {
        let hazards: &[Hazard] = if column.generated.is_some() {
            &[Hazard::BreaksUsers]
        } else {
            &[Hazard::DeletesData, Hazard::BreaksUsers]
        };
        statements.push_with(format!("{} DROP COLUMN {}", alter_table(id), id.sql()), hazards);
    }
    statements.finish()
}

pub(in crate::catalog::ddl) fn drop_default(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(format!("{} DROP DEFAULT", alter_column(id)));
    statements.finish()
}

/// Keeps the values while the type is made anew.
pub(in crate::catalog::ddl) fn turn_into_text(id: &ObjectId, object: Option<&Object>) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    if let Some(Definition::Column(column)) = object.map(|object| &object.definition) {
        let text = if column.data_type.ends_with("[]") { "text[]" } else { "text" };
        if column.default.is_some() {
            statements.push(format!("{} DROP DEFAULT", alter_column(id)));
        }
        let sql = format!("{} TYPE {text} USING {}::{text}", alter_column(id), id.sql());
        statements.push_with(sql, &[Hazard::RewritesTable]);
    }
    statements.finish()
}

pub(in crate::catalog::ddl) fn drop_identity(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push_with(format!("{} DROP IDENTITY", alter_column(id)), &[Hazard::BreaksUsers]);
    statements.finish()
}

pub(in crate::catalog::ddl) fn set_default(id: &ObjectId, default: &str) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(format!("{} SET DEFAULT {default}", alter_column(id)));
    statements.finish()
}

/// An expression that is stored cannot be changed before PostgreSQL 17, and a column cannot become a generated one.
pub(super) fn must_be_made_anew(from: &Column, to: &Column) -> bool {
    match (&from.generated, &to.generated) {
        (Some(from), Some(to)) => from != to,
        (None, Some(_)) => true,
        // The values stay where a stored expression is dropped; one that is computed on reading has none.
        (Some(from), None) => from.on_read,
        (None, None) => from.inherited != to.inherited && from.data_type != to.data_type,
    }
}

/// `retype`: the type is another one of the same name, so that the values must be read anew.
/// `default_is_gone`: it was dropped before.
pub(super) fn alter(
    id: &ObjectId,
    from: &Column,
    to: &Column,
    retype: bool,
    default_is_gone: bool,
    scope: &Scope<'_>,
) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let alter = alter_column(id);
    let mut default = if default_is_gone { None } else { from.default.as_deref() };
    // What its parent's change does here already.
    let follows = to.inherited && !scope.changes_parents(id);
    if from.generated.is_some() && to.generated.is_none() && !follows {
        statements.push(format!("{alter} DROP EXPRESSION"));
    }
    let changes_type = retype || (&from.data_type, &from.collation) != (&to.data_type, &to.collation);
    if changes_type && !follows {
        if default.take().is_some() {
            statements.push(format!("{alter} DROP DEFAULT"));
        }
        change_type(&mut statements, id, from, to, retype, scope);
    } else if changes_type {
        default = None;
    }
    if default != to.default.as_deref() {
        match &to.default {
            Some(new) => statements.push(format!("{alter} SET DEFAULT {new}")),
            None => {
                let hazards: &[Hazard] =
                    if to.not_null && to.identity.is_none() { &[Hazard::BreaksUsers] } else { &[] };
                statements.push_with(format!("{alter} DROP DEFAULT"), hazards);
            }
        }
    }
    if !not_null::alter(&mut statements, id, from, to, scope) {
        not_null(&mut statements, id, from, to, scope);
    }
    identity(&mut statements, id, from, to);
    settings(&mut statements, id, from, to);
    statements.finish()
}

fn change_type(
    statements: &mut Statements<'_>,
    id: &ObjectId,
    from: &Column,
    to: &Column,
    retype: bool,
    scope: &Scope<'_>,
) {
    let change = TypeChange::between(&from.data_type, &to.data_type, (scope.from, scope.to), retype);
    let collation = to.collation.as_ref().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
    let using = change.using(&id.sql()).map(|expression| format!(" USING {expression}")).unwrap_or_default();
    let sql = format!("{} TYPE {}{collation}{using}", alter_column(id), to.data_type);
    let mut hazards = change.hazards();
    // Its indexes are built anew.
    if from.collation != to.collation {
        hazards.push(Hazard::ScansTable);
    }
    statements.push_with(sql, &hazards);
}

fn not_null(statements: &mut Statements<'_>, id: &ObjectId, from: &Column, to: &Column, scope: &Scope<'_>) {
    let alter = alter_column(id);
    match (from.not_null, to.not_null) {
        (false, true) if scope.options.online && id.kind == Kind::Column => {
            // A valid check spares SET NOT NULL the scan.
            let check = quote(&format!("{}_is_not_null", id.part));
            let table = alter_table(id);
            statements
                .push(format!("{table} ADD CONSTRAINT {check} CHECK ({} IS NOT NULL) NOT VALID", id.sql()));
            statements.push_alone(format!("{table} VALIDATE CONSTRAINT {check}"), &[Hazard::DependsOnData]);
            statements.push(format!("{alter} SET NOT NULL"));
            statements.push(format!("{table} DROP CONSTRAINT {check}"));
        }
        (false, true) => {
            statements
                .push_with(format!("{alter} SET NOT NULL"), &[Hazard::DependsOnData, Hazard::ScansTable]);
        }
        (true, false) => statements.push(format!("{alter} DROP NOT NULL")),
        _ => {}
    }
}

fn identity(statements: &mut Statements<'_>, id: &ObjectId, from: &Column, to: &Column) {
    let alter = alter_column(id);
    match (&from.identity, &to.identity) {
        (None, Some(identity)) => {
            statements.push_with(
                format!("{alter} ADD {}", generated_as_identity(id, identity)),
                &[Hazard::DependsOnData],
            );
            statements.push(go_on_after_the_rows(
                id,
                &qualified(&id.schema, &identity.sequence),
                &identity.options,
            ));
        }
        (Some(from), Some(to)) => {
            if from.sequence != to.sequence {
                let name = qualified(&id.schema, &from.sequence);
                statements.push(format!("ALTER SEQUENCE {name} RENAME TO {}", quote(&to.sequence)));
            }
            let sequence = qualified(&id.schema, &to.sequence);
            statements.extend(types::move_within_bounds(id, &sequence, &from.options, &to.options));
            let mut changes = String::new();
            if from.always != to.always {
                changes += if to.always { " SET GENERATED ALWAYS" } else { " SET GENERATED BY DEFAULT" };
            }
            changes += &types::changed_options(&from.options, &to.options, "SET ");
            if !changes.is_empty() {
                statements.push(format!("{alter}{changes}"));
            }
        }
        _ => {}
    }
}

/// How values of a type are stored that can be stored in several ways. `SET STORAGE DEFAULT` is younger than PostgreSQL 15.
fn usual_storage(data_type: &str) -> &'static str {
    let base = data_type.split('(').next().unwrap_or_default();
    if matches!(base, "numeric" | "inet" | "cidr") { "main" } else { "extended" }
}

/// A new sequence begins behind the values that are there.
fn go_on_after_the_rows(id: &ObjectId, sequence: &str, options: &SequenceOptions) -> String {
    let SequenceOptions { start, increment, .. } = options;
    let furthest = if *increment < 0 { "min" } else { "max" };
    format!(
        "SELECT setval({}, coalesce((SELECT {furthest}({}) FROM {}) + {increment}, {start}), false)",
        quote_literal(sequence),
        id.sql(),
        id.relation()
    )
}

/// Storage, compression, statistics and options.
fn settings(statements: &mut Statements<'_>, id: &ObjectId, from: &Column, to: &Column) {
    let alter = alter_column(id);
    if from.storage != to.storage {
        let storage = to.storage.as_deref().unwrap_or(usual_storage(&to.data_type)).to_uppercase();
        statements.push(format!("{alter} SET STORAGE {storage}"));
    }
    if from.compression != to.compression {
        statements
            .push(format!("{alter} SET COMPRESSION {}", to.compression.as_deref().unwrap_or("default")));
    }
    if from.statistics != to.statistics {
        statements.push(format!("{alter} SET STATISTICS {}", to.statistics.unwrap_or(-1)));
    }
    changed_options(statements, &alter, &from.options, &to.options);
    // A new column's are on its line.
    if !from.foreign_options.is_empty() {
        let changes = changed_foreign_options(&from.foreign_options, &to.foreign_options);
        if !changes.is_empty() {
            statements.push(format!("{alter}{changes}"));
        }
    }
}
