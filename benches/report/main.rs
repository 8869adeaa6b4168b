//! The benchmark report: `cargo bench`, or parts of it: `cargo bench -- boot growth --quick`.
//!
//! It prints Markdown. Every figure is a ratio to a floor that was measured in the same run, in turns; the median
//! of the ratios within a round, with their quartiles, holds on a noisy machine where the times themselves do not.
//! Only what an application feels of a migration is told in milliseconds, for its bound is one in milliseconds.
//! With `--report docs` it is written into that folder as well, with plots. The crates that are measured are generated below the target directory and kept there.

mod arguments;
mod backfill_child;
mod cluster;
mod delay;
mod file;
mod krate;
mod lint_child;
mod pgbench;
mod plot;
mod process;
mod sections;
mod statistics;
mod table;
mod workload;
mod workspace;

use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::process::Command;

use arguments::Arguments;
use sections::Bench;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    if let Ok(peer) = std::env::var(backfill_child::PEER) {
        return backfill_child::run(&peer);
    }
    if let Ok(folder) = std::env::var(lint_child::FOLDER) {
        return lint_child::run(&folder);
    }
    let arguments = Arguments::parse(std::env::args().skip(1).filter(|argument| argument != "--test"))?;
    if !arguments.is_bench {
        // `cargo test --benches` has seen that it compiles.
        return Ok(());
    }
    let bench = Bench::start(arguments)?;
    let machine = machine(bench.durable.version())?;
    print(&format!(
        "# Benchmarks\n\n{machine}. Ratios are medians of paired ratios within a round (quartiles); times are medians (least–most).\n"
    ))?;
    let outcome = bench.run(&machine);
    outcome.and(bench.durable.stop())
}

/// A part of the report, at once: a long run shows what it has so far.
fn print(text: &dyn Display) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// What is being done, beside the report.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "  {text}");
}

/// What it is measured on, and when.
fn machine(server: &str) -> Result<String> {
    let output = |program: &str, arguments: &[&str]| -> Result<String> {
        let output = Command::new(program).args(arguments).output()?.stdout;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    };
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism()?;
    let memory: u64 = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0);
    Ok(format!(
        "{}: {cores} cores of {}, {} GiB, {}; PostgreSQL {server}, {}",
        output("date", &["-u", "+%Y-%m-%d"])?,
        field("/proc/cpuinfo", "model name"),
        memory.div_ceil(1 << 20),
        output("uname", &["-sr"])?,
        output("rustc", &["--version"])?
    ))
}
