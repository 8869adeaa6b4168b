//! Tokens: made, found, revoked, and what of them is in the database.

use std::net::IpAddr;
use std::time::Duration;

use hardtack::Migrator;
use hardtack::admin::auth::{
    Action, Audit, AuditFilter, AuditOutcome, Credentials, Denied, Door, LoggedIn, NewToken, Origins, Role,
    StoreError, TokenError, Tokens, Transport,
};
use hardtack::config::HistoryTable;
use http::request::Parts;
use http::{Request, header};
use serde_json::Value;

use crate::support::{Folder, GATE, Pooler, SLEEPING, TestDatabase, cluster, hardtack, revisions};

mod door;

const ONE: [(&str, &str); 1] = [("V1__one.sql", GATE)];

/// Where requests come from.
const FROM: &str = "192.0.2.7";

fn from() -> Option<IpAddr> {
    Some(FROM.parse().unwrap())
}

/// A database without revisions, and a door before it.
struct House {
    database: TestDatabase,
    migrator: Migrator,
    door: Door,
}

impl House {
    async fn empty() -> Self {
        let database = TestDatabase::empty().await;
        let migrator = database.migrator(&revisions(&ONE));
        Self { door: door(&migrator), database, migrator }
    }

    fn tokens(&self) -> &Tokens {
        self.door.credentials().unwrap().tokens()
    }

    /// Makes a token; its text.
    async fn token(&self, name: &str, role: Role) -> String {
        self.tokens().create(&new(name, role, None)).await.unwrap().1.expose().to_owned()
    }

    async fn admit(&self, request: &Parts, action: Action) -> Result<(), Denied> {
        let admission = self.door.admit(request, from(), (action, Some("V1"))).await?;
        admission.ended(Ok("done")).await;
        Ok(())
    }

    /// The audit, the oldest first: `who via action outcome`.
    async fn audit(&self) -> Vec<String> {
        let rows = "select concat_ws(' ', coalesce(who, '-'), coalesce(via, '-'), action, outcome) from hardtack.audit order by id";
        self.database.column(rows).await
    }
}

fn door(migrator: &Migrator) -> Door {
    let credentials = Credentials::new(Tokens::new(migrator).unwrap(), Transport::Loopback);
    Door::of_tokens(credentials, Origins::loopback(), Audit::new(migrator).unwrap())
}

fn new(name: &str, role: Role, expires: Option<Duration>) -> NewToken {
    NewToken { name: name.parse().unwrap(), role, expires, by: None }
}

fn request(headers: &[(&str, &str)]) -> Parts {
    let builder = Request::post("/api").header(header::HOST, "localhost:9000");
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(()).unwrap().into_parts().0
}

fn with_token(token: &str) -> Parts {
    request(&[("authorization", &format!("Bearer {token}"))])
}

/// What a page of ours sends in a session.
fn with_session(session: &LoggedIn) -> Parts {
    let cookie = session.cookie.to_str().unwrap().split(';').next().unwrap();
    let origin = ("origin", "http://localhost:9000");
    request(&[("cookie", cookie), ("x-hardtack-csrf", session.csrf.text()), origin])
}

fn page() -> Parts {
    request(&[("origin", "http://localhost:9000")])
}

#[tokio::test]
async fn the_command_prints_a_token_once_and_the_database_has_its_hash() {
    let (database, folder) = (TestDatabase::empty().await, Folder::new(&[]));
    let run = |arguments: &[&str]| hardtack(folder.path(), Some(&database.url()), arguments);
    let none = run(&["tokens", "list"]);
    assert!(none.code == 0 && none.stdout.contains("tokens create NAME ROLE"), "{}", none.stdout);
    let made = run(&["tokens", "create", "ci", "operator"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let token = made.stdout.trim();
    assert!(token.starts_with("hardtack_") && token.len() == 73 && !made.stderr.contains(token), "{token}");
    let hash = "select sha256 = encode(sha256($$TOKEN$$::bytea), 'hex') from hardtack.token";
    assert_eq!(database.value(&hash.replace("TOKEN", token)).await, "t");
    let everything =
        "select string_agg(t::text, '') || string_agg(r::text, '') from hardtack.token t, hardtack.run r";
    assert!(!database.value(everything).await.contains(&token["hardtack_".len()..]));
    let log = "select concat_ws('|', command, note, outcome) from hardtack.run";
    assert_eq!(database.value(log).await, "tokens create|ci, operator|succeeded");
    let listed: Value = serde_json::from_str(&run(&["tokens", "list", "--format", "json"]).stdout).unwrap();
    let ci = &listed["tokens"][0];
    assert_eq!((&ci["name"], &ci["role"], &ci["state"]), (&"ci".into(), &"operator".into(), &"live".into()));
    assert!(ci["expires_at"].is_string() && ci["created_by"] == "postgres", "{ci}");
    for (arguments, code, text) in [
        (&["tokens", "create", "ci", "viewer"][..], 6, "there is one of that name"),
        (&["tokens", "create", "a b", "viewer"], 2, "letters, digits"),
        (&["tokens", "create", "jo", "root"], 2, "viewer, operator or admin"),
        (&["tokens", "revoke", "jo"], 2, "no live one of that name"),
    ] {
        let refused = run(arguments);
        assert!(refused.code == code && refused.stderr.contains(text), "{arguments:?}: {}", refused.stderr);
    }
    let revoked = run(&["tokens", "revoke", "ci"]);
    assert!(
        revoked.code == 0 && revoked.stdout.contains("revoked at"),
        "{}{}",
        revoked.stdout,
        revoked.stderr
    );
    let again = run(&["tokens", "create", "ci", "viewer", "--expires", "never", "--format", "json"]);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&again["role"], &again["expires_at"]), (&"viewer".into(), &Value::Null));
    assert!(again["token"].as_str().unwrap().starts_with("hardtack_"));
}

#[tokio::test]
async fn a_revoked_token_lets_nobody_in_and_ends_its_sessions() {
    let house = House::empty().await;
    let token = house.token("ada", Role::Admin).await;
    let session = house.door.log_in(&page(), from(), &token).await.unwrap();
    house.admit(&with_session(&session), Action::Downgrade).await.unwrap();
    // Elsewhere it counts until what was read is five seconds old.
    let elsewhere = door(&house.migrator);
    let look = with_token(&token);
    drop(elsewhere.admit(&look, from(), (Action::View, None)).await.unwrap());
    house.tokens().revoke("ada", Some("grace")).await.unwrap();
    let name = "ada".to_owned();
    assert_eq!(
        house.admit(&with_session(&session), Action::View).await,
        Err(Denied::Revoked { name: name.clone() })
    );
    assert_eq!(house.admit(&with_session(&session), Action::View).await, Err(Denied::SessionOver));
    assert_eq!(house.admit(&look, Action::View).await, Err(Denied::Revoked { name: name.clone() }));
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    let denied = elsewhere.admit(&look, from(), (Action::View, None)).await.unwrap_err();
    assert_eq!(denied, Denied::Revoked { name });
    assert!(!denied.public().contains("ada") && !denied.public().contains("revoked"));
    let by = house.tokens().list().await.unwrap().remove(0);
    assert_eq!(by.revoked_by.as_deref(), Some("grace"));
}

/// A run of hours keeps no token alive, and its log has the revocation.
#[tokio::test]
async fn a_token_is_revoked_while_somebody_migrates() {
    let house = House::empty().await;
    let look = with_token(&house.token("ada", Role::Admin).await);
    let migrator = house.migrator.clone();
    house.database.close_gate().await;
    let run = tokio::spawn(async move { migrator.upgrade(hardtack::UpgradeOptions::default()).await });
    house.database.wait_for(SLEEPING).await;
    house.tokens().revoke("ada", Some("grace")).await.unwrap();
    assert!(!run.is_finished());
    assert!(house.admit(&look, Action::View).await.is_err());
    house.database.open_gate().await;
    run.await.unwrap().unwrap();
    let log = "select concat_ws('|', note, outcome, finished_at is not null) from hardtack.run where command = 'tokens revoke'";
    assert_eq!(house.database.value(log).await, "ada, by grace|succeeded|t");
}

#[tokio::test]
async fn a_token_ends_by_itself_and_makes_room_for_one_of_its_name() {
    let house = House::empty().await;
    let short = new("ci", Role::Operator, Some(Duration::from_secs(3)));
    let (_, secret) = house.tokens().create(&short).await.unwrap();
    let request = with_token(secret.expose());
    house.admit(&request, Action::Backup).await.unwrap();
    assert!(matches!(house.tokens().create(&short).await, Err(TokenError::Exists { .. })));
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let over = Denied::Expired { name: "ci".to_owned() };
    assert_eq!(house.admit(&request, Action::Backup).await, Err(over));
    house.tokens().create(&new("ci", Role::Viewer, None)).await.unwrap();
    let states: Vec<_> =
        house.tokens().list().await.unwrap().iter().map(|token| token.state.name()).collect();
    assert_eq!(states, ["live", "revoked"]);
    for wrong in [Duration::ZERO, Duration::from_secs(u64::MAX)] {
        let refused = house.tokens().create(&new("later", Role::Viewer, Some(wrong))).await;
        assert!(matches!(refused, Err(TokenError::Time { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn of_two_who_make_one_name_one_does() {
    let house = House::empty().await;
    house.token("first", Role::Viewer).await;
    let ci = new("ci", Role::Viewer, None);
    let (one, other) = tokio::join!(house.tokens().create(&ci), house.tokens().create(&ci));
    let mut outcomes = [one.map(drop), other.map(drop)];
    outcomes.sort_by_key(Result::is_err);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Err(TokenError::Exists { name }) if name == "ci"), "{outcomes:?}");
}

#[tokio::test]
async fn few_rights_are_enough_to_look_and_not_to_make() {
    let house = House::empty().await;
    let admin = with_token(&house.token("ada", Role::Admin).await);
    let login = format!("serves_{}", house.database.options.database());
    cluster().admin(&format!("create role {login} login")).await;
    let served = house.migrator.clone().with_database(house.database.options.clone().with_user(&login));
    let refused = Tokens::new(&served).unwrap().list().await.unwrap_err();
    assert!(matches!(&refused, TokenError::Store(StoreError::Rights { .. })), "{refused}");
    assert!(refused.to_string().contains("SELECT on hardtack.token"), "{refused}");
    let rights = format!(
        "grant usage on schema hardtack to {login}; grant select on hardtack.token to {login}; \
         grant select, insert on hardtack.audit to {login}"
    );
    house.database.execute(&rights).await;
    let door = door(&served);
    door.admit(&admin, None, (Action::Upgrade, None)).await.unwrap().ended(Err("no")).await;
    assert_eq!(house.audit().await, ["ada token upgrade allowed", "ada token upgrade failed"]);
    let tokens = door.credentials().unwrap().tokens();
    assert!(matches!(tokens.create(&new("me", Role::Admin, None)).await, Err(TokenError::Change(_))));
    let made = "select count(*) from hardtack.token";
    assert_eq!(house.database.value(made).await, "1");
}

#[tokio::test]
async fn applications_that_share_a_database_do_not_share_tokens() {
    let house = House::empty().await;
    let token = with_token(&house.token("ada", Role::Admin).await);
    let other = house.migrator.clone().with_history_table(HistoryTable::new("public", "other").unwrap());
    let other = door(&other);
    let denied = other.admit(&token, None, (Action::View, None)).await.unwrap_err();
    assert_eq!(denied, Denied::Wrong);
    other.credentials().unwrap().tokens().create(&new("ada", Role::Viewer, None)).await.unwrap();
    assert_eq!(house.tokens().list().await.unwrap().len(), 1);
    house.admit(&token, Action::Backup).await.unwrap();
    let rows = other.audit().list(&AuditFilter::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.outcome).collect::<Vec<_>>(), [AuditOutcome::Refused]);
}

#[tokio::test]
async fn it_works_through_a_transaction_pooler_as_another_role() {
    let database = TestDatabase::empty().await;
    let owner = format!("owns_{}", database.options.database());
    cluster().admin(&format!("create role {owner} nologin")).await;
    database.execute(&format!("grant create on database {} to {owner}", database.options.database())).await;
    let Some(pooler) = Pooler::start(&database, "transaction", 5, "postgres", "").await else { return };
    let role = hardtack::config::Role::new(owner.as_str()).unwrap();
    let migrator = pooler.migrator(&revisions(&ONE)).with_role(role);
    let door = door(&migrator);
    let tokens = door.credentials().unwrap().tokens();
    let (_, secret) = tokens.create(&new("ada", Role::Admin, None)).await.unwrap();
    let admission = door.admit(&with_token(secret.expose()), None, (Action::Backup, None)).await.unwrap();
    admission.ended(Ok("")).await;
    let owned = "select distinct pg_get_userbyid(relowner) from pg_class where relname in ('token', 'audit')";
    assert_eq!(database.column(owned).await, [owner]);
    assert_eq!(database.value("select count(*) from hardtack.audit").await, "2");
}
