use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hardtack::ConnectOptions;
use hardtack::db::connect;
use hardtack::db::embedded::{Embedded, EmbeddedServer};

/// The private cluster of this process. It goes when the process goes, however that ends.
pub(crate) struct Cluster {
    server: EmbeddedServer,
}

/// Starts the cluster at the first call.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

/// Another one, for tests that let it crash.
pub(crate) fn crashing_cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

/// Whoever lets that one crash has it for themselves.
pub(crate) static CRASHES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A cluster that goes with its process. Autovacuum would enter databases that a test has for itself.
pub(crate) fn embedded() -> Embedded {
    Embedded::scratch().bin_dir(pg_bin()).setting("autovacuum", "off")
}

/// The server programs that were named; none for those that are found.
pub(crate) fn pg_bin() -> Option<PathBuf> {
    std::env::var_os("HARDTACK_TEST_PG_BIN").map(PathBuf::from)
}

impl Cluster {
    fn start() -> Self {
        // Of its own thread, because a test's runtime ends with the test.
        let start = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let server = runtime.block_on(embedded().start()).expect("a private cluster starts");
            Self { server }
        };
        std::thread::spawn(start).join().expect("the cluster's thread ends well")
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }

    /// The server's major version.
    pub(crate) fn major(&self) -> u32 {
        let digits = self.server.version().split(|digit: char| !digit.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).expect("a version begins with a number")
    }

    /// How to reach the cluster, as its superuser.
    pub(crate) fn options(&self) -> ConnectOptions {
        self.server.options().clone()
    }

    /// The URL of one of its databases, as a process is given it.
    pub(crate) fn url(&self, database: &str) -> String {
        let directory = self.socket_directory().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{directory}/{database}")
    }

    /// The socket itself.
    pub(crate) fn socket(&self) -> PathBuf {
        self.socket_directory().join(".s.PGSQL.5432")
    }

    /// Runs a statement outside the tests' databases.
    pub(crate) async fn admin(&self, statement: &str) {
        let connection = connect(&self.options().with_database("postgres"), "test").await.unwrap();
        connection.client.batch_execute(statement).await.expect(statement);
    }

    fn socket_directory(&self) -> &Path {
        let (directory, port) = self.server.options().address().expect("the server has an address");
        assert_eq!(port, 5432);
        Path::new(directory)
    }
}
