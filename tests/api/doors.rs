//! Every route refuses whoever may not, and writes down what it should: one table over all operations of the document.

use hardtack::admin::auth::{Action, Role};
use serde_json::json;

use super::client::{Answer, Request};
use super::document::{document, operations};
use super::house::{House, Server, Texts, api};
use crate::api::REVISIONS;

/// Every operation, with the action that it is. A session is opened and ended by whoever wants to.
pub(super) const OPERATIONS: [(&str, &str, Option<Action>); 29] = [
    ("get", "/audit", Some(Action::ViewAudit)),
    ("get", "/backfills", Some(Action::View)),
    ("post", "/backfills/{name}/cancel", Some(Action::CancelBackfill)),
    ("post", "/backfills/{name}/pause", Some(Action::SteerBackfill)),
    ("post", "/backfills/{name}/resume", Some(Action::SteerBackfill)),
    ("post", "/backfills/{name}/retry", Some(Action::SteerBackfill)),
    ("get", "/backups", Some(Action::View)),
    ("post", "/backups", Some(Action::Backup)),
    ("post", "/backups/{name}/verify", Some(Action::VerifyBackup)),
    ("post", "/downgrade", Some(Action::Downgrade)),
    ("post", "/drift", Some(Action::Drift)),
    ("post", "/dry-run", Some(Action::DryRun)),
    ("get", "/jobs", Some(Action::View)),
    ("get", "/jobs/{id}", Some(Action::View)),
    ("get", "/jobs/{id}/events", Some(Action::View)),
    ("post", "/jobs/{id}/stop", Some(Action::StopJob)),
    ("get", "/openapi.json", Some(Action::View)),
    ("get", "/plan", Some(Action::View)),
    ("get", "/revisions", Some(Action::View)),
    ("get", "/revisions/{version}", Some(Action::View)),
    ("get", "/runs", Some(Action::View)),
    ("delete", "/session", None),
    ("get", "/session", Some(Action::View)),
    ("post", "/session", None),
    ("get", "/status", Some(Action::View)),
    ("get", "/tokens", Some(Action::ViewTokens)),
    ("post", "/tokens", Some(Action::ManageTokens)),
    ("delete", "/tokens/{name}", Some(Action::ManageTokens)),
    ("post", "/upgrade", Some(Action::Upgrade)),
];

/// Those with an action, each with a request that the door lets through and the route refuses, or that changes next to nothing.
pub(super) fn guarded() -> impl Iterator<Item = (Request, String, Action)> {
    OPERATIONS.into_iter().filter_map(|(method, path, action)| {
        let target = path.replace("{name}", "nobody").replace("{id}", "0").replace("{version}", "1");
        let request = Request::new(method, &api(&target));
        let request = if method == "post" { request.json(&json!({"nothing": 1})) } else { request };
        Some((request, target, action?))
    })
}

pub(super) fn token_of(texts: &Texts, role: Role) -> &str {
    match role {
        Role::Viewer => &texts.viewer,
        Role::Operator => &texts.operator,
        Role::Admin => &texts.admin,
    }
}

#[test]
fn the_table_has_every_operation_of_the_document() {
    let document = document();
    let mut documented: Vec<_> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method, path.strip_prefix("/admin/api").unwrap()))
        .collect();
    let mut table: Vec<_> = OPERATIONS.iter().map(|(method, path, _)| (*method, *path)).collect();
    documented.sort_unstable();
    table.sort_unstable();
    assert_eq!(table, documented);
}

/// What nobody is let in by: each with its answer's status and text, and whether the audit has it.
fn nobodys(texts: &Texts) -> Vec<(&'static str, Option<String>, &'static str, bool)> {
    let (missing, wrong) = ("say who you are: send a token, or log in", "the token is not valid");
    let bearer = |text: &str| Some(format!("Bearer {text}"));
    vec![
        ("none", None, missing, false),
        ("another scheme", Some("Basic YWRhOmFkYQ==".to_owned()), missing, false),
        ("a token without a scheme", Some(texts.admin.clone()), missing, false),
        ("nobody's", bearer(&format!("hardtack_{}", "0".repeat(64))), wrong, true),
        ("no token", bearer("password"), wrong, true),
        ("two in one", bearer(&format!("{0} {0}", texts.admin)), wrong, true),
        ("in capitals", bearer(&texts.admin.to_uppercase()), wrong, true),
        ("expired", bearer(&texts.expired), wrong, true),
        ("revoked", bearer(&texts.revoked), wrong, true),
    ]
}

#[tokio::test]
async fn every_route_refuses_what_nobody_is_let_in_by() {
    let house = House::of(&REVISIONS).await;
    for (request, target, action) in guarded() {
        let server = house.another().await;
        house.database.execute("delete from hardtack.audit").await;
        let mut audited = 0;
        for (what, authorization, text, is_audited) in nobodys(&house.texts) {
            let request = authorization
                .iter()
                .fold(request.clone(), |request, value| request.header("authorization", value));
            let answer = server.send(request).await;
            let told = (answer.status, answer.error());
            assert_eq!(told, (401, text.to_owned()), "{action} {target}: {what}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"hardtack\""), "{target}");
            assert!(answer.is_hardened(), "{answer:?}");
            audited += usize::from(is_audited);
        }
        let rows =
            house.database.column("select concat_ws(' ', action, outcome, target) from hardtack.audit");
        assert_eq!(rows.await, vec![format!("{action} refused {target}"); audited]);
    }
}

#[tokio::test]
async fn every_route_refuses_each_role_below_its_own_and_lets_that_one_in() {
    let house = House::of(&REVISIONS).await;
    let document = document();
    for (request, target, action) in guarded() {
        let server = house.another().await;
        house.database.execute("delete from hardtack.audit").await;
        let mut expected = Vec::new();
        for role in [Role::Viewer, Role::Operator].into_iter().filter(|role| *role < action.least()) {
            let answer = server.send(request.clone().token(token_of(&house.texts, role))).await;
            assert_eq!(
                (answer.status, answer.error()),
                (403, format!("this wants the role {}", action.least())),
                "{target} as {role}"
            );
            assert!(answer.is_hardened(), "{answer:?}");
            expected.push(format!("{action} refused"));
        }
        let answer = server.send(request.token(token_of(&house.texts, action.least()))).await;
        assert!(![401, 403].contains(&answer.status), "{target}: {answer:?}");
        assert_documented(&document, &target, action, &answer);
        if action.is_audited() {
            // A job ends behind its answer.
            house
                .database
                .wait_for("select count(*) = 2 from hardtack.audit where outcome <> 'refused'")
                .await;
            let end = if answer.status < 400 { "succeeded" } else { "failed" };
            expected.extend([format!("{action} allowed"), format!("{action} {end}")]);
        }
        let rows = "select concat_ws(' ', action, outcome) from hardtack.audit order by id";
        assert_eq!(house.database.column(rows).await, expected, "{target}");
    }
}

/// The answer is one of those that the document names for an operation of that action.
fn assert_documented(document: &serde_json::Value, target: &str, action: Action, answer: &Answer) {
    let is_it = |(_, path, found): &(&str, &str, Option<Action>)| {
        *found == Some(action)
            && path.split('/').zip(target.split('/')).all(|(one, other)| one == other || one.starts_with('{'))
            && path.split('/').count() == target.split('/').count()
    };
    let mut possible = OPERATIONS.into_iter().filter(is_it);
    let documented = possible.any(|(method, path, _)| {
        let answers = &document["paths"][api(path)][method]["responses"];
        answers[answer.status.to_string()].is_object()
    });
    assert!(documented, "{target}: {answer:?}");
    assert!(answer.is_hardened(), "{answer:?}");
    assert_no_secret(answer);
}

/// No answer has a token's text.
pub(super) fn assert_no_secret(answer: &Answer) {
    for (start, _) in answer.text.match_indices("hardtack_") {
        let digits = answer.text[start + "hardtack_".len()..].chars().take_while(char::is_ascii_hexdigit);
        assert!(digits.count() < 64, "{answer:?}");
    }
}

async fn refused(server: &Server, request: Request, status: u16) -> Answer {
    let answer = server.send(request).await;
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.is_hardened(), "{answer:?}");
    assert!(!answer.error().is_empty());
    assert!(!answer.error().contains("deserialize"), "our own words: {answer:?}");
    assert_no_secret(&answer);
    answer
}

#[tokio::test]
async fn what_is_no_request_of_ours_is_refused_as_json_with_all_headers() {
    let house = House::of(&REVISIONS).await;
    let (server, admin) = (&house.server, &house.texts.admin);
    let with = |method: &str, path: &str| Request::new(method, path).token(admin);
    for path in ["/admin/api", "/admin/api/nothing", "/admin/api/status/", "/admin/api//status"] {
        refused(server, with("get", path), 404).await;
        refused(server, Request::new("get", path), 404).await;
    }
    for path in ["/jobs/%ff", "/jobs/%00", "/revisions/one", "/revisions/9223372036854775808"] {
        refused(server, with("get", &api(path)), 404).await;
    }
    let answer = refused(server, with("put", &api("/session")), 405).await;
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST,DELETE"));
    for query in ["limit=0", "limit=501", "limit=x", "before=1e3", "nothing=1", "limit=1&limit=2"] {
        refused(server, with("get", &api(&format!("/runs?{query}"))), 400).await;
    }
    for query in ["to=1&steps=1", "steps=0", "steps=-1", "to=x"] {
        refused(server, with("get", &api(&format!("/plan?{query}"))), 400).await;
    }
    let upgrade = || with("post", &api("/upgrade"));
    refused(server, upgrade().text("application/json", "{"), 400).await;
    refused(server, upgrade().text("text/plain", "{}"), 415).await;
    refused(server, upgrade().text("application/x-www-form-urlencoded", "database=x"), 415).await;
    refused(server, upgrade().json(&json!(["orders", "c0ffee"])), 422).await;
    refused(server, upgrade().json(&json!({"database": 1})), 422).await;
    refused(server, upgrade().text("application/json", r#"{"database": "a", "database": "b"}"#), 422).await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_everywhere() {
    let house = House::of(&REVISIONS).await;
    let document = document();
    let long = json!({"database": "x".repeat(16 << 10)});
    let mut takers = 0;
    for (method, path, operation) in operations(&document) {
        if operation["requestBody"].is_null() {
            continue;
        }
        let path = path.replace("{name}", "nobody");
        let request = house.server.page(method, path.strip_prefix("/admin/api").unwrap());
        refused(&house.server, request.token(&house.texts.admin).json(&long), 413).await;
        takers += 1;
    }
    assert_eq!(takers, 8);
}
