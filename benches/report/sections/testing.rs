use super::Bench;
use crate::Result;
use crate::cluster::Cluster;
use crate::file::Section;
use crate::krate::{Krate, Tool};
use crate::statistics::{alternate, median, short};
use crate::table::Table;
use crate::workload::history;

const PEERS: [(&str, Tool); 2] = [("sqlx::test", Tool::SqlxTests), ("hardtack::test", Tool::OursTests)];

/// Two hundred tests with a database each, one that is migrated.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let mut table = Table::new(&["revisions", "peer", "n", "seconds", "/ sqlx::test"]);
    // As the private servers of tests are.
    let cluster = Cluster::without_flushes()?;
    cluster.create("beside")?;
    for size in bench.arguments.sizes(&[20, 100]) {
        let crates = PEERS.map(|(name, tool)| {
            Krate::new(format!("{}-{size}", name.replace("::", "-")), tool, history(size))
        });
        let programs =
            crates.iter().map(|krate| bench.workspace.test_program(krate)).collect::<Result<Vec<_>>>()?;
        let names = PEERS.map(|(name, _)| name.to_owned());
        let series = alternate(bench.arguments.rounds(5), &names, |index| {
            // Each of ours makes its template anew.
            cluster.drop_kept_by_tests()?;
            let mut command = bench.command(&programs[index], &cluster.url("beside"));
            command.env("HARDTACK_TEST_DATABASE_URL", cluster.url("beside"));
            command.current_dir(bench.workspace.crate_path(&crates[index].name));
            bench.timed(&mut command)
        })?;
        for one in &series {
            let seconds = one.samples.iter().map(|sample| sample.wall.as_secs_f64()).collect::<Vec<_>>();
            table.row([
                size.to_string(),
                one.name.clone(),
                one.samples.len().to_string(),
                short(median(&seconds)),
                one.ratio(&series[0]),
            ]);
        }
    }
    cluster.stop()?;
    Ok(Section::new(format!(
        "## Databases for tests\n\nTwo hundred tests with a database each, a row inserted and counted; the whole test binary, on as many threads as there are \
         cores, on a server that does not flush. hardtack makes its template and its databases in every run.\n\n{table}"
    ))
    .plot("200 tests with a database each, times sqlx::test", &table, &[0, 1], 4))
}
