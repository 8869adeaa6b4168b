use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::Bench;
use super::backfill::fill;
use crate::Result;
use crate::backfill_child::PEER;
use crate::file::Section;
use crate::pgbench::{CLIENTS, Pgbench, RATE, Traffic, Transaction};
use crate::process::server_program;
use crate::statistics::{in_turns, median, quantile, short, sorted};
use crate::table::Table;

/// What an application feels while a table that it uses is backfilled.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    const HEADING: &str = "## An application while its table is backfilled";
    let Ok(pgbench) = server_program("pgbench") else {
        return Ok(Section::new(format!(
            "{HEADING}\n\nNot measured: pg_config names no directory that has pgbench, which makes the load.\n"
        )));
    };
    let head = ["rows", "backfill", "n", "p99 ms", "p99 / quiet p99", "longest ms", "rows/s", "done %"];
    let mut table = Table::new(&head);
    for size in bench.arguments.sizes(&[1_000_000, 10_000_000]) {
        let pgbench = Pgbench::new(
            pgbench.clone(),
            bench.workspace.path("pgbench"),
            Traffic { rows: size, ..TRAFFIC },
        )?;
        bench.durable.create(TEMPLATE)?;
        bench.durable.execute(TEMPLATE, &fill(size))?;
        bench.durable.execute(TEMPLATE, "vacuum (freeze, analyze) items")?;
        let rounds = bench.arguments.rounds(3);
        let all = in_turns(rounds, CASES.len(), |case| round(bench, &pgbench, CASES[case].1))?;
        let p99 = |round: &Round| quantile(&round.latencies, 0.99);
        for ((name, _), rounds) in CASES.iter().zip(&all) {
            let of_quiet = rounds.iter().zip(&all[0]).map(|(round, quiet)| p99(round) / p99(quiet));
            let medians =
                |of: &dyn Fn(&Round) -> f64| short(median(&rounds.iter().map(of).collect::<Vec<_>>()));
            let done = |round: &Round| round.done;
            table.row([
                size.to_string(),
                (*name).to_owned(),
                rounds.len().to_string(),
                medians(&p99),
                short(median(&of_quiet.collect::<Vec<_>>())),
                short(rounds.iter().map(|round| quantile(&round.latencies, 1.0)).fold(0.0, f64::max)),
                medians(&|round| done(round) / round.seconds),
                medians(&|round| done(round) * 100.0 / f64::from(u32::try_from(size).unwrap_or(u32::MAX))),
            ]);
        }
        bench.durable.drop(TEMPLATE)?;
    }
    Ok(Section::new(format!(
        "{HEADING}\n\npgbench, {CLIENTS} clients, sends one-row updates and selects on the table, {RATE} a second, for {LOAD:?} a round. \
         Latencies count from when a transaction was due, and are those of transactions under way while the backfill ran; it \
         is killed where it has not ended by then. Medians of the rounds; the longest one of all.\n\n{table}"
    ))
    .plot("An application's p99 beside a backfill, ms", &table, &[0, 1], 3))
}

const TEMPLATE: &str = "traffic_template";
const DATABASE: &str = "traffic";

const TRAFFIC: Traffic = Traffic {
    rows: 0,
    update: "update items set at = now() where id = :row;",
    select: "select payload from items where id = :row;",
};

const LOAD: Duration = Duration::from_secs(20);

/// The load alone, before and behind the backfill.
const MARGIN: Duration = Duration::from_secs(2);

/// Names, and what the backfill's process is told.
const CASES: [(&str, Option<&str>); 7] = [
    ("none", None),
    ("one UPDATE", Some("")),
    ("expression, 500 ms", Some("expression 1 500 0")),
    ("expression, 50 ms, rest 1", Some("expression 1 50 1")),
    ("expression, 10 ms, rest 9", Some("expression 1 10 9")),
    ("function, 500 ms", Some("function 1 500 0")),
    ("function, 10 ms, rest 9", Some("function 1 10 9")),
];

/// What one round saw.
struct Round {
    /// In milliseconds, in order.
    latencies: Vec<f64>,
    /// How long the backfill ran.
    seconds: f64,
    /// The rows that it did.
    done: f64,
}

fn round(bench: &Bench, pgbench: &Pgbench, peer: Option<&str>) -> Result<Round> {
    bench.durable.drop(DATABASE)?;
    bench.durable.copy(DATABASE, TEMPLATE)?;
    bench.durable.checkpoint()?;
    let url = bench.durable.url(DATABASE);
    let load = pgbench.start(&url, LOAD)?;
    thread::sleep(MARGIN);
    let from = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let ran = match peer {
        None => LOAD.saturating_sub(MARGIN * 2),
        Some(peer) => run_for(&mut command(bench, peer, &url)?, LOAD.saturating_sub(MARGIN * 2))?,
    };
    let transactions = load.transactions()?;
    let is_during = |one: &&Transaction| one.ended > from && one.due() < from + ran;
    let latencies = sorted(transactions.iter().filter(is_during).map(|one| one.latency).collect());
    let done = bench.durable.count(DATABASE, "items where email = lower(email)")?.parse()?;
    Ok(Round { latencies, seconds: ran.as_secs_f64(), done })
}

fn command(bench: &Bench, peer: &str, url: &str) -> Result<Command> {
    if peer.is_empty() {
        let mut command = bench.command(&server_program("psql")?, url);
        command.args(["-qXc", "update items set email = lower(email)", "-d", url]);
        return Ok(command);
    }
    let mut command = bench.command(&std::env::current_exe()?, url);
    command.env(PEER, peer);
    Ok(command)
}

/// Lets it run to its end, or for so long; says for how long it ran.
fn run_for(command: &mut Command, longest: Duration) -> Result<Duration> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    while started.elapsed() < longest {
        if let Some(status) = child.try_wait()? {
            let ran = started.elapsed();
            return if status.success() {
                Ok(ran)
            } else {
                Err(format!("{command:?} failed ({status})").into())
            };
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(longest)
}
