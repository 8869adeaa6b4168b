//! Running `pg_dump`, which knows a schema better than anybody.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ConnectOptions;

/// Why there is no dump.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// No program that fits this server.
    #[error(
        "find a {name} of PostgreSQL {major} or newer, as the server is: there is none in {}; nothing was changed; install \
         PostgreSQL's client programs of that version, or name their directory in HARDTACK_PG_BIN",
        .looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoProgram {
        /// `pg_dump` or `pg_restore`.
        name: &'static str,
        /// The server's major version.
        major: u32,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
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
    #[error("run {}: {message}; nothing was changed", .program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// What it wrote to standard error.
        message: String,
    },
}

/// A `pg_dump` that can read a server.
#[derive(Clone, Debug)]
pub(crate) struct PgDump {
    program: PathBuf,
}

impl PgDump {
    /// Finds one for a server of that major version: in the directory that somebody named, or else in `PATH` and where
    /// Debian puts it.
    pub(crate) fn find(named: Option<&Path>, major: u32) -> Result<Self, DumpError> {
        Ok(Self { program: find("pg_dump", named, major)? })
    }

    /// The database as SQL text: schema and rows, without owners and without what is hardtack's own.
    pub(crate) async fn run(
        &self,
        options: &ConnectOptions,
        role: Option<&str>,
    ) -> Result<String, DumpError> {
        let mut command = Command::new(&self.program);
        command.args([
            "--no-owner",
            "--inserts",
            "--encoding=UTF8",
            "--no-password",
            "--exclude-schema=hardtack",
        ]);
        command.args(role.map(|role| format!("--role={role}")));
        run(command, options).await
    }
}

/// Finds a client program for a server of that major version.
pub(super) fn find(name: &'static str, named: Option<&Path>, major: u32) -> Result<PathBuf, DumpError> {
    let looked = match named {
        Some(directory) => vec![directory.to_owned()],
        None => usual_directories(major),
    };
    let programs = looked.iter().map(|directory| directory.join(name));
    let found = programs.into_iter().find(|program| version(program).is_some_and(|found| found >= major));
    found.ok_or(DumpError::NoProgram { name, major, looked })
}

/// Runs a client program on a database to its end; what it wrote to standard output.
pub(super) async fn run(mut command: Command, options: &ConnectOptions) -> Result<String, DumpError> {
    let program = PathBuf::from(command.get_program());
    // What the variables do not say must not come from a service file.
    command.env_remove("PGSERVICE").env_remove("PGHOSTADDR").envs(options.variables());
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let start = |source| DumpError::Start { program: program.clone(), source };
    let output = output.map_err(|error| start(io::Error::other(error)))?.map_err(start)?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(DumpError::Failed { program, message });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn usual_directories(major: u32) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    std::env::split_paths(&path)
        .filter(|directory| !directory.as_os_str().is_empty())
        .chain([debian])
        .collect()
}

/// The major version, from `pg_dump (PostgreSQL) 17.2 (Debian ..)`.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number =
        text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_older_program_does_not_count() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("pg_dump");
        fs::write(&program, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 16.4 (Debian 16.4-1)'\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let find = |major| PgDump::find(Some(directory.path()), major);
        assert_eq!(find(16).unwrap().program, program);
        assert!(find(15).is_ok());
        let error = find(17).unwrap_err().to_string();
        assert!(error.contains("PostgreSQL 17 or newer") && error.contains("HARDTACK_PG_BIN"), "{error}");
    }
}
