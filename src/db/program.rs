//! Running PostgreSQL's client programs: finding one that fits a server, and running it to its end, or until it is no longer
//! wanted.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::ConnectOptions;
use super::blocking::{Wanted, blocking};

/// Why there is no dump.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// No program that fits this server.
    #[error(
        "find a {name} of PostgreSQL {major} or newer, as the server is: {}; nothing was changed; install PostgreSQL's \
         client programs of that version, or name their directory in HARDTACK_PG_BIN",
        found(.looked, .older)
    )]
    NoProgram {
        /// `pg_dump` or `pg_restore`.
        name: &'static str,
        /// The server's major version.
        major: u32,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
        /// Those that are too old, with their major versions.
        older: Vec<(PathBuf, u32)>,
    },
    /// It did not start.
    #[error("run {}: {source}; nothing was changed", .program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It failed.
    #[error("run {}: {message}", .program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// What it wrote to standard error.
        message: String,
    },
}

/// A client program and its major version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) major: u32,
}

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How long one may take to end that was asked to, and what it has started behind it.
const ENDING: Duration = Duration::from_secs(5);

/// How long is waited for what was made to end.
const ENDED: Duration = Duration::from_secs(1);

/// The lines of a failure that are worth repeating.
const LAST: usize = 6;

impl Program {
    /// Finds one for a server of that major version: in the directory that somebody named, or else in `PATH` and where Debian
    /// puts it. Of several, the one of the same version comes before a newer one.
    pub(super) async fn find(
        name: &'static str,
        named: Option<&Path>,
        major: u32,
    ) -> Result<Self, DumpError> {
        let looked = match named {
            Some(directory) => vec![directory.to_owned()],
            None => usual_directories(major),
        };
        let programs: Vec<PathBuf> = looked.iter().map(|directory| directory.join(name)).collect();
        let of_version = |path: PathBuf| version(&path).map(|major| Self { path, major });
        let asking = blocking(move |_| Ok(programs.into_iter().filter_map(of_version).collect()));
        // A program that cannot be asked is none.
        let mut found: Vec<Self> = asking.await.unwrap_or_default();
        found.sort_by_key(|program| program.major);
        if let Some(fits) = found.iter().find(|program| program.major >= major) {
            return Ok(fits.clone());
        }
        let older = found.into_iter().map(|program| (program.path, program.major)).collect();
        Err(DumpError::NoProgram { name, major, looked, older })
    }

    /// The program, to be run on a database.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--no-password");
        command
    }
}

/// Runs a client program on a database to its end; what it wrote to standard output. Each line of its standard error is told.
/// Where nobody waits for it any more, it is ended, and `tell` is dropped once it has.
pub(super) async fn run(
    mut command: Command,
    options: &ConnectOptions,
    tell: impl Fn(&str) + Send + 'static,
) -> Result<String, DumpError> {
    let program = PathBuf::from(command.get_program());
    // What the variables do not say must not come from a service file, and messages are read.
    command.env_remove("PGSERVICE").env_remove("PGHOSTADDR").envs(options.variables());
    command.env("LC_ALL", "C").env_remove("LANGUAGE");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // With its workers, and out of the terminal's group: when it ends is decided here.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let finished = blocking(move |wanted| finish(&mut command, wanted, tell)).await;
    let start = |source| DumpError::Start { program: program.clone(), source };
    let Finished { status, output, said } = finished.map_err(start)?;
    if !status.success() {
        return Err(DumpError::Failed { program, message: said });
    }
    Ok(output)
}

struct Finished {
    status: ExitStatus,
    output: String,
    said: String,
}

fn finish(
    command: &mut Command,
    wanted: &Wanted,
    tell: impl Fn(&str) + Send + 'static,
) -> io::Result<Finished> {
    let mut child = command.spawn()?;
    let output = child.stdout.take().map(|stdout| thread::spawn(move || whole(stdout)));
    let said = child.stderr.take().map(|stderr| thread::spawn(move || last_lines(stderr, &tell)));
    let status = wait(&mut child, wanted)?;
    // What it has started holds its pipes open, and may not end by itself.
    let are_read = || [&output, &said].into_iter().flatten().all(JoinHandle::is_finished);
    if !comes_true(ENDING, are_read) {
        signal(&child, Signal::Kill);
        comes_true(ENDED, are_read);
    }
    Ok(Finished { status, output: joined(output), said: joined(said) })
}

/// Waits for it, but not for ever.
fn comes_true(longest: Duration, is_true: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !is_true() {
        if begun.elapsed() >= longest {
            return false;
        }
        thread::sleep(LOOK);
    }
    true
}

fn wait(child: &mut Child, wanted: &Wanted) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if !wanted.is_still() {
            return end(child);
        }
        thread::sleep(LOOK);
    }
}

/// Asks it to end, so that it ends its workers and what they do on the server, and makes it end where it does not.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    let asked = Instant::now();
    signal(child, Signal::Term);
    while asked.elapsed() < ENDING {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(LOOK);
    }
    signal(child, Signal::Kill);
    child.kill()?;
    child.wait()
}

/// What a program and its workers are told.
#[derive(Clone, Copy)]
enum Signal {
    /// To end.
    Term,
    /// Nothing: they are ended.
    Kill,
}

#[cfg(all(unix, feature = "backup"))]
fn signal(child: &Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Number, kill_process_group};
    let number = match signal {
        Signal::Term => Number::TERM,
        Signal::Kill => Number::KILL,
    };
    // Those that have ended meanwhile need none.
    let _ = kill_process_group(Pid::from_child(child), number);
}

/// Without backups no program here has workers, and it is killed alone.
#[cfg(not(all(unix, feature = "backup")))]
fn signal(_: &Child, _: Signal) {}

/// What was read, if all of it was.
fn joined(text: Option<JoinHandle<String>>) -> String {
    text.filter(JoinHandle::is_finished).and_then(|thread| thread.join().ok()).unwrap_or_default()
}

fn whole(mut stdout: impl Read) -> String {
    let mut bytes = Vec::new();
    // What was read until then is what there is.
    let _ = stdout.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Tells each line, and keeps those that say why it failed, or else the last.
fn last_lines(stderr: impl Read, tell: &impl Fn(&str)) -> String {
    let (mut reasons, mut last) = (Vec::new(), Vec::new());
    let mut stderr = BufReader::new(stderr);
    let mut bytes = Vec::new();
    while stderr.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        bytes.clear();
        tell(&line);
        let is_reason = [" error: ", " detail: ", " hint: ", "ERROR: ", "FATAL: "];
        let lines = if is_reason.iter().any(|word| line.contains(word)) { &mut reasons } else { &mut last };
        lines.push(line);
        if lines.len() > LAST {
            lines.remove(0);
        }
    }
    if reasons.is_empty() { last.join("; ") } else { reasons.join("; ") }
}

fn found(looked: &[PathBuf], older: &[(PathBuf, u32)]) -> String {
    if older.is_empty() {
        let places: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
        return format!("there is none in {}", places.join(", "));
    }
    let each = |(path, major): &(PathBuf, u32)| format!("{} is of {major}", path.display());
    format!("{}, and an older one cannot read it", older.iter().map(each).collect::<Vec<_>>().join(", "))
}

fn usual_directories(major: u32) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    // What Debian has in PATH is a script that finds these.
    let in_path = std::env::split_paths(&path).filter(|directory| !directory.as_os_str().is_empty());
    std::iter::once(debian).chain(in_path).collect()
}

/// The major version, from `pg_dump (PostgreSQL) 17.2 (Debian ..)`.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number =
        text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(directory: &Path, text: &str) -> PathBuf {
        let program = directory.join("pg_dump");
        fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    #[tokio::test]
    async fn an_older_program_does_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let program = program(directory.path(), "echo 'pg_dump (PostgreSQL) 16.4 (Debian 16.4-1)'");
        let find = |major| Program::find("pg_dump", Some(directory.path()), major);
        assert_eq!(find(16).await.unwrap(), Program { path: program.clone(), major: 16 });
        assert!(find(15).await.is_ok());
        let error = find(17).await.unwrap_err().to_string();
        for part in ["PostgreSQL 17 or newer", "HARDTACK_PG_BIN", &format!("{} is of 16", program.display())]
        {
            assert!(error.contains(part), "{error}");
        }
        let nowhere = Program::find("pg_dump", Some(Path::new("/nowhere")), 15).await;
        let nowhere = nowhere.unwrap_err().to_string();
        assert!(nowhere.contains("there is none in /nowhere"), "{nowhere}");
    }

    #[tokio::test]
    async fn a_program_that_nobody_waits_for_is_ended() {
        let directory = tempfile::tempdir().unwrap();
        let mark = directory.path().join("mark");
        let program =
            program(directory.path(), &format!("echo began >&2; exec sleep 60; touch {}", mark.display()));
        let options = ConnectOptions::resolve(Some("postgres:///none"), |_| None).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let command = Command::new(&program);
        let running = run(command, &options, move |line| sender.send(line.to_owned()).unwrap_or_default());
        let ended = tokio::time::timeout(Duration::from_millis(300), running).await;
        assert!(ended.is_err());
        assert_eq!(receiver.recv().unwrap(), "began");
        // The reader of its standard error ends with it.
        assert!(
            receiver
                .recv_timeout(Duration::from_secs(10))
                .is_err_and(|end| { end == std::sync::mpsc::RecvTimeoutError::Disconnected })
        );
    }

    /// Nor does it hold anybody up who goes.
    #[tokio::test]
    async fn what_does_not_want_to_end_is_ended_with_what_it_has_started() {
        let directory = tempfile::tempdir().unwrap();
        // Its child ignores the signal as well.
        let text = "trap '' TERM\nsleep 60 &\necho began >&2\nsleep 60";
        for text in [text, "(trap '' TERM; sleep 60) &\necho began >&2\nsleep 60"] {
            let program = program(directory.path(), text);
            let options = ConnectOptions::resolve(Some("postgres:///none"), |_| None).unwrap();
            let (sender, receiver) = std::sync::mpsc::channel();
            let told = move |line: &str| sender.send(line.to_owned()).unwrap_or_default();
            let running = run(Command::new(&program), &options, told);
            assert!(tokio::time::timeout(Duration::from_millis(300), running).await.is_err());
            assert_eq!(receiver.recv().unwrap(), "began");
            let end = receiver.recv_timeout(ENDING * 2);
            assert_eq!(end, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
        }
    }

    #[tokio::test]
    async fn a_failure_says_its_reasons_and_not_its_progress() {
        let directory = tempfile::tempdir().unwrap();
        let program = program(
            directory.path(),
            "echo 'pg_dump: dumping contents of table' >&2; echo 'pg_dump: error: no space' >&2; exit 1",
        );
        let options = ConnectOptions::resolve(Some("postgres:///none"), |_| None).unwrap();
        let error = run(Command::new(&program), &options, |_| ()).await.unwrap_err().to_string();
        assert!(error.ends_with("pg_dump: error: no space"), "{error}");
    }
}
