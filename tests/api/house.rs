use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hardtack::admin::auth::{
    AttemptLimits, Attempts, Audit, Credentials, Door, NewToken, Origins, Role, Tokens, Transport,
};
use hardtack::admin::{Portal, routes};
use hardtack::backup::{Place, Strategy};
use hardtack::engine::BackupOptions;
use hardtack::health::{BootPolicy, Monitor};
use hardtack::{Migrator, RevisionSet};
use serde_json::Value;
use tempfile::TempDir;

use super::client::{Answer, Request};
use crate::support::{TestDatabase, revisions};

/// The tokens of a house, each with its name's role or fate.
pub(super) struct Texts {
    pub(super) viewer: String,
    pub(super) operator: String,
    pub(super) admin: String,
    pub(super) expired: String,
    pub(super) revoked: String,
}

/// A database, and its admin API.
pub(super) struct House {
    pub(super) database: TestDatabase,
    pub(super) migrator: Migrator,
    pub(super) texts: Texts,
    pub(super) server: Server,
    backups: TempDir,
}

/// The API on a port of its own, until this is dropped.
pub(super) struct Server {
    pub(super) address: String,
    pub(super) portal: Portal,
    task: tokio::task::JoinHandle<()>,
}

impl House {
    pub(super) async fn of(files: &[(&str, &str)]) -> Self {
        Self::with(TestDatabase::empty().await, &revisions(files)).await
    }

    pub(super) async fn with(database: TestDatabase, revisions: &RevisionSet) -> Self {
        let migrator = database.migrator(revisions);
        let tokens = Tokens::new(&migrator).unwrap();
        let make = async |name: &str, role: Role| {
            let new = NewToken { name: name.parse().unwrap(), role, expires: None, by: None };
            tokens.create(&new).await.unwrap().1.expose().to_owned()
        };
        let texts = Texts {
            viewer: make("vera", Role::Viewer).await,
            operator: make("otto", Role::Operator).await,
            admin: make("ada", Role::Admin).await,
            expired: make("late", Role::Admin).await,
            revoked: make("gone", Role::Admin).await,
        };
        let over = "update hardtack.token set created_at = now() - interval '2 days', expires_at = now() - interval '1 day' \
            where name = 'late'; update hardtack.token set revoked_at = now(), revoked_by = 'ada' where name = 'gone'";
        database.execute(over).await;
        let backups = TempDir::new().unwrap();
        let server = Server::start(&migrator, of_tokens(&migrator), &backups).await;
        Self { database, migrator, texts, server, backups }
    }

    /// Another process, as it were, with tables in memory of its own.
    pub(super) async fn another(&self) -> Server {
        self.behind(of_tokens(&self.migrator)).await
    }

    pub(super) async fn behind(&self, door: Door) -> Server {
        Server::start(&self.migrator, door, &self.backups).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.server.get(&self.texts.viewer, path).await
    }

    /// What an admin sends.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.server.post(&self.texts.admin, path, body).await
    }

    /// The hash of the plan with that query.
    pub(super) async fn plan(&self, query: &str) -> String {
        self.get(&format!("/plan{query}")).await.json()["plan"].as_str().unwrap().to_owned()
    }

    pub(super) fn name(&self) -> &str {
        self.database.options.database()
    }

    /// Begins an upgrade that is confirmed; the job's number.
    pub(super) async fn begin_upgrade(&self) -> String {
        let body = serde_json::json!({"database": self.name(), "plan": self.plan("").await});
        began(&self.post("/upgrade", &body).await)
    }

    /// The job once it has ended.
    pub(super) async fn ended(&self, id: &str) -> Value {
        let started = Instant::now();
        loop {
            let job = self.get(&format!("/jobs/{id}")).await.json();
            if job["state"] != "running" {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{job}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The audit, the oldest first, looks at it left out: `who action outcome`.
    pub(super) async fn audit(&self) -> Vec<String> {
        let rows = "select concat_ws(' ', coalesce(who, '-'), action, outcome) from hardtack.audit \
            where action <> 'view_audit' order by id";
        self.database.column(rows).await
    }
}

impl Server {
    async fn start(migrator: &Migrator, door: Door, backups: &TempDir) -> Self {
        let monitor = Monitor::new(migrator.clone(), BootPolicy::default());
        let portal = Portal::new(migrator.clone(), monitor, door);
        let portal = portal
            .with_backups(BackupOptions::new(Strategy::Full, Place::Directory(backups.path().to_owned())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let service = routes(&portal).into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, portal, task }
    }

    pub(super) async fn send(&self, request: Request) -> Answer {
        request.send(&self.address).await
    }

    pub(super) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(Request::new("get", &api(path)).token(token)).await
    }

    pub(super) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(Request::new("post", &api(path)).token(token).json(body)).await
    }

    pub(super) async fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(Request::new("delete", &api(path)).token(token)).await
    }

    /// What a page of this address sends.
    pub(super) fn page(&self, method: &str, path: &str) -> Request {
        Request::new(method, &api(path)).header("origin", &format!("http://{}", self.address))
    }

    /// Opens a session; its cookie, and what its page sends along.
    pub(super) async fn log_in(&self, token: &str) -> (String, String) {
        let request = self.page("post", "/session").json(&serde_json::json!({"token": token}));
        let answer = self.send(request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (cookie, answer.json()["csrf"].as_str().unwrap().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The number of the job that an answer has begun.
pub(super) fn began(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub(super) fn api(path: &str) -> String {
    format!("/admin/api{path}")
}

/// Tests send many wrong tokens from one address.
fn of_tokens(migrator: &Migrator) -> Door {
    let mut limits = AttemptLimits::default();
    (limits.of_address, limits.overall) = (100_000, 100_000);
    let credentials = Credentials::new(Tokens::new(migrator).unwrap(), Transport::Loopback);
    let credentials = credentials.with_attempts(Attempts::new(limits));
    Door::of_tokens(credentials, Origins::loopback(), Audit::new(migrator).unwrap())
}
