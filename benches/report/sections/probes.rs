use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Bench;
use crate::Result;
use crate::file::Section;
use crate::krate::write_if_changed;
use crate::statistics::{median, quantile, short, sorted};
use crate::table::Table;

/// How many probes are sent.
const PROBES: usize = 10_000;

/// Health probes of a process that migrates, and what they cost the database.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let folder = bench.workspace.path("probes");
    for version in [1, 2] {
        write_if_changed(&folder.join(format!("V{version}__slow.sql")), "select pg_sleep(10);\n")?;
        write_if_changed(&folder.join(format!("V{version}__slow.down.sql")), "select 1;\n")?;
    }
    let database = "probes";
    bench.durable.create(database)?;
    let mut command = bench.command(Path::new(env!("CARGO_BIN_EXE_hardtack")), &bench.durable.url(database));
    command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(&folder);
    let mut serving = command.stderr(Stdio::piped()).spawn()?;
    let measured = measure(bench, &mut serving, database);
    serving.kill()?;
    serving.wait()?;
    bench.durable.drop(database)?;
    let (times, queries) = measured?;
    let times = sorted(times);
    let mut table = Table::new(&["probes", "median ms", "p99 ms", "longest ms", "transactions for them"]);
    table.row([
        PROBES.to_string(),
        short(median(&times)),
        short(quantile(&times, 0.99)),
        short(quantile(&times, 1.0)),
        queries.to_string(),
    ]);
    Ok(Section::new(format!(
        "## Health probes while a revision runs\n\nThe four routes in turn over one connection, of a process whose migration takes longer \
         than they do.\n\n{table}"
    )))
}

/// Milliseconds of each, and the database's transactions meanwhile.
fn measure(bench: &Bench, serving: &mut Child, database: &str) -> Result<(Vec<f64>, i64)> {
    let mut lines = BufReader::new(serving.stderr.take().ok_or("it has no standard error")?);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on http://").ok_or(format!("it said {line:?}"))?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    // It is in the middle of its first revision.
    std::thread::sleep(Duration::from_secs(2));
    let before = bench.durable.transactions(database)?;
    let mut times = Vec::with_capacity(PROBES);
    for path in ["ready", "migrations", "live", "startup"].into_iter().cycle().take(PROBES) {
        let started = Instant::now();
        ask(&mut stream, path)?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    // Sessions report what they have counted once they are idle for a second.
    std::thread::sleep(Duration::from_millis(1_500));
    Ok((times, bench.durable.transactions(database)? - before))
}

fn ask(stream: &mut TcpStream, path: &str) -> Result<()> {
    write!(stream, "GET /health/{path} HTTP/1.1\r\nhost: h\r\n\r\n")?;
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece)?;
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.ok_or("an answer without a length")?.parse::<usize>()? {
            return Ok(());
        }
    }
}
