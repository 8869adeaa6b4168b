use std::fs::{self, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use hardtack::db::{self, Connection};
use hardtack::{ConnectOptions, Migrator, RevisionSet};
use tempfile::TempDir;
use tokio_postgres::SimpleQueryMessage;

use super::daemon::{Daemon, find_program};
use super::{TestDatabase, cluster, patiently};

/// A real `PgBouncer` before one of the cluster's databases.
pub(crate) struct Pooler {
    port: u16,
    database: String,
    _daemon: Daemon,
    _directory: TempDir,
}

impl Pooler {
    /// Starts one in a mode (`transaction`, `session` or `statement`), with a pool of at most so many sessions of a
    /// login. None where there is no such program.
    pub(crate) async fn start(
        database: &TestDatabase,
        mode: &str,
        size: usize,
        login: &str,
        more: &str,
    ) -> Option<Self> {
        let program = find_program("pgbouncer", &[])?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let database = database.options.database().to_owned();
        let socket = cluster().socket();
        let sockets = socket.parent().unwrap();
        let directory = tempfile::Builder::new().prefix("hardtack-pooler-").tempdir_in("/tmp").unwrap();
        let settings = format!(
            "[databases]\n{database} = host={} user={login}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\nadmin_users = postgres\npool_mode = {mode}\n\
             default_pool_size = {size}\nmax_client_conn = 200\n{more}\n",
            sockets.display()
        );
        fs::write(directory.path().join("pgbouncer.ini"), settings).unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        let owner = fs::metadata(sockets).unwrap();
        chown(directory.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
        let daemon = Daemon::start(directory.path(), "TERM", &program, &["pgbouncer.ini"]);
        let log = |_| fs::read_to_string(directory.path().join("log")).unwrap();
        patiently(async || TcpStream::connect(("127.0.0.1", port)).map_err(log)).await;
        Some(Self { port, database, _daemon: daemon, _directory: directory })
    }

    /// The URL through the pooler, as a process is given it.
    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{}/{}?sslmode=disable&connect_timeout=3",
            self.port, self.database
        )
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn migrator(&self, revisions: &RevisionSet) -> Migrator {
        Migrator::new(revisions, self.options())
    }

    pub(crate) async fn connect(&self) -> Connection {
        db::connect(&self.options(), "test").await.unwrap()
    }

    /// The number of server sessions that the pool holds.
    pub(crate) async fn sessions(&self) -> usize {
        let console = db::connect(&self.options().with_database("pgbouncer"), "test").await.unwrap();
        let rows = console.client.simple_query("show servers").await.unwrap();
        rows.iter().filter(|message| matches!(message, SimpleQueryMessage::Row(_))).count()
    }

    fn options(&self) -> ConnectOptions {
        ConnectOptions::resolve(Some(&self.url()), |_| None).unwrap()
    }
}
