use std::collections::HashMap;

use proptest::prelude::*;
use tokio_postgres::config::SslMode as Negotiation;

use crate::config::SslMode;
use crate::db::ConnectOptions;
use crate::db::conninfo::percent_encode;
use crate::db::error::ConnectError;
use crate::db::options::OptionsError;
use crate::db::ssl::Roots;

fn resolve(url: Option<&str>, variables: &[(&str, &str)]) -> Result<ConnectOptions, OptionsError> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    ConnectOptions::resolve(url, |name| variables.get(name).map(|value| (*value).to_owned()))
}

fn options(url: &str) -> ConnectOptions {
    resolve(Some(url), &[]).unwrap()
}

#[test]
fn the_url_wins_over_the_environment_key_by_key() {
    let environment = [
        ("PGHOST", "env"),
        ("PGPORT", "1"),
        ("PGUSER", "eve"),
        ("PGDATABASE", "edb"),
        ("PGSSLMODE", "require"),
    ];
    let both = resolve(Some("postgres://ada@url/"), &environment).unwrap();
    assert_eq!(both.redacted(), "postgres://ada@url:1/edb");
    assert_eq!(both.sslmode(), SslMode::Require);
    let alone = resolve(None, &environment).unwrap();
    assert_eq!(alone.redacted(), "postgres://eve@env:1/edb");
    let keywords = resolve(Some("host=kw sslmode=verify-ca"), &environment).unwrap();
    assert_eq!(
        (keywords.redacted().as_str(), keywords.sslmode()),
        ("postgres://eve@kw:1/edb", SslMode::VerifyCa)
    );
}

#[test]
fn defaults_are_those_of_libpq() {
    let options = resolve(Some("postgres://h"), &[("USER", "ada")]).unwrap();
    assert_eq!(options.redacted(), "postgres://ada@h:5432/ada");
    assert_eq!(options.sslmode(), SslMode::Prefer);
    assert_eq!(options.connect_timeout.map(|it| it.as_secs()), Some(10));
    let patient = resolve(Some("postgres://h?connect_timeout=0"), &[("USER", "ada")]).unwrap();
    assert_eq!(patient.connect_timeout, None);
    let environment = resolve(Some("postgres://h"), &[("USER", "ada"), ("PGCONNECT_TIMEOUT", "3")]).unwrap();
    assert_eq!(environment.connect_timeout.map(|it| it.as_secs()), Some(3));
}

#[test]
fn several_hosts_and_addresses() {
    let options = options("postgres://u@a:1,[::1],%2Ftmp:3/d");
    assert_eq!(options.redacted(), "postgres://u@a:1,[::1]:5432,%2Ftmp:3/d");
    let by_address = resolve(Some("hostaddr=10.0.0.1 user=u"), &[]).unwrap();
    assert_eq!(by_address.address(), Some(("10.0.0.1", 5432)));
    assert!(resolve(Some("host=a,b,c port=1,2 user=u"), &[]).is_err());
    assert!(resolve(Some("host=a hostaddr=nonsense user=u"), &[]).is_err());
    assert!(resolve(Some("host=a port=70000 user=u"), &[]).is_err());
}

#[test]
fn what_tokio_postgres_does_not_know_is_taken_out() {
    let url = "postgres://u@h/d?sslmode=verify-full&sslrootcert=/r.crt&sslcert=/c.crt&sslkey=/c.key&passfile=/p&sslsni=1&keepalives_count=3";
    let options = options(url);
    assert_eq!(options.sslmode(), SslMode::VerifyFull);
    assert_eq!(options.ssl.roots, Roots::File("/r.crt".into()));
    assert_eq!(options.ssl.identity, Some(("/c.crt".into(), "/c.key".into())));
}

#[test]
fn faults_name_the_key() {
    let message = |url: &str| resolve(Some(url), &[("USER", "u")]).unwrap_err().to_string();
    assert!(message("postgres://h/?schema=public").contains("`schema`"));
    assert_eq!(
        message("postgres://h/?sslmode=maybe"),
        "use the connection setting `sslmode`: `maybe` is none of disable, allow, prefer, require, verify-ca and verify-full"
    );
    assert_eq!(
        message("postgres://h/?sslmod=require"),
        "use the connection setting `sslmod`: hardtack does not support it, did you mean `sslmode`?"
    );
    assert!(message("postgres://h/?target_session_attrs=primary").contains("`target_session_attrs`"));
    assert!(message("postgres://h/?sslrootcert=system&sslmode=require").contains("verify-full"));
    let system = resolve(Some("postgres://h/?sslrootcert=system"), &[("USER", "u")]).unwrap();
    assert_eq!(system.sslmode(), SslMode::VerifyFull);
}

#[test]
fn the_password_file_is_read_for_the_target() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".pgpass");
    std::fs::write(&path, "h:5432:d:u:from-file\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let home = home.path().to_str().unwrap();
    let password = |url: &str| {
        let options = resolve(Some(url), &[("HOME", home)]).unwrap();
        let config = options.config_for(&options.hosts[0], Negotiation::Disable, "test");
        config.get_password().map(|password| String::from_utf8(password.to_vec()).unwrap())
    };
    assert_eq!(password("postgres://u@h/d").as_deref(), Some("from-file"));
    assert_eq!(password("postgres://u:given@h/d").as_deref(), Some("given"));
    assert_eq!(password("postgres://u@h/other"), None);
}

proptest! {
    #[test]
    fn passwords_never_show(password in "[a-zA-Z0-9 '\\\\@:/?#%é]{8,24}") {
        let url = format!("postgres://u:{}@h/d?sslmode=require", percent_encode(&password));
        let options = options(&url);
        let error = ConnectError::timed_out(&options);
        let fault = resolve(Some(&format!("{url}&nonsense=1")), &[]).unwrap_err();
        let broken = resolve(Some(&format!("{url}&%zz=1")), &[]).unwrap_err();
        let from_environment = resolve(Some("postgres://u@h/d"), &[("PGPASSWORD", &password)]).unwrap();
        let shown = format!(
            "{options:?} {} {error} {error:?} {fault} {fault:?} {broken:?} {broken} {from_environment:?}",
            options.redacted(),
        );
        prop_assert!(!shown.contains(&password));
        prop_assert!(!shown.contains(&percent_encode(&password)));
    }
}
