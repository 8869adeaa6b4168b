//! Running `pg_restore`, or `psql` for a dump in SQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ConnectOptions, DumpError, dump};

/// A program that can read a dump into a server.
#[derive(Clone, Debug)]
pub(crate) struct PgRestore {
    program: PathBuf,
    dump: PathBuf,
    is_sql: bool,
}

impl PgRestore {
    /// Finds one for that dump and a server of that major version.
    pub(crate) fn find(dump: &Path, named: Option<&Path>, major: u32) -> Result<Self, DumpError> {
        let is_sql = dump.extension().is_some_and(|ending| ending == "sql");
        let program = dump::find(if is_sql { "psql" } else { "pg_restore" }, named, major)?;
        Ok(Self { program, dump: dump.to_owned(), is_sql })
    }

    /// Reads the dump into a database, without owners and rights, which may be another server's.
    pub(crate) async fn run(&self, options: &ConnectOptions, role: Option<&str>) -> Result<(), DumpError> {
        let mut command = Command::new(&self.program);
        command.args(["--no-password", "--dbname", options.database()]);
        if self.is_sql {
            command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file"]);
        } else {
            command.args(["--no-owner", "--no-privileges", "--exit-on-error"]);
            command.args(role.map(|role| format!("--role={role}")));
        }
        command.arg(&self.dump);
        dump::run(command, options).await.map(drop)
    }
}
