//! The files of the three revisions.

use super::Expansion;
use crate::catalog::name::quote;
use crate::db::quote_literal;

/// The stems of the three revisions: `V19__names_expand`, `V20__names_backfill`, `V21__names_contract`.
#[derive(Clone, Debug)]
pub struct StepNames {
    /// Adds the new columns and the trigger.
    pub expand: String,
    /// Fills the rows that are there.
    pub backfill: String,
    /// Drops the old columns and the trigger.
    pub contract: String,
}

/// The texts of one revision. SQL comes without directives that the build may ask for by name.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// What the directives say that every such revision needs, a line each.
    pub directives: &'static str,
    /// The up in SQL.
    pub up: Option<String>,
    /// The down in SQL, which takes the directive of a short wait too.
    pub down: Option<String>,
    /// The Rust file.
    pub rust: Option<String>,
}

/// The locks are wanted for a moment, on a table that is in use.
const SHORT: &str = "-- hardtack: lock-timeout 2s\n";
const STATEMENTWISE: &str = "-- hardtack: no-transaction\n-- hardtack: lock-timeout 2s\n";

impl Files {
    /// The directive of the down.
    pub const DOWN: &'static str = SHORT;
}

impl Expansion {
    /// The first revision: the new columns, and the trigger that keeps both sides in step.
    #[must_use]
    pub fn expand(&self) -> Files {
        let columns = self
            .new
            .iter()
            .map(|one| format!("    add column {} {}", quote(&one.name), one.data_type))
            .collect::<Vec<_>>()
            .join(",\n");
        let up = format!(
            "-- The first of three steps: the new columns, empty, and a trigger that keeps them and the old ones in step. From here on the
-- version of the application before this revision and the version after it may write side by side.
alter table {table}
{columns};

{function}

{trigger}
",
            table = self.relation(),
            function = self.create_function("create function"),
            trigger = self.create_trigger(),
        );
        let dropped = drop_columns(self.new.iter().map(|one| &one.name));
        let down = format!(
            "-- What the new columns hold and the old ones cannot express is gone with them.\n{}\nalter table {}\n{dropped};\n",
            self.drop_trigger(),
            self.relation(),
        );
        Files { directives: SHORT, up: Some(up), down: Some(down), rust: None }
    }

    /// The second revision: the rows that nobody has written since, in batches; then `NOT NULL` where that was asked for.
    #[must_use]
    pub fn backfill(&self, names: &StepNames) -> Files {
        let filled = self.filled();
        if filled.is_empty() {
            return Files { rust: Some(self.fill_file(names, false)), ..Files::default() };
        }
        let (table, check) = (self.relation(), self.check());
        let each = |action: &str| {
            let columns = filled.iter().map(|column| format!("    alter column {column} {action} not null"));
            columns.collect::<Vec<_>>().join(",\n")
        };
        let up = format!(
            "-- The second of three steps: the file beside this one fills the rows that nobody has written since the first. Then no new
-- column may be empty, by way of a check: only its validation reads the table, and it blocks neither reads nor writes.
alter table {table}
    add constraint {check} check ({conditions}) not valid;

alter table {table} validate constraint {check};

alter table {table}
{set};

alter table {table} drop constraint {check};
",
            conditions = filled
                .iter()
                .map(|column| format!("{column} is not null"))
                .collect::<Vec<_>>()
                .join(" and "),
            set = each("set"),
        );
        let down = format!(
            "-- The values stay: the trigger keeps them in step, and the version before this revision does not look at them.\nalter table \
             {table}\n{};\n",
            each("drop")
        );
        Files {
            directives: STATEMENTWISE,
            up: Some(up),
            down: Some(down),
            rust: Some(self.fill_file(names, true)),
        }
    }

    /// The third revision: the old columns and the trigger go. Its down is in Rust, because it fills them again.
    #[must_use]
    pub fn contract(&self, names: &StepNames) -> Files {
        let gone: String =
            self.attached.iter().map(|(id, _)| format!("-- With the columns goes {id}.\n")).collect();
        let up = format!(
            "-- The third of three steps, once no version of the application runs any more that knows the old columns. The file beside
-- this one is the way back.
{gone}{}
alter table {}
{};
",
            self.drop_trigger(),
            self.relation(),
            drop_columns(self.old.iter().map(|one| &one.name)),
        );
        Files { directives: SHORT, up: Some(up), down: None, rust: Some(self.contract_file(names)) }
    }

    /// What shows whether the expressions fit, on an empty table that is as the first revision leaves it: the server looks at
    /// their names and types.
    #[must_use]
    pub fn probe(&self) -> String {
        let set = |columns: Vec<(&str, &str)>| {
            let set = columns.iter().map(|(name, expression)| format!("{} = ({expression})", quote(name)));
            format!("update {} set {};\n", self.relation(), set.collect::<Vec<_>>().join(", "))
        };
        set(self.new.iter().map(|one| (&*one.name, &*one.expression)).collect())
            + &set(self.old.iter().map(|one| (&*one.name, &*one.expression)).collect())
            + &self.probe_without_old_columns()
    }

    /// What shows, before the first revision, whether the new columns' expressions do without the new columns.
    #[must_use]
    pub fn probe_before(&self) -> String {
        let expressions: Vec<String> = self.new.iter().map(|one| format!("({})", one.expression)).collect();
        format!("select {} from {} where false;\n", expressions.join(", "), self.relation())
    }

    /// Whether the old columns' expressions do without them: they are dropped, and that is rolled back.
    fn probe_without_old_columns(&self) -> String {
        if self.old.is_empty() {
            return String::new();
        }
        let expressions: Vec<String> = self.old.iter().map(|one| format!("({})", one.expression)).collect();
        let body = format!(
            "begin alter table {table} {dropped}; perform {} from {table} where false; \
             raise exception using errcode = 'HT000'; exception when sqlstate 'HT000' then null; end",
            expressions.join(", "),
            table = self.relation(),
            dropped = drop_columns(self.old.iter().map(|one| &one.name)),
        );
        format!("do {};\n", quote_literal(&body))
    }

    /// Why the old columns may be dropped, for those who allow it.
    #[must_use]
    pub fn reason(&self) -> String {
        let text = format!(
            "the values live on in {}, and only the trigger calls its function",
            self.new_columns("")
        );
        text.replace('"', "'").chars().filter(|letter| !letter.is_control()).collect()
    }

    fn drop_trigger(&self) -> String {
        format!(
            "drop trigger {} on {};\n\ndrop function {}();\n",
            quote(&self.trigger),
            self.relation(),
            self.function()
        )
    }
}

fn drop_columns<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("    drop column {}", quote(name))).collect::<Vec<_>>().join(",\n")
}
