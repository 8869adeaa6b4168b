use std::net::SocketAddr;

use hardtack::admin::auth::{Audit, Credentials, Door, NewToken, Origins, Role, Tokens, Transport};
use hardtack::admin::{Portal, routes};
use hardtack::backup::{Place, Strategy};
use hardtack::engine::BackupOptions;
use hardtack::health::{BootPolicy, Monitor};
use hardtack::{Migrator, RevisionSet, Target, UpgradeOptions};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::browser::Browser;
use crate::support::{TestDatabase, cluster};

/// An application that serves the page of a database.
pub(super) struct House {
    pub(super) database: TestDatabase,
    pub(super) migrator: Migrator,
    address: String,
    _backups: TempDir,
}

impl House {
    /// One whose database is at that version; its revisions are all of these.
    pub(super) async fn at(version: i64, name: &str, revisions: &RevisionSet) -> Self {
        cluster().admin(&format!("create database {name} template template0")).await;
        Self::of(TestDatabase::empty().await.named(name), Some(version), revisions).await
    }

    pub(super) async fn of(database: TestDatabase, version: Option<i64>, revisions: &RevisionSet) -> Self {
        let migrator = database.migrator(revisions);
        if let Some(target) = version.map(Target::Version) {
            migrator.upgrade(UpgradeOptions { target, ..UpgradeOptions::default() }).await.unwrap();
        }
        let credentials = Credentials::new(Tokens::new(&migrator).unwrap(), Transport::Loopback);
        let door = Door::of_tokens(credentials, Origins::loopback(), Audit::new(&migrator).unwrap());
        Self::behind(door, database, migrator).await
    }

    /// The same behind whatever door.
    pub(super) async fn behind(door: Door, database: TestDatabase, migrator: Migrator) -> Self {
        let backups = TempDir::new().unwrap();
        let monitor = Monitor::new(migrator.clone(), BootPolicy::default());
        let portal = Portal::new(migrator.clone(), monitor, door);
        let portal = portal
            .with_backups(BackupOptions::new(Strategy::Full, Place::Directory(backups.path().to_owned())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = routes(&portal).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { database, migrator, address, _backups: backups }
    }

    pub(super) fn name(&self) -> &str {
        self.database.options.database()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// A token of that role: vera's, who looks, olga's, who operates, or ada's.
    pub(super) async fn token(&self, role: Role) -> String {
        let name = match role {
            Role::Viewer => "vera",
            Role::Operator => "olga",
            Role::Admin => "ada",
        };
        let new = NewToken { name: name.parse().unwrap(), role, expires: None, by: None };
        let tokens = Tokens::new(&self.migrator).unwrap();
        tokens.create(&new).await.unwrap().1.expose().to_owned()
    }

    /// Comes in with a token, and stands before the timeline.
    pub(super) async fn log_in(&self, browser: &Browser, token: &str) {
        browser.go(&self.url("/admin")).await;
        browser.arrive("/admin/login").await;
        browser.type_into("#token", token).await;
        browser.press("Log in").await;
        browser.until("h1", "Timeline").await;
    }
}
