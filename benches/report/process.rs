use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::statistics::Sample;

/// A command with nothing of this process's environment: cargo's own would slow down the loading of programs.
pub(crate) fn clean_command(program: &Path, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(directory).stdin(Stdio::null());
    for name in ["PATH", "HOME", "USER", "LANG", "TZ"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A program that comes with the server, itself: what is on the path may be a distribution's wrapper, which takes
/// longer than the program does.
pub(crate) fn server_program(name: &str) -> Result<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output();
    let directory = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let program = directory.map(|directory| Path::new(directory.trim()).join(name));
    let program = program.filter(|program| program.exists());
    program.ok_or_else(|| format!("pg_config names no directory that has {name}").into())
}

/// Runs a process from its start to its end; what it took, and what it said on standard output. What it says on standard error is kept in a file for the case that
/// it fails.
pub(crate) fn timed(command: &mut Command, errors: &Path) -> Result<(Sample, String)> {
    command.stdout(Stdio::piped()).stderr(File::create(errors)?);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let mut output = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut output)?;
    }
    // Its output has ended, and nobody has waited for it yet: its times can still be read.
    let cpu = on_cpu(child.id());
    let status = child.wait()?;
    let wall = started.elapsed();
    let output = String::from_utf8_lossy(&output).into_owned();
    if !status.success() {
        let errors = fs::read_to_string(errors)?;
        return Err(format!("{command:?} failed ({status}):\n{output}{errors}").into());
    }
    Ok((Sample { wall, cpu }, output))
}

/// Runs a process to its end, and looks at its memory meanwhile; in MiB.
pub(crate) fn watched(command: &mut Command, errors: &Path) -> Result<(Duration, f64)> {
    command.stdout(Stdio::null()).stderr(File::create(errors)?);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let mut peak = 0.0;
    let status = loop {
        peak = peak_of(child.id()).unwrap_or(peak);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    let wall = started.elapsed();
    if !status.success() {
        return Err(format!("{command:?} failed ({status}):\n{}", fs::read_to_string(errors)?).into());
    }
    Ok((wall, peak))
}

/// The most memory that a process has had so far; Linux has it.
pub(crate) fn peak_of(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Time on a processor, to the nanosecond; Linux has it.
fn on_cpu(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// User and system time of all children that have ended, and theirs, so far.
pub(crate) fn children_cpu() -> Option<Duration> {
    const TICKS_A_SECOND: u64 = 100;
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in parentheses and may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split_whitespace().skip(13);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((next()? + next()?) * 1000 / TICKS_A_SECOND))
}
