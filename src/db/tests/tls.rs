use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::support::{announced, free_port, hba_file, on_port, open_directory, options, value};
use crate::config::SslMode;
use crate::db::embedded::{EmbeddedServer, Runner};
use crate::db::{ConnectError, Connection, connect, pool};

/// Certificates made by the `openssl` program, and a server that shows one of them.
struct TlsServer {
    directory: TempDir,
    port: u16,
    _server: EmbeddedServer,
}

const RULES: &str = "local all all trust\nhostnossl all plain 127.0.0.1/32 trust\nhostssl all plain 127.0.0.1/32 reject\n\
                     hostssl all all 127.0.0.1/32 trust\n";

impl TlsServer {
    async fn start(directory: TempDir) -> Self {
        let port = free_port();
        let file = |name: &str| directory.path().join(name).display().to_string();
        let server = on_port(port)
            .setting("ssl", "on")
            .setting("ssl_cert_file", file("server.crt"))
            .setting("ssl_key_file", file("server.key"))
            .setting("hba_file", hba_file(directory.path(), RULES));
        let server = server.start().await.unwrap();
        let admin = connect(server.options(), "test").await.unwrap();
        admin.client.batch_execute("create role plain login").await.unwrap();
        Self { directory, port, _server: server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Connects to 127.0.0.1 under a host name.
    async fn connect(&self, host: &str, user: &str, rest: &str) -> Result<Connection, ConnectError> {
        connect(&options(&self.url(host, user, rest)), "test").await
    }

    fn url(&self, host: &str, user: &str, rest: &str) -> String {
        format!("host={host} hostaddr=127.0.0.1 port={} user={user} dbname=hardtack {rest}", self.port)
    }
}

async fn encrypted(connection: &Connection) -> bool {
    value(connection, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").await == "t"
}

/// Runs openssl in a directory; false when there is no such program.
fn openssl(directory: &Path, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.current_dir(directory).args(arguments.split_whitespace()).stdin(Stdio::null());
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(_) => {
            assert!(std::env::var_os("HARDTACK_TEST_DEMAND").is_none(), "there is no `openssl` program");
            eprintln!("skipped: there is no `openssl` program to make certificates with");
            false
        }
    }
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// A directory with an authority, and a server certificate from it with these extensions.
fn certificates(extensions: Option<&str>) -> Option<TempDir> {
    let directory = open_directory();
    let path = directory.path();
    for name in ["ca", "other"] {
        let made = openssl(
            path,
            &format!("req -x509 {KEY} -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}"),
        );
        made.then_some(())?;
    }
    openssl(path, &format!("req {KEY} -keyout server.key -out server.csr -subj /CN=db.test"));
    let from = extensions.map_or_else(String::new, |extensions| {
        fs::write(path.join("extensions"), extensions).unwrap();
        "-extfile extensions".to_owned()
    });
    openssl(
        path,
        &format!(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt {from}"
        ),
    );
    give_key(path);
    Some(directory)
}

fn give_key(directory: &Path) {
    // openssl makes it with mode 0600; the server wants to be its owner.
    Runner::for_data(None).unwrap().give(&directory.join("server.key")).unwrap();
}

#[tokio::test]
async fn every_sslmode_against_a_server_with_an_authority() {
    let Some(directory) = certificates(Some("subjectAltName=DNS:localhost,DNS:*.wild.test")) else { return };
    let server = TlsServer::start(directory).await;
    let ca = format!("sslrootcert={}", server.path("ca.crt").display());
    let other = format!("sslrootcert={}", server.path("other.crt").display());
    for (host, rest, expected) in [
        ("anything", "sslmode=prefer".to_owned(), true),
        ("anything", "sslmode=require".to_owned(), true),
        ("anything", format!("sslmode=require {ca}"), true),
        ("anything", format!("sslmode=require {other}"), false),
        ("anything", format!("sslmode=verify-ca {ca}"), true),
        ("anything", format!("sslmode=verify-ca {other}"), false),
        ("localhost", format!("sslmode=verify-full {ca}"), true),
        ("db.wild.test", format!("sslmode=verify-full {ca}"), true),
        // The common name does not count beside alternative names.
        ("db.test", format!("sslmode=verify-full {ca}"), false),
        ("127.0.0.1", format!("sslmode=verify-full {ca}"), false),
        ("localhost", format!("sslmode=verify-full {other}"), false),
        ("localhost", "sslmode=verify-full sslrootcert=system".to_owned(), false),
    ] {
        match server.connect(host, "postgres", &rest).await {
            Ok(connection) => assert!(expected && encrypted(&connection).await, "{host} {rest}"),
            Err(error) => assert!(
                !expected && matches!(error, ConnectError::TlsHandshake { .. }),
                "{host} {rest}: {error}"
            ),
        }
    }
}

#[tokio::test]
async fn fallbacks_files_pools_and_cancelling() {
    let Some(directory) = certificates(Some("subjectAltName=DNS:localhost")) else { return };
    let server = TlsServer::start(directory).await;
    // pg_hba.conf refuses `plain` with TLS, and everybody else without.
    assert!(!encrypted(&server.connect("h", "plain", "sslmode=prefer").await.unwrap()).await);
    assert!(encrypted(&server.connect("h", "postgres", "sslmode=allow").await.unwrap()).await);
    let refused = server.connect("h", "postgres", "sslmode=disable").await.unwrap_err();
    assert!(matches!(refused, ConnectError::Authentication { .. }), "{refused}");
    for rest in [
        "sslmode=verify-full",
        "sslmode=verify-ca sslrootcert=/nowhere.crt",
        "sslmode=require sslcert=/nowhere.crt",
    ] {
        let error = server.connect("localhost", "postgres", rest).await.unwrap_err();
        assert!(matches!(error, ConnectError::TlsFiles { .. }), "{rest}: {error}");
    }
    let strict = format!("sslmode=verify-full sslrootcert={}", server.path("ca.crt").display());
    let strict = options(&server.url("localhost", "postgres", &strict));
    assert_eq!(strict.sslmode(), SslMode::VerifyFull);
    let pooled = pool(&strict, 1).unwrap().get().await.unwrap();
    assert_eq!(pooled.query_one("select 1", &[]).await.unwrap().get::<_, i32>(0), 1);
    let connection = connect(&strict, "test").await.unwrap();
    assert_eq!(announced(&connection).await, value(&connection, "select pg_backend_pid()").await);
    let handle = connection.cancel_handle();
    let cancel = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        handle.cancel().await.unwrap();
    };
    let (result, ()) = tokio::join!(connection.client.batch_execute("select pg_sleep(30)"), cancel);
    assert!(result.is_err());
}

#[tokio::test]
async fn a_self_signed_certificate_is_its_own_root() {
    let directory = open_directory();
    let command = format!("req -x509 {KEY} -keyout server.key -out server.crt -days 2 -subj /CN=localhost");
    if !openssl(directory.path(), &command) {
        return;
    }
    give_key(directory.path());
    let server = TlsServer::start(directory).await;
    let root = format!("sslrootcert={}", server.path("server.crt").display());
    for (host, mode, expected) in [
        ("anything", "verify-ca", true),
        // It has no alternative name, so that its common name counts.
        ("localhost", "verify-full", true),
        ("other.test", "verify-full", false),
    ] {
        let connected = server.connect(host, "postgres", &format!("sslmode={mode} {root}")).await;
        assert_eq!(connected.is_ok(), expected, "{host} {mode}: {connected:?}");
    }
}

#[tokio::test]
async fn version_one_certificates_are_explained() {
    let Some(directory) = certificates(None) else { return };
    let text = Command::new("openssl")
        .args(["x509", "-noout", "-text", "-in"])
        .arg(directory.path().join("server.crt"))
        .output();
    if !String::from_utf8_lossy(&text.unwrap().stdout).contains("Version: 1 ") {
        eprintln!("skipped: this `openssl` adds extensions by itself");
        return;
    }
    let server = TlsServer::start(directory).await;
    assert!(server.connect("localhost", "postgres", "sslmode=require").await.is_ok());
    let strict = format!("sslmode=verify-ca sslrootcert={}", server.path("ca.crt").display());
    let error = server.connect("localhost", "postgres", &strict).await.unwrap_err();
    assert!(error.to_string().contains("version 1"), "{error}");
}
