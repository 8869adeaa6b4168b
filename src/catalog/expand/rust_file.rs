//! The Rust files of the second and third revision.

use super::{Expansion, StepNames};
use crate::catalog::name::quote;

const HOOK: &str = "#[hardtack::before]\nasync fn fill";

const UP: &str = "#[hardtack::up(transaction = \"none\")]\nasync fn up";

const DOWN: &str = "
/// Leaves the values: the trigger keeps them in step, and the version before this revision does not look at them.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}
";

impl Expansion {
    /// The backfill: before the SQL beside it, or as a revision of its own.
    pub(super) fn fill_file(&self, names: &StepNames, has_sql: bool) -> String {
        let (module, path) = self.module();
        let filter = format!("num_nonnulls({}) = 0", self.new_columns(""));
        let (head, verify, rest) =
            if has_sql { (HOOK, self.none_null(), "") } else { (UP, self.all_filled(&filter), DOWN) };
        format!(
            "//! Fills the new columns of the rows that nobody has written since `{expand}`.
//!
//! An update that changes nothing is enough: the trigger makes the new columns from the old ones, so that its expressions
//! stand in one place.

use std::time::Duration;

use hardtack::prelude::*;

use super::{path};

/// Fills what is empty. A run that was stopped goes on behind its last batch.
{head}(context: &mut Context<'_>) -> Result<()> {{
    context
        .backfill::<{module}::Row>({name:?})
        .filter({filter})
        .set_sql({touch})
        .target(Duration::from_millis(200))
        .verify({verify})
        .run()
        .await?;
    Ok(())
}}
{rest}",
            expand = names.expand,
            name = self.trigger,
            filter = raw(&filter),
            touch = self.touch(&module),
            verify = raw(&verify),
        )
    }

    /// The way back from the contraction.
    pub(super) fn contract_file(&self, names: &StepNames) -> String {
        let (module, path) = self.module();
        let rules = self.rules_back();
        let constant: String = rules.iter().map(|rule| format!("    {},\n", raw(rule))).collect();
        let (constant, apply) = if rules.is_empty() {
            (String::new(), "")
        } else {
            (
                format!(
                    "\n/// What the old columns had to keep. All of it may be sent again.\nconst RULES: &[&str] = &[\n{constant}];\n"
                ),
                "    for rule in RULES {\n        context.batch_execute(rule).await?;\n    }\n",
            )
        };
        format!(
            "//! The way back from `{contract}.sql`: the old columns, made from the new ones, and the trigger.
//!
//! Run it to its end before the version of the application starts that knows no new columns.

use std::time::Duration;

use hardtack::prelude::*;

use super::{path};

/// The columns, empty, and what keeps both sides in step: one transaction, which may be sent again.
const COLUMNS: &str = {columns};
{constant}
/// Fills them in batches, by updates that change nothing: the trigger does it. A run that was stopped goes on behind its last
/// batch.
#[hardtack::down(transaction = \"none\", lock_timeout = \"2s\")]
async fn down(context: &mut Context<'_>) -> Result<()> {{
    context.batch_execute(COLUMNS).await?;
    context
        .backfill::<{module}::Row>({name:?})
        .filter({filter})
        .set_sql({touch})
        .target(Duration::from_millis(200))
        .run()
        .await?;
{apply}    Ok(())
}}
",
            contract = names.contract,
            columns = raw(&format!("\n{}", self.columns_back())),
            name = self.trigger,
            filter = raw(&format!("num_nonnulls({}) = 0", self.old_columns(""))),
            touch = self.touch(&module),
        )
    }

    /// True once no row would be refused: found out before anybody's writes are.
    fn none_null(&self) -> String {
        let conditions: Vec<String> =
            self.filled().iter().map(|column| format!("{column} is null")).collect();
        format!("select not exists (select from {} where {})", self.relation(), conditions.join(" or "))
    }

    /// True once no row is empty that the old columns have a value for.
    fn all_filled(&self, filter: &str) -> String {
        let expressions: Vec<String> = self.new.iter().map(|one| format!("({})", one.expression)).collect();
        format!(
            "select not exists (select from {} where {filter} and num_nonnulls({}) > 0)",
            self.relation(),
            expressions.join(", ")
        )
    }

    fn touch(&self, module: &str) -> String {
        let Some(column) = self.new.first() else { return String::new() };
        format!("{module}::{}, {}", snake(&column.name).to_uppercase(), raw(&quote(&column.name)))
    }

    /// The table's module, and the way to it.
    fn module(&self) -> (String, String) {
        let module = identifier(&snake(&self.table.name));
        let path = match &*self.table.schema {
            "public" => format!("schema::{module}"),
            schema => format!("schema::{}::{module}", identifier(&snake(schema))),
        };
        (module, path)
    }
}

/// A string literal without escapes.
fn raw(text: &str) -> String {
    if !text.contains(['"', '\\', '\n']) {
        return format!("\"{text}\"");
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// A name as typed tables have it.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let starts = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals = before.is_some_and(char::is_uppercase)
            && letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (starts || ends_capitals) {
            text.push('_');
        }
        if letter.is_alphanumeric() { text.extend(letter.to_lowercase()) } else { text.push('_') }
    }
    if text.starts_with(|letter: char| letter.is_ascii_digit()) { format!("_{text}") } else { text }
}

/// Raw where it is a keyword.
fn identifier(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// Those of Rust that are likely names, and all that are reserved.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_typed_tables() {
        for (name, expected) in [
            ("first_name", "first_name"),
            ("LineItems", "line_items"),
            ("HTTPServer2Name", "http_server2_name"),
            ("Line Items", "line_items"),
            ("2fa", "_2fa"),
            ("größe", "größe"),
            ("type", "r#type"),
        ] {
            assert_eq!(identifier(&snake(name)), expected);
        }
    }

    #[test]
    fn a_literal_holds_any_text() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("a\nb", "r\"a\nb\""),
            ("say \"a\"", "r#\"say \"a\"\"#"),
            ("\"#\\", "r##\"\"#\\\"##"),
        ] {
            assert_eq!(raw(text), expected);
        }
    }
}
