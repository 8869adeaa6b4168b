use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use hardtack::backup::{Place, Strategy};
use hardtack::engine::BackupOptions;
use hardtack::engine::deploy::{Deploy, DeployOptions, StageOutcome};
use hardtack::history::WayBack;
use hardtack::{RevisionSet, Target, UpgradeOptions};
use tokio::process::Child;

use crate::support::{Folder, Output, TestDatabase, hardtack, hardtack_command, pg_bin};

/// What is there: two tables with rows, and a check that holds.
pub(super) const SHOP: &str =
    "-- hardtack: check \"nobody\" select not exists (select from customers where name = 'nobody')
create table customers (id bigint primary key, name text not null, note text);
create table orders (id bigint primary key, customer bigint not null references customers, total int);
create index orders_total on orders (total);
insert into customers select n, 'customer ' || n, 'note ' || n from generate_series(1, 500) n;
insert into orders select n, n, n * 10 from generate_series(1, 500) n;";

/// Loses data, which its down cannot bring back.
pub(super) const FORGET: [(&str, &str); 2] = [
    (
        "V2__forget_notes.sql",
        "-- hardtack: allow ban-drop-column \"nobody reads them\"\nalter table customers drop column note;",
    ),
    ("V2__forget_notes.down.sql", "alter table customers add column note text;"),
];

/// Does what the trap of the deploy's stage says.
const SPRING: &str = "do $$ declare trap record; begin
    for trap in select t.* from hardtack.traps t join hardtack.deploy d on d.stage = t.stage where d.finished_at is null loop
        if trap.what = 'sleeps' then perform pg_sleep(60); end if;
        if trap.what = 'fails' then raise exception 'trapped'; end if;
    end loop; end $$;";

/// A check that is asked again by the stage of the checks.
const CHECK: &str = "-- hardtack: check \"not trapped\" select not exists ( \
    select from hardtack.traps t join hardtack.deploy d on d.stage = t.stage where d.finished_at is null \
    and t.stage = 'checks' and (t.what = 'fails' or pg_sleep(60) is not null))";

/// How the deploys ended: their last stage, and the outcome.
pub(super) const ENDED: &str =
    "select stage || ' ' || coalesce(outcome, 'open') from hardtack.deploy order by id";

/// A database with rows, and a folder with two revisions that are to be deployed.
pub(super) struct Shop {
    pub(super) database: TestDatabase,
    pub(super) folder: Folder,
}

/// All that must be as before: the catalog, and the rows of every table but hardtack's own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) fingerprint: String,
    rows: Vec<String>,
}

/// A deploy in a process of its own.
pub(super) struct Process(Child);

impl Shop {
    pub(super) async fn new() -> Self {
        Self::with(TestDatabase::empty().await).await
    }

    pub(super) async fn with(database: TestDatabase) -> Self {
        let folder = Folder::new(&[("V1__shop.sql", SHOP), FORGET[0], FORGET[1]]);
        let third = format!(
            "{CHECK}\n{SPRING}\ncreate table tags (id int primary key, name text);\n\
            insert into tags values (1, 'new');"
        );
        folder.write("V3__tags.sql", &third);
        folder.write("V3__tags.down.sql", &format!("{SPRING}\ndrop table tags;"));
        let shop = Self { database, folder };
        let first = UpgradeOptions { target: Target::Version(1), ..UpgradeOptions::default() };
        shop.database.migrator(&shop.revisions()).upgrade(first).await.unwrap();
        shop.database.execute("create table hardtack.traps (stage text, what text)").await;
        shop
    }

    pub(super) fn revisions(&self) -> RevisionSet {
        self.folder.revisions()
    }

    /// With backups in the folder, and an application that is well.
    pub(super) fn options(&self, strategy: Option<Strategy>) -> DeployOptions {
        let place = || Place::Directory(self.folder.path().join("backups"));
        let backup = strategy
            .map(|strategy| BackupOptions { programs: pg_bin(), ..BackupOptions::new(strategy, place()) });
        DeployOptions { backup, way_back: WayBack::Stop, ..DeployOptions::default() }
    }

    pub(super) async fn deploy(&self, options: &DeployOptions) -> Deploy {
        self.database.migrator(&self.revisions()).deploy(options).await.unwrap()
    }

    /// In that stage, that happens: `fails` or `sleeps`.
    pub(super) async fn trap(&self, stage: &str, what: &str) {
        self.database.execute(&format!("insert into hardtack.traps values ('{stage}', '{what}')")).await;
    }

    /// Takes all traps away, and wakes whoever sleeps in one.
    pub(super) async fn untrap(&self) {
        self.database
            .execute(
                "delete from hardtack.traps; select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = current_database() and wait_event = 'PgSleep'",
            )
            .await;
    }

    /// Runs the command to its end.
    pub(super) fn command(&self, arguments: &[&str]) -> Output {
        let arguments = [&["deploy", "--dir", "."], arguments].concat();
        hardtack(self.folder.path(), Some(&self.database.url()), &arguments)
    }

    /// Starts the command.
    pub(super) fn start(&self, arguments: &[&str]) -> Process {
        let mut command = tokio::process::Command::from(hardtack_command(self.folder.path()));
        command.env("DATABASE_URL", self.database.url()).args(["deploy", "--dir", "."]).args(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        Process(command.spawn().unwrap())
    }

    /// Waits until a deploy is at that stage.
    pub(super) async fn reaches(&self, stage: &str) {
        // The table comes with the first one.
        self.database.wait_for("select to_regclass('hardtack.deploy') is not null").await;
        let at = format!(
            "select exists (select from hardtack.deploy where stage = '{stage}' and finished_at is null)"
        );
        self.database.wait_for(&at).await;
    }

    pub(super) async fn state(&self) -> State {
        let fingerprint = self.database.migrator(&self.revisions()).catalog().await.unwrap().fingerprint();
        State { fingerprint, rows: row_hashes(&self.database).await }
    }
}

/// Each table of an application, and of its history, with the number and the hash of its rows as ordered text.
pub(super) async fn row_hashes(database: &TestDatabase) -> Vec<String> {
    let tables = database
        .column(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' \
             and n.nspname not in ('hardtack', 'information_schema') order by 1",
        )
        .await;
    let mut hashes = Vec::new();
    for table in tables {
        let hash = format!(
            "select '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '-') \
             from {table} t"
        );
        hashes.push(database.value(&hash).await);
    }
    hashes
}

/// Each stage with what came of it.
pub(super) fn outcomes(deploy: &Deploy) -> Vec<String> {
    let word = |outcome: &StageOutcome| match outcome {
        StageOutcome::Passed => "ok",
        StageOutcome::Failed => "failed",
        StageOutcome::Skipped { .. } => "skipped",
    };
    deploy.stages.iter().map(|stage| format!("{} {}", stage.stage, word(&stage.outcome))).collect()
}

impl Process {
    pub(super) async fn kill(&mut self) {
        self.0.kill().await.unwrap();
    }

    /// Asks it to stop.
    pub(super) fn terminate(&self) {
        let pid = self.0.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    pub(super) async fn wait(mut self) -> i32 {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.0.wait()).await;
        let status: ExitStatus = ended.expect("it ends").unwrap();
        status.code().unwrap_or(-1)
    }
}
