use std::hash::Hasher;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use siphasher::sip::SipHasher13;
use tokio::sync::OnceCell;

use super::TestError;
use crate::db::embedded::{Embedded, EmbeddedServer};
use crate::db::{ConnectOptions, process_environment};

/// Where tests' databases are.
#[derive(Debug)]
pub(super) struct Server {
    options: ConnectOptions,
    /// How a process is told of one of its databases.
    url: String,
    /// Shared with other processes, and used by this one for as long as it lives.
    _private: Option<EmbeddedServer>,
}

/// Whose URL is this, or else a private server's.
const VARIABLE: &str = "HARDTACK_TEST_DATABASE_URL";

impl Server {
    /// The one that the environment names, or a private one.
    pub(super) async fn of_process() -> Result<&'static Self, TestError> {
        static SERVER: OnceCell<Server> = OnceCell::const_new();
        SERVER
            .get_or_try_init(async || match process_environment(VARIABLE).filter(|url| !url.is_empty()) {
                Some(url) => Self::given(url),
                None => Self::private().await,
            })
            .await
    }

    fn given(url: String) -> Result<Self, TestError> {
        let options = ConnectOptions::resolve(Some(&url), process_environment)?;
        Ok(Self { options, url, _private: None })
    }

    async fn private() -> Result<Self, TestError> {
        let programs = process_environment("HARDTACK_PG_BIN").map(PathBuf::from);
        let home = home(programs.as_deref());
        let server = Embedded::shared(&home).bin_dir(programs).start().await;
        let server = server.map_err(|source| TestError::Server { home, source })?;
        Ok(Self { options: server.options().clone(), url: server.url(), _private: Some(server) })
    }

    /// How to reach the database beside which the tests' are made.
    pub(super) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    /// The URL of another database.
    pub(super) fn url_of(&self, database: &str) -> String {
        with_database(&self.url, database)
    }
}

/// Beside the test binaries, so that it goes with `cargo clean`; programs that are named have one of their own.
fn home(programs: Option<&std::path::Path>) -> PathBuf {
    let of_binary = std::env::current_exe().ok().and_then(|binary| {
        let folder = binary.parent()?;
        // `target/debug/deps/shop-0a1b2c3d`
        Some(if folder.ends_with("deps") { folder.parent()?.to_owned() } else { folder.to_owned() })
    });
    let folder = of_binary.unwrap_or_else(std::env::temp_dir);
    let name = programs.map_or_else(
        || "hardtack-test".to_owned(),
        |programs| {
            let mut hasher = SipHasher13::new();
            hasher.write(programs.as_os_str().as_bytes());
            format!("hardtack-test-{:016x}", hasher.finish())
        },
    );
    folder.join(name)
}

/// The same URL, or keywords, with another database.
fn with_database(url: &str, database: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return format!("{url} dbname='{database}'");
    };
    let (place, query) =
        rest.split_once('?').map_or((rest, String::new()), |(place, query)| (place, format!("?{query}")));
    let hosts = place.split_once('/').map_or(place, |(hosts, _)| hosts);
    format!("{scheme}://{hosts}/{database}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_another_database() {
        for (url, expected) in [
            (
                "postgres://ada:pw@db:5433/shop?sslmode=require",
                "postgres://ada:pw@db:5433/test?sslmode=require",
            ),
            ("postgresql://db", "postgresql://db/test"),
            ("postgres://%2Ftmp%2Frun/shop", "postgres://%2Ftmp%2Frun/test"),
            ("host=db dbname=shop", "host=db dbname=shop dbname='test'"),
        ] {
            assert_eq!(with_database(url, "test"), expected);
            let resolved = ConnectOptions::resolve(Some(expected), |_| None);
            assert_eq!(resolved.expect("it is one").database(), "test");
        }
    }
}
