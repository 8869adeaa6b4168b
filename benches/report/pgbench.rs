use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Result;
use crate::process::clean_command;

/// An application that works on one table: pgbench, at a rate that leaves the processors room.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    folder: PathBuf,
}

/// A load that runs until its time is over, or until it is dropped.
#[derive(Debug)]
pub(crate) struct Load {
    child: Child,
    log: PathBuf,
    errors: PathBuf,
}

pub(crate) const TABLE: &str = "pgbench_accounts";

pub(crate) const CLIENTS: u32 = 4;

/// Transactions a second, of all clients together.
pub(crate) const RATE: u32 = 200;

/// As likely as each other, on one of the rows of scale 1.
const SCRIPTS: [(&str, &str); 2] = [
    ("update.sql", "update pgbench_accounts set abalance = abalance + 1 where aid = :aid;"),
    ("select.sql", "select abalance from pgbench_accounts where aid = :aid;"),
];

impl Pgbench {
    /// Writes its scripts to a folder, where its logs will stand too.
    pub(crate) fn new(program: PathBuf, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        for (name, statement) in SCRIPTS {
            fs::write(folder.join(name), format!("\\set aid random(1, 100000)\n{statement}\n"))?;
        }
        Ok(Self { program, folder })
    }

    /// Makes its tables, at scale 1.
    pub(crate) fn initialise(&self, url: &str) -> Result<()> {
        let mut command = clean_command(&self.program, &self.folder);
        let output = command.args(["-i", "-q", "-s", "1", url]).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
    }

    pub(crate) fn start(&self, url: &str, time: Duration) -> Result<Load> {
        let errors = self.folder.join("errors");
        let mut command = clean_command(&self.program, &self.folder);
        command.args(["-n", "-M", "simple", "-j", "1", "--log", "--log-prefix", "latency"]);
        for (option, number) in [("-c", CLIENTS.into()), ("-R", RATE.into()), ("-T", time.as_secs())] {
            command.args([option, &number.to_string()]);
        }
        for (name, _) in SCRIPTS {
            command.args(["-f", name]);
        }
        let child = spawn(command.arg(url), &errors)?;
        let log = self.folder.join(format!("latency.{}", child.id()));
        Ok(Load { child, log, errors })
    }
}

fn spawn(command: &mut Command, errors: &Path) -> Result<Child> {
    Ok(command.stdout(Stdio::null()).stderr(File::create(errors)?).spawn()?)
}

impl Load {
    pub(crate) fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits for its end. What each transaction took in milliseconds, from when it was due: waiting for a client
    /// that is free is part of it.
    pub(crate) fn latencies(mut self) -> Result<Vec<f64>> {
        let status = self.child.wait()?;
        if !status.success() {
            return Err(format!("pgbench failed ({status}):\n{}", fs::read_to_string(&self.errors)?).into());
        }
        fs::read_to_string(&self.log)?.lines().map(latency).collect()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It may have ended already, and its log may never have been made.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.log);
    }
}

/// The third field, in microseconds; a transaction that failed has a word there.
fn latency(line: &str) -> Result<f64> {
    let field = line.split_whitespace().nth(2).unwrap_or_default();
    let microseconds: f64 = field.parse().map_err(|error| format!("pgbench logged {line:?}: {error}"))?;
    Ok(microseconds / 1000.0)
}
