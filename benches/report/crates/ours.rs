//! An application that carries its revisions by hardtack.

use std::process::ExitCode;

use clap::Parser;
use hardtack::cli::{Application, Boot, BootArgs, DbCommand};

hardtack::embed!();

const APPLICATION: Application = Application::new(&migrations::REVISIONS);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    boot: BootArgs,
    #[command(subcommand)]
    command: Option<DbCommand>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(command) = &arguments.command {
        return APPLICATION.run(&arguments.boot.common, command).await.into();
    }
    match APPLICATION.boot(&arguments.boot, 1).await {
        Boot::Finished(code) => code.into(),
        Boot::Ready(ready) => {
            ready.close().await;
            ExitCode::SUCCESS
        }
    }
}
