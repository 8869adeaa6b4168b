use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::db::embedded::{Embedded, EmbeddedServer};
use crate::db::{ConnectOptions, Connection, connect};

/// A server without TLS, on a socket and on TCP, where `trusted` needs no password and others do over TCP.
pub(super) struct Shared {
    pub(super) server: EmbeddedServer,
    pub(super) port: u16,
}

/// One for all tests of this binary; its watchdog removes it when the process ends.
pub(super) async fn shared() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED
        .get_or_init(|| async {
            let port = free_port();
            let rules = "local all all trust\nhost all trusted 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
            let directory = open_directory();
            let server = on_port(port).setting("hba_file", hba_file(directory.path(), rules));
            let server = server.start().await.unwrap();
            let admin = connect(server.options(), "test").await.unwrap();
            admin.client.batch_execute("create role trusted login; grant all on schema public to trusted").await.unwrap();
            admin.close().await;
            Shared { server, port }
        })
        .await
}

impl Shared {
    /// A session of the superuser over the socket.
    pub(super) async fn admin(&self) -> Connection {
        connect(self.server.options(), "test admin").await.unwrap()
    }
}

pub(super) fn on_port(port: u16) -> Embedded {
    Embedded::scratch().setting("listen_addresses", "127.0.0.1").setting("port", port.to_string())
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A directory that the server's account can enter, removed when the value is dropped.
pub(super) fn open_directory() -> TempDir {
    let directory = tempfile::Builder::new().prefix("hardtack-test-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// A `pg_hba.conf` the server can read. Read at start and on reload, so it may go with its directory then.
pub(super) fn hba_file(directory: &Path, rules: &str) -> String {
    let path = directory.join("pg_hba.conf");
    fs::write(&path, rules).unwrap();
    path.display().to_string()
}

/// Options from a URL alone, with nothing of this process's environment.
pub(super) fn options(url: &str) -> ConnectOptions {
    ConnectOptions::resolve(Some(url), |_| None).unwrap()
}

pub(super) async fn one(connection: &Connection) -> i32 {
    connection.client.query_one("select 1", &[]).await.unwrap().get(0)
}

pub(super) async fn value(connection: &Connection, sql: &str) -> String {
    let rows = connection.client.simple_query(sql).await.unwrap();
    rows.iter()
        .find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .unwrap_or_default()
}

/// The process id that was announced at login.
pub(super) async fn announced(connection: &Connection) -> String {
    connection.announced_process_id().await.expect("the driver tells it").to_string()
}

pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
