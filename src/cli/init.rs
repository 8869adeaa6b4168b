use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::ExitCode;
use super::generate::write;
use super::session::{Failure, Session};

pub(super) const EXAMPLES: &str = "Examples:
  hardtack init                          in the crate of this folder
  hardtack init services/billing";

/// What `init` takes.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    /// The crate's folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// The files of a crate that uses hardtack: path, text, and what to do where the file is there already.
const FILES: [(&str, &str, &str); 4] = [
    ("build.rs", BUILD, "let its main call `hardtack_build::bake(\"migrations\");`"),
    ("migrations/V1__init.sql", "-- The first revision: what the schema starts from.\n", ""),
    ("migrations/V1__init.down.sql", "-- Undoes V1__init.sql\n", ""),
    ("src/database.rs", GLUE, "see the documentation of `hardtack::cli`"),
];

const BUILD: &str = "//! Bakes the revisions in `migrations` into the binary.

fn main() {
    hardtack_build::bake(\"migrations\");
}
";

const GLUE: &str = "//! The database's schema, and its commands.

use hardtack::cli::{Application, Boot, BootArgs, DbCommand};

hardtack::embed!();

/// This application's revisions. With `.with_development_server()` it starts a private PostgreSQL, for development,
/// where no database is given; with `.with_graceful_stop()` a migration ends at a safe point on SIGTERM, and `Ready::stopped` tells.
pub const SCHEMA: Application = Application::new(&migrations::REVISIONS);

/// To flatten into the application's arguments: `--migrate-only`, `--database-url` and their kin.
pub type Arguments = BootArgs;

/// To nest as a subcommand: `db status`, `db upgrade` and their kin.
pub type Command = DbCommand;

/// Migrates; with `--migrate-only` that is all, otherwise there is a pool on a schema that is right.
pub async fn boot(arguments: &Arguments) -> Boot {
    SCHEMA.boot(arguments, 10).await
}
";

pub(super) fn run(session: &Session, args: &InitArgs) -> Result<ExitCode, Failure> {
    let manifest = args.path.join("Cargo.toml");
    let manifest = std::fs::read_to_string(&manifest).map_err(|error| {
        Failure::usage(format!("set up a crate in {}: {}: {error}", args.path.display(), manifest.display()))
    })?;
    let (there, missing): (Vec<_>, Vec<_>) = FILES
        .into_iter()
        .filter(|(file, ..)| wanted(&args.path, file))
        .partition(|(file, ..)| args.path.join(file).exists());
    let files: Vec<_> =
        missing.iter().map(|(file, text, _)| ((*file).to_owned(), (*text).to_owned())).collect();
    let written = write(&args.path, &files)?;
    let next = next_steps(&args.path, &manifest, &there);
    let mut text = written.iter().map(|file| format!("wrote {file}\n")).collect::<String>();
    for (file, ..) in &there {
        let _ = writeln!(text, "left {file} as it is");
    }
    let _ = write!(text, "\nnext:\n  {}", next.join("\n  "));
    session.output.result(&Report { written: &written, next: &next }, &text);
    Ok(ExitCode::Success)
}

#[derive(Serialize)]
struct Report<'a> {
    written: &'a [String],
    next: &'a [String],
}

/// A folder that has revisions does not want a first one.
fn wanted(root: &Path, file: &str) -> bool {
    !file.starts_with("migrations/") || root.join(file).exists() || !root.join("migrations").exists()
}

fn next_steps(root: &Path, manifest: &str, there: &[(&str, &str, &str)]) -> Vec<String> {
    let mut steps = Vec::new();
    if !manifest.contains("hardtack-build") {
        steps.push("cargo add hardtack --no-default-features --features cli,tls".to_owned());
        steps.push("cargo add --build hardtack-build".to_owned());
        steps.push("cargo add clap --features derive && cargo add tokio --features rt,macros".to_owned());
    }
    let bakes = |text: &str| text.contains("hardtack_build::bake") || text.contains("hardtack::embed!");
    let done = |file: &str| std::fs::read_to_string(root.join(file)).is_ok_and(|text| bakes(&text));
    for (file, _, advice) in there.iter().filter(|(file, _, advice)| !advice.is_empty() && !done(file)) {
        steps.push(format!("{file}: {advice}"));
    }
    steps.push(
        "in src/main.rs: `mod database;`, flatten `database::Arguments`, nest `database::Command` as `db`"
            .to_owned(),
    );
    steps.push("DATABASE_URL=postgres://... cargo run -- --migrate-only".to_owned());
    steps
}
