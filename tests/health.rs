//! What a process that serves says of itself, over HTTP.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Folder, GATE, SLEEPING, TestDatabase, hardtack_command, patiently};

/// `serve` on a free port.
struct Served {
    child: Child,
    address: String,
    stderr: std::thread::JoinHandle<String>,
}

impl Served {
    fn start(folder: &Folder, url: &str, arguments: &[&str]) -> Self {
        Self::run(hardtack_command(folder.path()).args(arguments), url)
    }

    /// The same under somebody who wants to be told.
    #[cfg(feature = "systemd")]
    fn start_notifying(folder: &Folder, url: &str, socket: &std::path::Path) -> Self {
        let mut command = hardtack_command(folder.path());
        Self::run(command.args(["--dir", "."]).env("NOTIFY_SOCKET", socket), url)
    }

    fn run(command: &mut Command, url: &str) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0"]).env("DATABASE_URL", url);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on http://").expect(&first).to_owned();
        let stderr = std::thread::spawn(move || {
            let mut text = first;
            while lines.read_line(&mut text).is_ok_and(|read| read > 0) {}
            text
        });
        Self { child, address, stderr }
    }

    /// The status and the body.
    async fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = get(&self.address, path).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    async fn is_ready(&self) -> bool {
        self.get("/health/ready").await.0 == 200
    }

    async fn until_ready(&self) {
        self.until_ready_is(true).await;
    }

    async fn until_ready_is(&self, wanted: bool) {
        patiently(async || match self.is_ready().await {
            is_ready if is_ready == wanted => Ok(()),
            is_ready => Err(format!("ready: {is_ready}")),
        })
        .await;
    }

    /// What it tells of migrations, once that is so.
    async fn told(&self, is_so: impl Fn(&Value) -> bool) -> (u16, Value) {
        patiently(async || match self.get("/health/migrations").await {
            (status, full) if is_so(&full) => Ok((status, full)),
            (_, full) => Err(full.to_string()),
        })
        .await
    }

    /// Asks it to end; its exit code, and what it said.
    async fn end(mut self) -> (Option<i32>, String) {
        signal(&self.child, "-TERM");
        let ended = tokio::task::spawn_blocking(move || {
            (self.child.wait().unwrap().code(), self.stderr.join().unwrap())
        });
        ended.await.unwrap()
    }
}

fn signal(child: &Child, signal: &str) {
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
}

async fn get(address: &str, path: &str) -> (u16, String) {
    send(address, &format!("GET {path}"), &[], "").await
}

async fn send(address: &str, what: &str, headers: &[String], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// The same over one connection, so that many requests cost nothing but themselves.
async fn ask(stream: &mut TcpStream, path: &str) -> u16 {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "it hung up");
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            return head.split(' ').nth(1).unwrap().parse().unwrap();
        }
    }
}

#[tokio::test]
async fn a_long_migration_is_alive_and_started_and_not_ready() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__one.sql", "create table one ();"),
        ("V2__slow.sql", &format!("{GATE} select 'a secret value';")),
    ]);
    database.close_gate().await;
    let served = Served::start(&folder, &database.url(), &["--dir", "."]);
    database.wait_for(SLEEPING).await;
    assert_eq!(served.get("/health/live").await.0, 200);
    assert_eq!(served.get("/health/startup").await.0, 200);
    let (status, ready) = served.get("/health/ready").await;
    assert_eq!((status, ready["ok"].as_bool()), (503, Some(false)));
    assert_eq!(ready["reason"], "it migrates: V2__slow, 2 of 2");
    assert_eq!(ready["phase"]["name"], "migrating");
    let (status, full) = served.told(|full| full["current"] == 1).await;
    assert_eq!(status, 503);
    assert_eq!((&full["current"], &full["expected"]), (&Value::from(1), &Value::from(2)), "{full}");
    assert_eq!(full["pending"], serde_json::json!(["V2__slow"]));
    assert!(full["migrating_since"].is_string(), "{full}");
    database.open_gate().await;
    served.until_ready().await;
    // What was seen before is not told for what is.
    let (_, full) = served.told(|full| full["pending"] == serde_json::json!([])).await;
    assert!(full["last_applied_at"].is_string());
    let (code, said) = served.end().await;
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test]
async fn a_signal_during_the_start_ends_it_between_revisions() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__slow.sql", GATE), ("V2__two.sql", "select 1;")]);
    database.close_gate().await;
    let served = Served::start(&folder, &database.url(), &["--dir", "."]);
    database.wait_for(SLEEPING).await;
    let ((code, said), ()) = tokio::join!(served.end(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        database.open_gate().await;
    });
    assert_eq!(code, Some(8), "{said}");
    assert_eq!(database.applied().await, [1]);
}

#[tokio::test]
async fn a_storm_of_probes_costs_the_database_next_to_nothing() {
    let database = TestDatabase::reference().await;
    let folder = Folder::new(&[]);
    let served = Served::start(&folder, &database.url(), &[]);
    served.until_ready().await;
    // The first looks are over.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = statements(&database).await;
    let storms = (0..10).map(|worker| {
        let address = served.address.clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let paths = ["/health/ready", "/health/migrations", "/health/live", "/health/startup"];
            for request in 0..1_000 {
                assert_eq!(ask(&mut stream, paths[(worker + request) % paths.len()]).await, 200);
            }
        })
    });
    for storm in storms.collect::<Vec<_>>() {
        storm.await.unwrap();
    }
    let added = statements(&database).await - before;
    assert!(added <= 20, "{added} transactions for 10,000 probes");
    let (code, said) = served.end().await;
    assert_eq!(code, Some(0), "{said}");
}

/// Transactions of the database so far, each query being one; this one counts too.
async fn statements(database: &TestDatabase) -> i64 {
    // Sessions report what they have counted once they are idle for a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let count = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()";
    database.value(count).await.parse().unwrap()
}

/// Many replicas of a new release boot while one of the old serves, and the one that migrates is killed in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_replicas_become_ready_though_one_is_killed() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[
        ("V1__one.sql", "create table one (id bigint);"),
        ("V2__slow.sql", &format!("{GATE} insert into one values (1);")),
        ("V3__three.sql", "create table three ();"),
    ]);
    let older = Folder::new(&[("V1__one.sql", "create table one (id bigint);")]);
    let older = Served::start(&older, &database.url(), &["--dir", "."]);
    older.until_ready().await;
    database.close_gate().await;
    let mut replicas: Vec<Served> =
        (0..16).map(|_| Served::start(&folder, &database.url(), &["--dir", "."])).collect();
    database.wait_for(SLEEPING).await;
    // The one that migrates.
    let mut victim = None;
    for (place, replica) in replicas.iter().enumerate() {
        let (_, ready) = replica.get("/health/ready").await;
        if ready["phase"]["name"] == "migrating" {
            victim = Some(place);
        }
    }
    let mut killed = replicas.remove(victim.expect("one of them migrates"));
    signal(&killed.child, "-KILL");
    killed.child.wait().unwrap();
    database.open_gate().await;
    for replica in &replicas {
        replica.until_ready().await;
    }
    assert_eq!(database.applied().await, [1, 2, 3]);
    assert_eq!(database.value("select count(*) from one").await, "1");
    let ups = "select count(*) from hardtack.step where error is null";
    assert_eq!(database.value(ups).await, "3");
    assert_eq!(older.get("/health/ready").await.0, 200, "the older one serves on");
    let (code, said) = older.end().await;
    assert_eq!(code, Some(0), "{said}");
    for replica in replicas {
        let (code, said) = replica.end().await;
        assert_eq!(code, Some(0), "{said}");
    }
}

/// An older binary that serves meanwhile stays ready behind what does not break it, and is taken out behind what does.
#[tokio::test]
async fn an_older_binary_serves_on_until_a_revision_breaks_it() {
    let database = TestDatabase::empty().await;
    let older = Folder::new(&[("V1__one.sql", "create table one (id bigint, name text);")]);
    let served = Served::start(&older, &database.url(), &["--dir", "."]);
    served.until_ready().await;
    older.write("V2__two.sql", "alter table one add column more text;");
    database.migrator(&older.revisions()).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    let (status, full) = served.told(|full| full["ahead"][0].is_object()).await;
    assert_eq!((status, &full["ahead"][0]["is_compatible"]), (200, &Value::from(true)), "{full}");
    older.write(
        "V3__drop.sql",
        "-- hardtack: allow ban-drop-column \"unused since V2\"\nalter table one drop column name;",
    );
    database.migrator(&older.revisions()).upgrade(hardtack::UpgradeOptions::default()).await.unwrap();
    served.until_ready_is(false).await;
    let (_, ready) = served.get("/health/ready").await;
    assert_eq!(ready["reason"], "the schema is newer, and this binary is not known to work on it");
    assert_eq!(served.get("/health/live").await.0, 200);
    let (code, said) = served.end().await;
    assert_eq!(code, Some(0), "{said}");
}

/// A unit of `Type=notify` is told what goes on, waits for a long migration, and learns when it is up.
#[cfg(feature = "systemd")]
#[tokio::test]
async fn systemd_is_told_how_far_it_is() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__slow.sql", "select pg_sleep(1.5);")]);
    let path = folder.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
    let served = Served::start_notifying(&folder, &database.url(), &path);
    let mut told = Vec::new();
    let mut message = [0; 4096];
    while !told.iter().any(|text: &String| text.contains("READY=1")) {
        let received = tokio::time::timeout(Duration::from_secs(30), socket.recv(&mut message)).await;
        let length = received.expect("it says that it is up").unwrap();
        told.push(String::from_utf8_lossy(&message[..length]).into_owned());
    }
    let migrating = told.iter().find(|text| text.contains("STATUS=migrating: V1__slow (1 of 1)")).unwrap();
    assert!(migrating.contains("EXTEND_TIMEOUT_USEC=60000000"), "{migrating}");
    assert!(told.last().unwrap().contains("STATUS=serving"), "{told:?}");
    let (code, said) = served.end().await;
    assert_eq!(code, Some(0), "{said}");
}

/// Where nobody probes, a scrape alone has the database asked.
#[cfg(feature = "prometheus")]
#[tokio::test]
async fn a_scrape_tells_where_the_schema_stands() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    let served = Served::start(&folder, &database.url(), &["--dir", "."]);
    let told = async |line: String| {
        let started = Instant::now();
        while !get(&served.address, "/metrics").await.1.contains(&line) {
            assert!(started.elapsed() < Duration::from_secs(30), "{line} is never told");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let name = database.options.database();
    told(format!("hardtack_current_version{{database=\"{name}\"}} 1")).await;
    database.execute("delete from refinery_schema_history").await;
    told(format!("hardtack_pending_revisions{{database=\"{name}\"}} 1")).await;
    served.end().await;
}

/// What the file says of the admin API and of backups holds for what is served, as it does for the commands.
#[cfg(feature = "admin")]
#[tokio::test]
async fn the_admin_api_heeds_the_file() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    folder.write(
        "hardtack.toml",
        "[defaults]\nadmin = true\nbackups = \"vault\"\nbackup-verify = \"none\"\nadmin-origin = \"https://db.example.com\"\n",
    );
    let served = Served::start(&folder, &database.url(), &["--dir", "."]);
    served.until_ready().await;
    let create = ["--format", "json", "tokens", "create", "ci", "operator"];
    let created = crate::support::hardtack(folder.path(), Some(&database.url()), &create);
    let created: Value = serde_json::from_str(&created.stdout).expect(&created.stderr);
    let headers = [
        format!("authorization: Bearer {}", created["token"].as_str().unwrap()),
        "content-type: application/json".to_owned(),
    ];
    let take = r#"{"strategy": "schema-only"}"#;
    let (status, job) = send(&served.address, "POST /admin/api/backups", &headers, take).await;
    assert_eq!(status, 202, "{job}");
    let job: Value = serde_json::from_str(&job).unwrap();
    let path = format!("GET /admin/api/jobs/{}", job["id"].as_str().unwrap());
    let done = loop {
        let (_, text) = send(&served.address, &path, &headers, "").await;
        let view: Value = serde_json::from_str(&text).unwrap();
        if view["state"] != "running" {
            break view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(done["state"], "succeeded", "{done}");
    let (_, listed) = send(&served.address, "GET /admin/api/backups", &headers, "").await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert!(listed[0]["verified"].is_null() && listed[0]["name"].is_string(), "{listed}");
    assert!(folder.path().join("vault").join(listed[0]["name"].as_str().unwrap()).is_dir());
    served.end().await;
}

/// What is wrong is refused before anything listens.
#[cfg(feature = "admin")]
#[tokio::test]
async fn an_admin_api_that_is_set_wrongly_is_not_served() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[("V1__one.sql", "create table one ();")]);
    for (file, arguments, expected) in [
        ("admin = true", &["--listen", "0.0.0.0:0"][..], "which is no loopback address"),
        ("admin-origin = \"http://db\"", &["--admin"], "give an address that begins with https://"),
        ("admin = false", &["--admin-origin", "https://db.example.com"], "turn it on with --admin"),
        ("admin = true", &["--backups", "https://key:SECRET@host/a"], "for backups"),
        ("admin = 1", &[], "hardtack.toml: line 2: invalid type"),
    ] {
        folder.write("hardtack.toml", &format!("[defaults]\n{file}\n"));
        let arguments = [&["--dir", ".", "serve"], arguments].concat();
        let refused = crate::support::hardtack(folder.path(), Some(&database.url()), &arguments);
        assert_eq!(refused.code, 2, "{file}: {}", refused.stderr);
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
        assert!(
            !refused.stderr.contains("listening") && !refused.stderr.contains("SECRET"),
            "{}",
            refused.stderr
        );
    }
}
