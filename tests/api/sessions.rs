//! Sessions of browsers: what another site can make a browser send does nothing.

use hardtack::admin::auth::Action;
use serde_json::json;

use super::REVISIONS;
use super::client::Request;
use super::doors::guarded;
use super::house::{House, api};

#[tokio::test]
async fn what_changes_something_wants_the_page_of_the_session() {
    let house = House::of(&REVISIONS).await;
    for (request, target, action) in guarded().filter(|(_, _, action)| action.changes()) {
        let server = house.another().await;
        let (cookie, csrf) = server.log_in(&house.texts.admin).await;
        house.database.execute("delete from hardtack.audit").await;
        let own = format!("http://{}", server.address);
        let (cookie, csrf, own) =
            (("cookie", &*cookie), ("x-hardtack-csrf", &*csrf), ("origin", own.as_str()));
        let other = ("x-hardtack-csrf", "c0ffee");
        let led = [
            vec![cookie, own],
            vec![cookie, own, other],
            vec![cookie, csrf],
            vec![cookie, csrf, ("origin", "https://evil.example")],
            vec![cookie, csrf, ("origin", "null")],
            vec![cookie, csrf, own, ("sec-fetch-site", "cross-site")],
            vec![cookie, csrf, own, ("host", "evil.example")],
        ];
        let with = |headers: &[(&str, &str)]| {
            headers.iter().fold(request.clone(), |request, (name, value)| request.header(name, value))
        };
        for headers in &led {
            let answer = server.send(with(headers)).await;
            assert_eq!(answer.status, 403, "{target} {headers:?}: {answer:?}");
            assert_eq!(answer.error(), "the request does not come from this page: load it again");
            assert!(answer.is_hardened(), "{answer:?}");
        }
        let refused = "select count(*) from hardtack.audit where outcome = 'refused' and who = 'ada'";
        assert_eq!(house.database.value(refused).await, led.len().to_string(), "{target}");
        let answer = server.send(with(&[cookie, csrf, own])).await;
        assert!(![401, 403].contains(&answer.status), "{target}: {answer:?}");
        let allowed = format!(
            "select count(*) from hardtack.audit where action = '{action}' and outcome = 'allowed' and via = 'session'"
        );
        assert_eq!(house.database.value(&allowed).await, "1", "{target}");
    }
}

#[tokio::test]
async fn a_look_wants_a_name_of_this_machine_alone() {
    let house = House::of(&REVISIONS).await;
    let server = &house.server;
    let (cookie, _) = server.log_in(&house.texts.viewer).await;
    for (request, target, _) in guarded().filter(|(_, _, action)| *action == Action::View) {
        let look = server.send(request.clone().header("cookie", &cookie)).await;
        assert!(look.status < 500 && ![401, 403].contains(&look.status), "{target}: {look:?}");
        let rebound = request.header("cookie", &cookie).header("host", "evil.example");
        assert_eq!(server.send(rebound).await.status, 403, "{target}");
    }
}

#[tokio::test]
async fn another_site_logs_nobody_in_or_out() {
    let house = House::of(&REVISIONS).await;
    let server = &house.server;
    let token = json!({"token": house.texts.admin});
    let log_in = || Request::new("post", &api("/session")).json(&token);
    let page = format!("http://{}", server.address);
    for request in [
        log_in(),
        log_in().header("origin", "https://evil.example"),
        log_in().header("origin", &page).header("sec-fetch-site", "same-site"),
        log_in().header("origin", "http://evil.example").header("host", "evil.example"),
    ] {
        let answer = server.send(request).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.header("set-cookie"), None);
    }
    // A form of another site sends no JSON.
    let form =
        Request::new("post", &api("/session")).text("text/plain", &token.to_string()).header("origin", &page);
    assert_eq!(server.send(form).await.status, 415);
    let (cookie, csrf) = server.log_in(&house.texts.admin).await;
    let log_out = || Request::new("delete", &api("/session")).header("cookie", &cookie);
    for request in [log_out(), log_out().header("origin", &page), log_out().header("x-hardtack-csrf", &csrf)]
    {
        assert_eq!(server.send(request).await.status, 403);
    }
    let who = Request::new("get", &api("/session")).header("cookie", &cookie);
    let answer = server.send(who.clone()).await.json();
    assert_eq!(answer, json!({"name": "ada", "role": "admin", "via": "session"}));
    let gone = server.send(log_out().header("origin", &page).header("x-hardtack-csrf", &csrf)).await;
    assert_eq!(gone.status, 204);
    assert!(gone.header("set-cookie").unwrap().contains("Max-Age=0") && gone.is_hardened(), "{gone:?}");
    assert_eq!(server.send(who).await.status, 401);
}

#[tokio::test]
async fn a_wrong_token_opens_no_session_and_no_answer_tells_which_there_are() {
    let house = House::of(&REVISIONS).await;
    let mut told = Vec::new();
    for token in
        [&house.texts.expired, &house.texts.revoked, "password", &format!("hardtack_{}", "0".repeat(64))]
    {
        let request = house.server.page("post", "/session").json(&json!({"token": token}));
        let answer = house.server.send(request).await;
        assert!(answer.is_hardened() && answer.header("set-cookie").is_none());
        told.push((answer.status, answer.text));
    }
    told.dedup();
    assert_eq!(told, [(401, r#"{"error":"the token is not valid"}"#.to_owned())]);
}
