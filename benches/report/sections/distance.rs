use std::time::Duration;

use super::{Bench, HISTORY};
use crate::Result;
use crate::cluster::Cluster;
use crate::delay::Distance;
use crate::file::Section;
use crate::krate::Tool;
use crate::statistics::{Series, alternate};
use crate::table::Table;

const PEERS: [(&str, Tool); 2] = [("refinery", Tool::Refinery), ("hardtack", Tool::Ours)];

const ONE_WAY: Duration = Duration::from_millis(5);

/// All revisions from an empty database that is not near.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let mut table = Table::new(&["revisions", "peer", "n", "wall ms", "wall / refinery"]);
    for size in bench.arguments.sizes(&[10, 100, 1000]) {
        let series = measure(bench, size)?;
        for one in &series {
            let n = one.samples.len().to_string();
            table.row([size.to_string(), one.name.clone(), n, one.wall(), one.ratio(&series[0])]);
        }
    }
    Ok(Section::new(format!(
        "## From an empty database, at a distance\n\nThrough a proxy that delays every byte by {ONE_WAY:?}, each way; \
         it is a delay line, so bytes that are sent ahead arrive together. The cluster does not flush: the distance is \
         measured, not the disk.\n\n{table}"
    ))
    .plot("From an empty database at a distance, times refinery", &table, &[0, 1], 4))
}

fn measure(bench: &Bench, size: usize) -> Result<Vec<Series>> {
    const DATABASE: &str = "distance";
    // Without flushes, so that the distance is measured and not the disk.
    let cluster = Cluster::without_flushes()?;
    let programs = bench.workload_programs(&PEERS, size)?;
    let proxy = Distance::before(cluster.socket(), ONE_WAY)?;
    let rounds = if size > 100 { 2 } else { bench.arguments.rounds(5) };
    let names = PEERS.map(|(name, _)| name.to_owned());
    alternate(rounds, &names, |index| {
        cluster.create(DATABASE)?;
        cluster.checkpoint()?;
        let url = cluster.url_through(proxy.port, DATABASE);
        let sample = bench.timed(&mut bench.boot_command(&programs[index], PEERS[index].1, &url))?;
        cluster.expect_rows(DATABASE, HISTORY, size)?;
        cluster.drop(DATABASE)?;
        Ok(sample)
    })
}
