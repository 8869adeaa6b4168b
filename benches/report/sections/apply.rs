use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Bench, HISTORY};
use crate::Result;
use crate::cluster::Cluster;
use crate::file::Section;
use crate::krate::Tool;
use crate::process::server_program;
use crate::statistics::{Sample, Series, alternate};
use crate::table::Table;
use crate::workload::{Revision, history};

/// All revisions from an empty database.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let head = ["revisions", "peer", "n", "wall ms", "wall / psql", "wall / refinery", "CPU ms"];
    let (mut durable, mut flushless) = (Table::new(&head), Table::new(&head));
    let scratch = Cluster::without_flushes()?;
    for size in bench.arguments.sizes(&[10, 100, 1000]) {
        let peers = Peers::prepare(bench, size)?;
        for (cluster, table) in [(&bench.durable, &mut durable), (&scratch, &mut flushless)] {
            let series = peers.measure(cluster)?;
            for one in &series {
                table.row(row(size, one, &series));
            }
        }
    }
    scratch.stop()?;
    Ok(Section::new(format!(
        "## From an empty database\n\nThe whole process, over the unix socket, each run on a new database after a \
         checkpoint. psql: one session, a transaction and a history row for each revision. CPU is that of the \
         client's main thread.\n\n### Durable, on disk\n\n{durable}\n### Without flushes (`fsync = off`)\n\n{flushless}"
    ))
    .plot("From an empty database on disk, times refinery", &durable, &[0, 1], 5)
    .plot("Without flushes, times refinery", &flushless, &[0, 1], 5))
}

/// In the order of the table; the ratios are to the first two.
const NAMES: [&str; 3] = ["psql", "refinery", "hardtack"];

struct Peers<'a> {
    bench: &'a Bench,
    size: usize,
    psql: PathBuf,
    script: PathBuf,
    refinery: PathBuf,
    ours: PathBuf,
}

impl<'a> Peers<'a> {
    fn prepare(bench: &'a Bench, size: usize) -> Result<Self> {
        let programs =
            bench.workload_programs(&[("refinery", Tool::Refinery), ("hardtack", Tool::Ours)], size)?;
        let [refinery, ours] =
            <[PathBuf; 2]>::try_from(programs).map_err(|_| "there are as many programs as crates")?;
        let script = bench.workspace.path(format!("workload-{size}.psql"));
        fs::write(&script, psql_script(&history(size)))?;
        Ok(Self { bench, size, psql: server_program("psql")?, script, refinery, ours })
    }

    fn measure(&self, cluster: &Cluster) -> Result<Vec<Series>> {
        let rounds = if self.size > 100 { 5 } else { 15 };
        let rounds = self.bench.arguments.rounds(rounds);
        alternate(rounds, &NAMES.map(str::to_owned), |index| self.run(cluster, index))
    }

    fn run(&self, cluster: &Cluster, peer: usize) -> Result<Sample> {
        const DATABASE: &str = "apply";
        cluster.create(DATABASE)?;
        cluster.checkpoint()?;
        let sample = self.bench.timed(&mut self.command(peer, &cluster.url(DATABASE)))?;
        cluster.expect_rows(DATABASE, HISTORY, self.size)?;
        cluster.drop(DATABASE)?;
        Ok(sample)
    }

    fn command(&self, peer: usize, url: &str) -> Command {
        match NAMES[peer] {
            "refinery" => self.bench.boot_command(&self.refinery, Tool::Refinery, url),
            "hardtack" => self.bench.boot_command(&self.ours, Tool::Ours, url),
            _ => {
                let mut command = self.bench.command(&self.psql, url);
                command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"]).arg(&self.script);
                command
            }
        }
    }
}

pub(super) fn row(size: usize, one: &Series, all: &[Series]) -> [String; 7] {
    [
        size.to_string(),
        one.name.clone(),
        one.samples.len().to_string(),
        one.wall(),
        one.ratio(&all[0]),
        one.ratio(&all[1]),
        one.cpu(),
    ]
}

/// Everything in one file, with a history row in each transaction.
fn psql_script(revisions: &[Revision]) -> String {
    let mut script = format!(
        "create table {HISTORY} (version int8 primary key, name varchar(255), applied_on varchar(255), checksum \
         varchar(255));\n"
    );
    for Revision { version, name, up, .. } in revisions {
        script += &format!(
            "begin;\n{up}insert into {HISTORY} values ({version}, '{name}', '2026-01-01T00:00:00Z', '0');\ncommit;\n"
        );
    }
    script
}
