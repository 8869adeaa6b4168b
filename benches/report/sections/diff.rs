use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::Bench;
use super::peers::find;
use crate::Result;
use crate::file::Section;
use crate::process::server_program;
use crate::statistics::{Sample, Series, alternate};
use crate::table::Table;

/// Reading a catalog, and the way from one to another with ten differences.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let mut table = Table::new(&["tables", "peer", "n", "wall ms", "wall / pg_dump", "wall / migra"]);
    for size in bench.arguments.sizes(&[100, 1000, 10_000]) {
        let peers = Peers::prepare(bench, size)?;
        let series = peers.measure()?;
        let migra = series.iter().find(|one| one.name == "migra");
        for one in &series {
            table.row([
                size.to_string(),
                one.name.clone(),
                one.samples.len().to_string(),
                one.wall(),
                one.ratio(&series[0]),
                migra.map_or_else(|| "–".to_owned(), |migra| one.ratio(migra)),
            ]);
        }
        peers.end()?;
    }
    Ok(Section::new(format!(
        "## Catalogs\n\nTables of six columns with a primary key, an index, a check and a foreign key. pg_dump: \
         `pg_dump -s` of the first database; read: its catalog, read and put together within this process, connecting \
         included; diff: `hardtack diff` of two databases with ten differences, the whole process; migra: the same \
         with `migra --unsafe`, where it is found.\n\n{table}"
    ))
    .plot("Catalogs, times pg_dump -s", &table, &[0, 1], 4))
}

const DATABASES: [&str; 2] = ["catalog_one", "catalog_other"];

struct Peers<'a> {
    bench: &'a Bench,
    size: usize,
    pg_dump: PathBuf,
    migra: Option<PathBuf>,
}

impl<'a> Peers<'a> {
    fn prepare(bench: &'a Bench, size: usize) -> Result<Self> {
        for database in DATABASES {
            bench.durable.create(database)?;
            for batch in (0..size).collect::<Vec<_>>().chunks(500) {
                let statements: String = batch.iter().map(|&number| table(number)).collect();
                bench.durable.execute(database, &statements)?;
            }
        }
        bench.durable.execute(DATABASES[1], DIFFERENCES)?;
        bench.durable.checkpoint()?;
        Ok(Self { bench, size, pg_dump: server_program("pg_dump")?, migra: find("migra") })
    }

    fn measure(&self) -> Result<Vec<Series>> {
        let rounds = self.bench.arguments.rounds(if self.size > 1000 { 5 } else { 15 });
        let mut names = vec!["pg_dump", "read", "diff"];
        names.extend(self.migra.as_ref().map(|_| "migra"));
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        alternate(rounds, &names, |peer| self.run(&names[peer]))
    }

    fn run(&self, peer: &str) -> Result<Sample> {
        let [one, other] = DATABASES.map(|database| self.bench.durable.url(database));
        match (peer, &self.migra) {
            ("read", _) => {
                let started = Instant::now();
                let objects = self.bench.durable.objects(DATABASES[0])?;
                let wall = started.elapsed();
                if objects < self.size * 9 {
                    return Err(format!("{} tables have {objects} objects only", self.size).into());
                }
                Ok(Sample { wall, cpu: None })
            }
            ("diff", _) => {
                let program = Path::new(env!("CARGO_BIN_EXE_hardtack"));
                self.bench
                    .timed(self.bench.command(program, &one).args(["diff", &one, &other, "--format", "json"]))
            }
            ("migra", Some(migra)) => self.bench.timed(&mut self.migra(migra)),
            _ => self.bench.timed(self.bench.command(&self.pg_dump, &one).args(["-s", "-d", &one])),
        }
    }

    /// It says by its status that there are differences, and its driver takes a socket as a parameter only.
    fn migra(&self, program: &Path) -> Command {
        let socket = self.bench.durable.socket();
        let directory = socket.parent().unwrap_or(&socket).display();
        let [one, other] = DATABASES.map(|name| format!("postgresql://postgres@/{name}?host={directory}"));
        let mut command = self.bench.command(Path::new("/bin/sh"), &one);
        command.args(["-c", r#""$0" --unsafe "$1" "$2" || [ $? -eq 2 ]"#]).arg(program).args([one, other]);
        command
    }

    fn end(self) -> Result<()> {
        DATABASES.into_iter().try_for_each(|database| self.bench.durable.drop(database))
    }
}

fn table(number: usize) -> String {
    let parent =
        number.checked_sub(1).map(|parent| format!(" references t{parent} (id)")).unwrap_or_default();
    format!(
        "create table t{number} (id bigint primary key, name text not null, amount numeric(10, 2) default 0, created_at \
         timestamptz not null default now(), kind integer check (kind > 0), parent_id bigint{parent});\n\
         create index t{number}_name_idx on t{number} (name);\n"
    )
}

const DIFFERENCES: &str = "alter table t1 add column extra text; alter table t2 drop column amount; \
    alter table t3 alter column name type varchar(100); create index on t4 (kind); drop index t5_name_idx; \
    create table fresh (id integer primary key); alter table t6 alter column kind set not null; \
    alter table t7 add constraint enough check (amount >= 0); create view shown as select id, name from t8; \
    alter table t9 alter column amount set default 1;";
