//! The crash walk: at every message of a run, before and after the server got it, something breaks; then the run is
//! started again, and the database is as if nothing had happened, each statement done once.
//!
//! The suite walks over a part of the points; all of them, with a summary:
//! `HARDTACK_CRASH_WALK=full cargo test --test integration crash_walk -- --nocapture`.

use std::collections::BTreeMap;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::support::{
    CRASHES, Cluster, FaultProxy, Folder, Moment, TestDatabase, cluster, crashing_cluster, hardtack,
    hardtack_command,
};

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// SIGKILL of the process.
    Kill,
    /// Every TCP connection is cut.
    Cut,
    /// `pg_terminate_backend` of all its sessions.
    Terminate,
    /// The server crashes and recovers.
    Crash,
}

/// A run to walk over.
struct Run {
    name: &'static str,
    folder: Folder,
    arguments: &'static [&'static str],
    /// The database to start from.
    template: Option<String>,
    /// What a run without a fault leaves.
    clean: State,
    /// How many messages a run without a fault sends.
    points: usize,
}

/// All that must be as if nothing had happened.
#[derive(Debug, PartialEq, Eq)]
struct State {
    catalog: Vec<String>,
    /// What each statement of the histories that can say so has left.
    marks: Vec<String>,
    applied: Vec<String>,
    /// The steps that succeeded, each once.
    steps: Vec<String>,
    unfinished: Vec<String>,
}

/// A history with every kind of step. Each statement that can leaves a mark, twice if it is done twice.
const KINDS: [(&str, &str); 8] = [
    (
        "V1__things.sql",
        "create table things (id int generated always as identity, name text);
         insert into marks values ('V1 up');",
    ),
    ("V1__things.down.sql", "drop table things; insert into marks values ('V1 down');"),
    (
        "V2__indexes.sql",
        "-- hardtack: no-transaction
         -- hardtack: check-before \"nothing is done\" select to_regclass('more') is null
         -- hardtack: check \"all is done\" select to_regclass('more') is not null
         -- hardtack: unchanged \"things\" select count(*) from things
         set statement_timeout = '1min';
         insert into marks values ('V2 up 1');
         create index concurrently things_name on things (name);
         insert into marks values ('V2 up 2');
         begin;
         insert into marks values ('V2 up 3');
         create table more (id int);
         commit;
         create index concurrently if not exists things_id on things (id);
         drop index concurrently things_id;
         vacuum things;
         insert into marks values ('V2 up 4');",
    ),
    (
        "V2__indexes.down.sql",
        "-- hardtack: no-transaction
         insert into marks values ('V2 down 1');
         drop index concurrently things_name;
         drop table more;
         insert into marks values ('V2 down 2');",
    ),
    (
        "V3__parts.sql",
        "-- hardtack: check-before \"no parts\" select to_regclass('parts') is null
         -- hardtack: check \"one part\" select count(*) = 1 from parts
         create table parts (id int) partition by range (id);
         create table parts_1 partition of parts for values from (0) to (9);
         insert into parts values (1);
         insert into marks values ('V3 up');",
    ),
    ("V3__parts.down.sql", "drop table parts; insert into marks values ('V3 down');"),
    (
        "V4__detach.sql",
        "-- hardtack: no-transaction
         alter table parts detach partition parts_1 concurrently;
         insert into marks values ('V4 up');",
    ),
    (
        "V4__detach.down.sql",
        "alter table parts attach partition parts_1 for values from (0) to (9);
         insert into marks values ('V4 down');",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_walk() {
    let full = std::env::var("HARDTACK_CRASH_WALK").is_ok_and(|value| value == "full");
    let mut summary = BTreeMap::new();
    for run in [upgrade().await, downgrade().await, reference().await] {
        // A server that crashes takes everybody along.
        let (crashes, others): (Vec<_>, Vec<_>) =
            trials(run.points, full).into_iter().partition(|(_, _, fault)| *fault == Fault::Crash);
        for (trials, at_once) in [(others, 4), (crashes, 1)] {
            let run = &run;
            let results = stream::iter(trials)
                .map(|(point, moment, fault)| async move {
                    (moment, fault, trial(run, point, moment, fault).await)
                })
                .buffer_unordered(at_once);
            for (moment, fault, survived) in results.collect::<Vec<_>>().await {
                let row: &mut (usize, usize) =
                    summary.entry((run.name, run.points, fault, format!("{moment:?}"))).or_default();
                row.0 += 1;
                row.1 += usize::from(survived);
            }
        }
    }
    let (mut tried, mut survived) = (0, 0);
    println!(
        "| run | messages | fault | moment | tried | recovered |\n| --- | --- | --- | --- | --- | --- |"
    );
    for ((name, points, fault, moment), (trials, survivors)) in summary {
        println!("| {name} | {points} | {fault:?} | {moment} | {trials} | {survivors} |");
        tried += trials;
        survived += survivors;
    }
    assert!(tried > 20, "{tried}");
    assert_eq!(survived, tried, "see above what did not recover");
}

/// The points of a walk: all of them, or so many that the suite stays quick, spread over the run.
fn trials(points: usize, full: bool) -> Vec<(usize, Moment, Fault)> {
    let mut trials = Vec::new();
    for (number, (fault, moment)) in [Fault::Kill, Fault::Cut, Fault::Terminate, Fault::Crash]
        .into_iter()
        .flat_map(|fault| [(fault, Moment::Before), (fault, Moment::After)])
        .enumerate()
    {
        let every = match (full, fault) {
            (true, Fault::Crash) => 4,
            (true, _) => 1,
            (false, Fault::Crash) => points / 2,
            (false, _) => points / 7,
        };
        let offset = number * 3 % every.max(1);
        trials.extend((offset..points).step_by(every.max(1)).map(|point| (point, moment, fault)));
    }
    trials
}

/// Breaks one run at one point and starts it again.
async fn trial(run: &Run, point: usize, moment: Moment, fault: Fault) -> bool {
    let (place, _alone) = match fault {
        Fault::Crash => (crashing_cluster(), Some(CRASHES.lock().await)),
        _ => (cluster(), None),
    };
    let database = run.database(place).await;
    let proxy = FaultProxy::start(place.socket(), point, moment).await;
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
        proxy.port,
        database.options.database()
    );
    let mut child = run.start(&url);
    let reached = tokio::time::timeout(Duration::from_secs(30), proxy.reached()).await;
    if reached.is_ok() {
        strike(&mut child, &proxy, &database, fault).await;
    }
    let ended = ended(&mut child).await;
    if ended.is_none() {
        child.kill().unwrap();
    }
    if fault == Fault::Crash {
        database.wait_until_up().await;
    }
    let (folder, again) = (run.folder.path().to_owned(), database.url());
    let arguments = [run.arguments, &["--lock-wait", "30s"]].concat();
    let rerun =
        tokio::task::spawn_blocking(move || hardtack(&folder, Some(&again), &arguments)).await.unwrap();
    let state = State::of(&database).await;
    let recovered = reached.is_ok() && ended.is_some() && rerun.code == 0 && state == run.clean;
    if !recovered {
        println!("{} {fault:?} {moment:?} message {point}: {}", run.name, database.options.database());
        println!("ended {ended:?}, reached {reached:?}; then {} {}", rerun.code, rerun.stderr);
        println!("left {state:?}\nwanted {:?}", run.clean);
    }
    recovered
}

async fn strike(child: &mut Child, proxy: &FaultProxy, database: &TestDatabase, fault: Fault) {
    let sessions = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    match fault {
        Fault::Kill => child.kill().unwrap(),
        Fault::Cut => proxy.cut(),
        Fault::Terminate => {
            database.execute(&format!("select pg_terminate_backend(pid) {sessions}")).await;
            proxy.flow();
        }
        Fault::Crash => {
            // One session dies of it, and the server takes all others down and recovers.
            let (victim, witness) = (database.connect().await, database.connect().await);
            let pid = victim.client.query_one("select pg_backend_pid()", &[]).await.unwrap().get::<_, i32>(0);
            let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            assert!(killed.unwrap().success());
            witness.closed().wait().await;
            proxy.flow();
        }
    }
}

/// Waits for a run that was struck; it must neither hang nor need anybody.
async fn ended(child: &mut Child) -> Option<ExitStatus> {
    for _ in 0..1500 {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

/// A partition is detached concurrently from 14 on.
fn kinds() -> Folder {
    Folder::new(if cluster().major() < 14 { &KINDS[..6] } else { &KINDS })
}

async fn upgrade() -> Run {
    let database = TestDatabase::empty().await;
    database.execute("create table marks (what text)").await;
    Run::of("upgrade of every kind", kinds(), &["upgrade", "--dir", "."], Some(database)).await
}

async fn downgrade() -> Run {
    let database = TestDatabase::empty().await;
    database.execute("create table marks (what text)").await;
    let folder = kinds();
    let done = hardtack(folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    database.execute("truncate marks, hardtack.step").await;
    let arguments = &["downgrade", "--to", "0", "--yes", "--dir", "."];
    Run::of("downgrade of every kind", folder, arguments, Some(database)).await
}

async fn reference() -> Run {
    Run::of("reference application", Folder::new(&[]), &["upgrade"], None).await
}

impl Run {
    async fn of(
        name: &'static str,
        folder: Folder,
        arguments: &'static [&'static str],
        template: Option<TestDatabase>,
    ) -> Self {
        let template = template.map(|database| database.options.database().to_owned());
        let clean = State::default();
        let mut run = Self { name, folder, arguments, template, clean, points: 0 };
        let database = run.database(cluster()).await;
        let proxy = FaultProxy::start(cluster().socket(), usize::MAX, Moment::Before).await;
        let url = format!(
            "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
            proxy.port,
            database.options.database()
        );
        let mut child = run.start(&url);
        assert!(ended(&mut child).await.is_some_and(|status| status.success()), "{name}");
        run.points = proxy.seen();
        run.clean = State::of(&database).await;
        run
    }

    fn start(&self, url: &str) -> Child {
        let mut command = hardtack_command(self.folder.path());
        command.args(self.arguments).env("DATABASE_URL", url);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    }

    /// A database where the run has not begun.
    async fn database(&self, place: &'static Cluster) -> TestDatabase {
        let Some(template) = self.template.as_deref() else {
            return TestDatabase::create_in(place, "template template0").await;
        };
        if place.is(cluster()) {
            return TestDatabase::create_in(place, &format!("template {template}")).await;
        }
        // Elsewhere it is brought to the same point by the same steps.
        let database = TestDatabase::create_in(place, "template template0").await;
        database.execute("create table marks (what text)").await;
        if self.arguments[0] == "downgrade" {
            let done = hardtack(self.folder.path(), Some(&database.url()), &["upgrade", "--dir", "."]);
            assert_eq!(done.code, 0, "{}", done.stderr);
            database.execute("truncate marks, hardtack.step").await;
        }
        // The cluster commits asynchronously, and the crash is to take nothing of this along.
        database.execute("checkpoint").await;
        database
    }
}

impl Default for State {
    fn default() -> Self {
        let [catalog, marks, applied, steps, unfinished] = [const { Vec::new() }; 5];
        Self { catalog, marks, applied, steps, unfinished }
    }
}

impl State {
    async fn of(database: &TestDatabase) -> Self {
        let migrator = database.migrator(&hardtack::RevisionSet::from_revisions(Vec::new()));
        let objects = migrator.catalog().await.unwrap().objects;
        Self {
            catalog: objects.iter().map(|(id, object)| format!("{id} {:?}", object.definition)).collect(),
            marks: rows(database, "marks", "what", "").await,
            applied: rows(database, "refinery_schema_history", "version", "").await,
            steps: rows(database, "hardtack.step", "version || direction", "where error is null").await,
            unfinished: rows(database, "hardtack.unfinished", "version", "").await,
        }
    }
}

/// The sorted rows of a table; none where there is no such table.
async fn rows(database: &TestDatabase, table: &str, what: &str, condition: &str) -> Vec<String> {
    if database.value(&format!("select to_regclass('{table}') is null")).await == "t" {
        return Vec::new();
    }
    database.column(&format!("select {what} from {table} {condition} order by 1")).await
}
