use super::Bench;
use super::boot::{nothing_pending, row};
use crate::Result;
use crate::file::Section;
use crate::krate::{Krate, Tool};
use crate::table::Table;
use crate::workload::tiny;

/// A boot with nothing to do as the history grows.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let mut table = Table::new(&["applied", "peer", "n", "wall ms", "wall / floor", "CPU ms", "CPU / floor"]);
    for size in bench.arguments.sizes(&[10, 100, 1000, 10_000]) {
        let crates = [
            Krate::new("floor", Tool::Floor, Vec::new()),
            Krate::new(format!("growth-{size}"), Tool::Ours, tiny(size)),
        ];
        let programs = bench.workspace.programs(&crates)?;
        let peers: Vec<_> =
            [("floor", Tool::Floor), ("hardtack", Tool::Ours)].into_iter().zip(programs).collect();
        let (series, _) = nothing_pending(bench, &peers, size)?;
        table.row(row(size, &series[1], &series[0]));
    }
    Ok(Section::new(format!(
        "## Growth of a boot with nothing pending\n\nRevisions of one short statement, so that only the history \
         grows; each size against the floor in the same rounds.\n\n{table}"
    ))
    .plot("Boot with nothing pending, by applied revisions, times the floor", &table, &[0], 4))
}
