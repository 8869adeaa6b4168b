//! Running `pg_restore`. A dump in SQL is for `psql`, which does whatever stands in it, also to other databases.

use std::path::{Path, PathBuf};

use super::program::{self, Program};
use super::{ConnectOptions, DumpError};

/// A `pg_restore` that can read a dump into a server.
#[derive(Clone, Debug)]
pub(crate) struct PgRestore {
    program: Program,
    dump: PathBuf,
}

impl PgRestore {
    /// Finds one for that dump and a server of that major version.
    pub(crate) async fn find(dump: &Path, named: Option<&Path>, major: u32) -> Result<Self, DumpError> {
        Ok(Self { program: Program::find("pg_restore", named, major).await?, dump: dump.to_owned() })
    }

    /// Reads the dump into a database, without owners and rights, which may be another server's.
    pub(crate) async fn run(&self, options: &ConnectOptions, role: Option<&str>) -> Result<(), DumpError> {
        let mut command = self.program.command();
        command.args(["--no-owner", "--no-privileges", "--exit-on-error"]);
        command.args(["--dbname", options.database()]);
        command.args(role.map(|role| format!("--role={role}")));
        command.arg(&self.dump);
        program::run(command, options, |_| ()).await.map(drop)
    }

    /// Reads the whole archive into an empty database, with owners and rights, so many items at once. Each table is told, as
    /// `schema.name`, when its rows are begun.
    #[cfg(feature = "backup")]
    pub(crate) async fn all(
        &self,
        options: &ConnectOptions,
        jobs: usize,
        begun: impl Fn(&str) + Send + 'static,
    ) -> Result<(), DumpError> {
        let mut command = self.program.command();
        command.args(["--exit-on-error", "--verbose", "--dbname", options.database()]);
        command.arg(format!("--jobs={jobs}"));
        command.arg(&self.dump);
        let told = move |line: &str| {
            if let Some((_, table)) = line.split_once("processing data for table ") {
                begun(table.trim_matches('"'));
            }
        };
        program::run(command, options, told).await.map(drop)
    }

    /// What the archive holds: its table of contents, a line an item.
    #[cfg(feature = "backup")]
    pub(crate) async fn contents(&self, options: &ConnectOptions) -> Result<String, DumpError> {
        let mut command = self.program.command();
        command.arg("--list").arg(&self.dump);
        program::run(command, options, |_| ()).await
    }

    /// The same for another dump.
    #[cfg(feature = "backup")]
    pub(crate) fn of(self, dump: &Path) -> Self {
        Self { dump: dump.to_owned(), ..self }
    }

    /// Its major version.
    #[cfg(feature = "backup")]
    pub(crate) fn major(&self) -> u32 {
        self.program.major
    }
}
