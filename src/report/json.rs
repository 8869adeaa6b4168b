use serde::Serialize;

use super::{Report, Section, Tool};
use crate::engine::dry_run::DryRun;

/// The number of the JSON form. Fields and values may be added within one; what is there is never removed and keeps its meaning.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    tool: Tool,
    title: &'a str,
    database: &'a str,
    failed: bool,
    sections: &'a [Section],
    dry_run: Option<&'a DryRun>,
}

impl Report<'_> {
    /// The report for programs.
    pub(super) fn json(&self) -> String {
        pretty(&Document {
            format: FORMAT,
            tool: self.tool,
            title: &self.title,
            database: &self.database,
            failed: self.has_failed(),
            sections: &self.sections,
            dry_run: self.dry_run,
        })
    }
}

/// A value as JSON over several lines.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string())
}
