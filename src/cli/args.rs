use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PolicyArgs;

/// What an application flattens into its own arguments to migrate on boot.
#[derive(Args, Clone, Debug, Default)]
pub struct BootArgs {
    /// Bring the database up to date and exit; with --wait-timeout, wait for one that is not up yet
    #[arg(long, conflicts_with_all = ["on_pending", "on_ahead"])]
    pub migrate_only: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub policy: PolicyArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub common: CommonArgs,
}

/// What every command takes. Flags win over the environment, which wins over `hardtack.toml`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Database and output")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct CommonArgs {
    /// The database, without a password [env: DATABASE_URL]
    ///
    /// A URL or a libpq keyword string. A password here would be visible to everybody on the machine, so it is refused:
    /// put it into DATABASE_URL, PGPASSWORD or ~/.pgpass. Without a URL, libpq's PG* variables are used.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The table of hardtack.toml to use, and what gates look at [env: HARDTACK_ENV]
    #[arg(long = "env", global = true, value_name = "NAME")]
    pub environment: Option<String>,
    /// The configuration file [env: HARDTACK_CONFIG] [default: hardtack.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The history table, [SCHEMA.]NAME [env: HARDTACK_HISTORY_TABLE]
    #[arg(long, global = true, value_name = "NAME")]
    pub history_table: Option<String>,
    /// Work as this role, which owns the schema; the login must be a member of it [env: HARDTACK_ROLE]
    #[arg(long, global = true, value_name = "NAME")]
    pub role: Option<String>,
    /// The longest wait for one lock on a table, such as 500ms or 5s; 0 for ever [env: HARDTACK_LOCK_TIMEOUT]
    #[arg(long, global = true, value_name = "TIME")]
    pub lock_timeout: Option<String>,
    /// How often a step that did not get a lock in time is tried again [env: HARDTACK_LOCK_RETRIES]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub lock_retries: Option<u32>,
    /// The longest wait for another run, such as 5min; 0 not at all [env: HARDTACK_LOCK_WAIT]
    #[arg(long, global = true, value_name = "TIME")]
    pub lock_wait: Option<String>,
    /// What to do about a revision that is older than the newest applied one: reject, warn or allow
    /// [env: HARDTACK_OUT_OF_ORDER] [default: reject]
    #[arg(long, global = true, value_name = "POLICY")]
    pub out_of_order: Option<String>,
    /// What to do after an upgrade where the schema is not what the revisions make of it: ignore, warn or fail
    /// [env: HARDTACK_ON_DRIFT] [default: ignore]
    #[arg(long, global = true, value_name = "POLICY")]
    pub on_drift: Option<String>,
    /// Accept what a gate of hardtack.toml wants to be accepted, such as loses-data,blocks-everything; wants --reason
    /// [env: HARDTACK_ACCEPT]
    #[arg(long, global = true, value_name = "VERDICT,..", help_heading = "Gates")]
    pub accept: Option<String>,
    /// Why; it stands in the run log [env: HARDTACK_REASON]
    #[arg(long, global = true, value_name = "TEXT", help_heading = "Gates")]
    pub reason: Option<String>,
    /// Say which backup was taken just before; it stands in the run log [env: HARDTACK_BACKUP_TAKEN]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Gates")]
    pub backup_taken: Option<String>,
    /// Use the SQL revisions of this folder instead of those in the binary [env: HARDTACK_DIR]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// How results are written
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,
    /// How the log on standard error is written; its level is set by RUST_LOG
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
    /// Print the configuration in force and where each value comes from, and exit
    #[arg(long, global = true)]
    pub show_config: bool,
    /// Leave the private development server running on exit; =false ends it again [env: HARDTACK_KEEP_SERVER]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub keep_server: Option<bool>,
}

/// How results are written to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs: one JSON object.
    Json,
    /// For psql: `diff` only.
    #[value(skip)]
    Sql,
    /// For a browser, as one page: `diff`, `verify`, `deploy` and dry runs.
    #[value(skip)]
    Html,
    /// For a comment on a pull request: `verify`, `deploy` and dry runs.
    #[value(skip)]
    Markdown,
    /// For annotations of GitHub Actions: `verify`, `deploy` and dry runs.
    #[value(skip)]
    Github,
    /// For code scanning: `verify`, `deploy` and dry runs.
    #[value(skip)]
    Sarif,
    /// For whatever shows test reports: `verify`, `deploy` and dry runs.
    #[value(skip)]
    Junit,
}

/// How the log is written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}
