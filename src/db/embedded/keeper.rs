//! Stopping a server that tests of many processes share, once none of them is left.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::place::Place;
use crate::db::embedded::runner::Runner;

/// So many seconds nobody must have used a server before it is stopped: tests that run one a process, and test binaries that
/// run one behind the other, leave it between them.
const IDLE: u32 = 5;

/// A small shell of the server's account that looks every second who lives of those that have put a file of their number into
/// a directory. Before it stops the server it says so by making another directory, and looks once more: who comes puts the
/// file there first, and then waits for as long as that other directory is there. So a server that somebody has come to is
/// never stopped.
///
/// Arguments: the directory of users, the one that says that it stops, the data directory, and the seconds.
const SCRIPT: &str = r#"
users=$1 stopping=$2 data=$3 seconds=$4
used() {
  used=no
  for user in "$users"/*; do
    pid=${user##*/}
    if kill -s 0 "$pid" 2>/dev/null || [ -d "/proc/$pid" ]; then used=yes; else rm -f "$user"; fi
  done
  [ "$used" = yes ]
}
runs() {
  server=$(head -n 1 "$data/postmaster.pid") && kill -s 0 "$server"
}
idle=0
while runs; do
  sleep 1
  idle=$((idle + 1))
  if used; then idle=0; fi
  [ "$idle" -ge "$seconds" ] || continue
  mkdir "$stopping" || exit
  if ! used; then
    kill -s INT "$server"
    while runs; do sleep 0.1; done
  fi
  rmdir "$stopping"
done
"#;

/// What tells who uses a server.
#[derive(Debug)]
pub(super) struct Keeper {
    users: PathBuf,
    stopping: PathBuf,
    data: PathBuf,
}

/// Longer than a server takes to stop.
const PATIENCE: Duration = Duration::from_secs(60);

impl Keeper {
    pub(super) fn new(place: &Place, runner: &Runner) -> Result<Self, EmbeddedError> {
        // Of the account that runs the shell; the home may be another's.
        let sharing = place.container.join("sharing");
        runner.own_directory(&sharing)?;
        let users = sharing.join("users");
        runner.own_directory(&users)?;
        Ok(Self { users, stopping: sharing.join("stopping"), data: place.data.clone() })
    }

    /// Makes this process one of the users, for as long as it lives.
    pub(super) async fn join(&self) -> Result<(), EmbeddedError> {
        let path = self.users.join(std::process::id().to_string());
        match fs::File::create_new(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).doing("create", path);
            }
            _ => {}
        }
        let came = Instant::now();
        while self.stopping.exists() && came.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Of a keeper that was killed in the middle.
        let _ = fs::remove_dir(&self.stopping);
        Ok(())
    }

    /// Has the server stopped once nobody uses it any more. To be called by whoever has started it.
    pub(super) fn watch(&self, runner: &Runner) -> Result<(), EmbeddedError> {
        let mut command = runner.script(SCRIPT);
        command.arg(&self.users).arg(&self.stopping).arg(&self.data).arg(IDLE.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // It outlives this process, and Ctrl-C at the terminal.
        let mut shell = command.process_group(0).spawn().doing("run", "/bin/sh")?;
        // Somebody has to take its exit status where this process lives longer.
        std::thread::Builder::new()
            .name("hardtack-keeper".to_owned())
            .spawn(move || shell.wait())
            .map(drop)
            .doing("watch", &self.data)
    }
}
