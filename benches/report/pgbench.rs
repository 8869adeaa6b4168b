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

pub(crate) const CLIENTS: u32 = 4;

/// Transactions a second, of all clients together.
pub(crate) const RATE: u32 = 200;

const SCRIPTS: [&str; 2] = ["update.sql", "select.sql"];

/// What it does, as likely the one as the other, to row `:row` of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) rows: usize,
    pub(crate) update: &'static str,
    pub(crate) select: &'static str,
}

impl Pgbench {
    /// Writes its scripts to a folder, where its logs will stand too.
    pub(crate) fn new(program: PathBuf, folder: PathBuf, traffic: Traffic) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        for (name, statement) in SCRIPTS.iter().zip([traffic.update, traffic.select]) {
            fs::write(folder.join(name), format!("\\set row random(1, {})\n{statement}\n", traffic.rows))?;
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
        for name in SCRIPTS {
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
    pub(crate) fn latencies(self) -> Result<Vec<f64>> {
        Ok(self.transactions()?.into_iter().map(|transaction| transaction.latency).collect())
    }

    /// The same, with when each of them ended.
    pub(crate) fn transactions(mut self) -> Result<Vec<Transaction>> {
        let status = self.child.wait()?;
        if !status.success() {
            return Err(format!("pgbench failed ({status}):\n{}", fs::read_to_string(&self.errors)?).into());
        }
        fs::read_to_string(&self.log)?.lines().map(transaction).collect()
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

/// One transaction of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transaction {
    /// In milliseconds, from when it was due.
    pub(crate) latency: f64,
    /// When it ended, since the epoch.
    pub(crate) ended: Duration,
}

impl Transaction {
    /// When it was due, since the epoch.
    pub(crate) fn due(&self) -> Duration {
        self.ended.saturating_sub(Duration::from_secs_f64(self.latency / 1000.0))
    }
}

/// The third field is the latency in microseconds, the fifth and sixth the time; a transaction that failed has a word there.
fn transaction(line: &str) -> Result<Transaction> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let number = |place: usize| fields.get(place).and_then(|field| field.parse::<u32>().ok());
    let (Some(latency), Some(seconds), Some(microseconds)) = (number(2), number(4), number(5)) else {
        return Err(format!("pgbench logged {line:?}").into());
    };
    let ended = Duration::from_secs(seconds.into()) + Duration::from_micros(microseconds.into());
    Ok(Transaction { latency: f64::from(latency) / 1000.0, ended })
}
