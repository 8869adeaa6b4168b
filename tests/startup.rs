//! What an application does at startup about a schema that is not its own.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hardtack::health::{BootError, BootPolicy, OnAhead, OnPending};
use hardtack::{Migrator, RevisionSet, StopSignal, UpgradeOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Folder, GATE, Proxy, SLEEPING, TestDatabase, cluster, hardtack, revisions};

const ONE: (&str, &str) = ("V1__one.sql", "create table one (id bigint);");
const TWO: (&str, &str) = ("V2__two.sql", "alter table one add column name text;");

fn policy(on_pending: OnPending) -> BootPolicy {
    BootPolicy { on_pending, wait_timeout: Some(Duration::from_secs(30)), ..BootPolicy::default() }
}

async fn upgraded(database: &TestDatabase, set: &RevisionSet) -> Migrator {
    let migrator = database.migrator(set);
    migrator.upgrade(UpgradeOptions::default()).await.unwrap();
    migrator
}

#[tokio::test]
async fn what_is_pending_is_applied_refused_told_or_passed_over() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[ONE, TWO]);
    upgraded(&database, &revisions(&[ONE])).await;
    let migrator = database.migrator(&set);
    let refused = migrator.boot(&policy(OnPending::Fail)).await.unwrap_err();
    assert!(matches!(&refused, BootError::Pending(pending) if *pending == ["V2__two"]), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("1 revision is pending: V2__two; nothing was changed; apply it with"), "{said}");
    for starts in [OnPending::Warn, OnPending::Ignore] {
        let (told, events) = std::sync::mpsc::channel();
        let migrator = migrator.clone().on_event(move |event| {
            if matches!(event, hardtack::Event::RevisionsPending { .. }) {
                told.send(()).unwrap();
            }
        });
        let booted = migrator.boot(&policy(starts)).await.unwrap();
        assert_eq!(booted.status.unwrap().pending, ["V2__two"]);
        assert_eq!(events.try_recv().is_ok(), starts == OnPending::Warn);
    }
    assert_eq!(database.applied().await, [1]);
    let booted = migrator.boot(&policy(OnPending::Apply)).await.unwrap();
    assert_eq!(booted.run.unwrap().applied.len(), 1);
    for settled in [OnPending::Apply, OnPending::Wait, OnPending::Fail] {
        assert!(migrator.boot(&policy(settled)).await.unwrap().status.is_none());
    }
}

#[tokio::test]
async fn one_that_waits_goes_on_when_another_has_migrated_and_gives_up_in_time() {
    let database = TestDatabase::empty().await;
    let set = revisions(&[ONE, TWO]);
    let waits = database.migrator(&set);
    let waiting = tokio::spawn(async move { waits.boot(&policy(OnPending::Wait)).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let migrator = upgraded(&database, &set).await;
    waiting.await.unwrap().unwrap();
    // Somebody takes it back, and nobody comes.
    let back = hardtack::DowngradeOptions { back: hardtack::Back::Steps(1), agreed: None };
    migrator.downgrade(back).await.unwrap();
    let short = BootPolicy { wait_timeout: Some(Duration::from_millis(300)), ..policy(OnPending::Wait) };
    let given_up = migrator.boot(&short).await.unwrap_err().to_string();
    assert!(
        given_up.contains("wait for V2__two to be applied") && given_up.contains("nobody migrates"),
        "{given_up}"
    );
    // And one that is asked to stop does so at once.
    let stop = StopSignal::new();
    stop.request();
    let stopped = migrator.with_stop(stop).boot(&policy(OnPending::Wait)).await.unwrap_err();
    assert!(matches!(stopped, BootError::Stopped), "{stopped}");
}

#[tokio::test]
async fn an_older_binary_starts_on_a_newer_schema_that_does_not_break_it() {
    let compatible = ("V2__two.sql", "alter table one add column name text;");
    let contract = (
        "V3__contract.sql",
        "-- hardtack: breaks-code-before V2\n-- hardtack: allow ban-drop-column \"unused since V2\"\n\
         alter table one drop column id;",
    );
    let older = revisions(&[ONE]);
    let database = TestDatabase::empty().await;
    upgraded(&database, &revisions(&[ONE, compatible])).await;
    let migrator = database.migrator(&older);
    for on_pending in [OnPending::Apply, OnPending::Wait, OnPending::Fail, OnPending::Warn] {
        let booted = migrator.boot(&policy(on_pending)).await.unwrap();
        let ahead = booted.status.unwrap().ahead;
        assert_eq!(ahead.iter().map(|one| (one.version, one.is_compatible)).collect::<Vec<_>>(), [(2, true)]);
    }
    let strict = BootPolicy { on_ahead: OnAhead::Fail, ..policy(OnPending::Apply) };
    assert!(matches!(migrator.boot(&strict).await.unwrap_err(), BootError::Ahead(_)));
    upgraded(&database, &revisions(&[ONE, compatible, contract])).await;
    let refused = migrator.boot(&policy(OnPending::Apply)).await.unwrap_err().to_string();
    assert!(refused.contains("V3__contract: it breaks binaries that do not know version 2"), "{refused}");
    assert!(refused.contains("V2__two: this binary works behind it"), "{refused}");
    let lenient = BootPolicy { on_ahead: OnAhead::Ignore, ..policy(OnPending::Apply) };
    migrator.boot(&lenient).await.unwrap();
    // The release between the two knows version 2.
    let between = database.migrator(&revisions(&[ONE, compatible]));
    between.boot(&policy(OnPending::Apply)).await.unwrap();
    // A revision that another tool applied says nothing.
    database
        .execute("insert into refinery_schema_history values (4, 'foreign', '2026-11-28T12:00:00Z', '1')")
        .await;
    let unknown = between.boot(&policy(OnPending::Apply)).await.unwrap_err().to_string();
    assert!(unknown.contains("V4__foreign: nobody knows"), "{unknown}");
    // What contradicts is no matter of policy.
    let other = revisions(&[("V1__other.sql", "create table other ();")]);
    let diverged = database.migrator(&other).boot(&lenient).await.unwrap_err();
    assert!(matches!(diverged, BootError::Engine(_)), "{diverged}");
}

#[tokio::test]
async fn a_database_that_is_not_up_yet_is_waited_for() {
    let set = revisions(&[ONE]);
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(cluster().socket(), Duration::ZERO).await;
    proxy.refuse(true);
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
        proxy.port,
        database.options.database()
    );
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let migrator = Migrator::new(&set, options);
    let impatient = BootPolicy { wait_timeout: Some(Duration::from_millis(300)), ..policy(OnPending::Apply) };
    let given_up = migrator.boot(&impatient).await.unwrap_err();
    assert!(matches!(given_up, BootError::NoDatabase { .. }), "{given_up}");
    let waiting = tokio::spawn(async move { migrator.boot(&policy(OnPending::Apply)).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    proxy.refuse(false);
    waiting.await.unwrap().unwrap();
    assert_eq!(database.applied().await, [1]);
    // What does not mend itself is told at once.
    let missing = database.options.clone().with_database("there_is_none");
    let told = Migrator::new(&set, missing).boot(&policy(OnPending::Apply)).await.unwrap_err();
    assert!(told.to_string().contains("does not exist"), "{told}");
}

#[tokio::test]
async fn migrate_only_waits_where_a_time_for_that_is_said() {
    let (database, folder) = (TestDatabase::empty().await, Folder::new(&[ONE]));
    let proxy = Proxy::start(cluster().socket(), Duration::ZERO).await;
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable",
        proxy.port,
        database.options.database()
    );
    let (folder, url) = (Arc::new(folder), Arc::new(url));
    let migrate = |arguments: &'static [&'static str]| {
        let (folder, url) = (Arc::clone(&folder), Arc::clone(&url));
        tokio::task::spawn_blocking(move || {
            let arguments = [&["--dir", ".", "--migrate-only"], arguments].concat();
            hardtack(folder.path(), Some(&url), &arguments)
        })
    };
    proxy.refuse(true);
    for (arguments, text) in [
        (&[][..], "error: failed to "),
        (&["--wait-timeout", "300ms"], "failed to wait for the database"),
        (&["--on-pending", "fail"], "cannot be used with"),
    ] {
        let output = migrate(arguments).await.unwrap();
        assert!(output.code != 0 && output.stderr.contains(text), "{arguments:?}: {}", output.stderr);
    }
    let waiting = migrate(&["--wait-timeout", "1min"]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    proxy.refuse(false);
    let output = waiting.await.unwrap();
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(database.applied().await, [1]);
}

/// Lets everybody in, and hangs up at the first question: as a pooler does whose server is down.
async fn pooler_without_a_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                assert!(client.read(&mut buffer).await.unwrap() > 0);
                let version = b"S\0\0\0\x18server_version\x0015.0\0";
                let answer = [b"R\0\0\0\x08\0\0\0\0", &version[..], b"Z\0\0\0\x05I"].concat();
                client.write_all(&answer).await.unwrap();
                let _ = client.read(&mut buffer).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_pooler_that_lets_in_is_no_database_that_is_up() {
    let url = format!("postgres://app@127.0.0.1:{}/app?sslmode=disable", pooler_without_a_server().await);
    let options = hardtack::ConnectOptions::resolve(Some(&url), |_| None).unwrap();
    let policy = BootPolicy { wait_timeout: Some(Duration::from_millis(600)), ..policy(OnPending::Wait) };
    let migrator = Migrator::new(&revisions(&[ONE]), options.clone());
    let booted = tokio::time::timeout(Duration::from_secs(30), migrator.boot(&policy)).await;
    let error = booted.expect("it is not waited for without end").unwrap_err().to_string();
    assert!(error.contains("connection closed"), "{error}");
    // Somebody who asks for a stop is heard as well.
    let stop = StopSignal::new();
    let migrator = Migrator::new(&revisions(&[ONE]), options).with_stop(stop.clone());
    let policy = BootPolicy { wait_timeout: Some(Duration::from_secs(600)), ..policy };
    let (booted, ()) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(30), migrator.boot(&policy)), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            stop.request();
        });
    assert!(matches!(booted.expect("it stops"), Err(BootError::Stopped)));
}

/// SIGTERM while a revision runs: it is finished, the next is not begun, and nothing is served.
#[tokio::test]
async fn a_signal_during_a_boot_stops_between_revisions() {
    let database = TestDatabase::empty().await;
    let folder = Folder::new(&[ONE, ("V2__slow.sql", GATE), ("V3__three.sql", "select 1;")]);
    database.close_gate().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardtack"));
    command.args(["--dir", ".", "--migrate-only"]).current_dir(folder.path());
    command.env("DATABASE_URL", database.url()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    database.wait_for(SLEEPING).await;
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    database.open_gate().await;
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(8), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(database.applied().await, [1, 2]);
}
