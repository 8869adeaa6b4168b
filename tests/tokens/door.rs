//! The door and the audit: who is let in, what is refused, and what is written down.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use hardtack::admin::auth::{
    Action, Audit, AuditFilter, AuditOutcome, Authenticate, Denied, Door, Origins, Principal, Role, Tokens,
};
use hardtack::{Migrator, UpgradeOptions};
use http::header;
use http::request::Parts;

use super::{FROM, House, ONE, from, new, page, request, with_session, with_token};
use crate::support::{SLEEPING, TestDatabase, revisions};

#[tokio::test]
async fn a_role_may_what_it_may_and_the_audit_has_it() {
    let house = House::empty().await;
    let (viewer, admin) = (house.token("eve", Role::Viewer).await, house.token("ada", Role::Admin).await);
    house.admit(&with_token(&viewer), Action::View).await.unwrap();
    let denied = house.admit(&with_token(&viewer), Action::Upgrade).await.unwrap_err();
    assert_eq!((denied.status().as_u16(), &*denied.public()), (403, "this wants the role operator"));
    house.admit(&with_token(&admin), Action::Upgrade).await.unwrap();
    let stranger = with_token(&format!("hardtack_{}", "0".repeat(64)));
    let denied = house.admit(&stranger, Action::Upgrade).await.unwrap_err();
    assert_eq!((denied.status().as_u16(), &denied), (401, &Denied::Wrong));
    assert_eq!(house.admit(&request(&[]), Action::View).await, Err(Denied::Missing));
    let rows = [
        "eve token upgrade refused",
        "ada token upgrade allowed",
        "ada token upgrade succeeded",
        "- - upgrade refused",
    ];
    assert_eq!(house.audit().await, rows);
    let whole = "select concat_ws('|', role, target, from_address, detail, host is not null, database_role) \
        from hardtack.audit where outcome = 'succeeded'";
    assert_eq!(house.database.value(whole).await, format!("admin|V1|{FROM}|done|t|postgres"));
    let requests = "select count(distinct request) from hardtack.audit where who = 'ada'";
    assert_eq!(house.database.value(requests).await, "1");
}

#[tokio::test]
async fn the_audit_is_read_in_pages_the_newest_first() {
    let house = House::empty().await;
    let admin = with_token(&house.token("ada", Role::Admin).await);
    for _ in 0..5 {
        house.admit(&admin, Action::Backup).await.unwrap();
    }
    house.admit(&with_token(&house.token("eve", Role::Viewer).await), Action::Backup).await.unwrap_err();
    let audit = house.door.audit();
    let page = |before| {
        let filter = AuditFilter { before, limit: Some(4), ..AuditFilter::default() };
        async move { audit.list(&filter).await.unwrap() }
    };
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let rows = page(before).await;
        let Some(last) = rows.last() else { break };
        before = Some(last.id);
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 11);
    assert!(seen.is_sorted_by(|newer, older| newer.id > older.id));
    let refused = AuditFilter { outcome: Some(AuditOutcome::Refused), ..AuditFilter::default() };
    let refused = audit.list(&refused).await.unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].who.as_deref(), refused[0].from.as_deref()), (Some("eve"), Some(FROM)));
    let of = |who: &str| AuditFilter {
        who: Some(who.to_owned()),
        action: Some(Action::Backup),
        ..AuditFilter::default()
    };
    assert_eq!(audit.list(&of("ada")).await.unwrap().len(), 10);
    assert_eq!(audit.list(&of("' or true --")).await.unwrap(), []);
}

#[tokio::test]
async fn a_session_is_for_its_own_page_alone() {
    let house = House::empty().await;
    let token = house.token("ada", Role::Admin).await;
    let elsewhere = request(&[("origin", "http://localhost:9001")]);
    let led = house.door.log_in(&elsewhere, from(), &token).await.unwrap_err();
    assert!(matches!(led, Denied::CrossSite { .. }), "{led}");
    let session = house.door.log_in(&page(), from(), &format!(" {token}\n")).await.unwrap();
    let cookie = session.cookie.to_str().unwrap().split(';').next().unwrap();
    let (csrf, own) = (("x-hardtack-csrf", session.csrf.text()), ("origin", "http://localhost:9000"));
    house.admit(&request(&[("cookie", cookie), csrf, own]), Action::Upgrade).await.unwrap();
    for (sent, expected) in [
        (vec![own], Denied::WrongCsrf),
        (vec![own, ("x-hardtack-csrf", "c0ffee")], Denied::WrongCsrf),
        (vec![csrf], Denied::CrossSite { reason: "it does not say which page sent it" }),
        (
            vec![csrf, ("origin", "https://evil.example")],
            Denied::CrossSite { reason: "its origin is not this page's" },
        ),
    ] {
        let sent = [&[("cookie", cookie)][..], &sent].concat();
        assert_eq!(house.admit(&request(&sent), Action::Upgrade).await, Err(expected), "{sent:?}");
        assert!(house.admit(&request(&sent), Action::View).await.is_err(), "a look by POST");
    }
    let mut look = request(&[("cookie", cookie)]);
    look.method = http::Method::GET;
    house.admit(&look, Action::View).await.unwrap();
    assert!(house.admit(&look, Action::Upgrade).await.is_err(), "what changes something is no look");
    let cleared = house.door.log_out(&with_session(&session), from()).await.unwrap().unwrap();
    assert!(cleared.to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(house.admit(&with_session(&session), Action::View).await, Err(Denied::SessionOver));
    assert!(house.door.log_out(&with_session(&session), from()).await.is_ok(), "again");
    let log = house.audit().await;
    assert_eq!(log.iter().filter(|row| row.contains("log_in")).count(), 2, "{log:?}");
    assert_eq!(log.last().unwrap(), "ada session log_out succeeded");
}

#[tokio::test]
async fn who_logs_in_again_leaves_no_session_behind() {
    let house = House::empty().await;
    let token = house.token("ada", Role::Admin).await;
    let first = house.door.log_in(&page(), from(), &token).await.unwrap();
    let second = house.door.log_in(&with_session(&first), from(), &token).await.unwrap();
    assert_ne!(first.cookie, second.cookie);
    assert_eq!(house.admit(&with_session(&first), Action::View).await, Err(Denied::SessionOver));
    house.admit(&with_session(&second), Action::View).await.unwrap();
}

#[tokio::test]
async fn wrong_tokens_wait_and_good_ones_that_are_known_do_not() {
    let house = House::empty().await;
    let good = with_token(&house.token("ada", Role::Admin).await);
    house.admit(&good, Action::View).await.unwrap();
    let wrong = |digit: usize| with_token(&format!("hardtack_{}", format!("{digit:x}").repeat(64)));
    for digit in 0..10 {
        assert_eq!(house.admit(&wrong(digit), Action::View).await, Err(Denied::Wrong));
    }
    for request in [wrong(10), with_token("password"), request(&[("authorization", "Bearer")])] {
        let denied = house.admit(&request, Action::View).await.unwrap_err();
        assert_eq!(denied.status().as_u16(), 429, "{denied}");
        assert_eq!(denied.headers()[0].0, header::RETRY_AFTER);
    }
    assert_eq!(house.door.log_in(&page(), from(), "password").await.unwrap_err().status().as_u16(), 429);
    house.admit(&good, Action::View).await.unwrap();
    // Also once it has to be looked up again.
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
    house.admit(&good, Action::View).await.unwrap();
    assert_eq!(house.audit().await.len(), 10);
}

/// An application that knows its people by a header.
struct Proxy;

impl Authenticate for Proxy {
    fn authenticate<'a>(
        &'a self,
        request: &'a Parts,
        _: Option<IpAddr>,
    ) -> BoxFuture<'a, Result<Principal, Denied>> {
        let user =
            request.headers.get("x-user").map(|user| String::from_utf8_lossy(user.as_bytes()).into_owned());
        Box::pin(async move { Ok(Principal::of_application(user.ok_or(Denied::Missing)?, Role::Admin)) })
    }
}

fn application_door(migrator: &Migrator) -> Door {
    Door::of_application(Arc::new(Proxy), Origins::loopback(), Audit::new(migrator).unwrap())
}

#[tokio::test]
async fn without_its_tables_nothing_is_changed_and_it_says_how_to_make_them() {
    let house = House::empty().await;
    let stranger = with_token(&format!("hardtack_{}", "0".repeat(64)));
    let denied = house.admit(&stranger, Action::View).await.unwrap_err();
    assert_eq!(denied.status().as_u16(), 503);
    assert!(denied.to_string().contains("tokens create NAME ROLE"), "{denied}");
    let door = application_door(&house.migrator);
    let asked = request(&[("x-user", "jo")]);
    drop(door.admit(&asked, None, (Action::View, None)).await.unwrap());
    let denied = door.admit(&asked, None, (Action::Upgrade, None)).await.unwrap_err();
    assert!(matches!(denied, Denied::Unaudited { .. }) && !denied.public().contains("hardtack."), "{denied}");
    house.token("ada", Role::Admin).await;
    drop(door.admit(&asked, None, (Action::Upgrade, None)).await.unwrap());
    assert_eq!(house.audit().await, ["jo application upgrade allowed"]);
    // What a browser sends with a proxy's blessing may be another site's.
    let led = request(&[("x-user", "jo"), ("origin", "https://evil.example")]);
    assert!(door.admit(&led, None, (Action::Upgrade, None)).await.is_err());
    assert!(door.log_in(&page(), None, "hardtack_").await.is_err(), "there are no tokens here");
}

#[tokio::test]
async fn the_audit_is_written_while_somebody_else_migrates() {
    let house = House::empty().await;
    let admin = with_token(&house.token("ada", Role::Admin).await);
    let migrator = house.migrator.clone();
    house.database.close_gate().await;
    let run = tokio::spawn(async move { migrator.upgrade(UpgradeOptions::default()).await });
    house.database.wait_for(SLEEPING).await;
    house.admit(&admin, Action::SteerBackfill).await.unwrap();
    assert!(!run.is_finished());
    house.database.open_gate().await;
    run.await.unwrap().unwrap();
    assert_eq!(house.audit().await.len(), 2);
}

#[tokio::test]
async fn nobody_keeps_out_of_the_audit_by_what_they_are_called() {
    let database = TestDatabase::with("template template0 encoding 'LATIN1' locale 'C'").await;
    let migrator = database.migrator(&revisions(&ONE));
    Tokens::new(&migrator).unwrap().create(&new("ada", Role::Admin, None)).await.unwrap();
    let door = application_door(&migrator);
    let asked = request(&[("x-user", "Ægir 日本 \\'; drop table hardtack.audit; --")]);
    let long = "x".repeat(5_000);
    drop(door.admit(&asked, None, (Action::Backup, Some(&long))).await.unwrap());
    let row = "select who || ' ' || length(target) from hardtack.audit";
    let name = "\\u{c6}gir \\u{65e5}\\u{672c} \\\\\\'; drop table hardtack.audit; -- 200";
    assert_eq!(database.value(row).await, name);
}

#[tokio::test]
async fn under_a_name_of_somebody_elses_only_a_token_is_good() {
    let house = House::empty().await;
    let token = house.token("ada", Role::Admin).await;
    let session = house.door.log_in(&page(), from(), &token).await.unwrap();
    let under_another_name = |mut request: Parts| {
        request.method = http::Method::GET;
        request.headers.insert(header::HOST, "evil.example:9000".parse().unwrap());
        request
    };
    house.admit(&under_another_name(with_token(&token)), Action::View).await.unwrap();
    let denied = house.admit(&under_another_name(with_session(&session)), Action::View).await.unwrap_err();
    assert!(matches!(denied, Denied::CrossSite { .. }), "{denied}");
    let door = application_door(&house.migrator);
    let led = under_another_name(request(&[("x-user", "jo")]));
    let denied = door.admit(&led, None, (Action::View, None)).await.unwrap_err();
    assert!(matches!(denied, Denied::CrossSite { .. }), "{denied}");
    assert!(house.door.log_in(&under_another_name(page()), from(), &token).await.is_err());
}
