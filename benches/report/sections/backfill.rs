use super::Bench;
use crate::Result;
use crate::backfill_child::PEER;
use crate::file::Section;
use crate::process::server_program;
use crate::statistics::{in_turns, median, ratio, short};
use crate::table::Table;

/// A data migration of a whole table, in batches, against one statement that holds every row until its end.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let head = ["rows", "peer", "n", "rows/s", "speed / one UPDATE", "longest batch ms", "peak MiB"];
    let mut table = Table::new(&head);
    for size in bench.arguments.sizes(&[100_000, 1_000_000, 10_000_000]) {
        bench.durable.create(TEMPLATE)?;
        bench.durable.execute(TEMPLATE, &fill(size))?;
        bench.durable.execute(TEMPLATE, "vacuum (freeze, analyze) items")?;
        let rounds = bench.arguments.rounds(if size > 1_000_000 { 3 } else { 5 });
        let all = in_turns(rounds, PEERS.len(), |peer| run(bench, PEERS[peer], size))?;
        let speeds: Vec<Vec<f64>> =
            all.iter().map(|runs| runs.iter().map(|run| run.speed).collect()).collect();
        for ((name, runs), speed) in PEERS.iter().zip(&all).zip(&speeds) {
            let most = |of: fn(&Run) -> f64| runs.iter().map(of).fold(0.0, f64::max);
            // Whoever makes no batches, or works in the server, has nothing to show there.
            let shown = |most: f64| if most > 0.0 { short(most) } else { "–".to_owned() };
            table.row([
                size.to_string(),
                told(name),
                runs.len().to_string(),
                short(median(speed)),
                ratio(speed, &speeds[0]),
                shown(most(|run| run.longest)),
                shown(most(|run| run.peak)),
            ]);
        }
        bench.durable.drop(TEMPLATE)?;
    }
    Ok(Section::new(format!(
        "## Backfills\n\nThe whole process on a fresh copy of the table (a key, two texts, a time), after a checkpoint; a batch is \
         meant to take {TARGET} ms at most. One UPDATE is psql's; a loop reads all rows and sends an update for each over tokio-postgres, \
         in one transaction, and is measured on the first fiftieth of the rows. The longest batch and the most memory of all \
         runs.\n\n{table}"
    ))
    .plot("Backfills, speed by that of one UPDATE", &table, &[0, 1], 4))
}

/// What a peer is called in the report.
fn told(peer: &str) -> String {
    match peer.split_once(' ') {
        Some((kind @ ("expression" | "function"), "1")) => format!("hardtack, {kind}, one worker"),
        Some((kind @ ("expression" | "function"), _)) => format!("hardtack, {kind}, two workers"),
        _ => peer.to_owned(),
    }
}

/// The longest that a batch is meant to take, in milliseconds.
const TARGET: u32 = 500;

const TEMPLATE: &str = "backfill_template";
const DATABASE: &str = "backfill";

const PEERS: [&str; 6] = ["one UPDATE", "expression 1", "expression 2", "function 1", "function 2", "naive"];

struct Run {
    /// Rows a second.
    speed: f64,
    /// In milliseconds.
    longest: f64,
    /// In MiB.
    peak: f64,
}

fn run(bench: &Bench, peer: &str, size: usize) -> Result<Run> {
    bench.durable.drop(DATABASE)?;
    bench.durable.copy(DATABASE, TEMPLATE)?;
    bench.durable.checkpoint()?;
    let url = bench.durable.url(DATABASE);
    let naive_rows = (size / 50).max(1);
    let mut command = if peer == PEERS[0] {
        let mut command = bench.command(&server_program("psql")?, &url);
        command.args(["-qXc", "update items set email = lower(email)", "-d", &url]);
        command
    } else {
        let peer = if peer == "naive" { format!("naive {naive_rows}") } else { format!("{peer} {TARGET} 0") };
        let mut command = bench.command(&std::env::current_exe()?, &url);
        command.env(PEER, peer);
        command
    };
    let (sample, output) = bench.timed_output(&mut command)?;
    let rows = if peer == "naive" { naive_rows } else { size };
    bench.durable.expect_rows(DATABASE, "items where email = lower(email)", rows)?;
    let mut numbers = output.split_whitespace().filter_map(|number| number.parse::<f64>().ok());
    let (longest, peak) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let rows = u32::try_from(rows).map_err(|_| "too many rows")?;
    Ok(Run { speed: f64::from(rows) / sample.wall.as_secs_f64(), longest, peak })
}

pub(super) fn fill(rows: usize) -> String {
    format!(
        "create table items (id bigint primary key, email text not null, payload text not null, \
             at timestamptz not null default now()); \
         insert into items select i, 'User.' || i || '@Example.COM', md5(i::text) || md5((i + 1)::text) \
         from generate_series(1, {rows}) i"
    )
}
