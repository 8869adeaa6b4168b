use std::fs;
use std::path::{Path, PathBuf};

use super::Bench;
use crate::Result;
use crate::file::Section;
use crate::process::{server_program, watched};
use crate::statistics::{in_turns, median, ratio, short};
use crate::table::Table;

const DATABASE: &str = "backup";

/// What is compared with the first of its kind.
const PEERS: [(&str, Kind); 6] = [
    ("pg_dump -Fd -j2", Kind::Full),
    ("hardtack backup", Kind::Full),
    ("hardtack backup --verify none", Kind::Full),
    ("pg_dump -t items -t events", Kind::Tables),
    ("hardtack backup --strategy tables", Kind::Tables),
    ("hardtack backup --strategy tables --verify none", Kind::Tables),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Full,
    Tables,
}

struct Run {
    seconds: f64,
    /// Written, in MB.
    size: f64,
    /// In MiB, of the process itself.
    peak: f64,
}

/// Whole databases and some tables, against `pg_dump` as it is.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let head = ["rows", "peer", "n", "s", "time / pg_dump", "MB", "size / pg_dump", "peak MiB"];
    let mut table = Table::new(&head);
    for size in bench.arguments.sizes(&[300_000, 1_500_000, 6_000_000]) {
        bench.durable.create(DATABASE)?;
        bench.durable.execute(DATABASE, &fill(size))?;
        bench.durable.execute(DATABASE, "vacuum (freeze, analyze)")?;
        bench.durable.checkpoint()?;
        let rounds = bench.arguments.rounds(5);
        let all = in_turns(rounds, PEERS.len(), |peer| run(bench, peer))?;
        let of = |peer: usize, of: fn(&Run) -> f64| all[peer].iter().map(of).collect::<Vec<_>>();
        for (place, (name, kind)) in PEERS.iter().enumerate() {
            let floor = PEERS.iter().position(|(_, other)| other == kind).unwrap_or_default();
            let (seconds, sizes) = (of(place, |run| run.seconds), of(place, |run| run.size));
            table.row([
                size.to_string(),
                (*name).to_owned(),
                seconds.len().to_string(),
                short(median(&seconds)),
                ratio(&seconds, &of(floor, |run| run.seconds)),
                short(median(&sizes)),
                ratio(&sizes, &of(floor, |run| run.size)),
                short(of(place, |run| run.peak).into_iter().fold(0.0, f64::max)),
            ]);
        }
        bench.durable.drop(DATABASE)?;
    }
    Ok(Section::new(format!(
        "## Backups\n\nThe whole process, with two tables (a key, texts, numbers, times, JSON) of so many rows each, into an empty directory. \
         `pg_dump` is that of the server, packing with its own gzip in the directory format, and writing plain text for tables. Ours \
         brings every file to disk, and by default reads it again. The peak is of our own process, or of pg_dump's, without the programs \
         that it starts.\n\n{table}"
    ))
    .plot("Backups, time by that of pg_dump", &table, &[0, 1], 4))
}

fn fill(rows: usize) -> String {
    format!(
        "create table items (id bigint primary key, email text, name text, created timestamptz, amount numeric(12, 2), note text); \
         insert into items select i, 'user' || i || '@example.com', md5(i::text), timestamptz '2026-01-01' + i * interval '1 s', \
             (i * 7919 % 1000000) / 100.0, repeat('lorem ipsum ' || (i % 100), 5) from generate_series(1, {rows}::bigint) i; \
         create table events (id bigint primary key, item bigint, state text, at timestamptz, payload jsonb); \
         insert into events select i, i, (array['new', 'paid', 'sent'])[i % 3 + 1], timestamptz '2026-01-01' + i * interval '7 s', \
             jsonb_build_object('k', md5(i::text), 'n', i % 1000) from generate_series(1, {rows}::bigint) i"
    )
}

fn run(bench: &Bench, peer: usize) -> Result<Run> {
    let (name, _) = PEERS[peer];
    let target = bench.workspace.path("backup");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::create_dir_all(&target)?;
    let url = bench.durable.url(DATABASE);
    let mut words = name.split(' ');
    let (program, arguments) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
    let mut command = if program == "pg_dump" {
        let mut command = bench.command(&server_program("pg_dump")?, &url);
        command.args(arguments).arg("-f").arg(target.join("dump")).args(["-d", &url]);
        command
    } else {
        let mut command = bench.command(Path::new(env!("CARGO_BIN_EXE_hardtack")), &url);
        command.args(arguments).arg("--output").arg(&target);
        if name.contains("tables") {
            command.args(["--table", "items", "--table", "events"]);
        }
        command
    };
    let (wall, peak) = watched(&mut command, &bench.workspace.path("errors"))?;
    Ok(Run { seconds: wall.as_secs_f64(), size: megabytes(&target)?, peak })
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn megabytes(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.metadata()? {
                metadata if metadata.is_dir() => folders.push(entry.path()),
                metadata => bytes += metadata.len(),
            }
        }
    }
    Ok(bytes as f64 / 1e6)
}
