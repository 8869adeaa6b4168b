//! Tokens and the audit, through the API.

use serde_json::{Value, json};

use super::REVISIONS;
use super::client::Request;
use super::doors::assert_no_secret;
use super::house::{House, api};

#[tokio::test]
async fn tokens_that_are_made_and_revoked_act_at_once() {
    let house = House::of(&REVISIONS).await;
    let (server, admin) = (&house.server, &house.texts.admin);
    let body = json!({"name": "ci", "role": "operator", "expires": "1d"});
    let made = house.post("/tokens", &body).await;
    let (status, token) = (made.status, made.json());
    assert_eq!(
        (status, &token["role"], &token["created_by"]),
        (201, &json!("operator"), &json!("ada")),
        "{token}"
    );
    let secret = token["secret"].as_str().unwrap();
    assert_eq!(server.get(secret, "/session").await.json()["name"], "ci");
    let taken = house.post("/tokens", &body).await;
    assert!(taken.status == 409 && taken.error().contains("there is one of that name"), "{taken:?}");
    for (wrong, text) in [
        (json!({"name": "a b", "role": "viewer"}), "letters, digits"),
        (json!({"name": "jo", "role": "root"}), "viewer, operator or admin"),
        (json!({"name": "jo", "role": "viewer", "expires": "0d"}), "expires"),
        (json!({"name": "jo", "role": "viewer", "expires": "99999999d"}), "expires"),
    ] {
        let refused = house.post("/tokens", &wrong).await;
        assert!(refused.status == 422 && refused.error().contains(text), "{refused:?}");
    }
    let listed = server.get(admin, "/tokens").await;
    assert_no_secret(&listed);
    assert!(!listed.text.contains("sha256"), "{listed:?}");
    let (cookie, _) = server.log_in(secret).await;
    let revoked = server.delete(admin, "/tokens/ci").await;
    assert_eq!((revoked.status, &revoked.json()["state"]), (200, &json!("revoked")));
    assert_eq!(server.get(secret, "/session").await.status, 401);
    let session = Request::new("get", &api("/session")).header("cookie", &cookie);
    assert_eq!(server.send(session).await.status, 401);
    for name in ["ci", "nobody", "..%2f..%2fada", "%00", "ada'%20or%20true--"] {
        assert_eq!(server.delete(admin, &format!("/tokens/{name}")).await.status, 404, "{name}");
    }
    let secrets = "select count(*) from hardtack.audit a where a::text like '%hardtack\\_%'";
    assert_eq!(house.database.value(secrets).await, "0");
}

#[tokio::test]
async fn the_audit_is_read_in_pages_and_by_what_is_looked_for() {
    let house = House::of(&REVISIONS).await;
    for name in ["a", "b", "c"] {
        house.post(&format!("/backfills/{name}/pause"), &json!({})).await;
    }
    house.server.post(&house.texts.viewer, "/backfills/d/pause", &json!({})).await;
    let page = async |query: &str| {
        let answer = house.server.get(&house.texts.admin, &format!("/audit?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer.json().as_array().unwrap().clone()
    };
    let (mut seen, mut before) = (Vec::new(), i64::MAX);
    loop {
        let rows = page(&format!("action=steer_backfill&limit=2&before={before}")).await;
        assert!(rows.len() <= 2);
        let Some(last) = rows.last() else { break };
        before = last["id"].as_i64().unwrap();
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by_key(|row: &Value| std::cmp::Reverse(row["id"].as_i64())));
    let of = async |query: &str| page(&format!("action=steer_backfill&{query}")).await.len();
    assert_eq!((of("who=vera").await, of("outcome=refused").await, of("outcome=failed").await), (1, 1, 3));
    assert_eq!((of("who=%27%20or%20true%20--").await, of("who=%00").await), (0, 0));
    let request = seen[1]["request"].as_str().unwrap();
    assert_eq!(of(&format!("request={request}")).await, 2);
    assert_eq!(seen[1]["from"], "127.0.0.1");
    for wrong in ["action=nothing", "outcome=nothing", "limit=0", "limit=1000", "before=x"] {
        let answer = house.server.get(&house.texts.admin, &format!("/audit?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

/// What somebody sends is no line of the log and no row of the audit of its own.
#[tokio::test]
async fn what_is_sent_stays_one_row() {
    let house = House::of(&REVISIONS).await;
    let name = "x%0d%0aset-cookie:%20a=b%1b[31m";
    let answer = house.post(&format!("/backfills/{name}/pause"), &json!({})).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (404, None), "{answer:?}");
    let rows = "select count(*) || ' ' || bool_and(a::text !~ '[\\x01-\\x1f]') from hardtack.audit a";
    assert_eq!(house.database.value(rows).await, "2 true");
}
