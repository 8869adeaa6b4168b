use std::collections::BTreeMap;

use serde::Serialize;

use super::{Change, Comparison, Side};
use crate::catalog::ddl::{DdlPlan, Hazard, Rename};

/// A comparison for programs. What it has now it keeps; fields may be added.
#[derive(Clone, Debug, Serialize)]
pub struct Report<'a> {
    /// The number of this form.
    pub version: u32,
    /// Where the plan begins.
    pub from: ReportSide<'a>,
    /// Where it ends.
    pub to: ReportSide<'a>,
    /// Whether both hold the same.
    pub equal: bool,
    /// What becomes of each object that does not stay as it is.
    pub changes: Vec<Change>,
    /// The renames that the plan was told of.
    pub renames: &'a [Rename],
    /// The number of statements with each hazard.
    pub hazards: BTreeMap<&'static str, usize>,
    /// Statements, differences that stay, likely renames.
    #[serde(flatten)]
    pub plan: &'a DdlPlan,
}

/// One of the two.
#[derive(Clone, Debug, Serialize)]
pub struct ReportSide<'a> {
    /// What people call it.
    pub source: &'a str,
    /// The server's version, as `server_version_num` has it.
    pub server: u32,
    /// The catalog's fingerprint.
    pub fingerprint: String,
    /// The number of objects.
    pub objects: usize,
}

impl Comparison<'_> {
    /// The comparison for programs.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        let (from, to) = (side(&self.from), side(&self.to));
        Report {
            version: 1,
            equal: from.fingerprint == to.fingerprint,
            from,
            to,
            changes: self.changes(),
            renames: self.renames,
            hazards: self.hazards().into_iter().map(|(hazard, number)| (hazard.name(), number)).collect(),
            plan: self.plan,
        }
    }

    /// The number of statements with each hazard, the worst hazard first.
    pub(super) fn hazards(&self) -> BTreeMap<Hazard, usize> {
        let mut hazards = BTreeMap::new();
        for hazard in self.plan.statements.iter().flat_map(|statement| &statement.hazards) {
            *hazards.entry(*hazard).or_insert(0) += 1;
        }
        hazards
    }
}

fn side<'a>(side: &Side<'a>) -> ReportSide<'a> {
    ReportSide {
        source: side.name,
        server: side.catalog.server,
        fingerprint: side.catalog.fingerprint(),
        objects: side.catalog.objects.len(),
    }
}
