use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;

use crate::config::{Secret, SslMode};
use crate::db::conninfo::{self, percent_encode};
use crate::db::passfile::Passfile;
use crate::db::settings::Settings;
use crate::db::ssl::SslOptions;
use crate::db::tls::Tls;

/// Why a database cannot be addressed as configured. No message repeats a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// The URL or keyword string cannot be taken apart.
    #[error("read the {part} of the database URL: {reason}")]
    Malformed {
        /// Where the fault is.
        part: &'static str,
        /// What is wrong, and how to write it.
        reason: &'static str,
    },
    /// A key has a value it cannot have.
    #[error("use the connection setting `{key}`: {reason}")]
    Invalid {
        /// libpq's name of the setting.
        key: &'static str,
        /// What it takes.
        reason: String,
    },
    /// A key nobody here knows.
    #[error("use the connection setting `{key}`: hardtack does not support it, {}", advice(*.nearest))]
    Unknown {
        /// The key as given.
        key: String,
        /// A key of nearly the same name.
        nearest: Option<&'static str>,
    },
    /// No user was given and the operating system does not say who runs this.
    #[error("find out which user to connect as: name one in the database URL or in PGUSER")]
    NoUser,
}

/// How to reach a database: everything a URL, libpq's `PG*` variables and `~/.pgpass` say, resolved.
///
/// `Debug` and [`redacted`](Self::redacted) never show the password.
///
/// ```
/// use hardtack::db::ConnectOptions;
///
/// let environment = |name: &str| (name == "PGPASSWORD").then(|| "hunter2".to_owned());
/// let options = ConnectOptions::resolve(Some("postgres://ada@db.example/shop"), environment)?;
/// assert_eq!(options.redacted(), "postgres://ada@db.example:5432/shop");
/// # Ok::<(), hardtack::db::OptionsError>(())
/// ```
#[derive(Clone)]
pub struct ConnectOptions {
    pub(super) hosts: Vec<Host>,
    pub(super) user: String,
    pub(super) password: Option<Secret>,
    pub(super) passfile: Passfile,
    pub(super) database: String,
    pub(super) ssl: Arc<SslOptions>,
    pub(super) tls: Tls,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) application_name: Option<String>,
    /// The keys that are tokio-postgres's own: `options`, `target_session_attrs`, `keepalives` ...
    pub(super) base: Config,
}

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// A name, an address, or the directory of a socket.
    pub(super) name: String,
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

impl Host {
    pub(super) fn is_socket(&self) -> bool {
        self.name.starts_with('/') && self.address.is_none()
    }
}

impl ConnectOptions {
    /// Resolves a URL or keyword string, if any, over libpq's environment, `~/.pgpass` and its defaults.
    ///
    /// What the URL says wins key by key. `environment` looks a variable up; pass
    /// [`process_environment`] in a program. It is asked for the `PG*` variables, `HOME` and `USER`.
    ///
    /// # Errors
    /// [`OptionsError`] names the key that cannot be used.
    pub fn resolve(
        url: Option<&str>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, OptionsError> {
        let given = conninfo::parse(url.unwrap_or_default())?;
        Settings::collect(given, &environment).into_options(&environment)
    }

    /// The same server and user, another database.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        self.database = database.into();
        self
    }

    /// The same with one more option of the server's command line, such as `-c jit=off`.
    #[cfg(feature = "backup")]
    pub(crate) fn with_option(mut self, option: &str) -> Self {
        let options = self.base.get_options().map_or(String::new(), |options| format!("{options} "));
        self.base.options(format!("{options}{option}"));
        self
    }

    /// The same server and database, another user; a password given for the former user is dropped.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self.password = None;
        self
    }

    /// With this password, whatever the password file says.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether a password was given, other than in a password file.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// The database's name.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The user to connect as.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The first host (or socket directory) and port that will be tried.
    #[must_use]
    pub fn address(&self) -> Option<(&str, u16)> {
        self.hosts.first().map(|host| (host.name.as_str(), host.port))
    }

    /// How long a connection attempt may take; none without end.
    pub(crate) fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// How TLS is used.
    #[must_use]
    pub fn sslmode(&self) -> SslMode {
        self.ssl.mode
    }

    /// The target as a URL without the password, for people and logs.
    #[must_use]
    pub fn redacted(&self) -> String {
        let hosts: Vec<_> =
            self.hosts.iter().map(|host| format!("{}:{}", url_host(&host.name), host.port)).collect();
        let [user, database] = [&self.user, &self.database].map(|part| percent_encode(part));
        format!("postgres://{user}@{}/{database}", hosts.join(","))
    }

    pub(super) fn password_for(&self, host: &Host) -> Option<&Secret> {
        let from_file = || self.passfile.find(&host.name, host.port, &self.database, &self.user);
        self.password.as_ref().or_else(from_file)
    }

    /// tokio-postgres's configuration for one host and one way of using TLS.
    pub(super) fn config_for(
        &self,
        host: &Host,
        mode: tokio_postgres::config::SslMode,
        application: &str,
    ) -> Config {
        let mut config = self.base.clone();
        config.host(&host.name).port(host.port).user(&self.user).dbname(&self.database).ssl_mode(mode);
        config.application_name(self.application_name.as_deref().unwrap_or(application));
        config.keepalives_idle(self.base.get_keepalives_idle().min(KEEPALIVE_IDLE));
        if let Some(address) = host.address {
            config.hostaddr(address);
        }
        if let Some(password) = self.password_for(host) {
            config.password(password.expose());
        }
        if let Some(timeout) = self.connect_timeout {
            config.connect_timeout(timeout);
        }
        config
    }

    /// The hosts in the order to try them.
    pub(super) fn shuffled_hosts(&self) -> Vec<&Host> {
        let mut hosts: Vec<_> = self.hosts.iter().collect();
        if self.base.get_load_balance_hosts() == tokio_postgres::config::LoadBalanceHosts::Random {
            fastrand::shuffle(&mut hosts);
        }
        hosts
    }
}

/// A migration can be silent for long; cloud load balancers forget a silent connection after some minutes.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("target", &self.redacted())
            .field("ssl", &self.ssl)
            .finish_non_exhaustive()
    }
}

/// Looks a variable up in the process's environment; one that is not UTF-8 counts as not set.
#[must_use]
pub fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn advice(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| "take it out of the URL".to_owned(), |key| format!("did you mean `{key}`?"))
}

fn url_host(name: &str) -> String {
    if name.contains(':') && !name.starts_with('/') { format!("[{name}]") } else { percent_encode(name) }
}
