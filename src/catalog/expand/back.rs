//! The way back from the contraction, as SQL: everything here bears being sent again.

use super::Expansion;
use crate::catalog::ddl::{self, DiffOptions};
use crate::catalog::name::{qualified, quote};
use crate::catalog::{Definition, Object, ObjectId};
use crate::db::quote_literal;

impl Expansion {
    /// The old columns, empty, with their defaults and comments, and the trigger: one text, which the server takes as one
    /// transaction.
    pub(super) fn columns_back(&self) -> String {
        let table = self.relation();
        let columns = self.old.iter().map(|one| {
            let collation =
                one.column.collation.as_ref().map(|name| format!(" collate {name}")).unwrap_or_default();
            format!("    add column if not exists {} {}{collation}", quote(&one.name), one.column.data_type)
        });
        let mut text = format!("alter table {table}\n{};\n", columns.collect::<Vec<_>>().join(",\n"));
        // Both are of the same catalog, and nothing is renamed.
        let dressing = ddl::diff(&self.bare, &self.dressed, &DiffOptions::default()).unwrap_or_default();
        for statement in dressing.statements {
            text += &format!("{};\n", statement.sql);
        }
        text + &format!(
            "\n{}\n\ndrop trigger if exists {} on {table};\n{}\n",
            self.create_function("create or replace function"),
            quote(&self.trigger),
            self.create_trigger()
        )
    }

    /// What the filled columns have to keep, a statement each: none of them fits into a transaction with another.
    pub(super) fn rules_back(&self) -> Vec<String> {
        let mut rules = self.not_null_back();
        for (id, object) in &self.attached {
            rules.extend(self.attached_back(id, object));
        }
        rules
    }

    fn not_null_back(&self) -> Vec<String> {
        let columns: Vec<String> =
            self.old.iter().filter(|one| one.column.not_null).map(|one| quote(&one.name)).collect();
        if columns.is_empty() {
            return Vec::new();
        }
        let (table, check) = (self.relation(), self.check());
        let conditions: Vec<String> = columns.iter().map(|column| format!("{column} is not null")).collect();
        let set: Vec<String> =
            columns.iter().map(|column| format!("alter column {column} set not null")).collect();
        vec![
            format!(
                "alter table {table} drop constraint if exists {check}, add constraint {check} check ({}) not valid",
                conditions.join(" and ")
            ),
            format!("alter table {table} validate constraint {check}"),
            format!("alter table {table} {}", set.join(", ")),
            format!("alter table {table} drop constraint {check}"),
        ]
    }

    fn attached_back(&self, id: &ObjectId, object: &Object) -> Vec<String> {
        let (table, name) = (self.relation(), quote(&id.part));
        let mut statements = Vec::new();
        let kind = match &object.definition {
            Definition::Constraint(constraint) => {
                statements.push(format!(
                    "alter table {table} drop constraint if exists {name}, add constraint {name} {} not valid",
                    constraint.definition
                ));
                if !constraint.not_valid {
                    statements.push(format!("alter table {table} validate constraint {name}"));
                }
                format!("constraint {name} on {table}")
            }
            Definition::Index(index) => {
                // Of a partitioned table none can be built concurrently.
                let concurrently = if self.is_partitioned { "" } else { "concurrently " };
                let unique = if index.unique { "unique " } else { "" };
                let qualified = qualified(&id.schema, &id.part);
                statements.push(format!("drop index {concurrently}if exists {qualified}"));
                statements.push(format!(
                    "create {unique}index {concurrently}{name} on {table} using {}",
                    index.definition
                ));
                format!("index {qualified}")
            }
            _ => return statements,
        };
        let comment = object.comment.as_ref();
        statements.extend(comment.map(|comment| format!("comment on {kind} is {}", quote_literal(comment))));
        statements
    }
}
