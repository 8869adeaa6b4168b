use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::cluster::pg_bin;

/// What a finished process left.
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program, with nothing of this process's environment that would name a database.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if name.starts_with("PG")
            || name.starts_with("HARDTACK_")
            || name == "DATABASE_URL"
            || name == "RUST_LOG"
        {
            command.env_remove(name);
        }
    }
    command
}

/// The binary, which finds no other database either.
pub(crate) fn hardtack_command(folder: &Path) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_hardtack"));
    // Its private server is of the same programs as the tests' own.
    if let Some(programs) = pg_bin() {
        command.env("HARDTACK_PG_BIN", programs);
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary to its end, on a database where one is given.
pub(crate) fn hardtack(folder: &Path, url: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = hardtack_command(folder);
    if let Some(url) = url {
        command.env("DATABASE_URL", url);
    }
    output_of(command.args(arguments))
}

/// Runs a command to its end.
pub(crate) fn output_of(command: &mut Command) -> Output {
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
