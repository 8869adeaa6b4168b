use super::table::changed_options;
use crate::catalog::ddl::attributes::keyword;
use crate::catalog::ddl::statements::Statements;
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::definition::View;
use crate::catalog::name::quote;
use crate::catalog::{Kind, ObjectId};

pub(super) fn create(id: &ObjectId, view: &View) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push(text(id, view, "CREATE"));
    column_settings(&mut statements, id, &View::default(), view);
    statements.finish()
}

fn text(id: &ObjectId, view: &View, verb: &str) -> String {
    let mut text = format!("{verb} {} {}", keyword(id.kind), id.sql());
    if let Some(method) = &view.access_method {
        text += &format!(" USING {}", quote(method));
    }
    if !view.options.is_empty() {
        text += &format!(" WITH ({})", view.options.join(", "));
    }
    if let Some(tablespace) = &view.tablespace {
        text += &format!(" TABLESPACE {}", quote(tablespace));
    }
    text += &format!(" AS\n{}", view.query);
    // It is filled when all that its functions may read is there.
    if id.kind == Kind::MaterializedView { text + "\nWITH NO DATA" } else { text }
}

/// A view can get columns at its end; a materialised view's query cannot change.
pub(super) fn alter(id: &ObjectId, from: &View, to: &View) -> Option<Vec<DdlStatement>> {
    let is_view = id.kind == Kind::View;
    let same_columns = from.columns.len() <= to.columns.len()
        && from.columns.iter().zip(&to.columns).all(|(old, new)| {
            (&old.name, &old.data_type, &old.collation) == (&new.name, &new.data_type, &new.collation)
        });
    if !same_columns || (from.query != to.query && !is_view) {
        return None;
    }
    let mut statements = Statements::about(id);
    let alter = format!("ALTER {} {}", keyword(id.kind), id.sql());
    if from.query == to.query {
        changed_options(&mut statements, &alter, &from.options, &to.options);
    } else {
        statements.push(text(id, to, "CREATE OR REPLACE"));
    }
    if from.access_method != to.access_method {
        let method = quote(to.access_method.as_deref().unwrap_or("heap"));
        statements.push_with(format!("{alter} SET ACCESS METHOD {method}"), &[Hazard::RewritesTable]);
    }
    if from.tablespace != to.tablespace {
        let tablespace = quote(to.tablespace.as_deref().unwrap_or("pg_default"));
        statements.push_with(format!("{alter} SET TABLESPACE {tablespace}"), &[Hazard::RewritesTable]);
    }
    column_settings(&mut statements, id, from, to);
    Some(statements.finish())
}

fn column_settings(statements: &mut Statements<'_>, id: &ObjectId, from: &View, to: &View) {
    for (place, column) in to.columns.iter().enumerate() {
        let old = from.columns.get(place);
        let before = old.and_then(|column| column.default.as_ref());
        let alter = format!("ALTER {} {} ALTER COLUMN {}", keyword(id.kind), id.sql(), quote(&column.name));
        if old.and_then(|column| column.statistics) != column.statistics {
            statements.push(format!("{alter} SET STATISTICS {}", column.statistics.unwrap_or(-1)));
        }
        match &column.default {
            Some(default) if before != Some(default) => {
                statements.push(format!("{alter} SET DEFAULT {default}"));
            }
            None if before.is_some() => statements.push(format!("{alter} DROP DEFAULT")),
            _ => {}
        }
    }
}

pub(super) fn drop(id: &ObjectId) -> Vec<DdlStatement> {
    let mut statements = Statements::about(id);
    statements.push_with(format!("DROP {} {}", keyword(id.kind), id.sql()), &[Hazard::BreaksUsers]);
    statements.finish()
}
