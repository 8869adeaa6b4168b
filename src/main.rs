//! The reference application: hardtack's own commands over the revisions in `migrations`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use hardtack::cli::{Application, Boot, Program, ProgramCommand};

hardtack::embed!();

const APPLICATION: Application = Application::new(&migrations::REVISIONS).with_development_server();

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Program { boot, command } = Program::parse();
    if command.is_some() && (boot.migrate_only || boot.policy != hardtack::cli::PolicyArgs::default()) {
        let message = "--migrate-only and what there is to do at startup go without a command; `serve` takes its own behind it";
        Program::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
    }
    match &command {
        #[cfg(feature = "axum")]
        Some(ProgramCommand::Serve(args)) => return APPLICATION.serve(&boot.common, args).await.into(),
        Some(ProgramCommand::Db(command)) => return APPLICATION.run(&boot.common, command).await.into(),
        _ => {}
    }
    if !boot.migrate_only && !boot.common.show_config {
        let message = "name a command, or --migrate-only";
        Program::command().error(clap::error::ErrorKind::MissingSubcommand, message).exit();
    }
    match APPLICATION.boot(&boot, 1).await {
        Boot::Finished(code) => code.into(),
        Boot::Ready(ready) => {
            ready.close().await;
            ExitCode::SUCCESS
        }
    }
}
