#![expect(clippy::print_stderr, reason = "this is where output happens")]

use std::io::{BufRead, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

use super::{ExitCode, Format, progress_bar};
pub(super) use crate::catalog::render::count;
pub(super) use crate::report::human;

/// Where a command's result and its errors go: results to standard output, everything else to standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
}

impl Output {
    /// Writes a result: as one JSON object, or as the text for people.
    pub(super) fn result(self, value: &impl Serialize, text: &str) {
        match self.format {
            Format::Json => print(&json(value)),
            _ => print(text),
        }
    }

    /// Writes an error; for programs also as an object on standard output, so that they need not read two streams.
    pub(super) fn error(self, message: &str, code: ExitCode) {
        progress_bar::leave();
        eprintln!("{} failed to {message}", red("error:"));
        if self.format == Format::Json {
            print(&json(&Failure { error: message, exit_code: code as u8 }));
        }
    }
}

/// Whether colour is wanted on standard output.
pub(super) fn stdout_colour() -> bool {
    colour_allowed() && std::io::stdout().is_terminal()
}

#[derive(Serialize)]
struct Failure<'a> {
    error: &'a str,
    exit_code: u8,
}

/// Writes a line of progress or a remark.
pub(super) fn remark(text: &str) {
    progress_bar::leave();
    eprintln!("{text}");
}

/// Asks on a terminal; whoever is none says no.
pub(super) fn confirmed(question: &str) -> bool {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    progress_bar::leave();
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    read.is_ok() && ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

/// Whether colour is wanted at all; the stream must be a terminal too.
pub(super) fn colour_allowed() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Why a result did not get out, if one did not.
static LOST: OnceLock<std::io::Error> = OnceLock::new();

pub(super) fn print(text: &str) {
    progress_bar::leave();
    match writeln!(std::io::stdout(), "{}", text.trim_end()) {
        Ok(()) => {}
        // A closed pipe, as behind `head`, is no failure of ours.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            let _ = LOST.set(error);
        }
    }
}

/// The exit code of a command that ends with this one: a success whose result did not get out is none.
pub(super) fn ended(code: ExitCode) -> ExitCode {
    let Some(error) = LOST.get() else { return code };
    eprintln!("{} failed to write to standard output: {error}; what the command did stands", red("error:"));
    if code == ExitCode::Success { ExitCode::Failure } else { code }
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}

fn red(text: &str) -> String {
    if colour_allowed() && std::io::stderr().is_terminal() {
        format!("\x1b[1;31m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}
