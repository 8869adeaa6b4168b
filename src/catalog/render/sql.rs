use std::fmt::Write;

use super::{Comparison, Side, count};
use crate::catalog::ddl::{DdlPlan, DdlStatement};

impl Comparison<'_> {
    /// The plan as a script for psql: what can be in a transaction is in one, what must stand alone stands alone.
    #[must_use]
    pub fn sql(&self) -> String {
        let DdlPlan { statements, unexpressed, likely_renames } = self.plan;
        let mut text = String::new();
        comment(&mut text, &format!("From {}", titled(&self.from)));
        comment(&mut text, &format!("to   {}", titled(&self.to)));
        for one in unexpressed {
            comment(&mut text, &format!("NOT IN THIS SCRIPT: {}: {}", one.object, one.reason));
        }
        for rename in likely_renames {
            let (from, to) = (&rename.from, &rename.to);
            let flag = rename.flag();
            comment(
                &mut text,
                &format!("PERHAPS A RENAME: {from} to {to}; if it is one, diff again with {flag}"),
            );
        }
        if statements.is_empty() {
            comment(
                &mut text,
                if unexpressed.is_empty() {
                    "They are equal: there is nothing to do."
                } else {
                    "There is no statement."
                },
            );
            return text;
        }
        comment(&mut text, &count(statements.len(), "statement"));
        if !self.plan.is_transactional() {
            comment(&mut text, "Some run outside a transaction: what is done before an error stays done.");
            text.push_str("\\set ON_ERROR_STOP on\n");
        }
        let _ = write!(text, "\n{}", DdlPlan::SESSION);
        for run in statements.chunk_by(|one, other| one.transactional && other.transactional) {
            text.push_str(&block(run));
        }
        text.push_str("\nRESET search_path;\nRESET check_function_bodies;\n");
        text
    }
}

impl DdlPlan {
    /// The statements alone, each with its hazards above it.
    #[must_use]
    pub fn script(&self) -> String {
        self.statements.iter().map(statement_text).collect()
    }
}

/// Statements that are in one transaction, or one that is in none.
fn block(run: &[DdlStatement]) -> String {
    let transactional = run.iter().all(|statement| statement.transactional);
    let mut text = String::from(if transactional { "\nBEGIN;\n" } else { "" });
    run.iter().for_each(|statement| text.push_str(&statement_text(statement)));
    if transactional {
        text.push_str("\nCOMMIT;\n");
    }
    text
}

fn statement_text(statement: &DdlStatement) -> String {
    let mut text = String::from("\n");
    for hazard in &statement.hazards {
        comment(&mut text, &format!("hazard: {hazard}: {}", hazard.meaning()));
    }
    let _ = writeln!(text, "{};", statement.sql.trim_end());
    text
}

fn titled(side: &Side<'_>) -> String {
    match side.server() {
        Some(server) => format!("{} ({server})", side.name),
        None => side.name.to_owned(),
    }
}

/// A line that is one comment, whatever names are in it.
fn comment(text: &mut String, line: &str) {
    let line: String =
        line.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let _ = writeln!(text, "-- {}", line.trim_end());
}
