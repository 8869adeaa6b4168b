//! Merging what the URL says with libpq's environment and defaults, key by key.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;

use crate::config::{Secret, SslMode};
use crate::db::account;
use crate::db::conninfo;
use crate::db::nearest::nearest;
use crate::db::options::{ConnectOptions, Host, OptionsError};
use crate::db::passfile::Passfile;
use crate::db::ssl::SslOptions;
use crate::db::tls::Tls;

/// How long a connection attempt may take, unless `connect_timeout` says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// libpq's keys and the variables that stand in for them.
const VARIABLES: [(&str, &str); 17] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("channel_binding", "PGCHANNELBINDING"),
];

/// Keys handed on to tokio-postgres, which checks their values.
const PASSED_ON: [&str; 10] = [
    "options",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
    "sslnegotiation",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
];

/// Keys of libpq that change nothing here: TLS has no compression, text is always UTF-8, GSS is not offered.
const WITHOUT_EFFECT: [&str; 4] = ["sslcompression", "sslsni", "gssencmode", "client_encoding"];

/// The keys that are set, after the URL and the environment were merged.
pub(super) struct Settings(BTreeMap<String, String>);

impl Settings {
    pub(super) fn collect(
        given: Vec<(String, String)>,
        environment: &impl Fn(&str) -> Option<String>,
    ) -> Self {
        let from_environment = VARIABLES.iter().filter_map(|(key, variable)| {
            let value = environment(variable).filter(|value| !value.is_empty())?;
            Some(((*key).to_owned(), value))
        });
        let mut settings: BTreeMap<_, _> = from_environment.collect();
        settings.extend(given);
        // libpq's name for what tokio-postgres calls retries.
        if let Some(count) = settings.remove("keepalives_count") {
            settings.insert("keepalives_retries".to_owned(), count);
        }
        Self(settings)
    }

    pub(super) fn into_options(
        mut self,
        environment: &impl Fn(&str) -> Option<String>,
    ) -> Result<ConnectOptions, OptionsError> {
        let home = environment("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let user =
            self.take("user").or_else(|| account::current_user(environment)).ok_or(OptionsError::NoUser)?;
        let database = self.take("dbname").unwrap_or_else(|| user.clone());
        let password = self.take("password").map(Secret::new);
        let passfile =
            self.take("passfile").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".pgpass")));
        let hosts = self.take_hosts()?;
        let connect_timeout = self.take_timeout()?;
        let application_name = self.take("application_name");
        let fallback_name = self.take("fallback_application_name");
        let direct = self.0.get("sslnegotiation").is_some_and(|value| value == "direct");
        let ssl = Arc::new(self.take_ssl(home.as_deref(), direct)?);
        let needs_passfile = password.is_none();
        Ok(ConnectOptions {
            hosts,
            user,
            password,
            passfile: passfile
                .filter(|_| needs_passfile)
                .map(|path| Passfile::read(&path))
                .unwrap_or_default(),
            database,
            tls: Tls::new(Arc::clone(&ssl)),
            ssl,
            connect_timeout,
            application_name: application_name.or(fallback_name),
            base: self.into_base()?,
        })
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    fn take_hosts(&mut self) -> Result<Vec<Host>, OptionsError> {
        let list = |value: Option<String>| -> Vec<String> {
            value.map(|list| list.split(',').map(|item| item.trim().to_owned()).collect()).unwrap_or_default()
        };
        let [names, addresses, ports] = ["host", "hostaddr", "port"].map(|key| list(self.take(key)));
        let count = names.len().max(addresses.len()).max(1);
        for (key, given) in [("host", names.len()), ("hostaddr", addresses.len()), ("port", ports.len())] {
            let one_for_all = given == 0 || (key == "port" && given == 1);
            if given != count && !one_for_all {
                let reason = format!("it lists {given} values for {count} hosts");
                return Err(OptionsError::Invalid { key, reason });
            }
        }
        let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        let hosts = (0..count).map(|index| {
            let port = ports.get(index).or(ports.first()).map_or(Ok(5432), |port| parse_port(port))?;
            Host::new(at(&names, index), &at(&addresses, index), port)
        });
        hosts.collect()
    }

    fn take_timeout(&mut self) -> Result<Option<Duration>, OptionsError> {
        let Some(value) = self.take("connect_timeout") else { return Ok(Some(CONNECT_TIMEOUT)) };
        let seconds: i64 = value.trim().parse().map_err(|_| OptionsError::Invalid {
            key: "connect_timeout",
            reason: "it is a whole number of seconds; 0 waits without end".to_owned(),
        })?;
        Ok(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs))
    }

    fn take_ssl(&mut self, home: Option<&Path>, direct: bool) -> Result<SslOptions, OptionsError> {
        let mode = self.take("sslmode").map(|word| parse_sslmode(&word)).transpose()?;
        let files = ["sslrootcert", "sslcert", "sslkey"].map(|key| self.take(key));
        SslOptions::new(mode, files, home, direct)
    }

    fn into_base(self) -> Result<Config, OptionsError> {
        let known = |key: &str| PASSED_ON.contains(&key) || WITHOUT_EFFECT.contains(&key);
        if let Some(key) = self.0.keys().find(|key| !known(key)) {
            return Err(OptionsError::Unknown { key: key.clone(), nearest: nearest(key, known_keys()) });
        }
        let (mut text, mut base) = (String::new(), Config::new());
        for key in PASSED_ON {
            let Some(value) = self.0.get(key) else { continue };
            text.push_str(&conninfo::to_keywords([(key, value.as_str())]));
            // Parsed again with each key, so that a fault can be named: tokio-postgres's error cannot be asked.
            let reason = || "its value is not one it can have".to_owned();
            base = text.parse().map_err(|_| OptionsError::Invalid { key, reason: reason() })?;
        }
        Ok(base)
    }
}

/// Every key that is understood.
fn known_keys() -> impl Iterator<Item = &'static str> {
    let named = VARIABLES.into_iter().map(|(key, _)| key);
    named.chain(PASSED_ON).chain(WITHOUT_EFFECT).chain(["fallback_application_name", "keepalives_count"])
}

fn parse_sslmode(word: &str) -> Result<SslMode, OptionsError> {
    word.parse().map_err(|_| OptionsError::Invalid {
        key: "sslmode",
        reason: format!("`{word}` is none of disable, allow, prefer, require, verify-ca and verify-full"),
    })
}

fn parse_port(text: &str) -> Result<u16, OptionsError> {
    if text.is_empty() {
        return Ok(5432);
    }
    let reason = || "it is a number from 1 to 65535".to_owned();
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| OptionsError::Invalid { key: "port", reason: reason() })
}

impl Host {
    fn new(name: String, address: &str, port: u16) -> Result<Self, OptionsError> {
        let invalid =
            |_| OptionsError::Invalid { key: "hostaddr", reason: "it is not an IP address".to_owned() };
        let address = Some(address).filter(|text| !text.is_empty()).map(str::parse::<IpAddr>);
        let address = address.transpose().map_err(invalid)?;
        let name = match (name, address) {
            (name, _) if !name.is_empty() => name,
            (_, Some(address)) => address.to_string(),
            (..) => default_host(port),
        };
        Ok(Self { name, address, port })
    }
}

/// The first usual socket that exists; libpq has one directory compiled in, which we cannot know.
fn default_host(port: u16) -> String {
    ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|directory| Path::new(directory).join(format!(".s.PGSQL.{port}")).exists())
        .unwrap_or("localhost")
        .to_owned()
}
