use std::borrow::Cow;

use super::reader::{Goes, Reader, Target};
use super::server::Server;
use super::session::{Prepared, Session};
use super::structure::Structure;
use super::table::Table;
use super::usage::Usage;
use crate::safety::judge::reading::Gone;
use crate::safety::{FoundHazard, Verdict, hazard};

/// All that the live database has told.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) tables: Vec<Table>,
    pub(super) structure: Structure,
    pub(super) targets: Vec<Target>,
    pub(super) readers: Vec<Reader>,
    /// Of each target, whether it holds nothing; none where nobody could look.
    pub(super) empty: Vec<Option<bool>>,
    pub(super) usages: Vec<Usage>,
    pub(super) sessions: Vec<Session>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) server: Server,
    /// Bytes that are free on the server's disk, where that is this machine's.
    pub(super) free: Option<u64>,
}

impl Known {
    pub(super) fn table(&self, oid: u32) -> Option<&Table> {
        self.tables.iter().find(|table| table.oid == oid)
    }

    pub(super) fn usage(&self, table: u32) -> Option<&Usage> {
        self.usages.iter().find(|usage| usage.table == table)
    }

    /// What reads a target, in words, and is not gone itself. Where only its name goes, that is whatever knows it by its name.
    pub(super) fn readers(&self, target: &Target, gone: &Gone) -> Vec<String> {
        let place = self.targets.iter().position(|known| known == target);
        let is_gone = |reader: &Reader| {
            reader
                .relation
                .is_some_and(|relation| relation != target.table && gone.relations.contains(&relation))
                || reader.function.as_ref().is_some_and(|function| gone.functions.contains(function))
        };
        let counts = |reader: &&Reader| {
            Some(reader.target) == place
                && (target.goes == Goes::Dropped || reader.by_name)
                && !is_gone(reader)
        };
        self.readers.iter().filter(counts).map(|reader| reader.what.clone()).collect()
    }

    /// Whether a target holds nothing.
    pub(super) fn is_empty(&self, target: &Target) -> Option<bool> {
        let place = self.targets.iter().position(|known| known == target)?;
        self.empty.get(place).copied().flatten()
    }
}

/// A hazard that only the live database shows, with the recipe of the table of hazards.
pub(super) fn live(name: &'static str, verdict: Verdict, object: &str, message: String) -> FoundHazard {
    FoundHazard {
        hazard: Cow::Borrowed(name),
        verdict,
        line: None,
        object: object.to_owned(),
        message,
        recipe: Cow::Borrowed(hazard(name).map_or("", |row| row.recipe)),
        accepted: None,
    }
}
