//! Running `pg_dump`, which knows a schema better than anybody.

use std::path::Path;
#[cfg(feature = "backup")]
use std::time::Duration;

use super::program::{self, Program};
use super::{ConnectOptions, DumpError};

/// A `pg_dump` that can read a server.
#[derive(Clone, Debug)]
pub(crate) struct PgDump {
    program: Program,
}

/// What an archive is to be.
#[cfg(feature = "backup")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Archive<'a> {
    /// A folder that is not there yet.
    pub(crate) folder: &'a Path,
    /// How many tables at once.
    pub(crate) jobs: usize,
    /// What it sees.
    pub(crate) snapshot: &'a str,
    /// Whether rows stay out.
    pub(crate) schema_only: bool,
    /// Whether `pg_dump` itself shall compress, with zstd.
    pub(crate) compress: bool,
    /// The longest wait for a table that somebody has locked.
    pub(crate) lock_wait: Duration,
    /// As whom it reads.
    pub(crate) role: Option<&'a str>,
    /// Whether the server's settings would write binary values in another form.
    pub(crate) escapes_bytes: bool,
}

impl PgDump {
    /// Finds one for a server of that major version: in the directory that somebody named, or else in `PATH` and where
    /// Debian puts it.
    pub(crate) async fn find(named: Option<&Path>, major: u32) -> Result<Self, DumpError> {
        Ok(Self { program: Program::find("pg_dump", named, major).await? })
    }

    /// The database as SQL text: schema and rows, without owners and without what is hardtack's own.
    pub(crate) async fn run(
        &self,
        options: &ConnectOptions,
        role: Option<&str>,
    ) -> Result<String, DumpError> {
        let mut command = self.program.command();
        command.args(["--no-owner", "--inserts", "--encoding=UTF8", "--exclude-schema=hardtack"]);
        command.args(role.map(|role| format!("--role={role}")));
        program::run(command, options, |_| ()).await
    }

    /// Its major version.
    #[cfg(feature = "backup")]
    pub(crate) fn major(&self) -> u32 {
        self.program.major
    }

    /// Writes an archive in its directory format. Each table is told, as `schema.name`, when its rows are begun.
    #[cfg(feature = "backup")]
    pub(crate) async fn archive(
        &self,
        options: &ConnectOptions,
        archive: Archive<'_>,
        begun: impl Fn(&str) + Send + 'static,
    ) -> Result<(), DumpError> {
        let mut command = self.program.command();
        // Who calls brings it to disk.
        command.args(["--format=directory", "--encoding=UTF8", "--no-sync", "--verbose"]);
        command.arg("--file").arg(archive.folder);
        command.arg(format!("--jobs={}", archive.jobs));
        command.arg(format!("--snapshot={}", archive.snapshot));
        command.arg(if archive.compress { "--compress=zstd:1" } else { "--compress=0" });
        command.args(archive.schema_only.then_some("--schema-only"));
        command.args(archive.role.map(|role| format!("--role={role}")));
        if !archive.lock_wait.is_zero() {
            command.arg(format!("--lock-wait-timeout={}", archive.lock_wait.as_millis()));
        }
        command.env("PGTZ", "UTC");
        let options = match archive.escapes_bytes {
            true => &options.clone().with_option("-c bytea_output=hex"),
            false => options,
        };
        let told = move |line: &str| {
            if let Some(table) = dumped_table(line) {
                begun(table);
            }
        };
        program::run(command, options, told).await.map(drop)
    }
}

/// From `pg_dump: dumping contents of table "public.orders"`.
#[cfg(feature = "backup")]
fn dumped_table(line: &str) -> Option<&str> {
    let (_, table) = line.split_once("dumping contents of table ")?;
    Some(table.trim_matches('"'))
}

#[cfg(all(test, feature = "backup"))]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_by_its_line() {
        let line = "pg_dump: dumping contents of table \"public.order \"\"s\"";
        assert_eq!(dumped_table(line), Some("public.order \"\"s"));
        assert_eq!(dumped_table("pg_dump: creating TABLE \"public.orders\""), None);
    }
}
