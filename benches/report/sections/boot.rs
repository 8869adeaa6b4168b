use std::fs;
use std::path::PathBuf;

use super::{Bench, HISTORY};
use crate::Result;
use crate::cluster::Cluster;
use crate::file::Section;
use crate::krate::Tool;
use crate::process::watched;
use crate::statistics::{Series, alternate, in_turns, ratio, short, spread};
use crate::table::Table;

const PEERS: [(&str, Tool); 3] =
    [("floor", Tool::Floor), ("hardtack", Tool::Ours), ("refinery", Tool::Refinery)];

/// A boot with nothing to do, the whole process.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let mut table = Table::new(&["applied", "peer", "n", "wall ms", "wall / floor", "CPU ms", "CPU / floor"]);
    let size = if bench.arguments.quick { 100 } else { 1000 };
    let programs = bench.workload_programs(&PEERS, size)?;
    let peers: Vec<_> = PEERS.into_iter().zip(programs).collect();
    let (series, peaks) = nothing_pending(bench, &peers, size)?;
    for one in &series {
        table.row(row(size, one, &series[0]));
    }
    let mut space = Table::new(&["peer", "memory at its peak, MiB", "/ floor", "binary, MiB"]);
    let floor = &peaks[0];
    for (((name, _), program), peaks) in peers.iter().zip(&peaks) {
        let binary = mebibytes(fs::metadata(program)?.len());
        space.row([(*name).to_owned(), spread(peaks), ratio(peaks, floor), short(binary)]);
    }
    Ok(Section::new(format!(
        "## Boot with nothing pending\n\nThe whole process, over the unix socket. The floor connects and sends one \
         query. CPU is that of the client's main thread.\n\n{table}\nThe same, and the binary with its {size} revisions, \
         as release builds make it.\n\n{space}"
    ))
    .plot("Boot with nothing pending, times the floor", &table, &[1], 4))
}

/// A peer, and its program.
pub(super) type Peer = ((&'static str, Tool), PathBuf);

/// Brings a database for each peer to its head, and boots in turns; what that took, and the memory of each in MiB. The floor
/// stands before a peer.
pub(super) fn nothing_pending(
    bench: &Bench,
    peers: &[Peer],
    size: usize,
) -> Result<(Vec<Series>, Vec<Vec<f64>>)> {
    let cluster: &Cluster = &bench.durable;
    let names: Vec<_> = peers.iter().map(|((name, _), _)| (*name).to_owned()).collect();
    for (index, ((name, tool), _)) in peers.iter().enumerate() {
        // The floor's database has as many relations in it.
        let ((_, tool), program) = &peers[if *tool == Tool::Floor { index + 1 } else { index }];
        cluster.create(name)?;
        bench.boot(program, *tool, &cluster.url(name))?;
        cluster.expect_rows(name, HISTORY, size)?;
    }
    cluster.checkpoint()?;
    let rounds = bench.arguments.rounds(60);
    let series = alternate(rounds, &names, |index| {
        let ((name, tool), program) = &peers[index];
        bench.boot(program, *tool, &cluster.url(name))
    })?;
    let peaks = in_turns(bench.arguments.rounds(10), peers.len(), |index| {
        let ((name, tool), program) = &peers[index];
        let mut command = bench.boot_command(program, *tool, &cluster.url(name));
        watched(&mut command, &bench.workspace.path("errors")).map(|(_, peak)| peak)
    })?;
    names.iter().try_for_each(|name| cluster.drop(name))?;
    Ok((series, peaks))
}

pub(super) fn row(size: usize, one: &Series, floor: &Series) -> [String; 7] {
    [
        size.to_string(),
        one.name.clone(),
        one.samples.len().to_string(),
        one.wall(),
        one.ratio(floor),
        one.cpu(),
        one.cpu_ratio(floor),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
