use super::Bench;
use crate::Result;
use crate::cluster::Cluster;
use crate::krate::{Krate, Tool};
use crate::statistics::alternate;
use crate::table::Table;
use crate::workload::history;

const PEERS: [(&str, Tool); 2] = [("sqlx::test", Tool::SqlxTests), ("hardtack::test", Tool::OursTests)];

/// Two hundred tests with a database each, one that is migrated.
pub(super) fn section(bench: &Bench) -> Result<String> {
    let mut table = Table::new(&["revisions", "cluster", "peer", "n", "seconds", "/ sqlx::test"]);
    let scratch = Cluster::without_flushes()?;
    for size in bench.arguments.sizes(&[20, 100]) {
        let programs = PEERS.map(|(name, tool)| {
            let name = name.replace("::", "-");
            bench.workspace.test_program(&Krate::new(format!("{name}-{size}"), tool, history(size)))
        });
        let programs = programs.into_iter().collect::<Result<Vec<_>>>()?;
        for (cluster, told) in [(&bench.durable, "on disk"), (&scratch, "without flushes")] {
            cluster.create("beside")?;
            let names = PEERS.map(|(name, _)| name.to_owned());
            let series = alternate(bench.arguments.rounds(5), &names, |index| {
                // Each of ours makes its template anew.
                cluster.drop_templates()?;
                let mut command = bench.command(&programs[index], &cluster.url("beside"));
                command.env("HARDTACK_TEST_DATABASE_URL", cluster.url("beside"));
                command.current_dir(
                    bench.workspace.crate_path(&format!("{}-{size}", PEERS[index].0.replace("::", "-"))),
                );
                bench.timed(&mut command)
            })?;
            for one in &series {
                let seconds = one.samples.iter().map(|sample| sample.wall.as_secs_f64()).collect::<Vec<_>>();
                table.row([
                    size.to_string(),
                    told.to_owned(),
                    one.name.clone(),
                    one.samples.len().to_string(),
                    crate::statistics::short(crate::statistics::median(&seconds)),
                    one.ratio(&series[0]),
                ]);
            }
            cluster.drop_templates()?;
            cluster.drop("beside")?;
        }
    }
    scratch.stop()?;
    Ok(format!(
        "## Databases for tests\n\nTwo hundred tests with a database each, a row inserted and counted; the whole test binary, on as many threads as there are \
         cores. hardtack makes its template in every run.\n\n{table}"
    ))
}
