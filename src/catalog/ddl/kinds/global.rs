//! What is in no schema: foreign data, publications, event triggers, extensions.

use super::parts::enabling;
use super::table::{changed_foreign_options, foreign_options};
use crate::catalog::ObjectId;
use crate::catalog::ddl::DdlStatement;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::definition::{
    EventTrigger, Extension, ForeignDataWrapper, Publication, PublicationTable, Server,
};
use crate::catalog::name::{qualified, quote};
use crate::db::quote_literal;

pub(super) fn create_extension(id: &ObjectId, extension: &Extension) -> String {
    format!("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {}", id.sql(), quote(&extension.schema))
}

pub(super) fn create_wrapper(id: &ObjectId, wrapper: &ForeignDataWrapper) -> String {
    format!(
        "CREATE FOREIGN DATA WRAPPER {}{}{}",
        id.sql(),
        functions(wrapper),
        foreign_options(&wrapper.options)
    )
}

fn functions(wrapper: &ForeignDataWrapper) -> String {
    let function = |name: &str, function: &Option<String>| match function {
        Some(function) => format!(" {name} {function}"),
        None => format!(" NO {name}"),
    };
    function("HANDLER", &wrapper.handler) + &function("VALIDATOR", &wrapper.validator)
}

pub(super) fn alter_wrapper(
    id: &ObjectId,
    from: &ForeignDataWrapper,
    to: &ForeignDataWrapper,
) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    let functions = if (&from.handler, &from.validator) == (&to.handler, &to.validator) {
        String::new()
    } else {
        functions(to)
    };
    let options = changed_foreign_options(&from.options, &to.options);
    statements.push(format!("ALTER FOREIGN DATA WRAPPER {}{functions}{options}", id.sql()));
    statements.finish()
}

pub(super) fn create_server(id: &ObjectId, server: &Server) -> String {
    let word = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!(" {name} {}", quote_literal(value))).unwrap_or_default()
    };
    format!(
        "CREATE SERVER {}{}{} FOREIGN DATA WRAPPER {}{}",
        id.sql(),
        word("TYPE", &server.server_type),
        word("VERSION", &server.version),
        quote(&server.wrapper),
        foreign_options(&server.options)
    )
}

/// Type and wrapper stay.
pub(super) fn alter_server(id: &ObjectId, from: &Server, to: &Server) -> Option<Vec<DdlStatement>> {
    if (&from.wrapper, &from.server_type) != (&to.wrapper, &to.server_type)
        || (from.version.is_some() && to.version.is_none())
    {
        return None;
    }
    let mut statements = Statements::about(id);
    let version = to.version.as_ref().filter(|version| from.version.as_ref() != Some(version));
    let version = version.map(|version| format!(" VERSION {}", quote_literal(version))).unwrap_or_default();
    let options = changed_foreign_options(&from.options, &to.options);
    statements.push(format!("ALTER SERVER {}{version}{options}", id.sql()));
    Some(statements.finish())
}

/// The values of its options are secrets that no catalog here holds.
pub(super) fn create_user_mapping(id: &ObjectId) -> String {
    format!("CREATE USER MAPPING FOR {} SERVER {}", user(id), quote(&id.name))
}

pub(super) fn drop_user_mapping(id: &ObjectId) -> String {
    format!("DROP USER MAPPING FOR {} SERVER {}", user(id), quote(&id.name))
}

fn user(id: &ObjectId) -> String {
    if id.part == "public" { "PUBLIC".to_owned() } else { quote(&id.part) }
}

pub(super) fn create_publication(id: &ObjectId, publication: &Publication) -> String {
    let targets = targets(publication);
    let targets = match (publication.all_tables, targets.is_empty()) {
        (true, _) => " FOR ALL TABLES".to_owned(),
        (false, true) => String::new(),
        (false, false) => format!(" FOR {targets}"),
    };
    format!(
        "CREATE PUBLICATION {}{targets} WITH ({})",
        id.sql(),
        publication_options(&Publication::default(), publication)
    )
}

fn targets(publication: &Publication) -> String {
    // Before PostgreSQL 15 the word `TABLE` stands once.
    let tables: Vec<String> =
        publication.tables.iter().map(|table| format!("ONLY {}", table_of_publication(table))).collect();
    let tables = (!tables.is_empty()).then(|| format!("TABLE {}", tables.join(", ")));
    let schemas = publication.schemas.iter().map(|schema| format!("TABLES IN SCHEMA {}", quote(schema)));
    tables.into_iter().chain(schemas).collect::<Vec<_>>().join(", ")
}

fn table_of_publication(table: &PublicationTable) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quote(column)).collect();
    let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
    let filter = table.filter.as_ref().map(|filter| format!(" WHERE ({filter})")).unwrap_or_default();
    format!("{}{columns}{filter}", qualified(&table.schema, &table.name))
}

/// Older servers do not know the later ones, which are said where they differ.
fn publication_options(from: &Publication, to: &Publication) -> String {
    let mut options = format!("publish = {}", quote_literal(&to.operations.join(", ")));
    if from.via_partition_root != to.via_partition_root {
        options += &format!(", publish_via_partition_root = {}", to.via_partition_root);
    }
    if from.generated_columns != to.generated_columns {
        let generated = to.generated_columns.as_deref().unwrap_or("none");
        options += &format!(", publish_generated_columns = {generated}");
    }
    options
}

/// One for all tables is another one.
pub(super) fn alter_publication(
    id: &ObjectId,
    from: &Publication,
    to: &Publication,
) -> Option<Vec<DdlStatement>> {
    if from.all_tables != to.all_tables
        || (from.schemas.is_empty() && from.tables.is_empty())
            != (to.schemas.is_empty() && to.tables.is_empty())
    {
        return None;
    }
    let mut statements = Statements::about(id);
    if (&from.tables, &from.schemas) != (&to.tables, &to.schemas) {
        statements.push(format!("ALTER PUBLICATION {} SET {}", id.sql(), targets(to)));
    }
    let options = |publication: &Publication| {
        let Publication { operations, via_partition_root, generated_columns, .. } = publication.clone();
        (operations, via_partition_root, generated_columns)
    };
    if options(from) != options(to) {
        statements.push(format!("ALTER PUBLICATION {} SET ({})", id.sql(), publication_options(from, to)));
    }
    Some(statements.finish())
}

pub(super) fn create_event_trigger(id: &ObjectId, trigger: &EventTrigger) -> Vec<DdlStatement> {
    let tags: Vec<String> = trigger.tags.iter().map(|tag| quote_literal(tag)).collect();
    let tags = if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({})", tags.join(", ")) };
    let mut statements = Statements::about(id);
    statements.push(format!(
        "CREATE EVENT TRIGGER {} ON {}{tags} EXECUTE FUNCTION {}()",
        id.sql(),
        trigger.event,
        trigger.function
    ));
    if trigger.enabled.is_some() {
        statements.push(enable_event_trigger(id, trigger));
    }
    statements.finish()
}

fn enable_event_trigger(id: &ObjectId, trigger: &EventTrigger) -> String {
    format!("ALTER EVENT TRIGGER {} {}", id.sql(), enabling(trigger.enabled.as_deref()))
}

pub(super) fn alter_event_trigger(
    id: &ObjectId,
    from: &EventTrigger,
    to: &EventTrigger,
) -> Option<Vec<DdlStatement>> {
    if (&from.event, &from.tags, &from.function) != (&to.event, &to.tags, &to.function) {
        return None;
    }
    let mut statements = Statements::about(id);
    statements.push(enable_event_trigger(id, to));
    Some(statements.finish())
}
