use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Bench;
use crate::Result;
use crate::delay::Distance;
use crate::file::Section;
use crate::krate::{Tool, write_if_changed};
use crate::process::clean_command;
use crate::statistics::{Series, alternate};
use crate::table::Table;
use crate::workload::{Revision, history};

/// Where `benches/peers` has put the programs; otherwise they are looked for on the path.
const FOLDER: &str = "HARDTACK_BENCH_PEERS";

const DATABASE: &str = "peers";

/// Command line tools that apply the same history, as far as they are found.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let head = ["revisions", "peer", "n", "wall ms", "wall / hardtack"];
    let (mut applied, mut nothing) = (Table::new(&head), Table::new(&head));
    let mut missing = Vec::new();
    for size in bench.arguments.sizes(&[10, 100]) {
        let (peers, not_found) = Peers::prepare(bench, size)?;
        missing = not_found;
        let (from_empty, again) = peers.measure()?;
        for (series, table) in [(from_empty, &mut applied), (again, &mut nothing)] {
            for one in &series {
                let n = one.samples.len().to_string();
                table.row([size.to_string(), one.name.clone(), n, one.wall(), one.ratio(&series[0])]);
            }
        }
    }
    let missing = if missing.is_empty() {
        String::new()
    } else {
        format!(" Not found, and so not measured: {}.", missing.join(", "))
    };
    Ok(Section::new(format!(
        "## Command line peers\n\nThe whole process, each as its manual says, on a database on disk after a checkpoint. Over the Unix socket, \
         but for Liquibase, which has none and starts a Java machine.{missing}\n\n### From an empty database\n\n{applied}\n### With nothing pending\n\n{nothing}"
    ))
    .plot("From an empty database, times hardtack", &applied, &[0, 1], 4)
    .plot("With nothing pending, times hardtack", &nothing, &[0, 1], 4))
}

/// A tool, by the name of its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Hardtack,
    Refinery,
    Sqlx,
    Diesel,
    Dbmate,
    Alembic,
    Liquibase,
}

impl Peer {
    const ALL: [Self; 7] = [
        Self::Hardtack,
        Self::Refinery,
        Self::Sqlx,
        Self::Diesel,
        Self::Dbmate,
        Self::Alembic,
        Self::Liquibase,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Hardtack => "hardtack",
            Self::Refinery => "refinery",
            Self::Sqlx => "sqlx",
            Self::Diesel => "diesel",
            Self::Dbmate => "dbmate",
            Self::Alembic => "alembic",
            Self::Liquibase => "liquibase",
        }
    }

    /// Where it counts what it has applied.
    fn history(self) -> &'static str {
        match self {
            Self::Hardtack | Self::Refinery => super::HISTORY,
            Self::Sqlx => "_sqlx_migrations",
            Self::Diesel => "__diesel_schema_migrations",
            Self::Dbmate => "schema_migrations",
            Self::Alembic => "alembic_version",
            Self::Liquibase => "databasechangelog",
        }
    }

    /// The revisions as this tool wants them.
    fn lay_out(self, folder: &Path, revisions: &[Revision]) -> Result<()> {
        let mut changelog = "--liquibase formatted sql\n".to_owned();
        for Revision { version, name, up, down } in revisions {
            let write = |file: &str, text: &str| write_if_changed(&folder.join(file), text);
            match self {
                Self::Hardtack | Self::Refinery => {}
                Self::Sqlx => write(&format!("{version:04}_{name}.sql"), up)?,
                Self::Diesel => {
                    write(&format!("{version:04}_{name}/up.sql"), up)?;
                    write(&format!("{version:04}_{name}/down.sql"), down)?;
                }
                Self::Dbmate => write(
                    &format!("{version:04}_{name}.sql"),
                    &format!("-- migrate:up\n{up}\n-- migrate:down\n{down}"),
                )?,
                Self::Alembic => {
                    let before = if *version == 1 { "None".to_owned() } else { format!("'{}'", version - 1) };
                    write(
                        &format!("versions/{version:04}_{name}.py"),
                        &format!(
                            "from alembic import op\n\nrevision = '{version}'\ndown_revision = {before}\n\n\ndef upgrade():\n    \
                             op.execute(\"\"\"{up}\"\"\")\n\n\ndef downgrade():\n    op.execute(\"\"\"{down}\"\"\")\n"
                        ),
                    )?;
                }
                Self::Liquibase => {
                    changelog += &format!("--changeset bench:{version}\n{up}--rollback {down}");
                }
            }
        }
        match self {
            Self::Alembic => {
                write_if_changed(&folder.join("env.py"), ALEMBIC)?;
                let settings = format!("[alembic]\nscript_location = {}\n", folder.display());
                write_if_changed(&folder.join("alembic.ini"), &settings)
            }
            Self::Liquibase => write_if_changed(&folder.join("changelog.sql"), &changelog),
            _ => Ok(()),
        }
    }
}

const ALEMBIC: &str = "import os\n\nfrom alembic import context\nfrom sqlalchemy import create_engine, pool\n\n\
    engine = create_engine(os.environ['DATABASE_URL'], poolclass=pool.NullPool)\n\
    with engine.connect() as connection:\n    \
        context.configure(connection=connection, transaction_per_migration=True)\n    \
        with context.begin_transaction():\n        context.run_migrations()\n";

struct Peers<'a> {
    bench: &'a Bench,
    size: usize,
    found: Vec<(Peer, PathBuf)>,
    proxy: Distance,
}

impl<'a> Peers<'a> {
    /// Those that are there, and the names of the others.
    fn prepare(bench: &'a Bench, size: usize) -> Result<(Self, Vec<&'static str>)> {
        let own = bench.workload_programs(&[("hardtack", Tool::Ours), ("refinery", Tool::Refinery)], size)?;
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for peer in Peer::ALL {
            let program = match peer {
                Peer::Hardtack => own.first().cloned(),
                Peer::Refinery => own.get(1).cloned(),
                _ => find(peer.name()),
            };
            let Some(program) = program else {
                missing.push(peer.name());
                continue;
            };
            peer.lay_out(&Self::folder(bench, size, peer), &history(size))?;
            found.push((peer, program));
        }
        let proxy = Distance::before(bench.durable.socket(), Duration::ZERO)?;
        Ok((Self { bench, size, found, proxy }, missing))
    }

    fn folder(bench: &Bench, size: usize, peer: Peer) -> PathBuf {
        bench.workspace.path(format!("peers-{size}")).join(peer.name())
    }

    /// From an empty database, and at once again with nothing to do.
    fn measure(&self) -> Result<(Vec<Series>, Vec<Series>)> {
        let names: Vec<String> = self.found.iter().map(|(peer, _)| peer.name().to_owned()).collect();
        let cluster = &self.bench.durable;
        let rounds = self.bench.arguments.rounds(9);
        let mut again: Vec<Vec<_>> = names.iter().map(|_| Vec::new()).collect();
        let from_empty = alternate(rounds, &names, |index| {
            let peer = self.found[index].0;
            cluster.create(DATABASE)?;
            cluster.checkpoint()?;
            let sample = self.bench.timed(&mut self.command(index))?;
            // alembic keeps the newest alone.
            let expected = if peer == Peer::Alembic { 1 } else { self.size };
            cluster.expect_rows(DATABASE, peer.history(), expected)?;
            again[index].push(self.bench.timed(&mut self.command(index))?);
            cluster.drop(DATABASE)?;
            Ok(sample)
        })?;
        let again = names.into_iter().zip(again).map(|(name, samples)| Series { name, samples });
        Ok((from_empty, again.collect()))
    }

    fn command(&self, index: usize) -> Command {
        let (peer, program) = &self.found[index];
        let folder = Self::folder(self.bench, self.size, *peer);
        let url = self.bench.durable.url(DATABASE);
        let mut command = match peer {
            Peer::Hardtack => return self.bench.boot_command(program, Tool::Ours, &url),
            Peer::Refinery => return self.bench.boot_command(program, Tool::Refinery, &url),
            _ => clean_command(program, &self.bench.workspace.path("empty")),
        };
        command.env("DATABASE_URL", &url);
        match peer {
            Peer::Sqlx => command.args(["migrate", "run", "--source"]).arg(folder),
            Peer::Diesel => command.args(["migration", "run", "--migration-dir"]).arg(folder),
            Peer::Dbmate => {
                let socket = self.bench.durable.socket();
                let directory = socket.parent().unwrap_or(Path::new("/")).display();
                let url = format!("postgres://{}@/{DATABASE}?socket={directory}", self.bench.durable.user());
                command.args(["--url", &url, "--no-dump-schema", "-d"]).arg(folder).arg("migrate")
            }
            Peer::Alembic => {
                let directory = self.bench.durable.socket();
                let port =
                    directory.extension().map(|port| port.to_string_lossy().into_owned()).unwrap_or_default();
                let directory = directory.parent().unwrap_or(Path::new("/")).display();
                let url = format!(
                    "postgresql+psycopg://{}@/{DATABASE}?host={directory}&port={port}",
                    self.bench.durable.user()
                );
                command
                    .env("DATABASE_URL", url)
                    .arg("-c")
                    .arg(folder.join("alembic.ini"))
                    .args(["upgrade", "head"])
            }
            _ => {
                let url =
                    format!("jdbc:postgresql://127.0.0.1:{}/{DATABASE}?sslmode=disable", self.proxy.port);
                let user = self.bench.durable.user();
                command.current_dir(&folder).args([
                    "--changelog-file=changelog.sql",
                    &format!("--url={url}"),
                    &format!("--username={user}"),
                    "--password=",
                    "update",
                ])
            }
        };
        command
    }
}

/// In the peers' folder, or on the path.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let chosen = std::env::var_os(FOLDER).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = chosen.into_iter().chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(program)).find(|program| program.is_file())
}
