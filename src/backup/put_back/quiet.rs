//! Triggers and rules that are silent, and foreign keys that wait, until all rows are back.

use std::collections::BTreeSet;

use super::foreign_key::{ForeignKey, Root};
use super::live::Switch;
use super::session::Session;
use super::{PutBackError, Table};
use crate::db::quote_identifier;

/// How everything becomes what it was.
#[derive(Debug)]
pub(super) struct Quiet {
    back: Vec<String>,
}

/// Silences the tables, and lets foreign keys among them wait: while one table is done and another is not, rows may refer to
/// what is still missing.
pub(super) async fn begin(
    session: &Session<'_>,
    tables: &[Table<'_>],
    keys: &[ForeignKey],
) -> Result<Quiet, PutBackError> {
    let (mut off, mut back) = (Vec::new(), Vec::new());
    for table in tables {
        for switch in &table.live.switches {
            off.push(switch.turn(table, "disable"));
            back.push(switch.turn(table, switch.on()));
        }
    }
    let inside = keys.iter().filter(|key| !key.is_deferrable && key.inside(tables).next().is_some());
    let waiting: BTreeSet<&Root> = inside.map(|key| &key.root).collect();
    off.extend(waiting.iter().map(|root| root.alter("deferrable initially deferred")));
    back.extend(waiting.iter().map(|root| root.alter("not deferrable")));
    off.push("set constraints all deferred".to_owned());
    session.run("silence triggers and let foreign keys wait", &off.join("; ")).await?;
    Ok(Quiet { back })
}

impl Quiet {
    /// Puts every state back.
    pub(super) async fn end(self, session: &Session<'_>) -> Result<(), PutBackError> {
        session.run("put triggers and foreign keys back as they were", &self.back.join("; ")).await
    }
}

impl Switch {
    fn turn(&self, table: &Table<'_>, how: &str) -> String {
        format!("alter table only {} {how} {} {}", table.name(), self.what, quote_identifier(&self.name))
    }

    fn on(&self) -> &'static str {
        match self.state.as_str() {
            "R" => "enable replica",
            "A" => "enable always",
            _ => "enable",
        }
    }
}
