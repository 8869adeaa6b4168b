//! The trigger that keeps old and new columns in step.

use super::Expansion;
use crate::catalog::name::{quote, visible};

impl Expansion {
    /// The function. Expressions stand in it as they were given: a subquery gives them the row's columns by their plain names.
    pub(super) fn create_function(&self, create: &str) -> String {
        let function = self.function();
        let schema = quote(&self.table.schema);
        let path = if self.table.schema == "public" { schema } else { format!("{schema}, public") };
        let body = self.body();
        let quotes = if body.contains("$$") { "$in_step$" } else { "$$" };
        format!(
            "-- Old columns: {old}. New columns: {new}. Whoever writes one side gets the other made from it; where a statement
-- writes both and they do not agree, the new side wins. A row whose new columns are all null is not filled yet.
{create} {function}() returns trigger
    language plpgsql
    -- Fixed, so that the expressions mean the same whatever the writing session has set. What they need of other schemas
    -- wants its schema's name, or a place here.
    set search_path = {path}, pg_temp
as {quotes}
{body}{quotes};",
            old = visible(&self.old_columns("")),
            new = visible(&self.new_columns("")),
        )
    }

    pub(super) fn create_trigger(&self) -> String {
        format!(
            "create trigger {trigger}\n    before insert or update on {table}\n    for each row execute function {function}();",
            trigger = quote(&self.trigger),
            table = self.relation(),
            function = self.function(),
        )
    }

    fn body(&self) -> String {
        let (is_old, is_new) = (self.old_columns("old."), self.new_columns("old."));
        let (old, new) = (self.old_columns("new."), self.new_columns("new."));
        format!(
            "#variable_conflict use_column
declare
    forward record;  -- the row with its new columns made from the old ones
    backward record;  -- the row with its old columns made from the new ones
    has_old boolean := num_nonnulls({old}) > 0;
    has_new boolean := num_nonnulls({new}) > 0;
    wrote_old boolean := false;
    wrote_new boolean := has_new;
begin
    if tg_op = 'UPDATE' then
        -- *<> and *= compare bit by bit: any type has them, and a citext in another case is another.
        wrote_old := row({old})::record *<> row({is_old})::record;
        wrote_new := row({new})::record *<> row({is_new})::record;
        if has_old and has_new and not wrote_old and not wrote_new then
            return new;
        end if;
    end if;

    forward := new;
{forward}
    -- Written from the old side, or not filled yet.
    if not has_new and not wrote_new then
        return forward;
    end if;

{complete}    backward := new;
{backward}
    -- In step already, seen from one side. What the other side cannot express stays as it was written.
    if {in_step} then
        return new;
    end if;
    if wrote_old and not wrote_new then
        return forward;
    end if;
    return backward;
end;
",
            forward =
                select(&self.table.name, "forward", self.new.iter().map(|one| (&one.name, &one.expression))),
            complete = self.complete(),
            backward =
                select(&self.table.name, "backward", self.old.iter().map(|one| (&one.name, &one.expression))),
            in_step = self.in_step(),
        )
    }

    /// Null is a value of an old column that may be null, and else a row that the contraction's down has not filled yet.
    fn in_step(&self) -> String {
        let is_filled = if self.old.iter().any(|one| one.column.not_null) { "has_old and " } else { "" };
        format!(
            "{is_filled}(row({})::record *= row({})::record\n        or row({})::record *= row({})::record)",
            self.new_columns("forward."),
            self.new_columns("new."),
            self.old_columns("backward."),
            self.old_columns("new.")
        )
    }

    /// A single column cannot be written in part.
    fn complete(&self) -> String {
        if self.new.len() < 2 {
            return String::new();
        }
        let column = |name: String| format!("        new.{name} := coalesce(new.{name}, forward.{name});\n");
        let columns: String = self.new.iter().map(|one| column(quote(&one.name))).collect();
        format!(
            "    -- One of the new columns was written before the row was filled: the others are what the old ones say.
    if tg_op = 'UPDATE' and wrote_new and num_nonnulls({}) = 0 then
{columns}    end if;

",
            self.new_columns("old."),
        )
    }
}

/// Makes columns of a copy of the row.
fn select<'a>(table: &str, row: &str, columns: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let (targets, expressions): (Vec<_>, Vec<_>) = columns
        .map(|(column, expression)| (format!("{row}.{}", quote(column)), format!("        ({expression})")))
        .unzip();
    format!(
        "    select\n{}\n    into {}\n    from (select new.*) as {};\n",
        expressions.join(",\n"),
        targets.join(", "),
        quote(table)
    )
}
