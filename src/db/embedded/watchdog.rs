//! Removing a cluster that is thrown away, however its owner ends.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::place::Place;
use crate::db::embedded::runner::Runner;

/// A small shell that waits for our end of a pipe to close, then stops the server and removes its files.
///
/// Rust runs no destructors for statics, after `exit` or after SIGKILL; the kernel closes a pipe after all of
/// them. So this is the only way such a cluster is ever removed, and dropping does nothing but close the pipe.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
}

/// The server has ended when it has removed its pid file; in a container where nobody reaps orphans, its id
/// stays taken after that.
///
/// Arguments: the data directory, and the directories to remove. It runs as the
/// server's account, which wrote the pid and owns the directories, so it can hurt nobody else.
const SCRIPT: &str = r#"
read -r _
data=$1
shift
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -s QUIT "$pid" 2>/dev/null
  tries=0
  while [ -e "$data/postmaster.pid" ] && kill -s 0 "$pid" 2>/dev/null && [ "$tries" -lt 250 ]; do
    sleep 0.02
    tries=$((tries + 1))
  done
fi
rm -rf -- "$@"
"#;

impl Watchdog {
    pub(super) fn new(place: &Place, runner: &Runner) -> Result<Self, EmbeddedError> {
        let mut command = runner.script(SCRIPT);
        command.arg(&place.data).args(place.directories());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C at the terminal must not end it before it has cleaned up.
        command.process_group(0);
        Ok(Self { shell: command.spawn().doing("run", "/bin/sh")? })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "a scratch cluster may be left behind");
        }
    }
}
