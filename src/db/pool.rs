use std::pin::Pin;

use deadpool_postgres::{BuildError, Connect, Manager, ManagerConfig, Pool, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};

use crate::db::connect::{open, require_tls_feature};
use crate::db::connection::drive;
use crate::db::error::ConnectError;
use crate::db::options::ConnectOptions;

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The options cannot work in this build.
    #[error(transparent)]
    Options(#[from] ConnectError),
    /// deadpool refused the settings.
    #[error("build the connection pool: {source}")]
    Build {
        /// What deadpool said.
        #[from]
        source: BuildError,
    },
}

/// A pool of at most `max_size` sessions, opened as [`connect`](crate::db::connect) opens them. It opens none now.
///
/// # Errors
/// [`PoolError`]; a server that cannot be reached shows when the first session is asked for.
pub fn pool(options: &ConnectOptions, max_size: usize) -> Result<Pool, PoolError> {
    require_tls_feature(options)?;
    let connect = Opener { options: options.clone() };
    let manager = Manager::from_connect(Config::new(), connect, ManagerConfig::default());
    let builder = Pool::builder(manager).max_size(max_size).runtime(Runtime::Tokio1);
    Ok(builder.create_timeout(options.connect_timeout).build()?)
}

struct Opener {
    options: ConnectOptions,
}

type Opened = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Opener {
    fn connect(&self, _: &Config) -> Pin<Box<dyn Future<Output = Opened> + Send + '_>> {
        Box::pin(async {
            let mut hosts = self.options.shuffled_hosts().into_iter().peekable();
            while let Some(host) = hosts.next() {
                match open(&self.options, host, "hardtack").await {
                    Ok((client, wire)) => return Ok((client, tokio::spawn(drive(wire)))),
                    Err(error) if hosts.peek().is_none() => return Err(error),
                    Err(_) => {}
                }
            }
            // Not reached: there is always a host. tokio-postgres has the error for none.
            Config::new()
                .connect(self.options.tls.clone())
                .await
                .map(|(client, wire)| (client, tokio::spawn(drive(wire))))
        })
    }
}
