//! The reference application: hardtack's own commands over the revisions in `migrations`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use hardtack::cli::{Application, Boot, BootArgs, DbCommand};

hardtack::embed!();

const APPLICATION: Application = Application::new(&migrations::REVISIONS).with_development_server();

/// PostgreSQL migrations baked into one binary.
#[derive(Parser)]
#[command(name = "hardtack", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    boot: BootArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// See that the schema is right, and serve
    #[cfg(feature = "axum")]
    Serve(hardtack::cli::ServeArgs),
    #[command(flatten)]
    Db(DbCommand),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match &arguments.command {
        #[cfg(feature = "axum")]
        Some(Command::Serve(args)) => return APPLICATION.serve(&arguments.boot.common, args).await.into(),
        Some(Command::Db(command)) => return APPLICATION.run(&arguments.boot.common, command).await.into(),
        None => {}
    }
    if !arguments.boot.migrate_only && !arguments.boot.common.show_config {
        let message = "name a command, or --migrate-only";
        Arguments::command().error(clap::error::ErrorKind::MissingSubcommand, message).exit();
    }
    match APPLICATION.boot(&arguments.boot, 1).await {
        Boot::Finished(code) => code.into(),
        Boot::Ready(ready) => {
            ready.close().await;
            ExitCode::SUCCESS
        }
    }
}
