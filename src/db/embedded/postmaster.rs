//! The server process: starting it, noticing its end, stopping it.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::db::embedded::cluster::tail;
use crate::db::embedded::error::{Doing, EmbeddedError};
use crate::db::embedded::place::Place;
use crate::db::embedded::programs::Programs;
use crate::db::embedded::runner::Runner;

/// A running server, ours or one that was found.
#[derive(Debug)]
pub(super) struct Postmaster {
    place: Place,
    runner: Runner,
    /// Known for a server this process started: how it ended, when it has.
    ended: Option<Arc<OnceLock<ExitStatus>>>,
}

/// A fast shutdown writes a checkpoint, which may take this long on a slow disk.
const STOP_LIMIT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(5);

impl Postmaster {
    /// Starts a server that only its own account reaches. Later settings win over earlier ones.
    pub(super) fn start(
        place: &Place,
        programs: &Programs,
        runner: &Runner,
        settings: &[(String, String)],
    ) -> Result<Self, EmbeddedError> {
        let program = programs.program("postgres");
        let mut command = runner.logged_command(&program, &place.log());
        command.arg("-D").arg(&place.data).arg("-k").arg(&place.sockets);
        command.args([
            "-c",
            "listen_addresses=",
            "-c",
            "logging_collector=off",
            "-c",
            "log_destination=stderr",
        ]);
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // Its own group: Ctrl-C at the terminal is for us, and we stop the server in order.
        command.process_group(0);
        let mut child = command.spawn().doing("run", program)?;
        let ended = Arc::new(OnceLock::new());
        let end = Arc::clone(&ended);
        // Somebody has to take its exit status, or it stays a zombie for as long as we live.
        std::thread::Builder::new()
            .name("hardtack-postmaster".to_owned())
            .spawn(move || child.wait().map(|status| end.set(status)))
            .doing("watch", &place.data)?;
        Ok(Self { place: place.clone(), runner: runner.clone(), ended: Some(ended) })
    }

    /// A server that runs already, started by another process or left behind by one.
    pub(super) fn found(place: &Place, runner: &Runner) -> Self {
        Self { place: place.clone(), runner: runner.clone(), ended: None }
    }

    /// The error that says why it ended, when it has.
    pub(super) fn death(&self) -> Option<EmbeddedError> {
        let status = self.ended.as_ref()?.get()?;
        let log = self.place.log();
        let tail = tail(&self.runner.end_of(&log));
        Some(EmbeddedError::Died { status: status.to_string(), log, tail })
    }

    /// Ends all sessions, writes a checkpoint and waits for the end. Blocks.
    pub(super) fn stop(&self) -> Result<(), EmbeddedError> {
        let Some(pid) = pid_of(&self.place) else { return Ok(()) };
        // A killed server has left its pid file behind.
        if !self.is_alive(&pid)? {
            return Ok(());
        }
        self.signal("INT", &pid)?;
        let deadline = Instant::now() + STOP_LIMIT;
        while !self.is_gone()? {
            if Instant::now() > deadline {
                let what = format!("the server of {} to stop", self.place.data.display());
                return Err(EmbeddedError::TimedOut { what, seconds: STOP_LIMIT.as_secs() });
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn is_gone(&self) -> Result<bool, EmbeddedError> {
        match (&self.ended, pid_of(&self.place)) {
            (Some(ended), _) => Ok(ended.get().is_some()),
            (None, Some(pid)) => Ok(!self.is_alive(&pid)?),
            (None, None) => Ok(true),
        }
    }

    /// Whether the process lives, and is a server of this data and not a later one of the same id.
    fn is_alive(&self, pid: &str) -> Result<bool, EmbeddedError> {
        let process = Path::new("/proc").join(pid);
        match fs::read_link(process.join("cwd")) {
            Ok(directory) => Ok(fs::canonicalize(&self.place.data).is_ok_and(|data| data == directory)),
            // A zombie has no directory any more.
            Err(error) if error.kind() == ErrorKind::NotFound && process.exists() => Ok(false),
            Err(_) => self.signal("0", pid),
        }
    }

    /// Sends a signal through the shell's own `kill`: std cannot, and the program is not everywhere.
    /// The account sends it, as the account wrote the pid. False when there is no such process of its own.
    fn signal(&self, name: &str, pid: &str) -> Result<bool, EmbeddedError> {
        let mut kill = self.runner.script("kill -s \"$1\" \"$2\"");
        let output = kill.args([name, pid]).output().doing("run", "/bin/sh")?;
        let success = output.status.success();
        // A failure is a server that ended by itself just now, which the caller notices.
        tracing::debug!(name, pid, success, "sent a signal to the private server");
        Ok(success)
    }
}

/// The first line of `postmaster.pid`, which the server removes when it ends.
fn pid_of(place: &Place) -> Option<String> {
    let path = place.data.join("postmaster.pid");
    // Nothing that could block us, which the server's account might have put there.
    fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let mut text = String::new();
    fs::File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    let pid: u32 = text.lines().next()?.trim().parse().ok()?;
    (pid > 1).then(|| pid.to_string())
}
