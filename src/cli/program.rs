use clap::{Parser, Subcommand};

use super::{BootArgs, DbCommand};

/// The command line of hardtack's own program. An application has one of its own, with [`BootArgs`] and [`DbCommand`] in it.
#[derive(Debug, Parser)]
#[command(
    name = "hardtack",
    version,
    about = "PostgreSQL migrations baked into one binary",
    long_about = None,
    arg_required_else_help = true
)]
pub struct Program {
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help of the whole group")]
    pub boot: BootArgs,
    /// What to do; nothing but to migrate without one.
    #[command(subcommand)]
    pub command: Option<ProgramCommand>,
}

/// Its commands.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum ProgramCommand {
    /// See that the schema is right, and serve
    #[cfg(feature = "axum")]
    Serve(super::ServeArgs),
    /// What an application has too.
    #[command(flatten)]
    Db(DbCommand),
}
