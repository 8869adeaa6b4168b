use std::time::{Duration, Instant};

use proptest::strategy::{Strategy, ValueTree};
use tokio::net::TcpListener;

use super::support::{free_port, one, options, shared, value};
use crate::db::conninfo::percent_encode;
use crate::db::{ConnectError, connect, is_absent, is_lost, pool, quote_identifier, quote_literal};

#[tokio::test]
async fn over_the_socket() {
    let shared = shared().await;
    let connection = connect(&shared.server.options().clone(), "hardtack").await.unwrap();
    assert_eq!(one(&connection).await, 1);
    assert_eq!(value(&connection, "show application_name").await, "hardtack");
    assert_eq!(value(&connection, "show server_version").await, connection.server_version());
    assert_eq!(
        value(&connection, "show server_version_num").await,
        connection.server_version_num().to_string()
    );
    let by_url = connect(&options(&shared.server.url()), "hardtack").await.unwrap();
    assert_eq!(one(&by_url).await, 1);
    // libpq's `require` means nothing on a socket either.
    let strict = options(&shared.server.url().replace("disable", "verify-full"));
    assert_eq!(one(&connect(&strict, "hardtack").await.unwrap()).await, 1);
}

#[tokio::test]
async fn over_tcp_without_tls() {
    let shared = shared().await;
    for mode in ["disable", "allow", "prefer"] {
        let target = options(&format!(
            "postgres://trusted@127.0.0.1:{}/hardtack?sslmode={mode}&application_name=mine",
            shared.port
        ));
        let connection = connect(&target, "hardtack").await.unwrap();
        assert_eq!(value(&connection, "show application_name").await, "mine");
    }
    let target = options(&format!("postgres://trusted@127.0.0.1:{}/hardtack?sslmode=require", shared.port));
    let error = connect(&target, "hardtack").await.unwrap_err();
    #[cfg(feature = "tls")]
    assert!(matches!(error, ConnectError::TlsRefused { .. }), "{error}");
    #[cfg(not(feature = "tls"))]
    assert!(matches!(error, ConnectError::TlsFeature { .. }), "{error}");
}

#[tokio::test]
async fn passwords_with_special_characters() {
    let shared = shared().await;
    let admin = shared.admin().await;
    for (index, password) in
        ["p@ss:w/ord?#%&", r"it's \\ a 'quote'", "späße ☃", " blanks "].into_iter().enumerate()
    {
        let role = format!("special {index}");
        let sql =
            format!("create role {} login password {}", quote_identifier(&role), quote_literal(password));
        admin.client.batch_execute(&sql).await.unwrap();
        let [user, encoded] = [&*role, password].map(percent_encode);
        let url = format!("postgres://{user}:{encoded}@127.0.0.1:{}/hardtack", shared.port);
        assert_eq!(one(&connect(&options(&url), "hardtack").await.unwrap()).await, 1);
        let error = connect(&options(&url).with_password("wrong"), "hardtack").await.unwrap_err();
        assert!(matches!(&error, ConnectError::Authentication { user, .. } if *user == role), "{error}");
        let error = connect(&options(&url).with_user(role), "hardtack").await.unwrap_err();
        assert!(error.to_string().contains("~/.pgpass"), "{error}");
    }
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let shared = shared().await;
    let port = shared.port;
    let missing =
        connect(&shared.server.options().clone().with_database("nowhere"), "hardtack").await.unwrap_err();
    assert!(matches!(missing, ConnectError::DatabaseMissing { .. }) && !missing.is_transient(), "{missing}");
    let away = connect(&options(&format!("postgres://u@127.0.0.1:{}/d", free_port())), "hardtack")
        .await
        .unwrap_err();
    assert!(matches!(away, ConnectError::Unreachable { .. }) && away.is_transient(), "{away}");
    let read_only = format!("postgres://trusted@127.0.0.1:{port}/hardtack?target_session_attrs=read-only");
    let wrong = connect(&options(&read_only), "hardtack").await.unwrap_err();
    assert!(matches!(wrong, ConnectError::WrongSessionKind { .. }), "{wrong}");
    let admin = shared.admin().await;
    admin.client.batch_execute("create role narrow login connection limit 0").await.unwrap();
    let full = connect(&shared.server.options().clone().with_user("narrow"), "hardtack").await.unwrap_err();
    assert!(matches!(full, ConnectError::TooManyConnections { .. }) && full.is_transient(), "{full}");
    let option = format!("postgres://trusted@127.0.0.1:{port}/hardtack?options=-c%20nonsense=1");
    let refused = connect(&options(&option), "hardtack").await.unwrap_err();
    assert!(matches!(&refused, ConnectError::Refused { code, .. } if code == "42704"), "{refused}");
}

#[tokio::test]
async fn the_second_host_is_tried() {
    let shared = shared().await;
    let url = format!("postgres://trusted@127.0.0.1:{},127.0.0.1:{}/hardtack", free_port(), shared.port);
    assert_eq!(one(&connect(&options(&url), "hardtack").await.unwrap()).await, 1);
    assert_eq!(
        pool(&options(&url), 2).unwrap().get().await.unwrap().query("select 1", &[]).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_silent_server_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let began = Instant::now();
    let error = connect(&options(&format!("postgres://u@127.0.0.1:{port}/d?connect_timeout=1")), "x")
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut { .. }) && error.is_transient(), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn closed_resolves_when_the_server_ends_the_session() {
    let shared = shared().await;
    let (connection, admin) = (shared.admin().await, shared.admin().await);
    let closed = connection.closed();
    assert!(!closed.is_closed());
    let pid = value(&connection, "select pg_backend_pid()").await;
    admin.client.batch_execute(&format!("select pg_terminate_backend({pid})")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), closed.clone().wait()).await.unwrap();
    assert!(closed.is_closed() && connection.closed().is_closed());
    let waiting = admin.closed();
    drop(admin);
    tokio::time::timeout(Duration::from_secs(5), waiting.wait()).await.unwrap();
}

#[tokio::test]
async fn a_lost_session_is_told_from_what_is_refused_here_or_there() {
    let connection = shared().await.admin().await;
    let client = &connection.client;
    let unfit = client.query("select $1::pg_catalog.int4", &[&"text"]).await.unwrap_err();
    let unsent = client.batch_execute("select '\0'").await.unwrap_err();
    let refused = client.batch_execute("select from nowhere").await.unwrap_err();
    for error in [&unfit, &unsent, &refused] {
        assert!(!is_lost(error), "{error:?}");
    }
    assert!(is_absent(&refused) && !is_absent(&unfit));
    let ended = client.batch_execute("select pg_terminate_backend(pg_backend_pid()), pg_sleep(30)").await;
    let gone = client.batch_execute("select 1").await;
    for error in [ended.unwrap_err(), gone.unwrap_err()] {
        assert!(is_lost(&error), "{error:?}");
    }
}

#[tokio::test]
async fn a_statement_is_cancelled() {
    let shared = shared().await;
    let connection = shared.admin().await;
    let handle = connection.cancel_handle();
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.cancel().await.unwrap();
    };
    let (result, ()) = tokio::join!(connection.client.batch_execute("select pg_sleep(30)"), cancel);
    assert_eq!(result.unwrap_err().code().map(tokio_postgres::error::SqlState::code), Some("57014"));
}

#[tokio::test]
async fn dropping_ends_the_session_and_its_transaction() {
    let shared = shared().await;
    let (connection, admin) = (shared.admin().await, shared.admin().await);
    connection.client.batch_execute("begin; select pg_advisory_xact_lock(4711)").await.unwrap();
    drop(connection);
    let free = async {
        while value(&admin, "select pg_try_advisory_lock(4711)").await != "t" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), free).await.unwrap();
}

#[tokio::test]
async fn a_pool_hands_out_sessions() {
    let shared = shared().await;
    let pool = pool(shared.server.options(), 2).unwrap();
    let (first, second) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    for client in [&first, &second] {
        assert_eq!(client.query_one("select 1", &[]).await.unwrap().get::<_, i32>(0), 1);
    }
    assert_eq!(pool.status().size, 2);
}

#[tokio::test]
async fn quoted_texts_come_back() {
    let connection = shared().await.admin().await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let texts = proptest::collection::vec(r#"[a-z'"\\é ;$-]{1,20}"#, 200);
    let texts = texts.new_tree(&mut runner).unwrap().current();
    for (index, text) in texts.iter().enumerate() {
        let conforming = if index % 2 == 0 { "on" } else { "off" };
        connection
            .client
            .batch_execute(&format!("set standard_conforming_strings = {conforming}"))
            .await
            .unwrap();
        let sql = format!("select {} as {}", quote_literal(text), quote_identifier(text));
        let rows = connection.client.simple_query(&sql).await.unwrap();
        let row = rows.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let row = row.unwrap();
        assert_eq!((row.get(0), row.columns()[0].name()), (Some(&**text), &**text));
    }
}
