use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::Bench;
use crate::Result;
use crate::cluster::Cluster;
use crate::file::Section;
use crate::krate::{Krate, Tool};
use crate::pgbench::{CLIENTS, Load, Pgbench, RATE, Traffic};
use crate::process::server_program;
use crate::statistics::{in_turns, quantile, short, sorted, spread};
use crate::table::Table;
use crate::workload::Revision;

/// What an application feels while a migration waits for a lock on the table that it uses.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    const HEADING: &str = "## An application while a migration waits for its table";
    let Ok(pgbench) = server_program("pgbench") else {
        return Ok(Section::new(format!(
            "{HEADING}\n\nNot measured: pg_config names no directory that has pgbench, which makes the load. It comes with \
             PostgreSQL's server programs or their contrib package.\n"
        )));
    };
    let trial = Trial::prepare(bench, pgbench)?;
    let rounds = in_turns(bench.arguments.rounds(5), CASES.len(), |index| trial.round(CASES[index]))?;
    let mut table = Table::new(&[
        "migration",
        "n",
        "transactions",
        "median ms",
        "p99 ms",
        "longest ms",
        "longest / lock timeout",
        "until applied, ms",
        "attempts",
    ]);
    for (case, rounds) in CASES.iter().zip(&rounds) {
        table.row(row(*case, rounds));
    }
    let Times { load, before, reader } = trial.times;
    trial.cluster.stop()?;
    Ok(Section::new(format!(
        "{HEADING}\n\npgbench, {CLIENTS} clients, sends one-row updates and selects on `{TABLE}`, {RATE} a second, for \
         {load:?} a round, to a cluster that does not flush: locks are measured, not the disk. After {before:?} a session \
         reads from the table and leaves its transaction open for {reader:?}; once it has its lock, a process starts that \
         adds a column. psql sends the statement with no lock timeout, as refinery, sqlx and Flyway do. Latencies count \
         from when a transaction was due, so the wait for a client that is free is in them; median and p99 are of all \
         rounds together, the longest ones of one each. Longest / lock timeout: the longest of all rounds.\n\n{table}"
    )))
}

/// What is measured, in the order of the table.
#[derive(Clone, Copy)]
struct Case {
    label: &'static str,
    migration: Migration,
    /// Whether somebody holds the table when the migration starts.
    reader: bool,
}

#[derive(Clone, Copy)]
enum Migration {
    None,
    Ours { lock_timeout: Duration },
    Psql,
}

const SHORT: Migration = Migration::Ours { lock_timeout: Duration::from_millis(500) };
const LONG: Migration = Migration::Ours { lock_timeout: Duration::from_secs(2) };

const CASES: [Case; 5] = [
    Case { label: "none", migration: Migration::None, reader: true },
    Case { label: "hardtack, lock timeout 500 ms", migration: SHORT, reader: true },
    Case { label: "hardtack, lock timeout 2 s", migration: LONG, reader: true },
    Case { label: "psql, no lock timeout", migration: Migration::Psql, reader: true },
    Case { label: "hardtack, lock timeout 500 ms, no reader", migration: SHORT, reader: false },
];

const TABLE: &str = "pgbench_accounts";

/// On the rows of scale 1.
const TRAFFIC: Traffic = Traffic {
    rows: 100_000,
    update: "update pgbench_accounts set abalance = abalance + 1 where aid = :row;",
    select: "select abalance from pgbench_accounts where aid = :row;",
};

const ADD_COLUMN: &str = "alter table pgbench_accounts add column note text;";

/// The parts of a round.
#[derive(Clone, Copy)]
struct Times {
    load: Duration,
    /// The load alone.
    before: Duration,
    reader: Duration,
}

impl Times {
    /// After the reader has gone, an attempt may be up to six seconds away: half as much again as the third pause.
    fn new(is_quick: bool) -> Self {
        let [load, before, reader] = if is_quick { [9, 1, 2] } else { [20, 2, 6] }.map(Duration::from_secs);
        Self { load, before, reader }
    }
}

/// What one round saw.
struct Round {
    latencies: Vec<f64>,
    applied: Option<Applied>,
}

/// A migration from the start of its process to its end.
struct Applied {
    milliseconds: f64,
    attempts: usize,
}

struct Trial<'a> {
    bench: &'a Bench,
    cluster: Cluster,
    times: Times,
    pgbench: Pgbench,
    psql: PathBuf,
    ours: PathBuf,
}

impl<'a> Trial<'a> {
    fn prepare(bench: &'a Bench, pgbench: PathBuf) -> Result<Self> {
        let krate = Krate::new("locks", Tool::Ours, revisions());
        let ours = bench.workspace.programs(&[krate])?.remove(0);
        let pgbench = Pgbench::new(pgbench, bench.workspace.path("pgbench"), TRAFFIC)?;
        let times = Times::new(bench.arguments.quick);
        let cluster = Cluster::without_flushes()?;
        Ok(Self { bench, cluster, times, pgbench, psql: server_program("psql")?, ours })
    }

    fn round(&self, case: Case) -> Result<Round> {
        const DATABASE: &str = "locks";
        let cluster = &self.cluster;
        let url = cluster.url(DATABASE);
        cluster.create(DATABASE)?;
        self.pgbench.initialise(&url)?;
        // What is written once in a database's life is not a part of this.
        self.bench.timed(self.bench.command(&self.ours, &url).args(["upgrade", "--to", "1"]))?;
        cluster.checkpoint()?;
        let mut load = self.pgbench.start(&url, self.times.load)?;
        thread::sleep(self.times.before);
        let applied = if case.reader {
            self.beside_reader(DATABASE, || self.migrate(case, &url))?
        } else {
            self.migrate(case, &url)?
        };
        let latencies = whole(&mut load).and_then(|()| load.latencies())?;
        let column = format!("pg_attribute where attrelid = '{TABLE}'::regclass and attname = 'note'");
        cluster.expect_rows(DATABASE, &column, usize::from(applied.is_some()))?;
        cluster.drop(DATABASE)?;
        Ok(Round { latencies, applied })
    }

    /// Works while a session holds its lock on the table, and waits until it has let go.
    fn beside_reader<T>(&self, database: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let (cluster, time) = (&self.cluster, self.times.reader);
        let statement = format!("select count(*) from {TABLE} where aid = 1");
        let (open, opened) = channel();
        thread::scope(|scope| {
            let hold = move || cluster.hold(database, &statement, time, &open);
            let reader = scope.spawn(move || hold().map_err(|error| error.to_string()));
            let done = opened.recv().map_err(Into::into).and_then(|()| work());
            reader.join().map_err(|_| "the reader panicked")??;
            done
        })
    }

    fn migrate(&self, case: Case, url: &str) -> Result<Option<Applied>> {
        let mut command = match case.migration {
            Migration::None => return Ok(None),
            Migration::Ours { lock_timeout } => self.upgrade(lock_timeout, url),
            Migration::Psql => {
                let mut command = self.bench.command(&self.psql, url);
                command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", ADD_COLUMN]);
                command
            }
        };
        let wall = self.bench.timed(&mut command)?.wall;
        let told = fs::read_to_string(self.bench.workspace.path("errors"))?;
        let attempts = 1 + told.lines().filter(|line| line.contains("did not get its locks")).count();
        match case.migration {
            Migration::Ours { lock_timeout }
                if case.reader && lock_timeout < self.times.reader && attempts == 1 =>
            {
                Err(format!("the reader was in the way, and no attempt is told to have failed:\n{told}")
                    .into())
            }
            _ => Ok(Some(Applied { milliseconds: wall.as_secs_f64() * 1000.0, attempts })),
        }
    }

    fn upgrade(&self, lock_timeout: Duration, url: &str) -> Command {
        let mut command = self.bench.boot_command(&self.ours, Tool::Ours, url);
        command.args(["--lock-timeout", &format!("{}ms", lock_timeout.as_millis())]);
        command
    }
}

/// One that is there, and the one that is measured.
fn revisions() -> Vec<Revision> {
    let revision = |version, name: &str, up: &str, down: &str| Revision {
        version,
        name: name.to_owned(),
        up: format!("{up}\n"),
        down: format!("{down}\n"),
    };
    vec![
        revision(1, "before", "select 1;", "select -1;"),
        revision(2, "note", ADD_COLUMN, "alter table pgbench_accounts drop column note;"),
    ]
}

/// Fails where the load ended before the migration did, and so felt a part of it only.
fn whole(load: &mut Load) -> Result<()> {
    if load.runs()? { Ok(()) } else { Err("the load ended before the migration was applied".into()) }
}

fn row(case: Case, rounds: &[Round]) -> [String; 9] {
    let all = sorted(rounds.iter().flat_map(|round| round.latencies.iter().copied()).collect());
    let longest: Vec<f64> =
        rounds.iter().map(|round| quantile(&sorted(round.latencies.clone()), 1.0)).collect();
    let applied: Vec<&Applied> = rounds.iter().filter_map(|round| round.applied.as_ref()).collect();
    let times: Vec<f64> = applied.iter().map(|applied| applied.milliseconds).collect();
    let attempts = applied.iter().map(|applied| applied.attempts);
    let of_timeout = match case.migration {
        Migration::Ours { lock_timeout } => {
            format!("**{:.2}**", quantile(&all, 1.0) / (lock_timeout.as_secs_f64() * 1000.0))
        }
        _ => "–".to_owned(),
    };
    [
        case.label.to_owned(),
        rounds.len().to_string(),
        all.len().to_string(),
        short(quantile(&all, 0.5)),
        short(quantile(&all, 0.99)),
        spread(&longest),
        of_timeout,
        spread(&times),
        fewest_and_most(attempts),
    ]
}

fn fewest_and_most(numbers: impl Iterator<Item = usize> + Clone) -> String {
    match (numbers.clone().min(), numbers.max()) {
        (Some(fewest), Some(most)) if fewest < most => format!("{fewest}–{most}"),
        (_, most) => most.map_or_else(|| "–".to_owned(), |most| most.to_string()),
    }
}
