//! Running `pg_restore`. A dump in SQL is for `psql`, which does whatever stands in it, also to other databases.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ConnectOptions, DumpError, dump};

/// A `pg_restore` that can read a dump into a server.
#[derive(Clone, Debug)]
pub(crate) struct PgRestore {
    program: PathBuf,
    dump: PathBuf,
}

impl PgRestore {
    /// Finds one for that dump and a server of that major version.
    pub(crate) fn find(dump: &Path, named: Option<&Path>, major: u32) -> Result<Self, DumpError> {
        Ok(Self { program: dump::find("pg_restore", named, major)?, dump: dump.to_owned() })
    }

    /// Reads the dump into a database, without owners and rights, which may be another server's.
    pub(crate) async fn run(&self, options: &ConnectOptions, role: Option<&str>) -> Result<(), DumpError> {
        let mut command = Command::new(&self.program);
        command.args(["--no-password", "--no-owner", "--no-privileges", "--exit-on-error"]);
        command.args(["--dbname", options.database()]);
        command.args(role.map(|role| format!("--role={role}")));
        command.arg(&self.dump);
        dump::run(command, options).await.map(drop)
    }
}
